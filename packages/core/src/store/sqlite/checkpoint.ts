import { Worker } from 'node:worker_threads'
import type { Client } from './client.ts'

/**
 * Moves what was committed from the WAL into the database. That waits for the disk, so a thread does it, during the
 * commits; it lives while it is needed. Where there are no threads it is done here, between commits.
 */
export interface Checkpoints {
  /** Called after each transaction that wrote. */
  readonly afterWrite: () => void
  /**
   * Called after each transaction that found the disk full. The next write waits until the WAL was moved, whose room is used
   * again then: else it would take what little room was made, and the WAL could never be moved.
   */
  readonly afterFull: () => void
  /** The promise that writers wait for, while the end of a long WAL is moved; `undefined` nearly always. */
  readonly hold: () => Promise<void> | undefined
  /**
   * Empties the WAL, which holds the pages as they were before texts were removed. Where a reader elsewhere needs it, it is
   * tried again after later commits and at the end.
   */
  readonly empty: () => Promise<void>
  /** Moves what is left, and ends the thread. */
  readonly end: () => Promise<void>
}

/** Looked at after so many transactions; begun at so many pages of 2 KiB. */
const LOOK_EVERY = 16
const BEGIN_AT = 4_500
/** With so many, commits wait until the thread is done: the WAL is never much longer. */
const HOLD_AT = 5_500
/** A thread with nothing to do ends after so many ms. */
const IDLE_MS = 5_000
/**
 * A WAL that stays long although it was moved is kept so by a reader elsewhere (a backup, a database browser): trying harder
 * only slows the commits, so the next try waits, ms: at least, and at most as it doubles.
 */
const AGAIN_MS = 50
const AGAIN_MOST_MS = 10_000
/** So many pages a closing connection moves by itself in no time that matters. */
const SMALL = 128

/** Tries to empty the WAL before it is left for later. */
const EMPTY_TRIES = 3

type Mode = 'PASSIVE' | 'RESTART' | 'TRUNCATE'

/** PASSIVE does not wait; RESTART and TRUNCATE for writers and readers: https://www.sqlite.org/c3ref/wal_checkpoint_v2.html */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
let database
parentPort.on('message', mode => {
  let left = 0
  try {
    database ??= new DatabaseSync(workerData, { timeout: 100 })
    database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0')
    if (mode !== 'end') {
      const { busy, log, checkpointed } = database.prepare('PRAGMA wal_checkpoint(' + mode + ')').get()
      left = Math.max(busy, log - checkpointed)
    }
  } catch {}
  if (mode === 'end') {
    database?.close()
    parentPort.close()
  } else parentPort.postMessage(left)
})`

const pagesIn = (client: Client): number => {
  try {
    // NOOP only tells; where SQLite does not know it (before 3.51), it is PASSIVE.
    return Math.max(0, client.get<{ log: number }>('PRAGMA wal_checkpoint(NOOP)')?.log ?? 0)
  } catch {
    return 0
  }
}

/** Makes the checkpoints of one connection. Nothing is moved into a file that is no longer the store's. */
export const createCheckpoints = (path: string, client: Client, isThere: () => boolean): Checkpoints => {
  let thread: Worker | undefined
  let threads = true
  let under: Promise<void> | undefined
  let held: Promise<void> | undefined
  let full = false
  let foundFull = false
  let count = 0
  let idle: NodeJS.Timeout | undefined
  let againMs = 0
  let notBefore = 0
  let owed = false
  let emptyAfter = 0

  const start = (): Worker => {
    const made = new Worker(THREAD, {
      eval: true,
      workerData: path,
      env: {},
      execArgv: [],
      name: 'checkpoint',
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    })
    made.unref()
    return made
  }

  /** A thread that fails, or a host that allows none: done here, from now on. */
  const here = (mode: Mode): number => {
    threads = false
    thread = undefined
    try {
      const way = mode === 'TRUNCATE' ? mode : 'PASSIVE'
      return client.get<{ busy: number }>(`PRAGMA wal_checkpoint(${way})`)?.busy ?? 0
    } catch {
      return mode === 'TRUNCATE' ? 1 : 0
    }
  }

  /** Answers how many pages were committed meanwhile. */
  const move = async (mode: Mode): Promise<number> => {
    if (!isThere()) return 0
    if (!threads) return here(mode)
    try {
      thread ??= start()
    } catch {
      return here(mode)
    }
    const made = thread
    const left = await new Promise<number | undefined>(resolve => {
      const events = { message: (pages: number) => end(pages), error: () => end(), exit: () => end() }
      const end = (pages?: number): void => {
        for (const [name, listener] of Object.entries(events)) made.off(name, listener)
        resolve(pages)
      }
      for (const [name, listener] of Object.entries(events)) made.on(name, listener)
      made.postMessage(mode)
    })
    return left ?? here(mode)
  }

  const stop = async (): Promise<void> => {
    clearTimeout(idle)
    const ending = thread
    thread = undefined
    if (ending === undefined) return
    const ended = new Promise(resolve => ending.once('exit', resolve))
    ending.postMessage('end')
    await ended
  }

  /**
   * SQLite writes from the start of the WAL again once all of it was moved. Under steady commits it never is, as some follow
   * what the thread saw: they wait some ms for its end.
   */
  const all = async (): Promise<void> => {
    clearTimeout(idle)
    const before = count
    if (((await move('PASSIVE')) > 0 || count > before) && againMs <= AGAIN_MS) {
      held = move('RESTART').then(() => {
        held = undefined
      })
      await held
    }
    idle = setTimeout(() => void stop(), IDLE_MS)
    idle.unref()
  }

  const truncate = async (): Promise<void> => {
    clearTimeout(idle)
    for (let turn = 0; owed && turn < EMPTY_TRIES; turn++) owed = (await move('TRUNCATE')) > 0
    emptyAfter = performance.now() + AGAIN_MOST_MS
    idle = setTimeout(() => void stop(), IDLE_MS)
    idle.unref()
  }

  const empty = async (): Promise<void> => {
    owed = true
    while (under !== undefined) await under
    under = truncate().finally(() => {
      under = undefined
    })
    await under
  }

  const begin = (): Promise<void> => {
    under ??= all().finally(() => {
      under = undefined
      full = false
      againMs = Math.min(AGAIN_MOST_MS, Math.max(AGAIN_MS, againMs * 2))
      notBefore = performance.now() + againMs
    })
    return under
  }

  return {
    afterWrite: () => {
      count++
      if (count % LOOK_EVERY !== 0) return
      if (owed && under === undefined && performance.now() >= emptyAfter) void empty()
      const pages = pagesIn(client)
      if (pages < BEGIN_AT) {
        againMs = 0
        full = false
        return
      }
      if (performance.now() < notBefore) return
      // Only the first tries hold the commits: a reader that stays would hold them for ever.
      full = pages >= HOLD_AT && againMs <= AGAIN_MS
      if (under === undefined) void begin()
    },
    afterFull: () => {
      foundFull = true
    },
    empty,
    hold: () => {
      if (foundFull) {
        foundFull = false
        full = true
        return begin()
      }
      return held ?? (full ? under : undefined)
    },
    end: async () => {
      thread?.ref()
      await under
      if (owed) await empty()
      if (isThere() && pagesIn(client) > SMALL) {
        const moved = begin()
        thread?.ref()
        await moved
      }
      await stop()
    },
  }
}
