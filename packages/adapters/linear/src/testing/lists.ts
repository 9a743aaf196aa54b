import type { Json } from '@sessionwire/core/adapter'
import type { Shown } from './document.ts'
import { invalid } from './faults.ts'

type Fields = Readonly<Record<string, Json>>

const lower = (value: unknown) => String(value ?? '').toLowerCase()
const has = (list: Json, value: unknown) => Array.isArray(list) && list.includes(value as Json)

/** Comparators of filters, by name. */
const COMPARE: Readonly<Record<string, (value: unknown, wanted: Json) => boolean>> = {
  eq: (value, wanted) => value === wanted,
  neq: (value, wanted) => value !== wanted,
  in: (value, wanted) => has(wanted, value),
  nin: (value, wanted) => !has(wanted, value),
  eqIgnoreCase: (value, wanted) => lower(value) === lower(wanted),
  contains: (value, wanted) => String(value ?? '').includes(String(wanted)),
  containsIgnoreCase: (value, wanted) => lower(value).includes(lower(wanted)),
}

const fields = (value: unknown): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {}

const fieldOf = (shown: Shown, name: string): unknown => {
  if (!Object.hasOwn(shown, name)) throw invalid(`Unknown filter field "${name}"`)
  const found = shown[name]
  return typeof found === 'function' ? (found as (args: Fields) => unknown)({}) : found
}

const compares = (value: unknown, filter: Json): boolean =>
  Object.entries(fields(filter)).every(([name, wanted]) => {
    const compare = COMPARE[name]
    if (compare === undefined) throw invalid(`Unknown comparator "${name}"`)
    return compare(value, wanted)
  })

/** Whether an object fits a filter; `null: true` fits a relation that is not there. */
const fits = (shown: unknown, filter: Json): boolean =>
  Object.entries(fields(filter)).every(([name, wanted]) => {
    const every = Array.isArray(wanted) ? wanted : []
    if (name === 'and') return every.every(each => fits(shown, each))
    if (name === 'or') return every.some(each => fits(shown, each))
    if (name === 'null') return (shown === null) === wanted
    if (shown === null || shown === undefined) return false
    const value = fieldOf(shown as Shown, name)
    const related = value === null ? name !== 'id' && !isComparator(wanted) : typeof value === 'object'
    return related ? fits(value, wanted) : compares(value, wanted)
  })

const isComparator = (filter: Json): boolean => Object.keys(fields(filter)).every(name => name in COMPARE)

/** The fields of every object of Linear. */
export type Stored = {
  /** UUID. */
  id: string
  /** When it was created, ISO 8601. */
  createdAt: string
  /** When it was last changed, ISO 8601. */
  updatedAt: string
  /** When it was archived, ISO 8601; null when it was not. */
  archivedAt: string | null
}

const pageSize = (args: Fields): number => {
  const size = args.first ?? args.last ?? 50
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > 250)
    throw invalid('first must be between 1 and 250.')
  return size
}

/** How lists behave: pages of at most `most`, and only of what is `visible` yet. */
export type Listing = Readonly<{ most: number; visible: (id: string) => boolean }>

/** A connection: filtered, newest first, archived ones only when asked for, page by page. */
export const connection = <T extends Stored>(
  items: readonly T[],
  show: (item: T) => Shown,
  args: Fields,
  { most, visible }: Listing,
): Shown => {
  const size = Math.min(pageSize(args), most)
  const newest = args.orderBy === 'updatedAt' ? 'updatedAt' : 'createdAt'
  const all = items
    .filter(({ id, archivedAt }) => visible(id) && (archivedAt === null || args.includeArchived === true))
    .map(item => ({ item, shown: show(item) }))
    .filter(({ shown }) => args.filter === undefined || fits(shown, args.filter ?? null))
    .sort((a, b) => b.item[newest].localeCompare(a.item[newest]))
  const after = args.after
  const from = after === undefined || after === null ? 0 : all.findIndex(({ item }) => item.id === after) + 1
  if (from === 0 && typeof after === 'string') throw invalid('after must be a valid cursor.')
  const page = all.slice(from, from + size)
  return {
    nodes: page.map(({ shown }) => shown),
    edges: page.map(({ item, shown }) => ({ cursor: item.id, node: shown })),
    totalCount: all.length,
    pageInfo: {
      hasNextPage: from + size < all.length,
      hasPreviousPage: from > 0,
      startCursor: page[0]?.item.id ?? null,
      endCursor: page.at(-1)?.item.id ?? null,
    },
  }
}
