import assert from 'node:assert/strict'
import type { Claim, Delivery, Incoming, Placed, Settlement } from '../delivery/model.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import { isTrackerError } from '../session/errors.ts'
import { EVENT_VERSION, type SessionEvent } from '../session/events.ts'
import type { Json } from '../session/schema.ts'
import type { SessionSummary } from '../session/session.ts'
import type { Claimed, ClaimRequest, Commit, LanePlan, Store } from '../store/contract.ts'
import { type FakeClock, fakeClock } from './fakes.ts'

/** One place where data is kept, for stores under test. */
export interface StoreBench {
  /** Opens another store on the same data, as another process would. */
  open(): Store | Promise<Store>
  /** Ends a store as `kill -9` would: it holds no lock any more, and never said goodbye. */
  vanish(store: Store): void | Promise<void>
  /** Makes a store silent: nothing is heard of it, and nothing proves that it ended. Left out: that cannot be. */
  silence?(store: Store): void | Promise<void>
  /** Removes what was made. */
  end?(): void | Promise<void>
}

/** Makes an empty place; `now` is the clock of its stores, epoch ms. */
export type StoreFactory = (now: () => number) => StoreBench | Promise<StoreBench>

/** The adapter of most cases. */
export const TOOL = 'tool'
/** The lane of most cases. */
export const LANE = 's-1'

type Extra = Readonly<Record<string, unknown>>

/** A call that may not be repeated. */
export const call = (key: string, extra: Extra = {}): Descriptor =>
  ({
    key,
    action: 'post',
    kind: 'http',
    method: 'POST',
    endpoint: 'https://service.test/posts',
    payload: { text: `the text of ${key}` },
    repeat: 'unsafe',
    ...extra,
  }) as unknown as Descriptor

/** A call that captures, and can be looked up. */
export const create = (key: string, name = 'thread', extra: Extra = {}): Descriptor =>
  call(key, {
    action: 'create',
    captures: { [name]: '/id' },
    repeat: {
      by: 'mark',
      call: { kind: 'http', method: 'GET', endpoint: 'https://service.test/posts' },
      list: '/items',
      where: { pointer: '/mark', equals: key },
      captures: { [name]: '/id' },
    },
    ...extra,
  })

/** A call that sets a state: a newer one takes its place. */
export const card = (key: string, extra: Extra = {}): Descriptor =>
  call(key, {
    action: 'edit',
    payload: { id: { $ref: 'thread' }, text: `the card of ${key}` },
    repeat: 'safe',
    coalesce: { name: 'card' },
    ...extra,
  })

/** Deliveries of a commit; one with captures holds its lane. */
export const incoming = (descriptor: Descriptor, over: Partial<Incoming> = {}): Incoming => ({
  key: descriptor.key,
  action: descriptor.action,
  via: 'execute',
  sequence: 1,
  descriptor,
  holds: descriptor.captures !== undefined,
  ...over,
})

/** A session without its lists. */
export const summary = (
  id: string,
  revision: number,
  over: Partial<SessionSummary> = {},
): SessionSummary => ({
  id,
  project: 'billing',
  user: 'fixer',
  title: 'Stop double charging',
  status: 'active',
  startProgress: 0,
  progress: 0,
  startedAt: '2026-01-01T00:00:00.000Z',
  lastEventAt: '2026-01-01T00:00:00.000Z',
  refs: {},
  metadata: {},
  revision,
  ...over,
})

/** An update of a session. */
export const event = (
  sessionId: string,
  sequence: number,
  id = `${sessionId}-e${sequence}`,
): SessionEvent => ({
  id,
  sessionId,
  sequence,
  time: '2026-01-01T00:00:00.000Z',
  at: '2026-01-01T00:00:00.000Z',
  version: EVENT_VERSION,
  type: 'update',
  payload: { description: `update ${sequence}`, tags: [] },
})

/** The next event of a session, with what it plans. */
export const record = (
  sessionId: string,
  revision: number,
  over: Partial<SessionSummary> = {},
  lanes: readonly LanePlan[] = [],
): Commit => ({
  session: { summary: summary(sessionId, revision, over), expected: revision - 1 },
  events: [event(sessionId, revision)],
  lanes,
})

