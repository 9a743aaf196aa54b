import { defineCommand } from '../command.ts'
import { paint, showLine } from '../io.ts'
import { parseCount } from '../time.ts'
import { findSession } from '../workspace/current.ts'

const STATES = ['planned', 'waiting', 'claimed', 'begun', 'delivered', 'replaced', 'dead', 'dropped'] as const

export const deliveries = defineCommand({
  name: 'deliveries',
  group: 'Deliver',
  about: 'Lists requests and how they stand',
  examples: ['sessionwire deliveries --state dead'],
  uses: 'session',
  options: {
    state: { about: 'Only those in this state', value: 'state', choices: STATES },
    adapter: { about: 'Only those of this adapter', value: 'name' },
    inDoubt: { about: 'Only those that may have been applied' },
    limit: { about: 'At most so many (default 100)', value: 'count', short: 'n' },
  },
  json: z =>
    z.strictObject({
      deliveries: z.array(
        z.looseObject({
          key: z.string(),
          adapter: z.string(),
          lane: z.string(),
          action: z.string(),
          state: z.string(),
          attempts: z.number(),
          position: z.number(),
          reason: z.optional(z.string()),
        }),
      ),
    }),
  run: async (context, _, { state, adapter, inDoubt, limit = '100' }) => {
    const { io, shared } = context
    const { tracker } = await context.open({ tolerant: true })
    const lane = shared.session === undefined ? undefined : (await findSession(tracker, shared.session)).id
    const found = await tracker.deliveries({
      limit: parseCount(limit, '--limit'),
      ...(lane === undefined ? {} : { lane }),
      ...(state === undefined ? {} : { state: state as (typeof STATES)[number] }),
      ...(adapter === undefined ? {} : { adapter }),
      ...(inDoubt ? { inDoubt: true } : {}),
    })
    return {
      data: { deliveries: found },
      text:
        found.length === 0
          ? ['No requests.']
          : found.flatMap(each => [
              `${each.key}  ${each.adapter}  ${each.action}  ${paint(io, each.state === 'dead' ? 'red' : 'dim', each.state)}${each.doubtSince === undefined ? '' : '  in doubt'}`,
              ...(each.reason === undefined ? [] : [`  ${showLine(each.reason, 200)}`]),
            ]),
    }
  },
})
