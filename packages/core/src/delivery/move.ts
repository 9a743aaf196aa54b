import { needs } from '../descriptor/refs.ts'
import type { Json } from '../session/schema.ts'
import type { Delivery, Lane, Move, Moved } from './model.ts'

/** Effect of a move on one delivery of a lane. */
export type Moving = Readonly<{
  /** The delivery after the move; absent: nothing changes. */
  written?: Delivery
  /** The report for the caller. */
  moved: Moved
}>

const refuse = (delivery: Delivery, why: string): Moving => ({
  moved: { key: delivery.key, asked: delivery.key, state: delivery.state, refused: `${delivery.key} ${why}` },
})

const reportMove = (written: Delivery): Moving => ({
  written,
  moved: { key: written.key, asked: written.key, state: written.state },
})

const without = <K extends keyof Delivery>(delivery: Delivery, ...names: readonly K[]): Omit<Delivery, K> => {
  const copy: Record<string, unknown> = { ...delivery }
  for (const name of names) delete copy[name]
  return copy as Omit<Delivery, K>
}

/** The answer for a key that is not stored. */
export const stranger = (key: string): Moved => ({
  key,
  asked: key,
  refused: `unknown key ${key}: it was never planned, or pruned`,
})

/** The answer for a replaced one: its successor stands for it. A preview's successor may still wait for its own release. */
export const describeMove = (
  asked: string,
  { key, state }: Pick<Delivery, 'key' | 'state'>,
  how: Move['kind'],
): Moved => ({
  key,
  asked,
  state: 'replaced',
  ...(how === 'release' && state === 'planned'
    ? { refused: `${asked} was replaced by ${key}, which is still planned: release that one` }
    : {}),
})

/** Where the lane's refs would have to come from: an earlier delivery, not released, that captures what this one needs. */
export const findHolder = (
  lane: Lane,
  delivery: Delivery,
  captured: (name: string) => boolean,
  releasing: ReadonlySet<string>,
): Delivery | undefined => {
  if (delivery.descriptor === undefined) return undefined
  const needed = needs(delivery.descriptor).filter(name => !captured(name))
  return lane.deliveries.find(
    each =>
      each.position < delivery.position &&
      each.state === 'planned' &&
      !releasing.has(each.key) &&
      needed.some(name => Object.hasOwn(each.descriptor?.captures ?? {}, name)),
  )
}

/** Planned to waiting, in its old place; refused, by name, when it needs a capture of one that is not released. */
export const release = (
  lane: Lane,
  delivery: Delivery,
  captured: (name: string) => boolean,
  releasing: ReadonlySet<string>,
  now: number,
): Moving => {
  if (delivery.state !== 'planned') return refuse(delivery, `is ${delivery.state}, not planned`)
  const holder = findHolder(lane, delivery, captured, releasing)
  if (holder !== undefined) return refuse(delivery, `needs what ${holder.key} captures: release that one too`)
  return reportMove({ ...delivery, state: 'waiting', dueAt: now })
}

/** The newest of the same coalesce name that came after it, sent or not. A preview stops no sending. */
const overtakenBy = (lane: Lane, delivery: Delivery): string | undefined => {
  const name = delivery.descriptor?.coalesce?.name
  if (name === undefined) return undefined
  const newer = lane.deliveries.filter(
    each => each.descriptor?.coalesce?.name === name && each.rank > delivery.rank && each.state !== 'planned',
  )
  const sent = lane.sent[name]
  return (
    newer.sort((a, b) => b.rank - a.rank)[0]?.key ??
    (sent !== undefined && sent.rank > delivery.rank ? sent.key : undefined)
  )
}

/**
 * Dead to waiting, in its old place, attempts at 0, doubt unchanged; `resend` says that what is in doubt did not happen,
 * and gives back what was taken by hand and not sent.
 * One that a newer delivery of its coalesce name has overtaken is replaced by that one.
 */
export const retry = (lane: Lane, delivery: Delivery, resend: boolean, now: number): Moving => {
  const taken = delivery.state === 'begun' && delivery.leaseUntil === undefined
  if (taken && !resend)
    return refuse(delivery, 'was taken by hand: acknowledge it, or retry it with resend when it was not sent')
  if (!taken && delivery.state !== 'dead') return refuse(delivery, `is ${delivery.state}, not dead`)
  if (delivery.descriptor === undefined)
    return refuse(delivery, 'was never planned: plan it again with tracker.retry')
  const successor = overtakenBy(lane, delivery)
  if (successor !== undefined) {
    const written: Delivery = {
      ...without(delivery, 'descriptor', 'doubtSince', 'waitsFor'),
      state: 'replaced',
      successor,
      settledAt: now,
    }
    return { written, moved: { key: successor, asked: delivery.key, state: 'replaced' } }
  }
  if (delivery.doubtSince !== undefined && delivery.descriptor.repeat === 'unsafe' && !resend)
    return refuse(
      delivery,
      'may have been applied and cannot be looked up: acknowledge it, or retry it with resend, or drop it',
    )
  const fresh = without(
    delivery,
    'clockAt',
    'rejected',
    'reason',
    'waitsFor',
    ...(resend ? (['doubtSince'] as const) : []),
  )
  // A safe call is never in doubt: it is simply sent again.
  const calm = delivery.descriptor.repeat === 'safe' ? without(fresh as Delivery, 'doubtSince') : fresh
  return reportMove({
    ...(calm as Delivery),
    state: 'waiting',
    attempts: 0,
    misses: 0,
    unreported: 0,
    dueAt: now,
  })
}

/**
 * Whether what was moved can bring its captures now: stores then retry those that died because they need one of them
 * (`waitsFor`).
 */
export const isOnItsWay = ({ state, refused }: Moved): boolean =>
  refused === undefined && (state === 'waiting' || state === 'delivered')

/** Planned, waiting or dead to dropped: it is never sent. */
export const drop = (delivery: Delivery, now: number): Moving =>
  delivery.state === 'planned' || delivery.state === 'waiting' || delivery.state === 'dead'
    ? reportMove({ ...delivery, state: 'dropped', settledAt: now })
    : refuse(delivery, `is ${delivery.state}: only planned, waiting and dead ones can be dropped`)

/** It happened elsewhere: delivered with these captures, any token void. The first acknowledgement counts. */
export const acknowledge = (
  delivery: Delivery,
  captures: Readonly<Record<string, Json>>,
  now: number,
): Moving => {
  if (delivery.state === 'delivered')
    return { moved: { key: delivery.key, asked: delivery.key, state: 'delivered' } }
  if (delivery.state === 'dropped') return refuse(delivery, 'was dropped')
  const missing = Object.keys(delivery.descriptor?.captures ?? {}).filter(
    name => captures[name] === undefined,
  )
  if (missing.length > 0)
    return refuse(delivery, `captures ${missing.join(', ')}, which the reply does not hold`)
  const rest = without(
    delivery,
    ...(['token', 'leaseUntil', 'owner', 'doubtSince', 'reason', 'rejected', 'waitsFor'] as const),
  )
  return reportMove({ ...rest, state: 'delivered', settledAt: now })
}
