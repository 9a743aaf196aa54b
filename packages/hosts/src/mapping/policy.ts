/** The policy for the records of a host's session, and for the data that may leave this machine. */
export type CapturePolicy = Readonly<{
  /** Each file that a tool wrote becomes an entity, once per session. Default true. */
  files: boolean
  /** Changes of the to-do list become progress. `steps`: its open items become next steps too, which cards show. Default true. */
  todos: boolean | 'steps'
  /** Commits and pull requests seen in commands become updates and entities. Default true. */
  commits: boolean
  /** The model's answer at the end of a turn becomes a message. Default true. */
  turns: boolean
  /** Waiting for a permission for more than a minute becomes a blocker. Default true. */
  permissions: boolean
  /** A tool that failed three times in a row becomes a blocker. Default true. */
  failures: boolean
  /** Sub-agents become sessions with a parent; they are not mirrored. Default true. */
  subagents: boolean
  /** `local`: prompts and answers are kept in the store and mirrored nowhere. `off`: they are not kept. Default `local`. */
  messages: 'off' | 'local'
  /**
   * Words of prompts and answers that may leave this machine. `off`: none. `title`: the first prompt becomes the goal.
   * `summary`: the first sentence of an answer becomes an update too, at most one a minute. Default `off`.
   */
  text: 'off' | 'title' | 'summary'
  /** How a session ends when its host is quit. Default `left`: it goes on when the host is resumed. */
  end: 'left' | 'completed'
  /** A session without an event for so long is ended as `left`, ms. Default 14,400,000 (4 h). */
  idleMs: number
}>

/** The policy when nothing is configured. */
export const DEFAULT_CAPTURE: CapturePolicy = {
  files: true,
  todos: true,
  commits: true,
  turns: true,
  permissions: true,
  failures: true,
  subagents: true,
  messages: 'local',
  text: 'off',
  end: 'left',
  idleMs: 14_400_000,
}
