import assert from 'node:assert/strict'
import type { Claim, Delivery, Incoming } from '../delivery/model.ts'
import { INIT_LANE } from '../session/events.ts'
import type { Store } from '../store/contract.ts'
import type { FakeClock } from './fakes.ts'
import { type StoreBench, TOOL } from './store-suite-ground.ts'

/** Two processes on one place, once as the memory store has them and once as the store under test has them. */
export type Side = {
  readonly bench: StoreBench
  readonly stores: Store[]
  readonly tokens: Map<string, string>
}
/** State of a random run. */
export type World = Readonly<{
  sides: readonly [Side, Side]
  clock: FakeClock
  random: () => number
  planned: Incoming[]
  /** Claims of the run, each with the process that made it. */
  held: { claim: Claim; which: number }[]
  /** When calls of each limit were let through lately. */
  calls: Map<string, readonly number[]>
  /** Reads of the run whose end was not reported. */
  reads: Readonly<{ id: string; limit: keyof typeof RATES; until: number; isLate: boolean }>[]
}>

export const LANES = ['s-1', 's-2', 's-3', INIT_LANE] as const
/** Whose accounts lanes are for. */
export const TARGETS = ['mine', 'theirs'] as const
export const ADAPTERS = [TOOL, 'graph'] as const

export const below = ({ random }: World, n: number): number => Math.floor(random() * n)
export const oneOf = <T>(world: World, of: readonly T[]): T => of[below(world, of.length)] as T
export const chance = ({ random }: World, of: number): boolean => random() < of

/** Tokens and owners are each store's own. */
const plain = ({ token, owner, ...rest }: Delivery): unknown => ({
  ...rest,
  held: [token === undefined || token === '', owner === undefined],
})
export const plainClaims = (claims: readonly Claim[]): unknown =>
  claims.map(({ delivery, ...rest }) => ({ delivery: plain(delivery), ...rest }))

/** Does the same on both sides and compares what comes of it. */
export const both = async <T>(
  world: World,
  step: string,
  which: number,
  act: (store: Store, side: Side) => Promise<T>,
  shown: (value: T) => unknown = value => value,
): Promise<T> => {
  const [model, subject] = world.sides
  const expected = await act(model.stores[which] as Store, model)
  const actual = await act(subject.stores[which] as Store, subject)
  assert.deepEqual(shown(actual), shown(expected), step)
  return expected
}

/** Compares all there is to see. */
export const compare = async (world: World): Promise<void> => {
  await both(
    world,
    'list',
    0,
    store => store.list({ limit: 100_000 }),
    all => all.map(plain),
  )
  await both(world, 'counts', 0, store => store.counts({ [TOOL]: 'mine' }))
  await both(world, 'pauses', 0, async store =>
    [...(await store.pauses())].sort((a, b) => ((a.limit ?? '') < (b.limit ?? '') ? -1 : 1)),
  )
  for (const lane of LANES) {
    await both(world, `load ${lane}`, 0, store => store.load(lane))
    await both(world, `captured ${lane}`, 0, store => store.listCaptures(lane))
  }
  for (const filter of [{ state: 'dead' }, { inDoubt: true }] as const)
    await both(
      world,
      'list',
      0,
      store => store.list({ ...filter, limit: 5 }),
      all => all.map(plain),
    )
}

/** Rates that every worker of a run declares. */
export const RATES = { post: { count: 2, perMs: 9_000 }, read: { count: 3, perMs: 2_000 } }

/** Counts a call of a limit: at most so many in any stretch of its length, by any worker. */
export const countCall = (world: World, limit: keyof typeof RATES): void => {
  const now = world.clock.now()
  const { count, perMs } = RATES[limit]
  const times = [...(world.calls.get(limit) ?? []), now].filter(time => time > now - perMs)
  world.calls.set(limit, times)
  assert.ok(times.length <= count, `${times.length} calls of ${limit} in ${perMs} ms`)
}

/** Rates and concurrency hold over both stores. */
export const inBounds = async (
  world: World,
  claims: readonly Claim[],
  concurrency: number,
): Promise<void> => {
  for (const { delivery } of claims)
    if (delivery.adapter === TOOL && Object.hasOwn(RATES, delivery.descriptor.limit ?? ''))
      countCall(world, delivery.descriptor.limit as keyof typeof RATES)
  for (const adapter of new Set(claims.map(({ delivery }) => delivery.adapter))) {
    const [, { stores }] = world.sides
    const under = await (stores[0] as Store).list({ adapter, state: ['claimed', 'begun'], limit: 100_000 })
    const leased = under.filter(({ leaseUntil }) => leaseUntil !== undefined)
    assert.ok(leased.length <= concurrency, `${leased.length} at once, ${concurrency} may`)
  }
}

/** The meaning of order, read off the store: nothing is given before what stands in front of it. */
export const inOrder = async ({ sides: [, { stores }] }: World, claims: readonly Claim[]): Promise<void> => {
  for (const { delivery } of claims) {
    const lane = await (stores[0] as Store).list({
      adapter: delivery.adapter,
      lane: delivery.lane,
      limit: 100_000,
    })
    const before = lane.filter(each => each.position < delivery.position)
    for (const { key, state, holds } of before) {
      const passed = state === 'delivered' || state === 'replaced' || state === 'dropped'
      const standing = (state === 'planned' || state === 'dead') && !holds
      assert.ok(passed || standing, `${delivery.key} was given before ${key}, which is ${state}`)
    }
  }
}
