import type { Connection } from './connection.ts'

/** How long a recorder waits for more before it notifies, ms: a notifying commit makes all others of the server wait. */
const TOGETHER_MS = 20
/** Between two tries to listen, ms: at least, and at most. */
const FIRST_MS = 250
const MOST_MS = 30_000

/** Hints that something was recorded, from store to store. */
export interface Hints {
  /** Says soon that this store wrote something that others may send. */
  readonly give: () => void
  /** Says at once what was to be said soon. */
  readonly flush: () => Promise<void>
  /** Hears what other stores say; answers how to end it. A connection that breaks is made again. */
  readonly watch: ((hear: () => void) => () => void) | undefined
}

/** Hints through NOTIFY, after the commit and never inside of it. A hint that is lost costs one round of polling. */
export const createHints = ({ query, listen }: Connection, schema: string, owner: string): Hints => {
  const channel = `sessionwire_${schema}`
  let pending: ReturnType<typeof setTimeout> | undefined
  const flush = async (): Promise<void> => {
    if (pending === undefined) return
    clearTimeout(pending)
    pending = undefined
    await query('SELECT pg_notify($1::text, $2::text)', [channel, owner]).catch(() => undefined)
  }
  const watch = (hear: () => void): (() => void) => {
    let leave: () => void = () => undefined
    let isOver = false
    let waitMs = FIRST_MS
    const retry = (): void => {
      if (isOver) return
      const timer = setTimeout(() => void begin(), waitMs)
      ;(timer as { unref?: () => void }).unref?.()
      waitMs = Math.min(MOST_MS, waitMs * 2)
    }
    const begin = async (): Promise<void> => {
      if (isOver) return
      try {
        const left = await listen?.(channel, from => (from === owner ? undefined : hear()), retry)
        leave = left ?? leave
      } catch {
        return retry()
      }
      waitMs = FIRST_MS
      if (isOver) leave()
      // Something may have been said before this connection was there.
      else hear()
    }
    void begin()
    return () => {
      isOver = true
      leave()
    }
  }
  return {
    give: () => {
      pending ??= setTimeout(() => void flush(), TOGETHER_MS)
    },
    flush,
    watch: listen === undefined ? undefined : watch,
  }
}
