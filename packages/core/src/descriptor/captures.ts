import type { Json } from '../session/schema.ts'
import type { Capture, Captures, Lookup, Where } from './descriptor.ts'
import { at, type Found } from './pointer.ts'

/** Values by name, or the names for which there was none. */
export type Capturing =
  | Readonly<{ ok: true; values: Readonly<Record<string, Json>> }>
  | Readonly<{ ok: false; missing: readonly string[] }>

type Fields = Readonly<Record<string, Json>>
const { keys } = Object

const same = (left: Json, right: Json): boolean => {
  if (left === right) return true
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object') return false
  if (Array.isArray(left) !== Array.isArray(right) || keys(left).length !== keys(right).length) return false
  return keys(left).every(
    key => Object.hasOwn(right, key) && same((left as Fields)[key] as Json, (right as Fields)[key] as Json),
  )
}

/** Whether the JSON text of a value contains `part`, as it is or as inside a JSON string, where quotes and line ends are escaped. */
const holds = (value: Json, part: string) => {
  const text = JSON.stringify(value)
  return text.includes(part) || text.includes(JSON.stringify(part).slice(1, -1))
}

/** The value that a look-up seeks: of several names, the one it prefers. */
export const soughtBy = (where: Where): Json =>
  'equals' in where ? where.equals : 'oneOf' in where ? (where.oneOf[0] ?? '') : where.contains

const fits = (item: Json, where: Where): boolean => {
  const found = at(item, where.pointer)
  if (!found.found) return false
  return 'contains' in where ? holds(found.value, where.contains) : same(found.value, soughtBy(where))
}

/** The first item that fits exactly; the first of all without `where`; `undefined` when there is none. */
export const chooseExact = (items: readonly Json[], where?: Where): Json | undefined =>
  where === undefined ? items[0] : items.find(item => fits(item, where))

/** `In Progress`, `in_progress` and `in-progress` have one slug; `2.1` and `21` have two. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

/**
 * The items whose name is the one that people typed: in any case, else by its slug. Of several items with
 * the same name, the first; several items mean that the name is ambiguous.
 */
export const findNamed = (items: readonly Json[], pointer: string, name: string): readonly Json[] => {
  const named = items.flatMap(item => {
    const found = at(item, pointer)
    return found.found && typeof found.value === 'string' ? [{ item, value: found.value }] : []
  })
  const inAnyCase = named.filter(({ value }) => value.toLowerCase() === name.toLowerCase())
  const sought = slug(name)
  const found =
    inAnyCase.length > 0 || sought === '' ? inAnyCase : named.filter(({ value }) => slug(value) === sought)
  return found
    .filter((each, place) => found.findIndex(({ value }) => value === each.value) === place)
    .map(({ item }) => item)
}

const chooseNamed = (items: readonly Json[], where: Where): Json | undefined => {
  const sought = soughtBy(where)
  if ('contains' in where || where.anyCase !== true || typeof sought !== 'string') return undefined
  const found = findNamed(items, where.pointer, sought)
  return found.length === 1 ? found[0] : undefined
}

/**
 * The item of a whole list that fits: exactly, or the only one of that name as people type it where that is enough.
 * Of several names, the first that an item has.
 */
export const choose = (items: readonly Json[], where?: Where): Json | undefined => {
  if (where === undefined || !('oneOf' in where))
    return chooseExact(items, where) ?? (where === undefined ? undefined : chooseNamed(items, where))
  const { oneOf, ...more } = where
  for (const equals of oneOf) {
    const found = choose(items, { ...more, equals })
    if (found !== undefined) return found
  }
  return undefined
}

/** The items of a look-up's reply: its `list`, or the reply itself; `undefined` when there is no such list. */
export const items = (body: Json, lookup: Pick<Lookup, 'list'>): readonly Json[] | undefined => {
  if (lookup.list === undefined) return [body]
  const found = at(body, lookup.list)
  return found.found && Array.isArray(found.value) ? found.value : undefined
}

const captureOne = (body: Json, capture: Capture): Found => {
  if (typeof capture === 'string') return at(body, capture)
  if ('otherwise' in capture) {
    const found = at(body, capture.pick)
    return found.found && found.value !== null ? found : { found: true, value: capture.otherwise }
  }
  const item = choose(items(body, capture) ?? [], capture.where)
  return item === undefined ? { found: false } : at(item, capture.pick)
}

/** Takes values out of a reply. A `null` is missing: a later call must not be sent with nothing in its placeholder. */
export const capture = (body: Json, captures: Captures): Capturing => {
  const names = keys(captures)
  if (names.length === 0) return { ok: true, values: {} }
  const values: [string, Json][] = []
  const missing: string[] = []
  for (const name of names) {
    const found = captureOne(body, captures[name] as Capture)
    if (found.found && found.value !== null) values.push([name, found.value])
    else missing.push(name)
  }
  return missing.length === 0 ? { ok: true, values: Object.fromEntries(values) } : { ok: false, missing }
}
