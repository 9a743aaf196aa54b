import type { Answer } from '@sessionwire/core/testing'
import { check, defaults, holdsNul, isNumber, NEVER, rowOf, write } from './fields.ts'
import {
  type Asked,
  broken,
  type Fields,
  forbidden,
  invalid,
  type Kind,
  missing,
  notify,
  remember,
  type StoredItem,
  type StoredProject,
  timeOf,
  versionRefused,
  writeRefused,
} from './world.ts'

/** How Taiga's names of rights call a kind. */
const rightOf = (kind: Kind): string => (kind === 'userstory' ? 'us' : kind)

/** The tag of our creations, by which they are found. */
const keyOf = (item: StoredItem) => item.tags.find(each => each.startsWith('evt-'))

/** Stores something new. */
export const store = (asked: Asked, kind: Kind, body: Fields, project: StoredProject): StoredItem => {
  const { world, host, user } = asked
  const now = timeOf(host)
  const item: StoredItem = {
    id: world.nextId++,
    kind,
    ref: project.nextRef++,
    project: project.id,
    version: 1,
    owner: user.id,
    createdAt: now,
    modifiedAt: now,
    fields: defaults(kind, project),
    tags: [],
    watchers: [],
    history: [],
    attributes: { values: {}, version: 1 },
  }
  write(item, kind, body)
  world.items.push(item)
  notify(world, String(item.fields.description))
  return item
}

/** An object as the API answers it; rows of lists lack the long texts. */
export const showItem = ({ world, user }: Asked, item: StoredItem, long: boolean): Fields => {
  const project = world.projects.find(({ id }) => id === item.project)
  const status = project?.choices[rowOf(item.kind)?.statuses ?? '']?.find(
    ({ id }) => id === item.fields.status,
  )
  const { description = '', ...fields } = item.fields
  return {
    id: item.id,
    ref: item.ref,
    version: item.version,
    project: item.project,
    project_extra_info: { id: item.project, name: project?.name ?? '', slug: project?.slug ?? '' },
    ...fields,
    status_extra_info: { name: status?.name ?? '', color: '#70728f', is_closed: status?.is_closed ?? false },
    is_closed: status?.is_closed ?? false,
    owner: item.owner,
    tags: item.tags.map(each => [each, null]),
    created_date: item.createdAt,
    modified_date: item.modifiedAt,
    watchers: [...item.watchers],
    is_watcher: item.watchers.includes(user.id),
    total_watchers: item.watchers.length,
    total_voters: 0,
    attachments: [],
    comment: '',
    ...(long
      ? {
          description,
          description_html: '',
          blocked_note_html: '',
          neighbors: { next: null, previous: null },
        }
      : {}),
  }
}

/** POST of a story, task, issue or epic. */
export const create = (asked: Asked, kind: Kind): Answer => {
  const body = asked.request.body as Fields
  if (body.project === undefined) return invalid({ project: 'This field is required.' })
  const project = asked.world.projects.find(({ id }) => id === body.project)
  if (project === undefined)
    return invalid({ project: `Invalid pk '${String(body.project)}' - object does not exist.` })
  if (body.subject === undefined) return invalid({ subject: 'This field is required.' })
  const refused =
    writeRefused(project, asked.user, `add_${rightOf(kind)}`) ?? check(asked, kind, body, project)
  if (refused !== undefined) return refused
  const item = store(asked, kind, body, project)
  asked.host.effect(`create ${kind}`, keyOf(item))
  return { status: 201, body: showItem(asked, item, true) }
}

/** The item of an id, if the user may see it. */
export const visible = (
  { world, user }: Asked,
  kind: StoredItem['kind'],
  id: string,
): StoredItem | 'gone' | 'hidden' => {
  const item = world.items.find(each => each.kind === kind && String(each.id) === id)
  if (item === undefined) return 'gone'
  return world.projects.some(each => each.id === item.project && each.members.includes(user.id))
    ? item
    : 'hidden'
}

/** GET of one. */
export const get = (asked: Asked, kind: Kind, id: string): Answer => {
  const item = visible(asked, kind, id)
  if (item === 'gone') return missing(rowOf(kind)?.name ?? kind)
  return item === 'hidden' ? forbidden() : { status: 200, body: showItem(asked, item, true) }
}

/** Holds a version to the rules of optimistic concurrency; fields judged by the history of the last versions. */
export const versionWrong = (item: StoredItem, body: Fields): Answer | undefined => {
  const given = body.version
  if (given !== undefined && given !== null && !isNumber(given))
    return invalid({ version: 'Enter a whole number.' })
  if (given === undefined || given === null || Number(given) < 0 || Number(given) > item.version)
    return versionRefused('The version parameter is not valid')
  const steps = item.version - Number(given)
  const since = new Set(steps === 0 ? [] : item.history.slice(-steps).flatMap(({ fields }) => fields))
  const clash = Object.keys(body).some(field => since.has(field) && !NEVER.has(field))
  return clash ? versionRefused("The version doesn't match with the current one") : undefined
}

/** PATCH of one: gone and forbidden sound alike. */
export const patch = (asked: Asked, kind: Kind, id: string): Answer => {
  const body = asked.request.body as Fields
  const item = visible(asked, kind, id)
  if (typeof item === 'string') return forbidden()
  const project = asked.world.projects.find(each => each.id === item.project)
  const isComment = Object.keys(body).every(key => key === 'comment' || key === 'version')
  const refused = writeRefused(project, asked.user, `${isComment ? 'comment' : 'modify'}_${rightOf(kind)}`)
  if (refused !== undefined || project === undefined) return refused ?? forbidden()
  const { comment = '' } = body
  if (comment === null || holdsNul(comment)) return broken()
  const wrong = check(asked, kind, body, project) ?? versionWrong(item, body)
  if (wrong !== undefined) return wrong
  const said = String(comment)
  const changed = write(item, kind, body)
  remember(asked, item, said, changed)
  if (changed.includes('description')) notify(asked.world, String(item.fields.description))
  item.version += 1
  item.modifiedAt = timeOf(asked.host)
  // A comment is ours by the last mark in it: text from outside may hold others.
  if (said !== '') asked.host.effect('comment', said.match(/evt-[0-9a-f-]{36}/g)?.at(-1))
  else asked.host.effect(`edit ${kind}`)
  return { status: 200, body: showItem(asked, item, true) }
}

/** DELETE of one: the second time it is forbidden. */
export const remove = (asked: Asked, kind: Kind, id: string): Answer => {
  const item = visible(asked, kind, id)
  if (typeof item === 'string') return forbidden()
  const refused = writeRefused(
    asked.world.projects.find(each => each.id === item.project),
    asked.user,
  )
  if (refused !== undefined) return refused
  asked.world.items = asked.world.items.filter(
    each => each !== item && !(kind === 'userstory' && each.fields.user_story === item.id),
  )
  asked.world.links = asked.world.links.filter(each => each.epic !== item.id && each.story !== item.id)
  asked.host.effect(`delete ${kind}`)
  return { status: 204 }
}
