import { isThenable } from '../session/at-once.ts'
import type { Json } from '../session/schema.ts'
import type { Claim, Pause, Settlement } from './model.ts'

/** Which delivery an event speaks of. */
export type Which = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** The session's id, `init`, or the key of a call that belongs to no session. */
  lane: string
  /** Its idempotency key. */
  key: string
  /** The name of the adapter's action. */
  action: string
}>

/** Payloads of the events of delivery, by event name. */
export type DeliveryEvents = Readonly<{
  /** Applied. `lookedUp`: found by a look-up after doubt, not sent again. */
  delivered: Which &
    Readonly<{
      /** Attempts that count, this one too. */
      attempts: number
      /** Values captured from the reply or the found item, by name. */
      captures: Readonly<Record<string, Json>>
      /** True: a look-up found it, nothing was sent this time. */
      lookedUp: boolean
    }>
  /** Will be tried again, not before `dueAt` (epoch ms). */
  retry: Which &
    Readonly<{
      /** Attempts that count so far. */
      attempts: number
      /** Why it did not work, with secrets redacted. */
      reason: string
      /** Not before this, epoch ms. */
      dueAt: number
    }>
  /** Perhaps applied: it is looked up before it is sent again. */
  inDoubt: Which &
    Readonly<{
      /** Attempts that count so far. */
      attempts: number
      /** Why the result is unknown, with secrets redacted. */
      reason: string
      /** When it is looked up at the earliest, epoch ms. */
      dueAt: number
    }>
  /** Dead, in its place, until an operator retries or drops it. */
  dead: Which &
    Readonly<{
      /** Attempts that count. */
      attempts: number
      /** Why it is dead, with secrets redacted. */
      reason: string
      /** True: it may have been applied; acknowledge it, or retry it with `resend`. */
      inDoubt: boolean
    }>
  /** An adapter, or one of its limits, is paused. */
  paused: Readonly<{
    /** Of what, why and until when. */
    pause: Pause
  }>
  /** An adapter, or one of its limits, goes on. */
  unpaused: Readonly<{
    /** The adapter's name in the tracker. */
    adapter: string
    /** Absent: the whole adapter. */
    limit?: string
  }>
  /** A drain ended; `left` counts what is not delivered, by state. */
  drained: Readonly<{
    /** Everything that was not dropped or planned is delivered. */
    done: boolean
    /** How many are in each state; states without any are left out. */
    left: Readonly<Record<string, number>>
  }>
  /** An error that was not thrown to any caller: of a listener, a report, work in the background. */
  error: Readonly<{
    /** The error that was thrown. */
    error: Error
    /** In what, for people. */
    where: string
  }>
}>

/** Tells observers; never throws. */
export type Emit = <N extends keyof DeliveryEvents>(name: N, payload: DeliveryEvents[N]) => void

/** Tells observers how an attempt ended. */
const emitSettled = (emit: Emit, { delivery }: Claim, settlement: Settlement): void => {
  const which = {
    adapter: delivery.adapter,
    lane: delivery.lane,
    key: delivery.key,
    action: delivery.action,
  }
  const { attempts, dueAt } = settlement
  const reason = settlement.reason ?? ''
  const inDoubt = settlement.doubtSince !== null
  if (settlement.state === 'delivered') {
    const captures = settlement.captures ?? {}
    emit('delivered', { ...which, attempts, captures, lookedUp: settlement.lookedUp === true })
  } else if (settlement.state === 'dead') emit('dead', { ...which, attempts, reason, inDoubt })
  // Told once: what stays in doubt is only tried again.
  else if (inDoubt && delivery.doubtSince === undefined)
    emit('inDoubt', { ...which, attempts, reason, dueAt })
  else emit('retry', { ...which, attempts, reason, dueAt })
}

/** An attempt that ended, and what is to be written of it. */
export type Ended = Readonly<{ claim: Claim; settlement: Settlement }>

/** Attempts that ended: they are written together, alone or with the next claim. */
export interface Endings {
  /** Answers how many wait now. */
  readonly add: (ended: Ended) => number
  /** How many are not written yet, those that are being written included. */
  readonly count: () => number
  readonly take: () => readonly Ended[]
  /** Has `act` write them, and emits what each of them means; reports each where `act` throws. */
  readonly write: <T extends Readonly<{ settled?: readonly boolean[] }>>(
    taken: readonly Ended[],
    act: (settlements: readonly Settlement[]) => Promise<T>,
  ) => Promise<T>
}

/** Makes the endings of one worker. */
export const createEndings = (emit: Emit, report: (where: string) => (thrown: unknown) => void): Endings => {
  let waiting: Ended[] = []
  let writing = 0
  return {
    add: ended => waiting.push(ended),
    count: () => waiting.length + writing,
    take: () => {
      const taken = waiting
      waiting = []
      return taken
    },
    write: async (taken, act) => {
      writing += taken.length
      try {
        const done = await act(taken.map(({ settlement }) => settlement))
        taken.forEach(({ claim, settlement }, n) => {
          if (done.settled?.[n] === true) emitSettled(emit, claim, settlement)
        })
        return done
      } catch (thrown) {
        for (const { claim } of taken) report(`delivery ${claim.delivery.key}`)(thrown)
        throw thrown
      } finally {
        writing -= taken.length
      }
    },
  }
}

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
    // The wait ends with the value itself: a foreign promise may give another one, which never settles.
    Promise.resolve(given).then(
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
