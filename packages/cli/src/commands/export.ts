import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { show } from '../io.ts'
import { mustChoose } from '../recording.ts'

type Format = 'json' | 'markdown' | 'context'

export const exportSession = defineCommand({
  name: 'export',
  group: 'Look',
  about: 'Writes a session as Markdown or JSON',
  more: [
    'Nothing is recorded or sent unless --publish is given: then the export is an event, which adapters may post.',
  ],
  uses: 'session',
  arguments: [{ name: 'id', about: 'The session (default: the current one)', optional: true }],
  options: {
    as: { about: 'The format (default markdown)', value: 'format', choices: ['markdown', 'json', 'context'] },
    output: { about: 'Writes it to this file, which must not exist', value: 'file', short: 'o' },
    publish: { about: 'Records the export and lets adapters post it' },
  },
  json: z =>
    z.strictObject({
      session: z.string(),
      format: z.string(),
      text: z.string(),
      file: z.optional(z.string()),
    }),
  run: async (context, { id }, { as = 'markdown', output, publish }) => {
    const opened = await context.open({ tolerant: publish !== true })
    const session = await mustChoose(opened, id)
    const text = await opened.tracker.export(session, as as Format, publish ? { publish: true } : {})
    if (output === undefined)
      return { data: { session, format: as, text }, text: as === 'json' ? text : show(text) }
    const file = resolve(context.io.cwd, output)
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
    return { data: { session, format: as, text, file }, text: `Written: ${file}` }
  },
})
