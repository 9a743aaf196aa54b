/** The longest a timer of JavaScript can wait, ms. */
const LONGEST_MS = 2 ** 31 - 1
/** A timer that fires this much later than asked, ms, was held up by a blocked loop. */
const LATE_MS = 20
/** How long an answer that arrived during that time has to be read, ms: a body may come in several parts. */
const POLL_MS = 50

/**
 * Calls `late` once `ms` have passed; the function it returns ends the wait. Timers run before the poll phase of the loop:
 * after the loop was blocked, an answer may lie in the socket, unread, and has one poll phase and 50 ms to arrive.
 */
export const startDeadline = (ms: number, late: () => void): (() => void) => {
  const waitMs = Math.min(ms, LONGEST_MS)
  const endsAt = performance.now() + waitMs
  let timer = setTimeout(() => {
    if (performance.now() - endsAt < LATE_MS) return late()
    timer = setTimeout(() => {
      timer = setTimeout(late, POLL_MS)
    }, 0)
  }, waitMs)
  // The process may end while it runs, where timers can do that (Node).
  ;(timer as unknown as { unref?: () => void }).unref?.()
  return () => clearTimeout(timer)
}
