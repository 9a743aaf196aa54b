import type { AnyAdapter } from '../adapter/contract.ts'
import type { Link } from '../descriptor/descriptor.ts'
import { noSession, TrackerError } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import { idOf } from '../session/input.ts'
import { advance, append, emptyLists, type Growing } from '../session/machine.ts'
import type { Session, SessionSummary } from '../session/session.ts'
import { upcast } from '../session/upcast.ts'
import type { RecorderContext } from './context.ts'
import { readLinks, showsLinks } from './link.ts'

/** Refs of one adapter, by its own names. */
export type Refs = Readonly<Record<string, string>>

const GROWING = ['updates', 'decisions', 'entities'] as const
type Name = (typeof GROWING)[number]

/**
 * A session in memory. Its lists only grow, so that a session of ten thousand updates is not copied ten thousand times;
 * what others get to see is a copy (`snapshot`), made when they look. Blockers are few and replaced as a whole.
 */
export type LiveSession = {
  summary: SessionSummary | undefined
  readonly lists: Growing
  /** Ids of its events: a call whose key is not among them was not recorded by this revision. */
  readonly ids: Set<string>
  /** Sequence of the newest event that every open lane is planned for: messages move only the lanes that ask for them. */
  moving: number
  /** Last event planned for, by adapter, of each open lane. */
  through: Map<string, number>
  /** Adapters whose card a person deleted, and what the service said. */
  gone: Map<string, string>
  /** Refs that each open lane was opened with. Those of the session count for lanes that are opened later. */
  refs: Map<string, Refs>
  /** When the lanes were last read, epoch ms. */
  readAt: number
  /** Its newest event. */
  last: SessionEvent | undefined
  /** Its cards that are known, by adapter. */
  links: readonly Link[]
  /** Its texts were erased, and with them its links. */
  isForgotten: boolean
  /** Ends of the keys of what made the cards, by adapter: none for a first card. */
  turns: ReadonlyMap<string, string>
  /** The links as they are known, and as they were when they were planned last: nothing is asked where nothing changed. */
  known: string
  linked: string
  /** The newest copies, taken again while nothing was added. */
  copies: Partial<Pick<Session, Name>>
}

/** A session before its first event. */
export const emptySession = (): LiveSession => ({
  summary: undefined,
  lists: emptyLists(),
  ids: new Set(),
  moving: 0,
  through: new Map(),
  gone: new Map(),
  refs: new Map(),
  readAt: Number.NEGATIVE_INFINITY,
  last: undefined,
  links: [],
  isForgotten: false,
  turns: new Map(),
  known: '',
  linked: '',
  copies: {},
})

/** Sequence of the newest event that the lane of an adapter must be planned for. */
export const lastMoving = (live: LiveSession, { hooks }: Pick<AnyAdapter, 'hooks'>): number =>
  hooks.message === undefined ? live.moving : revisionOf(live)

/** Number of events so far. */
export const revisionOf = (live: LiveSession): number => live.summary?.revision ?? 0

/** Adds an event, in place. */
export const addEvent = (live: LiveSession, event: SessionEvent): void => {
  live.summary = advance(live.summary, event)
  append(live.lists, event)
  live.ids.add(event.id)
  live.last = event
  if (event.type === 'start') live.isForgotten = event.erased === true
  if (event.type !== 'message') live.moving = event.sequence
}

/** Remembers how things stand, and gives the function that puts them back so. */
export const checkpoint = (live: LiveSession): (() => void) => {
  const { summary, lists, moving, last } = live
  const blockers = [...lists.blockers]
  const lengths = GROWING.map(name => [name, lists[name].length] as const)
  return () => {
    live.summary = summary
    live.moving = moving
    live.last = last
    lists.blockers = blockers
    for (const [name, length] of lengths) lists[name].length = length
    // A copy may hold what was taken back.
    live.copies = {}
  }
}

/** The session itself, for reading at once: its lists grow with the next event. */
export const viewSession = (live: LiveSession): Session | undefined =>
  live.summary && { ...live.summary, ...live.lists }

const copy = <N extends Name>(live: LiveSession, name: N, length: number): Session[N] => {
  const known = live.copies[name]
  if (known?.length === length) return known as Session[N]
  const made = live.lists[name].slice(0, length) as readonly unknown[] as Session[N]
  if (length === live.lists[name].length) live.copies[name] = made
  return made
}

/** The session as it is now, for keeping; its lists are copied when it is called. */
export const copyLater = (live: LiveSession): (() => Session) => {
  const { summary, lists } = live
  const { length: updates } = lists.updates
  const { length: decisions } = lists.decisions
  const { length: entities } = lists.entities
  // Blockers are few.
  const blockers = [...lists.blockers]
  let made: Session | undefined
  return () => {
    made ??= {
      ...(summary as SessionSummary),
      updates: copy(live, 'updates', updates),
      decisions: copy(live, 'decisions', decisions),
      entities: copy(live, 'entities', entities),
      blockers,
    }
    return made
  }
}

/** The session as it is now, for keeping. */
export const copySession = (live: LiveSession): Session => copyLater(live)()

