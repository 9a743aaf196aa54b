import { noSession, TrackerError } from './errors.ts'
import { EVENT_VERSION, type SessionEvent } from './events.ts'
import { invalidInput } from './message.ts'
import type { Called, call, HookPayloads, Inputs, RecordedHook, SessionStatus, Usage } from './schema.ts'
import { LIST_OF, type Lists, type Session, type SessionSummary } from './session.ts'

/** A session, or nothing before its `start`. */
export type State = Session | undefined

/** A session before its `start`. */
export const initial: State = undefined

/** Options of a call that the recorder reads and that no event carries. */
type Taken = keyof typeof call | 'exclusive' | 'continue'
type Fields<T> = { [K in keyof T as K extends Taken ? never : K]: T[K] }
type Given = { readonly [H in Called]: Fields<Inputs[H]> } & Pick<HookPayloads, 'start' | 'export'>

/** A wish to record something: checked input, with ids and times given by the caller. */
export type Command = {
  [H in Called]: Readonly<{
    type: H
    sessionId: string
    /** The event's id; a decision's and a blocker's too. */
    id: string
    /** The id of the `resume` event, should the session have ended by itself. */
    resumeId: string
    /** When it is stored: ISO 8601, UTC, milliseconds. */
    time: string
    /** When it happened: ISO 8601, UTC, milliseconds. */
    at: string
    input: Given[H]
  }>
}[Called]

/** Permission of a call on a session that ended. */
type Rule = Readonly<{
  /** Allowed after `completed`, `failed` and `cancelled` too. */
  afterEnd: boolean
  /** Resumes a session that ended by itself. */
  resumes: boolean
}>

const RULES: Record<Called, Rule> = {
  start: { afterEnd: false, resumes: false },
  update: { afterEnd: false, resumes: true },
  message: { afterEnd: true, resumes: false },
  decision: { afterEnd: false, resumes: true },
  entity: { afterEnd: true, resumes: false },
  blocker: { afterEnd: false, resumes: true },
  resolve: { afterEnd: true, resumes: true },
  close: { afterEnd: false, resumes: true },
  resume: { afterEnd: true, resumes: false },
  export: { afterEnd: true, resumes: false },
}

/** How a session stands after each end, and how a `resume` names it. */
const STANDING: Record<SessionStatus, Readonly<{ isFinal: boolean; text: string }>> = {
  active: { isFinal: false, text: 'was active' },
  completed: { isFinal: true, text: 'was completed' },
  failed: { isFinal: true, text: 'failed' },
  cancelled: { isFinal: true, text: 'was cancelled' },
  crashed: { isFinal: false, text: 'crashed' },
  abandoned: { isFinal: false, text: 'was abandoned' },
  left: { isFinal: false, text: 'was left' },
}

/** Whether the next recording call resumes a session of this status. */
export const isResumable = (status: SessionStatus): boolean =>
  status !== 'active' && !STANDING[status].isFinal

const checkBlocker = (session: Session, id: string): void => {
  const blocker = session.blockers.find(each => each.blockerId === id)
  const field = 'resolve.blockerId'
  if (blocker === undefined)
    throw invalidInput({
      field,
      problem: `unknown blocker ${JSON.stringify(id)}`,
      expected: 'the id of a blocker of this session, or words of one open blocker',
    })
  if (blocker.resolvedAt !== undefined)
    throw invalidInput({
      field,
      problem: `the blocker ${JSON.stringify(id)} was resolved at ${blocker.resolvedAt}`,
    })
}

type Payloads = {
  readonly [H in Called]: (command: Command & { type: H }, session: Session) => HookPayloads[H]
}

/** Additions and conditions of each call. `start` comes before there is a session. */
const PAYLOADS: Payloads = {
  start: ({ input }) => input,
  update: ({ input }) => input,
  message: ({ input }) => input,
  decision: ({ input, id }, session) => {
    const { supersedes } = input
    if (supersedes !== undefined && !session.decisions.some(each => each.decisionId === supersedes))
      throw invalidInput({
        field: 'decide.supersedes',
        problem: `unknown decision ${JSON.stringify(supersedes)}`,
        expected: 'the decisionId of an earlier receipt of this session',
      })
    return { decisionId: id, ...input }
  },
  entity: ({ input }) => input,
  blocker: ({ input, id }) => ({ blockerId: id, ...input }),
  resolve: ({ input }, session) => {
    checkBlocker(session, input.blockerId)
    return input
  },
  close: ({ input, at }, session) => ({
    ...input,
    durationMs: Math.max(0, Date.parse(at) - Date.parse(session.startedAt)),
  }),
  resume: ({ input }, session) => ({
    reason: input.reason ?? `resumed by the caller after it ${STANDING[session.status].text}`,
  }),
  export: ({ input }) => input,
}

const event = (command: Command, id: string, sequence: number, type: RecordedHook, payload: unknown) =>
  ({
    id,
    sessionId: command.sessionId,
    sequence,
    time: command.time,
    at: command.at,
    version: EVENT_VERSION,
    type,
    payload,
  }) as SessionEvent

/** Nothing is left to record: a second end by a host that was quit, or a resume of an active session. */
const isDone = (command: Command, { status }: Session): boolean =>
  (command.type === 'resume' && status === 'active') ||
  (command.type === 'close' && command.input.end === 'left' && status !== 'active')

/**
 * The events a command makes of a session: one, or a `resume` before it where the session had ended by itself; none for
 * a `resume` of an active session and for a second `left`. Throws `NO_SUCH_SESSION` before `start`, `SESSION_CLOSED`
 * after a final end, and `INVALID_INPUT` for an unknown decision or blocker.
 */
