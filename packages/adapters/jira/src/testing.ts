/**
 * A hostile Jira: a small server on 127.0.0.1 that behaves like Jira Cloud or Data Center as far as this adapter and its
 * users need it, as strictly as its documents say, and fails on request.
 * @module testing
 */
import {
  type Answer,
  createHostileServer,
  type Handler,
  type Host,
  type HostileServer,
  type Received,
  routes,
} from '@sessionwire/core/testing'
import { errorBody, Refusal, refuse } from './testing/answers.ts'
import { commentRoutes } from './testing/comments.ts'
import { textOf } from './testing/document.ts'
import { type Desk, issueRoutes } from './testing/issues.ts'
import { createIndex } from './testing/jql.ts'
import { agileRoutes, type Index, otherRoutes } from './testing/others.ts'
import type { SeenIssue } from './testing/seen.ts'
import { createWorld, issueOf, numberOf, type StoredIssue } from './testing/world.ts'

export type { SeenIssue } from './testing/seen.ts'

/** How a hostile Jira is made. */
export type HostileJiraOptions = Readonly<{
  /** Default `cloud`. */
  deployment?: 'cloud' | 'datacenter'
  /** Credentials it accepts. Defaults: Basic `mia@example.com` with `api-token`; on Data Center the token `pat`. */
  basic?: readonly [user: string, password: string]
  /** A token it takes behind `Bearer`. Default `pat` on Data Center, none on Cloud. */
  bearer?: string
  /** Cloud only: calls must come by the gateway's path with this id; at the site's they are refused with 401. Default: none. */
  cloudId?: string
  /** Scopes of the token at the gateway. Default: all that this adapter uses. */
  scopes?: readonly string[]
  /** After how many searches a change is found. Default 1: the next search misses it. Data Center: 0. */
  searchLag?: number
  /** Fields that are on no screen, such as `labels`. Default: none. */
  hidden?: readonly string[]
  /** Permissions the user lacks, such as `CREATE_ISSUES` or `ADD_COMMENTS`. Default: none. */
  forbidden?: readonly string[]
  /** Work is finished only with a resolution. Default false. */
  strictWorkflow?: boolean
  /** The workflow has no shortcuts: To Do, In Progress, In Review, Done; and Blocked. Default false. */
  steps?: boolean
  /** Issues that are done cannot be edited, as in Jira's classic workflow. Default true. */
  lockDone?: boolean
  /** Default true. */
  timeTracking?: boolean
  /** Default `Date.now`. Writes to one issue are counted by it: 20 in 2 s and 100 in 30 s. */
  now?: () => number
  /** For ids and failures by chance. Default 1. */
  seed?: number
}>

/** A hostile Jira that runs. */
export interface HostileJira extends HostileServer {
  /** Where its API begins: the address for `baseUrl`. */
  readonly address: string
  /** Oldest first. */
  issues(): readonly SeenIssue[]
  /** Makes an issue as a person would; gives its key. */
  addIssue(summary: string, project?: string): string
  /** Moves an issue to another project, where it gets a new key and keeps answering to the old one. */
  moveIssue(key: string, project: string): string
  /** Removes an issue as a person would. */
  removeIssue(key: string): void
  /** Comments as a person would. */
  addComment(key: string, text: string): void
  /** Lets the search find everything. */
  index(): void
}

const UNAUTHORIZED: Answer = {
  status: 401,
  body: { message: 'Client must be authenticated to access this resource.', 'status-code': 401 },
}
const WRITES = new Set(['POST', 'PUT', 'DELETE'])

/** Whether a request proves who it is from. */
const isProven = (
  request: Received,
  basic: readonly [string, string] | undefined,
  bearer: string | undefined,
): boolean => {
  const given = request.headers.authorization ?? ''
  const expected =
    basic === undefined ? undefined : `Basic ${Buffer.from(basic.join(':')).toString('base64')}`
  return given !== '' && (given === expected || (bearer !== undefined && given === `Bearer ${bearer}`))
}

