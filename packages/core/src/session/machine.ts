import { noSession, TrackerError } from './errors.ts'
import { EVENT_VERSION, type HookPayloads, type SessionEvent } from './events.ts'
import type { Called, Inputs, Recorded } from './input.ts'
import type { Session, SessionSummary } from './schema.ts'

/** A session, or nothing before its `start`. */
export type State = Session | undefined

/** What a session is before its `start`. */
export const initial: State = undefined

type Given = Omit<Inputs, 'start' | 'export'> & Pick<HookPayloads, 'start' | 'export'>

/** A wish to record something: checked input, with ids and time given by the caller. */
export type Command = {
  [H in Called]: Readonly<{
    type: H
    sessionId: string
    /** The event's id; a decision's and a blocker's too. */
    id: string
    /** The id of the `resume` event, should the session have ended by itself. */
    resumeId: string
    /** ISO 8601, UTC, milliseconds. */
    time: string
    input: Given[H]
  }>
}[Called]

/** Allowed after `completed` too. */
const AFTER_CLOSE: ReadonlySet<Called> = new Set<Called>(['resolve', 'export'])

const noSuchDecision = (id: string) =>
  new TrackerError(
    'INVALID_INPUT',
    `decide.supersedes: this session has no decision "${id}": give the decisionId of an earlier receipt.`,
    { field: 'decide.supersedes' },
  )

const checkBlocker = (session: Session, id: string) => {
  const blocker = session.blockers.find(each => each.blockerId === id)
  if (blocker !== undefined && blocker.resolvedAt === undefined) return
  const problem =
    blocker === undefined
      ? `this session has no blocker "${id}": give the blockerId of its receipt.`
      : `the blocker "${id}" was resolved at ${blocker.resolvedAt}: nothing is left to do.`
  throw new TrackerError('INVALID_INPUT', `resolve.blockerId: ${problem}`, { field: 'resolve.blockerId' })
}

type Payloads = {
  readonly [H in Recorded]?: (command: Command & { type: H }, session: Session) => HookPayloads[H]
}

/** What the machine adds to or asks of an input; the other hooks record it as it is. */
const PAYLOADS: Payloads = {
  decision: ({ input, id }, session) => {
    const { supersedes } = input
    if (supersedes !== undefined && !session.decisions.some(each => each.decisionId === supersedes))
      throw noSuchDecision(supersedes)
    return { decisionId: id, ...input }
  },
  blocker: ({ input, id }) => ({ blockerId: id, ...input }),
  resolve: ({ input }, session) => {
    checkBlocker(session, input.blockerId)
    return input
  },
  close: ({ input, time }, session) => ({
    ...input,
    durationMs: Math.max(0, Date.parse(time) - Date.parse(session.startedAt)),
  }),
}

const event = (command: Command, id: string, sequence: number, type: Recorded, payload: unknown) =>
  ({
    id,
    sessionId: command.sessionId,
    sequence,
    time: command.time,
    version: EVENT_VERSION,
    type,
    payload,
  }) as SessionEvent

/**
 * The events a command makes of a session: one, or a `resume` before it where the session had ended by itself. Throws
 * `NO_SUCH_SESSION` before `start`, `SESSION_CLOSED` after `completed`, and `INVALID_INPUT` for a decision or blocker
 * that is not there.
 */
export const handle = (command: Command, state: State): readonly SessionEvent[] => {
  const { type, sessionId } = command
  if (state === undefined) {
    if (type === 'start') return [event(command, command.id, 1, type, command.input)]
    throw noSession(sessionId)
  }
  if (type === 'start') throw new TrackerError('INVALID_INPUT', `The session "${sessionId}" has started.`)
  if (state.status === 'completed' && !AFTER_CLOSE.has(type))
    throw new TrackerError(
      'SESSION_CLOSED',
      `The session "${sessionId}" was closed at ${state.endedAt}: start a new one.`,
      { field: 'sessionId' },
    )
  const build = PAYLOADS[type] as ((command: Command, session: Session) => unknown) | undefined
  const payload = build === undefined ? command.input : build(command, state)
  const next = state.revision + 1
  const ended = state.status === 'crashed' || state.status === 'abandoned'
  // Reading a session that ended by itself does not take it up again.
  if (!ended || type === 'export') return [event(command, command.id, next, type, payload)]
  const reason = `${type} was recorded after the session ${state.status === 'crashed' ? 'crashed' : 'was abandoned'}`
  return [
    event(command, command.resumeId, next, 'resume', { reason }),
    event(command, command.id, next + 1, type, payload),
  ]
}

