import { isTrackerError } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { neo4j } from '../src/index.ts'

const errorOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (isTrackerError(error)) return `${error.code} ${error.message}`
    throw error
  }
  return undefined
}

const make = (options: Readonly<Record<string, unknown>>) =>
  neo4j({ uri: 'bolt://localhost:7687', ...options })

// biome-ignore format: a table is read one line at a time
const wrong = [
  [{ uri: undefined }, 'CONFIG neo4j.uri: must be the address of the server, such as bolt://localhost:7687.'],
  [{ uri: 'localhost:7687' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'localhost' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: '' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'graph.example' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'http://' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'http:' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'https://[::1' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'bolt://' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'http://localhost:99999' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'https:graph.example' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'HTTP://graph.example' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'Bolt://graph.example' }, 'CONFIG neo4j.uri: must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'bolt://neo4j:secret@localhost' }, 'CONFIG neo4j.uri: must have no user, password, query, # or braces: credentials are named in `secrets`.'],
  [{ uri: 'https://example.com?x={a}' }, 'CONFIG neo4j.uri: must have no user, password, query, # or braces: credentials are named in `secrets`.'],
  [{ uri: 'bolt://localhost:7687/neo4j' }, 'CONFIG neo4j.uri: must have no path: the database is an option of its own.'],
  [{ uri: 'http://db.example.com:7474' }, 'CONFIG neo4j.uri: must begin with https:// (http:// is for this machine only).'],
  [{ uri: 'https://db.example.com/db/neo4j' }, 'CONFIG neo4j.uri: must be the address that stands before /db/<database>.'],
  [{ uri: 'bolt://db.example.com:7687' }, 'CONFIG neo4j.uri: would send the password unencrypted to another machine: use bolt+s:// or neo4j+s://, or set allowPlaintext.'],
  [{ database: 'a/b' }, 'CONFIG neo4j.database: must be the name of a database, such as neo4j.'],
  [{ secrets: { password: 'pass word' } }, 'CONFIG neo4j.secrets.password: must be the name of a secret, such as NEO4J_PASSWORD, not its value.'],
  [{ secrets: { pasword: 'X' } }, 'CONFIG neo4j.secrets.pasword: unknown option (did you mean "password"?); expected one of username, password, token.'],
  [{ auth: 'kerberos' }, /^CONFIG neo4j\.auth: /],
  [{ updates: 'all' }, /^CONFIG neo4j\.updates: /],
  [{ concurrency: 0 }, /^CONFIG neo4j\.concurrency: /],
  [{ sessionUrl: 'https://example.com' }, /^CONFIG neo4j\.sessionUrl: must be a web address with \{id\} in it/],
  [{ databse: 'x' }, 'CONFIG neo4j.databse: unknown option (did you mean "database"?); expected one of as, mode, updates, when, allowDestructive, onDoubt, uri, database, auth, secrets, manageSchema, concurrency, allowPlaintext, sessionUrl.'],
  [{ as: '1' }, /^CONFIG neo4j\.as: /],
] as const

describe('options', () => {
  test.for(wrong)('refuses %j', ([options, message]) => {
    const error = errorOf(() => make(options))
    if (typeof message === 'string') expect(error).toBe(message)
    else expect(error).toMatch(message)
  })

  test.for([
    'bolt://localhost',
    'bolt://127.0.0.1:7687',
    'bolt://[::1]:7687',
    'bolt+s://db.example.com:7687',
    'bolt+ssc://db.example.com',
    'neo4j://localhost:7687',
    'neo4j+s://abcd1234.databases.neo4j.io',
    'https://abcd1234.databases.neo4j.io',
    'https://example.com:7473/proxied',
    'http://localhost:7474',
  ])('takes %s', uri => expect(make({ uri }).config.uri).toBe(uri))

  test('keeps what it was given, and defaults for the rest', () => {
    expect(make({}).config).toEqual({
      as: 'neo4j',
      uri: 'bolt://localhost:7687',
      database: 'neo4j',
      auth: 'basic',
      secrets: { username: 'NEO4J_USERNAME', password: 'NEO4J_PASSWORD', token: 'NEO4J_TOKEN' },
      updates: 'each',
      manageSchema: true,
    })
    expect(make({ uri: 'http://localhost:7474//' }).config.uri).toBe('http://localhost:7474')
    expect(make({ uri: 'bolt://db:7687', allowPlaintext: true }).config.uri).toBe('bolt://db:7687')
    expect(make({ concurrency: 16 }).limits).toEqual({ concurrency: 16, rates: {} })
  })

  test('names the secrets it needs', () => {
    expect(make({}).secrets).toEqual(['NEO4J_USERNAME', 'NEO4J_PASSWORD'])
    expect(make({ auth: 'bearer', secrets: { token: 'SSO' } }).secrets).toEqual(['SSO'])
    expect(make({ auth: 'none' }).secrets).toEqual([])
  })
})

describe('transports', () => {
  const check = (options: Readonly<Record<string, unknown>>) => make(options).check.call
  test('a check over Bolt', () =>
    expect(check({ auth: 'bearer' })).toEqual({
      kind: 'custom',
      target: 'bolt',
      endpoint: 'bolt://localhost:7687',
      payload: { database: 'neo4j', statement: 'RETURN 1 AS one', parameters: {}, access: 'read' },
      auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'NEO4J_TOKEN' },
    }))
  test('the same by the Query API', () =>
    expect(check({ uri: 'https://example.com', database: 'sessions.v2' })).toEqual({
      kind: 'http',
      method: 'POST',
      endpoint: 'https://example.com/db/sessions.v2/query/v2',
      headers: { accept: 'application/json' },
      payload: { statement: 'RETURN 1 AS one', parameters: {}, accessMode: 'Read' },
      auth: { basic: ['NEO4J_USERNAME', 'NEO4J_PASSWORD'] },
    }))
  test('a token for the Query API is left to the transport, which encodes it', () =>
    expect(check({ uri: 'https://example.com', auth: 'bearer' }).auth).toEqual({ login: 'NEO4J_TOKEN' }))
  test('nobody where the server asks for nothing', () => expect(check({ auth: 'none' }).auth).toBeUndefined())
})

