import { expect, it } from 'vitest'
import { RUNS_ALL } from '../../../../test/sample.ts'
import type { Store } from '../../src/store/contract.ts'
import { createSharedMemory } from '../../src/store/memory.ts'
import { createRandom } from '../../src/testing/fakes.ts'
import { createTracker, type Tracker } from '../../src/tracker.ts'
import type { Transport } from '../../src/transport/contract.ts'
import { service, transport, type World, world } from './links-stage.ts'

const KINDS = { left: 'card', right: 'apart', third: 'card', fourth: 'apart', bare: 'none' } as const
type Name = keyof typeof KINDS
const NAMES = Object.keys(KINDS) as readonly Name[]

/** A store whose process ends at the `nth` call that writes. */
const dyingAt = (store: Store, nth: number, die: () => void): Store => {
  let left = nth
  const counting =
    <A extends readonly unknown[], R>(verb: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      left--
      // Before the call or after it: written, and never heard of.
      if (left === 0 && nth % 2 === 0) die()
      const answer = await verb(...given)
      if (left === 0) die()
      return answer
    }
  return {
    ...store,
    commit: counting(store.commit),
    capture: counting(store.capture),
    settle: counting(store.settle),
    move: counting(store.move),
    erase: counting(store.erase),
    claim: counting(store.claim),
  }
}

/** A service that breaks the connection, before or after it applied a call, or refuses it for a while. */
const unsteady = (inner: Transport, dice: () => number): Transport => ({
  ...inner,
  send: async (call, sending) => {
    const roll = dice()
    if (roll < 0.1) return { kind: 'failure', sent: 'no', code: 'reset', reason: 'broken' }
    if (roll < 0.15) return { kind: 'answer', status: 503, headers: {}, body: {} }
    const reply = await inner.send(call, sending)
    return roll < 0.25 ? { kind: 'failure', sent: 'perhaps', code: 'reset', reason: 'broken' } : reply
  },
})

const POLICY = {
  ...{ backoffMs: 1, backoffMaxMs: 2, afterMs: 1, timeoutMs: 50, readTimeoutMs: 50 },
  ...{ leaseMarginMs: 1, unreportedMax: 100, giveUpAttempts: 1_000, downAfter: 1_000 },
}

/** The links that each service shows when every card shows all others that have an address. */
const expected = (joined: readonly Name[], turns: Readonly<Record<Name, { of: number }>>) =>
  Object.fromEntries(
    joined.map(to => {
      const links = joined
        .filter(from => from !== to)
        .map(from => `${from}-${turns[from].of} https://${from}.test/${turns[from].of}`)
      return [to, KINDS[to] === 'none' ? [] : links.sort()]
    }),
  )

const shown = (all: World, joined: readonly Name[], turns: Readonly<Record<Name, { of: number }>>) =>
  Object.fromEntries(
    joined.map(name => {
      const { cards = {}, links = {} } = all[name] ?? {}
      const [, , ...inCard] = (cards[turns[name].of] ?? '').split(' | ')
      const apart = Object.entries(links).map(([url, each]) => `${each} ${url}`)
      return [name, [...inCard, ...apart].sort()]
    }),
  )

const story = async (seed: number): Promise<void> => {
  const dice = createRandom(seed)
  const below = (most: number): number => Math.floor(dice() * most)
  const memory = createSharedMemory()
  const all = world()
  const turns = Object.fromEntries(NAMES.map(name => [name, { of: 1 }])) as Record<Name, { of: number }>
  const order = NAMES.map(name => ({ name, at: dice() }))
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name)
  let joined = order.slice(0, 1 + below(3))
  const open = async (isMortal: boolean, more: object = {}): Promise<Tracker> => {
    const store = memory.open()
    const kept = isMortal && dice() < 0.6 ? dyingAt(store, 1 + below(12), () => memory.vanish(store)) : store
    return (await createTracker({
      ...{ project: 'p', user: 'u', store: kept, policy: POLICY, pollMs: 1, onError: 'report' as const },
      adapters: joined.map(name => service(name, KINDS[name])),
      transports: Object.fromEntries(
        joined.map(name => [name, unsteady(transport(all, name, turns[name]), isMortal ? dice : () => 1)]),
      ),
      logger: { warn: () => undefined, error: () => undefined },
      ...more,
    })) as unknown as Tracker
  }
  const openRecorders = () =>
    Promise.all([open(false, { deliver: false }), open(false, { deliver: false })] as const)
  // Two, each with the session in its own memory: what one plans may lack a link that the other one's text showed.
  let recorders = await openRecorders()
  const someone = (): Tracker => recorders[below(2)] as Tracker
  const { id } = await recorders[0].start({ goal: 'Stop' })
  const told: string[] = []
  for (let n = 0; n < 6; n++) {
    const workers = await Promise.all([open(true), open(true)].map(each => each.catch(() => undefined)))
    const draining = Promise.all(workers.map(each => each?.drain({ timeoutMs: 60 }).catch(() => undefined)))
    const roll = dice()
    if (roll < 0.5) {
      const receipt = await someone()
        .session(id)
        .update(`Step ${n}`, { progress: 10 * n })
      if (receipt.recorded) told.push(receipt.event.id)
    } else if (roll < 0.65 && told.length > 0) {
      // It may end in the middle, and nobody calls it again.
      const forgetful = await open(true, { deliver: false }).catch(() => undefined)
      await forgetful?.forget(id, told[below(told.length)]).catch(() => undefined)
      await forgetful?.close().catch(() => undefined)
    } else if (roll < 0.8 && joined.length < order.length) {
      joined = order.slice(0, joined.length + 1)
      await Promise.all(recorders.map(each => each.close()))
      recorders = await openRecorders()
      await someone().session(id).mirror()
    } else {
      const steady = await open(false)
      await draining
      await steady.drain({ timeoutMs: 60_000 })
      const [gone] = joined.filter(name => all[name]?.cards[turns[name].of] !== undefined)
      if (gone !== undefined) {
        delete all[gone]?.cards[turns[gone].of]
        await steady.session(id).update(`Deleted ${n}`, { progress: 10 * n })
        await steady.drain({ timeoutMs: 60_000 })
        turns[gone].of++
        await steady.recreateCard(id, gone)
      }
      await steady.close()
    }
    await draining
    for (const each of workers) await each?.close().catch(() => undefined)
  }
  if (dice() < 0.7) await someone().session(id).close({ summary: 'Done' })
  await Promise.all(recorders.map(each => each.close()))
  const last = await open(false)
  await last.drain({ timeoutMs: 60_000 })
  await last.close()
  expect({ seed, links: shown(all, joined, turns) }).toEqual({ seed, links: expected(joined, turns) })
}

it.each(Array.from({ length: Number(process.env.STORIES ?? (RUNS_ALL ? 120 : 6)) }, (_, n) => n + 1))(
  'every pair of cards is linked once after story %i',
  story,
)
