/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * How a session stands. `crashed` and `abandoned` end by themselves and resume when something is recorded.
 */
export type SessionStatus = 'active' | 'completed' | 'crashed' | 'abandoned'

/** How much a blocker hinders. */
export type Severity = 'low' | 'medium' | 'high' | 'critical'
/** Every severity, the lightest first. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Severity[]

/** One step of progress. */
export type Update = Readonly<{
  /** Id of the event that recorded it. */
  eventId: string
  /** When: ISO 8601, UTC, milliseconds. */
  time: string
  /** What was done. Text beyond 64 KiB is cut, with a note. */
  description: string
  /** Progress it set, in percent: 0 to 100, whole. Absent: it set none. */
  progress?: number
  /** Words to find it by; empty when none were given. */
  tags: readonly string[]
  /** What is to be done next. Absent: nothing was said of it. */
  nextSteps?: readonly string[]
}>

/** A choice that was made, with why and what else was considered. */
export type Decision = Readonly<{
  /** What `supersedes` of a later decision names. */
  decisionId: string
  /** Id of the event that recorded it. */
  eventId: string
  /** When: ISO 8601, UTC, milliseconds. */
  time: string
  /** What was chosen. */
  content: string
  /** Why. */
  rationale?: string
  /** What else was considered; empty when nothing was given. */
  alternatives: readonly string[]
  /** What follows from it. */
  impact?: string
  /** A word for its kind. */
  category?: string
  /** The `decisionId` of an earlier decision of this session that no longer holds. */
  supersedes?: string
  /** Names of what it concerns; empty when none were given. */
  relatedEntities: readonly string[]
}>

/** Something the work touched: a file, class, pull request, pipeline. */
export type Entity = Readonly<{
  /** Id of the event that recorded it. */
  eventId: string
  /** When: ISO 8601, UTC, milliseconds. */
  time: string
  /** What it is called. One that is recorded again stands in the list again. */
  name: string
  /** A word for what it is: file, class, pull request, pipeline. */
  type: string
  /** Where it is: a file's path or a web address. */
  path?: string
  /** What it is for. */
  description?: string
  /** What else was given, as JSON; empty when nothing was. */
  properties: Readonly<Record<string, Json>>
}>

/** Something in the way, and how it went away. */
export type Blocker = Readonly<{
  /** What `resolve` takes. */
  blockerId: string
  /** Id of the event that recorded it. */
  eventId: string
  /** When it came up: ISO 8601, UTC, milliseconds. */
  time: string
  /** What is in the way. */
  description: string
  /** A word for where it comes from; `general` when none was given. */
  category: string
  /** How much it hinders; `medium` when nothing was given. */
  severity: Severity
  /** When it went away: ISO 8601, UTC. Absent: it is still open. */
  resolvedAt?: string
  /** How it went away. */
  resolution?: string
}>

/** A session without its lists: what a store keeps in one row and `tracker.sessions()` returns. */
export type SessionSummary = Readonly<{
  /** Unique in the store; a UUID of version 7 unless `newId` makes others. */
  id: string
  /** What it belongs to. */
  project: string
  /** Who works. */
  user: string
  /** What works for the user, as in `Claude`. */
  agent?: string
  /** What is to be reached. Text beyond 64 KiB is cut, with a note. */
  goal?: string
  /** First line of the goal, cut to 80 characters; else `Session of <user>, <date>`. */
  title: string
  /** The session this one is a part of. */
  parentId?: string
  /** The session this one follows. */
  previousId?: string
  /** Whether it goes on, and if not, how it ended. */
  status: SessionStatus
  /** Progress at its start, in percent: 0 to 100, whole. */
  startProgress: number
  /** In percent: 0 to 100, whole; may fall. */
  progress: number
  /** What came of it, as `close` was told; kept when it is resumed. */
  summary?: string
  /** When its start was recorded: ISO 8601, UTC, milliseconds. */
  startedAt: string
  /** When it ended: ISO 8601, UTC, milliseconds. Absent while it is active. */
  endedAt?: string
  /** Time of the newest event. */
  lastEventAt: string
  /** What `start` handed over, by `<adapter>.<name>`; never what a delivery captured. */
  refs: Readonly<Record<string, string>>
  /** What `start` was given, as JSON; empty when nothing was. */
  metadata: Readonly<Record<string, Json>>
  /** Number of events recorded; grows by one with each. */
  revision: number
}>

/** A session as it was at one of its events. Data, without methods. */
export type Session = SessionSummary &
  Readonly<{
    /** Every update, oldest first. */
    updates: readonly Update[]
    /** Every decision, oldest first, those superseded too. */
    decisions: readonly Decision[]
    /** Everything it touched, oldest first. */
    entities: readonly Entity[]
    /** Every blocker, oldest first, those resolved too. */
    blockers: readonly Blocker[]
  }>
