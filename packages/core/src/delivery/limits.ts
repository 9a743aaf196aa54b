import type { Limits, Rate } from '../adapter/contract.ts'

/** How many calls of each limit may leave now: sliding windows, by a monotonic clock in ms. One per adapter and worker. */
export interface Windows {
  /** Calls of this limit that may begin now; infinite without a declared rate. */
  readonly roomOf: (limit: string | undefined, now: number) => number
  /** Takes a place: 0, or how many ms until there is one, whole. */
  readonly take: (limit: string | undefined, now: number) => number
  /** How many ms until a limit that has no room now has some; infinite when all have. */
  readonly freeInMs: (now: number) => number
}

const rateOf = (limits: Limits, limit: string): Rate | undefined =>
  limits.rates[limit] ?? limits.rates[`${limit.split(':', 1)[0] ?? ''}:*`]

/** Windows that outlive their use are forgotten above this number, so that a limit per object does not fill the memory. */
const KEPT = 1_000

/** Makes the windows of an adapter from the rates it declares. */
export const createWindows = (limits: Limits): Windows => {
  const taken = new Map<string, number[]>()
  const recent = (limit: string, rate: Rate, now: number): number[] => {
    const times = taken.get(limit) ?? []
    const first = times.findIndex(time => time > now - rate.perMs)
    return first < 0 ? [] : first === 0 ? times : times.slice(first)
  }
  return {
    roomOf: (limit, now) => {
      const rate = limit === undefined ? undefined : rateOf(limits, limit)
      if (limit === undefined || rate === undefined) return Number.POSITIVE_INFINITY
      return Math.max(0, rate.count - recent(limit, rate, now).length)
    },
    take: (limit, now) => {
      const rate = limit === undefined ? undefined : rateOf(limits, limit)
      if (limit === undefined || rate === undefined) return 0
      const times = recent(limit, rate, now)
      const [oldest] = times
      // Whole: a due time is made of it.
      if (times.length >= rate.count && oldest !== undefined)
        return Math.max(1, Math.ceil(oldest + rate.perMs - now))
      if (!taken.has(limit) && taken.size >= KEPT) {
        const first = taken.keys().next()
        if (!first.done) taken.delete(first.value)
      }
      times.push(now)
      taken.set(limit, times)
      return 0
    },
    freeInMs: now => {
      let soonest = Number.POSITIVE_INFINITY
      for (const [limit, times] of taken) {
        const rate = rateOf(limits, limit)
        const oldest = rate === undefined ? undefined : recent(limit, rate, now)[0]
        const full = rate !== undefined && times.filter(time => time > now - rate.perMs).length >= rate.count
        if (full && oldest !== undefined) soonest = Math.min(soonest, Math.max(1, oldest + rate.perMs - now))
      }
      return soonest
    },
  }
}
