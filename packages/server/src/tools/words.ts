import { parseArgs } from 'node:util'
import { invalidConfig } from '@sessionwire/core/adapter'
import type { ToolNames } from './actions.ts'

/** Which tools a server offers. */
export type ToolChoice = Readonly<{
  /** `session`, `review`, names of adapters, or `all`. Default `session`. */
  toolsets: readonly string[]
  /** Offers destructive actions of the adapters that allow them. Default false. */
  allowDestructive: boolean
  /** How names of tools are written. Default `snake`. */
  toolNames: ToolNames
}>

/** Reads the words of the command line that say which tools are offered; others are left to the caller. */
export const readToolChoice = (words: readonly string[]): ToolChoice => {
  const { values } = parseArgs({
    args: [...words],
    strict: false,
    options: {
      toolset: { type: 'string', multiple: true },
      'allow-destructive': { type: 'boolean' },
      'tool-names': { type: 'string' },
    },
  })
  const names = (values['tool-names'] as string | undefined) ?? 'snake'
  if (names !== 'snake' && names !== 'dotted')
    throw invalidConfig({
      field: '--tool-names',
      problem: 'unknown value',
      expected: 'snake or dotted',
      got: names,
    })
  const given = ((values.toolset as readonly string[] | undefined) ?? []).flatMap(each => each.split(','))
  return {
    toolsets: given.length === 0 ? ['session'] : [...new Set(given)],
    allowDestructive: values['allow-destructive'] === true,
    toolNames: names,
  }
}
