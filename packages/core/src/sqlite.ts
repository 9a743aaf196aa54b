/**
 * The store in a file, on Node's built-in SQLite. Several processes may use one file.
 * @module sqlite
 */
import type { Store } from './store/contract.ts'
import { loadBuiltIn } from './store/sqlite/client.ts'
import { type SqliteOptions, storeOf } from './store/sqlite/store.ts'

export type { SqliteOptions }

/**
 * Keeps sessions and deliveries in a SQLite file, made at the first call with its folder, for this user only. Next to it
 * stand the files of SQLite (`-wal`, `-shm`) and the folder `<path>-locks`, by which processes know of each other: they
 * belong together. Several processes and threads may use one file. Throws `CONFIG` for a path or option that cannot be,
 * and on a Node without `node:sqlite` (it is there from 22.18 on); calls throw `STORE` when the file cannot be read or
 * written, and `STORE_CORRUPT` when it is damaged.
 */
export const sqliteStore = (path: string, options: SqliteOptions = {}): Store => {
  loadBuiltIn()
  return storeOf(path, options)
}
