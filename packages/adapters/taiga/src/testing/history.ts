import type { Answer } from '@sessionwire/core/testing'
import { rowOf } from './fields.ts'
import { visible } from './items.ts'
import { listPages } from './lists.ts'
import {
  type Asked,
  broken,
  type Fields,
  forbidden,
  missing,
  notify,
  type StoredEntry,
  type StoredItem,
  timeOf,
  writeRefused,
} from './world.ts'

const entryShown = (item: StoredItem, entry: StoredEntry): Fields => ({
  id: entry.id,
  user: {
    pk: entry.user.id,
    username: entry.user.username,
    name: entry.user.fullName,
    photo: null,
    is_active: true,
  },
  created_at: entry.createdAt,
  type: 1,
  key: `${rowOf(item.kind)?.app ?? 'wiki.wikipage'}:${item.id}`,
  diff: Object.fromEntries(entry.fields.map(field => [field, [null, null]])),
  values_diff: {},
  comment: entry.comment,
  comment_html: '',
  delete_comment_date: entry.deletedAt,
  delete_comment_user: null,
  edit_comment_date: entry.editedAt,
  is_hidden: false,
  is_snapshot: false,
})

/** An object's history, newest first. */
export const history = (asked: Asked, kind: StoredItem['kind'], id: string): Answer => {
  const item = visible(asked, kind, id)
  if (item === 'gone') return missing(rowOf(kind)?.name ?? 'WikiPage')
  if (item === 'hidden') return forbidden()
  const { type } = asked.request.query
  const rows = item.history.filter(
    ({ comment }) => type === undefined || (type === 'comment') === (comment !== ''),
  )
  return listPages(
    asked.request,
    rows.toReversed().map(entry => entryShown(item, entry)),
  )
}

/** Changes the text of a comment; its older texts are kept. One that was deleted stays as it is. */
export const editComment = (asked: Asked, kind: StoredItem['kind'], id: string): Answer => {
  const item = visible(asked, kind, id)
  if (item === 'gone') return missing(rowOf(kind)?.name ?? 'WikiPage')
  if (item === 'hidden') return forbidden()
  const refused = writeRefused(
    asked.world.projects.find(each => each.id === item.project),
    asked.user,
  )
  if (refused !== undefined) return refused
  const entry = item.history.find(each => each.id === asked.request.query.id)
  if (entry === undefined)
    return { status: 404, text: '', headers: { 'access-control-expose-headers': 'x-pagination-count' } }
  if (entry.user.id !== asked.user.id) return forbidden()
  const { comment = null } = asked.request.body as Fields
  if (comment === null) return { status: 400, body: { error: 'comment is required' } }
  if (entry.deletedAt !== null) return { status: 400, body: { error: "deleted comments can't be edited" } }
  if (String(comment).includes('\u0000')) return broken()
  Object.assign(entry, {
    comment: String(comment),
    editedAt: timeOf(asked.host),
    versions: [...entry.versions, entry.comment],
  })
  notify(asked.world, entry.comment)
  asked.host.effect('edit comment')
  return { status: 200, text: '' }
}
