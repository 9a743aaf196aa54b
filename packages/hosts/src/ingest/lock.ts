import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Takes the lock of a file, and blocks for it at most `waitMs`; answers how to give it back, or `undefined` where another
 * process has it. It is a transaction of SQLite: the system frees it with the process, however that ends, and no stale lock
 * can be left.
 */
export const takeLock = (path: string, waitMs = 0): (() => void) | undefined => {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(path, { timeout: waitMs })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (thrown) {
    database.close()
    if ((thrown as { errcode?: number }).errcode === 5) return undefined
    throw thrown
  }
  return () => database.close()
}

/** The same, and waits so many times for another process. */
export const takeLockSoon = async (
  path: string,
  tries: number,
  wait: () => Promise<void>,
): Promise<(() => void) | undefined> => {
  const release = takeLock(path)
  if (release !== undefined || tries === 0) return release
  await wait()
  return takeLockSoon(path, tries - 1, wait)
}

/** Longest wait for a process that changes a small file, ms. */
const ALONE_MS = 5_000

/**
 * Reads and changes small files of the data folder, as `trust.json`, while no other process of this user does: of two that
 * wrote what they read before, one would undo what the other did. Where no lock can be had, it acts without.
 */
export const changeAlone = (data: string, act: () => void): void => {
  let release: (() => void) | undefined
  try {
    release = takeLock(join(data, 'files.lock'), ALONE_MS)
  } catch {
    // A folder that cannot be written is reported by what is written there.
  }
  try {
    act()
  } finally {
    release?.()
  }
}
