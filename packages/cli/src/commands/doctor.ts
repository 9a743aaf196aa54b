import { type Context, defineCommand } from '../command.ts'
import { EXIT } from '../failure.ts'
import type { Finding } from '../finding.ts'
import { paint, showLine } from '../io.ts'

const MARKS = { ok: 'green', warning: 'yellow', error: 'red' } as const

type MadeTimer = Readonly<{ files: readonly string[]; start: string; stop: string; verified: boolean }>

/** Writes the timer of a workspace. A person starts it. */
const makeTimer = async (context: Context): Promise<MadeTimer> => {
  const { timerOf, writeTimer } = (await import('../engine.ts')).timers
  const { io } = context
  const { root } = await context.read()
  const program = [process.execPath, ...process.execArgv, io.program]
  const timer = timerOf(program, { root, env: io.env, platform: process.platform })
  writeTimer(timer)
  const { files, start, stop, isVerified } = timer
  return { files: Object.keys(files), start, stop, verified: isVerified }
}

const sayTimer = ({ files, start, stop, verified }: MadeTimer): readonly string[] => [
  ...files.map(file => `Written: ${file}`),
  `Start it: ${start}`,
  `End it:   ${stop}`,
  'It sees no variable of your shell: credentials must stand in .env next to the configuration.',
  ...(verified ? [] : ['Timers of this system are not verified: look whether it runs.']),
]

export const doctor = defineCommand({
  name: 'doctor',
  group: 'Set up',
  about: 'Looks at everything that can be wrong: one line each, with what to do',
  more: [
    'Nothing is sent without --live; with it each adapter proves its address, credential and target by reads.',
  ],
  uses: 'workspace',
  options: {
    live: { about: 'Asks the services too' },
    timer: {
      about: 'Writes a timer of the system that delivers every 5 minutes, and says how it is started',
    },
  },
  json: z =>
    z.strictObject({
      ok: z.boolean(),
      findings: z.array(
        z.strictObject({
          about: z.string(),
          state: z.enum(['ok', 'warning', 'error']),
          text: z.string(),
          todo: z.optional(z.string()),
        }),
      ),
      timer: z.optional(
        z.strictObject({
          files: z.array(z.string()),
          start: z.string(),
          stop: z.string(),
          verified: z.boolean(),
        }),
      ),
    }),
  run: async (context, _, { live = false, timer: isTimer = false }) => {
    const { io } = context
    const { examine } = (await import('../engine.ts')).examining
    const timer = isTimer ? await makeTimer(context) : undefined
    const findings: readonly Finding[] = await examine(context, live)
    const isOk = findings.every(({ state }) => state !== 'error')
    const isService = findings.some(({ state, about }) => state === 'error' && about.startsWith('adapter '))
    return {
      data: { ok: isOk, findings, ...(timer === undefined ? {} : { timer }) },
      text: [
        ...findings.flatMap(({ about, state, text, todo }) => [
          `${paint(io, MARKS[state], state.padEnd(7))}  ${about}: ${showLine(text, 300)}`,
          ...(todo === undefined ? [] : [`         ${showLine(todo, 300)}`]),
        ]),
        ...(timer === undefined ? [] : sayTimer(timer)),
      ],
      ...(isOk ? {} : { code: isService ? EXIT.integration : EXIT.configuration }),
    }
  },
})
