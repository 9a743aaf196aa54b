/** Waiting, as an argument. Nothing here keeps the process alive but `hold`, and `soon` for one turn of its loop. */
export interface Timers {
  /** Calls once after `ms`; returns how to cancel. Never keeps the process alive. */
  readonly after: (ms: number, call: () => void) => () => void
  /** Calls once, as soon as other work was let in. */
  readonly soon: (call: () => void) => void
  /** Like `after`, and keeps the process alive meanwhile: somebody awaits. */
  readonly hold: (ms: number, call: () => void) => () => void
}

/** The longest a timer of JavaScript can wait, ms; it calls at once for more, so longer waits are made of several. */
const LONGEST_MS = 2 ** 31 - 1

type Handle = Readonly<{ unref?: () => unknown }>
type Immediate = (call: () => void) => unknown

/** Calls after `ms`, however long that is; `keep` says whether the process is kept alive. */
const callAfter = (ms: number, keep: boolean, call: () => void): (() => void) => {
  let timer: ReturnType<typeof setTimeout>
  const arm = (left: number): void => {
    const next = left > LONGEST_MS ? () => arm(left - LONGEST_MS) : call
    timer = setTimeout(next, Math.min(left, LONGEST_MS))
    if (!keep) (timer as unknown as Handle).unref?.()
  }
  arm(ms)
  return () => clearTimeout(timer)
}

/** The system's timers; in a host without `unref` or `setImmediate` they are plain time-outs. */
export const timersOf = (): Timers => {
  const { setImmediate } = globalThis as unknown as { setImmediate?: Immediate }
  return {
    after: (ms, call) => callAfter(ms, false, call),
    soon: call => {
      if (setImmediate === undefined) callAfter(0, false, call)
      // Not released: Node would then wait for something else to happen first.
      else setImmediate(call)
    },
    hold: (ms, call) => callAfter(ms, true, call),
  }
}
