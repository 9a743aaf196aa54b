import { isTrackerError } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { type JiraOptions, jira } from '../src/index.ts'

const SITE = 'https://example.atlassian.net'
const base: JiraOptions = { baseUrl: SITE, projectKey: 'ENG' }

test('the smallest configuration, whole', () => {
  expect(jira(base).config).toEqual({
    as: 'jira',
    baseUrl: SITE,
    gateway: 'https://api.atlassian.com',
    root: SITE,
    secrets: {
      JIRA_EMAIL: 'JIRA_EMAIL',
      JIRA_API_TOKEN: 'JIRA_API_TOKEN',
      JIRA_PAT: 'JIRA_PAT',
      JIRA_OAUTH_TOKEN: 'JIRA_OAUTH_TOKEN',
    },
    apiVersion: 3,
    deployment: 'cloud',
    auth: 'token',
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
    maxLength: 32_767,
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
  ['a server with a password', { baseUrl: 'https://jira.example.com', auth: 'token', secrets: { JIRA_EMAIL: 'JIRA_USERNAME', JIRA_API_TOKEN: 'JIRA_PASSWORD' } }, 'https://jira.example.com', 2, 'datacenter', { basic: ['JIRA_USERNAME', 'JIRA_PASSWORD'] }],
  ['a server by OAuth', { baseUrl: 'https://jira.example.com', auth: 'oauth' }, 'https://jira.example.com', 2, 'datacenter', bearer('JIRA_OAUTH_TOKEN')],
  ['this machine as Cloud', { baseUrl: 'http://127.0.0.1:8080', apiVersion: 3 }, 'http://127.0.0.1:8080', 3, 'cloud', { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] }],
] as const
test.each(PLACES)('at %s', (_, options, root, apiVersion, deployment, auth) => {
  const { config, secrets, check, origins } = jira({ ...base, ...options } as JiraOptions)
  expect(config).toMatchObject({ root, apiVersion, deployment })
  expect(check.call).toMatchObject({ endpoint: `${root}/rest/api/${apiVersion}/myself`, auth })
  expect(origins).toEqual([new URL(root).origin])
  expect(secrets).toEqual('basic' in auth ? auth.basic : [auth.secret])
})

// biome-ignore format: a table is read one line at a time
const WRONG = [
  [{ baseUrl: undefined }, 'baseUrl', 'missing. Give baseUrl or cloudId.'],
  [{ baseUrl: 'http://example.atlassian.net' }, 'baseUrl', 'expected an https address'],
  [{ baseUrl: 'http://10.0.0.5:8080' }, 'baseUrl', 'unencrypted address of another machine'],
  [{ baseUrl: 'https://user:pw@example.com' }, 'baseUrl', 'expected an https address'],
  [{ baseUrl: `${SITE}/rest/api/3` }, 'baseUrl', 'expected the address that stands before /rest'],
  [{ baseUrl: `${SITE}/jira/software/projects/ENG/boards/1` }, 'baseUrl', 'expected the address that stands before /rest'],
  [{ baseUrl: 'https://jira.example.com/browse/ENG-1' }, 'baseUrl', 'expected the address that stands before /rest'],
  [{ baseUrl: `${SITE}/{x}` }, 'baseUrl', 'expected an https address'],
  [{ projectKey: undefined }, 'projectKey', 'expected the key of a project, such as ENG'],
  [{ projectKey: 'My project' }, 'projectKey', 'expected the key of a project, such as ENG'],
  [{ cloudId: 'https://x' }, 'cloudId', 'expected the id alone'],
  [{ apiVersion: 4 }, 'apiVersion', 'expected 3 (Cloud) or 2'],
  [{ baseUrl: 'https://jira.example.com', deployment: 'datacenter', apiVersion: 3 }, 'apiVersion', 'does not fit the other options. Data Center has version 2 alone.'],
  [{ cloudId: 'c', deployment: 'datacenter' }, 'cloudId', 'does not fit the other options. Data Center has no gateway'],
  [{ auth: 'pat' }, 'auth', 'does not fit the other options. Cloud has no personal access tokens'],
  [{ auth: 'oauth' }, 'cloudId', 'does not fit the other options. OAuth works only at the gateway'],
  [{ secrets: { JIRA_API_TOKEN: 'ATATT3xFfGF0abc' } }, 'secrets.JIRA_API_TOKEN', 'expected the name of a secret, not its value'],
  [{ secrets: { JIRA_EMAIL: 'mia@example.com' } }, 'secrets.JIRA_EMAIL', 'expected the name of a secret'],
  [{ secrets: { token: 'X' } }, 'secrets.token', 'unknown option; expected one of JIRA_EMAIL, JIRA_API_TOKEN, JIRA_PAT, JIRA_OAUTH_TOKEN'],
  [{ labels: ['two words'] }, 'labels.0', 'expected a label without spaces'],
  [{ statuses: { done: 'Done' } }, 'statuses.done', 'unknown option; expected one of start, blocker, resolve, close, failed, cancelled, crashed, abandoned, resume'],
  [{ statuses: { close: ' ' } }, 'statuses.close', 'expected the name of a status'],
  [{ statuses: { close: [] } }, 'statuses.close', ''],
  [{ parent: 'Epic one' }, 'parent', 'expected the key of an issue'],
  [{ baseUrl: 'https://jira.example.com', parent: 'ENG-1' }, 'parent', 'does not fit the other options. On Data Center an issue names its epic'],
  [{ baseUrl: 'https://jira.example.com', parent: 'ENG-1', issueType: 'Bug' }, 'parent', 'does not fit the other options. On Data Center'],
  [{ epicField: 'customfield_10008' }, 'epicField', 'does not fit the other options. Cloud takes parent alone'],
  [{ baseUrl: 'https://jira.example.com', epicField: 'Epic Link' }, 'epicField', 'expected the id of the field'],
  [{ internal: 'yes' }, 'internal', ''],
  [{ sessionUrl: 'https://example.com/x' }, 'sessionUrl', 'expected a web address with {id} in it'],
  [{ as: 'My Jira' }, 'as', 'expected a name'],
  [{ maxLength: 10 }, 'maxLength', ''],
  [{ when: true }, 'when', 'expected a function'],
  [{ headers: { Authorization: 'Basic x' } }, 'headers.Authorization', ''],
  [{ teamId: 'x' }, 'teamId', 'unknown option; expected one of'],
] as const
test('a parent on Data Center is an epic by its field, or the parent of a sub-task', () => {
  const server = { baseUrl: 'https://jira.example.com', projectKey: 'ENG', parent: 'ENG-1' }
  expect(jira({ ...server, epicField: 'customfield_10008' }).config.epicField).toBe('customfield_10008')
  expect(jira({ ...server, issueType: 'Sub-task' }).config.parent).toBe('ENG-1')
})

test.each(WRONG)('refuses %j', (options, field, why) => {
  const made = () => jira({ ...base, ...options } as unknown as JiraOptions)
  expect(made).toThrow(`jira.${field}: `)
  expect(made).toThrow(why)
  try {
    made()
  } catch (error) {
    const named = isTrackerError(error) ? error.field?.replace(/^jira\./, '') : undefined
    expect([isTrackerError(error) && error.code, named]).toEqual(['CONFIG', field])
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
    ['names of their own', { ...place, MAIL: 'a', TOKEN: 'b' }, { secrets: { JIRA_EMAIL: 'MAIL', JIRA_API_TOKEN: 'TOKEN' } }, { basic: ['MAIL', 'TOKEN'] }, SITE],
    ['the rest from the program', token, { baseUrl: SITE, projectKey: 'OPS' }, { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] }, SITE],
  ] as const
  test.each(FOUND)('takes %s', (_, env, overrides, auth, root) => {
    const { config, check } = jira.fromEnv(overrides as Partial<JiraOptions>, env) ?? {}
    expect(config?.root).toBe(root)
    expect(check?.call).toMatchObject({ auth })
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

  test('is off where nothing is set, and refuses what is half set', () => {
    expect(jira.fromEnv({}, {})).toBeUndefined()
    expect(jira.fromEnv({}, { ...place, ...token, JIRA_ENABLED: 'no' })).toBeUndefined()
    expect(() => jira.fromEnv({}, place)).toThrow(/JIRA_EMAIL/)
    expect(() => jira.fromEnv({}, token)).toThrow(/JIRA_BASE_URL/)
    expect(() => jira.fromEnv({}, { ...place, ...token, JIRA_API_TOKEN: '' })).toThrow(/JIRA_API_TOKEN/)
    expect(() => jira.fromEnv({}, { JIRA_ENABLED: 'yes' })).toThrow(/JIRA_BASE_URL/)
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
