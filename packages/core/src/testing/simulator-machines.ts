import type { AnyAdapter } from '../adapter/contract.ts'
import { httpOutcome } from '../adapter/http-outcome.ts'
import { type Incoming, POLICY, type Policy } from '../delivery/model.ts'
import { countCalls, roomOf, type Windows } from '../delivery/transitions.ts'
import type { Timers } from '../delivery/waits.ts'
import { createWorker } from '../delivery/worker.ts'
import type { Call } from '../descriptor/descriptor.ts'
import type { Reply } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import type { Store } from '../store/contract.ts'
import { createSharedMemory } from '../store/memory.ts'
import type { Verdict } from './simulator.ts'
import { type Link, linkTo, type MachineRule, STALL_MOST_MS } from './simulator-network.ts'
import { judge, planOf } from './simulator-plan.ts'
import { createService, createWorld, isOwn, type SimulatedService, type World } from './simulator-world.ts'

const START = Date.UTC(2026, 0, 1)
const SESSIONS = 12

/** One counts every request, also the reads that look for one; the other counts what writes, and allows little of it at a time. */
const SERVICES = [
  { name: 'all', by: 'id', rate: { count: 120, perMs: 20_000 }, concurrency: 3, reads: true },
  { name: 'writes', by: 'mark', rate: { count: 3, perMs: 1_000 }, concurrency: 4, reads: false },
] as const

type Asked = (typeof SERVICES)[number]

/** The query of an adapter's check. */
const CHECK = 0

const adapterOf = ({ name, rate, concurrency }: Asked): AnyAdapter => ({
  name,
  config: {},
  mode: 'execute',
  hooks: {},
  actions: {},
  secrets: [],
  limits: { concurrency, rates: { calls: rate } },
  check: {
    call: {
      kind: 'http',
      method: 'GET',
      endpoint: 'https://simulated.example/items',
      query: { since: CHECK },
    },
    list: '/items',
  },
  isOwn,
  outcome: (reply, sent) => httpOutcome(reply, sent),
})

/** Lets a request draw on the limit of its service, and the reads that look for it too where those count. */
const limitCalls =
  (reads: boolean) =>
  (each: Incoming): Incoming => {
    const { repeat, ...call } = each.descriptor as NonNullable<Incoming['descriptor']>
    const looks =
      reads && typeof repeat === 'object' ? { ...repeat, call: { ...repeat.call, limit: 'calls' } } : repeat
    const descriptor = { ...call, repeat: looks, limit: 'calls' } as NonNullable<Incoming['descriptor']>
    return { ...each, descriptor }
  }

/** A service behind a network: what it gets is counted where and when it arrives. */
const behindNetwork = (
  world: World,
  service: SimulatedService,
  { name, rate, concurrency, reads }: Asked,
) => {
  const arrivals: number[] = []
  let under = 0
  let most = 0
  const wait = (ms: number) => new Promise<void>(resolve => world.at(world.now() + ms, resolve))
  /** Between a machine and the service most requests are quick, and some are under way for seconds. */
  const lag = (): number => world.random() * (world.random() < 0.1 ? 4_000 : 50)
  const send = (call: Call, { timeoutMs }: Readonly<{ timeoutMs: number }>): Promise<Reply> =>
    new Promise(resolve => {
      let gone = false
      let there = false
      const leave = (reply: Reply): void => {
        if (gone) return
        gone = true
        if (there) under--
        resolve(reply)
      }
      const late: Reply = { kind: 'failure', sent: 'perhaps', code: 'timeout', reason: 'timed out' }
      world.at(world.now() + timeoutMs, () => leave(late))
      void wait(lag()).then(async () => {
        if (gone) return
        const { method, query } = call as unknown as Readonly<{ method: string; query?: { since?: unknown } }>
        if (reads ? query?.since !== CHECK : method !== 'GET') arrivals.push(world.now())
        // A machine that fell silent may still read while others, which took its lanes over, send.
        there = method !== 'GET'
        if (there) most = Math.max(most, ++under)
        leave(await service.send(call as unknown as Json))
      })
    })
  return {
    send,
    /** Lists what exceeded a limit where the service counts. */
    findExcess: (): readonly string[] => {
      const early = arrivals.filter(
        (at, n) => at - (arrivals[n - rate.count] ?? Number.NEGATIVE_INFINITY) < rate.perMs,
      )
      return [
        ...(early.length > 0 ? [`${early.length} requests came to ${name} before its limit had room`] : []),
        ...(most > concurrency ? [`${most} requests were under way to ${name} at once`] : []),
      ]
    },
  }
}

