import type { SessionEvent } from '../session/events.ts'
import { advance, itemOf, LIST_OF, resolved } from '../session/machine.ts'
import type { Session, SessionSummary } from '../session/schema.ts'

const GROWING = ['updates', 'decisions', 'entities'] as const
type Growing = (typeof GROWING)[number]
type Mutable<L extends readonly unknown[]> = L[number][]

/**
 * A session in memory. Its lists only grow, so that a session of ten thousand updates is not copied ten thousand times;
 * what others get to see is a copy (`snapshot`), made when they look. Blockers are few and replaced as a whole.
 */
export type Held = {
  summary: SessionSummary | undefined
  readonly updates: Mutable<Session['updates']>
  readonly decisions: Mutable<Session['decisions']>
  readonly entities: Mutable<Session['entities']>
  blockers: Session['blockers']
  /** Last event planned for, by adapter, of each open lane. */
  through: Map<string, number>
  /** Adapters whose card a person deleted, and what the service said. */
  gone: Map<string, string>
  /** Adapters that made a new card: what `start` handed over to them no longer holds. */
  anew: Set<string>
  /** When the lanes were last read, epoch ms. */
  readAt: number
  /** The newest copies, taken again while nothing was added. */
  copies: Partial<Pick<Session, Growing>>
}

/** A session before its first event. */
export const nothing = (): Held => ({
  summary: undefined,
  updates: [],
  decisions: [],
  entities: [],
  blockers: [],
  through: new Map(),
  gone: new Map(),
  anew: new Set(),
  readAt: Number.NEGATIVE_INFINITY,
  copies: {},
})

/** Number of events so far. */
export const revisionOf = (held: Held): number => held.summary?.revision ?? 0

/** Adds an event, in place. */
export const apply = (held: Held, event: SessionEvent): void => {
  held.summary = advance(held.summary, event)
  if (event.type === 'resolve') {
    held.blockers = resolved(held.blockers, event as SessionEvent<'resolve'>)
    return
  }
  const name = LIST_OF[event.type as keyof typeof LIST_OF]
  if (name === undefined) return
  if (name === 'blockers') held.blockers = [...held.blockers, itemOf(event) as Session['blockers'][number]]
  else (held[name] as unknown[]).push(itemOf(event))
}

/** Remembers how things stand, and gives the function that puts them back so. */
export const checkpoint = (held: Held): (() => void) => {
  const { summary, blockers } = held
  const lengths = GROWING.map(name => [name, held[name].length] as const)
  return () => {
    held.summary = summary
    held.blockers = blockers
    for (const [name, length] of lengths) held[name].length = length
    // A copy may hold what was taken back.
    held.copies = {}
  }
}

/** The session itself, for reading at once: its lists grow with the next event. */
export const live = (held: Held): Session | undefined =>
  held.summary && {
    ...held.summary,
    updates: held.updates,
    decisions: held.decisions,
    entities: held.entities,
    blockers: held.blockers,
  }

const copy = <N extends Growing>(held: Held, name: N, length: number): Session[N] => {
  const known = held.copies[name]
  if (known?.length === length) return known as Session[N]
  const made = held[name].slice(0, length) as readonly unknown[] as Session[N]
  if (length === held[name].length) held.copies[name] = made
  return made
}

/** The session as it is now, for keeping; its lists are copied when it is called. */
export const later = (held: Held): (() => Session) => {
  const { summary, blockers } = held
  const { length: updates } = held.updates
  const { length: decisions } = held.decisions
  const { length: entities } = held.entities
  let made: Session | undefined
  return () => {
    made ??= {
      ...(summary as SessionSummary),
      updates: copy(held, 'updates', updates),
      decisions: copy(held, 'decisions', decisions),
      entities: copy(held, 'entities', entities),
      blockers,
    }
    return made
  }
}

/** The session as it is now, for keeping. */
export const snapshot = (held: Held): Session => later(held)()

/** Keeps the sessions used last, and forgets others when there are too many or they grow too large. */
export interface Cache {
  get(id: string): Held | undefined
  set(id: string, held: Held): void
  delete(id: string): void
  clear(): void
}

/** Makes a cache of at most `sessions` with at most `events` together; the newest always stays. */
export const createCache = (sessions: number, events: number): Cache => {
  const all = new Map<string, { held: Held; size: number }>()
  let total = 0
  const remove = (id: string) => {
    const entry = all.get(id)
    if (entry === undefined) return
    all.delete(id)
    total -= entry.size
  }
  return {
    get: id => all.get(id)?.held,
    set: (id, held) => {
      remove(id)
      const size = revisionOf(held)
      all.set(id, { held, size })
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
