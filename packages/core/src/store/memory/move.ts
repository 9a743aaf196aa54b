import type { Delivery, Move, Moved } from '../../delivery/model.ts'
import {
  acknowledge,
  describeMove,
  drop,
  isOnItsWay,
  type Moving,
  release,
  retry,
  stranger,
} from '../../delivery/move.ts'
import { dropCaptures, laneOf, type Memory, put, refOf } from './data.ts'
import { deliver } from './settle.ts'

/** The delivery that stands in the place of a replaced one now. */
const standing = (memory: Memory, delivery: Delivery): Delivery => {
  const next = memory.deliveries.get(delivery.successor ?? '')
  return next === undefined ? delivery : next.state === 'replaced' ? standing(memory, next) : next
}

/** Moves one delivery by hand; `keys` are all that are moved with it. */
const moveOne = (memory: Memory, key: string, how: Move, keys: ReadonlySet<string>, now: number): Moved => {
  const delivery = memory.deliveries.get(key)
  if (delivery === undefined) return stranger(key)
  if (delivery.state === 'replaced' && how.kind !== 'drop')
    return describeMove(key, standing(memory, delivery), how.kind)
  const kept = laneOf(memory, delivery.adapter, delivery.lane)
  const isCaptured = (name: string): boolean => refOf(kept, name) !== undefined
  const moves: { readonly [K in Move['kind']]: (how: Extract<Move, { kind: K }>) => Moving } = {
    release: () => release(kept.lane, delivery, isCaptured, keys, now),
    retry: ({ resend = false }) => retry(kept.lane, delivery, resend, now),
    drop: () => drop(delivery, now),
    acknowledge: ({ captures }) => acknowledge(delivery, captures, now),
  }
  const moving = (moves[how.kind] as (how: Move) => Moving)(how)
  if (moving.written === undefined) return moving.moved
  put(memory, moving.written)
  if (how.kind === 'drop') dropCaptures(kept, key)
  if (how.kind === 'acknowledge') deliver(memory, moving.written, how.captures, now)
  return moving.moved
}

/** Retries those that died because they need a capture of this one, and those that wait for them. */
const retryWaiting = (memory: Memory, { asked, ...how }: Moved, now: number): void => {
  const { adapter, lane } = memory.deliveries.get(asked) ?? {}
  if (adapter === undefined || lane === undefined || !isOnItsWay({ asked, ...how } as Moved)) return
  for (const { key, state, waitsFor } of laneOf(memory, adapter, lane).lane.deliveries)
    if (state === 'dead' && waitsFor === asked)
      retryWaiting(memory, moveOne(memory, key, { kind: 'retry' }, new Set(), now), now)
}

/** Moves deliveries by hand, and with them those that wait for their captures. */
export const move = (memory: Memory, keys: readonly string[], how: Move, now: number): readonly Moved[] => {
  const all = new Set(keys)
  const moved = keys.map(key => moveOne(memory, key, how, all, now))
  for (const each of moved) retryWaiting(memory, each, now)
  return moved
}
