import { isThenable } from '../session/at-once.ts'
import { LONGEST_MS } from '../transport/contract.ts'
import type { Emit } from './events.ts'
import type { Claim, Settlement } from './model.ts'

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
  /** Has `act` write them, and emits what each of them means; reports each where `act` throws, and keeps it for `rewrite`. */
  readonly write: <T extends Readonly<{ settled?: readonly boolean[] }>>(
    taken: readonly Ended[],
    act: (settlements: readonly Settlement[]) => Promise<T>,
  ) => Promise<T>
  /**
   * Writes what could not be written, each alone. One that the store does not take although it took others since is dropped,
   * and so is each at the end (`isLast`): the store gives the delivery back.
   */
  readonly rewrite: (isLast?: boolean) => Promise<unknown>
}

/** Makes the endings of one worker. `holding` has the keys that it still works on. */
export const createEndings = (
  emit: Emit,
  report: (where: string) => (thrown: unknown) => void,
  settle: (settlements: readonly Settlement[]) => Promise<readonly boolean[]>,
  holding: Set<string>,
): Endings => {
  const unwritten = new Set<Ended>()
  /** Whether the last write succeeded. */
  let works = true
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
        works = true
        taken.forEach(({ claim, settlement }, n) => {
          if (done.settled?.[n] === true) emitSettled(emit, claim, settlement)
        })
        return done
      } catch (thrown) {
        works = false
        for (const each of taken) {
          const { key } = each.claim.delivery
          unwritten.add(each)
          holding.add(key)
          report(`delivery ${key}`)(thrown)
        }
        throw thrown
      } finally {
        writing -= taken.length
      }
    },
    rewrite: isLast =>
      Promise.all(
        [...unwritten].map(async each => {
          const { claim, settlement } = each
          const settled = await settle([settlement]).catch(() => undefined)
          if (settled === undefined && !works && isLast !== true) return
          unwritten.delete(each)
          holding.delete(claim.delivery.key)
          if (settled?.[0] === true) emitSettled(emit, claim, settlement)
        }),
      ),
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

type Handle = Readonly<{ unref?: () => unknown }>
type Immediate = (call: () => void) => unknown

/** Calls after `ms`, however long that is: longer waits than one timer has are made of several. `keep` says whether the process is kept alive. */
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

/** Keeps the process alive until the work is done, although no socket of ours does. */
export const holdFor =
  (timers: Timers) =>
  async <T>(work: () => Promise<T>): Promise<T> => {
    const leave = timers.keepAlive(LONGEST_MS, () => undefined)
    try {
      return await work()
    } finally {
      leave()
    }
  }

/** A store that is waited for less long has its answers written as soon as they are there, ms. */
const AWAY_MS = 2

/** The longest that answers wait for others, ms. */
const MOST_MS = 25

/** Turns of the loop before those that came are written. */
const TURNS = 2

/** So many answers that took longer, ms, are written at once: their lanes' next requests leave while the others come. */
const FEW = 16
const SLOW_MS = 10

/** Waits for answers that are about to come, to write them together: a transaction costs as much as many deliveries. */
export interface Gathering {
  /** Says that a claim is asked for. */
  readonly ask: () => void
  /** Says how long the worker waited for it: answers wait as long for others. A store that lets in nothing else is not away. */
  readonly note: (ms: number) => void
  /** Whether the store is away: an answer that comes during a claim then waits for those of the calls that it gives. */
  readonly isAway: () => boolean
  /** Waits, and then flushes. `tookMs`: how long after its claim the first answer came. */
  readonly begin: (tookMs?: number) => void
}

/**
 * Waits two turns of the loop, and on while quick answers come, or as long as a store that is away made wait, unless nothing
 * is under way any more. `count`: how many came.
 */
export const createGathering = (
  timers: Timers,
  count: () => number,
  isOver: () => boolean,
  flush: () => void,
): Gathering => {
  let ms = 0
  /** Whether the loop turned since the claim was asked for. */
  let lets = false
  const isAway = (): boolean => ms >= AWAY_MS
  const wait = (left: number, most: number, seen: number): void => {
    const came = count()
    if (left <= 0 || isOver()) flush()
    else if (isAway()) timers.keepAlive(1, () => wait(left - 1, most, came))
    else if (came >= most) flush()
    else timers.soon(() => wait(came > seen && most > FEW ? TURNS : left - 1, most, came))
  }
  return {
    ask: () => {
      lets = false
      timers.soon(() => {
        lets = true
      })
    },
    note: waited => {
      ms = lets ? waited : 0
    },
    isAway,
    begin: (tookMs = 0) =>
      wait(isAway() ? Math.min(MOST_MS, ms) : TURNS, tookMs > SLOW_MS ? FEW : Number.POSITIVE_INFINITY, 0),
  }
}
