import type { Descriptor } from '../descriptor/descriptor.ts'
import { digest } from '../descriptor/digest.ts'
import { isTrackerError, noSession } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import { type Command, handle } from '../session/machine.ts'
import { invalidInput } from '../session/message.ts'
import { call as CALL, type Called, type Inputs, type Json } from '../session/schema.ts'
import type { Session, SessionSummary } from '../session/session.ts'
import { upcast } from '../session/upcast.ts'
import type { LanePlan, Placed } from '../store/contract.ts'
import type { NotRecorded, Recorded } from './calls.ts'
import type { RecorderContext } from './context.ts'
import { filterEvent, PAYLOAD_KEYS } from './filter.ts'
import {
  checkpoint,
  copyLater,
  emptySession,
  findSession,
  type LiveSession,
  type Refs,
  revisionOf,
  viewSession,
} from './live-session.ts'
import { readMissed, stage } from './planning.ts'

/** Texts of a payload that are ids or one of a few words: never secrets, and others count on them. */
const NOT_TEXT: readonly string[] = [
  ...PAYLOAD_KEYS,
  ...['role', 'parentId', 'previousId', 'turnId', 'replyTo', 'severity', 'links', 'relatedUpdates'],
]

type Change = (text: string) => string

const redactValue = (value: unknown, redact: Change, rename: Change): unknown => {
  if (typeof value === 'string') return redact(value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(each => redactValue(each, redact, rename))
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [rename(name), redactValue(inner, redact, rename)]),
  )
}

/**
 * The event with secrets redacted in every text of its payload but the ids that others count on, and in the names of what a
 * caller names freely.
 */
const redactEvent = (event: SessionEvent, redact: Change): SessionEvent => {
  const entries = Object.entries(event.payload).map(([name, value]) =>
    NOT_TEXT.includes(name)
      ? [name, value]
      : [name, redactValue(value, redact, ['metadata', 'properties'].includes(name) ? redact : String)],
  )
  return { ...event, payload: Object.fromEntries(entries) } as SessionEvent
}

/** Other writers may be faster this often in a row; each time one of them got on. */
const TRIES = 50

/** Whether another writer was faster. */
const isConflict = (thrown: unknown): boolean => isTrackerError(thrown) && thrown.code === 'VERSION_CONFLICT'

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
  live: LiveSession,
  events: readonly SessionEvent[],
  { key, exclusive }: Wish,
): Promise<Recorded> => {
  const { cache, store, emitter } = parts
  const past = await readMissed(parts, sessionId, live)
  const restore = checkpoint(live)
  const expected = revisionOf(live)
  let lanes: readonly LanePlan[]
  let fresh: readonly Descriptor[]
  let placed: readonly Placed[]
  try {
    ;({ lanes, fresh } = stage(parts, live, events, past))
    placed = await store.commit({
      session: {
        summary: live.summary as SessionSummary,
        expected,
        ...(key === undefined ? {} : { key }),
        ...(exclusive === true ? { exclusive } : {}),
      },
      events,
      lanes,
    })
  } catch (thrown) {
    restore()
    // The event may or may not have been written: the session in memory must be compared first.
    live.readAt = Number.NEGATIVE_INFINITY
    throw thrown
  }
  // A session that began here has the lanes that were opened here.
  if (expected === 0) live.readAt = parts.now()
  for (const { adapter, through, open } of lanes) {
    if (through !== undefined) live.through.set(adapter, through.to)
    if (open !== undefined) live.refs.set(adapter, open.refs as Refs)
  }
  cache.set(sessionId, live)
  const session = copyLater(live)
  if (emitter.hasListeners('event'))
    for (const event of events)
      emitter.emit('event', {
        event,
        get session() {
          return session()
        },
      })
  announce(parts, lanes, placed)
  if (live.links.length > 0 && live.linked !== live.known) parts.link(sessionId)
  return receiptOf(events.at(-1) as SessionEvent, session, fresh)
}

/** The key of a call: the event's id made from it, and the digest of the input. */
type CallKey = Readonly<{ eventId: string; digest: string; skip: boolean; field: string }>

/** A key stands for the same input of any author. */
const isCompared = (name: string): boolean => !(name in CALL) && name !== 'author'

/** The caller's own fields of checked input, without the options of the call and without defaults. */
const digestOf = (input: object, raw: unknown): string =>
  digest(
    Object.fromEntries(
      Object.entries(input).filter(
        ([name]) => isCompared(name) && (raw as Readonly<Record<string, unknown>>)[name] !== undefined,
      ),
    ) as Json,
  )

/** The key of a call with checked input; `undefined` for a call without one. */
export const keyOf = (
  where: string,
  eventId: string | undefined,
  input: Inputs[Exclude<Called, 'export'>],
  raw: unknown,
): CallKey | undefined =>
  eventId === undefined
    ? undefined
    : { eventId, digest: digestOf(input, raw), skip: input.onRepeat === 'skip', field: `${where}.key` }

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
  const { live } = await findSession(parts, sessionId, true)
  if (live === undefined) return undefined
  return Object.assign(receiptOf(upcast(known.event), copyLater(live), []), { repeated: true as const })
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
      const { live, fresh } =
        wish.begins === true
          ? { live: emptySession(), fresh: true }
          : await findSession(parts, sessionId, wish.look === true || tries > 1)
      // A session in memory knows its events: where another process recorded the key meanwhile, the commit is refused.
      if (wish.key !== undefined && (wish.begins === true || live?.ids.has(wish.key.eventId) === true)) {
        const repeated = await repeat(parts, sessionId, wish.key)
        if (repeated !== undefined) return repeated
      }
      const session = live && viewSession(live)
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
      if (events.length === 0 && !fresh && wish.key !== undefined) continue
      if (events.length === 0 || live === undefined) return { recorded: false }
      try {
        return await write(parts, sessionId, live, events, wish)
      } catch (thrown) {
        if (!isConflict(thrown) || tries >= TRIES) throw thrown
      }
    }
  })
