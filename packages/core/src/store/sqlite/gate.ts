import type { Client } from './client.ts'
import { failLocked, failure, isBusy, isFull } from './failure.ts'

/**
 * The only way to the file. A lock that another connection holds is tried again by timer until `busyMs` are over, so the
 * event loop is never blocked by it.
 */
export interface Gate {
  /** Reads in one transaction: all of it is of one moment. */
  readonly read: <R>(act: () => R) => Promise<R>
  /** Writes all that `act` does, or nothing. It may run more than once. */
  readonly write: <R>(act: () => R) => Promise<R>
  /** Resolves when nothing waits any more. */
  readonly idle: () => Promise<void>
}

export type GateOptions = Readonly<{
  path: string
  busyMs: number
  /** Groups the writes of one tick into one transaction. */
  grouped: boolean
  /** Called after each transaction that wrote. */
  afterWrite: () => void
  /** Throws when the files of the store are no longer where they were: what is written would reach no other process. */
  there: (whole: boolean) => void
  /** Called after each transaction that found the disk full. */
  afterFull: () => void
  /** The promise that writing waits for, if any. */
  hold: () => Promise<void> | undefined
}>

type Job = Readonly<{
  act: () => unknown
  resolve: (value: unknown) => void
  reject: (reason: unknown) => void
  until: number
  /** It found the disk full once, and is tried again. */
  wasFull?: true
}>

/** One turn of the event loop is kept below this, ms, whatever waits. */
const TURN_MS = 10
/** Between two tries of a lock, ms: at least, and by chance at most so much more. */
const RETRY_MS = 1
const RETRY_SPREAD_MS = 8

/** Writes in one transaction, at most. */
const GROUP = 100
/** Longer than anything is waited for, ms. */
const LONG_MS = 86_400_000

type End = Readonly<{ ok: true; value: unknown } | { ok: false; thrown: unknown }>

const attempt = (act: () => unknown): End => {
  try {
    return { ok: true, value: act() }
  } catch (thrown) {
    return { ok: false, thrown }
  }
}

/** Makes the gate of one connection. */
export const createGate = (client: Client, options: GateOptions): Gate => {
  const { path, busyMs, grouped, afterWrite: written, afterFull, hold, there } = options
  let jobs: Job[] = []
  let planned = false
  const waiting = new Set<() => void>()

  const rollback = (): void => {
    if (client.inTransaction()) client.run('ROLLBACK')
  }

  /** A transaction of its own: `undefined` when the lock is not free. */
  const once = (begin: string, act: () => unknown): End | undefined => {
    const begun = attempt(() => client.run(begin))
    if (!begun.ok) return isBusy(begun.thrown) ? undefined : begun
    const writes = begin !== 'BEGIN'
    const end = attempt(() => {
      const value = act()
      // Before: nothing is left in a file that no other process has. After: every acknowledged write was in the right one.
      if (writes) there(true)
      client.run('COMMIT')
      if (writes) there(false)
      return value
    })
    if (end.ok) return end
    rollback()
    return isBusy(end.thrown) ? undefined : end
  }

  /** Several in one transaction, each of which may fail alone; `undefined` when the whole could not be written. */
  const together = (group: readonly Job[]): readonly End[] | undefined => {
    const end = once('BEGIN IMMEDIATE', () =>
      group.map(job => {
        client.run('SAVEPOINT one')
        const ended = attempt(job.act)
        // Some failures (a full disk) end the whole transaction.
        if (!ended.ok && (!client.inTransaction() || isFull(ended.thrown))) throw ended.thrown
        if (!ended.ok) client.run('ROLLBACK TO one')
        client.run('RELEASE one')
        return ended
      }),
    )
    return end?.ok === true ? (end.value as readonly End[]) : undefined
  }

  const tell = (job: Job, end: End): void => {
    if (end.ok) job.resolve(end.value)
    else job.reject(failure(path, end.thrown))
  }

  /** Writes what waits; false: the lock is not free. */
  const drain = (): boolean => {
    const turnEnds = performance.now() + TURN_MS
    while (jobs.length > 0 && hold() === undefined && performance.now() < turnEnds) {
      const group = grouped ? jobs.slice(0, GROUP) : jobs.slice(0, 1)
      const ends = group.length > 1 ? together(group) : undefined
      if (ends !== undefined) {
        jobs = jobs.slice(group.length)
        group.forEach((job, n) => {
          tell(job, ends[n] as End)
        })
      } else {
        const [job] = group as [Job]
        const end = once('BEGIN IMMEDIATE', job.act)
        if (end === undefined) return false
        jobs = jobs.slice(1)
        const foundFull = !end.ok && isFull(end.thrown)
        if (foundFull) afterFull()
        if (foundFull && job.wasFull === undefined) jobs = [{ ...job, wasFull: true }, ...jobs]
        else tell(job, end)
      }
      written()
    }
    return true
  }

  /** The checkpoint must not keep the process alive; a pending write must. */
  const whenOver = (held: Promise<void>): void => {
    const waits = setTimeout(() => undefined, LONG_MS)
    void held.then(() => {
      clearTimeout(waits)
      flush()
    })
  }

  const flush = (): void => {
    planned = false
    const free = drain()
    const now = performance.now()
    const late = free ? [] : jobs.filter(job => job.until <= now)
    jobs = jobs.filter(job => !late.includes(job))
    for (const job of late) job.reject(failLocked(path, busyMs))
    if (jobs.length > 0) {
      planned = true
      const held = hold()
      if (held !== undefined) whenOver(held)
      else if (free) setImmediate(flush)
      else setTimeout(flush, RETRY_MS + Math.random() * RETRY_SPREAD_MS)
    } else for (const resolve of [...waiting]) resolve()
  }

  const read = async <R>(act: () => R): Promise<R> => {
    const until = performance.now() + busyMs
    for (;;) {
      const end = once('BEGIN', act)
      if (end?.ok === true) return end.value as R
      if (end !== undefined) throw failure(path, end.thrown)
      if (performance.now() >= until) throw failLocked(path, busyMs)
      await new Promise<void>(resolve => setTimeout(resolve, RETRY_MS + Math.random() * RETRY_SPREAD_MS))
    }
  }

  return {
    read,
    write: <R>(act: () => R) =>
      new Promise<R>((resolve, reject) => {
        const until = performance.now() + busyMs
        jobs.push({ act, resolve: resolve as (value: unknown) => void, reject, until })
        if (planned) return
        if (!grouped) return flush()
        planned = true
        setImmediate(flush)
      }),
    idle: async () => {
      while (jobs.length > 0)
        await new Promise<void>(resolve => {
          const finish = (): void => {
            waiting.delete(finish)
            resolve()
          }
          waiting.add(finish)
        })
    },
  }
}