/** Keeps the sessions used last, and forgets others when there are too many or they grow too large. */
export interface Cache {
  get(id: string): LiveSession | undefined
  set(id: string, live: LiveSession): void
  delete(id: string): void
  clear(): void
}

/** Makes a cache of at most `sessions` with at most `events` together; the newest always stays. */
export const createCache = (sessions: number, events: number): Cache => {
  const all = new Map<string, { live: LiveSession; size: number }>()
  let total = 0
  const remove = (id: string) => {
    const entry = all.get(id)
    if (entry === undefined) return
    all.delete(id)
    total -= entry.size
  }
  return {
    get: id => all.get(id)?.live,
    set: (id, live) => {
      remove(id)
      const size = revisionOf(live)
      all.set(id, { live, size })
      total += size
      for (const oldest of all.keys()) {
        if ((all.size <= sessions && total <= events) || oldest === id) break
        remove(oldest)
      }
    },
    delete: remove,
    clear: () => {
      all.clear()
      total = 0
    },
  }
}

/** The lanes of a session in memory are read again after this long, since another process may have opened one. */
const LANES_MS = 30_000

/** An event with the session as it was then. */
export type Moment = Readonly<{ event: SessionEvent; session: Session }>

/** Refs without those of one adapter. */
export const refsWithout = ({ refs }: Pick<Session, 'refs'>, adapter: string): Session['refs'] => {
  const { [adapter]: _, ...others } = refs
  return others
}

/**
 * The session as an adapter sees it: with the refs that its lane was opened with. After a new card the lane has none, and
 * what was linked later belongs to no card that is there.
 */
export const withRefsOf = (session: Session, adapter: string, refs: Refs | undefined): Session => {
  if (refs === undefined) return session
  const isEmpty = Object.keys(refs).length === 0
  if (isEmpty && session.refs[adapter] === undefined) return session
  const others = refsWithout(session, adapter)
  return { ...session, refs: isEmpty ? others : { ...others, [adapter]: refs } }
}

/** Moments with other refs, also where `start` tells of them. */
export function* withRefs(refs: Session['refs'], moments: Iterable<Moment>): Generator<Moment> {
  for (const { event, session } of moments) {
    const payload = event.type === 'start' ? { ...event.payload, refs } : event.payload
    yield { event: { ...event, payload } as SessionEvent, session: { ...session, refs } }
  }
}

/** A past session, event by event. */
export function* replay(events: readonly SessionEvent[]): Generator<Moment> {
  const live = emptySession()
  for (const event of events) {
    addEvent(live, event)
    yield { event, session: copySession(live) }
  }
}

/** Events of a session above `after`, as this release understands them. */
export const eventsOf = async (
  { store }: RecorderContext,
  sessionId: string,
  after = 0,
): Promise<readonly SessionEvent[]> => (await store.events(sessionId, after)).map(upcast)

/** Brings a session in memory to what is stored; false where it is stored no more. */
const refresh = async (parts: RecorderContext, sessionId: string, live: LiveSession): Promise<boolean> => {
  const readAt = parts.now()
  const stored = await parts.store.load(sessionId)
  if (stored === undefined) return false
  if (revisionOf(live) !== stored.summary.revision)
    for (const event of await eventsOf(parts, sessionId, revisionOf(live))) addEvent(live, event)
  // Events are read after the session: there may be more of them, never fewer.
  if (revisionOf(live) < stored.summary.revision)
    throw new TrackerError(
      'STORE_CORRUPT',
      `The session "${sessionId}" counts ${stored.summary.revision} events, and ${parts.store.where} has ${revisionOf(live)}.`,
      { field: 'sessionId' },
    )
  live.through = new Map(stored.lanes.map(({ adapter, through }) => [adapter, through]))
  live.gone = new Map(
    stored.lanes.flatMap(({ adapter, gone }) => (gone === undefined ? [] : [[adapter, gone] as const])),
  )
  live.refs = new Map(stored.lanes.map(({ adapter, refs = {} }) => [adapter, refs as Refs]))
  if (showsLinks(parts, live)) await readLinks(parts, sessionId, live)
  live.readAt = readAt
  return true
}

/** A session in memory, and whether it was compared with the store just now. */
export type Found = Readonly<{ live: LiveSession | undefined; fresh: boolean }>

/** The session from memory, or read; `look` reads its lanes in any case. Only within its turn of the queue. */
export const findSession = async (
  parts: RecorderContext,
  sessionId: string,
  look = false,
): Promise<Found> => {
  idOf(sessionId)
  const { cache, now } = parts
  const cached = cache.get(sessionId)
  if (cached !== undefined && !look && now() - cached.readAt < LANES_MS) return { live: cached, fresh: false }
  const live = cached ?? emptySession()
  cache.delete(sessionId)
  if (!(await refresh(parts, sessionId, live))) return { live: undefined, fresh: true }
  cache.set(sessionId, live)
  return { live, fresh: true }
}

/** The session from memory, or read. Throws `NO_SUCH_SESSION`. */
export const loadSession = async (
  parts: RecorderContext,
  sessionId: string,
  look = false,
): Promise<LiveSession> => {
  const { live } = await findSession(parts, sessionId, look)
  if (live !== undefined) return live
  throw noSession(sessionId, parts.store.where)
}
