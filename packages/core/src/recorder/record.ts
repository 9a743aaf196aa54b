import type { AnyAdapter } from '../adapter/contract.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import { isTrackerError, noSession } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import { type Command, handle } from '../session/machine.ts'
import { invalidInput } from '../session/message.ts'
import type { Session, SessionSummary } from '../session/session.ts'
import { upcast } from '../session/upcast.ts'
import type { Incoming, LanePlan, Placed } from '../store/contract.ts'
import type { NotRecorded, Recorded } from './calls.ts'
import type { RecorderContext } from './context.ts'
import { filterEvent, redactEvent } from './filter.ts'
import {
  addEvent,
  checkpoint,
  copyLater,
  emptySession,
  type LiveSession,
  neededSequence,
  revisionOf,
  viewSession,
} from './live-session.ts'
import { eventsOf, findSession, replay } from './load.ts'
import { planEvent, planOpening, withoutRefsOf } from './planning.ts'

/** Other writers may be faster this often in a row; each time one of them got on. */
const TRIES = 50

/** Whether another writer was faster. */
const isConflict = (thrown: unknown): boolean => isTrackerError(thrown) && thrown.code === 'VERSION_CONFLICT'

/** What an event plans for an adapter, with the session as that adapter sees it. */
const planWith = (
  held: LiveSession,
  adapter: AnyAdapter,
  event: SessionEvent,
  session: Session,
): readonly Incoming[] =>
  planEvent(adapter, event, held.relinked.has(adapter.name) ? withoutRefsOf(session, adapter.name) : session)

type Staged = Readonly<{ lanes: readonly LanePlan[]; fresh: readonly Descriptor[] }>

/** Applies the events in place and plans each of them, and what a lane missed (`past`: the whole story), for every open lane. */
const stage = (
  parts: RecorderContext,
  held: LiveSession,
  events: readonly SessionEvent[],
  past: readonly SessionEvent[],
): Staged => {
  const [first] = events
  const start = first?.type === 'start'
  // A local session opens no lane; a message moves only the lanes of adapters that ask for messages.
  const isLocal = start && first.payload.mirror === false
  const isQuiet = events.every(({ type }) => type === 'message')
  const adapters = isLocal
    ? []
    : [...parts.adapters.values()].filter(
        ({ name, hooks }) => start || (held.through.has(name) && (!isQuiet || hooks.message !== undefined)),
      )
  const plans = adapters.map(adapter => ({
    adapter,
    from: held.through.get(adapter.name) ?? 0,
    deliveries: [] as Incoming[],
  }))
  for (const { event, session } of replay(past))
    for (const { adapter, from, deliveries } of plans)
      if (event.sequence > from) deliveries.push(...planWith(held, adapter, event, session))
  const fresh: Descriptor[] = []
  for (const event of events) {
    addEvent(held, event)
    const session = copyLater(held)
    for (const { adapter, deliveries } of plans) {
      if (adapter.hooks[event.type] === undefined) continue
      for (const made of planWith(held, adapter, event, session())) {
        deliveries.push(made)
        if (made.descriptor !== undefined) fresh.push(made.descriptor)
      }
    }
  }
  const session = held.summary as SessionSummary
  const to = session.revision
  const lanes = plans.map(
    ({ adapter, from, deliveries }): LanePlan =>
      start
        ? planOpening(adapter, session, to, deliveries)
        : { adapter: adapter.name, lane: session.id, through: { from, to }, deliveries },
  )
  return { lanes, fresh }
}

/** The whole story so far, where some open lane of ours missed a part: another process recorded it without the adapter. */
const readMissed = async (
  parts: RecorderContext,
  sessionId: string,
  held: LiveSession,
): Promise<readonly SessionEvent[]> => {
  for (const [name, through] of held.through) {
    const adapter = parts.adapters.get(name)
    if (adapter === undefined || through >= neededSequence(held, adapter)) continue
    const revision = revisionOf(held)
    return (await eventsOf(parts, sessionId)).filter(({ sequence }) => sequence <= revision)
  }
  return []
}

/** What one lane missed, as its plan; nothing to do is a plan without `through`. */
export const catchUp = async (
  parts: RecorderContext,
  sessionId: string,
  held: LiveSession,
  adapter: AnyAdapter,
): Promise<LanePlan> => {
  const from = held.through.get(adapter.name) ?? 0
  const to = revisionOf(held)
  const lane = { adapter: adapter.name, lane: sessionId }
  if (from >= neededSequence(held, adapter)) return { ...lane, deliveries: [] }
  const deliveries: Incoming[] = []
  for (const { event, session } of replay(await eventsOf(parts, sessionId)))
    if (event.sequence > from && event.sequence <= to)
      deliveries.push(...planWith(held, adapter, event, session))
  return { ...lane, through: { from, to }, deliveries }
}

/** Runs in the session's turn, and again while other writers are faster. */
export const retryConflicts = <T>(
  parts: RecorderContext,
  sessionId: string,
  attempt: () => Promise<T>,
): Promise<T> =>
  parts.queue.run(sessionId, async () => {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt()
      } catch (thrown) {
        if (!isConflict(thrown) || tries >= TRIES) throw thrown
      }
    }
  })

