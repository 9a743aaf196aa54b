import { checkInput } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { ToolNames } from '../actions.ts'
import { type Tool, toJson } from '../tool.ts'
import { open } from './call.ts'
import { reads } from './reads.ts'
import { writes } from './writes.ts'

const Echo = z.strictObject({ message: z.string() })

/** Tests that a client reaches the server. */
const echo: Tool = {
  name: 'echo',
  description: 'Gives back the message, to test the connection.',
  input: toJson(Echo),
  hints: { readOnlyHint: true, openWorldHint: false },
  run: async (_, given) => ({ message: checkInput('echo', Echo, given).message }),
  say: ({ message }) => String(message),
}

/** Fourteen tools under the names and with the arguments that people and prompts know from an earlier Taiga server. */
export const taigaTools = (adapter: string, names: ToolNames): readonly Tool[] => [
  echo,
  ...[...reads, ...writes].map(({ name, about, input, hints, run }): Tool => {
    const whole = `${adapter}.${name}`
    return {
      name: names === 'dotted' ? whole : whole.replaceAll('.', '_'),
      description: about,
      input: toJson(input),
      hints,
      run: (context, given) => run(open(context, adapter), checkInput(whole, input, given ?? {}) as never),
      say: result => JSON.stringify(result),
    }
  }),
]
