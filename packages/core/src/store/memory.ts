import type { State } from '../delivery/model.ts'
import { alreadyClosed } from '../session/errors.ts'
import type { Store } from './contract.ts'
import { counts, list, load, prune, sessions } from './memory/ask.ts'
import { claim, draw, take } from './memory/claim.ts'
import { commit } from './memory/commit.ts'
import { createMemory, type Memory } from './memory/data.ts'
import { erase, events, findKey, messages } from './memory/message.ts'
import { beginPause, endPause, pauses, takeCheck } from './memory/pauses.ts'
import { begin, capture, settle } from './memory/settle.ts'
import { nextTurn } from './turns.ts'

/** Several stores on one memory, each as if it were a process of its own: for tests and simulations. */
export interface SharedMemory {
  /** Another store on the same data, as another process would open one. */
  readonly open: () => Store
  /** Ends a store as `kill -9` would: it holds nothing any more, and never said goodbye. */
  readonly vanish: (store: Store) => void
  /** Nothing is heard of a store any more, and nothing proves that it ended: as over a network that is cut. `false`: it is heard of again. */
  readonly silence: (store: Store, isSilent?: boolean) => void
}

/** Makes a memory for several stores. `now` is its clock, epoch ms; default the system's. */
export const createSharedMemory = (options: Readonly<{ now?: () => number }> = {}): SharedMemory => {
  const memory = createMemory()
  const owners = new Map<Store, string>()
  return {
    open: () => {
      const owner = `process-${memory.owners.size + 1}`
      const store = storeOf(memory, owner, options.now)
      owners.set(store, owner)
      return store
    },
    vanish: store => void memory.owners.set(owners.get(store) ?? '', 'vanished'),
    silence: (store, isSilent = true) =>
      void memory.owners.set(owners.get(store) ?? '', isSilent ? 'silent' : 'open'),
  }
}

/** Keeps everything in the memory of this process: for tests, and for hosts that need nothing to last. */
export const memoryStore = (options: Readonly<{ now?: () => number }> = {}): Store =>
  createSharedMemory(options).open()

const memories = new WeakMap<Store, Memory>()

/**
 * Counts requests of a memory store that are on their way and would be lost with it: none in another store, or while
 * another open store shares its memory.
 */
export const countUndelivered = (store: Store): number => {
  const memory = memories.get(store)
  if (memory === undefined || [...memory.owners.values()].filter(each => each === 'open').length !== 1)
    return 0
  return [...memory.deliveries.values()].filter(({ state }) => ON_ITS_WAY.has(state)).length
}

const ON_ITS_WAY: ReadonlySet<State> = new Set(['waiting', 'claimed', 'begun'])
const optional = <K extends string, V>(name: K, value: V | undefined): { readonly [N in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { readonly [N in K]: V })

const storeOf = (memory: Memory, owner: string, givenClock: (() => number) | undefined): Store => {
  const clock = givenClock ?? Date.now
  // As in a file, times are whole.
  const now = (): number => Math.floor(clock())
  memory.owners.set(owner, 'open')
  let tokens = 0
  const token = (): string => `${owner}/${++tokens}`
  const isOpen = (): boolean => ['open', 'silent'].includes(memory.owners.get(owner) ?? '')
  const verb =
    <A extends readonly unknown[], R>(act: (...given: A) => R) =>
    async (...given: A): Promise<Awaited<R>> => {
      // Where the clock is the caller's, as in a simulation, only what that clock does takes time.
      const turn = givenClock === undefined ? nextTurn() : undefined
      if (turn !== undefined) await turn
      if (isOpen()) return await act(...given)
      throw alreadyClosed('memory')
    }
  const store: Store = {
    load: verb(sessionId => load(memory, sessionId)),
    events: verb((sessionId, after = 0) => events(memory, sessionId, after)),
    identity: verb(() => memory.identity),
    findKey: verb((sessionId, eventId) => findKey(memory, sessionId, eventId)),
    messages: verb(filter => messages(memory, filter)),
    search: verb(async filter => (await import('./memory/search.ts')).search(memory, filter)),
    erase: verb((sessionId, erasure) => erase(memory, sessionId, erasure)),
    sessions: verb(filter => sessions(memory, filter)),
    orphans: verb(before =>
      [...memory.sessions.values()].flatMap(({ summary: { id, status, lastEventAt }, writer }) => {
        const was = memory.owners.get(writer) ?? 'vanished'
        if (status !== 'active' || Date.parse(lastEventAt) >= before) return []
        return [{ id, writer: was === 'closed' || was === 'vanished' ? was : ('living' as const) }]
      }),
    ),
    commit: verb(given => commit(memory, owner, now(), given)),
    claim: verb(request => {
      const settled = request.settlements?.map(each => settle(memory, each, now()))
      return { ...claim(memory, owner, token, now(), request), ...optional('settled', settled) }
    }),
    take: verb((adapter, limit) => take(memory, adapter, limit, now())),
    begin: verb(starts => starts.map(each => begin(memory, each.key, each.token, now()))),
    capture: verb((key, captures) => capture(memory, key, captures)),
    settle: verb(settlements => settlements.map(each => settle(memory, each, now()))),
    list: verb(filter => list(memory, filter)),
    listCaptures: verb(lane =>
      [...memory.lanes.values()]
        .filter(kept => kept.lane.lane === lane)
        .flatMap(({ lane: { adapter }, captures }) =>
          [...captures].map(([name, { value, key }]) => ({ adapter, lane, name, value, key })),
        )
        .sort((a, b) => (`${a.adapter}\n${a.name}` < `${b.adapter}\n${b.name}` ? -1 : 1)),
    ),
    move: verb(async (keys, how) => (await import('./memory/move.ts')).move(memory, keys, how, now())),
    draw: verb(draws => draw(memory, draws, now())),
    pauses: verb(() => pauses(memory)),
    pause: verb(pause => beginPause(memory, pause)),
    unpause: verb((adapter, limit, worker) =>
      endPause(memory, { adapter, ...optional('limit', limit), ...optional('owner', worker) }, now()),
    ),
    takeCheck: verb((pause, checkAt) => takeCheck(memory, pause, checkAt)),
    counts: verb(targets => counts(memory, targets)),
    prune: verb((before, keepBefore, messagesBefore) => prune(memory, before, keepBefore, messagesBefore)),
    now,
    where: 'memory',
    close: async () => {
      if (isOpen()) memory.owners.set(owner, 'closed')
    },
  }
  memories.set(store, memory)
  return store
}