/** Which scope a call needs at the gateway (developer.atlassian.com, "Scopes" of each operation). */
const scopeOf = (method: string, path: string): string => {
  if (path.startsWith('agile/')) {
    const what = /^agile\/issue\//.test(path) ? 'issue' : /sprint/.test(path) ? 'sprint' : 'board-scope'
    return `${method === 'GET' ? 'read' : 'write'}:${what}:jira-software`
  }
  if (/\/(myself|user\/)/.test(path)) return 'read:jira-user'
  const isRead = method === 'GET' || /\/(search|search\/jql|bulkfetch)$/.test(path)
  return isRead ? 'read:jira-work' : 'write:jira-work'
}

const SCOPES = [
  ...['read:jira-work', 'write:jira-work', 'read:jira-user', 'read:board-scope:jira-software'],
  ...['read:sprint:jira-software', 'write:sprint:jira-software', 'write:issue:jira-software'],
]

/** The path behind the gateway's, and which of the two APIs it is for. */
const TARGET = /^(?:\/ex\/jira\/([^/]+))?\/rest\/(?:api\/(2|3|latest)|(agile)\/1\.0)\/(.+)$/

/** 20 writes in 2 s and 100 in 30 s to one issue. */
const writeCounter = (now: () => number) => {
  const times = new Map<string, number[]>()
  return ({ id }: StoredIssue): void => {
    const at = now()
    const recent = (times.get(id) ?? []).filter(time => at - time < 30_000)
    if (recent.filter(time => at - time < 2_000).length >= 20 || recent.length >= 100)
      throw new Refusal({
        status: 429,
        headers: { 'retry-after': '2', 'ratelimit-reason': 'jira-per-issue-on-write' },
        body: errorBody(['Rate limit exceeded.']),
      })
    times.set(id, [...recent, at])
  }
}

const prefixRoutes = (prefix: string, table: Readonly<Record<string, Handler>>) =>
  Object.fromEntries(
    Object.entries(table).map(([route, handler]) => [route.replace(' ', ` ${prefix}`), handler]),
  )

const VOICE = {
  tooManyRequests: (_: Received, waitSeconds: number | undefined): Answer => ({
    status: 429,
    headers: {
      'ratelimit-reason': 'jira-burst-based',
      'x-ratelimit-limit': '350',
      'x-ratelimit-remaining': '0',
      ...(waitSeconds === undefined ? {} : { 'retry-after': String(waitSeconds) }),
    },
    text: 'Rate limit exceeded',
  }),
  broken: (): Answer => ({ status: 500, body: errorBody(['Internal server error']) }),
}

