import type { AnyAdapter } from '../adapter/contract.ts'
import type { Draw } from '../store/contract.ts'
import type { RoomWaits } from './room.ts'
import { rateOf } from './transitions.ts'

/** A place of a limit for a read, or why it is not sent now. */
type Place = Readonly<{ reportEnd: () => void } | { reason: string; waitMs?: number }>

/**
 * Draws a place for a read that takes so many ms and is over by a deadline of the monotonic clock; `undefined`: it needs none.
 * `waitUntil`: how long it may wait for room, on the same clock; absent: not at all.
 */
type DrawPlace = (
  limit: string | undefined,
  timeoutMs: number,
  deadline: number,
  waitUntil?: number,
) => Promise<Place | undefined>

/** Draws the places of an adapter's reads. Its store counts each until its end is reported, or until it has surely ended. */
export const createDraws = (
  { name, limits }: AnyAdapter,
  draw: (draw: Draw) => Promise<number>,
  monotonic: () => number,
  random: () => number,
  wait: RoomWaits['wait'],
): DrawPlace => {
  // A name that no read of another worker has, made when the first place is drawn.
  let own = ''
  let reads = 0
  return async (limit, timeoutMs, deadline, waitUntil = 0) => {
    const rate = rateOf(limits.rates, limit)
    if (limit === undefined || rate === undefined) return undefined
    own ||= random().toString(36).slice(2, 12)
    const id = `${own}-${++reads}`
    const of = { adapter: name, limit, rate }
    let askedAt = 0
    let lastsMs = 0
    for (;;) {
      askedAt = monotonic()
      // Its time, and as much again until it is sent.
      lastsMs = Math.min(2 * timeoutMs, deadline - askedAt)
      const waitMs = await draw({ ...of, read: { id, lastsMs } })
      if (waitMs <= 0) break
      const mayWait = monotonic() + waitMs <= waitUntil
      if (!mayWait || !(await wait(waitMs))) return { reason: `the limit ${limit} has no room`, waitMs }
    }
    // Reported in passing: a place whose end is not heard of is free when its time is over.
    const reportEnd = (): void => void draw({ ...of, ended: id }).catch(() => undefined)
    if (monotonic() + timeoutMs <= askedAt + lastsMs) return { reportEnd }
    reportEnd()
    return { reason: `its place in the limit ${limit} would end before the answer` }
  }
}
