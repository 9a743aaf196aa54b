/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** How a session stands. `crashed` and `abandoned` end by themselves and resume when something is recorded. */
export type SessionStatus = 'active' | 'completed' | 'crashed' | 'abandoned'

/** How much a blocker hinders. */
export type Severity = 'low' | 'medium' | 'high' | 'critical'
/** Every severity, the lightest first. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Severity[]

/** One step of progress. */
export type Update = Readonly<{
  eventId: string
  time: string
  description: string
  progress?: number
  tags: readonly string[]
  nextSteps?: readonly string[]
}>

/** A choice that was made, with why and what else was considered. */
export type Decision = Readonly<{
  decisionId: string
  eventId: string
  time: string
  content: string
  rationale?: string
  alternatives: readonly string[]
  impact?: string
  category?: string
  supersedes?: string
  relatedEntities: readonly string[]
}>

/** Something the work touched: a file, class, pull request, pipeline. */
export type Entity = Readonly<{
  eventId: string
  time: string
  name: string
  type: string
  path?: string
  description?: string
  properties: Readonly<Record<string, Json>>
}>

/** Something in the way, and how it went away. */
export type Blocker = Readonly<{
  blockerId: string
  eventId: string
  time: string
  description: string
  category: string
  severity: Severity
  resolvedAt?: string
  resolution?: string
}>

/** A session without its lists: what a store keeps in one row and `tracker.sessions()` returns. */
export type SessionSummary = Readonly<{
  id: string
  project: string
  user: string
  agent?: string
  goal?: string
  /** First line of the goal, cut to 80 characters; else `Session of <user>, <date>`. */
  title: string
  parentId?: string
  previousId?: string
  status: SessionStatus
  startProgress: number
  /** In percent: 0 to 100, whole; may fall. */
  progress: number
  summary?: string
  /** ISO 8601, UTC. */
  startedAt: string
  endedAt?: string
  /** Time of the newest event. */
  lastEventAt: string
  /** What `start` handed over, by `<adapter>.<name>`; never what a delivery captured. */
  refs: Readonly<Record<string, string>>
  metadata: Readonly<Record<string, Json>>
  /** Number of events recorded; grows by one with each. */
  revision: number
}>

/** A session as it was at one of its events. Data, without methods. */
export type Session = SessionSummary &
  Readonly<{
    updates: readonly Update[]
    decisions: readonly Decision[]
    entities: readonly Entity[]
    blockers: readonly Blocker[]
  }>
