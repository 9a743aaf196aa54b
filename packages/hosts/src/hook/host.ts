import { HOSTS, type HostName } from './line.ts'

/** One JSON object as a host wrote it. */
export type Payload = Readonly<Record<string, unknown>>
/** Names and values of environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The first of these fields that is a string with something in it. */
export const textOf = (from: Payload, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = from[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

type Sign = readonly [
  host: HostName,
  fits: (payload: Payload, env: Environment, session: string | undefined) => boolean,
]

const isText = (value: unknown): value is string => typeof value === 'string'

/**
 * Signs of a host, the surest first: several hosts read the files of others, so the argument of the command only says where
 * it was registered.
 */
const SIGNS: readonly Sign[] = [
  ['cursor', ({ cursor_version: version, conversation_id: id }) => isText(version) || isText(id)],
  [
    'copilot',
    payload =>
      'hookName' in payload ||
      'tool_result' in payload ||
      'toolResult' in payload ||
      'toolArgs' in payload ||
      typeof payload.timestamp === 'number',
  ],
  ['vscode', payload => isText(payload.hookEventName) && isText(payload.sessionId)],
  ['claude', (_, env, session) => session !== undefined && env.CLAUDE_CODE_SESSION_ID === session],
  ['gemini', (_, env, session) => session !== undefined && env.GEMINI_SESSION_ID === session],
  ['codex', ({ turn_id: turn }, _, session) => isText(turn) && session !== undefined],
  [
    'copilot',
    (payload, env) =>
      env.COPILOT_CLI !== undefined && isText(payload.timestamp) && !('permission_mode' in payload),
  ],
]

/** Which host wrote a payload; `hint` is the argument of the registered command. `undefined`: nothing says so. */
export const hostOf = (
  payload: Payload,
  env: Environment,
  hint: string | undefined,
): HostName | undefined => {
  const session = textOf(payload, 'session_id', 'sessionId')
  const found = SIGNS.find(([, fits]) => fits(payload, env, session))?.[0]
  // A payload of VS Code and one of Copilot look alike but for the time; what was registered decides.
  if (found === 'copilot' && hint === 'vscode' && env.COPILOT_CLI === undefined) return 'vscode'
  return found ?? HOSTS.find(each => each === hint)
}

/** Variables that name the folder a session works in. Those of another host may be inherited, so each host has its own. */
const FOLDERS: Readonly<Record<HostName, string | undefined>> = {
  claude: 'CLAUDE_PROJECT_DIR',
  codex: undefined,
  gemini: 'GEMINI_PROJECT_DIR',
  copilot: 'COPILOT_PROJECT_DIR',
  cursor: 'CURSOR_PROJECT_DIR',
  vscode: undefined,
}

/** The folder a session works in. */
export const workspaceOf = (host: HostName, payload: Payload, env: Environment, cwd: string): string => {
  const name = FOLDERS[host]
  const roots = payload.workspace_roots
  const root = Array.isArray(roots) && isText(roots[0]) ? roots[0] : undefined
  const folder = (name === undefined ? undefined : env[name]) || (root ?? textOf(payload, 'cwd') ?? cwd)
  return folder.length > 1 ? folder.replace(/[\\/]+$/, '') : folder
}
