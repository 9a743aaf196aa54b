import { defineCommand } from '../command.ts'
import { drainBehind, drainFor, findHeld } from '../deliver.ts'
import { EXIT } from '../failure.ts'
import { formatDuration, parseDuration } from '../time.ts'

/** A next request that is sent this soon is not announced, ms. */
const SOON_MS = 1_000
/** Longest life of a process in the background. */
const BACKGROUND_MS = 60_000

export const drain = defineCommand({
  name: 'drain',
  group: 'Deliver',
  about: 'Delivers what can go',
  more: ['Ends with 4 where something is left that this run could not deliver.'],
  uses: 'workspace',
  options: {
    timeout: { about: 'Longest time (default 30s)', value: 'time' },
    background: { about: 'As other commands start it: says nothing, and ends after a minute at the latest' },
  },
  json: z =>
    z.strictObject({
      done: z.boolean(),
      left: z.record(z.string(), z.number()),
      paused: z.array(z.looseObject({ adapter: z.string(), kind: z.string(), reason: z.string() })),
      elsewhere: z.record(z.string(), z.number()),
      held: z.array(z.string()),
      /** When something of it can be sent at the earliest, epoch ms. */
      nextAt: z.optional(z.number()),
    }),
  run: async (context, _, { timeout = '30s', background }) => {
    const opened = await context.open({
      tolerant: background === true,
      ingestMs: background ? BACKGROUND_MS : 200,
    })
    const {
      done,
      left,
      paused = [],
      elsewhere = {},
      nextAt,
    } = background
      ? await drainBehind(opened, BACKGROUND_MS)
      : await drainFor(opened, parseDuration(timeout, '--timeout'))
    const held = done || background ? [] : await findHeld(opened)
    const open = Object.entries(left)
      .filter(([, count]) => count > 0)
      .map(([state, count]) => `${count} ${state}`)
    const laterMs = (nextAt ?? 0) - Date.now()
    const next = laterMs < SOON_MS ? '' : `; the next can be sent in ${formatDuration(laterMs)}`
    return {
      data: { done, left, paused, elsewhere, held, ...(nextAt === undefined ? {} : { nextAt }) },
      text: [
        done ? 'Everything is delivered.' : `Left: ${open.join(', ')}${next}`,
        ...held,
        ...Object.entries(elsewhere).map(
          ([name, count]) => `${name} is not configured here: ${count} of its requests wait.`,
        ),
      ],
      ...(done || background ? {} : { code: EXIT.integration }),
    }
  },
})
