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

/** Whether a line of a command calls git for a commit. Each line is looked at once, however often it names git. */
const isCommitting = (command: string): boolean =>
  command.split('\n').some(line => {
    const place = line.search(/\bgit\b/)
    return place >= 0 && /\b(?:commit|cherry-pick|revert|merge)\b/.test(line.slice(place + 3))
  })
const COMMITTED = /^\[[^\]\n]{1,200} ([0-9a-f]{7,40})\] (.{1,500})$/gm

/** A commit, as git reports it. */
export type Commit = Readonly<{ hash: string; subject: string }>

/** The commits that a tool made which runs commands, by what git printed. */
export const listCommits = ({ input }: ToolUse, output: unknown): readonly Commit[] => {
  const command = isObject(input) ? (input.command ?? input.cmd ?? input.script) : undefined
  return typeof command === 'string' && isCommitting(command)
    ? [...readOutput(output).matchAll(COMMITTED)].map(([, hash = '', subject = '']) => ({
        hash,
        subject: subject.trim(),
      }))
    : []
}
