import { type Environment, isTrackerError } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { cardUrl, taiga } from '../src/index.ts'

const message = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (isTrackerError(error)) return `${error.code} ${error.message}`
  }
  return 'no error'
}

describe('options', () => {
  test('have defaults', () => {
    const { config, mode, name, secrets, allowDestructive } = taiga({ projectId: 7 })
    expect({ mode, name, secrets, allowDestructive }).toEqual({
      mode: 'execute',
      name: 'taiga',
      secrets: ['TAIGA_TOKEN'],
      allowDestructive: undefined,
    })
    expect(config).toEqual({
      as: 'taiga',
      updates: 'card',
      baseUrl: 'https://api.taiga.io/api/v1',
      frontUrl: 'https://tree.taiga.io',
      loginType: 'normal',
      auth: 'token',
      secrets: {
        TAIGA_TOKEN: 'TAIGA_TOKEN',
        TAIGA_USERNAME: 'TAIGA_USERNAME',
        TAIGA_PASSWORD: 'TAIGA_PASSWORD',
      },
      project: 7,
      kind: 'userstory',
      statuses: {},
      labels: [],
      exportTo: 'wiki',
      links: 'code',
      maxLength: 50_000,
    })
  })

  test('put the front of a server of one’s own beside its API', () => {
    const { config } = taiga({ project: 'billing', baseUrl: 'https://taiga.example.com/api/v1/' })
    expect([config.baseUrl, config.frontUrl]).toEqual([
      'https://taiga.example.com/api/v1',
      'https://taiga.example.com',
    ])
    expect(cardUrl(config, { kind: 'userstory', project: 'billing', ref: 42 })).toBe(
      'https://taiga.example.com/project/billing/us/42',
    )
  })

  test('name two secrets where there is a password', () => {
    const { secrets } = taiga({
      projectId: 7,
      auth: 'password',
      secrets: { TAIGA_USERNAME: 'BOT', TAIGA_PASSWORD: 'BOT_PASSWORD' },
    })
    expect(secrets).toEqual(['BOT', 'BOT_PASSWORD'])
  })

  test('write tags as Taiga stores them', () => {
    expect(taiga({ projectId: 7, labels: ['Agent', ' Ünï '] }).config.labels).toEqual(['agent', 'ünï'])
  })

  const wrong: readonly (readonly [object, string])[] = [
    [{}, 'CONFIG taiga.project: missing. Give project or projectId.'],
    [
      { projectId: 7, project: 'billing' },
      'CONFIG taiga.project: does not fit the other options. Give project or projectId, not both.',
    ],
    [
      { projectId: 0 },
      'CONFIG taiga.projectId: invalid value; expected a whole number above 0, got the number 0.',
    ],
    [
      { project: 'a/b' },
      'CONFIG taiga.project: invalid value; expected the slug of a project: the part of its address after /project/, got the string "a/b".',
    ],
    [
      { projectId: 7, baseUrl: 'https://taiga.example.com' },
      'CONFIG taiga.baseUrl: invalid value; expected the root of the API, which ends in /api/v1, such as https://taiga.example.com/api/v1, got the string "https://taiga.example.com".',
    ],
    [
      { projectId: 7, epic: 3, kind: 'task' },
      "CONFIG taiga.epic: does not fit the other options. Set kind: 'userstory', or leave it out.",
    ],
    [
      { projectId: 7, priority: 'High' },
      "CONFIG taiga.priority: does not fit the other options. Set kind: 'issue', or leave it out.",
    ],
    [
      { projectId: 7, statuses: { close: '' } },
      'CONFIG taiga.statuses.close: invalid value; expected the id or the name of a status, got an empty string.',
    ],
    [
      { projectId: 7, labels: ['a,b'] },
      'CONFIG taiga.labels.0: invalid value; expected a tag without commas and control characters, got the string "a,b".',
    ],
    [
      { projectId: 7, loginType: 'an ldap' },
      'CONFIG taiga.loginType: invalid value; expected the type of a login, such as normal or ldap, got the string "an ldap".',
    ],
  ]
  test.for(wrong)('%j is refused', ([options, expected]) => {
    expect(message(() => taiga(options as never))).toBe(expected)
  })
})

describe('the environment', () => {
  const from = (env: Environment, overrides = {}) => taiga.fromEnv(overrides, env)
  const token = { TAIGA_TOKEN: 'x', TAIGA_PROJECT: 'billing' }

  test('makes no adapter where nothing is set, or it is off', () => {
    expect(from({})).toBeUndefined()
    expect(from({ ...token, TAIGA_ENABLED: 'off' })).toBeUndefined()
  })

  test.for([
    [{ TAIGA_TOKEN: 'x' }, 'TAIGA_PROJECT'],
    [{ TAIGA_PROJECT: 'billing' }, 'TAIGA_TOKEN'],
    [{ TAIGA_PROJECT: 'billing', TAIGA_USERNAME: 'x' }, 'TAIGA_PASSWORD'],
    [{ TAIGA_ENABLED: 'true', TAIGA_TOKEN: 'x' }, 'TAIGA_PROJECT'],
  ] as const)('%j alone is refused with the name that is missing', ([env, missing]) => {
    expect(message(() => from(env))).toMatch(new RegExp(`^CONFIG .*\\b${missing}\\b`))
  })

  test('chooses the credential that is set, the token first', () => {
    const both = { ...token, TAIGA_USERNAME: 'y', TAIGA_PASSWORD: 'z' }
    expect(from(both)?.config.auth).toBe('token')
    expect(from({ ...both, TAIGA_TOKEN: '' })?.config.auth).toBe('password')
    expect(from(both, { auth: 'password' })?.config.auth).toBe('password')
  })

  test('gives addresses, the type of the login, and the project by slug or id', () => {
    const env = {
      TAIGA_TOKEN: 'x',
      TAIGA_BASE_URL: 'https://taiga.example.com/api/v1',
      TAIGA_LOGIN_TYPE: 'ldap',
      TAIGA_PROJECT_ID: '7',
    }
    expect(from(env)?.config).toMatchObject({
      baseUrl: 'https://taiga.example.com/api/v1',
      loginType: 'ldap',
      project: 7,
    })
    expect(from(token)?.config.project).toBe('billing')
    expect(from(env, { project: 'mobile' })?.config.project).toBe('mobile')
    expect(from(token, { projectId: 8 })?.config.project).toBe(8)
  })

  test('is refused where it names the project in both ways, or by no number', () => {
    expect(message(() => from({ ...token, TAIGA_PROJECT_ID: '7' }))).toBe(
      'CONFIG taiga.project: does not fit the other options. Give project or projectId, not both.',
    )
    expect(message(() => from({ TAIGA_TOKEN: 'x', TAIGA_PROJECT_ID: 'seven' }))).toBe(
      'CONFIG taiga.projectId: invalid value; expected a whole number above 0, got the string "seven".',
    )
  })
})
