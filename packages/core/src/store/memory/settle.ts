import { applySettlement, rememberSent, unlessFreed } from '../../delivery/lanes.ts'
import type { Delivery, Settlement, State } from '../../delivery/model.ts'
import { isHeldBy, markBegun } from '../../delivery/transitions.ts'
import type { Json } from '../../session/schema.ts'
import { keep, laneOf, type Memory, put } from './data.ts'

/** Marks that a request may leave, unless its lease was lost or has run out. */
export const begin = (memory: Memory, key: string, token: string, now: number): boolean => {
  const delivery = memory.deliveries.get(key)
  if (!isHeldBy(delivery, token) || (delivery.leaseUntil ?? 0) <= now) return false
  put(memory, markBegun(delivery))
  return true
}

/** Writes what a delivered request leaves in its lane. */
export const deliver = (
  memory: Memory,
  delivery: Delivery,
  captures: Readonly<Record<string, Json>>,
  now: number,
): void => {
  const kept = laneOf(memory, delivery.adapter, delivery.lane)
  keep(kept, captures, delivery.key)
  kept.lane = { ...kept.lane, sent: rememberSent(kept.lane.sent, delivery, now) }
}

const UNDER_WAY: ReadonlySet<State> = new Set(['claimed', 'begun'])

/** Keeps what a delivery under way captured. */
export const capture = (memory: Memory, key: string, captures: Readonly<Record<string, Json>>): void => {
  const delivery = memory.deliveries.get(key)
  if (delivery !== undefined && UNDER_WAY.has(delivery.state))
    keep(laneOf(memory, delivery.adapter, delivery.lane), captures, key)
}

/** Writes what an attempt ended in, if its token still holds. */
export const settle = (memory: Memory, given: Settlement, now: number): boolean => {
  const settlement = unlessFreed(given, memory.deliveries.get(given.waitsFor ?? '')?.state)
  const held = memory.deliveries.get(settlement.key)
  if (!isHeldBy(held, settlement.token)) return false
  const delivery = applySettlement(held, settlement, now)
  put(memory, delivery)
  const kept = laneOf(memory, delivery.adapter, delivery.lane)
  kept.lane = { ...kept.lane, servedAt: now }
  if (settlement.gone !== undefined) kept.lane = { ...kept.lane, gone: settlement.gone }
  if (delivery.state === 'delivered') deliver(memory, delivery, settlement.captures ?? {}, now)
  return true
}
