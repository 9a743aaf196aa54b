import { type HttpCall, type Json, type Lookup, omitUndefined, uuidFrom } from '@sessionwire/core/adapter'
import type { GithubConfig, Here } from '../config.ts'
import { markOf } from '../text.ts'

/** The version of the API that requests name; GitHub keeps each one for at least two years. */
export const API_VERSION = '2022-11-28'

type Fields = Readonly<Record<string, Json | undefined>>
type Limit = 'read' | 'write' | 'search'

/** A call to any path of the API. */
export const apiCall = (
  { baseUrl, auth, secrets }: GithubConfig,
  method: HttpCall['method'],
  path: string,
  { payload, query, limit }: Readonly<{ payload?: Fields; query?: Fields; limit?: Limit }> = {},
): HttpCall => ({
  kind: 'http',
  method,
  endpoint: `${baseUrl}${path}`,
  headers: { accept: 'application/vnd.github+json', 'x-github-api-version': API_VERSION },
  auth:
    auth === 'app'
      ? { login: 'app' }
      : { header: 'authorization', prefix: 'Bearer ', secret: secrets.GITHUB_TOKEN },
  limit: limit ?? (method === 'GET' ? 'read' : 'write'),
  ...(query === undefined ? {} : { query: omitUndefined(query) }),
  ...(payload === undefined ? {} : { payload: omitUndefined(payload) }),
})

/** The same below the repository. */
export const call = (
  config: GithubConfig,
  method: HttpCall['method'],
  path: string,
  more?: Parameters<typeof apiCall>[3],
): HttpCall => apiCall(config, method, `/repos/${config.owner}/${config.repo}${path}`, more)

/** The path of an issue; left out, of the issue of the session. */
export const issuePath = (issue: number | undefined, more = ''): string =>
  `/issues/${issue ?? '{issue}'}${more}`

/** The coalesce name of a value of an issue; for the issue of the session it has no number in it. */
export const nameOf = (what: string, issue: number | undefined): string =>
  issue === undefined ? what : `${what} ${issue}`

/** The name of a captured number: another one for each call, as a name is captured once. */
export const linkName = (noun: string, key: string): string => `${noun}-${uuidFrom(key).slice(0, 8)}`

/** This machine's clock may be ahead of GitHub's by that much, ms: a day, and a zone taken for another one. */
const SKEW_MS = 26 * 3_600_000
/** From shortly before the first attempt on, on GitHub's clock. */
const SINCE = { $attempt: 'firstAt', backMs: SKEW_MS } as const

const PAGES = { per_page: 100 } as const

/** Finds an issue of ours by the mark in its text; searches of GitHub lag, this list does not. */
export const findIssue = ({ key, config }: Here) =>
  ({
    by: 'mark',
    call: call(config, 'GET', '/issues', {
      query: { state: 'all', since: SINCE, sort: 'created', direction: 'desc', ...PAGES },
    }),
    where: { pointer: '/body', contains: markOf(key) },
    list: '',
    next: { link: 'next' },
  }) as const

/** Finds a comment of ours below an issue by the mark in its text. */
export const findComment = (issue: number | undefined, { key, config }: Here, whole = false) =>
  ({
    by: 'mark',
    call: call(config, 'GET', issuePath(issue, '/comments'), {
      query: { ...(whole ? {} : { since: SINCE }), ...PAGES },
    }),
    where: { pointer: '/body', contains: markOf(key) },
    list: '',
    next: { link: 'next' },
  }) as const

/** Proves address and token. The token of a workflow or an app has no user, but sees the repository. */
export const check = (config: GithubConfig): Lookup => ({
  call: apiCall(config, 'GET', `/repos/${config.owner}/${config.repo}`),
  captures: { repository: '/full_name' },
})
