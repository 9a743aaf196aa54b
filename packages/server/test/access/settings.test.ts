import { isTrackerError } from '@sessionwire/core'
import { describe, expect, test } from 'vitest'
import { isSameSecret } from '../../src/access/api-key.ts'
import { createAuthenticate } from '../../src/access/authenticate.ts'
import { parseScopes } from '../../src/access/scopes.ts'
import { isLoopback, readAccess } from '../../src/access/settings.ts'
import { describeServer } from '../../src/http/start-lines.ts'
import { parseWords } from '../../src/http/words.ts'

const NONE = { hosts: [], origins: [] }
const JWT = { SESSIONWIRE_JWT_ISSUER: 'https://login.example.com', SESSIONWIRE_JWT_AUDIENCE: 'sessionwire' }
const SECRET = 'x'.repeat(32)
const read = (env: Readonly<Record<string, string>>, host = '127.0.0.1', allowLoopbackJwks = false) => {
  try {
    return readAccess(env, { host, allowLoopbackJwks })
  } catch (thrown) {
    if (!isTrackerError(thrown)) throw thrown
    return `${thrown.code} ${thrown.message}`
  }
}

describe('who may call, by the environment', () => {
  test.for([
    ['nothing', {}, NONE],
    [
      'a key',
      { SESSIONWIRE_API_KEY: 'short' },
      { ...NONE, apiKey: { value: 'short', scopes: ['read', 'record', 'act'] } },
    ],
    [
      'a key with scopes of its own',
      { SESSIONWIRE_API_KEY: 'k', SESSIONWIRE_API_KEY_SCOPES: 'read, any destructive' },
      { ...NONE, apiKey: { value: 'k', scopes: ['read', 'any', 'destructive'] } },
    ],
    [
      'a secret',
      { ...JWT, SESSIONWIRE_JWT_SECRET: SECRET },
      {
        ...NONE,
        jwt: { issuer: 'https://login.example.com', audience: 'sessionwire', keys: { secret: SECRET } },
      },
    ],
    [
      'a set of keys',
      { ...JWT, SESSIONWIRE_JWT_JWKS_URL: 'https://login.example.com/jwks' },
      {
        ...NONE,
        jwt: {
          ...{ issuer: 'https://login.example.com', audience: 'sessionwire' },
          keys: { jwks: new URL('https://login.example.com/jwks') },
        },
      },
    ],
    [
      'names and origins',
      {
        SESSIONWIRE_ALLOWED_HOSTS: 'Wire.example.com, [::1]',
        SESSIONWIRE_ALLOWED_ORIGINS: 'https://app.example.com',
      },
      { hosts: ['wire.example.com', '[::1]'], origins: ['https://app.example.com'] },
    ],
  ] as const)('%s', ([, env, expected]) => expect(read(env)).toEqual(expected))

  test.for([
    [
      'a short key where others can call',
      { SESSIONWIRE_API_KEY: 'short' },
      'CONFIG SESSIONWIRE_API_KEY: too short; expected at least 16 characters where other machines can call, got 5. Make one with: openssl rand -hex 32',
    ],
    [
      'a key that no header can carry',
      { SESSIONWIRE_API_KEY: 'schlüssel' },
      'CONFIG SESSIONWIRE_API_KEY: invalid value; expected printable ASCII without spaces. Make one with: openssl rand -hex 32',
    ],
    [
      'an unknown scope',
      { SESSIONWIRE_API_KEY: SECRET, SESSIONWIRE_API_KEY_SCOPES: 'read admin' },
      'CONFIG SESSIONWIRE_API_KEY_SCOPES: invalid value; expected words of read, record, act, destructive, any, got "read admin". Leave it out for read record act.',
    ],
    [
      'a secret that is too short',
      { ...JWT, SESSIONWIRE_JWT_SECRET: 'x'.repeat(31) },
      'CONFIG SESSIONWIRE_JWT_SECRET: too short; expected at least 32 bytes, got 31. Make one with: openssl rand -hex 32',
    ],
    [
      'two kinds of keys',
      { ...JWT, SESSIONWIRE_JWT_SECRET: SECRET, SESSIONWIRE_JWT_JWKS_URL: 'https://a.example/jwks' },
      'CONFIG SESSIONWIRE_JWT_SECRET: set together with SESSIONWIRE_JWT_JWKS_URL. Keep one of them: the kind of key decides the algorithms.',
    ],
    [
      'no issuer',
      { SESSIONWIRE_JWT_SECRET: SECRET, SESSIONWIRE_JWT_AUDIENCE: 'a' },
      'CONFIG SESSIONWIRE_JWT_ISSUER: missing; expected the only value that tokens may have. Tokens of other issuers or for other services would be accepted without it.',
    ],
    [
      'no audience',
      { SESSIONWIRE_JWT_SECRET: SECRET, SESSIONWIRE_JWT_ISSUER: 'a' },
      'CONFIG SESSIONWIRE_JWT_AUDIENCE: missing; expected the only value that tokens may have. Tokens of other issuers or for other services would be accepted without it.',
    ],
    ...[
      'http://login.example.com/jwks',
      'http://127.0.0.1:1/jwks',
      'https://user:pass@login.example.com/jwks',
      'file:///jwks',
      'jwks',
    ].map(
      address =>
        [
          `the set of keys at ${address}`,
          { ...JWT, SESSIONWIRE_JWT_JWKS_URL: address },
          `CONFIG SESSIONWIRE_JWT_JWKS_URL: invalid address; expected https without a user name, got ${JSON.stringify(address)}. Give the address of the JWK set of your identity provider, or SESSIONWIRE_JWT_SECRET.`,
        ] as const,
    ),
    [
      'an origin with a path',
      { SESSIONWIRE_ALLOWED_ORIGINS: 'https://app.example.com/' },
      'CONFIG SESSIONWIRE_ALLOWED_ORIGINS: invalid origin; expected scheme, host and port as in https://app.example.com, got "https://app.example.com/". Separate several with spaces.',
    ],
    [
      'a name with a scheme',
      { SESSIONWIRE_ALLOWED_HOSTS: 'https://wire.example.com' },
      'CONFIG SESSIONWIRE_ALLOWED_HOSTS: invalid name; expected names without scheme and port, got "https://wire.example.com". Separate several with spaces.',
    ],
  ] as const)('refuses %s', ([, env, message]) => expect(read(env, '0.0.0.0')).toBe(message))

  test('takes a set of keys of this machine where a test says so', () => {
    const env = { ...JWT, SESSIONWIRE_JWT_JWKS_URL: 'http://127.0.0.1:1/jwks' }
    expect(read(env, '127.0.0.1', true)).toMatchObject({
      jwt: { keys: { jwks: new URL('http://127.0.0.1:1/jwks') } },
    })
    expect(read({ ...env, SESSIONWIRE_JWT_JWKS_URL: 'http://10.0.0.1/jwks' }, '127.0.0.1', true)).toContain(
      'CONFIG',
    )
  })
})

