import { adapterSuite, type ServiceUnderTest } from '@sessionwire/core/testing'
import { describe, test } from 'vitest'
import { spread, thin } from '../../../../test/sample.ts'
import { type JiraOptions, jira } from '../src/index.ts'
import { type HostileJiraOptions, hostileJira } from '../src/testing.ts'

/** A clock on which an issue has time between two writes. */
const slowClock = () => {
  let at = Date.UTC(2026, 0, 1)
  return () => {
    at += 1_000
    return at
  }
}

const serve = async (options: HostileJiraOptions, more: Partial<JiraOptions>): Promise<ServiceUnderTest> => {
  const server = await hostileJira({ now: slowClock(), ...options })
  return {
    server,
    options: { baseUrl: server.url, gateway: server.url, ...more },
    inspect: () => {
      const issues = server.issues()
      return { cards: issues.length, entries: issues.reduce((sum, { comments }) => sum + comments.length, 0) }
    },
    catchUp: server.index,
    inputOf: (action, example) => {
      if (action === 'assign' && options.deployment === 'datacenter')
        return { issue: server.issues()[0]?.key, assignee: 'mia' }
      const issues = server.issues()
      const other = issues[1]?.key ?? server.addIssue('Another')
      const comment = issues[0]?.comments.at(-1)?.id ?? ''
      const text = JSON.stringify(example)
        .replaceAll('ENG-12', issues[0]?.key ?? '')
        .replaceAll('ENG-13', other)
      return JSON.parse(text.replaceAll('10042', comment))
    },
  }
}

const failures = [
  [400, { errorMessages: ['INVALID_INPUT'], errors: {} }],
  [400, { errorMessages: [], errors: { summary: 'You must specify a summary of the issue.' } }],
  [401, { code: 401, message: 'Unauthorized; scope does not match' }],
  [403, 'XSRF check failed'],
  [404, { errorMessages: ['Issue does not exist or you do not have permission to see it.'], errors: {} }],
  [404, { message: 'null for uri: /rest/api/2/search/jql', 'status-code': 404 }],
  [409, { errorMessages: ['Conflicting update'], errors: {} }],
  [410, { errorMessages: ['The requested API has been removed. CHANGE-2046'], errors: {} }],
  [413, { errorMessages: ['The issue has too many comments.'], errors: {} }],
  [200, { errorMessages: ['Something went wrong'], errors: {} }],
  [200, { error: 'internal_error' }],
].map(([status, body]) => ({ kind: 'answer', status, headers: {}, body }) as never)

const ALL: JiraOptions = {
  baseUrl: 'https://example.atlassian.net',
  projectKey: 'ENG',
  labels: ['agent-session'],
  statuses: { start: 'In Progress', blocker: 'Blocked', close: 'Done' },
  worklog: true,
  sessionUrl: 'https://example.com/sessions/{id}',
}

const wrong = [
  { options: { baseUrl: 'http://example.com' }, field: 'baseUrl' },
  { options: { projectKey: 'not a key' }, field: 'projectKey' },
  { options: { statuses: { done: 'Done' } }, field: 'statuses.done' },
  { options: { labels: ['two words'] }, field: 'labels' },
  { options: { secrets: { JIRA_API_TOKEN: 'ATATT3xFfGF0' } }, field: 'secrets.JIRA_API_TOKEN' },
  { options: { apiVersion: 4 }, field: 'apiVersion' },
]

const basic = { JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' }

// biome-ignore format: a table is read one line at a time
const KINDS = [
  ['Cloud v3', ALL, basic, {}, {}],
  ['Cloud v2', { ...ALL, apiVersion: 2 }, basic, {}, { apiVersion: 2, deployment: 'cloud' }],
  ['Cloud at the gateway', { ...ALL, cloudId: 'c1' }, basic, { cloudId: 'c1' }, { cloudId: 'c1' }],
  ['Cloud by OAuth', { ...ALL, cloudId: 'c1', auth: 'oauth' }, { JIRA_OAUTH_TOKEN: 'access-token' }, { cloudId: 'c1', bearer: 'access-token' }, { cloudId: 'c1' }],
  ['Data Center', { ...ALL, baseUrl: 'https://jira.example.com' }, { JIRA_PAT: 'pat-value' }, { deployment: 'datacenter', bearer: 'pat-value' }, { deployment: 'datacenter' }],
] as const satisfies readonly (readonly [string, JiraOptions, Record<string, string>, HostileJiraOptions, Partial<JiraOptions>])[]

const suites = KINDS.map(([kind, all, secrets, service, more]) => {
  const suite = adapterSuite({
    make: (options = {}) =>
      jira({
        ...all,
        ...(all.baseUrl === ALL.baseUrl ? { deployment: 'cloud' } : {}),
        ...options,
      } as JiraOptions),
    secrets,
    fromEnv: {
      make: env => jira.fromEnv({ ...(all as Partial<JiraOptions>), projectKey: undefined as never }, env),
      settings: { JIRA_PROJECT_KEY: 'ENG' },
    },
    wrong,
    refs: { issue: 'ENG-12' },
    failures,
    service: () => serve(service, more),
  })
  // At the gateway only the address and the credential differ.
  const sent = suite.filter(({ name }) => /^(sends|finds|checks)/.test(name))
  return / at | by /.test(kind) ? sent : suite
})
const sampled = spread(suites.map(checks => thin(checks, 'jira')))

describe.each(KINDS.map(([kind], n) => [kind, sampled[n] ?? []] as const))(
  'the adapter suite on %s',
  (_, checks) => {
    test.each(checks)('$name', ({ run }) => run())
  },
)
