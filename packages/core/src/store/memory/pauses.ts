import type { Delivery, Pause } from '../../delivery/model.ts'
import { id, type Memory } from './data.ts'

const lengthOf = ({ since, until }: Pause, now: number): number =>
  Math.max(0, Math.min(until ?? now, now) - since)

/** The pauses of an adapter, or of one of its limits, that belong to one worker each. */
const ownPauses = (memory: Memory, adapter: string): readonly Pause[] =>
  [...memory.pauses.values()].filter(each => each.adapter === adapter && each.owner !== undefined)

/** Where a pause stands in the map. */
const idOf = ({ adapter, limit, owner }: Pick<Pause, 'adapter' | 'limit' | 'owner'>): string =>
  owner === undefined ? id(adapter, limit) : `${id(adapter, limit)}\n${owner}`

/** Adds what a pause lasted to the paused time. */
const rest = (memory: Memory, pause: Pause, now: number): void => {
  const which = id(pause.adapter, pause.limit)
  memory.rested.set(which, (memory.rested.get(which) ?? 0) + lengthOf(pause, now))
}

/** Ends a pause, and adds what it lasted to the paused time. */
export const endPause = (
  memory: Memory,
  of: Pick<Pause, 'adapter' | 'limit' | 'owner'>,
  now: number,
): void => {
  const ended = [
    ...(of.owner === undefined && of.limit === undefined ? ownPauses(memory, of.adapter) : []),
    ...[memory.pauses.get(idOf(of)) ?? []].flat(),
  ]
  for (const pause of ended) {
    memory.pauses.delete(idOf(pause))
    rest(memory, pause, now)
  }
}

/** The paused time of an adapter and one of its limits so far, ms. */
export const readPausedMs = (memory: Memory, { adapter, descriptor }: Delivery, now: number): number => {
  const of = (which: string): number => {
    const pause = memory.pauses.get(which)
    return (memory.rested.get(which) ?? 0) + (pause === undefined ? 0 : lengthOf(pause, now))
  }
  const own = Math.max(0, ...ownPauses(memory, adapter).map(pause => lengthOf(pause, now)))
  return of(id(adapter)) + own + (descriptor?.limit === undefined ? 0 : of(id(adapter, descriptor.limit)))
}

/** Begins a pause, in the place of the one that stands. */
export const beginPause = (memory: Memory, pause: Pause): void => {
  const before = memory.pauses.get(idOf(pause))
  if (before !== undefined) rest(memory, before, pause.since)
  memory.pauses.set(idOf(pause), pause)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** All that stand, those over by time too. */
export const pauses = (memory: Memory): readonly Pause[] =>
  [...memory.pauses.values()].sort(
    (a, b) =>
      compare(a.adapter, b.adapter) ||
      compare(a.limit ?? '', b.limit ?? '') ||
      compare(a.owner ?? '', b.owner ?? ''),
  )

/** Moves the next check of a pause that stands as it was read. */
export const takeCheck = (memory: Memory, pause: Pause, checkAt: number): boolean => {
  const stands = memory.pauses.get(idOf(pause))
  if (stands === undefined || stands.checkAt !== pause.checkAt || stands.since !== pause.since) return false
  memory.pauses.set(idOf(pause), { ...stands, checkAt })
  return true
}
