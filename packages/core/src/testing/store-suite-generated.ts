import type { Claim, Incoming, Move, Settlement } from '../delivery/model.ts'
import type { Claimed, LanePlan, Store } from '../store/contract.ts'
import { createSharedMemory } from '../store/memory.ts'
import { createRandom, fakeClock } from './fakes.ts'
import {
  asking,
  call,
  card,
  create,
  incoming,
  request,
  type StoreBench,
  type StoreFactory,
  summary,
  TOOL,
} from './store-suite-ground.ts'
import {
  ADAPTERS,
  below,
  both,
  chance,
  compare,
  countCall,
  inBounds,
  inOrder,
  LANES,
  oneOf,
  plainClaims,
  RATES,
  type Side,
  TARGETS,
  type World,
} from './store-suite-sides.ts'
import { capture, denial, pause } from './store-suite-steps.ts'

const remember = (side: Side, claims: readonly Claim[]): readonly Claim[] => {
  for (const { delivery } of claims) side.tokens.set(delivery.key, delivery.token)
  return claims
}

const PACED = { coalesce: { name: 'card', everyMs: 5_000 } }
const KINDS: readonly ((key: string) => Incoming)[] = [
  key => incoming(create(key)),
  key => incoming(create(key, 'other')),
  key => incoming(card(key)),
  key => incoming(card(key, PACED)),
  key => incoming(card(key, { payload: { of: { $ref: 'other' } }, ...PACED })),
  key => incoming(card(key, { payload: {}, limit: 'post' })),
  key => incoming(card(key, { payload: {}, coalesce: { name: 'state', keep: true } })),
  key => incoming(card(key, { payload: {}, coalesce: { name: 'state', place: 'after' } })),
  key => incoming(card(key, { payload: {}, coalesce: { name: 'move', place: 'after' } })),
  key => incoming(create(key, 'entry'), { holds: false }),
  key => incoming(call(key, { payload: { in: { $ref: 'entry' } } })),
  key => incoming(call(key, { payload: { in: { $ref: 'thread' } } })),
  key => incoming(call(key, { repeat: 'safe', limit: 'read' })),
  key => incoming(call(key, { onDoubt: 'repeat' })),
]

const next = (world: World): Incoming => {
  if (world.planned.length > 0 && chance(world, 0.05)) return oneOf(world, world.planned)
  const key = `k${world.planned.length}`
  const made: Incoming = chance(world, 0.04)
    ? {
        key,
        action: 'post',
        via: 'execute',
        sequence: 1,
        reason: 'the hook threw',
        holds: chance(world, 0.5),
      }
    : {
        ...oneOf(world, KINDS)(key),
        via: chance(world, 0.75) ? 'execute' : oneOf(world, ['preview', 'handoff']),
      }
  world.planned.push(made)
  return made
}

const plan = async (world: World): Promise<void> => {
  const lane = oneOf(world, LANES)
  const deliveries = Array.from({ length: 1 + below(world, 3) }, () => next(world))
  const dropping =
    deliveries.length > 0 && chance(world, 0.04) ? world.planned.slice(-9).map(({ key }) => key) : undefined
  const made: LanePlan = {
    adapter: chance(world, 0.8) ? TOOL : 'graph',
    lane,
    open: {
      refs: chance(world, 0.3) ? { other: 'linked' } : {},
      target: lane === 's-1' ? '' : oneOf(world, TARGETS),
    },
    deliveries: [...new Set(deliveries)],
    ...(dropping === undefined
      ? {}
      : {
          recreate: {
            dropping,
            ...(chance(world, 0.5) ? { target: oneOf(world, TARGETS) } : {}),
            ...(chance(world, 0.3) ? { refs: { other: 'linked instead' } } : {}),
          },
        }),
  }
  await both(world, 'commit', below(world, 2), store => store.commit({ events: [], lanes: [made] }))
}

const claim = async (world: World): Promise<void> => {
  const which = chance(world, 0.7) ? 0 : 1
  const room = chance(world, 0.5) ? 100 : below(world, 3)
  const concurrency = chance(world, 0.5) ? 100 : 1 + below(world, 4)
  const target = oneOf(world, TARGETS)
  const mine = world.held.filter(each => each.which === which)
  const asked = request({
    adapters: (chance(world, 0.7) ? ADAPTERS : [TOOL]).map(name =>
      asking(name, { room, concurrency, target, rates: RATES }),
    ),
    lease: { baseMs: 20_000, readMs: 10_000 },
    afterMs: 10_000,
    unreportedMax: 2,
    // A worker that lost the answer to a claim knows nothing of what it was given.
    holding: mine.flatMap(({ claim: { delivery } }) => (chance(world, 0.95) ? [delivery.key] : [])),
    ...(chance(world, 0.3) ? { hurry: true } : {}),
  })
  const plain = ({ claims, ...rest }: Claimed): unknown => ({ ...rest, claims: plainClaims(claims) })
  const { claims } = await both(
    world,
    'claim',
    which,
    async (store, side) => {
      const claimed = await store.claim(asked)
      remember(side, claimed.claims)
      return claimed
    },
    plain,
  )
  await inOrder(world, claims)
  await inBounds(world, claims, concurrency)
  world.held.push(...claims.map(each => ({ claim: each, which })))
}

