import { noSession, TrackerError } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import { upcast } from '../session/upcast.ts'
import type { RecorderContext } from './context.ts'
import { idOf } from './ids.ts'
import { addEvent, copySession, emptySession, type LiveSession, revisionOf } from './live-session.ts'
import { hasRefsFor, type Moment } from './planning.ts'

/** The lanes of a session in memory are read again after this long, since another process may have opened one. */
const LANES_MS = 30_000

/** A past session, event by event. */
export function* replay(events: readonly SessionEvent[]): Generator<Moment> {
  const held = emptySession()
  for (const event of events) {
    addEvent(held, event)
    yield { event, session: copySession(held) }
  }
}

/** Events of a session above `after`, as this release understands them. */
export const eventsOf = async (
  { store }: RecorderContext,
  sessionId: string,
  after = 0,
): Promise<readonly SessionEvent[]> => (await store.events(sessionId, after)).map(upcast)

/** Brings a session in memory to what is stored; false where it is stored no more. */
const refresh = async (parts: RecorderContext, sessionId: string, held: LiveSession): Promise<boolean> => {
  const readAt = parts.now()
  const stored = await parts.store.load(sessionId)
  if (stored === undefined) return false
  if (revisionOf(held) !== stored.summary.revision)
    for (const event of await eventsOf(parts, sessionId, revisionOf(held))) addEvent(held, event)
  // Events are read after the session: there may be more of them, never fewer.
  if (revisionOf(held) < stored.summary.revision)
    throw new TrackerError(
      'STORE_CORRUPT',
      `The session "${sessionId}" counts ${stored.summary.revision} events, and ${parts.store.where} has ${revisionOf(held)}.`,
      { field: 'sessionId' },
    )
  held.through = new Map(stored.lanes.map(({ adapter, through }) => [adapter, through]))
  held.gone = new Map(
    stored.lanes.flatMap(({ adapter, gone }) => (gone === undefined ? [] : [[adapter, gone] as const])),
  )
  held.relinked = new Set(
    stored.lanes.flatMap(({ adapter, refs = {} }) =>
      hasRefsFor(stored.summary, adapter) && Object.keys(refs).length === 0 ? [adapter] : [],
    ),
  )
  held.readAt = readAt
  return true
}

/** A session in memory, and whether it was compared with the store just now. */
export type Found = Readonly<{ held: LiveSession | undefined; fresh: boolean }>

/** The session from memory, or read; `look` reads its lanes in any case. Only within its turn of the queue. */
export const findSession = async (
  parts: RecorderContext,
  sessionId: string,
  look = false,
): Promise<Found> => {
  idOf(sessionId)
  const { cache, now } = parts
  const cached = cache.get(sessionId)
  if (cached !== undefined && !look && now() - cached.readAt < LANES_MS) return { held: cached, fresh: false }
  const held = cached ?? emptySession()
  cache.delete(sessionId)
  if (!(await refresh(parts, sessionId, held))) return { held: undefined, fresh: true }
  cache.set(sessionId, held)
  return { held, fresh: true }
}

/** The session from memory, or read. Throws `NO_SUCH_SESSION`. */
export const loadSession = async (
  parts: RecorderContext,
  sessionId: string,
  look = false,
): Promise<LiveSession> => {
  const { held } = await findSession(parts, sessionId, look)
  if (held !== undefined) return held
  throw noSession(sessionId, parts.store.where)
}
