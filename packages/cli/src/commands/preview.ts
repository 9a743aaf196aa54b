import { defineCommand } from '../command.ts'
import { show } from '../io.ts'
import { mustChoose } from '../recording.ts'

export const preview = defineCommand({
  name: 'preview',
  group: 'Deliver',
  about: 'Shows the requests of the current session, else of the newest one, that are not sent yet',
  examples: ['sessionwire preview', 'sessionwire preview slack --as curl'],
  uses: 'session',
  arguments: [{ name: 'adapter', about: 'Only those of this adapter', optional: true }],
  options: {
    as: {
      about: 'How they are written (default text); an adapter may have further formats',
      value: 'format',
    },
  },
  json: z =>
    z.strictObject({
      session: z.string(),
      requests: z.array(
        z.looseObject({ key: z.string(), adapter: z.string(), action: z.string(), kind: z.string() }),
      ),
      text: z.string(),
    }),
  run: async (context, { adapter }, { as = 'text' }) => {
    const opened = await context.open()
    const id = await mustChoose(opened, undefined)
    const requests = await opened.tracker.preview(id, adapter === undefined ? {} : { adapter })
    const text = opened.tracker.render(requests, as)
    return {
      data: { session: id, requests, text },
      text: requests.length === 0 ? 'Nothing is waiting.' : show(text),
    }
  },
})
