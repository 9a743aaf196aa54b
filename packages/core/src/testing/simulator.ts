import type { AnyAdapter } from '../adapter/contract.ts'
import { httpOutcome } from '../adapter/http-outcome.ts'
import { leaseMsOf } from '../delivery/attempt.ts'
import { type Claim, POLICY, type Policy } from '../delivery/model.ts'
import { createRunner } from '../delivery/runner.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import type { Json } from '../session/schema.ts'
import { createLane, RULES, type Rule, type SimulatedLane } from './simulator-lane.ts'
import { judge, mistaken, planOf } from './simulator-plan.ts'
import { createService, createWorld, type SimulatedService, type World } from './simulator-world.ts'

export { RULES, type Rule }

/** What a run found wrong; an empty list is a good run. */
export type Verdict = Readonly<{ seed: number; faults: readonly string[] }>

const START = Date.UTC(2026, 0, 1)
type Parts = Readonly<{
  /** A lease counts from before its claim. */
  early: boolean
  world: World
  lane: SimulatedLane
  service: SimulatedService
  policy: Policy
  patient: boolean
}>

/** Workers that may die or stall before every wait; a dead one is followed by another. */
const startWorkers = ({ world, lane, service, policy, patient, early }: Parts, over: () => boolean): void => {
  const dead = new Set<string>()
  let born = 0
  // Most hosts die now and then, some again and again.
  const crashes = world.random() < 0.8 ? 0.01 : 0.35
  const spawn = (): void => {
    const owner = `worker-${born++}`
    const point = (): Promise<void> =>
      new Promise(resolve => {
        if (dead.has(owner)) return
        const chance = service.faulty ? world.random() : 1
        if (chance < crashes) {
          dead.add(owner)
          world.at(world.now() + world.random() * 20_000, spawn)
          return
        }
        const stall = chance < crashes + 0.03 ? world.random() * 200_000 : world.random() * 30
        world.at(world.now() + stall, () => {
          if (!dead.has(owner)) resolve()
        })
      })
    const sleep = (ms: number): Promise<void> =>
      new Promise(resolve => {
        world.at(world.now() + ms, () => {
          if (!dead.has(owner)) resolve()
        })
      })
    const adapter = {
      name: 'simulated',
      limits: { rates: {} },
      secrets: [],
      outcome: (reply, sent) => httpOutcome(reply, sent),
    } as Pick<AnyAdapter, 'name' | 'limits' | 'secrets' | 'outcome'> as AnyAdapter
    const runner = createRunner({
      adapter,
      transport: { send: async call => service.send(call as unknown as Json) },
      secrets: () => undefined,
      policy: patient ? policy : { ...policy, leaseMarginMs: 1e12 },
      now: world.now,
      monotonic: world.now,
      random: world.random,
      begin: async ({ key, token }) => {
        await point()
        const begun = lane.begin(key, token)
        await point()
        return begun
      },
      pause: () => undefined,
      redact: text => text,
      emit: () => undefined,
    })
    const work = async (): Promise<void> => {
      // A rule that is off may make it turn on the spot: that is a finding, not a reason to hang.
      for (let turn = 0; turn < 2_000 && !over(); turn++) {
        await point()
        const askedAt = world.now()
        const delivery = lane.claim(
          owner,
          each => leaseMsOf(each.descriptor as Descriptor, policy),
          other => !dead.has(other),
        )
        if (delivery === undefined) {
          await sleep(service.faulty ? 500 + world.random() * 5_000 : 10_000 + world.random() * 10_000)
          continue
        }
        await point()
        const settlement = await runner.run(
          { delivery, refs: { ...lane.refs }, pausedMs: 0 } as Claim,
          early ? askedAt : world.now(),
        )
        await point()
        if (settlement !== undefined) lane.settle(settlement, delivery)
      }
    }
    void work()
  }
  spawn()
  spawn()
}

/**
 * Runs recorder, two workers and a service on one seeded clock, with a crash or stall before every wait, and says what
 * went wrong. `off` switches one rule off. Half of the seeds use a service that knows our ids.
 */
export const simulate = async (seed: number, off?: Rule): Promise<Verdict> => {
  const world = createWorld(seed, START)
  const on = (rule: Rule): boolean => rule !== off
  const policy: Policy = { ...POLICY, backoffMaxMs: 20_000 }
  const ids = seed % 2 === 0
  const service = createService(world, ids, policy.timeoutMs)
  const lane = createLane(world, policy, on)
  const parts: Parts = {
    early: on('a lease counts from before its claim'),
    world,
    lane,
    service,
    policy,
    patient: on('no request outlives its lease'),
  }
  const events = 2 + Math.floor(world.random() * 7)
  const wrong: string[] = []
  let over = false
  let time = START
  for (let event = 1; event <= events; event++) {
    // Some come at once, some when the last is long delivered.
    time += world.random() < 0.5 ? world.random() * 500 : world.random() * 120_000
    world.at(time, () => {
      lane.commit(planOf('s', event, ids ? 'id' : 'mark'))
      // The recorder died before it knew, and repeats itself.
      if (world.random() < 0.1) lane.commit(planOf('s', event, ids ? 'id' : 'mark'))
    })
  }
  const calm = time + world.random() * 900_000
  const finished = (): boolean =>
    lane.all().every(each => each.state === 'delivered' || each.state === 'replaced')
  startWorkers(parts, () => over || (!service.faulty && world.now() > calm && finished()))
  world.at(calm, () => {
    service.faulty = false
  })
  world.at(calm + 1_800_000, () => {
    wrong.push(...mistaken(lane.all(), service))
    lane.revive()
  })
  await world.run(calm + 2 * 3_600_000)
  over = true
  // A service that refuses a repeated id is asked twice when it applied far too late; the other never is.
  if (!ids && service.refusedRepeats > 0) wrong.push(`${service.refusedRepeats} repeats were refused`)
  const remains = { name: 's', events, deliveries: lane.all(), refs: lane.refs }
  return { seed, faults: [...wrong, ...judge(remains, service)] }
}