/** First line of a goal that is not blank, cut to 80 characters; else who and when. */
const titleOf = (goal: string | undefined, user: string, time: string): string => {
  const line = goal
    ?.trimStart()
    .split(/[\r\n\u2028\u2029]/, 1)[0]
    ?.trimEnd()
  if (line === undefined || line === '') return `Session of ${user}, ${time.slice(0, 10)}`
  if (line.length <= 80) return line
  const points = Array.from(line.slice(0, 200))
  return points.length <= 80 && line.length <= 200 ? line : `${points.slice(0, 79).join('').trimEnd()}…`
}

const begun = ({ sessionId, time, payload }: SessionEvent<'start'>): SessionSummary => {
  const { progress, refs, metadata, ...rest } = payload
  return {
    id: sessionId,
    ...rest,
    title: titleOf(payload.goal, payload.user, time),
    status: 'active',
    startProgress: progress,
    progress,
    startedAt: time,
    lastEventAt: time,
    refs,
    metadata,
    revision: 1,
  }
}

type Changes = {
  readonly [H in Recorded]?: (event: SessionEvent<H>, summary: SessionSummary) => Partial<SessionSummary>
}

const CHANGES: Changes = {
  update: ({ payload: { progress } }) => (progress === undefined ? {} : { progress }),
  close: ({ payload: { end, summary, progress }, time }) => ({
    status: end,
    endedAt: time,
    ...(summary === undefined ? {} : { summary }),
    ...(progress === undefined ? {} : { progress }),
  }),
}

/** The session's row after an event; its lists are not looked at. */
export const advance = (summary: SessionSummary | undefined, event: SessionEvent): SessionSummary => {
  if (event.type === 'start') return begun(event as SessionEvent<'start'>)
  if (summary === undefined)
    throw new TrackerError('STORE_CORRUPT', `The session "${event.sessionId}" has events before its start.`, {
      field: 'sessionId',
    })
  const change = CHANGES[event.type as Recorded] as
    | ((event: SessionEvent, summary: SessionSummary) => Partial<SessionSummary>)
    | undefined
  const next = { ...summary, ...change?.(event, summary), lastEventAt: event.time, revision: event.sequence }
  if (event.type !== 'resume') return next
  const { endedAt: _, ...resumed } = next
  return { ...resumed, status: 'active' }
}

/** The lists of a session. */
export type Lists = Pick<Session, 'updates' | 'decisions' | 'entities' | 'blockers'>

/** Which list an event adds to; a resolved blocker takes the place of the open one. */
export const LIST_OF = {
  update: 'updates',
  decision: 'decisions',
  entity: 'entities',
  blocker: 'blockers',
} as const satisfies Partial<Record<Recorded, keyof Lists>>

/** What an event adds to its list. */
export const itemOf = ({ id, time, payload }: SessionEvent): Lists[keyof Lists][number] =>
  ({ eventId: id, time, ...payload }) as Lists[keyof Lists][number]

/** Blockers after a `resolve`. */
export const resolved = (
  blockers: Session['blockers'],
  { time, payload: { blockerId, resolution } }: SessionEvent<'resolve'>,
): Session['blockers'] =>
  blockers.map(each =>
    each.blockerId === blockerId
      ? { ...each, resolvedAt: time, ...(resolution === undefined ? {} : { resolution }) }
      : each,
  )

const EMPTY: Lists = { updates: [], decisions: [], entities: [], blockers: [] }

const listsAfter = (lists: Lists, event: SessionEvent): Lists => {
  if (event.type === 'resolve')
    return { ...lists, blockers: resolved(lists.blockers, event as SessionEvent<'resolve'>) }
  const name = LIST_OF[event.type as keyof typeof LIST_OF]
  return name === undefined ? lists : { ...lists, [name]: [...lists[name], itemOf(event)] }
}

/** The session after an event; the state it was given is left as it is. */
export const evolve = (state: State, event: SessionEvent): Session => {
  const { updates, decisions, entities, blockers, ...summary } = state ?? { ...EMPTY }
  const lists = listsAfter({ updates, decisions, entities, blockers }, event)
  return { ...advance(state === undefined ? undefined : (summary as SessionSummary), event), ...lists }
}
