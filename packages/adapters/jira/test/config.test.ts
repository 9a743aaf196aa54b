import { isTrackerError } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { type JiraOptions, jira } from '../src/index.ts'

const SITE = 'https://example.atlassian.net'
const base: JiraOptions = { baseUrl: SITE, projectKey: 'ENG' }

test('the smallest configuration, whole', () => {
  expect(jira(base).config).toEqual({
    as: 'jira',
    baseUrl: SITE,
    apiVersion: 3,
    deployment: 'cloud',
    auth: { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] },
    projectKey: 'ENG',
    issueType: 'Task',
    subtaskType: 'Sub-task',
    labels: [],
    fields: {},
    internal: true,
    statuses: {},
    updates: 'card',
    worklog: false,
    notifyUsers: true,
    linkEntities: false,
    textLimit: 32_767,
  })
})

const bearer = (secret: string) => ({ header: 'Authorization', prefix: 'Bearer ', secret })
// biome-ignore format: a table is read one line at a time
const PLACES = [
  ['a Cloud site', {}, SITE, 3, 'cloud', { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] }],
  ['a Cloud site in wiki text', { apiVersion: 2 }, SITE, 2, 'cloud', { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] }],
  ['the gateway', { cloudId: '11223344-a1b2' }, 'https://api.atlassian.com/ex/jira/11223344-a1b2', 3, 'cloud', { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] }],
  ['the gateway by OAuth', { cloudId: 'c', auth: 'oauth' }, 'https://api.atlassian.com/ex/jira/c', 3, 'cloud', bearer('JIRA_OAUTH_TOKEN')],
  ['a server', { baseUrl: 'https://jira.example.com/context/' }, 'https://jira.example.com/context', 2, 'datacenter', bearer('JIRA_PAT')],
  ['a server with a password', { baseUrl: 'https://jira.example.com', auth: 'token', secrets: { email: 'JIRA_USERNAME', apiToken: 'JIRA_PASSWORD' } }, 'https://jira.example.com', 2, 'datacenter', { basic: ['JIRA_USERNAME', 'JIRA_PASSWORD'] }],
  ['a server by OAuth', { baseUrl: 'https://jira.example.com', auth: 'oauth' }, 'https://jira.example.com', 2, 'datacenter', bearer('JIRA_OAUTH_TOKEN')],
  ['this machine as Cloud', { baseUrl: 'http://127.0.0.1:8080', apiVersion: 3 }, 'http://127.0.0.1:8080', 3, 'cloud', { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] }],
] as const
test.each(PLACES)('at %s', (_, options, baseUrl, apiVersion, deployment, auth) => {
  const { config, secrets } = jira({ ...base, ...options } as JiraOptions)
  expect(config).toMatchObject({ baseUrl, apiVersion, deployment, auth })
  expect(secrets).toEqual('basic' in auth ? auth.basic : [auth.secret])
})

// biome-ignore format: a table is read one line at a time
const WRONG = [
  [{ baseUrl: undefined }, 'baseUrl', 'must be the address of your Jira'],
  [{ baseUrl: 'http://example.atlassian.net' }, 'baseUrl', 'must be an https address'],
  [{ baseUrl: 'https://user:pw@example.com' }, 'baseUrl', 'must be an https address'],
  [{ baseUrl: `${SITE}/rest/api/3` }, 'baseUrl', 'must be the address that stands before /rest'],
  [{ baseUrl: `${SITE}/{x}` }, 'baseUrl', 'must be an https address'],
  [{ projectKey: undefined }, 'projectKey', 'must be the key of a project, such as ENG'],
  [{ projectKey: 'My project' }, 'projectKey', 'must be the key of a project, such as ENG'],
  [{ cloudId: 'https://x' }, 'cloudId', 'must be the id alone'],
  [{ apiVersion: 4 }, 'apiVersion', 'must be 3 (Cloud) or 2'],
  [{ baseUrl: 'https://jira.example.com', deployment: 'datacenter', apiVersion: 3 }, 'apiVersion', 'must be 2 on Data Center'],
  [{ cloudId: 'c', deployment: 'datacenter' }, 'cloudId', 'must be left out on Data Center'],
  [{ auth: 'pat' }, 'auth', 'must be token or oauth on Cloud'],
  [{ auth: 'oauth' }, 'cloudId', 'must be given with OAuth'],
  [{ secrets: { apiToken: 'ATATT3xFfGF0abc' } }, 'secrets.apiToken', 'must be the name of a secret, such as JIRA_API_TOKEN, not its value'],
  [{ secrets: { email: 'mia@example.com' } }, 'secrets.email', 'must be the name of a secret'],
  [{ secrets: { token: 'X' } }, 'secrets.token', 'unknown option; expected one of email, apiToken, pat, oauthToken'],
  [{ labels: ['two words'] }, 'labels.0', 'must have no spaces'],
  [{ statuses: { done: 'Done' } }, 'statuses.done', 'unknown option; expected one of start, blocker, resolve, close, failed, cancelled, crashed, abandoned, resume'],
  [{ statuses: { close: [] } }, 'statuses.close', ''],
  [{ baseUrl: 'https://jira.example.com', parent: 'ENG-1' }, 'parent', 'needs epicField on Data Center'],
  [{ baseUrl: 'https://jira.example.com', parent: 'ENG-1', issueType: 'Bug' }, 'parent', 'needs epicField on Data Center'],
  [{ epicField: 'customfield_10008' }, 'epicField', 'must be left out on Cloud'],
  [{ baseUrl: 'https://jira.example.com', epicField: 'Epic Link' }, 'epicField', 'must be the id of the field'],
  [{ internal: 'yes' }, 'internal', ''],
  [{ statuses: { close: ' ' } }, 'statuses.close', 'must be the name of a status'],
  [{ parent: 'Epic one' }, 'parent', 'must be the key of an issue'],
  [{ sessionUrl: 'https://example.com/x' }, 'sessionUrl', 'must be a web address with {id} in it'],
  [{ as: 'My Jira' }, 'as', 'must begin with a letter'],
  [{ textLimit: 10 }, 'textLimit', ''],
  [{ when: true }, 'when', 'must be a function'],
  [{ teamId: 'x' }, 'teamId', 'unknown option; expected one of as, mode, updates, when,'],
] as const
test.each(WRONG)('refuses %j', (options, field, why) => {
  const made = () => jira({ ...base, ...options } as unknown as JiraOptions)
  expect(made).toThrow(`jira.${field}: ${why}`)
  try {
    made()
  } catch (error) {
    expect(isTrackerError(error) && [error.code, error.field]).toEqual(['CONFIG', `jira.${field}`])
  }
})

