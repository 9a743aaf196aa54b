import { defineCommand } from '../command.ts'
import { deliver, makeDeliveredSchema, sayDelivered } from '../deliver.ts'
import { mustChoose } from '../recording.ts'

export const recreateCard = defineCommand({
  name: 'recreate-card',
  group: 'Deliver',
  about:
    'Makes a new card where a person deleted the old one, it failed for good, or the team or address has changed',
  uses: 'recording',
  arguments: [
    { name: 'adapter', about: 'Its name' },
    { name: 'id', about: 'The session (default: the current one)', optional: true },
  ],
  json: z =>
    z.strictObject({ session: z.string(), deliveries: z.number(), delivery: makeDeliveredSchema(z) }),
  run: async (context, { adapter, id }) => {
    const opened = await context.open()
    const session = await mustChoose(opened, id)
    const { deliveries } = await opened.tracker.recreateCard(session, adapter)
    const delivery = await deliver(opened, context)
    return {
      data: { session, deliveries, delivery },
      text: [
        `Planned: ${deliveries} ${deliveries === 1 ? 'request' : 'requests'}`,
        ...sayDelivered(delivery),
      ],
    }
  },
})
