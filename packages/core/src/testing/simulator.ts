import type { Rate } from '../adapter/contract.ts'
import { leaseMsOf } from '../delivery/attempt.ts'
import { type Claim, POLICY, type Policy } from '../delivery/model.ts'
import { createRunner, type Runner } from '../delivery/runner.ts'
import { countCalls, roomOf, type Windows } from '../delivery/transitions.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import type { Json } from '../session/schema.ts'
import { mistaken } from './simulator-plan.ts'
import { RULES, type Rule } from './simulator-rules.ts'
import { castOf, SCENES } from './simulator-scenes.ts'
import { adapterOf, createStore, type SimulatedAdapter, type SimulatedStore } from './simulator-store.ts'
import { createWorld, type World } from './simulator-world.ts'

export { RULES, type Rule }

/** Faults of a run; an empty array is a good run. */
export type Verdict = Readonly<{ seed: number; faults: readonly string[] }>

const START = Date.UTC(2026, 0, 1)
type RunOptions = Readonly<{
  /** A lease counts from before its claim. */
  early: boolean
  world: World
  store: SimulatedStore
  adapters: readonly SimulatedAdapter[]
  policy: Policy
  patient: boolean
  /** Limits are counted over all workers. */
  together: boolean
  calm: () => boolean
  on: (rule: Rule) => boolean
}>

/** Rates over all workers, as a store keeps them. */
const createWindows = (adapters: readonly SimulatedAdapter[], now: () => number) => {
  const kept = new Map<string, Windows>()
  const rateOf = ({ rate }: SimulatedAdapter, limit: string | undefined): Rate | undefined =>
    limit === 'writes' ? rate : undefined
  const draw = (name: string, limit: string, rate: Rate): number => {
    const { windows, room, freeAt = now() } = roomOf(kept.get(name + limit) ?? [], rate, now())
    if (room <= 0) return Math.max(1, freeAt - now())
    kept.set(name + limit, countCalls(windows, 1))
    return 0
  }
  return {
    draw,
    take: (adapter: SimulatedAdapter, limit: string | undefined): void => {
      const rate = rateOf(adapter, limit)
      if (rate !== undefined) draw(adapter.name, limit ?? '', rate)
    },
    roomOf: (name: string, limit: string | undefined): number => {
      const adapter = adapters.find(each => each.name === name)
      const rate = adapter === undefined ? undefined : rateOf(adapter, limit)
      return rate === undefined
        ? Number.POSITIVE_INFINITY
        : roomOf(kept.get(name + limit) ?? [], rate, now()).room
    },
  }
}

/**
 * Workers that may die or stall before every wait; a dead one is followed by another. Gives when one that had something to
 * send went on after a stall.
 */
