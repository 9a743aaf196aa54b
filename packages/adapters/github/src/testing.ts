/**
 * A hostile GitHub: a small server on 127.0.0.1 that behaves like GitHub's REST API as far as this adapter and its users need
 * it, as strictly as its documents say, and fails on request.
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
import { type App, refuseToken } from './testing/app.ts'
import { type Place, publicUserBody } from './testing/bodies.ts'
import { issueRoutes } from './testing/issues.ts'
import { fileRoute, otherRoutes } from './testing/others.ts'
import type { SeenIssue } from './testing/seen.ts'
import {
  type Desk,
  issueBody,
  notFound,
  refuse,
  type StoredIssue,
  type StoredRun,
  type StoredStatus,
  type World,
} from './testing/world.ts'

export type { App } from './testing/app.ts'
export { listMentions } from './testing/mentions.ts'
export type { SeenComment, SeenIssue } from './testing/seen.ts'

/** How a hostile GitHub is made. */
export type HostileGithubOptions = Readonly<{
  /** `owner/name`. Default `acme/billing`. */
  repository?: string
  /** The token it takes. Default `ghp_test`. */
  token?: string
  /** The token is that of an app, as a workflow's is: it may write check runs. Default false. */
  isAppToken?: boolean
  /** An app it knows. Default: none. */
  app?: App
  /** False: the token may write comments and issues, and labels are dropped. Default true. */
  mayWrite?: boolean
  /** Most issues, comments and pull requests a minute and an hour. Default: no limit; GitHub has 80 and 500. */
  content?: Readonly<{ minute: number; hour: number }>
  /** Default `Date.now`. */
  now?: () => number
  /** For ids and failures by chance. Default 1. */
  seed?: number
}>

/** A hostile GitHub that runs. */
export interface HostileGithub extends HostileServer {
  /** The token it takes. */
  readonly token: string
  /** Oldest first. */
  issues(): readonly SeenIssue[]
  /** Oldest first. */
  checkRuns(): readonly Readonly<StoredRun>[]
  /** Oldest first; the newest of a context counts. */
  statuses(): readonly StoredStatus[]
  /** Makes an issue, or a pull request with a commit at its head, as a person would; gives its number. */
  addIssue(title: string, pull?: Readonly<{ sha: string }>): number
  /** Edits a description as a person would. */
  edit(number: number, change: (body: string) => string): void
  /** Deletes an issue as a person would. */
  removeIssue(number: number): void
  /** Deletes a comment as a person would. */
  removeComment(id: number): void
  /** Locks the conversation. */
  lock(number: number): void
  /** Gives the repository another name; the old one is answered with a redirect. */
  rename(repository: string): void
  /** Puts a file into the repository. */
  putFile(path: string, text: string): void
  /** Ends every token of an installation, as an hour later. */
  expireTokens(): void
}

const HOUR_MS = 3_600_000

const under = (prefix: string, table: Readonly<Record<string, Handler>>) =>
  Object.fromEntries(
    Object.entries(table).map(([route, handler]) => [route.replace(' ', ` ${prefix}`), handler]),
  )

