import type { Settlement } from './model.ts'

/**
 * How long what this worker left in doubt has been so, by a clock that is never set. The store's clock may be set forward
 * while a doubt waits, and nothing found would be believed before an index that lags has caught up.
 */
export interface Doubts {
  /** Milliseconds since the doubtful attempt can last have been alive; `undefined`: its doubt began elsewhere. */
  readonly ageMs: (key: string) => number | undefined
  /** What was settled at `now`, by the store's clock. */
  readonly settled: (settlement: Settlement, now: number) => void
}

/** More than these are not remembered; the store's clock alone counts for the oldest then. */
const KEPT = 10_000

/** Remembers no doubt yet. */
export const createDoubts = (monotonic: () => number): Doubts => {
  const since = new Map<string, Readonly<{ doubtSince: number; at: number }>>()
  return {
    ageMs: key => {
      const found = since.get(key)
      return found === undefined ? undefined : monotonic() - found.at
    },
    settled: ({ key, doubtSince }, now) => {
      if (doubtSince === null) return void since.delete(key)
      if (since.get(key)?.doubtSince === doubtSince) return
      const oldest = since.keys().next()
      if (since.size >= KEPT && !oldest.done) since.delete(oldest.value)
      since.set(key, { doubtSince, at: monotonic() + doubtSince - now })
    },
  }
}
