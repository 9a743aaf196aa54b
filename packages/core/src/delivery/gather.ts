import type { Timers } from './events.ts'

/** A store that is waited for less long has its answers written as soon as they are there, ms. */
const AWAY_MS = 2

/** The longest that answers wait for others, ms. */
const MOST_MS = 25

/** Turns of the loop before those that came are written. */
const TURNS = 2

/** So many answers that took longer, ms, are written at once: their lanes' next requests leave while the others come. */
const FEW = 16
const SLOW_MS = 10

/** Waits for answers that are about to come, to write them together: a transaction costs as much as many deliveries. */
export interface Gathering {
  /** Says that a claim is asked for. */
  readonly ask: () => void
  /** Says how long the worker waited for it: answers wait as long for others. A store that lets in nothing else is not away. */
  readonly note: (ms: number) => void
  /** Whether the store is away: an answer that comes during a claim then waits for those of the calls that it gives. */
  readonly isAway: () => boolean
  /** Waits, and then flushes. `tookMs`: how long after its claim the first answer came. */
  readonly begin: (tookMs?: number) => void
}

/**
 * Waits two turns of the loop, and on while quick answers come, or as long as a store that is away made wait, unless nothing
 * is under way any more. `count`: how many came.
 */
export const createGathering = (
  timers: Timers,
  count: () => number,
  isOver: () => boolean,
  flush: () => void,
): Gathering => {
  let ms = 0
  /** Whether the loop turned since the claim was asked for. */
  let lets = false
  const isAway = (): boolean => ms >= AWAY_MS
  const wait = (left: number, most: number, seen: number): void => {
    const came = count()
    if (left <= 0 || isOver()) flush()
    else if (isAway()) timers.keepAlive(1, () => wait(left - 1, most, came))
    else if (came >= most) flush()
    else timers.soon(() => wait(came > seen && most > FEW ? TURNS : left - 1, most, came))
  }
  return {
    ask: () => {
      lets = false
      timers.soon(() => {
        lets = true
      })
    },
    note: waited => {
      ms = lets ? waited : 0
    },
    isAway,
    begin: (tookMs = 0) =>
      wait(isAway() ? Math.min(MOST_MS, ms) : TURNS, tookMs > SLOW_MS ? FEW : Number.POSITIVE_INFINITY, 0),
  }
}
