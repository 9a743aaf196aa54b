import type { Timers } from './events.ts'

/** A store that is waited for less long has its answers written as soon as they are there, ms. */
const AWAY_MS = 2

/** The longest that answers wait for others, ms. */
const MOST_MS = 25

/** Waits for answers that are about to come, to write them together: a transaction costs as much as many deliveries. */
export interface Gathering {
  /** Says how long the worker waited for the claim before: answers wait as long for others. */
  readonly note: (ms: number) => void
  /** Whether the store is away: an answer that comes during a claim then waits for those of the calls that it gives. */
  readonly isAway: () => boolean
  /** Waits, and then flushes. */
  readonly begin: () => void
}

/** Waits two turns of the loop, or as long as a store that is away made wait, unless nothing is under way any more. */
export const createGathering = (timers: Timers, isOver: () => boolean, flush: () => void): Gathering => {
  let ms = 0
  const isAway = (): boolean => ms >= AWAY_MS
  const wait = (left: number): void => {
    const next = (): void => wait(left - 1)
    if (left <= 0 || isOver()) flush()
    else if (isAway()) timers.keepAlive(1, next)
    else timers.soon(next)
  }
  return {
    note: waited => {
      ms = waited
    },
    isAway,
    begin: () => wait(isAway() ? Math.min(MOST_MS, ms) : 2),
  }
}
