import { HOSTS, type HostName, type Line } from '../hook/line.ts'

/** The meaning of an event, in any host. */
export type Moment =
  | 'start'
  | 'prompt'
  | 'tools'
  | 'asks'
  | 'notice'
  | 'answer'
  | 'failed'
  | 'task'
  | 'agent-start'
  | 'agent-end'
  | 'interrupt'
  | 'end'

/** One row per event of a host; an event without a row is passed over. */
type Events = Readonly<{ [event: string]: Moment }>

const claude = {
  SessionStart: 'start',
  UserPromptSubmit: 'prompt',
  PostToolUse: 'tools',
  PostToolUseFailure: 'tools',
  PostToolBatch: 'tools',
  PermissionRequest: 'asks',
  Notification: 'notice',
  TaskCreated: 'task',
  TaskCompleted: 'task',
  Stop: 'answer',
  StopFailure: 'failed',
  SubagentStart: 'agent-start',
  SubagentStop: 'agent-end',
  SessionEnd: 'end',
} as const satisfies Events

// Copilot sends it for each tool, whether or not a person is asked: there only the notification shows it.
const { PermissionRequest: _, ...shared } = claude

const EVENTS: Readonly<Record<HostName, Events>> = {
  claude,
  codex: {
    SessionStart: 'start',
    UserPromptSubmit: 'prompt',
    PostToolUse: 'tools',
    PermissionRequest: 'asks',
    Stop: 'answer',
    Interrupt: 'interrupt',
    SubagentStart: 'agent-start',
    SubagentStop: 'agent-end',
    SessionEnd: 'end',
  },
  gemini: {
    SessionStart: 'start',
    BeforeAgent: 'prompt',
    AfterTool: 'tools',
    Notification: 'notice',
    AfterAgent: 'answer',
    SessionEnd: 'end',
  },
  // Its own names, and those it uses where it reads the files of Claude Code.
  copilot: {
    ...shared,
    sessionStart: 'start',
    userPromptSubmitted: 'prompt',
    postToolUse: 'tools',
    postToolUseFailure: 'tools',
    notification: 'notice',
    agentStop: 'answer',
    errorOccurred: 'failed',
    ErrorOccurred: 'failed',
    subagentStart: 'agent-start',
    subagentStop: 'agent-end',
    sessionEnd: 'end',
  },
  cursor: {
    sessionStart: 'start',
    beforeSubmitPrompt: 'prompt',
    afterFileEdit: 'tools',
    afterShellExecution: 'tools',
    afterAgentResponse: 'answer',
    stop: 'interrupt',
    subagentStart: 'agent-start',
    subagentStop: 'agent-end',
    sessionEnd: 'end',
  },
  vscode: {
    SessionStart: 'start',
    UserPromptSubmit: 'prompt',
    PostToolUse: 'tools',
    SubagentStart: 'agent-start',
    SubagentStop: 'agent-end',
    Stop: 'answer',
  },
}

/** The meaning of a line; `undefined` where the host's event has no meaning for a session. */
export const momentOf = ({ host, event }: Pick<Line, 'host' | 'event'>): Moment | undefined =>
  Object.hasOwn(EVENTS[host], event) ? EVENTS[host][event] : undefined

/** Each host's name for people. */
export const LABELS: Readonly<Record<HostName, string>> = {
  claude: 'Claude Code',
  codex: 'Codex',
  gemini: 'Gemini CLI',
  copilot: 'Copilot CLI',
  cursor: 'Cursor',
  vscode: 'VS Code',
}

/** Every host with its name for people. */
export const hosts: readonly Readonly<{ name: HostName; label: string }>[] = HOSTS.map(name => ({
  name,
  label: LABELS[name],
}))
