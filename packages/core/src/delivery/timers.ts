import { isThenable } from '../session/at-once.ts'

/** Waiting, as an argument. Nothing here keeps the process alive but `keepAlive`, and `soon` for one turn of its loop. */
export interface Timers {
  /** Calls once after `ms`; returns how to cancel. Never keeps the process alive. */
  readonly after: (ms: number, call: () => void) => () => void
  /** Calls once, as soon as other work was let in. */
  readonly soon: (call: () => void) => void
  /** Like `after`, and keeps the process alive meanwhile: a caller awaits. */
  readonly keepAlive: (ms: number, call: () => void) => () => void
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
    keepAlive: (ms, call) => callAfter(ms, true, call),
  }
}

/**
 * The value of a host's function, if it came within `ms`; rejects with `late` otherwise. A plain value needs no timer. Timers
 * run before the poll phase: after the loop was blocked, an answer may lie in a socket, unread, and two turns let it arrive.
 */
export const inTime = async <T>(
  given: T | PromiseLike<T>,
  ms: number,
  timers: Timers,
  late: () => Error,
): Promise<T> => {
  if (!isThenable(given)) return given as T
  return new Promise<T>((resolve, reject) => {
    const cancel = timers.after(ms, () => timers.soon(() => timers.soon(() => reject(late()))))
    given.then(
      value => {
        cancel()
        resolve(value as T)
      },
      (thrown: unknown) => {
        cancel()
        reject(thrown)
      },
    )
  })
}

/** Wakes all calls that wait at the moment. */
export interface Bell {
  readonly wait: () => Promise<void>
  readonly ring: () => void
}

/** Makes a bell without waiting calls. */
export const createBell = (): Bell => {
  let waiting: (() => void)[] = []
  return {
    wait: () =>
      new Promise(resolve => {
        waiting.push(resolve)
      }),
    ring: () => {
      const all = waiting
      waiting = []
      for (const wake of all) wake()
    },
  }
}

/**
 * Groups calls into one call of `write`, so that what becomes ready together costs one transaction: those of one tick, or
 * those that come before `soon` calls back. Each caller gets its own result, or the failure of the whole.
 */
export const createBatch = <I, O>(
  write: (items: readonly I[]) => Promise<readonly O[]>,
  soon: (call: () => void) => void = queueMicrotask,
): ((item: I) => Promise<O>) => {
  let open: { item: I; resolve: (value: O) => void; reject: (reason: unknown) => void }[] = []
  const flush = async (): Promise<void> => {
    const batch = open
    open = []
    try {
      const results = await write(batch.map(each => each.item))
      batch.forEach((each, n) => {
        each.resolve(results[n] as O)
      })
    } catch (thrown) {
      for (const each of batch) each.reject(thrown)
    }
  }
  return item =>
    new Promise<O>((resolve, reject) => {
      open.push({ item, resolve, reject })
      if (open.length === 1) soon(() => void flush())
    })
}

/** The longest a timer of JavaScript can wait. */
const LONGEST_HOLD_MS = 2 ** 31 - 1

/** Keeps the process alive until the work is done, although no socket of ours does. */
export const holdFor =
  (timers: Timers) =>
  async <T>(work: () => Promise<T>): Promise<T> => {
    const leave = timers.keepAlive(LONGEST_HOLD_MS, () => undefined)
    try {
      return await work()
    } finally {
      leave()
    }
  }
