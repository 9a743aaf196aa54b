import type { Answer } from '@sessionwire/core/testing'
import { rowOf } from './fields.ts'
import { visible } from './items.ts'
import { listPages } from './lists.ts'
import {
  type Asked,
  type Fields,
  forbidden,
  invalid,
  type Kind,
  missing,
  type StoredItem,
  versionRefused,
  writeRefused,
} from './world.ts'

const body = ({ request }: Asked): Fields => request.body as Fields

const pair = ({ epic, story }: Readonly<{ epic: number; story: number }>, order: number): Fields => ({
  epic,
  user_story: story,
  order,
})

/** The stories of an epic, or one of them. */
export const listRelated = (asked: Asked, id: string, story?: string): Answer => {
  const epic = visible(asked, 'epic', id)
  if (typeof epic === 'string') return epic === 'gone' ? missing('Epic') : forbidden()
  const all = asked.world.links.filter(each => String(each.epic) === id).map(pair)
  if (story === undefined) return listPages(asked.request, all)
  const one = all.find(each => String(each.user_story) === story)
  return one === undefined ? missing('RelatedUserStory') : { status: 200, body: one }
}

/** Adds a story to an epic; a pair that is there is refused. */
export const relate = (asked: Asked, id: string): Answer => {
  const { epic, user_story: story } = body(asked)
  if (epic === undefined) return invalid({ epic: 'This field is required.' })
  if (story === undefined) return invalid({ user_story: 'This field is required.' })
  const found = visible(asked, 'epic', id)
  if (typeof found === 'string') return forbidden()
  if (typeof visible(asked, 'userstory', String(story)) === 'string')
    return invalid({ user_story: `Invalid pk '${String(story)}' - object does not exist.` })
  const link = { epic: found.id, story: Number(story) }
  if (asked.world.links.some(each => each.epic === link.epic && each.story === link.story))
    return {
      status: 400,
      body: { __all__: ['Related user story with this User story and Epic already exists.'] },
    }
  asked.world.links.push(link)
  asked.host.effect('link', `${link.epic} ${link.story}`)
  return { status: 201, body: pair(link, 1) }
}

/** Takes a story out of an epic; the second time it is forbidden. */
export const unrelate = (asked: Asked, epic: string, story: string): Answer => {
  const kept = asked.world.links.filter(each => String(each.epic) !== epic || String(each.story) !== story)
  if (kept.length === asked.world.links.length) return forbidden()
  asked.world.links = kept
  asked.host.effect('unlink')
  return { status: 204 }
}

const attributesShown = (item: StoredItem): Fields => ({
  attributes_values: item.attributes.values,
  version: item.attributes.version,
  [item.kind === 'userstory' ? 'user_story' : item.kind]: item.id,
})

/** The custom attributes of one item. */
export const attributes = (asked: Asked, kind: Kind, id: string): Answer => {
  const item = visible(asked, kind, id)
  if (typeof item === 'string') return item === 'gone' ? missing('CustomAttributesValues') : forbidden()
  return { status: 200, body: attributesShown(item) }
}

/** Replaces all of them. */
export const setAttributes = (asked: Asked, kind: Kind, id: string): Answer => {
  const item = visible(asked, kind, id)
  if (typeof item === 'string') return forbidden()
  const refused = writeRefused(
    asked.world.projects.find(each => each.id === item.project),
    asked.user,
  )
  if (refused !== undefined) return refused
  const { attributes_values: values, version } = body(asked)
  if (
    values === undefined ||
    values === null ||
    typeof values !== 'object' ||
    Object.keys(values).length === 0
  )
    return invalid({ attributes_values: 'This field is required.' })
  if (!Object.keys(values).every(each => kind === 'userstory' && ['31', '32'].includes(each)))
    return invalid({ attributes_values: 'It contains invalid custom fields.' })
  if (typeof version !== 'number' || version > item.attributes.version)
    return versionRefused('The version parameter is not valid')
  item.attributes = { values: values as Fields, version: item.attributes.version + 1 }
  asked.host.effect('attributes')
  return { status: 200, body: attributesShown(item) }
}

/** Watching and no longer watching: both may be repeated. */
export const watch = (asked: Asked, kind: Kind, id: string, on: boolean): Answer => {
  const item = visible(asked, kind, id)
  if (typeof item === 'string') return item === 'gone' ? missing(rowOf(kind)?.name ?? kind) : forbidden()
  item.watchers = [...item.watchers.filter(each => each !== asked.user.id), ...(on ? [asked.user.id] : [])]
  asked.host.effect(on ? 'watch' : 'unwatch')
  return { status: 200, text: '' }
}
