import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** The longest that an event loop stood still, ms. */
export type Stillness = Readonly<{
  /** For whatever reason. */
  allMs: number
  /** While it did not wait for a processor. */
  blockedMs: number
}>

/** Between two looks, ms. */
const LOOK_MS = 2

/**
 * How long this thread was ready and other processes had the processor, ms: that is not our doing, and all else is, the
 * disk too (https://docs.kernel.org/scheduler/sched-stats.html). Where there is no such count it is 0.
 */
const readWaitMs = (): number => {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}

/**
 * Looks at this event loop until the function that it answers is called. The process runs with `--single-threaded`: else the loop also stands
 * still while threads of V8, which help it, wait for a processor, and no count tells that.
 */
export const beginLooks = (): (() => Stillness) => {
  const delay = monitorEventLoopDelay({ resolution: LOOK_MS })
  delay.enable()
  let blockedMs = 0
  let before = { waited: readWaitMs(), at: performance.now() }
  const looks = setInterval(() => {
    // The time lies within the two readings of the count: a wait between the one and the other is not taken for ours.
    const at = performance.now()
    const waited = readWaitMs()
    blockedMs = Math.max(blockedMs, at - before.at - (waited - before.waited) - LOOK_MS)
    before = { waited, at: performance.now() }
  }, LOOK_MS)
  return () => {
    delay.disable()
    clearInterval(looks)
    return { allMs: delay.max / 1e6, blockedMs }
  }
}
