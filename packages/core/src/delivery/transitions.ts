import type { Descriptor } from '../descriptor/descriptor.ts'
import { needs } from '../descriptor/refs.ts'
import {
  type Delivery,
  type Incoming,
  type LaneState,
  LONGEST_WAIT_MS,
  type Settlement,
  type State,
} from './model.ts'

/** Whether a delivery is in none of its final states. */
export const isOpen = (delivery: Pick<Delivery, 'state'>): boolean =>
  delivery.state !== 'delivered' && delivery.state !== 'replaced' && delivery.state !== 'dropped'

/** Whose it is now, and for how long; absent for one taken by hand. */
export type Lease = Readonly<{
  /** Proof of this claim, never the same twice. */
  token: string
  /** When it ends by itself, epoch ms, by the store's clock. */
  leaseUntil: number
  /** The store that claimed it: while its lock is held, its process lives. */
  owner: string
}>

/** Claimed by a worker, or taken by hand and begun at once: the attempt is counted, the first one is dated. */
export const markClaimed = (
  delivery: Delivery,
  lease: Lease | undefined,
  pausedMs: number,
  now: number,
): Delivery => ({
  ...delivery,
  state: lease === undefined ? 'begun' : 'claimed',
  attempts: delivery.attempts + 1,
  firstAt: delivery.firstAt ?? now,
  ...(delivery.clockAt === undefined ? { clockAt: now, pausedBefore: pausedMs } : {}),
  ...lease,
})

/** Whether this token still holds it. */
export const isHeldBy = (delivery: Delivery | undefined, token: string): delivery is Delivery =>
  (delivery?.state === 'claimed' || delivery?.state === 'begun') && delivery.token === token

/** Knowledge of the worker that has a lease. `silent`: not heard of for a while, which proves nothing. */
export type Owner = 'alive' | 'silent' | 'gone'

/**
 * When the attempt of a held delivery can last have been alive, if that is over: the end of its lease, or now when its
 * owner is gone or the clock was set back. A silent owner loses what surely did not leave (claimed, and not `safe`: its
 * `begin` will be refused). `undefined`: it goes on, or it was taken by hand.
 */
export const aliveUntil = (delivery: Delivery, owner: Owner, now: number): number | undefined => {
  const { state, leaseUntil } = delivery
  if ((state !== 'claimed' && state !== 'begun') || leaseUntil === undefined) return undefined
  if (leaseUntil <= now) return leaseUntil
  if (owner === 'gone' || leaseUntil > now + LONGEST_WAIT_MS) return now
  return owner === 'silent' && state === 'claimed' && delivery.descriptor?.repeat !== 'safe' ? now : undefined
}

/** How many reads an attempt may need: each of `before` may be asked twice, a look-up and the one of `instead` once. */
export const readsOf = ({ before, instead, repeat }: Descriptor): number =>
  (before ?? []).length * 2 + (typeof repeat === 'object' ? 1 : 0) + (instead === undefined ? 0 : 1)

/** Whether an attempt sends the call of a claim before anything else, and could not repeat it without a question. */
export const isSentFirst = (
  { descriptor, doubtSince }: Pick<Delivery, 'descriptor' | 'doubtSince'>,
  refs: Readonly<Record<string, unknown>>,
): boolean => {
  if (descriptor === undefined || doubtSince !== undefined) return false
  const { before, instead, repeat } = descriptor
  const looks = repeat === 'safe' || (typeof repeat === 'object' && repeat.first === true)
  if (looks || instead !== undefined || (before !== undefined && before.length > 0)) return false
  return needs(descriptor).every(name => Object.hasOwn(refs, name))
}

/** The request may leave: an earlier doubt no longer applies. */
export const markBegun = (delivery: Delivery): Delivery => {
  const { doubtSince: _, ...sure } = delivery
  return { ...sure, state: 'begun' }
}

/**
 * A delivery that is to die because another owes it a capture waits instead when that one was released, retried or
 * acknowledged since the claim: nothing would put it back later. `debtor`: the state of the other one now.
 */
export const unlessFreed = (settlement: Settlement, debtor: State | undefined): Settlement => {
  const { waitsFor, ...rest } = settlement
  const freed = debtor === 'waiting' || debtor === 'claimed' || debtor === 'begun' || debtor === 'delivered'
  return waitsFor !== undefined && freed ? { ...rest, state: 'waiting', reason: null } : settlement
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

/** A place a hook left empty when it threw takes what the hook plans now; `undefined`: there is nothing to fill. */
export const fillPlace = (
  old: Delivery | undefined,
  incoming: Incoming,
  now: number,
): Delivery | undefined => {
  if (old?.state !== 'dead' || old.descriptor !== undefined || incoming.descriptor === undefined)
    return undefined
  const { reason: _, ...rest } = old
  const { action, descriptor, via, holds } = incoming
  return {
    ...rest,
    action,
    descriptor,
    via,
    holds,
    state: via === 'preview' ? 'planned' : 'waiting',
    dueAt: now,
  }
}
