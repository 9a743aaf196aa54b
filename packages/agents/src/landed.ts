import { type Commit, listCommits as commitsOf } from '@sessionwire/core/capture'
import type { ToolUse } from './options.ts'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** The text that a command printed, in the forms that frameworks give it. */
const readOutput = (output: unknown): string => {
  if (typeof output === 'string') return output
  if (!isObject(output)) return ''
  const found = output.stdout ?? output.output ?? output.text
  return typeof found === 'string' ? found : ''
}

/** The commits that a tool made which runs commands, by what git printed. */
export const listCommits = ({ input }: ToolUse, output: unknown): readonly Commit[] => {
  const command = isObject(input) ? (input.command ?? input.cmd ?? input.script) : undefined
  return typeof command === 'string' ? commitsOf(command, readOutput(output)) : []
}
