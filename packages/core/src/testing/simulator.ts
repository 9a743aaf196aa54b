import type { AnyAdapter } from '../adapter/contract.ts'
import { httpOutcome } from '../adapter/http-outcome.ts'
import { leaseMsOf } from '../delivery/attempt.ts'
import { type Claim, type Incoming, POLICY, type Policy } from '../delivery/model.ts'
import { createRunner } from '../delivery/runner.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import type { Json } from '../session/schema.ts'
import { createLane, RULES, type Rule, type SimulatedLane } from './simulator-lane.ts'
import { createService, createWorld, type SimulatedService, type World } from './simulator-world.ts'

export { RULES, type Rule }

/** What a run found wrong; an empty list is a good run. */
export type Verdict = Readonly<{ seed: number; faults: readonly string[] }>

const START = Date.UTC(2026, 0, 1)
const BASE = 'https://simulated.example'
const http = { kind: 'http' as const }
const thread = { $ref: 'thread' }

const lookup = (key: string, by: 'id' | 'mark') => ({
  by,
  call: {
    ...http,
    method: 'GET' as const,
    endpoint: `${BASE}/items`,
    query: { since: { $attempt: 'firstAt', as: 'milliseconds' } },
  },
  list: '/items',
  where: { pointer: '/key', equals: key },
  next: { cursor: '/next', into: '/query/cursor' },
})

const root = (key: string, by: 'id' | 'mark'): Descriptor => ({
  ...http,
  key,
  action: 'create',
  method: 'POST',
  endpoint: `${BASE}/items`,
  payload: { key },
  captures: { thread: '/item/id' },
  repeat: { ...lookup(key, by), captures: { thread: '/id' } },
})

const entry = (key: string, by: 'id' | 'mark', n: number): Descriptor => ({
  ...http,
  key,
  action: 'entry',
  method: 'POST',
  endpoint: `${BASE}/items`,
  payload: { key, thread },
  captures: { [`entry${n}`]: '/item/id' },
  repeat: { ...lookup(key, by), captures: { [`entry${n}`]: '/id' } },
})

const card = (key: string, text: string): Descriptor => ({
  ...http,
  key,
  action: 'edit',
  method: 'PUT',
  endpoint: `${BASE}/cards/{thread}`,
  payload: { text },
  repeat: 'safe',
  coalesce: { name: 'card' },
})

const incoming = (descriptor: Descriptor, sequence: number): Incoming => ({
  key: descriptor.key,
  action: descriptor.action,
  via: 'execute',
  sequence,
  descriptor,
  holds: descriptor.captures !== undefined,
})

/** The plan of one event: the first makes the card, every second adds an entry, each edits the card. */
const planOf = (event: number, by: 'id' | 'mark'): readonly Incoming[] => {
  const edit = card(`e${event}/card`, `text ${event}`)
  const steps =
    event === 1
      ? [root('e1/root', by)]
      : event % 2 === 0
        ? [entry(`e${event}/entry`, by, event), edit]
        : [edit]
  return steps.map(step => incoming(step, event))
}

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

const judge = ({ lane, service }: Parts, events: number, ids: boolean): readonly string[] => {
  const faults: string[] = []
  const all = lane.all()
  for (const delivery of all) {
    const effects = service.items.filter(item => item.key === delivery.key.replace('/again', '')).length
    const creates = delivery.action !== 'edit'
    if (delivery.state !== 'delivered' && delivery.state !== 'replaced')
      faults.push(`${delivery.key} is ${delivery.state}: ${delivery.reason ?? ''}`)
    if (creates && effects > 1) faults.push(`${delivery.key} was applied ${effects} times`)
    if (creates && effects === 0) faults.push(`${delivery.key} was lost`)
  }
  // A service that refuses a repeated id may have been asked twice only when it applied far too late.
  if (!ids && service.refusedRepeats > 0) faults.push(`${service.refusedRepeats} repeats were refused`)
  for (const item of service.items) {
    const name = item.key === 'e1/root' ? 'thread' : `entry${/^e(\d+)\/entry$/.exec(item.key)?.[1] ?? ''}`
    if (item.key !== 'other' && lane.refs[name] !== item.id)
      faults.push(`${name} was captured as ${String(lane.refs[name])}, not ${item.id}`)
  }
  const first = service.items.find(item => item.key === 'e1/root')?.id
  const text = service.cards.get(first ?? '')
  const last = events === 1 ? undefined : `text ${events}`
  if (text !== last) faults.push(`the card says ${String(text)}, not ${String(last)}`)
  const order = service.items
    .filter(item => item.key.endsWith('/entry'))
    .map(item => Number(/\d+/.exec(item.key)?.[0]))
  if (order.some((n, place) => n < (order[place - 1] ?? 0)))
    faults.push(`the entries stand as ${order.join(', ')}`)
  return faults
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
  const mistaken: string[] = []
  let over = false
  let time = START
  for (let event = 1; event <= events; event++) {
    // Some come at once, some when the last is long delivered.
    time += world.random() < 0.5 ? world.random() * 500 : world.random() * 120_000
    world.at(time, () => {
      lane.commit(planOf(event, ids ? 'id' : 'mark'))
      // The recorder died before it knew, and repeats itself.
      if (world.random() < 0.1) lane.commit(planOf(event, ids ? 'id' : 'mark'))
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
    for (const { key, state, doubtSince } of lane.all()) {
      const applied = service.items.some(item => item.key === key)
      if (state === 'dead' && doubtSince === undefined && applied)
        mistaken.push(`${key} was given up though it was applied`)
    }
    lane.revive()
  })
  await world.run(calm + 2 * 3_600_000)
  over = true
  return { seed, faults: [...mistaken, ...judge(parts, events, ids)] }
}
