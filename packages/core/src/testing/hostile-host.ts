import type { Json } from '../session/schema.ts'
import { createRandom } from './fakes.ts'

/** Something a service did because it was asked to. `key`: what may happen only once; absent: may be repeated. */
export type ServiceEffect = Readonly<{
  /** The effect, in the service's words, as in `comment`. */
  kind: string
  /** Key of an effect that may happen only once: twice counts as doubled. Absent: it may be repeated. */
  key?: string
  /** Anything a test may want to read. */
  detail?: Json
  /** Number of the request that did it, from 1. */
  n: number
}>

/** Tools of a service's rules while a request is applied. */
export type Host = Readonly<{
  /** Records that something was done. */
  effect: (kind: string, key?: string, detail?: Json) => void
  /** Records that doing something again was refused because it was done before. */
  refuseRepeat: (kind: string, key: string) => void
  /** `P1`, `P2`, … per prefix; `digits` pads with zeros. */
  id: (prefix?: string, digits?: number) => string
  /** A v4-shaped UUID, the same for the same seed. */
  uuid: () => string
  /** 0 to below 1, the same for the same seed. */
  random: () => number
  /** Epoch ms by the server's clock. */
  now: () => number
}>

/** How many times more than once each thing was done or refused; a thing is a kind with a key. */
export const excess = (list: readonly ServiceEffect[], key: string | undefined): number => {
  const times = new Map<string, number>()
  for (const each of list) {
    if (each.key === undefined || (key !== undefined && key !== each.key)) continue
    const thing = `${each.kind} ${each.key}`
    times.set(thing, (times.get(thing) ?? 0) + 1)
  }
  return [...times.values()].reduce((sum, count) => sum + count - 1, 0)
}

/** The ids, clock and counters a service's rules use. */
export const hostOf = (
  options: Readonly<{ seed?: number; now?: () => number }>,
  note: (to: 'done' | 'refused', effect: Omit<ServiceEffect, 'n'>) => void,
): Host => {
  const random = createRandom(options.seed ?? 1)
  const ids = new Map<string, number>()
  const hex = (length: number) =>
    Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')
  return {
    effect: (kind, key, detail) =>
      note('done', {
        kind,
        ...(key === undefined ? {} : { key }),
        ...(detail === undefined ? {} : { detail }),
      }),
    refuseRepeat: (kind, key) => note('refused', { kind, key }),
    id: (prefix = '', digits = 0) => {
      const next = (ids.get(prefix) ?? 0) + 1
      ids.set(prefix, next)
      return `${prefix}${String(next).padStart(digits, '0')}`
    },
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    random,
    now: options.now ?? Date.now,
  }
}
