import type { Settlement } from '../delivery/model.ts'
import type { Claimed, ClaimRequest, Store } from '../store/contract.ts'
import type { SharedMemory } from '../store/memory.ts'
import type { World } from './simulator-world.ts'

/** The rules of a store that machines reach over a network, each of which can be switched off to show that it is needed. */
export const MACHINE_RULES = [
  'a commit that is sent again finds itself',
  'a settlement that is sent again finds itself written',
  'a silent machine keeps what may have left',
  'a call is begun only within its lease',
  'leases end by the clock of the server',
  'a call counts until a window after its end',
] as const
export type MachineRule = (typeof MACHINE_RULES)[number]

/** A machine's connection to the store. */
export type Link = Readonly<{ store: Store; isAlive: () => boolean }>

type LinkOptions = Readonly<{
  world: World
  memory: SharedMemory
  off: MachineRule | undefined
  /** Whether claims may mark what is sent first as begun. */
  marks: boolean
  calm: () => boolean
  /** Sets the clock that the store goes by for the next call, ms ahead. */
  at: (aheadMs: number) => void
  /** Whether the machine may die. */
  dies: boolean
  onDeath: () => void
  wrap: (store: Store) => Store
}>

/** The longest that a machine stands still, ms. */
export const STALL_MOST_MS = 200_000

/** A machine that is not heard of for so long is silent, as in PostgreSQL by default. */
const SILENT_MS = 15_000

const makeLost = (): Error =>
  Object.assign(new Error('connection terminated unexpectedly'), { code: 'STORE' })

/** Whether a delivery stands as a settlement says: it was written by the call whose answer was lost. */
const findWritten = async (
  store: Store,
  settlements: readonly Settlement[],
  answers: readonly boolean[],
): Promise<readonly boolean[]> => {
  const rows = new Map(
    (await store.list({ keys: settlements.map(({ key }) => key) })).map(row => [row.key, row]),
  )
  return settlements.map(({ key, state, attempts, dueAt }, n) => {
    const row = rows.get(key)
    const stands =
      row !== undefined && row.token === undefined && row.state === state && row.attempts === attempts
    return answers[n] === true || (stands && (state !== 'waiting' || row.dueAt === dueAt))
  })
}

/** Connects a machine: each call takes its time, may be cut on its way there or back, and is sent again, as the store in PostgreSQL does. */
export const linkTo = ({ world, memory, off, marks, calm, at, dies, onDeath, wrap }: LinkOptions): Link => {
  const plain = memory.open()
  const store = wrap(plain)
  const { random } = world
  let alive = true
  // The machine takes the server's clock to be half a round trip off.
  const skew = (random() - 0.5) * 100
  const aheadMs = Math.floor((random() - 0.5) * 7_200_000)
  const ownClock = off === 'leases end by the clock of the server'
  const isHeard = (): void => memory.silence(plain, false)
  let asked: ClaimRequest | undefined
  const fallSilent = (): void => {
    memory.silence(plain)
    if (off !== 'a silent machine keeps what may have left' || asked === undefined) return
    // All that it holds is taken from it.
    const { settlements: _, ...request } = asked
    void store.claim({
      ...request,
      adapters: request.adapters.map(each => ({ ...each, room: 0 })),
      holding: [],
    })
  }
  /** Time that passes on the machine or on the network; the machine may stand still or die. */
  const pass = (): Promise<void> =>
    new Promise(resolve => {
      if (!alive) return
      const chance = calm() ? 1 : random()
      if (dies && chance < 0.000_5) {
        alive = false
        onDeath()
        world.at(world.now() + SILENT_MS, fallSilent)
        return
      }
      const stallMs = chance < 0.003 ? random() * STALL_MOST_MS : random() * 30
      if (stallMs > SILENT_MS) world.at(world.now() + SILENT_MS, fallSilent)
      world.at(world.now() + stallMs, () => {
        if (stallMs > SILENT_MS) isHeard()
        resolve()
      })
    })
  const run = async <R>(act: (again: boolean) => Promise<R>): Promise<R> => {
    let wasRun = false
    for (let again = false; ; again = true) {
      await pass()
      const fate = calm() ? 1 : random()
      // The connection could not be made for as long as the store tries it.
      if (fate < 0.002 && !wasRun) throw makeLost()
      if (fate < 0.02) continue
      at(ownClock ? aheadMs : 0)
      const answering = act(again)
      at(0)
      const answer = await answering
      wasRun = true
      await pass()
      if (fate < 0.04) continue
      return answer
    }
  }
  const keepsWritten = off !== 'a settlement that is sent again finds itself written'
  const settledOf = (settlements: readonly Settlement[], answers: readonly boolean[], again: boolean) =>
    again && keepsWritten ? findWritten(plain, settlements, answers) : answers
  const commit: Store['commit'] = async given => {
    if (off !== 'a commit that is sent again finds itself') return run(() => store.commit(given))
    await pass()
    const placed = await store.commit(given)
    await pass()
    if (!calm() && random() < 0.1) throw makeLost()
    return placed
  }
  const claim = (request: ClaimRequest): Promise<Claimed> =>
    run(async again => {
      asked = marks
        ? request
        : { ...request, adapters: request.adapters.map(({ begins: _, ...each }) => each) }
      const claimed = await store.claim(asked)
      const { settlements = [] } = request
      return claimed.settled === undefined
        ? claimed
        : { ...claimed, settled: await settledOf(settlements, claimed.settled, again) }
    })
  return {
    isAlive: () => alive,
    store: {
      ...store,
      commit,
      claim,
      settle: settlements =>
        run(async again => settledOf(settlements, await store.settle(settlements), again)),
      begin: starts =>
        run(async () => {
          const begun = await store.begin(starts)
          return off === 'a call is begun only within its lease' ? begun.map(() => true) : begun
        }),
      draw: draws => run(() => store.draw(draws)),
      list: filter => run(() => store.list(filter)),
      pauses: () => run(() => store.pauses()),
      pause: pause => run(() => store.pause(pause)),
      unpause: (adapter, limit, owner) => run(() => store.unpause(adapter, limit, owner)),
      takeCheck: (pause, checkAt) => run(() => store.takeCheck(pause, checkAt)),
      now: () => Math.floor(world.now() + skew),
    },
  }
}