/** Starts a hostile GitHub on a free port of 127.0.0.1. */
export const hostileGithub = async (options: HostileGithubOptions = {}): Promise<HostileGithub> => {
  const { token = 'ghp_test', app, mayWrite = true, content, seed, now = Date.now } = options
  let repository = options.repository ?? 'acme/billing'
  const former = new Set<string>()
  const world: World = {
    issues: [],
    deleted: new Set(),
    runs: [],
    statuses: [],
    labels: new Set(['bug']),
    files: new Map([['README.md', '# Billing\n']]),
  }
  const issued = new Map<string, number>()
  const written: number[] = []
  let api = ''
  const place = (): Place => ({ api, web: 'https://github.com', repository })
  const login = 'sessionbot'

  const countContent = (): Answer | undefined => {
    if (content === undefined) return undefined
    const at = now()
    const within = (ms: number) => written.filter(time => at - time < ms).length
    if (within(60_000) >= content.minute || within(HOUR_MS) >= content.hour)
      return {
        ...refuse(
          403,
          'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
        ),
        headers: { 'retry-after': '60' },
      }
    written.push(at)
    return undefined
  }
  const isLive = (authorization: string) =>
    (issued.get(authorization.replace(/^(Bearer|token) /, '')) ?? 0) > now()
  const isApp = (authorization: string) =>
    isLive(authorization) || (options.isAppToken === true && authorization.endsWith(` ${token}`))
  const desk: Desk = { world, place, login, mayWrite, isApp, countContent }

  const table = { ...issueRoutes(desk), ...otherRoutes(desk) }
  const dispatch = routes(
    {
      'GET /user': (request, _, host) =>
        isLive(request.headers.authorization ?? '')
          ? refuse(403, 'Resource not accessible by integration')
          : { status: 200, body: publicUserBody(login, place(), new Date(host.now()).toISOString()) },
      'GET /search/issues': ({ query }) => {
        const { q = '' } = query
        if (!q.includes(`repo:${repository}`)) return refuse(422, 'Validation Failed')
        const words = q.split(' ').filter(word => !word.includes(':'))
        const found = world.issues.filter(({ title }) => words.every(word => title.includes(word)))
        return {
          status: 200,
          body: {
            total_count: found.length,
            incomplete_results: false,
            search_type: 'lexical',
            items: found.map(issue => ({ ...issueBody(issue, desk), score: 1 })),
          },
        }
      },
      ...under('/repo', table),
    },
    () => notFound(),
  )

  const giveToken = (request: Received, host: Host): Answer => {
    const jwt = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const wrong = app === undefined ? '' : refuseToken(jwt, app, now())
    if (app === undefined || wrong !== undefined) {
      const refused = refuse(401, wrong || 'A JSON web token could not be decoded')
      return { ...refused, headers: { ...refused.headers, date: new Date(now()).toUTCString() } }
    }
    if (request.path !== `/app/installations/${app.installation}/access_tokens`) return notFound()
    const value = `ghs_${host.uuid()}`
    issued.set(value, now() + HOUR_MS)
    return { status: 201, body: { token: value, expires_at: new Date(now() + HOUR_MS).toISOString() } }
  }

  const handle = (request: Received, host: Host): Answer => {
    const { method, path, headers } = request
    if ((headers['user-agent'] ?? '') === '') return refuse(403, 'Request forbidden by administrative rules.')
    const version = headers['x-github-api-version']
    if (version !== undefined && version !== '2022-11-28' && version !== '2026-03-10')
      return refuse(400, `"${version}" is not a supported version.`)
    if (method === 'POST' && path.startsWith('/app/')) return giveToken(request, host)
    const authorization = headers.authorization ?? ''
    const given = authorization.replace(/^(Bearer|token) /, '')
    if (given !== token && !isLive(authorization)) return refuse(401, 'Bad credentials')
    const [, owner, name, rest = ''] = /^\/repos\/([^/]+)\/([^/]+)(.*)$/.exec(path) ?? []
    const asked = owner === undefined ? undefined : `${owner}/${name}`
    if (asked !== undefined && former.has(asked))
      return {
        status: method === 'GET' ? 301 : 307,
        headers: { location: `${api}/repositories/1296269${request.url.slice(`/repos/${asked}`.length)}` },
        body: {
          message: 'Moved Permanently',
          url: `${api}/repositories/1296269${rest}`,
          documentation_url: 'https://docs.github.com',
        },
      }
    if (asked !== undefined && asked !== repository) return notFound()
    const below = asked === undefined ? /^\/repositories\/1296269(.*)$/.exec(path)?.[1] : rest
    if (below === undefined) return dispatch(request, host)
    const file = /^\/contents\/(.+)$/.exec(below)?.[1]
    return file !== undefined && method === 'GET'
      ? fileRoute(desk, decodeURIComponent(file))
      : dispatch({ ...request, path: `/repo${below}` }, host)
  }

  const server = await createHostileServer({
    name: 'GitHub',
    handle: (request, host) => {
      const answer = handle(request, host)
      const own = {
        'content-type': 'application/json; charset=utf-8',
        date: new Date(now()).toUTCString(),
        'x-github-request-id': host.id('R'),
      }
      return answer.status === 204 ? answer : { ...answer, headers: { ...own, ...answer.headers } }
    },
    now,
    ...(seed === undefined ? {} : { seed }),
    voice: {
      tooManyRequests: (_, seconds) => ({
        ...refuse(
          403,
          'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
        ),
        headers: seconds === undefined ? {} : { 'retry-after': String(seconds) },
      }),
      broken: () => refuse(500, 'Server Error'),
      inside: () => ({
        status: 200,
        body: { message: 'Server Error', documentation_url: 'https://docs.github.com/rest' },
      }),
    },
  })
  api = server.url
  const find = (number: number): StoredIssue => {
    const found = world.issues.find(each => each.number === number)
    if (found === undefined) throw new Error(`There is no issue ${number} in this GitHub.`)
    return found
  }

  return Object.assign(server, {
    token,
    issues: () =>
      world.issues.map(({ number, title, body, state, stateReason, labels, assignees, comments, pull }) => ({
        ...{ number, title, body: body ?? '', state, stateReason, labels, assignees },
        comments: comments.map(({ id, body: written }) => ({ id, body: written })),
        reviewers: pull?.reviewers ?? [],
      })),
    checkRuns: () => world.runs,
    statuses: () => world.statuses,
    addIssue: (title: string, pull?: Readonly<{ sha: string }>) => {
      const at = now()
      const number = world.issues.length + world.deleted.size + 1
      world.issues.push({
        ...{ id: 1_000_000 + number, number, title, body: null, state: 'open', stateReason: null },
        ...{
          labels: [],
          assignees: [],
          milestone: null,
          locked: false,
          createdAt: at,
          updatedAt: at,
          comments: [],
        },
        ...(pull === undefined
          ? {}
          : { pull: { head: `branch-${number}`, base: 'main', sha: pull.sha, draft: false, reviewers: [] } }),
      })
      return number
    },
    edit: (number: number, change: (body: string) => string) => {
      const issue = find(number)
      issue.body = change(issue.body ?? '')
      issue.updatedAt = now()
    },
    removeIssue: (number: number) => {
      world.issues.splice(world.issues.indexOf(find(number)), 1)
      world.deleted.add(number)
    },
    removeComment: (id: number) => {
      for (const issue of world.issues) issue.comments = issue.comments.filter(each => each.id !== id)
    },
    lock: (number: number) => {
      find(number).locked = true
    },
    rename: (to: string) => {
      former.add(repository)
      repository = to
    },
    putFile: (path: string, text: string) => void world.files.set(path, text),
    expireTokens: () => issued.clear(),
  })
}
