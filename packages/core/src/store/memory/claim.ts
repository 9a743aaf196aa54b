import { findOwed, type Head, head, isDue } from '../../delivery/lanes.ts'
import type { Claim, Delivery } from '../../delivery/model.ts'
import { isPaused } from '../../delivery/pause.ts'
import { expire } from '../../delivery/settle.ts'
import {
  aliveUntil,
  drawCall,
  endOf,
  endOfCall,
  type FindEnd,
  hasEnded,
  isSentFirst,
  markClaimed,
  openCall,
  rateOf,
  readsOf,
  roomOf,
  type Windows,
} from '../../delivery/transitions.ts'
import { INIT_LANE } from '../../session/events.ts'
import type { Claimed, ClaimRequest, Draw } from '../contract.ts'
import { id, type Kept, type Memory, ownerState, put, refOf, refsOf } from './data.ts'
import { readPausedMs } from './pauses.ts'

type Ready = Readonly<{ kept: Kept; delivery: Delivery; at: number }>
type Asked = ClaimRequest['adapters'][number]

const isFor = ({ target }: Kept, wanted: string | undefined): boolean =>
  target === '' || wanted === undefined || target === wanted

/**
 * The lanes of an adapter that may move, for a target or for all: only its own while that has anything to do, or anything
 * dead.
 */
const lanesOf = (memory: Memory, adapter: string, target?: string): readonly Kept[] => {
  const init = memory.lanes.get(id(adapter, INIT_LANE))
  if (
    init !== undefined &&
    isFor(init, target) &&
    init.lane.deliveries.some(({ state }) => state !== 'planned')
  )
    return [init]
  return [...memory.lanes.values()].filter(kept => kept.lane.adapter === adapter && isFor(kept, target))
}

