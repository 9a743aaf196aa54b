import type { Json } from './schema.ts'
import { clean } from './text.ts'

/** How deep metadata may be nested. */
const DEPTH = 32

/** A checked copy of a JSON value, or where it is not one. */
export type Checked =
  | Readonly<{ ok: true; value: Json }>
  | Readonly<{ ok: false; path: readonly (string | number)[]; problem: string }>

type Path = readonly (string | number)[]
class Unfit extends Error {
  readonly path: Path
  constructor(path: Path, problem: string) {
    super(problem)
    this.path = path
  }
}

const kind = (value: unknown): string =>
  typeof value === 'object' ? (value?.constructor?.name ?? 'object') : typeof value

const notJson = (path: Path, value: unknown): Unfit => {
  const said = kind(value)
  // In an object it counts as left out; elsewhere nothing can stand for it.
  if (value === undefined) return new Unfit(path, 'undefined is not JSON: give null, or leave it out')
  return new Unfit(path, `${/^[aeiou]/i.test(said) ? 'an' : 'a'} ${said} is not JSON: give plain data`)
}

const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

const copied = (value: unknown, path: Path): Json => {
  if (typeof value === 'string') return clean(value)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    throw new Unfit(path, `${value} is not JSON: give a finite number or null`)
  }
  if (typeof value !== 'object') throw notJson(path, value)
  if (path.length >= DEPTH)
    throw new Unfit(path, `nested more than ${DEPTH} deep, or in a circle: flatten it`)
  if (Array.isArray(value)) return Array.from(value, (item, place) => copied(item, [...path, place]))
  if (!isPlain(value)) throw notJson(path, value)
  // `fromEntries` makes own properties, whatever their names.
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (key.startsWith('$'))
        throw new Unfit([...path, key], 'keys that begin with "$" are reserved: rename it')
      return inner === undefined ? [] : [[clean(key), copied(inner, [...path, key])]]
    }),
  )
}

/**
 * A clean copy of JSON from outside: fields that are `undefined` are left out; functions, dates, circles, numbers that
 * are none and keys beginning with `$` (which would read as placeholders of a call) are refused.
 */
export const checkedJson = (value: unknown): Checked => {
  try {
    return { ok: true, value: copied(value, []) }
  } catch (thrown) {
    if (thrown instanceof Unfit) return { ok: false, path: thrown.path, problem: thrown.message }
    throw thrown
  }
}
