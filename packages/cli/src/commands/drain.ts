import { defineCommand } from '../command.ts'
import { EXIT } from '../failure.ts'
import { showLine } from '../io.ts'
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
    }),
  run: async (context, _, { timeout = '30s', background }) => {
    const opened = await context.open({
      tolerant: background === true,
      ingestMs: background ? BACKGROUND_MS : 200,
    })
    const { tracker } = opened
    const timeoutMs = background ? BACKGROUND_MS : parseDuration(timeout, '--timeout')
    const { done, left, paused = [] } = await tracker.drain({ timeoutMs })
    const open = Object.entries(left)
      .filter(([, count]) => count > 0)
      .map(([state, count]) => `${count} ${state}`)
    return {
      data: { done, left, paused },
      text: [
        done ? 'Everything is delivered.' : `Left: ${open.join(', ')}`,
        ...paused.map(
          ({ adapter, kind, reason }) => `${adapter} is paused (${kind}): ${showLine(reason, 200)}`,
        ),
      ],
      ...(done || background ? {} : { code: EXIT.integration }),
    }
  },
})
