import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applySettlement, head, rememberSent } from '../src/delivery/lanes.ts'
import type { Delivery, Lane, Settlement } from '../src/delivery/model.ts'
import { acknowledge, drop, type Moving, release, retry } from '../src/delivery/move.ts'
import { place } from '../src/delivery/place.ts'
import { isOpen, markClaimed } from '../src/delivery/transitions.ts'
import { needs } from '../src/descriptor/refs.ts'
import { card, child, create, delivery, descriptor, incoming, lane, NOW } from './made-lanes.ts'

const MOVING = ['waiting', 'claimed', 'begun'] as const
const RESTING = ['planned', 'dead'] as const

const moves = ({ state }: Delivery): boolean => (MOVING as readonly string[]).includes(state)

describe('the head of any lane', () => {
  const one = fc.record({
    gap: fc.integer({ min: 1, max: 5 }),
    state: fc.constantFrom(...MOVING, ...RESTING),
    holds: fc.boolean(),
    dueAt: fc.integer({ min: NOW - 9, max: NOW + 9 }),
  })
  const lanes = fc.array(one, { maxLength: 12 }).map(all => {
    let position = -1
    return all.map(({ gap, ...more }, n) => {
      position += gap
      return delivery(descriptor(`${n}`), position, more)
    })
  })

  it('is the first open one by position; what rests is passed over, unless it holds', () => {
    fc.assert(
      fc.property(lanes, all => {
        const passed = all.findIndex(each => moves(each) || each.holds)
        const stop = all[passed]
        expect(head(lane(all))?.delivery).toBe(stop !== undefined && moves(stop) ? stop : undefined)
      }),
    )
  })

  it('does not change with what stands behind it, nor without what it passed over', () => {
    fc.assert(
      fc.property(lanes, lanes, (all, more) => {
        const found = head(lane(all))
        fc.pre(found !== undefined)
        const at = all.indexOf(found?.delivery as Delivery)
        const shifted = more.map(each => ({ ...each, position: each.position + 1_000 }))
        expect(head(lane([...all.slice(0, at + 1), ...shifted]))).toEqual(found)
        expect(head(lane(all.slice(at)))).toEqual(found)
      }),
    )
  })

  it('is none while the card is gone', () => {
    fc.assert(
      fc.property(lanes, all => {
        expect(head(lane(all, { gone: 'deleted' }))).toBeUndefined()
      }),
    )
  })
})

type Step = Readonly<
  | { do: 'place'; kind: keyof typeof KINDS; via: 'execute' | 'preview' | 'handoff' }
  | { do: 'claim' }
  | { do: 'settle'; state: 'delivered' | 'dead' | 'waiting'; which: number }
  | { do: 'move'; how: keyof typeof MOVES; which: number }
>

const KINDS = {
  create: (key: string) => create(key),
  child: (key: string) => child(key),
  call: (key: string) => descriptor(key),
  card: (key: string) => card(key),
  linked: (key: string) => descriptor(key, { ...card(key), payload: { of: { $ref: 'thread' } } } as never),
}

/** A lane at work, with what is known beside it. */
type World = Readonly<{
  lane: Lane
  /** What of its names was captured. */
  captured: ReadonlySet<string>
  /** Keys as they were planned, claimed, delivered. */
  planned: readonly string[]
  delivered: readonly string[]
  /** Something went back to its old place while another was on its way. */
  stirred: boolean
}>

const MOVES = {
  release: (world: World, each: Delivery) =>
    release(world.lane, each, name => world.captured.has(name), new Set(), NOW),
  retry: ({ lane: within }: World, each: Delivery) => retry(within, each, true, NOW),
  drop: (_: World, each: Delivery) => drop(each, NOW),
  acknowledge: (_: World, each: Delivery) => acknowledge(each, { thread: 'T' }, NOW),
} satisfies Readonly<Record<string, (world: World, each: Delivery) => Moving>>

const flying = ({ deliveries }: Lane) => deliveries.filter(({ state }) => state === 'claimed')

/** Writes one delivery as a store does: what is final leaves the lane. */
const write = (world: World, written: Delivery): World => {
  const deliveries = world.lane.deliveries
    .map(each => (each.key === written.key ? written : each))
    .filter(isOpen)
  if (written.state !== 'delivered') return { ...world, lane: { ...world.lane, deliveries } }
  return {
    ...world,
    lane: { ...world.lane, deliveries, sent: rememberSent(world.lane.sent, written, NOW) },
    captured: new Set([...world.captured, ...Object.keys(written.descriptor?.captures ?? {})]),
    delivered: [...world.delivered, written.key],
  }
}

