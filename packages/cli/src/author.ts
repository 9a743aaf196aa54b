import type { Author } from '@sessionwire/core'
import type { Io } from './io.ts'

/** Variables that agent hosts set for the commands they run, with their names for people. */
const HOSTS: readonly (readonly [variable: string, name?: string])[] = [
  ['CLAUDE_CODE_SESSION_ID', 'Claude Code'],
  ['CLAUDECODE', 'Claude Code'],
  ['CODEX_SESSION_ID', 'Codex'],
  ['CODEX_THREAD_ID', 'Codex'],
  ['GEMINI_SESSION_ID', 'Gemini CLI'],
  ['GEMINI_CLI', 'Gemini CLI'],
  ['COPILOT_AGENT_SESSION_ID', 'Copilot CLI'],
  ['COPILOT_CLI', 'Copilot CLI'],
  ['CURSOR_AGENT', 'Cursor'],
  ['AI_AGENT'],
]

/**
 * The author of a command's words. A host that runs it may do so in a terminal of its own, and lets its user run commands in
 * the same shell: both are taken for the model's, because a note that a model wrote must not pass for a person's. Without a
 * terminal and a host the author is unknown: any program may have run the command.
 */
export const authorOf = ({ env, isAttended }: Io, user: string): Author | undefined => {
  const host = HOSTS.find(([variable]) => (env[variable] ?? '') !== '')
  if (host !== undefined) return { kind: 'model', ...(host[1] === undefined ? {} : { name: host[1] }) }
  return isAttended ? { kind: 'person', name: user } : undefined
}