/** When a pause of the adapter or the limit ends; `undefined`: nothing is paused. */
const pauseEndOf = (memory: Memory, { adapter, descriptor }: Delivery, now: number): number | undefined => {
  const pauses = [id(adapter), id(adapter, descriptor?.limit)].flatMap(
    which => memory.pauses.get(which) ?? [],
  )
  const ends = pauses.flatMap(pause =>
    isPaused(pause, now) ? [pause.until ?? Number.POSITIVE_INFINITY] : [],
  )
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/** Deliveries of an adapter that workers hold, whatever it is for, and wherever in its lane it stands. */
const listHeld = (memory: Memory, adapter: string): readonly Delivery[] =>
  [...memory.lanes.values()].flatMap(({ lane }) =>
    lane.adapter === adapter ? lane.deliveries.filter(each => each.token !== undefined) : [],
  )

/** Gives back what is over: its lease ran out, its owner is gone, or the worker that asks knows nothing of it. */
const expireHeads = (
  memory: Memory,
  adapter: string,
  owner: string,
  request: ClaimRequest,
  now: number,
): void => {
  for (const delivery of listHeld(memory, adapter)) {
    if (request.holding?.includes(delivery.key) === true) continue
    const state = delivery.owner === owner ? 'gone' : ownerState(memory, delivery.owner)
    const over = aliveUntil(delivery, state, now)
    if (over !== undefined) put(memory, expire(delivery, over, request))
  }
}

const refsAnd = (memory: Memory, kept: Kept, given: Delivery, now: number): Claim => {
  const owed = findOwed(given, kept.lane.deliveries, name => refOf(kept, name) !== undefined)
  return {
    delivery: { token: '', leaseUntil: Number.POSITIVE_INFINITY, ...given } as Claim['delivery'],
    refs: refsOf(kept, given),
    ...(Object.keys(owed).length === 0 ? {} : { owed }),
    pausedMs: readPausedMs(memory, given, now),
  }
}

/** Finds when calls ended: those of deliveries by their keys, and reads by their time. */
const findEnd =
  (memory: Memory, now: number): FindEnd =>
  ([which, at, until]) => {
    if (until !== undefined) return until <= now ? until : undefined
    const delivery = memory.deliveries.get(which)
    const served = delivery && memory.lanes.get(id(delivery.adapter, delivery.lane))?.lane.servedAt
    return endOfCall(at, delivery?.token !== undefined, served ?? 0, now)
  }

/** The windows of an adapter's limits during one claim. */
const windowsOf = (memory: Memory, { name, rates }: Asked, now: number) => {
  const full = new Map<string, number>()
  const find = findEnd(memory, now)
  return {
    /** Takes a place for a delivery that is to be claimed; false: there is none. */
    take: ({ key, descriptor }: Delivery, servedAt = 0): boolean => {
      const limit = descriptor?.limit
      const rate = rateOf(rates, limit)
      if (limit === undefined || rate === undefined) return true
      const which = id(name, limit)
      const known = memory.windows.get(which) ?? []
      const { windows, room, freeAt = now } = roomOf(known, rate, now, find)
      const at = Math.max(now, servedAt + 1)
      if (room > 0) keepWindows(memory, which, openCall(windows, [key, at]), now)
      else if (hasEnded(known, find)) keepWindows(memory, which, windows, now)
      if (room <= 0) full.set(limit, freeAt)
      return room > 0
    },
    /** When the limits that were full have room. */
    later: (): readonly number[] => [...full.values()],
  }
}

/** Windows above this number are looked through for those that are over: a limit per object must not fill the memory. */
const KEPT = 1_000

const keepWindows = (memory: Memory, which: string, windows: Windows, now: number): void => {
  if (!memory.windows.has(which) && memory.windows.size >= KEPT)
    for (const [each, kept] of memory.windows) if (endOf(kept) < now) memory.windows.delete(each)
  memory.windows.set(which, windows)
}

/** Takes places of limits for reads. */
export const draw = (memory: Memory, draws: readonly Draw[], now: number): readonly number[] =>
  draws.map(({ adapter, limit, rate, read, ended }) => {
    const which = id(adapter, limit)
    const find: FindEnd = open => (open[0] === ended ? now : findEnd(memory, now)(open))
    const known = memory.windows.get(which) ?? []
    const { windows, room, freeAt = now } = roomOf(known, rate, now, find)
    const isDrawn = ended === undefined && room > 0
    if (isDrawn) keepWindows(memory, which, drawCall(windows, read, now), now)
    else if (hasEnded(known, find)) keepWindows(memory, which, windows, now)
    return isDrawn || ended !== undefined ? 0 : Math.max(1, freeAt - now)
  })

/** Gives heads that are due to a worker of this owner, the lane that has waited longest first. */
export const claim = (
  memory: Memory,
  store: string,
  token: () => string,
  now: number,
  request: ClaimRequest,
): Claimed => {
  const owner = request.worker === undefined ? store : `${store}/${request.worker}`
  const claims: Claim[] = []
  const later: number[] = []
  let others = 0
  for (const asked of request.adapters) {
    const { name, room, target, concurrency } = asked
    expireHeads(memory, name, owner, request, now)
    const under = listHeld(memory, name)
    others += under.filter(each => each.owner !== owner).length
    const ready: Ready[] = []
    for (const kept of lanesOf(memory, name, target)) {
      const found: Head | undefined = head(kept.lane)
      if (found === undefined) continue
      const { delivery, readyAt, pacedUntil } = found
      if (delivery.state !== 'waiting' || delivery.via === 'handoff') continue
      const at = Math.max(readyAt, request.hurry === true ? 0 : pacedUntil)
      const paused = pauseEndOf(memory, delivery, now)
      if (paused !== undefined) later.push(Math.max(isDue(at, now) ? now : at, paused))
      else if (isDue(at, now)) ready.push({ kept, delivery, at: Math.max(readyAt, pacedUntil) })
      else later.push(at)
    }
    later.push(...under.map(({ leaseUntil = Number.POSITIVE_INFINITY }) => leaseUntil))
    ready.sort((a, b) => a.at - b.at || a.kept.id - b.kept.id)
    const windows = windowsOf(memory, asked, now)
    let left = Math.min(room, concurrency - under.length)
    for (const { kept, delivery } of ready) {
      const { descriptor } = delivery
      if (left <= 0 || descriptor === undefined) break
      if (!windows.take(delivery, kept.lane.servedAt)) continue
      left--
      const { baseMs, readMs } = request.lease
      const leaseUntil = now + baseMs + readsOf(descriptor) * readMs
      const given = markClaimed(
        delivery,
        { token: token(), leaseUntil, owner },
        readPausedMs(memory, delivery, now),
        now,
      )
      const made = refsAnd(memory, kept, given, now)
      const starts = asked.begins === true && isSentFirst(given, made.refs)
      const state = starts ? 'begun' : given.state
      put(memory, { ...given, state })
      claims.push({ ...made, delivery: { ...made.delivery, state } })
    }
    later.push(...windows.later())
  }
  const next = Math.min(...later)
  return {
    claims,
    ...(Number.isFinite(next) ? { nextDueAt: next } : {}),
    ...(others > 0 ? { others } : {}),
  }
}

/** Gives heads planned in `handoff` to a host that sends them itself. They have no lease: only `acknowledge` ends them. */
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
      const given = markClaimed(delivery, undefined, readPausedMs(memory, delivery, now), now)
      put(memory, given)
      return refsAnd(memory, kept, given, now)
    })
