import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, connect } from './client.ts'
import { isBusy } from './failure.ts'
import { makeFolder } from './path.ts'

/**
 * A lock for a store's life: an empty SQLite database held in an exclusive transaction, so the system frees it when the
 * process ends in any way. Such a file is touched through SQLite only: opening and closing it otherwise would free it.
 */
export interface Lock {
  readonly release: () => void
}

const NAME = /^[0-9a-f-]{36}$/
/** At most so many leftovers are looked at when a store opens. */
const SWEPT = 32

const fileOf = (folder: string, owner: string): string => join(folder, owner)

/** Takes the lock of a new owner. Call it within a write transaction of the database, as `sweep`. */
export const acquire = (folder: string, owner: string): Lock => {
  makeFolder(folder)
  const path = fileOf(folder, owner)
  const held: Client = connect(path)
  held.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  return {
    release: () => {
      held.close()
      rmSync(path, { force: true })
    },
  }
}

/** Whether the process of this owner is gone, or closed its store. */
export const isFree = (folder: string, owner: string): boolean => {
  if (!NAME.test(owner)) return true
  let probe: Client | undefined
  try {
    probe = connect(fileOf(folder, owner), { readOnly: true })
    probe.get('SELECT 1 FROM sqlite_schema')
    return true
  } catch (thrown) {
    // No such file: its owner closed. Anything else but a lock says nothing about a living process either.
    return !isBusy(thrown)
  } finally {
    probe?.close()
  }
}

/**
 * Removes what dead processes left. Only while a write transaction of the database is held, where locks are taken too: a
 * file that is free now is nobody's.
 */
export const sweep = (folder: string): void => {
  makeFolder(folder)
  const all = readdirSync(folder)
  const from = Math.floor(Math.random() * all.length)
  for (const owner of [...all.slice(from), ...all.slice(0, from)].slice(0, SWEPT))
    if (NAME.test(owner) && isFree(folder, owner)) rmSync(fileOf(folder, owner), { force: true })
}
