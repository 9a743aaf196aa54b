import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isTrackerError } from '../../session/errors.ts'
import type { Store } from '../contract.ts'
import { loadBuiltIn } from './client.ts'
import { storeOf } from './store.ts'

/** A store, or why there is none. */
export type FileStore = Readonly<{ store: Store } | { reason: string }>

/** True when a file with content exists there and this user may write it: then a failure is about what it holds. */
const isWritableFile = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    accessSync(dirname(path), constants.W_OK)
    const found = statSync(path)
    return found.isFile() && found.size > 0
  } catch {
    return false
  }
}

/**
 * Opens the SQLite file of a path, and makes it with its folder where it is missing. Gives the reason where the runtime
 * has no `node:sqlite` or the file cannot be made; throws where a file is there and cannot be used, because what it holds
 * would be missed.
 */
export const openFileStore = async (
  path: string,
  options: Readonly<{ now: () => number }>,
): Promise<FileStore> => {
  let store: Store | undefined
  try {
    loadBuiltIn()
    store = storeOf(path, options)
    await store.pauses()
    return { store }
  } catch (thrown) {
    await store?.close()
    if (isWritableFile(path) || !isTrackerError(thrown)) throw thrown
    return { reason: thrown.message.replace(/\.?$/, '.') }
  }
}
