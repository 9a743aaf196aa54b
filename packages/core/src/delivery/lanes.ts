import { needs } from '../descriptor/refs.ts'
import {
  type Claim,
  type Delivery,
  type Lane,
  type LaneState,
  LONGEST_WAIT_MS,
  type Settlement,
  type State,
} from './model.ts'

/** The delivery whose turn it is, and when it may be worked on: `readyAt` at the earliest, `pacedUntil` unless hurried. */
export type Head = Readonly<{
  /** The first of the lane that moves. */
  delivery: Delivery
  /** When it is due, or its lease ends, epoch ms; infinite for one taken by hand. */
  readyAt: number
  /** When `everyMs` of its coalesce name is over, epoch ms; 0 without one. */
  pacedUntil: number
}>

/** True when `dueAt` has come, or lies so far away that the clock must have been set back since it was written. */
export const isDue = (dueAt: number, now: number): boolean => dueAt <= now || dueAt > now + LONGEST_WAIT_MS

const paceEndOf = (lane: Lane, delivery: Delivery): number => {
  const coalesce = delivery.descriptor?.coalesce
  const last = coalesce === undefined ? undefined : lane.sent[coalesce.name]
  return last === undefined ? 0 : last.at + Math.ceil(coalesce?.everyMs ?? 0)
}

/** A lane that was just served stands behind those that were due before. */
const readyAt = ({ servedAt = 0 }: Lane, delivery: Delivery): number =>
  delivery.state === 'waiting'
    ? Math.max(delivery.dueAt, servedAt)
    : (delivery.leaseUntil ?? Number.POSITIVE_INFINITY)

/**
 * The meaning of order. Walks by position: what is settled is passed; `planned` and `dead` are passed unless others need
 * what they capture, then the lane stands still; the first `waiting`, `claimed` or `begun` is the head, due or not, and
 * nothing behind it moves. A claimed or begun head becomes ready when its lease ends; one taken by hand never does.
 */
export const head = (lane: Lane): Head | undefined => {
  if (lane.gone !== undefined) return undefined
  for (const delivery of lane.deliveries) {
    if (delivery.state === 'planned' || delivery.state === 'dead') {
      if (delivery.holds) return undefined
    } else if (delivery.state === 'waiting' || delivery.state === 'claimed' || delivery.state === 'begun') {
      return { delivery, readyAt: readyAt(lane, delivery), pacedUntil: paceEndOf(lane, delivery) }
    }
  }
  return undefined
}

/**
 * Names that a delivery needs and that no delivery captured, each with the first planned or dead one of its lane that would capture it. Stores
 * give it with a claim, so that an attempt knows for whom it waits.
 */
export const findOwed = (
  delivery: Delivery,
  deliveries: readonly Delivery[],
  isCaptured: (name: string) => boolean,
): NonNullable<Claim['owed']> => {
  if (delivery.descriptor === undefined) return {}
  const owed = needs(delivery.descriptor).flatMap(name => {
    if (isCaptured(name)) return []
    const debtor = deliveries.find(
      ({ state, descriptor }) =>
        (state === 'planned' || state === 'dead') && Object.hasOwn(descriptor?.captures ?? {}, name),
    )
    return debtor === undefined ? [] : [[name, { key: debtor.key, state: debtor.state }] as const]
  })
  return Object.fromEntries(owed) as NonNullable<Claim['owed']>
}

/**
 * A delivery that is to die because another owes it a capture waits instead when that one was released, retried or
 * acknowledged since the claim: nothing would put it back later. `debtor`: the state of the other one now.
 */
export const unlessFreed = (settlement: Settlement, debtor: State | undefined): Settlement => {
  if (settlement.waitsFor === undefined) return settlement
  const { waitsFor: _, ...rest } = settlement
  const freed = debtor === 'waiting' || debtor === 'claimed' || debtor === 'begun' || debtor === 'delivered'
  return freed ? { ...rest, state: 'waiting', reason: null } : settlement
}

/** After an attempt that reported. */
export const applySettlement = (delivery: Delivery, settlement: Settlement, now: number): Delivery => {
  const {
    token: _,
    leaseUntil: __,
    owner: ___,
    doubtSince: ____,
    reason: _____,
    rejected: ______,
    waitsFor: _______,
    ...rest
  } = delivery
  const { state, attempts, dueAt, misses, exposed, doubtSince, reason, rejected, waitsFor } = settlement
  return {
    ...rest,
    state,
    attempts,
    dueAt,
    misses,
    // A look-up that reports says nothing of the call that took three workers with it.
    unreported: attempts < delivery.attempts ? delivery.unreported : 0,
    ...(exposed === true ? { exposed } : {}),
    ...(doubtSince === null ? {} : { doubtSince }),
    ...(reason === null ? {} : { reason }),
    ...(rejected === null ? {} : { rejected }),
    ...(waitsFor === undefined ? {} : { waitsFor }),
    ...(state === 'delivered' ? { settledAt: now } : {}),
  }
}

/** The state of a lane's coalesce names once this one is delivered. The newest planned stays the newest. */
export const rememberSent = (
  sent: LaneState['sent'],
  delivery: Pick<Delivery, 'key' | 'rank' | 'descriptor'>,
  now: number,
): LaneState['sent'] => {
  const name = delivery.descriptor?.coalesce?.name
  if (name === undefined) return sent
  const last = sent[name]
  const newest = last !== undefined && last.rank > delivery.rank ? last : delivery
  return { ...sent, [name]: { at: now, rank: newest.rank, key: newest.key } }
}
