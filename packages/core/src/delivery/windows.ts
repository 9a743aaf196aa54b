import type { Rate } from '../adapter/contract.ts'

/**
 * Calls of one limit, counted in slices of a sixteenth of the window: at most `count` in any `perMs`, since a slice counts
 * until all of it lies outside of the window. 17 numbers keep the bound, the whole burst, and 94 % of the sustained rate.
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
  /** When there is room, epoch ms; only where there is none now. */
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

/** How many calls may begin now, or when one may. */
export const roomIn = (window: Window, rate: Rate, now: number): Room => {
  const current = slide(window, rate.perMs, now)
  const { slice, slots } = current
  let used = slots.reduce((sum, count) => sum + count, 0)
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

/** One rate that workers declare for a limit, with its window. */
type Declared = Rate & Window & Readonly<{ at: number }>

/**
 * The windows of one limit: one for each rate that workers declared lately, and each bounds them all. So the smallest rate
 * holds where workers declare different ones.
 */
export type Windows = readonly Declared[]

/** A rate that no worker declared for so long is forgotten, ms; at least twice its own length. */
const FORGOTTEN_MS = 60_000

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

/** The windows of a limit at this time, with the rate a worker declares, and the room they leave together. */
export const roomOf = (
  windows: Windows,
  rate: Rate,
  now: number,
): Readonly<{ windows: Windows; room: number; freeAt?: number }> => {
  const kept = windows.filter(each => isRate(each, rate) || isRemembered(each, now))
  const own = kept.find(each => isRate(each, rate))
  const { count, perMs } = rate
  const all: Windows =
    own === undefined ? [...kept, { count, perMs, at: now, ...recount(kept[0], perMs, now) }] : kept
  const rooms = all.map(each => roomIn(each, each, now))
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

/** Counts calls in every window of a limit. */
export const countCalls = (windows: Windows, count: number): Windows =>
  windows.map(each => ({ ...each, ...addCalls(each, count) }))

/** When nothing these windows counted matters any more, epoch ms. */
export const endOf = (windows: Windows): number =>
  Math.max(0, ...windows.map(({ slice, perMs, at }) => Math.max(outAt(slice, perMs), at + FORGOTTEN_MS)))

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
