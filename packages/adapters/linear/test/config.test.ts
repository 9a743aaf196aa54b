import { isTrackerError } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { linear } from '../src/index.ts'

const TEAM = '9cfb482a-81e3-4154-b5b9-2c805e70a02d'

const messageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (isTrackerError(error) && error.code === 'CONFIG') return error.message
    throw error
  }
  return 'no error'
}
const refusal = (options: object): string => messageOf(() => linear({ teamId: TEAM, ...options }))

describe('options', () => {
  test('the least that is needed', () => {
    const { name, mode, config, secrets, limits, ...rest } = linear({ teamId: TEAM })
    expect({ name, mode, config, secrets, limits }).toEqual({
      name: 'linear',
      mode: 'execute',
      config: {
        as: 'linear',
        baseUrl: 'https://api.linear.app',
        auth: 'apiKey',
        secrets: { LINEAR_API_KEY: 'LINEAR_API_KEY', LINEAR_OAUTH_TOKEN: 'LINEAR_OAUTH_TOKEN' },
        teamId: TEAM,
        labels: [],
        statuses: {},
        updates: 'card',
        links: 'code',
        maxLength: 50_000,
      },
      secrets: ['LINEAR_API_KEY'],
      limits: {
        concurrency: 4,
        rates: { requests: { count: 200, perMs: 300_000 }, search: { count: 25, perMs: 60_000 } },
      },
    })
    expect([rest.origins, rest.account, rest.refs, rest.publicSecrets]).toEqual([
      ['https://api.linear.app'],
      '/data/viewer/id',
      ['issue'],
      [],
    ])
    expect(rest.check).toEqual({
      call: {
        kind: 'http',
        method: 'POST',
        endpoint: 'https://api.linear.app/graphql',
        auth: { header: 'Authorization', secret: 'LINEAR_API_KEY' },
        limit: 'requests',
        payload: {
          query: 'query Viewer { viewer { id name } organization { id name urlKey } }',
          variables: {},
        },
      },
    })
  })

  test('all of them', () => {
    const when = () => true
    const adapter = linear({
      as: 'work',
      mode: 'handoff',
      updates: 'each',
      when,
      allowDestructive: true,
      onDoubt: 'repeat',
      baseUrl: 'http://127.0.0.1:4000/',
      auth: 'oauth',
      secrets: { LINEAR_OAUTH_TOKEN: 'vault/linear' },
      teamId: 'BIL',
      projectId: TEAM,
      labels: ['agent'],
      priority: 3,
      statuses: { start: 'In Progress', close: 'Done' },
      sessionUrl: 'https://example.com/sessions/{id}',
      links: 'live',
      maxLength: 10_000,
    })
    expect(adapter).toMatchObject({
      name: 'work',
      mode: 'handoff',
      when,
      allowDestructive: true,
      onDoubt: 'repeat',
      secrets: ['vault/linear'],
    })
    expect(adapter.config).toEqual({
      as: 'work',
      baseUrl: 'http://127.0.0.1:4000',
      auth: 'oauth',
      secrets: { LINEAR_API_KEY: 'LINEAR_API_KEY', LINEAR_OAUTH_TOKEN: 'vault/linear' },
      teamId: 'BIL',
      projectId: TEAM,
      labels: ['agent'],
      priority: 3,
      statuses: { start: 'In Progress', close: 'Done' },
      updates: 'each',
      sessionUrl: 'https://example.com/sessions/{id}',
      links: 'live',
      maxLength: 10_000,
    })
    expect(adapter.limits.rates.requests).toEqual({ count: 400, perMs: 300_000 })
    expect(adapter.check.call.auth).toEqual({
      header: 'Authorization',
      prefix: 'Bearer ',
      secret: 'vault/linear',
    })
  })

  test.for([
    [{ teamId: undefined }, 'linear.teamId: missing; expected the UUID of a team, or its key, such as BIL.'],
    [
      { teamId: 'Billing Team' },
      'linear.teamId: invalid value; expected the UUID of a team, or its key, such as BIL, got the string "Billing Team".',
    ],
    [{ teamID: TEAM }, 'linear.teamID: unknown option'],
    [
      { projectId: 'Payments' },
      'linear.projectId: invalid value; expected the UUID of a project (in Linear: open it,',
    ],
    [{ as: 'my linear' }, 'linear.as: invalid value; expected a name of letters'],
    [
      { secrets: { LINEAR_API_KEY: 'lin_api_abc' } },
      'linear.secrets.LINEAR_API_KEY: invalid value; expected the name of a secret, not its value.',
    ],
    [
      { apiKey: 'lin_api_abc' },
      'linear.apiKey: unknown option; credentials are read from the environment: set LINEAR_API_KEY',
    ],
    [{ baseUrl: 'http://linear.example' }, 'linear.baseUrl: invalid value; expected an https address'],
    [{ baseUrl: 'https://a:b@linear.example' }, 'linear.baseUrl: invalid value; expected an https address'],
    [{ statuses: { done: 'Done' } }, 'linear.statuses.done: unknown option'],
    [
      { statuses: { close: ' ' } },
      'linear.statuses.close: invalid value; expected a name as in Linear, or a UUID, got the string " ".',
    ],
    [{ labels: ['Bug', ''] }, 'linear.labels.1: invalid value; expected a name as in Linear, or a UUID'],
    [{ priority: 5 }, 'linear.priority: '],
    [
      { sessionUrl: 'https://example.com' },
      'linear.sessionUrl: invalid value; expected a web address with {id}',
    ],
    [{ when: 'always' }, 'linear.when: '],
    [{ maxLength: 100 }, 'linear.maxLength: '],
    [{ maxLength: Number.POSITIVE_INFINITY }, 'linear.maxLength: '],
    [{ mode: 'dry-run' }, 'linear.mode: unknown value; expected one of "execute", "preview", "handoff"'],
    [{ auth: 'basic' }, 'linear.auth: unknown value; expected one of "apiKey", "oauth"'],
  ] as const)('%j is refused', ([options, message]) => {
    expect(refusal(options)).toContain(message)
  })

  test('a value that is no object is refused', () => {
    expect(messageOf(() => linear('BIL' as never))).toBe(
      'linear: invalid type; expected an object with teamId, got the string "BIL".',
    )
  })
})

