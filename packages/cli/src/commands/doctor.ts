import { defineCommand } from '../command.ts'
import type { Finding } from '../examine.ts'
import { EXIT } from '../failure.ts'
import { paint, showLine } from '../io.ts'

const MARKS = { ok: 'green', warning: 'yellow', error: 'red' } as const

export const doctor = defineCommand({
  name: 'doctor',
  group: 'Set up',
  about: 'Looks at everything that can be wrong: one line each, with what to do',
  more: [
    'Nothing is sent without --live; with it each adapter proves its address, credential and target by reads.',
  ],
  uses: 'workspace',
  options: { live: { about: 'Asks the services too' } },
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
    }),
  run: async (context, _, { live = false }) => {
    const { io } = context
    const { examine } = (await import('../engine.ts')).examining
    const findings: readonly Finding[] = await examine(context, live)
    const isOk = findings.every(({ state }) => state !== 'error')
    const isService = findings.some(({ state, about }) => state === 'error' && about.startsWith('adapter '))
    return {
      data: { ok: isOk, findings },
      text: findings.flatMap(({ about, state, text, todo }) => [
        `${paint(io, MARKS[state], state.padEnd(7))}  ${about}: ${showLine(text, 300)}`,
        ...(todo === undefined ? [] : [`         ${showLine(todo, 300)}`]),
      ]),
      ...(isOk ? {} : { code: isService ? EXIT.integration : EXIT.configuration }),
    }
  },
})