/** Counts the calls of a limit when they are claimed, as if they were sent and answered in the same moment. */
const countClaims = (world: World) => {
  const windows = new Map<string, Windows>()
  return (store: Store): Store => ({
    ...store,
    claim: async request => {
      const rooms = request.adapters.map(each => {
        const rate = each.rates.calls ?? { count: 1, perMs: 1 }
        return { each, rate, found: roomOf(windows.get(each.name) ?? [], rate, world.now()) }
      })
      const adapters = rooms.map(({ each, found }) => ({
        ...each,
        rates: {},
        room: Math.min(each.room, found.room),
      }))
      const claimed = await store.claim({ ...request, adapters })
      for (const { each, found } of rooms) {
        const given = claimed.claims.filter(({ delivery }) => delivery.adapter === each.name).length
        windows.set(each.name, countCalls(found.windows, given))
      }
      return claimed
    },
  })
}

type Parts = Readonly<{
  world: World
  policy: Policy
  transports: Readonly<Record<string, ReturnType<typeof behindNetwork>>>
  link: Link
  wake: Set<() => void>
  delivered: Set<string>
}>

/** A machine with one worker, whose clock is hours apart; it may stand still at every word with the store, and some die. */
const startMachine = ({ world, policy, transports, link, wake, delivered }: Parts): void => {
  const after = (ms: number, call: () => void): (() => void) => {
    let on = true
    world.at(world.now() + ms, () => {
      if (on && link.isAlive()) call()
    })
    return () => {
      on = false
    }
  }
  const timers: Timers = { after, keepAlive: after, soon: call => void after(0, call) }
  const booted = world.random() * 1e9
  const worker = createWorker({
    ...{ store: link.store, adapters: SERVICES.map(adapterOf), transports, policy, timers, pollMs: 5_000 },
    ...{ now: link.store.now, monotonic: () => world.now() + booted, random: world.random },
    secrets: () => undefined,
    emit: (name, payload) => {
      if (name === 'delivered') delivered.add((payload as Readonly<{ key: string }>).key)
    },
    redact: text => text,
  })
  worker.start()
  wake.add(worker.wake)
}

/**
 * Runs the real worker on fifty machines over one store that is reached through a network, as the store in PostgreSQL is:
 * answers come late, connections break before a transaction or after it, machines fall silent and go on working after their
 * leases, and every clock is hours apart from the others. Says what went wrong; `off` switches one rule off. `machines` makes them
 * fewer.
 */
