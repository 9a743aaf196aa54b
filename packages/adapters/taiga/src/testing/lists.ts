import type { Json } from '@sessionwire/core/adapter'
import type { Answer, Received } from '@sessionwire/core/testing'
import { showItem } from './items.ts'
import { type Asked, badRequest, broken, type Fields, type Kind, type StoredItem } from './world.ts'

const DEFAULT_PAGE = 30
const LONGEST_PAGE = 1_000

/** A list in pages, which headers alone describe; a header asks for the whole, a page past the end is not there. */
export const listPages = (request: Received, rows: readonly Json[]): Answer => {
  const { query, headers, path } = request
  if (headers['x-disable-pagination'] !== undefined) return { status: 200, body: [...rows] }
  const size = Number(query.page_size)
  const perPage = Number.isInteger(size) && size > 0 ? Math.min(size, LONGEST_PAGE) : DEFAULT_PAGE
  const page = Number(query.page ?? 1)
  const last = Math.max(1, Math.ceil(rows.length / perPage))
  if (!Number.isInteger(page) || page < 1 || page > last)
    return {
      status: 404,
      body: { _error_message: `Invalid page (${query.page})`, _error_type: 'taiga.base.exceptions.NotFound' },
    }
  const url = (to: number) =>
    `http://${headers.host}${path}?${new URLSearchParams({ ...query, page: String(to) })}`
  return {
    status: 200,
    headers: {
      'x-paginated': 'true',
      'x-paginated-by': String(perPage),
      'x-pagination-current': String(page),
      ...(headers['x-lazy-pagination'] === undefined ? { 'x-pagination-count': String(rows.length) } : {}),
      ...(page < last ? { 'x-pagination-next': url(page + 1) } : {}),
      ...(page > 1 ? { 'x-pagination-prev': url(page - 1) } : {}),
    },
    body: rows.slice((page - 1) * perPage, page * perPage),
  }
}

/** Filters that take ids only, and the field they compare. */
const BY_ID: Readonly<Record<string, string>> = {
  status: 'status',
  assigned_to: 'assigned_to',
  type: 'type',
  priority: 'priority',
  severity: 'severity',
  milestone: 'milestone',
  user_story: 'user_story',
}

const words = (text: string) =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}_-]+/u)
    .filter(word => word !== '')

const textOf = (item: StoredItem) =>
  `${item.fields.subject} ${item.tags.join(' ')} ${item.ref} ${item.fields.description}`

/** Above this the database's index of words bursts, and with it every search of the project. */
const INDEX_BYTES = 1_048_576

const passes = ({ world }: Asked, item: StoredItem, query: Readonly<Record<string, string>>): boolean => {
  for (const [filter, field] of Object.entries(BY_ID)) {
    const wanted = query[filter]?.split(',')
    if (wanted !== undefined && !wanted.includes(String(item.fields[field] ?? null))) return false
  }
  const tags = query.tags?.split(',')
  if (tags !== undefined && !tags.some(each => item.tags.includes(each))) return false
  if (
    query.epic !== undefined &&
    !world.links.some(({ epic, story }) => story === item.id && String(epic) === query.epic)
  )
    return false
  const found = words(textOf(item))
  if (query.q !== undefined && !words(query.q).every(word => found.some(each => each.startsWith(word))))
    return false
  const closed = query.status__is_closed ?? query.is_closed
  if (closed === undefined) return true
  const all = Object.values(world.projects.find(({ id }) => id === item.project)?.choices ?? {}).flat()
  const isClosed = all.some(({ id, is_closed }) => id === item.fields.status && is_closed === true)
  return isClosed === (closed === 'true')
}

/** GET of a list of a kind. Filters it does not know are ignored; of foreign projects there is simply nothing. */
export const listItems = (asked: Asked, kind: Kind): Answer => {
  const { world, request, user } = asked
  const { query } = request
  for (const filter of Object.keys(BY_ID))
    if (query[filter] !== undefined && !/^(\d+|null)(,(\d+|null))*$/.test(query[filter]))
      return badRequest('Wrong arguments.')
  if (query.project !== undefined && !/^\d+$/.test(query.project))
    return badRequest("'project' must be an integer value.")
  const mine = world.items.filter(item => {
    const project = world.projects.find(({ id }) => id === item.project)
    if (item.kind !== kind || project === undefined || !project.members.includes(user.id)) return false
    if (query.project !== undefined && String(project.id) !== query.project) return false
    return query.project__slug === undefined || project.slug === query.project__slug
  })
  if (query.q !== undefined && mine.some(item => new TextEncoder().encode(textOf(item)).length > INDEX_BYTES))
    return broken()
  const rows = mine.filter(item => passes(asked, item, query)).sort((a, b) => a.ref - b.ref)
  const order = query.order_by
  const field = order?.replace(/^-/, '')
  const value = (row: Fields) => (field === undefined ? 0 : String(row[field] ?? ''))
  const all = rows.map(item => showItem(asked, item, false))
  if (field !== undefined && all.some(row => field in row)) all.sort((a, b) => (value(a) < value(b) ? -1 : 1))
  return listPages(request, order?.startsWith('-') === true ? all.reverse() : all)
}