/** The head of the lane, if it waits, goes to a worker. */
const claim = (world: World): World => {
  const found = head(world.lane)?.delivery
  if (found?.state !== 'waiting') return world
  // Whatever stands before it rests, and is needed by nobody.
  const before = world.lane.deliveries.filter(each => each.position < found.position)
  expect(before.filter(each => moves(each) || each.holds)).toEqual([])
  // Nothing planned before it has still to capture what it needs.
  const needed = found.descriptor === undefined ? [] : needs(found.descriptor)
  const awaited = world.lane.deliveries.flatMap(({ rank, descriptor: other }) =>
    rank < found.rank ? Object.keys(other?.captures ?? {}) : [],
  )
  expect(needed.filter(name => awaited.includes(name))).toEqual([])
  return write(world, markClaimed(found, { token: 't', leaseUntil: NOW + 9, owner: 'o' }, 0, NOW))
}

const step = (world: World, given: Step, n: number): World => {
  if (given.do === 'claim') return claim(world)
  if (given.do === 'place') {
    const key = `k${n}`
    const placing = place(world.lane, [incoming(KINDS[given.kind](key), given.via)], NOW)
    return { ...world, lane: placing.lane, planned: [...world.planned, key] }
  }
  const candidates = given.do === 'settle' ? flying(world.lane) : world.lane.deliveries
  const chosen = candidates[given.which % Math.max(1, candidates.length)]
  if (chosen === undefined) return world
  if (given.do === 'settle') {
    const { attempts, dueAt, misses, key } = chosen
    const state = given.state
    const ended = {
      key,
      token: 't',
      state,
      attempts,
      dueAt,
      misses,
      doubtSince: null,
      reason: null,
      rejected: null,
    }
    return write(world, applySettlement(chosen, ended as Settlement, NOW))
  }
  const { written } = MOVES[given.how](world, chosen)
  if (written === undefined) return world
  const stirred = world.stirred || (written.state === 'waiting' && flying(world.lane).length > 0)
  return { ...write(world, written), stirred }
}

const placing: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('place' as const),
  kind: fc.constantFrom(...(Object.keys(KINDS) as (keyof typeof KINDS)[])),
  via: fc.constantFrom('execute' as const, 'execute' as const, 'preview' as const),
})
const working: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>({ do: 'claim' }),
  fc.record({
    do: fc.constant('settle' as const),
    state: fc.constantFrom('delivered' as const, 'delivered' as const, 'dead' as const, 'waiting' as const),
    which: fc.nat(20),
  }),
)
const moving: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('move' as const),
  how: fc.constantFrom(...(Object.keys(MOVES) as (keyof typeof MOVES)[])),
  which: fc.nat(20),
})

const EMPTY: World = { lane: lane([]), captured: new Set(), planned: [], delivered: [], stirred: false }

/** Goes through the steps and looks at the world before and after each. */
const through = (steps: readonly Step[], look: (before: World, after: World) => void): World =>
  steps.reduce((world, given, n) => {
    const after = step(world, given, n)
    look(world, after)
    return after
  }, EMPTY)

describe('any sequence of placing, settling and moving', () => {
  const steps = fc.array(fc.oneof(placing, working, working, moving), { maxLength: 60 })

  it('keeps places apart, and those that stay in their order', () => {
    fc.assert(
      fc.property(steps, given => {
        through(given, (before, after) => {
          const positions = after.lane.deliveries.map(({ position }) => position)
          expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b))
          const kept = (world: World, other: World) =>
            world.lane.deliveries
              .map(({ key }) => key)
              .filter(key => other.lane.deliveries.some(each => each.key === key))
          expect(kept(after, before)).toEqual(kept(before, after))
        })
      }),
    )
  })

  it('never has two on their way, unless somebody sent one back to its place meanwhile', () => {
    fc.assert(
      fc.property(steps, given => {
        through(given, (_, { lane: after, stirred }) => {
          if (!stirred) expect(flying(after).length).toBeLessThanOrEqual(1)
        })
      }),
    )
  })

  it('delivers in the order of planning what nobody moved and nothing replaces', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(placing, working, working), { maxLength: 60 }), given => {
        const { planned, delivered } = through(given, () => undefined)
        const plain = new Set(
          given.flatMap((each, n) =>
            each.do === 'place' && each.kind !== 'card' && each.kind !== 'linked' ? [`k${n}`] : [],
          ),
        )
        const done = delivered.filter(key => plain.has(key))
        expect(done).toEqual(planned.filter(key => done.includes(key)))
      }),
    )
  })
})