export const handle = (command: Command, state: State): readonly SessionEvent[] => {
  const { type, sessionId } = command
  if (state === undefined) {
    if (type === 'start') return [event(command, command.id, 1, type, command.input)]
    throw noSession(sessionId)
  }
  if (type === 'start')
    throw invalidInput({ field: 'start', problem: `the session "${sessionId}" has started already` })
  if (isDone(command, state)) return []
  const { isFinal, text } = STANDING[state.status]
  if (isFinal && !RULES[type].afterEnd)
    throw new TrackerError(
      'SESSION_CLOSED',
      `The session "${sessionId}" ${text} at ${state.endedAt}. Start a new one, or reopen it with session.resume().`,
      { field: 'sessionId' },
    )
  const build = PAYLOADS[type] as (command: Command, session: Session) => unknown
  const payload = build(command, state)
  const next = state.revision + 1
  if (!isResumable(state.status) || !RULES[type].resumes)
    return [event(command, command.id, next, type, payload)]
  const reason = `${type} was recorded after the session ${text}`
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

const summaryOf = ({ sessionId, time, at, payload }: SessionEvent<'start'>): SessionSummary => {
  const { progress, ...rest } = payload
  return {
    id: sessionId,
    ...rest,
    title: titleOf(payload.goal, payload.user, at),
    status: 'active',
    startProgress: progress,
    progress,
    startedAt: at,
    lastEventAt: time,
    revision: 1,
  }
}

const sum = (before: Usage | undefined, more: Usage | undefined): Pick<SessionSummary, 'usage'> => {
  if (more === undefined) return {}
  const total: Record<string, number> = { ...before }
  for (const [name, count] of Object.entries(more)) total[name] = (total[name] ?? 0) + count
  return { usage: total }
}

type Changes = {
  readonly [H in RecordedHook]:
    | ((event: SessionEvent<H>, summary: SessionSummary) => Partial<SessionSummary>)
    | undefined
}

/** Changes of the session's row by each hook; `undefined`: nothing but its revision. */
const CHANGES: Changes = {
  start: summaryOf,
  update: ({ payload: { progress, goal, usage } }, { user, startedAt, usage: before }) => ({
    ...(progress === undefined ? {} : { progress }),
    ...(goal === undefined ? {} : { goal, title: titleOf(goal, user, startedAt) }),
    ...sum(before, usage),
  }),
  message: ({ payload: { usage } }, { usage: before }) => sum(before, usage),
  decision: undefined,
  entity: ({ payload: { refs } }, { refs: before }) =>
    refs === undefined
      ? {}
      : {
          refs: Object.fromEntries(
            [...new Set([...Object.keys(before), ...Object.keys(refs)])].map(name => [
              name,
              { ...before[name], ...refs[name] },
            ]),
          ),
        },
  blocker: undefined,
  resolve: undefined,
  close: ({ payload: { end, summary, progress, usage }, at }, { usage: before }) => ({
    status: end,
    endedAt: at,
    ...(summary === undefined ? {} : { summary }),
    ...(progress === undefined ? {} : { progress }),
    ...sum(before, usage),
  }),
  resume: undefined,
  export: undefined,
}

/** The session's row after an event; its lists are not looked at. */
export const advance = (summary: SessionSummary | undefined, event: SessionEvent): SessionSummary => {
  if (event.type === 'start') return summaryOf(event as SessionEvent<'start'>)
  if (summary === undefined)
    throw new TrackerError('STORE_CORRUPT', `The session "${event.sessionId}" has events before its start.`, {
      field: 'sessionId',
    })
  const change = CHANGES[event.type as RecordedHook] as
    | ((event: SessionEvent, summary: SessionSummary) => Partial<SessionSummary>)
    | undefined
  const next = { ...summary, ...change?.(event, summary), lastEventAt: event.time, revision: event.sequence }
  if (event.type !== 'resume') return next
  const { endedAt: _, ...resumed } = next
  return { ...resumed, status: 'active' }
}

/** Lists that grow in place. */
export type Growing = { -readonly [N in keyof Lists]: Lists[N][number][] }

/** Makes empty lists. */
export const emptyLists = (): Growing => ({ updates: [], decisions: [], entities: [], blockers: [] })

/** Adds an event to the lists, in place; a resolved blocker takes the place of the open one. */
export const append = (lists: Growing, { id, type, time, at, payload }: SessionEvent): void => {
  if (type === 'resolve') {
    const { blockerId, resolution } = payload as HookPayloads['resolve']
    lists.blockers = lists.blockers.map(each =>
      each.blockerId === blockerId
        ? { ...each, resolvedAt: at, ...(resolution === undefined ? {} : { resolution }) }
        : each,
    )
    return
  }
  const name = type === 'init' ? undefined : LIST_OF[type]
  if (name !== undefined) (lists[name] as unknown[]).push({ eventId: id, time, at, ...payload })
}

/** The session after an event, by `advance` and `append`; the state it was given is left as it is. */
export const evolve = (state: State, event: SessionEvent): Session => {
  const { updates = [], decisions = [], entities = [], blockers = [], ...summary } = state ?? {}
  const lists: Growing = {
    updates: [...updates],
    decisions: [...decisions],
    entities: [...entities],
    blockers: [...blockers],
  }
  append(lists, event)
  return { ...advance(state === undefined ? undefined : (summary as SessionSummary), event), ...lists }
}
