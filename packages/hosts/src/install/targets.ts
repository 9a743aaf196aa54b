import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../hook/host.ts'
import type { HostName } from '../hook/line.ts'

/** Where hooks are registered: for all work of this user, or for one project. */
export type Scope = 'user' | 'project'

/** One registration of a host: an event, and for which tools. */
type Registered = Readonly<{ event: string; matcher?: string }>

/** How a host's file names a command. */
type Entry = (command: string, registered: Registered) => unknown

/** How a host keeps its hooks. */
export type Target = Readonly<{
  /** The host's files, the one that is written first. */
  file: (scope: Scope, place: Readonly<{ cwd: string; env: Environment }>) => string
  /** Other files in which the host, or another one, would run the same hook again. */
  reads: readonly (readonly [HostName, Scope])[]
  events: readonly Registered[]
  /** The entry in the array of an event. */
  entry: Entry
  /** The content of a new file. */
  empty: string
  /** The event is an argument of the command: the payload does not name it. */
  namesEvent?: true
  /** Further steps for the user. */
  todo?: string
}>

const makeNested =
  (timeout: number | undefined): Entry =>
  (command, { matcher }) => ({
    ...(matcher === undefined ? {} : { matcher }),
    hooks: [{ type: 'command', command, ...(timeout === undefined ? {} : { timeout }) }],
  })

const listEvents = (...events: readonly string[]): readonly Registered[] => events.map(event => ({ event }))

const WRITING = 'Write|Edit|MultiEdit|NotebookEdit|Bash|TaskCreate|TaskUpdate|TodoWrite'
const homeOf = (env: Environment): string => env.HOME || env.USERPROFILE || homedir()
const below = (env: Environment, name: string, folder: string): string =>
  env[name] || join(homeOf(env), folder)

const copilotFile =
  (file: string): Target['file'] =>
  (scope, { cwd, env }) =>
    scope === 'user'
      ? join(below(env, 'COPILOT_HOME', '.copilot'), 'hooks', file)
      : join(cwd, '.github', 'hooks', file)

/** One row per host. Hooks before a tool are never registered: a host may refuse the tool when they fail. */
export const TARGETS: Readonly<Record<HostName, Target>> = {
  claude: {
    file: (scope, { cwd, env }) =>
      scope === 'user'
        ? join(below(env, 'CLAUDE_CONFIG_DIR', '.claude'), 'settings.json')
        : join(cwd, '.claude', 'settings.json'),
    reads: [],
    events: [
      ...listEvents('SessionStart', 'UserPromptSubmit'),
      { event: 'PostToolUse', matcher: WRITING },
      ...listEvents('PostToolBatch', 'PermissionRequest', 'Notification', 'TaskCreated', 'TaskCompleted'),
      ...listEvents('Stop', 'StopFailure', 'SubagentStart', 'SubagentStop', 'SessionEnd'),
    ],
    entry: makeNested(10),
    empty: '{}\n',
  },
  codex: {
    file: (scope, { cwd, env }) =>
      scope === 'user'
        ? join(below(env, 'CODEX_HOME', '.codex'), 'hooks.json')
        : join(cwd, '.codex', 'hooks.json'),
    reads: [],
    events: listEvents(
      ...['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'PermissionRequest', 'SubagentStart'],
      ...['SubagentStop', 'Stop', 'Interrupt', 'SessionEnd'],
    ),
    // A time limit stands in the text that the user approves; the default fits.
    entry: makeNested(undefined),
    empty: '{}\n',
    todo: 'Start codex and approve the new hooks in /hooks. Until then it skips them without a word.',
  },
  gemini: {
    file: (scope, { cwd, env }) =>
      scope === 'user'
        ? join(homeOf(env), '.gemini', 'settings.json')
        : join(cwd, '.gemini', 'settings.json'),
    reads: [],
    events: listEvents(
      'SessionStart',
      'BeforeAgent',
      'AfterTool',
      'AfterAgent',
      'Notification',
      'SessionEnd',
    ),
    // Milliseconds, as in no other host.
    entry: command => ({ hooks: [{ type: 'command', name: 'sessionwire', command, timeout: 10_000 }] }),
    empty: '{}\n',
  },
  copilot: {
    file: copilotFile('sessionwire.json'),
    reads: [['claude', 'project']],
    events: listEvents(
      ...['sessionStart', 'userPromptSubmitted', 'postToolUse', 'postToolUseFailure', 'notification'],
      ...['errorOccurred', 'agentStop', 'subagentStart', 'subagentStop', 'sessionEnd'],
    ),
    entry: command => ({ type: 'command', bash: command, timeoutSec: 10 }),
    empty: '{ "version": 1, "hooks": {} }\n',
    namesEvent: true,
  },
  cursor: {
    file: (scope, { cwd, env }) => join(scope === 'user' ? homeOf(env) : cwd, '.cursor', 'hooks.json'),
    reads: [],
    events: listEvents(
      ...['sessionStart', 'beforeSubmitPrompt', 'afterFileEdit', 'afterShellExecution', 'afterAgentResponse'],
      ...['stop', 'sessionEnd'],
    ),
    entry: command => ({ command }),
    empty: '{ "version": 1, "hooks": {} }\n',
    todo: 'Cursor could not be tried: this follows its published shape.',
  },
  vscode: {
    file: copilotFile('sessionwire-vscode.json'),
    reads: [
      ['claude', 'user'],
      ['claude', 'project'],
    ],
    events: listEvents(
      'SessionStart',
      'UserPromptSubmit',
      'PostToolUse',
      'SubagentStart',
      'SubagentStop',
      'Stop',
    ),
    entry: command => ({ type: 'command', command, timeout: 10 }),
    empty: '{ "hooks": {} }\n',
    todo: 'VS Code could not be tried: this follows its published shape.',
  },
}

const quotePath = (path: string): string => `"${path.replace(/["\\$`]/g, '\\$&')}"`

/**
 * The registered line: one string for a shell, which ends with 0 even where the program is missing. A project's file names a
 * program that colleagues install, not a path of this machine.
 */
export const commandOf = (scope: Scope, host: HostName, hook: string, event: string): string => {
  const program = scope === 'user' ? `node ${quotePath(hook)}` : 'sessionwire-hook'
  return `${program} ${host}${TARGETS[host].namesEvent === true ? ` ${event}` : ''} || true`
}

/** Whether a registered line is ours, of whatever version, path and host. */
export const isOurs = (command: unknown): boolean =>
  typeof command === 'string' &&
  /^(?:node ".*[\\/]bin[\\/]hook\.cjs"|sessionwire-hook) (?:claude|codex|gemini|copilot|cursor|vscode)(?: \w+)? \|\| true$/.test(
    command,
  )