test.for([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['localhost', true],
  ['LOCALHOST', true],
  ['::1', true],
  ['[::1]', true],
  ['0.0.0.0', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example', false],
  ['128.0.0.1', false],
] as const)('%s is loopback: %s', ([host, expected]) => expect(isLoopback(host)).toBe(expected))

test('scopes are whole words in their own letters', () =>
  expect(parseScopes(' read,record  any READ admin record:* ')).toEqual({
    scopes: ['read', 'record', 'any'],
    unknown: ['READ', 'admin', 'record:*'],
  }))

test('secrets are compared whole', () =>
  expect([
    isSameSecret('a', 'a'),
    isSameSecret('a', 'b'),
    isSameSecret('', ''),
    isSameSecret('a', ''),
  ]).toEqual([...[true, false, true, false]]))

describe('a check of one’s own', () => {
  const check = createAuthenticate({ apiKey: { value: 'k', scopes: ['any'] } }, async ({ headers, path }) =>
    headers['x-user'] === undefined
      ? undefined
      : { subject: headers['x-user'], scopes: path === '/mcp' ? ['act'] : [] },
  )
  const refused = {
    status: 401,
    code: 'UNAUTHORIZED',
    message: 'The request was not accepted as one of a known caller.',
  }
  test.for([
    [{ 'x-user': 'ada' }, { id: 'own:ada', scopes: new Set(['act']) }],
    [{}, refused],
    [{ 'x-user': '' }, refused],
    [{ 'x-api-key': 'k' }, refused],
  ] as const)('of %j', async ([headers, expected]) =>
    expect(await check({ method: 'POST', path: '/mcp', headers })).toEqual(expected),
  )
})

test('without any credential that could be checked, nobody gets in and the answer says so', async () =>
  expect(await createAuthenticate({})({ method: 'GET', path: '/', headers: { 'x-api-key': '' } })).toEqual({
    status: 503,
    code: 'NOT_CONFIGURED',
    message: 'No API key is configured. Set SESSIONWIRE_API_KEY where the server runs, and start it again.',
  }))

describe('the words of serve', () => {
  test('have defaults', () =>
    expect(parseWords([])).toEqual({
      ...{ port: 8787, host: '127.0.0.1', toolsets: ['session'] },
      ...{ allowDestructive: false, toolNames: 'snake' },
    }))
  test('are read', () =>
    expect(
      parseWords([
        '--port',
        '0',
        '--host',
        '::1',
        '--toolset',
        'review',
        '--toolset',
        'jira',
        '--allow-destructive',
        '--tool-names',
        'dotted',
      ]),
    ).toEqual({
      port: 0,
      host: '::1',
      toolsets: ['review', 'jira'],
      allowDestructive: true,
      toolNames: 'dotted',
    }))
  test.for([
    [['--port', '70000'], '--port: invalid value; expected a number from 0 to 65535, got "70000".'],
    [['--port=-1'], '--port: invalid value; expected a number from 0 to 65535, got "-1".'],
    [['--port', '-1'], "words: Option '--port' argument is ambiguous."],
    [['--port', '80x'], '--port: invalid value; expected a number from 0 to 65535, got "80x".'],
    [['--host', ''], '--host: missing; expected an address of this machine, such as 127.0.0.1.'],
  ] as const)('%j are refused', ([words, message]) => expect(() => parseWords(words)).toThrow(message))
})

describe('the lines at the start', () => {
  const adapters = [
    { name: 'jira', mode: 'execute' },
    { name: 'slack', mode: 'preview' },
  ] as const
  test('say where, for whom and what is sent', () =>
    expect(
      describeServer({
        ...{
          root: 'billing',
          adapters,
          host: '127.0.0.1',
          port: 8787,
          isLocal: true,
          allowDestructive: false,
        },
        access: { ...NONE, apiKey: { value: 'k', scopes: ['read', 'record'] } },
      }),
    ).toEqual([
      'Sessionwire serves billing at http://127.0.0.1:8787',
      '  Record    http://127.0.0.1:8787/api (description: http://127.0.0.1:8787/api/openapi.json)',
      '  MCP       http://127.0.0.1:8787/mcp',
      '  Services  jira (sends), slack (plans only); http://127.0.0.1:8787/actions',
      '  Deletes   refused (--allow-destructive)',
      '  Callers   who sends X-Api-Key may: read, record',
      '  Reach     this machine only',
    ]))
  test('say that nobody can call, and that others can reach it', () =>
    expect(
      describeServer({
        ...{ root: 'billing', adapters: [], host: '::', port: 1, isLocal: false, allowDestructive: true },
        access: NONE,
      }).slice(3),
    ).toEqual([
      '  Services  none is set up',
      '  Deletes   allowed, with the scope destructive',
      '  Callers   none yet: set SESSIONWIRE_API_KEY (openssl rand -hex 32) and start again',
      '  Reach     other machines too: put a proxy with TLS before it, and set SESSIONWIRE_ALLOWED_HOSTS to its name',
    ]))
})
