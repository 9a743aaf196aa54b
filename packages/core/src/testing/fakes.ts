/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export const createRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A clock that stands still until a test moves it. Times are epoch ms; default start 2026-01-01T00:00:00Z. */
export interface FakeClock {
  /** Epoch ms. */
  readonly now: () => number
  /** Moves it on. */
  advance(ms: number): void
}

/** Makes a clock that stands still until a test moves it. */
export const fakeClock = (start = Date.UTC(2026, 0, 1)): FakeClock => {
  let time = start
  return {
    now: () => time,
    advance: ms => {
      time += ms
    },
  }
}
