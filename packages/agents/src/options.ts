import type { SessionHandle, StartedSession } from '@sessionwire/core'

/** Starts sessions: a tracker of `@sessionwire/core`. */
export type SessionStarter = Readonly<{
  /** Begins a session, as `tracker.start` does. */
  start(input: {
    agent?: string
    goal?: string
    workspace?: string
    mirror: boolean
    key?: string
    onRepeat?: 'skip'
    metadata: { readonly [name: string]: string }
  }): Promise<StartedSession>
}>

/** A tracker: each run becomes a session of its own. A session: everything is recorded on it, and its owner ends it. */
export type Target = SessionStarter | SessionHandle

/** A tool call, as the framework tells it. */
export type ToolUse = Readonly<{
  /** The tool's name. */
  tool: string
  /** The input that the model gave, parsed where the framework gives text. */
  input: unknown
}>

/** Options of every recorder. */
export type RecordOptions = Readonly<{
  /** Name of the agent on its sessions. Default: the name that the framework gives. */
  agent?: string | undefined
  /** The goal of new sessions, which is their title on cards. Default: the agent's name, as in `Work of fixer`. */
  goal?: string | undefined
  /** Where the work happens: files below this path are named relative to it. Default: none, or the host's directory. */
  workspace?: string | undefined
  /** `local`: prompts and answers are stored, and mirrored nowhere. `off`: they are not stored. Default `local`. */
  messages?: 'local' | 'off' | undefined
  /**
   * Words that may leave this machine. `off`: none. `title`: the first prompt becomes the goal. `summary`: the first sentence
   * of the last answer becomes the summary of the session as well. Default `off`.
   */
  text?: 'off' | 'title' | 'summary' | undefined
  /** The files that a tool call wrote, each recorded once. Default: those of well-known tools, such as `write_file`; `false`: none. */
  files?: false | ((call: ToolUse) => readonly string[]) | undefined
  /** Commits that git reports in the output of a command become updates and entities. Default true. */
  commits?: boolean | undefined
  /**
   * A to-do list that tools set as a whole (`todos`) or item by item (Claude's `TaskCreate` and `TaskUpdate`) becomes progress; its
   * texts stay out. Default true.
   */
  todos?: boolean | undefined
  /** Three failures of a tool in a row become a blocker, resolved when the tool works again. Default true. */
  failures?: boolean | undefined
  /** When a new session is mirrored: from its first file or blocker, at once, or not at all. Default `shown`. */
  mirror?: 'shown' | 'always' | 'never' | undefined
  /** How a session ends whose run ended well. Default `completed`. */
  end?: 'completed' | 'left' | undefined
  /** Longest time that one callback keeps the framework waiting for the store, ms. 0: never. Default 250. */
  waitMs?: number | undefined
  /** Hears each failure to record; what it throws is dropped. Default: the first failure is written to `console.warn`. */
  onError?: ((error: unknown) => void) | undefined
}>

/** The functions of every recorder, in addition to its callbacks. */
export type Recording = Readonly<{
  /** Resolves when everything that was heard so far is recorded. */
  flush(): Promise<void>
  /** Ends the sessions of runs that have not ended as `left`, then flushes. A session that was passed in stays open. */
  close(): Promise<void>
}>