/** Tells observers and the worker what a commit planned. */
export const announce = (
  parts: RecorderContext,
  lanes: readonly LanePlan[],
  placed: readonly Placed[],
): void => {
  const { emitter } = parts
  if (placed.some(({ state }) => state === 'waiting')) parts.wake()
  if (placed.length === 0 || !(emitter.hasListeners('planned') || emitter.hasListeners('dead'))) return
  const places = new Map(placed.map(each => [each.key, each]))
  for (const { adapter, lane, deliveries } of lanes)
    for (const { key, action, via, reason = '' } of deliveries) {
      const place = places.get(key)
      if (place === undefined || place.known === true) continue
      if (place.state === 'dead')
        emitter.emit('dead', { adapter, lane, key, action, attempts: 0, reason, inDoubt: false })
      else emitter.emit('planned', { ...place, adapter, lane, action, via })
    }
}

/** The session is copied only for those who look at it. */
const receiptOf = (event: SessionEvent, session: () => Session, fresh: readonly Descriptor[]): Recorded => ({
  recorded: true,
  event,
  get session() {
    return session()
  },
  descriptors: fresh,
})

const pass = (
  { filter, redact }: RecorderContext,
  made: readonly SessionEvent[],
): readonly SessionEvent[] => {
  const redacted = redact === undefined ? made : made.map(event => redactEvent(event, redact))
  if (filter === undefined) return redacted
  const events = redacted.map(event => filterEvent(filter, event))
  // A `resume` without its cause, or the other way round, would tell a wrong story: both or none.
  return events.every(event => event !== undefined) ? events : []
}

/** Stores events with all they plan, in one transaction. */
const write = async (
  parts: RecorderContext,
  sessionId: string,
  held: LiveSession,
  events: readonly SessionEvent[],
  { key, exclusive }: Wish,
): Promise<Recorded> => {
  const { cache, store, emitter } = parts
  const past = await readMissed(parts, sessionId, held)
  const restore = checkpoint(held)
  const expected = revisionOf(held)
  let lanes: readonly LanePlan[]
  let fresh: readonly Descriptor[]
  let placed: readonly Placed[]
  try {
    ;({ lanes, fresh } = stage(parts, held, events, past))
    placed = await store.commit({
      session: {
        summary: held.summary as SessionSummary,
        expected,
        ...(key === undefined ? {} : { key }),
        ...(exclusive === true ? { exclusive } : {}),
      },
      events,
      lanes,
    })
  } catch (thrown) {
    restore()
    // Whether it was written is not known: what is in memory must be compared first.
    held.readAt = Number.NEGATIVE_INFINITY
    throw thrown
  }
  // A session that began here has the lanes that were opened here.
  if (expected === 0) held.readAt = parts.now()
  for (const { adapter, through } of lanes) if (through !== undefined) held.through.set(adapter, through.to)
  cache.set(sessionId, held)
  const session = copyLater(held)
  if (emitter.hasListeners('event'))
    for (const event of events)
      emitter.emit('event', {
        event,
        get session() {
          return session()
        },
      })
  announce(parts, lanes, placed)
  return receiptOf(events.at(-1) as SessionEvent, session, fresh)
}

/** The key of a call: the event's id made from it, and the digest of the input. */
export type CallKey = Readonly<{ eventId: string; digest: string; skip: boolean; field: string }>

/**
 * How a call wants its session. `begins`: there is none yet. `look`: its lanes are read in any case. `key`: a call with
 * the same key is answered and not recorded again. `exclusive`: no other session of its kind may be active.
 */
type Wish = Readonly<{ begins?: boolean; look?: boolean; key?: CallKey; exclusive?: true }>

/** The answer to a call whose key was recorded before. Throws `INVALID_INPUT` for other input under the same key. */
const repeat = async (
  parts: RecorderContext,
  sessionId: string,
  key: CallKey,
): Promise<Recorded | undefined> => {
  const known = await parts.store.findKey(sessionId, key.eventId)
  if (known === undefined) return undefined
  if (!key.skip && known.digest !== key.digest)
    throw invalidInput({
      field: key.field,
      problem: `this key was used for other input, at ${known.event.time}`,
      todo: 'Use a new key, or the same input.',
    })
  const { held } = await findSession(parts, sessionId, true)
  if (held === undefined) return undefined
  return Object.assign(receiptOf(upcast(known.event), copyLater(held), []), { repeated: true as const })
}

/**
 * Records the command of `make` for the session as it is, in the order of calls, also when `make` waits; `undefined` from
 * it records nothing. When another process was faster, the session is read again and `make` asked again. An objection of
 * the machine counts only for a session just read.
 */
export const record = (
  parts: RecorderContext,
  sessionId: string,
  make: (session: Session | undefined) => Command | undefined | Promise<Command>,
  wish: Wish = {},
): Promise<Recorded | NotRecorded | undefined> =>
  parts.queue.run(sessionId, async () => {
    for (let tries = 1; ; tries++) {
      const repeated = wish.key && (await repeat(parts, sessionId, wish.key))
      if (repeated !== undefined) return repeated
      const { held, fresh } =
        wish.begins === true
          ? { held: emptySession(), fresh: true }
          : await findSession(parts, sessionId, wish.look === true || tries > 1)
      const session = held && viewSession(held)
      let made: readonly SessionEvent[]
      try {
        const command = await make(session)
        if (command === undefined) return undefined
        made = handle(command, session)
      } catch (thrown) {
        if (!fresh) continue
        // The machine knows no store.
        const unknown = isTrackerError(thrown) && thrown.code === 'NO_SUCH_SESSION'
        throw unknown ? noSession(sessionId, parts.store.where) : thrown
      }
      const events = pass(parts, made)
      if (events.length === 0 || held === undefined) return { recorded: false }
      try {
        return await write(parts, sessionId, held, events, wish)
      } catch (thrown) {
        if (!isConflict(thrown) || tries >= TRIES) throw thrown
      }
    }
  })