describe('from the environment', () => {
  const env = {
    NEO4J_URI: 'neo4j+s://x.databases.neo4j.io',
    NEO4J_USERNAME: 'neo4j',
    NEO4J_PASSWORD: 'sesame',
  }
  test('with user and password', () => {
    const adapter = neo4j.fromEnv({}, { ...env, NEO4J_DATABASE: 'sessions' })
    expect(adapter?.config).toMatchObject({ uri: env.NEO4J_URI, database: 'sessions', auth: 'basic' })
    expect(JSON.stringify(adapter?.config)).not.toContain('sesame')
  })
  test('with a token where there is no password', () => {
    const { NEO4J_URI } = env
    expect(neo4j.fromEnv({}, { NEO4J_URI, NEO4J_TOKEN: 't' })?.config.auth).toBe('bearer')
    expect(neo4j.fromEnv({}, { ...env, NEO4J_TOKEN: 't' })?.config.auth).toBe('basic')
  })
  test('by secrets of other names, and options beside it', () => {
    const { NEO4J_URI } = env
    const overrides = { as: 'graph', secrets: { username: 'U', password: 'P' } } as const
    expect(neo4j.fromEnv(overrides, { NEO4J_URI, U: 'u', P: 'p' })?.name).toBe('graph')
    expect(neo4j.fromEnv(overrides, { NEO4J_URI })).toBeUndefined()
  })
  test('says what is missing', () => {
    expect(errorOf(() => neo4j.fromEnv({}, { NEO4J_ENABLED: 'true', NEO4J_URI: env.NEO4J_URI }))).toBe(
      'CONFIG NEO4J_ENABLED is on, but NEO4J_USERNAME and NEO4J_PASSWORD is not set: set it, or NEO4J_ENABLED=false.',
    )
  })
})
