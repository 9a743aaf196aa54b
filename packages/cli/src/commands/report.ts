import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { mustChoose } from '../recording.ts'

const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

export const report = defineCommand({
  name: 'report',
  group: 'Look',
  about: 'Writes a session as one HTML page',
  uses: 'session',
  arguments: [{ name: 'id', about: 'The session (default: the current one)', optional: true }],
  options: {
    output: { about: 'The file (default: below your data folder)', value: 'file', short: 'o' },
    open: { about: 'Opens it in the browser' },
  },
  json: z => z.strictObject({ session: z.string(), file: z.string() }),
  run: async (context, { id }, { output, open }) => {
    const opened = await context.open({ tolerant: true })
    const session = await mustChoose(opened, id)
    const { privateFolder } = (await import('../engine.ts')).places
    const html = await opened.tracker.report(session)
    const file =
      output === undefined
        ? join(privateFolder(opened.data, opened.root), 'reports', `${session.replace(/[^\w-]/g, '_')}.html`)
        : resolve(context.io.cwd, output)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, html, { mode: 0o600 })
    if (open) {
      const [program = 'xdg-open', ...words] = OPENERS[process.platform] ?? ['xdg-open']
      const { spawn } = await import('node:child_process')
      const child = spawn(program, [...words, file], { detached: true, stdio: 'ignore' })
      child.on('error', () => undefined)
      child.unref()
    }
    return { data: { session, file }, text: `Written: ${file}` }
  },
})
