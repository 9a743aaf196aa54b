import type { AnyAdapter } from '../adapter/contract.ts'
import type { Lookup } from '../descriptor/descriptor.ts'
import { TrackerError } from '../session/errors.ts'
import type { Json } from '../session/schema.ts'
import type { Store } from '../store/contract.ts'
import type { SecretSource, Transport } from '../transport/contract.ts'
import type { Emit } from './events.ts'
import type { Claim, Pause, Policy, Settlement } from './model.ts'
import type { Check, ReadResult, Stats } from './runner.ts'
import { holdFor, inTime, type Timers } from './waits.ts'

/** Options of a worker. Everything that waits, counts time or rolls dice comes from outside. */
export type WorkerOptions = Readonly<{
  /** Where deliveries are kept. Several workers, also in other processes, may share one. */
  store: Store
  /** Whose deliveries it sends. Those of others stay where they are. */
  adapters: readonly AnyAdapter[]
  /** How each adapter's calls are sent, by the adapter's name. */
  transports: Readonly<Record<string, Transport>>
  /** Where secrets are looked up by name, each time one is needed. */
  secrets: SecretSource
  /** Numbers that differ from `POLICY`. Default: none. */
  policy?: Partial<Policy>
  /** Calls under way at once per adapter, over all workers of the store, unless the adapter says less. Default 4. */
  concurrency?: number
  /** How often other processes' recordings and the pauses are looked at, ms. Default 1,000. */
  pollMs?: number
  /** The clock, epoch ms. */
  now: () => number
  /** A clock that is never set, ms. */
  monotonic: () => number
  /**
   * Counts how long what is in doubt has been so, ms; default `monotonic`. Where `now` does not run as fast as that, as in
   * a test, give `now`.
   */
  steady?: () => number
  /** 0 to 1. */
  random: () => number
  /**
   * The worker calls it with each delivery that was applied, before that is written. An error it throws or rejects with is
   * reported, and the delivery is settled all the same. Default: it does nothing.
   */
  noteApplied?: (
    applied: Readonly<{ delivery: Claim['delivery']; captures: Readonly<Record<string, Json>> }>,
  ) => Promise<void> | undefined
  /** Runs an attempt, and measures it. Default: it is run and not measured. */
  measure?: (claim: Claim, run: () => Promise<Settlement | undefined>) => Promise<Settlement | undefined>
  /** Hears what happens. */
  emit: Emit
  /** Redacts secrets in a text. */
  redact: (text: string) => string
  /** Name of a secret whose whole value a text holds; such a capture is refused. Default: none is found. */
  findSecret?: (text: string) => string | undefined
  /** Keeps the values of secrets that are read until its result is called. Default: they are not kept. */
  retain?: () => () => void
  /** How it waits; default the system's timers. */
  timers?: Timers
}>

/** Delivers the store's deliveries: in order within a lane, lanes at the same time. */
export interface Worker {
  /** Delivers from now on, in the background, until `stop`. */
  start(): void
  /** Says that something was recorded in this process. */
  wake(): void
  /** Begins no request, and lets those under way finish. */
  stop(): Promise<void>
  /** Works until nothing left could go in time. */
  drain(options: Readonly<{ timeoutMs: number; signal?: AbortSignal }>): Promise<Drained>
  /**
   * Sends an adapter's cheap read, which ends pauses when it is ok; with `lookup` another read in its place, which begins
   * and ends no pause. Throws `ADAPTER` for a name it does not have.
   */
  check(name: string, lookup?: Lookup): Promise<Check>
  /** Runs a read at once, under the adapter's limits. Throws `ADAPTER` for a name it does not have. */
  read(name: string, lookup: Lookup): Promise<ReadResult>
  /**
   * Names of secrets that are not set in this process: until they are, it claims nothing of the adapter, which other processes
   * may deliver. They are asked for where this process did not yet. Throws `ADAPTER` for a name it does not have.
   */
  unset(name: string): Promise<readonly string[]>
  /** Outcomes and latency since it was made. Throws `ADAPTER` for a name it does not have. */
  stats(name: string): Stats
}

/**
 * How a drain ended, for the adapters of this tracker. `done`: everything that was not dropped or planned is delivered.
 * `left`: how many are not, by state. `paused`: pauses with their reasons; absent without one.
 */