describe('the environment', () => {
  const key = { LINEAR_TEAM_ID: 'BIL', LINEAR_API_KEY: 'k' }
  test('gives an adapter when team and key are there', () => {
    expect(linear.fromEnv({}, { ...key, LINEAR_PROJECT_ID: TEAM })?.config).toMatchObject({
      teamId: 'BIL',
      projectId: TEAM,
      auth: 'apiKey',
    })
    expect(linear.fromEnv({}, {})).toBeUndefined()
    expect(linear.fromEnv({}, { ...key, LINEAR_ENABLED: 'no' })).toBeUndefined()
  })
  test('chooses the credential by what is set, and by what was asked for', () => {
    const token = { LINEAR_TEAM_ID: 'BIL', LINEAR_OAUTH_TOKEN: 't' }
    expect(linear.fromEnv({}, token)?.config).toMatchObject({ auth: 'oauth' })
    expect(linear.fromEnv({}, { ...token, LINEAR_API_KEY: 'k' })?.config.auth).toBe('apiKey')
    expect(linear.fromEnv({ auth: 'oauth' }, { ...token, LINEAR_API_KEY: 'k' })?.config.auth).toBe('oauth')
    expect(messageOf(() => linear.fromEnv({ auth: 'oauth' }, key))).toBe(
      'LINEAR_OAUTH_TOKEN: missing, although LINEAR_TEAM_ID is set. Set LINEAR_OAUTH_TOKEN, or LINEAR_ENABLED=false.',
    )
  })
  test('what is given goes before what is found', () => {
    const secrets = { LINEAR_API_KEY: 'MY_KEY' }
    const made = linear.fromEnv({ as: 'ops', teamId: 'OPS', secrets }, { ...key, MY_KEY: 'x' })
    expect(made?.config).toMatchObject({ as: 'ops', teamId: 'OPS' })
    expect(made?.secrets).toEqual(['MY_KEY'])
    expect(messageOf(() => linear.fromEnv({ secrets }, key))).toContain('MY_KEY: missing, although')
  })
  test('half of it is refused with the name that is missing', () => {
    expect(messageOf(() => linear.fromEnv({}, { LINEAR_API_KEY: 'k' }))).toContain('LINEAR_TEAM_ID: missing')
    expect(messageOf(() => linear.fromEnv({}, { LINEAR_TEAM_ID: 'BIL' }))).toContain(
      'LINEAR_API_KEY: missing',
    )
  })
  test('names what is missing when it is switched on', () => {
    expect(messageOf(() => linear.fromEnv({}, { LINEAR_ENABLED: 'true', LINEAR_API_KEY: 'k' }))).toContain(
      'LINEAR_TEAM_ID',
    )
    expect(messageOf(() => linear.fromEnv({}, { LINEAR_ENABLED: 'true', LINEAR_TEAM_ID: 'BIL' }))).toContain(
      'LINEAR_API_KEY',
    )
  })
})

test.each(['https://api.linear.app', 'https://api.linear.app/graphql', 'https://api.linear.app/graphql/'])(
  'the address %s leads to the API',
  baseUrl =>
    expect(linear({ teamId: 'BIL', baseUrl }).check.call).toMatchObject({
      endpoint: 'https://api.linear.app/graphql',
    }),
)
