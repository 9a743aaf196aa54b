import { defineCommand } from '../command.ts'
import { deliver, makeDeliveredSchema, sayDelivered } from '../deliver.ts'
import { showLine } from '../io.ts'
import { mirrorOn } from '../mirroring.ts'
import { mustChoose } from '../recording.ts'

export const mirror = defineCommand({
  name: 'mirror',
  group: 'Deliver',
  about: 'Mirrors the current session, else the newest one, where it was started or captured without',
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
    const id = await mustChoose(opened, undefined)
    const { adapters, deliveries } = await mirrorOn(opened, id, names)
    const delivery = await deliver(opened, context)
    const { title } = await opened.tracker.session(id).load()
    return {
      data: { session: id, adapters, deliveries, delivery },
      text: [
        opened.adapters.length === 0
          ? `No service is configured, so nothing mirrors ${showLine(title, 80)}. Set one up in .env, then run: sessionwire init`
          : adapters.length === 0
            ? `Nothing new to mirror of: ${showLine(title, 80)} (${id})`
            : `Mirrored by ${adapters.join(', ')}: ${showLine(title, 80)} (${id})`,
        ...sayDelivered(delivery),
      ],
    }
  },
})
