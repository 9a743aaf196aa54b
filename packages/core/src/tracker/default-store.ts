import { environment } from '../adapter/environment.ts'
import { message } from '../session/message.ts'
import type { Store } from '../store/contract.ts'
import { memoryStore } from '../store/memory.ts'
import type { Warn } from './warning.ts'

/** Where sessions are kept when no store is given, from the working directory. */
export const DEFAULT_PATH = '.sessionwire/sessions.db'

/**
 * Opens the store of a tracker that was given none: the file, else memory with one warning. Tests (`NODE_ENV=test`) get
 * memory, so that they leave nothing behind. Throws `STORE` or `STORE_CORRUPT` for a file that exists and cannot be used.
 */
export const openDefaultStore = async (now: () => number, warn: Warn): Promise<Store> => {
  if (environment().NODE_ENV === 'test') return memoryStore({ now })
  const { openFileStore } = await import('#file-store')
  const opened = await openFileStore(DEFAULT_PATH, { now })
  if ('store' in opened) return opened.store
  warn(
    message({
      field: 'store',
      problem: `${DEFAULT_PATH} cannot be used, so sessions are kept in memory`,
      todo: `Reason: ${opened.reason} They are lost when the process ends; pass \`store\` to keep them elsewhere.`,
    }),
  )
  return memoryStore({ now })
}
