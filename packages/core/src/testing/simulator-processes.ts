import type { AnyAdapter } from '../adapter/contract.ts'
import { httpOutcome } from '../adapter/http-outcome.ts'
import { POLICY, type Policy } from '../delivery/model.ts'
import type { Timers } from '../delivery/waits.ts'
import { createWorker, type Worker } from '../delivery/worker.ts'
import type { Json } from '../session/schema.ts'
import type { Store } from '../store/contract.ts'
import { createSharedMemory } from '../store/memory.ts'
import type { Verdict } from './simulator.ts'
import { judge, mistaken, planOf } from './simulator-plan.ts'
import { createService, createWorld, isOwn, type SimulatedService, type World } from './simulator-world.ts'

const START = Date.UTC(2026, 0, 1)

/** The services of a run: one knows our ids and allows few requests, one knows nothing, one is edited in peace. */
const SERVICES = [
  { name: 'ids', by: 'id', rate: { count: 6, perMs: 10_000 }, everyMs: 0 },
  { name: 'marks', by: 'mark', rate: { count: 1_000, perMs: 1 }, everyMs: 0 },
  { name: 'paced', by: 'mark', rate: { count: 1_000, perMs: 1 }, everyMs: 5_000 },
] as const

const adapterOf = (name: string, rate: Readonly<{ count: number; perMs: number }>): AnyAdapter => ({
  name,
  config: {},
  mode: 'execute',
  hooks: {},
  actions: {},
  secrets: [],
  limits: { concurrency: 2, rates: { all: rate } },
  check: {
    call: { kind: 'http', method: 'GET', endpoint: 'https://simulated.example/items', query: { since: 0 } },
    list: '/items',
  },
  isOwn,
  outcome: (reply, sent) => httpOutcome(reply, sent),
})

/** A process: it may die or stand still before and after every word with its store. */
type Process = Readonly<{ worker: Worker; isAlive: () => boolean }>

type ProcessesOptions = Readonly<{
  world: World
  policy: Policy
  services: ReadonlyMap<string, SimulatedService>
  adapters: readonly AnyAdapter[]
  calm: () => boolean
}>

const spawn = (parts: ProcessesOptions, store: Store, vanish: () => void, next: () => void): Process => {
  const { world, services } = parts
  let alive = true
  const point = (): Promise<void> =>
    new Promise(resolve => {
      if (!alive) return
      const chance = parts.calm() ? 1 : world.random()
      if (chance < 0.002) {
        alive = false
        vanish()
        world.at(world.now() + world.random() * 20_000, next)
        return
      }
      const stall = chance < 0.006 ? world.random() * 200_000 : world.random() * 5
      world.at(world.now() + stall, () => {
        if (alive) resolve()
      })
    })
  const guarded = new Proxy(store, {
    get: (target, verb: keyof Store) => {
      const found = target[verb]
      if (typeof found !== 'function' || verb === 'now') return found
      return async (...given: readonly unknown[]) => {
        await point()
        const answer = await (found as (...given: readonly unknown[]) => Promise<unknown>).apply(target, [
          ...given,
        ])
        await point()
        return answer
      }
    },
  })
  const after = (ms: number, call: () => void): (() => void) => {
    let on = true
    world.at(world.now() + ms, () => {
      if (on && alive) call()
    })
    return () => {
      on = false
    }
  }
  const timers: Timers = { after, keepAlive: after, soon: call => void after(0, call) }
  const transports = Object.fromEntries(
    [...services].map(([name, service]) => [
      name,
      { send: async (call: unknown) => service.send(call as Json) },
    ]),
  )
  const { adapters, policy } = parts
  const worker = createWorker({
    store: guarded,
    adapters,
    transports,
    secrets: () => undefined,
    policy,
    timers,
    pollMs: 3_000,
    now: world.now,
    monotonic: world.now,
    random: world.random,
    emit: () => undefined,
    redact: text => text,
  })
  worker.start()
  return { worker, isAlive: () => alive }
}

/**
 * Runs the real worker on the memory store, in two processes that die and stand still, over several lanes and three
 * services with limits, pauses and pacing, on one seeded clock; says what went wrong.
 */
export const simulateProcesses = async (seed: number): Promise<Verdict> => {
  const world = createWorld(seed, START)
  const policy: Policy = { ...POLICY, backoffMaxMs: 20_000 }
  const memory = createSharedMemory({ now: world.now })
  const services = new Map(
    SERVICES.map(({ name, by }) => [name, createService(world, by === 'id', policy.timeoutMs)]),
  )
  const adapters = SERVICES.map(({ name, rate }) => adapterOf(name, rate))
  const events = [0, 1, 2].map(() => 2 + Math.floor(world.random() * 6))
  const recorder = memory.open()
  const processes: Process[] = []
  let calm = false
  const start = (): void => {
    const store = memory.open()
    const parts: ProcessesOptions = { world, policy, services, adapters, calm: () => calm }
    processes.push(spawn(parts, store, () => memory.vanish(store), start))
  }
  const wrong: string[] = []
  const record = async (session: number, event: number): Promise<void> => {
    const lanes = SERVICES.map(({ name, by, everyMs }) => ({
      adapter: name,
      lane: `s${session}`,
      ...(event === 1 ? { open: { refs: {} } } : {}),
      deliveries: planOf(`s${session}@${name}`, event, by, everyMs).map(each => ({
        ...each,
        descriptor: { ...each.descriptor, limit: 'all' } as NonNullable<typeof each.descriptor>,
      })),
    }))
    await recorder.commit({ events: [], lanes })
    for (const { worker, isAlive } of processes) if (isAlive() && world.random() < 0.5) worker.wake()
  }
  let last = START
  for (const [session, count] of events.entries()) {
    let time = START + world.random() * 60_000
    for (let event = 1; event <= count; event++) {
      time += world.random() < 0.5 ? world.random() * 500 : world.random() * 90_000
      world.at(time, () => void record(session, event).catch(thrown => wrong.push(String(thrown))))
    }
    last = Math.max(last, time)
  }
  start()
  start()
  const calmAt = last + world.random() * 600_000
  world.at(calmAt, () => {
    calm = true
    for (const service of services.values()) service.faulty = false
  })
  await world.run(calmAt + 1_800_000)
  const dead = await recorder.list({ state: 'dead' })
  for (const service of services.values()) wrong.push(...mistaken(dead, service))
  const died = new Set(dead.map(({ key }) => key))
  const mended = dead.filter(each => each.reason?.startsWith('needs') !== true).map(each => each.key)
  for (const { asked, refused } of await recorder.move(mended, { kind: 'retry' }))
    if (refused !== undefined) wrong.push(`${asked} was not retried: ${refused}`)
  await world.run(calmAt + 2 * 3_600_000)
  for (const [session, count] of events.entries()) {
    const captured = await recorder.listCaptures(`s${session}`)
    for (const { name } of SERVICES) {
      const deliveries = await recorder.list({ adapter: name, lane: `s${session}` })
      const refs = Object.fromEntries(
        captured.filter(each => each.adapter === name).map(each => [each.name, each.value]),
      )
      const service = services.get(name) as SimulatedService
      const remains = { name: `s${session}@${name}`, events: count, deliveries, refs, died }
      wrong.push(...judge(remains, service))
    }
  }
  return { seed, faults: wrong }
}