export type Drained = Readonly<{
  /** Everything that was not dropped or planned is delivered. */
  done: boolean
  /** How many are in each state; states without any are left out. */
  left: Readonly<Record<string, number>>
  /** Pauses of this process's adapters while something is left; absent when nothing is paused. */
  paused?: readonly Pause[]
  /**
   * When this process could send something of it at the earliest, epoch ms: a due time, the end of a pause, the next check
   * of one. Absent: nothing is left that goes on by itself.
   */
  nextAt?: number
  /** How many requests may have been applied and are looked up or decided by a person; absent when there are none. */
  inDoubt?: number
  /**
   * How many requests wait for adapters that this tracker does not have, by the adapter's name; absent when there are none.
   * Another process may send them; `done` and `left` leave them out.
   */
  elsewhere?: Readonly<Record<string, number>>
}>

/** Tells who listens that a delivery was applied, before that is written. */
export const tellApplied = async (
  { noteApplied }: Pick<WorkerOptions, 'noteApplied'>,
  { delivery }: Claim,
  { state, captures = {} }: Settlement,
  report: (where: string) => (thrown: unknown) => void,
): Promise<void> => {
  const heard = state === 'delivered' ? noteApplied?.({ delivery, captures }) : undefined
  if (heard !== undefined) await heard.catch(report(`delivery ${delivery.key}`))
}

const OPEN = ['planned', 'waiting', 'claimed', 'begun', 'dead'] as const

/** States of what goes on by itself. */
const MOVING = ['waiting', 'claimed', 'begun'] as const

/** Counts deliveries of these adapters that are not delivered yet, by state, and lists the pauses of these adapters. */
export const countLeft = async (
  store: Store,
  adapters: ReadonlyMap<string, unknown>,
  nextAt: number,
): Promise<Drained> => {
  const left: Record<string, number> = {}
  const elsewhere: Record<string, number> = {}
  const all = await store.counts()
  const counts = all.filter(({ adapter }) => adapters.has(adapter))
  for (const { states } of counts)
    for (const state of OPEN)
      if ((states[state] ?? 0) > 0) left[state] = (left[state] ?? 0) + (states[state] ?? 0)
  for (const { adapter, states } of all) {
    const open = MOVING.reduce((sum, state) => sum + (states[state] ?? 0), 0)
    if (open > 0 && !adapters.has(adapter)) elsewhere[adapter] = open
  }
  const done = Object.keys(left).every(state => state === 'planned')
  const paused = done ? [] : (await store.pauses()).filter(({ adapter }) => adapters.has(adapter))
  const inDoubt = counts.reduce((sum, count) => sum + count.inDoubt, 0)
  const goesOn = MOVING.some(state => (left[state] ?? 0) > 0)
  return {
    ...{ done, left },
    ...(paused.length === 0 ? {} : { paused }),
    ...(goesOn && nextAt < Number.POSITIVE_INFINITY ? { nextAt } : {}),
    ...(inDoubt === 0 ? {} : { inDoubt }),
    ...(Object.keys(elsewhere).length === 0 ? {} : { elsewhere }),
  }
}

/** Parts of a worker for one adapter. Throws `ADAPTER` for one that it does not have. */
export const findAdapter = <R>(all: ReadonlyMap<string, R>, name: string): R => {
  const found = all.get(name)
  if (found !== undefined) return found
  const known = [...all.keys()].join(', ') || 'none'
  throw new TrackerError('ADAPTER', `no adapter is named "${name}"; there is: ${known}`, { field: 'adapter' })
}

/** The transport of an adapter. Throws `CONFIG` where it has none. */
export const findTransport = ({ transports }: Pick<WorkerOptions, 'transports'>, name: string): Transport => {
  const found = transports[name]
  if (found !== undefined) return found
  throw new TrackerError('CONFIG', `no transport for adapter "${name}"`)
}

/** How long the end of a tracker waits for a call of a store that gives no answer, ms. A locked file answers much earlier. */
const STORE_MS = 60_000

/**
 * Waits for a store, or for work that needs one, `moreMs` longer than a store may take. False where it gave no answer, which
 * is reported: it must not keep its host from ending.
 */
export const waitForStore = (
  waiting: Promise<unknown>,
  timers: Timers,
  report: (error: Error) => void,
  moreMs = 0,
): Promise<boolean> => {
  const most = STORE_MS + moreMs
  const late = new TrackerError('STORE', `the store gave no answer within ${most} ms`)
  return holdFor(timers)(async () => {
    try {
      await inTime(waiting, most, timers, () => late)
      return true
    } catch (thrown) {
      if (thrown !== late) throw thrown
      report(late)
      return false
    }
  })
}
