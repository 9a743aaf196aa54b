import {
  type Auth,
  type HttpCall,
  type Json,
  type Method,
  type Next,
  omitUndefined,
  provenance,
  uuidFrom,
} from '@sessionwire/core/adapter'
import type { JiraConfig } from '../config.ts'

/** The parts of a call except its address. Undefined fields are left out. */
type Parts = Readonly<{
  query?: Readonly<Record<string, Json | undefined>>
  payload?: Json
  limit?: string
}>

const authOf = ({ auth, secrets }: JiraConfig): Auth =>
  auth === 'token'
    ? { basic: [secrets.JIRA_EMAIL, secrets.JIRA_API_TOKEN] }
    : {
        header: 'Authorization',
        prefix: 'Bearer ',
        secret: auth === 'pat' ? secrets.JIRA_PAT : secrets.JIRA_OAUTH_TOKEN,
      }

const send = (config: JiraConfig, method: Method, endpoint: string, parts: Parts): HttpCall => ({
  kind: 'http',
  method,
  endpoint,
  auth: authOf(config),
  limit: parts.limit ?? (method === 'GET' ? 'read' : 'write'),
  headers: { accept: 'application/json' },
  ...(parts.query === undefined ? {} : { query: omitUndefined(parts.query) }),
  ...(parts.payload === undefined ? {} : { payload: parts.payload }),
})

/** A call of the platform API, in the configured version. */
export const call = (config: JiraConfig, method: Method, path: string, parts: Parts = {}): HttpCall =>
  send(config, method, `${config.root}/rest/api/${config.apiVersion}/${path}`, parts)

/** A call of the API for boards, sprints and estimates, which has one version everywhere. */
export const agile = (config: JiraConfig, method: Method, path: string, parts: Parts = {}): HttpCall =>
  send(config, method, `${config.root}/rest/agile/1.0/${path}`, parts)

/** The address of an issue, or of something below it; without one, of the session's issue. */
export const issuePath = (issue: string | undefined, rest = ''): string =>
  `issue/${issue === undefined ? '{issue}' : encodeURIComponent(issue)}${rest}`

/** An issue inside a payload; without one, the session's. */
export const issueRef = (issue: string | undefined): Json =>
  issue === undefined
    ? { key: { $ref: 'issue' } }
    : /^\d+$/.test(issue)
      ? { id: issue }
      : { key: issue.toUpperCase() }

/**
 * The limit of writes to one issue: Jira counts 20 in 2 s and 100 in 30 s. The issue of a session has one lane, which
 * sends one call after the other, so its writes share the limit of all.
 */
export const writesTo = (issue: string | undefined): string =>
  issue === undefined ? 'write' : `issue:${issue.toUpperCase()}`

/** The coalesce name of a state that is set: the issue of the session has it without a target. */
export const nameOf = (what: string, issue: string | undefined): string =>
  issue === undefined ? what : `${what} ${issue.toUpperCase()}`

/** The mark that a look-up finds: short, unlike any word, and the same for the same key. */
export const markOf = (key: string): string => `sw-${uuidFrom(key).replaceAll('-', '').slice(0, 16)}`

/** Pages of a list that says how many items it has. */
export const counted: Next = { cursor: '/total', into: '/query/startAt', counted: true }

/** A capture name of its own for each call: a capture is written once. */
export const linkName = (noun: string, mark: string): string => `${noun}-${mark.slice(3, 11)}`

/** Library and version, for readers of the API. */
export const WRITTEN_BY = provenance({ session: { id: '' }, event: { id: '' } }).by

/** The property that carries our mark, where Jira keeps properties that are sent with what they belong to. */
export const markProperty = (
  { deployment }: JiraConfig,
  key: string,
  mark: string,
): Readonly<Record<string, Json>> =>
  deployment === 'cloud' ? { sessionwire: { key, mark, by: WRITTEN_BY } } : {}

/** Properties as the API takes them; `undefined` when there are none. */
export const properties = (values: Readonly<Record<string, Json>>): Json | undefined =>
  Object.keys(values).length === 0
    ? undefined
    : Object.entries(values).map(([key, value]) => ({ key, value }))

/** Edits notify people unless the options say otherwise. */
export const quietly = ({ notifyUsers }: JiraConfig): Readonly<Record<string, Json>> =>
  notifyUsers ? {} : { notifyUsers: 'false' }

/** The types of issues that the user may create in a project. */
export const issueTypesOf = (config: JiraConfig, project: string) => ({
  call: call(config, 'GET', `issue/createmeta/${encodeURIComponent(project)}/issuetypes`, {
    query: { maxResults: 50 },
  }),
  list: config.deployment === 'cloud' ? '/issueTypes' : '/values',
  next: counted,
})

/** A reference by id where digits were given, else by name. */
export const idOrName = (value: string): Json => (/^\d+$/.test(value) ? { id: value } : { name: value })

/** A user as this Jira names people. */
export const user = (config: JiraConfig, who: string): Json =>
  config.deployment === 'cloud' ? { accountId: who } : { name: who }