const startWorkers = (parts: RunOptions, over: () => boolean): readonly number[] => {
  const { world, store, adapters, policy, patient, early, calm } = parts
  const dead = new Set<string>()
  const shared = createWindows(adapters, world.now)
  let born = 0
  const stalls: number[] = []
  // Most hosts die now and then, some again and again.
  const crashes = world.random() < 0.8 ? 0.01 : 0.35
  const spawn = (): void => {
    const owner = `worker-${born++}`
    const windows = parts.together ? shared : createWindows(adapters, world.now)
    let busy = false
    const point = (): Promise<void> =>
      new Promise(resolve => {
        if (dead.has(owner)) return
        const chance = calm() ? 1 : world.random()
        if (chance < crashes) {
          dead.add(owner)
          world.at(world.now() + world.random() * 20_000, spawn)
          return
        }
        const isStall = chance < crashes + 0.03
        const until = world.now() + world.random() * (isStall ? 200_000 : 30)
        if (isStall && busy) stalls.push(until)
        world.at(until, () => {
          if (!dead.has(owner)) resolve()
        })
      })
    const sleep = (ms: number): Promise<void> =>
      new Promise(resolve => {
        world.at(world.now() + ms, () => {
          if (!dead.has(owner)) resolve()
        })
      })
    const begin = async ({ key, token }: Readonly<{ key: string; token: string }>): Promise<boolean> => {
      await point()
      const begun = store.places.some(({ lane }) => lane.begin(key, token))
      await point()
      return begun
    }
    const runners = new Map<string, Runner>(
      adapters.map(each => [
        each.name,
        createRunner({
          adapter: adapterOf(each, parts.on),
          transport: { send: async call => each.service.send(call as unknown as Json) },
          secrets: () => undefined,
          policy: patient ? policy : { ...policy, leaseMarginMs: 1e12 },
          now: world.now,
          monotonic: world.now,
          random: world.random,
          draw: async ({ limit, rate }) => windows.draw(each.name, limit, rate),
          waitForRoom: ms => new Promise(resolve => world.at(world.now() + ms, () => resolve(true))),
          begin,
          pause: () => undefined,
          redact: text => text,
          emit: () => undefined,
        }),
      ]),
    )
    const runnerOf = (name: string): Runner => runners.get(name) as Runner
    const work = async (): Promise<void> => {
      // A rule that is off may make it turn on the spot: that is a finding, not a reason to hang.
      for (let turn = 0; turn < 2_000 && !over(); turn++) {
        await point()
        const askedAt = world.now()
        const given = store.claim(
          owner,
          each => leaseMsOf(each.descriptor as Descriptor, policy),
          other => !dead.has(other),
          windows.roomOf,
        )
        if (given === undefined) {
          await sleep(calm() ? 10_000 + world.random() * 10_000 : 500 + world.random() * 5_000)
          continue
        }
        busy = true
        const { place, delivery } = given
        const runner = runnerOf(place.adapter.name)
        windows.take(place.adapter, delivery.descriptor?.limit)
        await point()
        const settlement = await runner.run(
          {
            delivery,
            refs: { ...place.lane.refs },
            owed: place.lane.findOwed(delivery),
            pausedMs: 0,
          } as Claim,
          early ? askedAt : world.now(),
        )
        await point()
        if (settlement !== undefined) place.lane.settle(settlement, delivery)
        busy = false
      }
    }
    void work()
  }
  spawn()
  spawn()
  return stalls
}

/**
 * Runs recorder, two workers and one or two services on one seeded clock, with a crash or stall before every wait, and
 * says what went wrong. `off` switches one rule off. Half of the seeds use a service that knows our ids; a quarter each has
 * one adapter alone, a second one, previews that a person releases, and calls that a person sends by hand.
 */
export const simulate = async (seed: number, off?: Rule): Promise<Verdict> => {
  const world = createWorld(seed, START)
  const on = (rule: Rule): boolean => rule !== off
  const policy: Policy = { ...POLICY, backoffMaxMs: 20_000 }
  const scene = SCENES[Math.floor(seed / 2) % SCENES.length] as (typeof SCENES)[number]
  const cast = castOf(world, policy, scene, seed % 2 === 0)
  const { adapters } = cast
  const services = adapters.map(({ service }) => service)
  const store = createStore(world, policy, on, adapters)
  const wrong: string[] = []
  let over = false
  let calmed = false
  const calm = cast.play(store, START, () => over) + world.random() * 900_000
  const isFinished = (): boolean =>
    calmed &&
    world.now() > calm &&
    store.places.every(({ adapter, lane }) => adapter.service.closed || lane.isDone())
  const stalls = startWorkers(
    {
      early: on('a lease counts from before its claim'),
      world,
      store,
      adapters,
      policy,
      patient: on('no request outlives its lease'),
      together: on('one window counts for all workers'),
      calm: () => calmed,
      on,
    },
    () => over || isFinished(),
  )
  world.at(calm, () => {
    calmed = true
    for (const service of services) service.faulty = false
  })
  world.at(calm + 1_800_000, () => {
    for (const { lane, adapter } of store.places) {
      wrong.push(...mistaken(lane.all(), adapter.service))
      const { refusedEdits } = adapter.service
      if (refusedEdits > 0) wrong.push(`${refusedEdits} edits came after the end`)
      if (lane.isStuck()) wrong.push('a lane stands still although its card was made')
      lane.retry()
    }
  })
  await world.run(calm + 2 * 3_600_000)
  over = true
  return { seed, faults: [...wrong, ...cast.judge(store, stalls)] }
}