/** A store with a clock, and short words for what cases do with it. */
export interface Ground {
  readonly store: Store
  readonly clock: FakeClock
  /** Another store on the same data. */
  readonly other: () => Promise<Store>
  readonly vanish: (store: Store) => Promise<void>
  /** Absent where the store always knows whether a process lives. */
  readonly silence: ((store: Store) => Promise<void>) | undefined
  /** Plans calls in a lane. */
  readonly plan: (
    planned: readonly (Descriptor | Incoming)[],
    over?: Partial<LanePlan>,
  ) => Promise<readonly Placed[]>
  /** Names what the store was given before and still has a lease for as held, unless the test names others. */
  readonly claim: (over?: Partial<ClaimRequest>, store?: Store) => Promise<Claimed>
  /** The keys a claim gives. */
  readonly keys: (over?: Partial<ClaimRequest>, store?: Store) => Promise<readonly string[]>
  /** The one claim there is. */
  readonly one: (over?: Partial<ClaimRequest>, store?: Store) => Promise<Claim>
  /** Claims what there is and settles it as delivered. */
  readonly deliver: (captures?: Readonly<Record<string, Json>>) => Promise<Claim>
  readonly settle: (claim: Claim, over?: Partial<Settlement>, store?: Store) => Promise<boolean>
  readonly begin: (claim: Claim, store?: Store) => Promise<boolean>
  readonly find: (key: string) => Promise<Delivery>
  /** States by key, of one lane in order. */
  readonly states: (lane?: string) => Promise<readonly string[]>
}

type Asked = ClaimRequest['adapters'][number]

/** The part of a claim request for one adapter with room for all. */
export const asking = (name: string, over: Partial<Asked> = {}): Asked => ({
  name,
  target: '',
  room: 100,
  concurrency: 100,
  rates: {},
  ...over,
})

/** A claim request with room for all. */
export const request = (over: Partial<ClaimRequest> = {}): ClaimRequest => ({
  adapters: [asking(TOOL)],
  lease: { baseMs: 60_000, readMs: 0 },
  afterMs: 60_000,
  unreportedMax: 3,
  ...over,
})

const toIncoming = (each: Descriptor | Incoming): Incoming =>
  'via' in each ? each : incoming(each as Descriptor)

/** Puts a store on its ground, and clears it away after the case. */
export const onGround = async (
  factory: StoreFactory,
  run: (ground: Ground) => Promise<void>,
): Promise<void> => {
  const clock = fakeClock()
  const bench = await factory(clock.now)
  const opened: Store[] = []
  const other = async (): Promise<Store> => {
    const store = await bench.open()
    opened.push(store)
    return store
  }
  const store = await other()
  const given = new Map<Store, Map<string, number>>()
  const claim: Ground['claim'] = async (over, of = store) => {
    const mine = given.get(of) ?? new Map<string, number>()
    given.set(of, mine)
    const holding = [...mine].flatMap(([key, until]) => (until > clock.now() ? [key] : []))
    const claimed = await of.claim(request({ holding, ...over }))
    for (const { delivery } of claimed.claims) mine.set(delivery.key, delivery.leaseUntil)
    return claimed
  }
  const one: Ground['one'] = async (over, of) => {
    const { claims } = await claim(over, of)
    assert.equal(claims.length, 1, `one claim was expected, there are ${claims.length}`)
    return claims[0] as Claim
  }
  const settle: Ground['settle'] = async ({ delivery }, over, of = store) => {
    const settled = await of.settle([
      {
        key: delivery.key,
        token: delivery.token,
        state: 'delivered',
        attempts: delivery.attempts,
        dueAt: clock.now(),
        doubtSince: null,
        reason: null,
        misses: 0,
        rejected: null,
        ...over,
      },
    ])
    if (settled[0] === true) given.get(of)?.delete(delivery.key)
    return settled[0] === true
  }
  const ground: Ground = {
    store,
    clock,
    other,
    vanish: async each => bench.vanish(each),
    silence: bench.silence === undefined ? undefined : async each => bench.silence?.(each),
    plan: (planned, over) =>
      store.commit({
        events: [],
        lanes: [
          { adapter: TOOL, lane: LANE, open: { refs: {} }, deliveries: planned.map(toIncoming), ...over },
        ],
      }),
    claim,
    keys: async (over, of) => (await claim(over, of)).claims.map(each => each.delivery.key),
    one,
    deliver: async captures => {
      const given = await one()
      assert.equal(await settle(given, captures === undefined ? {} : { captures }), true)
      return given
    },
    settle,
    begin: async ({ delivery: { key, token } }, of = store) => (await of.begin([{ key, token }]))[0] === true,
    find: async key => {
      const [found] = await store.list({ keys: [key] })
      assert.ok(found, `${key} is not stored`)
      return found
    },
    states: async (lane = LANE) =>
      (await store.list({ lane, limit: 100_000 })).map(each => `${each.key} ${each.state}`),
  }
  try {
    await run(ground)
  } finally {
    for (const each of opened) await each.close()
    await bench.end?.()
  }
}

/** Waits for a call to fail with a TrackerError of this code; answers its message. */
export const expectRefusal = async (code: string, act: () => Promise<unknown>): Promise<string> => {
  try {
    await act()
  } catch (thrown) {
    assert.ok(isTrackerError(thrown), `a TrackerError was expected, not ${String(thrown)}`)
    assert.equal(thrown.code, code, thrown.message)
    return thrown.message
  }
  throw new Error(`a TrackerError ${code} was expected`)
}

/** The cases of one subject, by name. */
export type Cases = Readonly<Record<string, (ground: Ground) => Promise<void>>>