/** Takes a place for a read, or tells that it ended: the service gets it at either time. */
const draw = async (world: World): Promise<void> => {
  const now = world.clock.now()
  const ended = chance(world, 0.4) ? world.reads.shift() : undefined
  const limit = ended?.limit ?? oneOf(world, ['post', 'read'] as const)
  const of = { adapter: TOOL, limit, rate: RATES[limit] }
  const id = `read-${now}-${below(world, 1_000)}`
  const [lastsMs, isOpen] = [below(world, 30_000), chance(world, 0.7)]
  const isLate = isOpen && chance(world, 0.5)
  const read = ended !== undefined ? { ended: ended.id } : isOpen ? { read: { id, lastsMs } } : {}
  const [waitMs] = await both(world, 'draw', below(world, 2), store => store.draw([{ ...of, ...read }]))
  const isDrawn = ended === undefined && waitMs === 0
  if (isDrawn ? !isLate : ended?.isLate === true && now <= ended.until) countCall(world, limit)
  if (isDrawn && isOpen) world.reads.push({ id, limit, until: now + lastsMs, isLate })
}

const settlement = (world: World, { delivery }: Claim): Omit<Settlement, 'token'> => {
  const now = world.clock.now()
  const state = oneOf(world, ['delivered', 'delivered', 'waiting', 'waiting', 'dead'] as const)
  return {
    key: delivery.key,
    state,
    attempts: Math.max(0, delivery.attempts - below(world, 2)),
    dueAt: now + below(world, 8_000),
    doubtSince: state !== 'delivered' && chance(world, 0.4) ? now + below(world, 5_000) : null,
    reason: state === 'delivered' ? null : 'as it went',
    misses: below(world, 3),
    rejected: state === 'waiting' && chance(world, 0.2) ? 'said no' : null,
    ...(chance(world, 0.3) ? { exposed: true as const } : {}),
    ...(state === 'delivered' ? { captures: { thread: `of ${delivery.key}`, other: now } } : {}),
    ...(state === 'dead' && chance(world, 0.2) ? { gone: 'card deleted' } : {}),
    ...(state === 'dead' && chance(world, 0.5) ? { waitsFor: oneOf(world, world.planned).key } : {}),
  }
}

const settle = async (world: World): Promise<void> => {
  if (world.held.length === 0) return
  const some = Array.from({ length: 1 + below(world, 2) }, () => oneOf(world, world.held).claim)
  const written = some.map(each => settlement(world, each))
  const token = (side: Side, key: string) => side.tokens.get(key) as string
  if (chance(world, 0.5))
    await both(world, 'begin', 0, (store, side) =>
      store.begin(written.map(({ key }) => ({ key, token: token(side, key) }))),
    )
  else
    await both(world, 'settle', 0, (store, side) =>
      store.settle(written.map(each => ({ ...each, token: token(side, each.key) }))),
    )
}

const MOVES: readonly Move[] = [
  { kind: 'release' },
  { kind: 'retry' },
  { kind: 'retry', resend: true },
  { kind: 'drop' },
  { kind: 'acknowledge', captures: { thread: 'said', other: 'said' } },
  { kind: 'acknowledge', captures: {} },
]

const move = async (world: World): Promise<void> => {
  if (world.planned.length === 0) return
  const keys = Array.from({ length: 1 + below(world, 4) }, () => oneOf(world, world.planned).key)
  const how = oneOf(world, MOVES)
  await both(world, `${how.kind} ${keys}`, below(world, 2), store => store.move([...new Set(keys)], how))
}

/** The second process ends in one way or the other, and another one begins. */
const reopen = async (world: World): Promise<void> => {
  const vanishes = chance(world, 0.5)
  for (const { bench, stores } of world.sides) {
    if (vanishes) await bench.vanish(stores[1] as Store)
    else await (stores[1] as Store).close()
    stores[1] = await bench.open()
  }
  world.held.splice(0, world.held.length, ...world.held.filter(({ which }) => which === 0))
}

const STEPS: readonly (readonly [weight: number, step: (world: World) => Promise<void>])[] = [
  [30, plan],
  [25, claim],
  [20, settle],
  [3, capture],
  [10, move],
  [3, pause],
  [2, reopen],
  [2, world => both(world, 'take', 0, store => store.take(TOOL, 2), plainClaims).then(() => undefined)],
  [4, draw],
  [1, denial],
  [12, async ({ clock, random }) => clock.advance(Math.floor(random() * (random() < 0.2 ? 45_000 : 3_000)))],
]

const step = async (world: World): Promise<void> => {
  let left = below(
    world,
    STEPS.reduce((sum, [weight]) => sum + weight, 0),
  )
  for (const [weight, act] of STEPS) {
    if (left < weight) return act(world)
    left -= weight
  }
}

const sideOf = async (bench: StoreBench): Promise<Side> => ({
  bench,
  stores: [await bench.open(), await bench.open()],
  tokens: new Map(),
})

/** One random run, each step compared with the memory store. */
export const runGenerated = async (factory: StoreFactory, seed: number, steps: number): Promise<void> => {
  const clock = fakeClock()
  const model = await sideOf(createSharedMemory({ now: clock.now }))
  const subject = await sideOf(await factory(clock.now))
  const world: World = {
    sides: [model, subject],
    clock,
    random: createRandom(seed),
    planned: [],
    held: [],
    calls: new Map(),
    reads: [],
  }
  try {
    for (const id of ['s-1', 's-2', 's-3'])
      await both(world, 'start', 0, store =>
        store.commit({ session: { summary: summary(id, 1), expected: 0 }, events: [], lanes: [] }),
      )
    for (let n = 0; n < steps; n++) {
      await step(world)
      await compare(world)
    }
  } finally {
    for (const { stores, bench } of world.sides) {
      for (const store of stores) await store.close()
      await bench.end?.()
    }
  }
}
