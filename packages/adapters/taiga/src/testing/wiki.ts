import type { Answer } from '@sessionwire/core/testing'
import { versionWrong, visible } from './items.ts'
import { listPages } from './lists.ts'
import {
  type Asked,
  badRequest,
  broken,
  type Fields,
  forbidden,
  invalid,
  missing,
  notify,
  remember,
  type StoredItem,
  timeOf,
  writeRefused,
} from './world.ts'

const body = ({ request }: Asked): Fields => request.body as Fields

const pageShown = (item: StoredItem): Fields => ({
  id: item.id,
  project: item.project,
  slug: item.fields.slug ?? '',
  content: item.fields.content ?? '',
  html: '',
  version: item.version,
  owner: item.owner,
  created_date: item.createdAt,
  modified_date: item.modifiedAt,
})

const pagesOf = ({ world, user }: Asked, query: Readonly<Record<string, string>>) =>
  world.items.filter(
    item =>
      item.kind === 'wiki' &&
      world.projects.some(each => each.id === item.project && each.members.includes(user.id)) &&
      (query.project === undefined || String(item.project) === query.project) &&
      (query.slug === undefined || item.fields.slug === query.slug),
  )

/** Wiki pages of a project, or the one of a slug. */
export const listWiki = (asked: Asked): Answer => {
  const { project } = asked.request.query
  if (project !== undefined && !/^\d+$/.test(project)) return badRequest('Wrong arguments.')
  return listPages(asked.request, pagesOf(asked, asked.request.query).map(pageShown))
}

/** The page of a slug, letter by letter. */
export const pageBySlug = (asked: Asked): Answer => {
  const { project = '', slug = '' } = asked.request.query
  const [page] = pagesOf(asked, { project, slug })
  return page === undefined ? missing('WikiPage') : { status: 200, body: pageShown(page) }
}

/** Makes a page, once per slug and project. */
export const createPage = (asked: Asked): Answer => {
  const { project: where, slug, content = '' } = body(asked)
  const project = asked.world.projects.find(({ id }) => id === where)
  if (project === undefined) return invalid({ project: 'This field is required.' })
  if (!/^[\p{L}\p{N}_-]{1,500}$/u.test(String(slug ?? '')))
    return invalid({
      slug: "Enter a valid 'slug' consisting of Unicode letters, numbers, underscores, or hyphens.",
    })
  const refused = writeRefused(project, asked.user)
  if (refused !== undefined) return refused
  if (String(content).includes('\u0000')) return broken()
  const key = `${project.id} ${String(slug)}`
  if (
    asked.world.items.some(
      each => each.kind === 'wiki' && each.project === project.id && each.fields.slug === slug,
    )
  ) {
    asked.host.refuseRepeat('create wiki', key)
    return { status: 400, body: { __all__: ['Wiki page with this Project and Slug already exists.'] } }
  }
  const now = timeOf(asked.host)
  const common = {
    version: 1,
    owner: asked.user.id,
    createdAt: now,
    modifiedAt: now,
    tags: [],
    watchers: [],
    history: [],
  }
  const page: StoredItem = {
    ...common,
    id: asked.world.nextId++,
    kind: 'wiki',
    ref: 0,
    project: project.id,
    fields: { slug: String(slug), content },
    attributes: { values: {}, version: 1 },
  }
  asked.world.items.push(page)
  notify(asked.world, String(content))
  asked.host.effect('create wiki', key)
  return { status: 201, body: pageShown(page) }
}

/** Changes a page. */
export const patchPage = (asked: Asked, id: string): Answer => {
  const page = visible(asked, 'wiki', id)
  if (typeof page === 'string') return forbidden()
  const refused = writeRefused(
    asked.world.projects.find(each => each.id === page.project),
    asked.user,
  )
  if (refused !== undefined) return refused
  const { content } = body(asked)
  if (content !== undefined && String(content).includes('\u0000')) return broken()
  const wrong = versionWrong(page, body(asked))
  if (wrong !== undefined) return wrong
  if (content !== undefined && content !== page.fields.content) {
    page.fields.content = content
    remember(asked, page, '', ['content'])
    notify(asked.world, String(content))
  }
  page.version += 1
  page.modifiedAt = timeOf(asked.host)
  asked.host.effect('edit wiki')
  return { status: 200, body: pageShown(page) }
}
