import type { AnyAdapter, Mode } from '../adapter/contract.ts'
import type { Pause, State } from '../delivery/model.ts'
import { targetOf } from '../delivery/place.ts'
import type { Stats } from '../delivery/runner.ts'
import type { Worker } from '../delivery/worker.ts'
import type { Count, Store } from '../store/contract.ts'
import type { AdapterCheck } from './check.ts'

/** The last check of this process, and when it was made (epoch ms). */
export type LastCheck = AdapterCheck &
  Readonly<{
    /** Epoch ms. */
    at: number
  }>

/** How one adapter stands, over all processes of the store. */
export type AdapterStatus = Readonly<{
  /** The adapter's name in the tracker. */
  name: string
  /** Absent: the store has deliveries of it, and this tracker has no such adapter. */
  mode?: Mode
  /** Deliveries by state. */
  states: Readonly<Partial<Record<State, number>>>
  /** Deliveries in doubt, in any state. */
  inDoubt: number
  /** How long the oldest that is on its way has been waiting, ms. */
  oldestMs?: number
  /** Lanes stopped because a person deleted the card. */
  gone: number
  /** Its lanes: one for each session it mirrors, each call that belongs to none, and `init`. */
  lanes: number
  /** Sessions that were never mirrored; `backfill` takes them in. */
  unmirrored: number
  /** Of the adapter and of its limits; empty when nothing is paused. */
  pauses: readonly Pause[]
  /** Deliveries on their way that were planned for another account or place than this tracker's adapter has. */
  foreign: number
  /**
   * Names of secrets that are not set in this process: until they are, only other processes deliver it. Absent: all are, or it
   * needs none, because a host sends what it plans.
   */
  unset?: readonly string[]
  /** Outcomes and latency since this process began. */
  stats?: Stats
  /** Absent: this process has not checked it. */
  check?: LastCheck
}>

/** How everything stands. */
export type Status = Readonly<{
  /** For people: the file's path, or `memory`. */
  store: string
  /** Those of this tracker, then others that the store has deliveries of. */
  adapters: readonly AdapterStatus[]
}>

type StatusContext = Readonly<{
  store: Store
  worker: Worker
  adapters: readonly AnyAdapter[]
  checks: ReadonlyMap<string, LastCheck>
}>

/** Whether this process would send something of an adapter. In handoff only what was planned before it was set to that. */
const sends = ({ mode }: AnyAdapter, count: Count | undefined): boolean =>
  mode !== 'handoff' || (count?.states.waiting ?? 0) > 0

/** Joins what the store holds with what this process has seen. Sends nothing. */
export const status = async ({ store, worker, adapters, checks }: StatusContext): Promise<Status> => {
  const targets = Object.fromEntries(adapters.map(each => [each.name, targetOf(each)]))
  const [counts, pauses] = await Promise.all([store.counts(targets), store.pauses()])
  const byName = new Map(counts.map(each => [each.adapter, each]))
  const own = new Map(adapters.map(each => [each.name, each]))
  const names = [...new Set([...own.keys(), ...byName.keys()])]
  const of = async (name: string): Promise<AdapterStatus> => {
    const adapter = own.get(name)
    const count = byName.get(name)
    const check = checks.get(name)
    const unset = adapter === undefined || !sends(adapter, count) ? [] : await worker.unset(name)
    return {
      name,
      ...(adapter === undefined ? {} : { mode: adapter.mode, stats: worker.stats(name) }),
      states: count?.states ?? {},
      inDoubt: count?.inDoubt ?? 0,
      ...(count?.oldestAt === undefined ? {} : { oldestMs: Math.max(0, store.now() - count.oldestAt) }),
      gone: count?.gone ?? 0,
      lanes: count?.lanes ?? 0,
      unmirrored: count?.unmirrored ?? 0,
      pauses: pauses.filter(each => each.adapter === name),
      foreign: count?.foreign ?? 0,
      ...(unset.length === 0 ? {} : { unset }),
      ...(check === undefined ? {} : { check }),
    }
  }
  return { store: store.where, adapters: await Promise.all(names.map(of)) }
}
