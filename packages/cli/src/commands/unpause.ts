import { defineCommand } from '../command.ts'
import { deliver, makeDeliveredSchema, sayDelivered } from '../deliver.ts'

export const unpause = defineCommand({
  name: 'unpause',
  group: 'Deliver',
  about: 'Lets an adapter send again',
  uses: 'recording',
  arguments: [{ name: 'adapter', about: 'Its name' }],
  options: { limit: { about: 'Only this limit of it', value: 'name' } },
  json: z => z.strictObject({ adapter: z.string(), paused: z.boolean(), delivery: makeDeliveredSchema(z) }),
  run: async (context, { adapter }, { limit }) => {
    const opened = await context.open()
    await opened.tracker.unpause(adapter, limit === undefined ? {} : { limit })
    const delivery = await deliver(opened, context)
    return {
      data: { adapter, paused: false, delivery },
      text: [`Sends again: ${adapter}`, ...sayDelivered(delivery)],
    }
  },
})
