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
      baseUrl: 'https://api.taiga.io/api/v1',
      frontUrl: 'https://tree.taiga.io',
      auth: 'token',
      tokenSecret: 'TAIGA_TOKEN',
      usernameSecret: 'TAIGA_USERNAME',
      passwordSecret: 'TAIGA_PASSWORD',
      project: 7,
      kind: 'userstory',
      statuses: {},
      tags: [],
      updates: 'card',
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
      usernameSecret: 'BOT',
      passwordSecret: 'BOT_PASSWORD',
    })
    expect(secrets).toEqual(['BOT', 'BOT_PASSWORD'])
  })

  test('write tags as Taiga stores them', () => {
    expect(taiga({ projectId: 7, tags: ['Agent', ' Ünï '] }).config.tags).toEqual(['agent', 'ünï'])
  })

  const wrong: readonly (readonly [object, string])[] = [
    [{}, 'CONFIG taiga.project: is missing: give the slug of a project as project, or its id as projectId'],
    [{ projectId: 7, project: 'billing' }, 'CONFIG taiga.project: give projectId or project, not both'],
    [{ projectId: 0 }, 'CONFIG taiga.projectId: must be an id above 0.'],
    [{ project: 'a/b' }, 'CONFIG taiga.project: must be a slug: the part of the address after /project/.'],
    [
      { projectId: 7, baseUrl: 'https://taiga.example.com' },
      'CONFIG taiga.baseUrl: must be the root of the API and end in /api/v1.',
    ],
    [
      { projectId: 7, baseUrl: 'http://taiga.example.com/api/v1' },
      'CONFIG taiga.baseUrl: must be an https address without user, query or fragment (http only for this machine).',
    ],
    [
      { projectId: 7, tokenSecret: 'eyJ1c2Vy' },
      'CONFIG taiga.tokenSecret: must be the name of a secret, such as TAIGA_TOKEN, not its value.',
    ],
    [
      { projectId: 7, epic: 3, kind: 'task' },
      "CONFIG taiga.epic: is for kind 'userstory' only: remove it, or set kind",
    ],
    [
      { projectId: 7, priority: 'High' },
      "CONFIG taiga.priority: is for kind 'issue' only: remove it, or set kind",
    ],
    [{ projectId: 7, statuses: { close: '' } }, 'CONFIG taiga.statuses.close: must not be empty.'],
    [{ projectId: 7, tags: ['a,b'] }, 'CONFIG taiga.tags.0: must hold no comma and no control character.'],
    [
      { projectId: 7, maxLength: 1_000_000 },
      'CONFIG taiga.maxLength: out of range; expected a number of at most 200000, got the number 1000000.',
    ],
    [
      { projectId: 7, colour: 'red' },
      'CONFIG taiga.colour: unknown option; expected one of as, mode, updates, when, allowDestructive, onDoubt, baseUrl, frontUrl, auth, tokenSecret, usernameSecret, passwordSecret, projectId, project, kind, story, epic, statuses, tags, milestone, assignedTo, priority, severity, type, exportTo, sessionUrl, links, maxLength.',
    ],
  ]
  test.for(wrong)('%j is refused', ([options, expected]) => {
    expect(message(() => taiga(options as never))).toBe(expected)
  })
})

describe('the environment', () => {
  const from = (env: Environment, overrides = {}) => taiga.fromEnv(overrides, env)

  test('makes no adapter without a project or a credential', () => {
    expect(from({})).toBeUndefined()
    expect(from({ TAIGA_TOKEN: 'x' })).toBeUndefined()
    expect(from({ TAIGA_PROJECT: 'billing' })).toBeUndefined()
    expect(from({ TAIGA_PROJECT: 'billing', TAIGA_USERNAME: 'x' })).toBeUndefined()
    expect(from({ TAIGA_PROJECT: 'billing', TAIGA_TOKEN: 'x', TAIGA_ENABLED: 'off' })).toBeUndefined()
  })

  test('chooses the credential that is set, the token first', () => {
    const both = { TAIGA_TOKEN: 'x', TAIGA_USERNAME: 'y', TAIGA_PASSWORD: 'z', TAIGA_PROJECT: 'billing' }
    expect(from(both)?.config.auth).toBe('token')
    expect(from({ ...both, TAIGA_TOKEN: '' })?.config.auth).toBe('password')
    expect(from(both, { auth: 'password' })?.config.auth).toBe('password')
  })

  test('takes addresses and the project, by slug or id', () => {
    const env = {
      TAIGA_TOKEN: 'x',
      TAIGA_BASE_URL: 'https://taiga.example.com/api/v1',
      TAIGA_PROJECT_ID: '7',
    }
    expect(from(env)?.config).toMatchObject({ baseUrl: 'https://taiga.example.com/api/v1', project: 7 })
    expect(from({ ...env, TAIGA_PROJECT: 'billing' })?.config.project).toBe('billing')
    expect(from(env, { project: 'mobile' })?.config.project).toBe('mobile')
  })

  test('says what is missing where it is asked for', () => {
    expect(message(() => from({ TAIGA_ENABLED: 'true', TAIGA_TOKEN: 'x' }))).toMatch(
      /^CONFIG .*TAIGA_PROJECT /,
    )
    expect(message(() => from({ TAIGA_TOKEN: 'x', TAIGA_PROJECT_ID: 'seven' }))).toBe(
      'CONFIG taiga.projectId: must be a whole number.',
    )
  })
})
