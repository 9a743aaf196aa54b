/**
 * A hostile Taiga for tests: its REST API on this machine, as strict as the real one, that fails on request.
 * @module testing
 */
import type { Json } from '@sessionwire/core/adapter'
import {
  type Answer,
  createHostileServer,
  type Handler,
  type HostileServer,
  type Received,
  routes,
} from '@sessionwire/core/testing'
import { createDoor } from './testing/auth.ts'
import { PATHS } from './testing/fields.ts'
import { editComment, history } from './testing/history.ts'
import { create, get, patch, remove, showItem, store } from './testing/items.ts'
import { listItems } from './testing/lists.ts'
import { byRef, getProject, listMilestones, listProjects } from './testing/projects.ts'
import { attributes, listRelated, relate, setAttributes, unrelate, watch } from './testing/relations.ts'
import type { ShownItem } from './testing/shown.ts'
import { createPage, listWiki, pageBySlug, patchPage } from './testing/wiki.ts'
import {
  type Asked,
  answerThrottled,
  badRequest,
  broken,
  createWorld,
  type Fields,
  forbidden,
  type Kind,
  type StoredItem,
  timeOf,
} from './testing/world.ts'

export type { ShownItem } from './testing/shown.ts'
export type { Fields, Kind } from './testing/world.ts'

/** How a hostile Taiga is made. */
export type HostileTaigaOptions = Readonly<{
  /** Application tokens, and the user each acts as. Default `{ 'app-token': 'mirror-bot' }`. */
  applicationTokens?: Readonly<Record<string, string>>
  /** Refused logins after which even a right one is throttled. Default 20. */
  loginFailures?: number
  /** Types of login that it accepts: a server with a plug-in for directories has `ldap`. Default `['normal']`. */
  loginTypes?: readonly string[]
  /** Epoch ms; default `Date.now`. */
  now?: () => number
  /** For ids and chance. Default 1. */
  seed?: number
}>

/** A hostile Taiga, and what it stores. Users `mirror-bot` and `bob` are members of project 7, `billing`. */
export interface HostileTaiga extends HostileServer {
  /** The root of its API, for `baseUrl`. */
  readonly baseUrl: string
  /** Its items of a kind, oldest first. */
  items(kind: Kind): readonly ShownItem[]
  /** Wiki pages, by slug. */
  pages(): Readonly<Record<string, string>>
  /** User names that were mentioned, each time. */
  listMentions(): readonly string[]
  /** Makes an item as a person would, in project `billing` unless said. */
  add(
    kind: Kind,
    fields?: Fields & Readonly<{ subject?: string }>,
    project?: string,
  ): Readonly<{
    /** Unique in the whole server. */
    id: number
    /** The number people see. */
    ref: number
  }>
  /** Changes an item as another person would: its version grows, its history with it. */
  change(id: number, fields: Fields): void
  /** Deletes an item, as a person would. */
  drop(id: number): void
  /** Deletes every comment below an item, as a person would. */
  dropComments(id: number): void
  /** Blocks the projects (451), archives them (403), or neither. */
  lock(how: 'blocked' | 'archived' | 'open'): void
  /** Takes rights such as `modify_us` from the role of all members; an empty list gives all back. */
  deny(rights: readonly string[]): void
  /** The next create of a kind is answered with 500: a story is rolled back then, anything else is stored. */
  breakCreate(kind: Kind | 'wiki'): void
  /** Ends all access tokens, or refresh tokens as well. */
  expire(what: 'access' | 'all'): void
}

const ROOT = '/api/v1'

const notFound = (): Answer => ({
  status: 404,
  body: { _error_message: 'Not found', _error_type: 'taiga.base.exceptions.NotFound' },
})

const isObject = (body: Json) => body !== null && typeof body === 'object' && !Array.isArray(body)