/** Starts a hostile Jira on a free port of 127.0.0.1. */
export const hostileJira = async (options: HostileJiraOptions = {}): Promise<HostileJira> => {
  const { cloudId, now, seed, hidden = [], scopes = SCOPES } = options
  const cloud = options.deployment !== 'datacenter'
  const basic = options.basic ?? (cloud ? (['mia@example.com', 'api-token'] as const) : undefined)
  const bearer = options.bearer ?? (cloud ? undefined : 'pat')
  const world = createWorld(options.strictWorkflow ?? false, options.steps ?? false)
  const index = createIndex(() => world.issues, options.searchLag ?? (cloud ? 1 : 0))
  const desk: Desk = {
    world,
    mannerOf: ({ path }) => ({ version: path.startsWith('3/') ? 3 : 2, cloud }),
    hidden: new Set(hidden),
    forbidden: new Set(options.forbidden ?? []),
    timeTracking: options.timeTracking ?? true,
    lockDone: options.lockDone ?? true,
    wrote: writeCounter(now ?? Date.now),
    markChanged: index.changed,
  }
  const api = {
    ...otherRoutes(desk, index satisfies Index, cloud),
    ...issueRoutes(desk),
    ...commentRoutes(desk),
  }
  const table = {
    ...prefixRoutes('2/', api),
    ...(cloud ? prefixRoutes('3/', api) : {}),
    ...prefixRoutes('agile/', agileRoutes(desk)),
  }
  const dispatch = routes(table, request =>
    cloud
      ? refuse(404, 'Oops, you’ve found a dead link.')
      : { status: 404, body: { message: `null for uri: ${request.url}`, 'status-code': 404 } },
  )

  const refuseUnproven = (
    request: Received,
    gateway: string | undefined,
    path: string,
  ): Answer | undefined => {
    const xsrf = WRITES.has(request.method) && /^Mozilla/.test(request.headers['user-agent'] ?? '')
    if (xsrf) return { status: 403, text: 'XSRF check failed' }
    if (cloudId !== gateway || !isProven(request, basic, bearer)) return UNAUTHORIZED
    return gateway === undefined || scopes.includes(scopeOf(request.method, path))
      ? undefined
      : { status: 401, body: { code: 401, message: 'Unauthorized; scope does not match' } }
  }

  const handle = (request: Received, host: Host): Answer => {
    const [, gateway, version, agile, rest = ''] = TARGET.exec(request.path) ?? []
    const path = `${agile ?? (version === 'latest' ? '2' : version) ?? 'none'}/${rest}`
    const refused = refuseUnproven(request, gateway, path)
    if (refused !== undefined) return refused
    try {
      return dispatch({ ...request, path }, host)
    } catch (error) {
      if (error instanceof Refusal) return error.answer
      throw error
    }
  }

  const server = await createHostileServer({
    name: 'Jira',
    handle,
    voice: VOICE,
    ...(now === undefined ? {} : { now }),
    ...(seed === undefined ? {} : { seed }),
  })

  const showSeen = (issue: StoredIssue): SeenIssue => ({
    id: issue.id,
    key: issue.key,
    status: world.statuses.find(({ id }) => id === issue.statusId)?.name ?? '',
    summary: textOf(issue.fields.summary),
    description: textOf(issue.fields.description),
    labels: (issue.fields.labels ?? []) as readonly string[],
    comments: issue.comments.map(({ id, body, properties }) => ({
      id,
      text: textOf(body),
      internal:
        (properties.get('sd.public.comment') as { internal?: boolean } | undefined)?.internal === true,
    })),
    worklogs: issue.worklogs.map(({ started, seconds }) => ({ started, seconds })),
    links: issue.links.map(({ value }) => value),
    properties: Object.fromEntries(issue.properties),
  })

  const newKey = (project: string) => {
    const home = world.projects.find(({ key }) => key === project) ?? refuse(404, project)
    home.next += 1
    return { project: { id: home.id, key: home.key }, key: `${home.key}-${home.next - 1}` }
  }

  return {
    ...server,
    address: cloudId === undefined ? server.url : `${server.url}/ex/jira/${cloudId}`,
    issues: () => world.issues.map(showSeen),
    addIssue: (summary, project = 'ENG') => {
      const { key, project: home } = newKey(project)
      const [type] = world.types
      const issue: StoredIssue = {
        id: String(20_000 + world.issues.length),
        key,
        formerKeys: [],
        fields: { summary, labels: [], project: home, ...(type === undefined ? {} : { issuetype: type }) },
        statusId: '1',
        properties: new Map(),
        comments: [],
        worklogs: [],
        links: [],
        points: new Map(),
      }
      world.issues.push(issue)
      index.changed(issue)
      return key
    },
    moveIssue: (key, project) => {
      const issue = issueOf(world, key)
      const home = newKey(project)
      issue.formerKeys.push(issue.key)
      issue.key = home.key
      issue.fields.project = home.project
      index.changed(issue)
      return home.key
    },
    removeIssue: key => {
      const { id } = issueOf(world, key)
      world.issues.splice(
        world.issues.findIndex(issue => issue.id === id),
        1,
      )
      index.removed(id)
    },
    addComment: (key, text) => {
      const at = new Date(server.host.now()).toISOString()
      issueOf(world, key).comments.push({
        id: numberOf(server.host, 'comment'),
        body: {
          version: 1,
          type: 'doc',
          content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
        },
        created: at,
        updated: at,
        properties: new Map(),
      })
    },
    index: index.all,
  }
}
