import type { Settlement } from './model.ts'

/**
 * How long deliveries have been in doubt, by a clock that is never set. The store's clock may be set while a doubt waits:
 * forward, and "not found" would be confirmed before an index that lags has caught up; back, and the worker would wait
 * without end.
 */
export interface Doubts {
  /** Milliseconds since the doubtful attempt can last have been alive, `now` by the store's clock. Below 0: it may be still. */
  readonly ageMs: (key: string, doubtSince: number, now: number) => number
  /** Adjusts a settlement made at `now`: a doubt that goes on is dated by the store's clock as it stands. */
  readonly adjust: (settlement: Settlement, now: number) => Settlement
}

/** More than these are not remembered: of the oldest, only what happened to the clock before now is forgotten. */
const KEPT = 10_000

/** Clocks that differ less were not set: they run a little apart, and are read one after the other, ms. */
const APART_MS = 1_000

/** Remembers no doubt yet. `steady` is never set, ms; no attempt lives longer than `aliveMs`. */
export const createDoubts = (steady: () => number, aliveMs: number): Doubts => {
  /** By key: when each began, by the store's clock as it stood then and by the steady one. */
  const kept = new Map<string, Readonly<{ doubtSince: number; at: number }>>()

  const remember = (key: string, doubtSince: number, at: number): void => {
    const oldest = kept.keys().next()
    if (!kept.has(key) && kept.size >= KEPT && !oldest.done) kept.delete(oldest.value)
    kept.set(key, { doubtSince, at })
  }

  const ageMs = (key: string, doubtSince: number, now: number): number => {
    const known = kept.get(key)
    // One that began elsewhere is as old as the store's clock says now; later changes of that clock have no effect.
    const age = known?.doubtSince === doubtSince ? steady() - known.at : now - doubtSince
    const least = Math.max(age, -aliveMs)
    // Further ahead than an attempt can live: the clock was set back since.
    if (known?.doubtSince !== doubtSince || least !== age) remember(key, doubtSince, steady() - least)
    return least
  }

  return {
    ageMs,
    adjust: (settlement, now) => {
      const { key, doubtSince } = settlement
      if (doubtSince === null) {
        kept.delete(key)
        return settlement
      }
      const since = Math.round(now - ageMs(key, doubtSince, now))
      if (Math.abs(since - doubtSince) < APART_MS) return settlement
      // So that it is as old for the next process, which knows nothing of this one's clocks.
      remember(key, since, steady() - (now - since))
      return { ...settlement, doubtSince: since }
    },
  }
}