describe('fromEnv', () => {
  const token = { JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'secret' }
  const place = { JIRA_BASE_URL: SITE, JIRA_PROJECT_KEY: 'ENG' }

  // biome-ignore format: a table is read one line at a time
  const FOUND = [
    ['a token', { ...place, ...token }, {}, { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] }, SITE],
    ['a PAT', { JIRA_BASE_URL: 'https://jira.example.com', JIRA_PROJECT_KEY: 'ENG', JIRA_PAT: 'x' }, {}, bearer('JIRA_PAT'), 'https://jira.example.com'],
    ['OAuth', { JIRA_CLOUD_ID: 'c', JIRA_PROJECT_KEY: 'ENG', JIRA_OAUTH_TOKEN: 'x' }, {}, bearer('JIRA_OAUTH_TOKEN'), 'https://api.atlassian.com/ex/jira/c'],
    ['both, the token first', { ...place, ...token, JIRA_PAT: 'x' }, {}, { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] }, SITE],
    ['names of their own', { ...place, MAIL: 'a', TOKEN: 'b' }, { secrets: { email: 'MAIL', apiToken: 'TOKEN' } }, { basic: ['MAIL', 'TOKEN'] }, SITE],
    ['the rest from the program', token, { baseUrl: SITE, projectKey: 'OPS' }, { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] }, SITE],
  ] as const
  test.each(FOUND)('takes %s', (_, env, overrides, auth, baseUrl) => {
    expect(jira.fromEnv(overrides as Partial<JiraOptions>, env)?.config).toMatchObject({ auth, baseUrl })
  })

  test('takes the version, the deployment and the type', () => {
    const env = { JIRA_API_VERSION: '2', JIRA_DEPLOYMENT: 'cloud', JIRA_ISSUE_TYPE: 'Story' }
    expect(jira.fromEnv({}, { ...place, ...token, ...env })?.config).toMatchObject({
      apiVersion: 2,
      deployment: 'cloud',
      issueType: 'Story',
    })
    expect(() => jira.fromEnv({}, { ...place, ...token, JIRA_API_VERSION: 'two' })).toThrow(
      /^jira\.apiVersion: /,
    )
  })

  test('is off unless everything is there', () => {
    expect(jira.fromEnv({}, {})).toBeUndefined()
    expect(jira.fromEnv({}, place)).toBeUndefined()
    expect(jira.fromEnv({}, token)).toBeUndefined()
    expect(jira.fromEnv({}, { ...place, ...token, JIRA_ENABLED: 'no' })).toBeUndefined()
    expect(() => jira.fromEnv({}, { ...token, JIRA_ENABLED: 'yes' })).toThrow(
      /JIRA_BASE_URL and JIRA_PROJECT_KEY/,
    )
    expect(() => jira.fromEnv({}, { ...place, JIRA_ENABLED: 'yes' })).toThrow(/JIRA_EMAIL and JIRA_API_TOKEN/)
  })

  test('never takes the value of a secret', () => {
    const adapter = jira.fromEnv({}, { ...place, ...token })
    expect(JSON.stringify([adapter?.config, adapter?.secrets])).not.toContain('secret"')
  })
})

test('the rest of the contract', () => {
  const when = () => true
  const adapter = jira({
    ...base,
    as: 'ops',
    mode: 'preview',
    when,
    allowDestructive: true,
    onDoubt: 'repeat',
  })
  expect(adapter).toMatchObject({
    name: 'ops',
    mode: 'preview',
    when,
    allowDestructive: true,
    onDoubt: 'repeat',
  })
  expect(adapter.check).toEqual({
    call: {
      kind: 'http',
      method: 'GET',
      endpoint: `${SITE}/rest/api/3/myself`,
      auth: { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] },
      limit: 'read',
      headers: { accept: 'application/json' },
    },
    captures: { user: '/displayName' },
  })
  expect(adapter.limits.rates['issue:*']).toEqual({ count: 20, perMs: 6_000 })
})
