import { defineCommand } from '../command.ts'
import { findHeld } from '../deliver.ts'
import { EXIT } from '../failure.ts'
import { parseDuration } from '../time.ts'

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
    }),
  run: async (context, _, { timeout = '30s', background }) => {
    const opened = await context.open({
      tolerant: background === true,
      ingestMs: background ? BACKGROUND_MS : 200,
    })
    const { tracker } = opened
    const timeoutMs = background ? BACKGROUND_MS : parseDuration(timeout, '--timeout')
    const { done, left, paused = [], elsewhere = {} } = await tracker.drain({ timeoutMs })
    const held = done || background ? [] : await findHeld(opened)
    const open = Object.entries(left)
      .filter(([, count]) => count > 0)
      .map(([state, count]) => `${count} ${state}`)
    return {
      data: { done, left, paused, elsewhere, held },
      text: [
        done ? 'Everything is delivered.' : `Left: ${open.join(', ')}`,
        ...held,
        ...Object.entries(elsewhere).map(
          ([name, count]) => `${name} is not configured here: ${count} of its requests wait.`,
        ),
      ],
      ...(done || background ? {} : { code: EXIT.integration }),
    }
  },
})
