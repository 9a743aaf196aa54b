import { defineCommand } from '../command.ts'
import { show } from '../io.ts'
import { MOST } from '../moving.ts'
import { mustChoose } from '../recording.ts'
import type { Opened } from '../workspace/open.ts'

type Preview = Awaited<ReturnType<Opened['tracker']['preview']>>

/** Planned requests of all sessions, those of one session after each other. */
const previewAll = async ({ tracker }: Opened, adapter: string | undefined): Promise<Preview> => {
  const only = adapter === undefined ? {} : { adapter }
  const planned = await tracker.deliveries({ state: 'planned', limit: MOST, ...only })
  const sessions = new Set((await tracker.sessions({ limit: MOST })).map(({ id }) => id))
  const lanes = [...new Set(planned.map(({ lane }) => lane))].filter(lane => sessions.has(lane))
  return (await Promise.all(lanes.map(lane => tracker.preview(lane, only)))).flat()
}

export const preview = defineCommand({
  name: 'preview',
  group: 'Deliver',
  about: 'Shows the requests of the current session, else of the newest one, that are not sent yet',
  more: [
    'They are in the order in which they are sent, service by service. One edit of a card stands for all its edits, at the place of the first: it may show the end before the comments on the way.',
  ],
  examples: ['sessionwire preview', 'sessionwire preview --all', 'sessionwire preview slack --as curl'],
  uses: 'session',
  arguments: [{ name: 'adapter', about: 'Only those of this adapter', optional: true }],
  options: {
    all: { about: 'Those of all sessions' },
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
  run: async (context, { adapter }, { all = false, as = 'text' }) => {
    const opened = await context.open()
    const id = all ? '' : await mustChoose(opened, undefined)
    const requests = all
      ? await previewAll(opened, adapter)
      : await opened.tracker.preview(id, adapter === undefined ? {} : { adapter })
    const text = opened.tracker.render(requests, as)
    return {
      data: { session: id, requests, text },
      text: requests.length === 0 ? 'Nothing is waiting.' : show(text),
    }
  },
})
