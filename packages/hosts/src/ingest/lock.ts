import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Takes the lock of a file without waiting; answers how to give it back, or `undefined` while another process has it. It is
 * a transaction of SQLite: the system frees it with the process, however that ends, and no stale lock can be left.
 */
export const takeLock = (path: string): (() => void) | undefined => {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(path, { timeout: 0 })
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
