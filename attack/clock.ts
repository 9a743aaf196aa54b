/** Clocks that run faster than the system's, the same in every process that knows `base`. */
export type Clock = Readonly<{ now: () => number; monotonic: () => number }>

/** Time since `base` (epoch ms of the system) runs `speed` times as fast: a wait of a minute takes less. */
export const fastClock = (base: number, speed: number): Clock => ({
  now: () => Math.round(base + (Date.now() - base) * speed),
  monotonic: () => performance.now() * speed,
})

/** A fast clock that can be set, forward and back. The monotonic one knows nothing of it. */
export const settableClock = (
  speed: number,
): Clock & Readonly<{ set: (aheadMs: number) => void; add: (byMs: number) => void }> => {
  const { now, monotonic } = fastClock(Date.now(), speed)
  let ahead = 0
  return {
    now: () => now() + ahead,
    monotonic,
    set: aheadMs => {
      ahead = aheadMs
    },
    add: byMs => {
      ahead += byMs
    },
  }
}
