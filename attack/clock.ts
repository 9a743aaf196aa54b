/** Clocks that run faster than the system's, the same in every process that knows `base`. */
export type Clock = Readonly<{ now: () => number; monotonic: () => number }>

/** Time since `base` (epoch ms of the system) runs `speed` times as fast: a wait of a minute takes less. */
export const fastClock = (base: number, speed: number): Clock => ({
  now: () => Math.round(base + (Date.now() - base) * speed),
  monotonic: () => performance.now() * speed,
})

/** A clock that stands still until it is moved, and can be set, forward and back. The others know nothing of its being set. */
export type HeldClock = Clock &
  Readonly<{
    /** Time as everybody else has it, epoch ms. */
    true: () => number
    pass: (ms: number) => void
    /** So far ahead of the true time from now on. */
    set: (aheadMs: number) => void
    add: (byMs: number) => void
  }>

/** Makes a clock that stands still; `start` is its first time, epoch ms. */
export const createHeldClock = (start: number): HeldClock => {
  let elapsed = 0
  let ahead = 0
  return {
    now: () => start + elapsed + ahead,
    true: () => start + elapsed,
    monotonic: () => elapsed,
    pass: ms => {
      elapsed += ms
    },
    set: aheadMs => {
      ahead = aheadMs
    },
    add: byMs => {
      ahead += byMs
    },
  }
}