export const simulateMachines = async (seed: number, off?: MachineRule, machines = 50): Promise<Verdict> => {
  const world = createWorld(seed, START)
  const policy: Policy = { ...POLICY, backoffMaxMs: 20_000 }
  let aheadMs = 0
  const memory = createSharedMemory({ now: () => world.now() + aheadMs })
  const services = SERVICES.map(({ by }) => createService(world, by === 'id', policy.timeoutMs))
  const networks = SERVICES.map((each, n) => behindNetwork(world, services[n] as SimulatedService, each))
  const transports = Object.fromEntries(
    SERVICES.map(({ name }, n) => [name, networks[n] as (typeof networks)[number]]),
  )
  let calm = false
  const isMortal = world.random() < 0.5
  // In half of the runs no call is marked as begun with its claim.
  const marks = world.random() < 0.5
  let dead = 0
  const counting = countClaims(world)
  const connect = (worker: boolean): Link =>
    linkTo({
      ...{ world, memory, off, marks, calm: () => calm },
      at: ms => {
        aheadMs = ms
      },
      dies: worker && isMortal,
      onDeath: () => void dead++,
      // A switched-off window counts for all machines, as the store's own does.
      wrap: off === 'a call counts until a window after its end' ? counting : store => store,
    })
  const wrong: string[] = []
  const wake = new Set<() => void>()
  const delivered = new Set<string>()
  const recorder = connect(false)
  const events = Array.from({ length: SESSIONS }, () => 2 + Math.floor(world.random() * 4))
  const record = async (session: number, event: number): Promise<void> => {
    const lanes = (suffix: string) =>
      SERVICES.map(({ name, by, reads }) => ({
        ...{ adapter: name, lane: `s${session}` },
        ...(event === 1 ? { open: { refs: {} } } : {}),
        deliveries: JSON.parse(
          JSON.stringify(planOf(`s${session}@${name}`, event, by, 0).map(limitCalls(reads))).replaceAll(
            `/${event}/`,
            `/${event}/${suffix}`,
          ),
        ) as readonly Incoming[],
      }))
    try {
      await recorder.store.commit({ events: [], lanes: lanes('') })
    } catch {
      // A program that hears of a failure says it again.
      await recorder.store.commit({ events: [], lanes: lanes('new/') })
    }
    for (const each of wake) if (world.random() < 0.1) each()
  }
  let last = START
  for (const [session, count] of events.entries()) {
    // A program records the events of a session one after the other.
    let before = Promise.resolve()
    let time = START + world.random() * 20_000
    for (let event = 1; event <= count; event++) {
      const at = time
      world.at(at, () => {
        before = before
          .then(() => record(session, event))
          .catch(thrown => {
            wrong.push(String(thrown))
          })
      })
      last = Math.max(last, at)
      time += 5_000 + world.random() * 30_000
    }
  }
  for (let n = 0; n < machines; n++)
    startMachine({ world, policy, transports, link: connect(true), wake, delivered })
  const calmAt = last + world.random() * 120_000
  world.at(calmAt, () => {
    calm = true
    for (const service of services) service.faulty = false
  })
  const people = memory.open()
  /** Runs until nothing is on its way, or too long. */
  const finish = async (): Promise<void> => {
    const until = world.now() + 1_200_000
    do await world.run(world.now() + 30_000)
    while (
      world.now() < until &&
      (await people.list({ state: ['waiting', 'claimed', 'begun'], limit: 1 })).length > 0
    )
  }
  await world.run(calmAt)
  await finish()
  const died = new Set<string>()
  for (const { key } of await people.list({ state: 'dead', limit: 10_000 })) died.add(key)
  await people.move([...died], { kind: 'retry' })
  await finish()
  // A machine may still stand still before it says what it wrote.
  await world.run(world.now() + STALL_MOST_MS)
  for (const [session, count] of events.entries()) {
    const captured = await people.listCaptures(`s${session}`)
    for (const [n, { name }] of SERVICES.entries()) {
      const service = services[n] as SimulatedService
      const deliveries = await people.list({ adapter: name, lane: `s${session}` })
      const refs = Object.fromEntries(
        captured.flatMap(each => (each.adapter === name ? [[each.name, each.value]] : [])),
      )
      wrong.push(...judge({ name: `s${session}@${name}`, events: count, deliveries, refs, died }, service))
      for (let event = 1; event <= count; event++) {
        const items = service.items.filter(item => item.key.startsWith(`s${session}@${name}/${event}/`))
        if (items.length > 1)
          wrong.push(`event ${event} of s${session} came to ${name} ${items.length} times`)
      }
      for (const { key, state } of deliveries)
        if (state === 'delivered' && dead === 0 && !delivered.has(key))
          wrong.push(`no worker emitted that ${key} was delivered`)
    }
  }
  for (const network of networks) wrong.push(...network.findExcess())
  return { seed, faults: wrong }
}
