import { ERASED } from './erase.ts'
import { describe, invalidInput } from './message.ts'
import type { HookPayloads, RecordedHook, SessionStatus, Usage } from './schema.ts'
import { shorten } from './text.ts'

/** Fields that every item of a session's lists has in addition to its event's payload. */
type Item = Readonly<{
  /** Id of the event that recorded it. */
  eventId: string
  /** When it was stored: ISO 8601, UTC, milliseconds. */
  time: string
  /** When it happened: ISO 8601, UTC, milliseconds. */
  at: string
}>

/** One step of progress. */
export type Update = Item & HookPayloads['update']

/** A choice that was made, with why and what else was considered. */
export type Decision = Item & HookPayloads['decision']

/** Something the work touched: a file, class, pull request, pipeline. One that is recorded again is listed again. */
export type Entity = Item & HookPayloads['entity']

/** Something in the way, and how it went away. */
export type Blocker = Item &
  HookPayloads['blocker'] &
  Readonly<{
    /** When it went away: ISO 8601, UTC. Absent: it is still open. */
    resolvedAt?: string
    /** How it went away. */
    resolution?: string
  }>

/** A message as `tracker.messages` gives it. */
export type Message = Item &
  HookPayloads['message'] &
  Readonly<{
    /** The session it belongs to. */
    sessionId: string
  }>

/** A session without its lists: what a store keeps in one row and `tracker.sessions()` returns. */
export type SessionSummary = Omit<HookPayloads['start'], 'progress'> &
  Readonly<{
    /** Unique in the store; a UUID of version 7 unless `newId` makes others. */
    id: string
    /** First line of the goal, cut to 80 characters; else `Session of <user>, <date>`. */
    title: string
    /** Whether it goes on, and if not, how it ended. */
    status: SessionStatus
    /** Progress at its start, in percent: 0 to 100, whole. */
    startProgress: number
    /** In percent: 0 to 100, whole; may fall. */
    progress: number
    /** The result, as `close` gave it; kept when it is resumed. */
    summary?: string
    /** When it started: ISO 8601, UTC, milliseconds. */
    startedAt: string
    /** When it ended: ISO 8601, UTC, milliseconds. Absent while it is active. */
    endedAt?: string
    /** When its newest event was stored: ISO 8601, UTC, milliseconds. */
    lastEventAt: string
    /** Sum of what messages, updates and the close used. Absent: none of them said. */
    usage?: Usage
    /** Number of events recorded; grows by one with each. */
    revision: number
  }>

/** The lists of a session. */
export type Lists = Readonly<{
  /** Every update, oldest first. */
  updates: readonly Update[]
  /** Every decision, oldest first, those superseded too. */
  decisions: readonly Decision[]
  /** Everything it touched, oldest first. */
  entities: readonly Entity[]
  /** Every blocker, oldest first, those resolved too. */
  blockers: readonly Blocker[]
}>

/** A session as it was at one of its events. Data, without methods. */
export type Session = SessionSummary & Lists

/** The list that each hook adds to; `undefined`: it adds to none. */
export const LIST_OF = {
  start: undefined,
  update: 'updates',
  message: undefined,
  decision: 'decisions',
  entity: 'entities',
  blocker: 'blockers',
  resolve: undefined,
  close: undefined,
  resume: undefined,
  export: undefined,
} as const satisfies Record<RecordedHook, keyof Lists | undefined>

/** The decisions that still hold: those that no later decision supersedes. */
export const standingDecisions = ({ decisions }: Pick<Session, 'decisions'>): readonly Decision[] => {
  const superseded = new Set(decisions.map(each => each.supersedes))
  return decisions.filter(each => !superseded.has(each.decisionId))
}

/** The blockers that were not resolved. */
export const openBlockers = ({ blockers }: Pick<Session, 'blockers'>): readonly Blocker[] =>
  blockers.filter(each => each.resolvedAt === undefined)

/** Names the user of a session, and the agent where there is one, for people. */
export const namePeople = ({ user, agent }: Pick<SessionSummary, 'user' | 'agent'>): string =>
  agent === undefined ? user : `${user} with ${agent}`

/** How long a blocker that was resolved stood in the way, ms. */
export const measureBlocker = ({ time, resolvedAt = time }: Pick<Blocker, 'time' | 'resolvedAt'>): number =>
  Date.parse(resolvedAt) - Date.parse(time)

/** Whether anything gave a progress: an empty bar would say that nothing was done. */
export const hasProgress = ({
  startProgress,
  progress,
  updates,
}: Pick<Session, 'startProgress' | 'progress' | 'updates'>): boolean =>
  progress !== 0 || startProgress !== 0 || updates.some(each => each.progress !== undefined)

/** Progress from the start of a session to now, for people; empty where nothing gave one. */
export const formatProgress = (session: Session): string => {
  const { startProgress, progress } = session
  if (!hasProgress(session)) return ''
  return startProgress === progress ? `${progress} %` : `${startProgress} → ${progress} %`
}

/** Names of the files that a session wrote, each once, in their order; without those that were erased. */
export const listFiles = ({ entities }: Pick<Session, 'entities'>): readonly string[] => {
  const files = entities.filter(({ type, name }) => type === 'file' && name !== ERASED)
  return [...new Set(files.map(({ name, path }) => shorten(path ?? name, 200)))]
}

/** The ref that `start({ refs })` gave to the adapter of this name, for instance its `issue`. */
export const refOf = (session: Session, adapter: string, name: string): string | undefined =>
  session.refs[adapter]?.[name]

/**
 * The same, as `parse` reads it. Throws `INVALID_INPUT` naming the ref where `parse` gives `undefined`; `expected` says what
 * it takes.
 */
export const parseRef = <T>(
  session: Session,
  adapter: string,
  name: string,
  parse: (given: string) => T | undefined,
  expected: string,
): T | undefined => {
  const given = refOf(session, adapter, name)
  if (given === undefined) return undefined
  const parsed = parse(given)
  if (parsed !== undefined) return parsed
  const field = `refs.${adapter}.${name}`
  throw invalidInput({ field, problem: 'invalid value', expected, got: describe(given) })
}
