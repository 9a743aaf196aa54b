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

/** As it stands, and as it stands inside a JSON string, where quotes and line ends are escaped. */
const holds = (value: Json, part: string) => {
  const text = JSON.stringify(value)
  return text.includes(part) || text.includes(JSON.stringify(part).slice(1, -1))
}

const fits = (item: Json, where: Where): boolean => {
  const found = at(item, where.pointer)
  if (!found.found) return false
  return 'equals' in where ? same(found.value, where.equals) : holds(found.value, where.contains)
}

/** The first item that fits to the letter; the first of all without `where`; `undefined` when there is none. */
export const chooseExact = (items: readonly Json[], where?: Where): Json | undefined =>
  where === undefined ? items[0] : items.find(item => fits(item, where))

const chooseInAnyCase = (items: readonly Json[], where: Where): Json | undefined => {
  if (!('equals' in where) || where.anyCase !== true || typeof where.equals !== 'string') return undefined
  const sought = where.equals.toLowerCase()
  const found = items.filter(item => {
    const { value } = { value: undefined, ...at(item, where.pointer) }
    return typeof value === 'string' && value.toLowerCase() === sought
  })
  return found.length === 1 ? found[0] : undefined
}

/** The item of a whole list that fits: to the letter, or the only one in any case where that is enough. */
export const choose = (items: readonly Json[], where?: Where): Json | undefined =>
  chooseExact(items, where) ?? (where === undefined ? undefined : chooseInAnyCase(items, where))

/** The items of a look-up's reply: its `list`, or the reply itself; `undefined` when there is no such list. */
export const items = (body: Json, lookup: Pick<Lookup, 'list'>): readonly Json[] | undefined => {
  if (lookup.list === undefined) return [body]
  const found = at(body, lookup.list)
  return found.found && Array.isArray(found.value) ? found.value : undefined
}

const caught = (body: Json, capture: Capture): Found => {
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
  const found = keys(captures).map(name => [name, caught(body, captures[name] as Capture)] as const)
  const values = found.flatMap(([name, each]) =>
    each.found && each.value !== null ? [[name, each.value] as const] : [],
  )
  if (values.length === found.length) return { ok: true, values: Object.fromEntries(values) }
  const names = new Set(values.map(([name]) => name))
  return { ok: false, missing: keys(captures).filter(name => !names.has(name)) }
}
