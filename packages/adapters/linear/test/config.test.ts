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
        secret: 'LINEAR_API_KEY',
        teamId: TEAM,
        labels: [],
        states: {},
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
    expect(Object.keys(rest).sort()).toEqual(['actions', 'check', 'hooks', 'link', 'outcome', 'refs'])
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
      captures: { viewer: '/data/viewer/id' },
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
      secret: 'vault/linear',
      teamId: 'BIL',
      projectId: TEAM,
      labels: ['agent'],
      priority: 3,
      states: { start: 'In Progress', close: 'Done' },
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
      secret: 'vault/linear',
      teamId: 'BIL',
      projectId: TEAM,
      labels: ['agent'],
      priority: 3,
      states: { start: 'In Progress', close: 'Done' },
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
    [{ teamId: undefined }, 'linear.teamId: missing; expected a string.'],
    [{ teamId: 'Billing Team' }, "linear.teamId: must be the team's UUID or its key, such as BIL"],
    [
      { teamID: TEAM },
      'linear.teamID: unknown option (did you mean "teamId"?); expected one of as, mode, updates, when, allowDestructive, onDoubt, baseUrl, auth, secret, teamId, projectId, labels, priority, states, sessionUrl, links, maxLength.',
    ],
    [{ projectId: 'Payments' }, 'linear.projectId: must be the UUID of the project'],
    [{ as: 'My Linear' }, 'linear.as: must begin with a small letter'],
    [
      { secret: 'lin_api_abc' },
      'linear.secret: must be the name of a secret, such as LINEAR_API_KEY, not its value',
    ],
    [{ secret: 'Bearer x' }, 'linear.secret: must be the name of a secret'],
    [{ baseUrl: 'http://linear.example' }, 'linear.baseUrl: must be an https address'],
    [{ baseUrl: 'https://a:b@linear.example' }, 'linear.baseUrl: must be an https address without user'],
    [{ baseUrl: 'https://linear.example/{x}' }, 'linear.baseUrl: must be'],
    [{ baseUrl: 'linear.example' }, 'linear.baseUrl: must be'],
    [
      { states: { done: 'Done' } },
      'linear.states.done: unknown option; expected one of start, blocker, resolve, close, crashed, abandoned, resume.',
    ],
    [{ states: { close: ' ' } }, 'linear.states.close: must not be empty'],
    [{ priority: 5 }, 'linear.priority: out of range; expected a number of at most 4, got the number 5.'],
    [{ sessionUrl: 'https://example.com' }, 'linear.sessionUrl: must be a web address with {id} in it'],
    [{ sessionUrl: 'javascript:{id}' }, 'linear.sessionUrl: must be a web address'],
    [{ when: 'always' }, 'linear.when: must be a function'],
    [
      { maxLength: 100 },
      'linear.maxLength: out of range; expected a number of at least 500, got the number 100.',
    ],
    [
      { mode: 'dry-run' },
      'linear.mode: unknown value; expected one of "execute", "preview", "handoff", got the string "dry-run".',
    ],
  ] as const)('%j is refused', ([options, message]) => {
    expect(refusal(options)).toContain(message)
  })

  test('what is no object is refused', () => {
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
      secret: 'LINEAR_API_KEY',
    })
    expect(linear.fromEnv({}, { LINEAR_API_KEY: 'k' })).toBeUndefined()
    expect(linear.fromEnv({}, { LINEAR_TEAM_ID: 'BIL' })).toBeUndefined()
    expect(linear.fromEnv({}, { ...key, LINEAR_ENABLED: 'no' })).toBeUndefined()
  })
  test('chooses the credential by what is set, and by what was asked for', () => {
    const token = { LINEAR_TEAM_ID: 'BIL', LINEAR_OAUTH_TOKEN: 't' }
    expect(linear.fromEnv({}, token)?.config).toMatchObject({ auth: 'oauth', secret: 'LINEAR_OAUTH_TOKEN' })
    expect(linear.fromEnv({}, { ...token, LINEAR_API_KEY: 'k' })?.config.auth).toBe('apiKey')
    expect(linear.fromEnv({ auth: 'oauth' }, { ...token, LINEAR_API_KEY: 'k' })?.config.auth).toBe('oauth')
    expect(linear.fromEnv({ auth: 'oauth' }, key)).toBeUndefined()
  })
  test('what is given goes before what is found', () => {
    const made = linear.fromEnv({ as: 'ops', teamId: 'OPS', secret: 'MY_KEY' }, { ...key, MY_KEY: 'x' })
    expect(made?.config).toMatchObject({ as: 'ops', teamId: 'OPS', secret: 'MY_KEY' })
    expect(linear.fromEnv({ secret: 'MY_KEY' }, key)).toBeUndefined()
  })
  test('says what is missing when it is switched on', () => {
    expect(messageOf(() => linear.fromEnv({}, { LINEAR_ENABLED: 'true', LINEAR_API_KEY: 'k' }))).toContain(
      'LINEAR_TEAM_ID',
    )
    expect(messageOf(() => linear.fromEnv({}, { LINEAR_ENABLED: 'true', LINEAR_TEAM_ID: 'BIL' }))).toContain(
      'LINEAR_API_KEY',
    )
  })
})
