import type { HostName } from '../hook/line.ts'
import type { Todos } from './tools.ts'

/** A permission that is asked for. */
type Asked = Readonly<{ since: number; key: string; description: string }>

/** A tool that fails again and again. */
type Failing = Readonly<{ count: number; blockedAt?: number }>

/** The state of a session after its lines so far. Plain JSON. */
export type State = Readonly<{
  host: HostName
  session: string
  workspace: string
  /** Time and id of the last line. */
  lastAt: number
  lastId: string
  ended: boolean
  /** A prompt of a person was recorded. */
  prompted: boolean
  /** Ids of tool calls that were counted, the newest last. */
  seen: readonly string[]
  /** Files that are entities already. */
  files: readonly string[]
  todos: Todos
  /** The share that was recorded last, as `done/all`. */
  share: string
  /** A change of the list that is not recorded yet: the key of its last call, and when it was. */
  planned?: Readonly<{ key: string; at: number }>
  /** By tool. */
  failing: Readonly<{ [tool: string]: Failing }>
  /** By agent; the root is `root`. */
  asked: Readonly<{ [agent: string]: Asked }>
  /** Sub-agents that were started; true: still at work. */
  agents: Readonly<{ [agent: string]: boolean }>
  /** It has something to show. */
  shown: boolean
  /** When an answer was recorded as an update last. */
  summaryAt: number
}>
