/** Every host whose hooks are known. */
export const HOSTS = ['claude', 'codex', 'gemini', 'copilot', 'cursor', 'vscode'] as const
/** A host, by the name that `install` and the hook take. */
export type HostName = (typeof HOSTS)[number]

/** One item of a to-do list. */
export type Todo = Readonly<{
  /** Its text. */
  text: string
  /** As the host says it: `pending`, `in_progress`, `completed` … */
  status: string
}>

/** A tool call as the hook keeps it: which tool, what it touched, how it ended. Never the content of a file. */
export type ToolCall = Readonly<{
  /** The host's id of the call. Absent where a host gives none. */
  id?: string
  /** The tool, by the host's name. */
  name: string
  /** Files it names, as the host wrote them. */
  files?: readonly string[]
  /** The command, for a tool that runs commands. */
  command?: string
  /** The output of a command. */
  output?: string
  /** Why it failed, where the host says so. */
  error?: string
  /** The whole to-do list, where the call sets one. */
  todos?: readonly Todo[]
  /** A statement on a table of to-do items. */
  query?: string
  /** One item of a to-do list, where the call names one. */
  task?: Task
}>

/** One item of a to-do list that has an id. */
export type Task = Readonly<{
  /** The host's id of the task. */
  id?: string
  /** The text of the task. */
  subject?: string
  /** The host's word for its state. */
  status?: string
}>

/** Tokens of a turn. */
export type LineUsage = Readonly<{
  /** Tokens that the model read. */
  inputTokens: number
  /** Tokens that the model wrote. */
  outputTokens: number
  /** Tokens that came from a cache. */
  cacheReadTokens: number
  /** Tokens that were put into a cache. */
  cacheWriteTokens: number
}>

/** One line of the spool: one call of the hook. */
export type Line = Readonly<{
  /** Version of this shape. */
  v: 1
  /** Random; tells this line from all others. */
  id: string
  /** When the hook ran, epoch ms. */
  t: number
  /** The host that called. */
  host: HostName
  /** The host's own name of the event. */
  event: string
  /** The host's id of the session, of a sub-agent that of its root. */
  session: string
  /** The folder the session works in. */
  workspace: string
  /** The branch that is checked out there; only with the start of a session and its first line. */
  branch?: string
  /** The sub-agent it happened in. */
  agent?: string
  /** The kind of that sub-agent. */
  agentType?: string
  /** The model that works in the session. */
  model?: string
  /** How the session began, in the host's words. */
  source?: string
  /** Why the session ended, in the host's words. */
  reason?: string
  /** The text that the user entered. */
  prompt?: string
  /** The model's answer at the end of a turn. */
  answer?: string
  /** Tokens of the turn: transcripts have them, and no hook. */
  usage?: LineUsage
  /** The kind of notification. */
  notification?: string
  /** The tool a permission is asked for. */
  asked?: string
  /** The error that the host reports. */
  error?: string
  /** The task that changed. */
  task?: Task
  /** The calls of tools. */
  tools?: readonly ToolCall[]
}>

const ASKING = /^(?:permission_prompt|ToolPermission|elicitation_dialog)$/

/** Whether a person is asked. Copilot sends the event for each tool, whether or not a person is: there only the notification says it. */
export const isQuestion = ({ host, asked, notification = '' }: Line): boolean =>
  ASKING.test(notification) || (asked !== undefined && host !== 'copilot')

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** The last moment that a date can be, epoch ms. */
const LAST_MS = 8.64e15

/** A line of the spool as data; `undefined` for one that is torn or of another shape. */
export const parseLine = (text: string): Line | undefined => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(value)) return undefined
  const { v, id, t, host, event, session, workspace } = value
  const isWhole =
    v === 1 &&
    [id, event, session, workspace].every(each => typeof each === 'string' && each !== '') &&
    typeof t === 'number' &&
    Math.abs(t) <= LAST_MS &&
    (HOSTS as readonly unknown[]).includes(host)
  return isWhole ? (value as Line) : undefined
}
