import { checkInput, type Descriptor, type HttpCall, type Lookup } from '@sessionwire/core/adapter'
import { type JiraOptions, jira } from '../src/index.ts'

export const KEY = '01990000-0000-7000-8000-000000000001/jira/0'
/** Of the key above. */
export const MARK = 'sw-5c09ac769f174140'
export const SHORT = '5c09ac76'

export const options: JiraOptions = { baseUrl: 'https://example.atlassian.net', projectKey: 'ENG' }
export const cloud = jira(options)
export const wiki = jira({ ...options, apiVersion: 2 })
export const server = jira({ baseUrl: 'https://jira.example.com/context', projectKey: 'ENG' })
export type Jira = typeof cloud

const basic = { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] } as const
export const http = (
  method: HttpCall['method'],
  path: string,
  limit: string,
  more: Partial<HttpCall> = {},
) => ({
  kind: 'http',
  method,
  endpoint: `https://example.atlassian.net/rest/${path}`,
  auth: basic,
  limit,
  headers: { accept: 'application/json' },
  ...more,
})
export const adf = (text: string) => ({
  version: 1,
  type: 'doc',
  content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
})
export const mark = { key: 'sessionwire', value: { key: KEY, mark: MARK, by: 'sessionwire 0.1.0' } }

export const build = (of: Jira, name: keyof Jira['actions'], input: unknown): Descriptor | Lookup => {
  const action = of.actions[name]
  const at = { key: KEY, config: of.config }
  if (action.effect === 'read')
    return (action.build as (value: unknown, here: typeof at) => Lookup)(
      checkInput(action.action, action.input, input),
      at,
    )
  return (action as unknown as (raw: unknown) => (here: typeof at) => Descriptor)(input)(at)
}
export const descriptor = (of: Jira, name: keyof Jira['actions'], input: unknown) =>
  build(of, name, input) as Descriptor
export const payload = (of: Jira, name: keyof Jira['actions'], input: unknown) =>
  (descriptor(of, name, input) as HttpCall).payload

export const typed = (project = 'ENG', equals = 'Task') => ({
  call: http('GET', `api/3/issue/createmeta/${project}/issuetypes`, 'read', { query: { maxResults: 50 } }),
  list: '/issueTypes',
  next: { cursor: '/total', into: '/query/startAt', counted: true },
  where: { pointer: '/name', equals, anyCase: true },
  captures: { issueType: '/name' },
  otherwise: { issueType: equals },
  noun: 'issue type',
  cacheMs: 600_000,
})
export const internal = { key: 'sd.public.comment', value: { internal: true } }

export const FRESHNESS =
  'Jira does not document how soon a list shows a new entry; the look-up runs a minute after the attempt.'