/** The answer that refuses a body by its form. */
const bodyRefused = ({ method, encoding, body, path }: Received): Answer | undefined => {
  if (method === 'GET' || method === 'DELETE' || /\/(un)?watch$/.test(path)) return undefined
  if (encoding === 'broken') return badRequest('JSON parse error')
  if (encoding !== 'json')
    return { status: 415, body: { _error_message: `Unsupported media type in request.` } }
  return isObject(body) ? undefined : { status: 400, body: { non_field_errors: ['Invalid data'] } }
}

type Rule = (asked: Asked, params: Readonly<Record<string, string>>) => Answer

const itemRules = (path: keyof typeof PATHS): Readonly<Record<string, Rule>> => {
  const { kind } = PATHS[path]
  const one = ({ id = '' }: Readonly<Record<string, string>>) => id
  return {
    [`GET /${path}`]: asked => listItems(asked, kind),
    [`POST /${path}`]: asked => create(asked, kind),
    [`GET /${path}/by_ref`]: asked =>
      byRef(asked, kind, item => ({ status: 200, body: showItem(asked, item, true) })),
    [`GET /${path}/custom-attributes-values/:id`]: (asked, params) => attributes(asked, kind, one(params)),
    [`PATCH /${path}/custom-attributes-values/:id`]: (asked, params) =>
      setAttributes(asked, kind, one(params)),
    [`GET /${path}/:id`]: (asked, params) => get(asked, kind, one(params)),
    [`PATCH /${path}/:id`]: (asked, params) => patch(asked, kind, one(params)),
    [`DELETE /${path}/:id`]: (asked, params) => remove(asked, kind, one(params)),
    [`POST /${path}/:id/watch`]: (asked, params) => watch(asked, kind, one(params), true),
    [`POST /${path}/:id/unwatch`]: (asked, params) => watch(asked, kind, one(params), false),
    [`GET /history/${kind}/:id`]: (asked, params) => history(asked, kind, one(params)),
    [`POST /history/${kind}/:id/edit_comment`]: (asked, params) => editComment(asked, kind, one(params)),
  }
}

const RULES: Readonly<Record<string, Rule>> = {
  'GET /users/me': ({ user: { id, username, fullName } }) => ({
    status: 200,
    body: { id, username, full_name: fullName, email: `${username}@example.com` },
  }),
  'GET /projects': listProjects,
  'GET /projects/by_slug': asked =>
    getProject(asked, ({ slug }) => slug === asked.request.query.slug, notFound()),
  'GET /projects/:id': (asked, { id }) =>
    getProject(asked, project => String(project.id) === id, forbidden()),
  'GET /milestones': listMilestones,
  'GET /epics/:id/related_userstories': (asked, { id = '' }) => listRelated(asked, id),
  'POST /epics/:id/related_userstories': (asked, { id = '' }) => relate(asked, id),
  'GET /epics/:id/related_userstories/:story': (asked, { id = '', story }) => listRelated(asked, id, story),
  'DELETE /epics/:id/related_userstories/:story': (asked, { id = '', story = '' }) =>
    unrelate(asked, id, story),
  ...itemRules('userstories'),
  ...itemRules('tasks'),
  ...itemRules('issues'),
  ...itemRules('epics'),
  'GET /wiki': listWiki,
  'POST /wiki': createPage,
  'GET /wiki/by_slug': pageBySlug,
  'PATCH /wiki/:id': (asked, { id = '' }) => patchPage(asked, id),
}

const text = (value: Json | undefined) => (typeof value === 'string' ? value : '')

