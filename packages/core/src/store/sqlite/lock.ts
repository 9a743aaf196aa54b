import { lstatSync, readdirSync, rmSync, type Stats, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Owner } from '../../delivery/transitions.ts'
import { type Client, connect } from './client.ts'
import { makeFolder } from './path.ts'

/**
 * A lock for a store's life: an empty SQLite database held in an exclusive transaction, so the system frees it when the
 * process ends in any way. Such a file is touched through SQLite only: opening and closing it otherwise would free it. A
 * program that copies the folder does that all the same, so a time is renewed in addition to the lock: the file's own, which is set
 * without opening it.
 */
export interface Lock {
  /** Sets the time, and takes the lock again where it was lost or its file removed. */
  readonly renew: () => void
  readonly release: () => void
}

const NAME = /^[0-9a-f-]{36}$/
/** At most so many leftovers are looked at when a store opens. */
const SWEPT = 32
/** How often a lock's time is renewed, and how young it proves that its process lives, ms. */
export const RENEW_MS = 1_000
const FRESH_MS = 4_000

const fileOf = (folder: string, owner: string): string => join(folder, owner)

const stat = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })

/** A lock is an empty file. Anything else, a link or a pipe, is not ours and is never opened. */
const isOurs = (found: Stats): boolean => found.isFile() && found.size === 0

const take = (path: string): Client => {
  const found = stat(path)
  if (found !== undefined && !isOurs(found)) throw new Error(`${path} is not a lock`)
  const client = connect(path)
  try {
    client.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return client
  } catch (thrown) {
    client.close()
    throw thrown
  }
}

/** Takes the lock of a new owner. Call it within a write transaction of the database, as `sweep`. */
export const acquire = (folder: string, owner: string): Lock => {
  makeFolder(folder)
  const path = fileOf(folder, owner)
  let held: Client | undefined = take(path)
  const renew = (): void => {
    if (stat(path) === undefined) {
      held?.close()
      held = undefined
      makeFolder(folder)
      held = take(path)
    } else if (held !== undefined) {
      // Another cause may have freed it; it is held from here on.
      // Not by a commit, which would write a page.
      if (held.inTransaction()) held.exec('ROLLBACK')
      held.exec('BEGIN EXCLUSIVE')
    }
    const now = new Date()
    utimesSync(path, now, now)
  }
  return {
    renew: () => {
      // It failed because another process probes the lock, or for want of a descriptor: the next time it may not.
      try {
        renew()
      } catch {}
    },
    release: () => {
      held?.close()
      // One that cannot be removed has no owner any more: another store sweeps it.
      try {
        rmSync(path, { force: true })
      } catch {}
    },
  }
}

/**
 * The state of the process that made a store: `gone` when its lock file is missing, or its time is old and its lock
 * was really taken. A lock that cannot be looked at says nothing, and its owner counts as alive.
 */
export const ownerStateOf = (folder: string, owner: string): Owner => {
  if (!NAME.test(owner)) return 'gone'
  const path = fileOf(folder, owner)
  let probe: Client | undefined
  try {
    const found = stat(path)
    if (found === undefined) return 'gone'
    if (!isOurs(found) || Math.abs(Date.now() - found.mtimeMs) < FRESH_MS) return 'alive'
    probe = connect(path, { readOnly: true })
    probe.get('SELECT 1 FROM sqlite_schema')
    return 'gone'
  } catch {
    return 'alive'
  } finally {
    probe?.close()
  }
}

/**
 * Removes what dead processes left. Only while a write transaction of the database is held, where locks are taken too: a
 * file that is free now has no owner.
 */
export const sweep = (folder: string): void => {
  makeFolder(folder)
  const all = readdirSync(folder)
  const from = Math.floor(Math.random() * all.length)
  for (const owner of [...all.slice(from), ...all.slice(0, from)].slice(0, SWEPT))
    if (NAME.test(owner) && ownerStateOf(folder, owner) === 'gone')
      rmSync(fileOf(folder, owner), { force: true })
}
