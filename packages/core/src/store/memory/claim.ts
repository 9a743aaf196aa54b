import { type Head, head, isDue, owedTo } from '../../delivery/lanes.ts'
import type { Claim, Delivery } from '../../delivery/model.ts'
import { isPaused } from '../../delivery/pause.ts'
import { expire } from '../../delivery/settle.ts'
import { aliveUntil, claimed } from '../../delivery/transitions.ts'
import { INIT_LANE } from '../../session/events.ts'
import type { Claimed, ClaimRequest } from '../contract.ts'
import { id, type Kept, type Memory, put, refOf, refsOf, restedMs } from './data.ts'

/** How long a process may deliver an adapter before it must ask again, ms; renewed when less than two thirds are left. */
const ADAPTER_LEASE_MS = 30_000
const RENEW_BELOW_MS = 20_000

type Ready = Readonly<{ kept: Kept; delivery: Delivery; at: number }>

const alive = (memory: Memory, owner: string | undefined): boolean =>
  memory.owners.get(owner ?? '') === 'open'

/** Takes the adapter's lease, or renews it; false: another living process has it. */
const granted = (memory: Memory, adapter: string, owner: string, now: number): boolean => {
  const lease = memory.leases.get(adapter)
  const running = lease !== undefined && lease.until > now && lease.until <= now + ADAPTER_LEASE_MS
  if (running && lease.owner !== owner && alive(memory, lease.owner)) return false
  if (!running || lease.owner !== owner || lease.until - now <= RENEW_BELOW_MS)
    memory.leases.set(adapter, { owner, until: now + ADAPTER_LEASE_MS })
  return true
}

/** The lanes of an adapter that may move: only its own while that has anything to do, or anything dead. */
const lanesOf = (memory: Memory, adapter: string): readonly Kept[] => {
  const init = memory.lanes.get(id(adapter, INIT_LANE))
  if (init?.lane.deliveries.some(({ state }) => state !== 'planned') === true) return [init]
  return [...memory.lanes.values()].filter(({ lane }) => lane.adapter === adapter)
}

/** When a pause of the adapter or the limit ends; `undefined`: nothing is paused. */
const pausedUntil = (memory: Memory, { adapter, descriptor }: Delivery, now: number): number | undefined => {
  const pauses = [id(adapter), id(adapter, descriptor?.limit)].flatMap(
    which => memory.pauses.get(which) ?? [],
  )
  const ends = pauses.flatMap(pause =>
    isPaused(pause, now) ? [pause.until ?? Number.POSITIVE_INFINITY] : [],
  )
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/** Heads whose lease ran out, or whose owner is gone. */
const expireHeads = (memory: Memory, adapter: string, request: ClaimRequest, now: number): void => {
  for (const { lane } of lanesOf(memory, adapter)) {
    const delivery = head(lane)?.delivery
    if (delivery === undefined || request.holding?.includes(delivery.key) === true) continue
    const over = aliveUntil(delivery, alive(memory, delivery.owner), now)
    if (over !== undefined) put(memory, expire(delivery, over, request))
  }
}

const refsAnd = (memory: Memory, kept: Kept, given: Delivery, now: number): Claim => {
  const owed = owedTo(given, kept.lane.deliveries, name => refOf(kept, name) !== undefined)
  return {
    delivery: { token: '', leaseUntil: Number.POSITIVE_INFINITY, ...given } as Claim['delivery'],
    refs: refsOf(kept, given),
    ...(Object.keys(owed).length === 0 ? {} : { owed }),
    pausedMs: restedMs(memory, given, now),
  }
}

/** Gives heads that are due to the worker of this owner, oldest due time first. */
export const claim = (
  memory: Memory,
  owner: string,
  token: () => string,
  now: number,
  request: ClaimRequest,
): Claimed => {
  const claims: Claim[] = []
  const elsewhere: string[] = []
  const later: number[] = []
  for (const { name, room } of request.adapters) {
    if (!granted(memory, name, owner, now)) {
      elsewhere.push(name)
      continue
    }
    expireHeads(memory, name, request, now)
    const ready: Ready[] = []
    for (const kept of lanesOf(memory, name)) {
      const found: Head | undefined = head(kept.lane)
      if (found === undefined) continue
      const { delivery, readyAt, pacedUntil } = found
      if (delivery.state !== 'waiting') later.push(readyAt)
      if (delivery.state !== 'waiting' || delivery.via === 'handoff') continue
      const at = Math.max(readyAt, request.hurry === true ? 0 : pacedUntil)
      const paused = pausedUntil(memory, delivery, now)
      if (paused !== undefined) later.push(Math.max(isDue(at, now) ? now : at, paused))
      else if (isDue(at, now)) ready.push({ kept, delivery, at: Math.max(readyAt, pacedUntil) })
      else later.push(at)
    }
    ready.sort((a, b) => a.at - b.at || a.kept.id - b.kept.id)
    const rooms = new Map<string | undefined, number>()
    let left = room
    for (const { kept, delivery } of ready) {
      const { descriptor } = delivery
      if (left <= 0 || descriptor === undefined) break
      const roomOf = rooms.get(descriptor.limit) ?? request.roomOf(name, descriptor.limit)
      rooms.set(descriptor.limit, roomOf - 1)
      // What waits for room is not due later: its room will come.
      if (roomOf <= 0) continue
      left--
      const lease = { token: token(), leaseUntil: now + request.leaseMs(descriptor), owner }
      const given = claimed(delivery, lease, restedMs(memory, delivery, now), now)
      put(memory, given)
      claims.push(refsAnd(memory, kept, given, now))
    }
  }
  const next = Math.min(...later)
  return { claims, elsewhere, ...(Number.isFinite(next) ? { nextDueAt: next } : {}) }
}

/** Gives heads planned in `handoff` to somebody else. They have no lease: only `acknowledge` ends them. */
export const take = (memory: Memory, adapter: string, limit: number, now: number): readonly Claim[] =>
  lanesOf(memory, adapter)
    .flatMap(kept => {
      const delivery = head(kept.lane)?.delivery
      const due = delivery?.state === 'waiting' && delivery.via === 'handoff' && isDue(delivery.dueAt, now)
      return due ? [{ kept, delivery }] : []
    })
    .sort((a, b) => a.delivery.dueAt - b.delivery.dueAt || a.kept.id - b.kept.id)
    .slice(0, Math.max(0, limit))
    .map(({ kept, delivery }) => {
      const given = claimed(delivery, undefined, restedMs(memory, delivery, now), now)
      put(memory, given)
      return refsAnd(memory, kept, given, now)
    })