/** Starts a hostile Taiga. */
export const hostileTaiga = async (options: HostileTaigaOptions = {}): Promise<HostileTaiga> => {
  const world = createWorld()
  const door = createDoor(
    world,
    options.applicationTokens ?? { 'app-token': 'mirror-bot' },
    options.loginFailures ?? 20,
    options.loginTypes ?? ['normal'],
  )

  const authorize =
    (rule: Rule): Handler =>
    (request, params, host) => {
      const user = door.user(request, host)
      if ('status' in user) return user
      const spanish = !(request.headers['accept-language'] ?? '').startsWith('en')
      return bodyRefused(request) ?? rule({ world, request, host, user, spanish }, params)
    }

  const table: Record<string, Handler> = {
    [`GET ${ROOT}/`]: () => ({ status: 200, body: { projects: `${ROOT}/projects` } }),
    [`POST ${ROOT}/auth`]: (request, _, host) => door.login(request, host),
    [`POST ${ROOT}/auth/refresh`]: (request, _, host) => door.refresh(request, host),
  }
  for (const [route, rule] of Object.entries(RULES)) table[route.replace(' ', ` ${ROOT}`)] = authorize(rule)

  const server = await createHostileServer({
    name: 'Taiga',
    handle: routes(table, notFound),
    voice: {
      tooManyRequests: (_, waitSeconds) => answerThrottled(waitSeconds),
      broken,
      inside: () => ({
        status: 200,
        body: {
          _error_message: 'Server application error',
          _error_type: 'taiga.base.exceptions.BaseException',
        },
      }),
    },
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  })

  const person = (): Asked => {
    const [, bob = world.users[0]] = world.users
    if (bob === undefined) throw new Error('There is no user.')
    const request = {
      n: 0,
      method: 'POST',
      url: '',
      path: '',
      query: {},
      headers: {},
      encoding: 'none',
      body: null,
      raw: '',
    } as const
    return { world, request, host: server.host, user: bob, spanish: false }
  }
  const itemOf = (id: number): StoredItem => {
    const item = world.items.find(each => each.id === id)
    if (item === undefined) throw new Error(`There is no item ${id}.`)
    return item
  }
  const statusOf = (item: StoredItem) =>
    Object.values(world.projects.find(({ id }) => id === item.project)?.choices ?? {})
      .flat()
      .find(({ id }) => id === item.fields.status)?.slug ?? ''

  return {
    ...server,
    baseUrl: `${server.url}${ROOT}`,
    items: kind =>
      world.items
        .filter(item => item.kind === kind)
        .map(item => ({
          id: item.id,
          ref: item.ref,
          version: item.version,
          subject: text(item.fields.subject),
          description: text(item.fields.description),
          status: statusOf(item),
          isBlocked: item.fields.is_blocked === true,
          blockedNote: text(item.fields.blocked_note),
          tags: item.tags,
          comments: item.history
            .filter(({ comment, deletedAt }) => comment !== '' && deletedAt === null)
            .map(({ comment }) => comment),
        })),
    pages: () =>
      Object.fromEntries(
        world.items
          .filter(({ kind }) => kind === 'wiki')
          .map(({ fields }) => [text(fields.slug), text(fields.content)]),
      ),
    listMentions: () => [...world.mentioned],
    add: (kind, fields = {}, project = 'billing') => {
      const where = world.projects.find(({ slug }) => slug === project)
      if (where === undefined) throw new Error(`There is no project ${project}.`)
      const { id, ref } = store(person(), kind, { subject: 'Made by another person', ...fields }, where)
      return { id, ref }
    },
    change: (id, fields) => {
      const item = itemOf(id)
      const asked = person()
      const request = { ...asked.request, body: { ...fields, version: item.version } }
      patch(
        { ...asked, request, host: { ...asked.host, effect: () => undefined } },
        item.kind as Kind,
        String(id),
      )
    },
    drop: id => {
      world.items = world.items.filter(each => each !== itemOf(id))
    },
    dropComments: id => {
      for (const entry of itemOf(id).history) entry.deletedAt = timeOf(server.host)
    },
    lock: how => {
      for (const project of world.projects) {
        project.blocked = how === 'blocked' ? 'blocked-by-staff' : null
        project.archived = how === 'archived'
      }
    },
    deny: rights => {
      for (const project of world.projects) project.denied = rights
    },
    breakCreate: kind => {
      const path = Object.entries(PATHS).find(([, row]) => row.kind === kind)?.[0] ?? 'wiki'
      server.fail({
        method: 'POST',
        path: `${ROOT}/${path}`,
        failure: { kind: 'error', applied: kind !== 'userstory' },
      })
    },
    expire: what => (what === 'all' ? door.expireAll() : door.expireAccess()),
  }
}
