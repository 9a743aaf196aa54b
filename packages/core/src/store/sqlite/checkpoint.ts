import { Worker } from 'node:worker_threads'
import type { Client } from './client.ts'

/**
 * Moves what was committed from the WAL into the database. That waits for the disk, so a thread does it; it lives while it
 * is needed. Where there are no threads it is done here, after the commit.
 */
export interface Checkpoints {
  /** Called after each transaction that wrote. */
  readonly written: () => void
  /** Moves what is left, and ends the thread. */
  readonly end: () => Promise<void>
}

/** Looked at after so many transactions; begun at so many pages of 4 KiB; from then on writers wait for it for a moment. */
const LOOK_EVERY = 32
const BEGIN_AT = 1_000
const INSIST_AT = 8_000
/** A thread with nothing to do ends after so many ms. */
const IDLE_MS = 5_000
/** What a closing connection moves by itself without anybody noticing. */
const SMALL = 64

/**
 * PASSIVE waits for nobody. RESTART holds the writers off while it moves the last pages, so that the WAL begins anew under
 * steady writing. https://www.sqlite.org/c3ref/wal_checkpoint_v2.html
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
parentPort.on('message', insist => {
  try {
    const database = new DatabaseSync(workerData, { timeout: 250 })
    try {
      database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA wal_checkpoint(PASSIVE)')
      if (insist) database.exec('PRAGMA wal_checkpoint(RESTART)')
    } finally {
      database.close()
    }
  } catch {}
  parentPort.postMessage(0)
})`

const pagesIn = (client: Client): number => {
  try {
    const row = client.get<{ log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)')
    return row === undefined || row.log < 0 ? 0 : row.log
  } catch {
    return 0
  }
}

/** Makes the checkpoints of one connection. */
export const createCheckpoints = (path: string, client: Client): Checkpoints => {
  let thread: Worker | undefined
  let threads = true
  let under: Promise<void> | undefined
  let count = 0
  let idle: NodeJS.Timeout | undefined

  const stop = async (): Promise<void> => {
    clearTimeout(idle)
    const ending = thread
    thread = undefined
    await ending?.terminate()
  }

  const here = (): void => {
    try {
      client.get('PRAGMA wal_checkpoint(PASSIVE)')
    } catch {}
  }

  const there = (insist: boolean): Promise<void> =>
    new Promise(resolve => {
      const made =
        thread ??
        new Worker(THREAD, {
          eval: true,
          workerData: path,
          env: {},
          execArgv: [],
          name: 'checkpoint',
          resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
        })
      made.unref()
      thread = made
      const done = (failed: boolean): void => {
        made.removeAllListeners()
        if (failed) {
          threads = false
          thread = undefined
          here()
        }
        resolve()
      }
      made.once('message', () => done(false))
      made.once('error', () => done(true))
      made.once('exit', () => done(true))
      made.postMessage(insist)
    })

  const begin = async (insist: boolean): Promise<void> => {
    clearTimeout(idle)
    if (!threads) return here()
    try {
      await there(insist)
    } catch {
      // The host allows no threads.
      threads = false
      here()
    }
    idle = setTimeout(() => void stop(), IDLE_MS)
    idle.unref()
  }

  return {
    written: () => {
      count++
      if (count % LOOK_EVERY !== 0 || under !== undefined) return
      const pages = pagesIn(client)
      if (pages < BEGIN_AT) return
      under = begin(pages >= INSIST_AT).finally(() => {
        under = undefined
      })
    },
    end: async () => {
      await under
      if (pagesIn(client) > SMALL) await begin(false)
      await stop()
    },
  }
}
