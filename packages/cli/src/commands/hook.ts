import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { usage } from '../failure.ts'
import { count, showJson } from '../io.ts'
import { HOST_NAMES } from './install.ts'

type HostName = (typeof HOST_NAMES)[number]

export const hook = defineCommand({
  name: 'hook',
  group: 'Run',
  about: 'Is called by a host for each event; with --replay shows what a recorded stream would record',
  examples: ['sessionwire hook claude --replay ~/.local/share/sessionwire/spool/claude/<session>.jsonl'],
  uses: 'workspace',
  arguments: [
    { name: 'host', about: 'The host', choices: HOST_NAMES },
    { name: 'event', about: 'The event, for hosts that do not name it', optional: true },
  ],
  options: { replay: { about: 'A spool, or payloads one a line; nothing is recorded', value: 'file' } },
  json: z =>
    z.strictObject({
      steps: z.array(
        z.looseObject({ key: z.string(), at: z.number(), session: z.string(), hostSession: z.string() }),
      ),
      unreadable: z.number(),
    }),
  run: async (context, { host, event }, { replay: file }) => {
    const { io } = context
    if (file === undefined) {
      // The hook itself: it reads standard input, never fails, and prints nothing but notes at a start.
      const { spawnSync } = await import('node:child_process')
      const words = [join(dirname(io.program), 'hook.cjs'), host, ...(event === undefined ? [] : [event])]
      spawnSync(process.execPath, words, { stdio: 'inherit', env: io.env as NodeJS.ProcessEnv })
      return { data: { steps: [], unreadable: 0 }, text: '' }
    }
    const path = resolve(io.cwd, file)
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
      throw usage(`--replay: there is no file ${path}.`)
    const { replay } = (await import('../engine.ts')).hosts
    const { config } = await context.read()
    const { steps, unreadable } = replay({
      host: host as HostName,
      text: readFileSync(path, 'utf8'),
      ...(event === undefined ? {} : { event }),
      ...(config.capture === undefined ? {} : { capture: config.capture }),
    })
    return {
      data: { steps, unreadable },
      text: [
        ...steps.map(({ record }) => showJson(record)),
        `${count(unreadable, 'line')} could not be read.`,
      ],
    }
  },
})
