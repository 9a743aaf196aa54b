import { defineCommand } from '../command.ts'
import { deliver, makeDeliveredSchema, sayDelivered } from '../deliver.ts'
import { mustHaveSession } from '../recording.ts'

export const mirror = defineCommand({
  name: 'mirror',
  group: 'Deliver',
  about: 'Mirrors the session where it was started or captured without',
  uses: 'recording',
  arguments: [{ name: 'adapters', about: 'Names (default: all)', optional: true, many: true }],
  json: z =>
    z.strictObject({
      session: z.string(),
      adapters: z.array(z.string()),
      deliveries: z.number(),
      delivery: makeDeliveredSchema(z),
    }),
  run: async (context, { adapters: names = [] }) => {
    const opened = await context.open()
    const { id } = await mustHaveSession(opened)
    const { adapters, deliveries } = await opened.tracker
      .session(id)
      .mirror(names.length === 0 ? undefined : names)
    const delivery = await deliver(opened, context)
    return {
      data: { session: id, adapters, deliveries, delivery },
      text: [
        adapters.length === 0 ? 'Nothing new to mirror.' : `Mirrored by: ${adapters.join(', ')}`,
        ...sayDelivered(delivery),
      ],
    }
  },
})
