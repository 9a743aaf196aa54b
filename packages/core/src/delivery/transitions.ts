import type { Rate } from '../adapter/contract.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import { needs } from '../descriptor/refs.ts'
import { type Delivery, type Incoming, LONGEST_WAIT_MS } from './model.ts'

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

/**
 * Claimed by a worker, or taken by hand and begun at once: the attempt is counted, the first one is dated. `begins`: the
 * request of a worker may leave at once too.
 */
export const markClaimed = (
  delivery: Delivery,
  lease: Lease | undefined,
  pausedMs: number,
  now: number,
  begins = false,
): Delivery => ({
  ...delivery,
  state: lease === undefined || begins ? 'begun' : 'claimed',
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

/**
 * Calls of one limit that ended, counted in slices of a sixteenth of the window: at most `count` in any `perMs`, since a
 * slice counts until all of it lies outside of the window. 17 numbers keep the bound and the whole burst.
 */
export type Window = Readonly<{
  /** Number of the newest slice: the time divided by the length of a slice. */
  slice: number
  /** Calls by slice, the newest last; at most 17. */
  slots: readonly number[]
}>

/** Room of a limit now. */
export type Room = Readonly<{
  /** The window as it is now. */
  window: Window
  /** Calls that may begin now. */
  room: number
  /** When there is room at the earliest, epoch ms; only where there is none now. */
  freeAt?: number
}>

const SLICES = 16

/** A window nothing was counted in. */
export const EMPTY: Window = { slice: 0, slots: [] }

const sliceAt = (time: number, perMs: number): number => Math.floor((time * SLICES) / perMs)

/** When a slice lies outside of the window as a whole. */
const outAt = (slice: number, perMs: number): number => Math.ceil(((slice + SLICES + 1) * perMs) / SLICES)

/** The window at a later time. One that lies further ahead than its length was counted before the clock was set back. */
const slide = (window: Window, perMs: number, now: number): Window => {
  const slice = sliceAt(now, perMs)
  if (window.slice > sliceAt(now + perMs, perMs)) return { slice, slots: [] }
  if (window.slice >= slice) return window
  const gap = slice - window.slice
  if (gap > SLICES) return { slice, slots: [] }
  const slots = [...window.slots, ...Array.from({ length: gap }, () => 0)].slice(-(SLICES + 1))
  const first = slots.findIndex(count => count > 0)
  return { slice, slots: first < 0 ? [] : slots.slice(first) }
}

/** How many calls may begin now, or when one may at the earliest; `open`: calls that have a place and did not end. */
export const roomIn = (window: Window, rate: Rate, now: number, open = 0): Room => {
  const current = slide(window, rate.perMs, now)
  const { slice, slots } = current
  let used = slots.reduce((sum, count) => sum + count, open)
  if (used < rate.count) return { window: current, room: rate.count - used }
  for (const [n, count] of slots.entries()) {
    used -= count
    if (used < rate.count)
      return { window: current, room: 0, freeAt: outAt(slice - slots.length + 1 + n, rate.perMs) }
  }
  return { window: current, room: 0, freeAt: now + rate.perMs }
}

/** Counts calls in the newest slice. */
export const addCalls = ({ slice, slots }: Window, count: number): Window => ({
  slice,
  slots: [...slots.slice(0, -1), (slots.at(-1) ?? 0) + count],
})

/** Counts a call in the slice of its end. One that ended further ahead than the window's length did before the clock was set back. */
const addEnded = (window: Window, endedAt: number, perMs: number, now: number): Window => {
  const { slice, slots } = window
  const back = Math.max(0, slice - sliceAt(endedAt, perMs))
  if (back > SLICES || endedAt > now + perMs) return window
  const all = [...Array.from({ length: Math.max(0, back + 1 - slots.length) }, () => 0), ...slots]
  const place = all.length - 1 - back
  return { slice, slots: all.map((count, n) => (n === place ? count + 1 : count)) }
}

/**
 * A call that has a place and may not have ended yet: it can reach the service at any moment until then, however late
 * its worker sends it. So it counts from its claim until a whole window after its end, and no clock but the store's is asked.
 * `which`: the delivery, as the store names it, or the name of a read; `until` when a read has ended at the latest.
 */
export type Open = readonly [which: string, at: number, until?: number]

/** Finds when a call ended, by the store's clock; `undefined`: it is under way. */
export type FindEnd = (open: Open) => number | undefined

/** When a call of a delivery ended: when its lane was served since, else (nothing of it was reported) now. */
export const endOfCall = (at: number, isHeld: boolean, servedAt: number, now: number): number | undefined =>
  isHeld ? undefined : servedAt >= at ? servedAt : now

/** One rate that workers declare for a limit, with its window and the calls that are under way. */
type Declared = Rate & Window & Readonly<{ at: number; open?: readonly Open[] }>

/**
 * The windows of one limit: one for each rate that workers declared lately, and each bounds them all. So the smallest rate
 * holds where workers declare different ones.
 */
export type Windows = readonly Declared[]

/** A rate that no worker declared for so long is forgotten, ms; at least twice its own length. */
const FORGOTTEN_MS = 60_000

/** Moves what ended from the calls under way into the slice of its end. */
const closeEnded = (declared: Declared, find: FindEnd, now: number): Declared => {
  const { open = [], perMs } = declared
  const ends = open.map(find)
  if (ends.every(end => end === undefined)) return declared
  let window: Window = slide(declared, perMs, now)
  for (const end of ends) if (end !== undefined) window = addEnded(window, end, perMs, now)
  return { ...declared, ...window, open: open.filter((_, n) => ends[n] === undefined) }
}

const isRemembered = ({ perMs, at }: Declared, now: number): boolean =>
  at <= now + perMs && at > now - Math.max(FORGOTTEN_MS, 2 * perMs)

const isRate = (each: Rate, { count, perMs }: Rate): boolean => each.count === count && each.perMs === perMs

/** The calls of another window, in slices of this length; never earlier than they were. */
const recount = (known: Declared | undefined, perMs: number, now: number): Window => {
  if (known === undefined) return EMPTY
  const first = known.slice - known.slots.length + 1
  let window: Window = EMPTY
  for (const [n, count] of known.slots.entries()) {
    const end = Math.min(now, ((first + n + 1) * known.perMs) / SLICES)
    window = addCalls(roomIn(window, { count: 1, perMs }, end).window, count)
  }
  return window
}

/** Whether calls ended that still have their places: a store writes that down, also where it gives nothing. */
export const hasEnded = (windows: Windows, find: FindEnd): boolean =>
  windows.some(({ open = [] }) => open.some(each => find(each) !== undefined))

const isUnderWay: FindEnd = () => undefined

/** The windows of a limit at this time, with the rate a worker declares, and the room they leave together. */
export const roomOf = (
  windows: Windows,
  rate: Rate,
  now: number,
  find = isUnderWay,
): Readonly<{ windows: Windows; room: number; freeAt?: number }> => {
  const kept = windows
    .filter(each => isRate(each, rate) || isRemembered(each, now))
    .map(each => closeEnded(each, find, now))
  const own = kept.find(each => isRate(each, rate))
  const { count, perMs } = rate
  const all: Windows =
    own === undefined
      ? [...kept, { count, perMs, at: now, ...recount(kept[0], perMs, now), open: kept[0]?.open ?? [] }]
      : kept
  const rooms = all.map(each => roomIn(each, each, now, each.open?.length))
  const free = rooms.flatMap(({ freeAt }) => freeAt ?? [])
  return {
    windows: all.map((each, n) => ({
      ...each,
      ...rooms[n]?.window,
      at: isRate(each, rate) ? now : each.at,
    })),
    room: Math.min(...rooms.map(({ room }) => room)),
    ...(free.length === 0 ? {} : { freeAt: Math.max(...free) }),
  }
}

/** Counts calls of this moment in every window of a limit. */
export const countCalls = (windows: Windows, count: number): Windows =>
  windows.map(each => ({ ...each, ...addCalls(each, count) }))

/** Gives a call a place in every window of a limit, until its end is found. */
export const openCall = (windows: Windows, call: Open): Windows =>
  windows.map(each => ({ ...each, open: [...(each.open ?? []), call] }))

/** Gives a read a place: until its end is reported or its time is over, or as a call of this moment. */
export const drawCall = (
  windows: Windows,
  read: Readonly<{ id: string; lastsMs: number }> | undefined,
  now: number,
): Windows =>
  read === undefined
    ? countCalls(windows, 1)
    : openCall(windows, [read.id, now, Math.ceil(now + read.lastsMs)])

/** When nothing these windows counted matters any more, epoch ms. */
export const endOf = (windows: Windows): number =>
  Math.max(
    0,
    ...windows.map(({ slice, perMs, at, open = [] }) =>
      Math.max(outAt(slice, perMs), at + (open.length > 0 ? LONGEST_WAIT_MS : FORGOTTEN_MS)),
    ),
  )

/** The rate declared for a limit: by its name, or for all that begin as it does (`post:*`). */
export const rateOf = (
  rates: Readonly<Record<string, Rate>>,
  limit: string | undefined,
): Rate | undefined => {
  if (limit === undefined) return undefined
  if (Object.hasOwn(rates, limit)) return rates[limit]
  const all = `${limit.split(':', 1)[0] ?? ''}:*`
  return Object.hasOwn(rates, all) ? rates[all] : undefined
}
