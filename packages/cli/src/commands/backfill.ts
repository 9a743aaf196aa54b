import { defineCommand } from '../command.ts'
import { deliver, makeDeliveredSchema, sayDelivered } from '../deliver.ts'
import { count } from '../io.ts'
import { parseCount, parseSince } from '../time.ts'

export const backfill = defineCommand({
  name: 'backfill',
  group: 'Deliver',
  about: 'Mirrors older sessions that an adapter was not there for',
  uses: 'recording',
  arguments: [{ name: 'adapter', about: 'Its name' }],
  options: {
    since: { about: 'Only sessions that started since then: 7d, or a date', value: 'time' },
    limit: { about: 'At most so many, the newest', value: 'count', short: 'n' },
    dryRun: { about: 'Counts what it would plan' },
    log: { about: 'summary (default), or each entry too', value: 'what', choices: ['summary', 'each'] },
  },
  json: z =>
    z.strictObject({
      sessions: z.array(z.string()),
      deliveries: z.number(),
      dryRun: z.boolean(),
      delivery: makeDeliveredSchema(z),
    }),
  run: async (context, { adapter }, { since, limit, dryRun = false, log }) => {
    const opened = await context.open()
    const { sessions, deliveries } = await opened.tracker.backfill(adapter, {
      ...(since === undefined ? {} : { since: parseSince(since, '--since', Date.now()) }),
      ...(limit === undefined ? {} : { limit: parseCount(limit, '--limit') }),
      ...(log === undefined ? {} : { log: log as 'summary' | 'each' }),
      dryRun,
    })
    const delivery = dryRun
      ? { open: 0, planned: 0, dead: 0, background: false, held: [] }
      : await deliver(opened, context)
    return {
      data: { sessions, deliveries, dryRun, delivery },
      text: [
        `${dryRun ? 'Would mirror' : 'Mirrored'}: ${count(sessions.length, 'session')}, ${count(deliveries, 'request')}`,
        ...sayDelivered(delivery),
      ],
    }
  },
})
