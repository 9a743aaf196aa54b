/** Waiting, as an argument. Nothing here keeps the process alive but `hold`, and `soon` for one turn of its loop. */
export interface Timers {
  /** Calls once after `ms`; returns how to cancel. Never keeps the process alive. */
  readonly after: (ms: number, call: () => void) => () => void
  /** Calls once, as soon as other work was let in. */
  readonly soon: (call: () => void) => void
  /** Like `after`, and keeps the process alive meanwhile: somebody awaits. */
  readonly hold: (ms: number, call: () => void) => () => void
}

type Handle = Readonly<{ unref?: () => unknown }>
type Immediate = (call: () => void) => unknown

/** The system's timers; in a host without `unref` or `setImmediate` they are plain time-outs. */
export const timersOf = (): Timers => {
  const { setImmediate } = globalThis as unknown as { setImmediate?: Immediate }
  const after = (ms: number, call: () => void): (() => void) => {
    const timer = setTimeout(call, ms)
    ;(timer as unknown as Handle).unref?.()
    return () => clearTimeout(timer)
  }
  return {
    after,
    soon: call => {
      if (setImmediate === undefined) after(0, call)
      // Not released: Node would then wait for something else to happen first.
      else setImmediate(call)
    },
    hold: (ms, call) => {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
  }
}
