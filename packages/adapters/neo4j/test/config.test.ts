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
  [{ uri: undefined }, 'CONFIG neo4j.uri: missing; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473.'],
  [{ uri: 'localhost:7687' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got the string "localhost:7687".'],
  [{ uri: 'localhost' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got the string "localhost".'],
  [{ uri: '' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got an empty string.'],
  [{ uri: 'graph.example' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got the string "graph.example".'],
  [{ uri: 'http://' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got the string "http://".'],
  [{ uri: 'http:' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got the string "http:".'],
  [{ uri: 'https://[::1' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got the string "https://[::1".'],
  [{ uri: 'bolt://' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got the string "bolt://".'],
  [{ uri: 'http://localhost:99999' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got the string "http://localhost:99999".'],
  [{ uri: 'https:graph.example' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got the string "https:graph.example".'],
  [{ uri: 'HTTP://graph.example' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got the string "HTTP://graph.example".'],
  [{ uri: 'Bolt://graph.example' }, 'CONFIG neo4j.uri: invalid value; expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473, got the string "Bolt://graph.example".'],
  [{ uri: 'bolt://neo4j:secret@localhost' }, 'CONFIG neo4j.uri: invalid value; expected an address without user, password, query, # and braces, as credentials are named in `secrets`, got the string "bolt://neo4j:secret@localhost".'],
  [{ uri: 'https://example.com?x={a}' }, 'CONFIG neo4j.uri: invalid value; expected an address without user, password, query, # and braces, as credentials are named in `secrets`, got the string "https://example.com?x={a}".'],
  [{ uri: 'bolt://localhost:7687/neo4j' }, 'CONFIG neo4j.uri: invalid value; expected an address without a path, as the database is an option of its own, got the string "bolt://localhost:7687/neo4j".'],
  [{ uri: 'http://db.example.com:7474' }, 'CONFIG neo4j.uri: invalid value; expected an encrypted address: https://, bolt+s:// or neo4j+s:// (others for this machine, or with allowPlaintext for a private network), got the string "http://db.example.com:7474".'],
  [{ uri: 'bolt://db.example.com:7687' }, 'CONFIG neo4j.uri: invalid value; expected an encrypted address: https://, bolt+s:// or neo4j+s:// (others for this machine, or with allowPlaintext for a private network), got the string "bolt://db.example.com:7687".'],
  [{ uri: 'https://db.example.com/db/neo4j' }, 'CONFIG neo4j.uri: invalid value; expected the address that stands before /db/<database>, got the string "https://db.example.com/db/neo4j".'],
  [{ uri: 'bolt://10.0.0.7:7687' }, 'CONFIG neo4j.uri: unencrypted address of another machine; expected an encrypted protocol, got bolt://10.0.0.7:7687. Set allowPlaintext: true to allow it.'],
  [{ uri: 'http://10.0.0.7:7474' }, 'CONFIG neo4j.uri: unencrypted address of another machine; expected https, got http://10.0.0.7:7474. Set allowPlaintext: true to allow it.'],
  [{ database: 'a/b' }, 'CONFIG neo4j.database: invalid value; expected the name of a database, such as neo4j, got the string "a/b".'],
  [{ secrets: { NEO4J_PASSWORD: 'pass word' } }, 'CONFIG neo4j.secrets.NEO4J_PASSWORD: invalid value; expected the name of a secret, not its value.'],
  [{ secrets: { NEO4J_PASWORD: 'X' } }, /^CONFIG neo4j\.secrets\.NEO4J_PASWORD: unknown option \(did you mean "NEO4J_PASSWORD"\?\)/],
  [{ auth: 'kerberos' }, /^CONFIG neo4j\.auth: /],
  [{ updates: 'all' }, /^CONFIG neo4j\.updates: /],
  [{ concurrency: 0 }, /^CONFIG neo4j\.concurrency: /],
  [{ messages: 'yes' }, /^CONFIG neo4j\.messages: /],
  [{ as: '1' }, /^CONFIG neo4j\.as: /],
  [{ sessionUrl: 'https://example.com' }, /^CONFIG neo4j\.sessionUrl: /],
  [{ databse: 'x' }, /^CONFIG neo4j\.databse: unknown option \(did you mean "database"\?\)/],
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
      secrets: {
        NEO4J_USERNAME: 'NEO4J_USERNAME',
        NEO4J_PASSWORD: 'NEO4J_PASSWORD',
        NEO4J_TOKEN: 'NEO4J_TOKEN',
      },
      updates: 'each',
      messages: false,
      manageSchema: true,
      concurrency: 4,
    })
    expect(make({ uri: 'http://localhost:7474//' }).config.uri).toBe('http://localhost:7474')
    expect(make({ uri: 'bolt://10.0.0.7:7687', allowPlaintext: true }).config.uri).toBe(
      'bolt://10.0.0.7:7687',
    )
    expect(make({ uri: 'neo4j+s://x.databases.neo4j.io' }).origins).toEqual([
      'neo4j+s://x.databases.neo4j.io',
    ])
    expect(make({}).publicSecrets).toEqual(['NEO4J_USERNAME'])
    expect(make({ concurrency: 16 }).limits).toEqual({ concurrency: 16, rates: {} })
  })

  test('names the secrets it needs', () => {
    expect(make({}).secrets).toEqual(['NEO4J_USERNAME', 'NEO4J_PASSWORD'])
    expect(make({ auth: 'bearer', secrets: { NEO4J_TOKEN: 'SSO' } }).secrets).toEqual(['SSO'])
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
    const overrides = { as: 'graph', secrets: { NEO4J_USERNAME: 'U', NEO4J_PASSWORD: 'P' } } as const
    expect(neo4j.fromEnv(overrides, { NEO4J_URI, U: 'u', P: 'p' })?.name).toBe('graph')
    expect(errorOf(() => neo4j.fromEnv(overrides, { NEO4J_URI }))).toBe(
      'CONFIG U: missing, although NEO4J_URI is set. Set U and P, or NEO4J_ENABLED=false.',
    )
  })
  test('says what is missing', () => {
    expect(errorOf(() => neo4j.fromEnv({}, { NEO4J_ENABLED: 'true', NEO4J_URI: env.NEO4J_URI }))).toBe(
      'CONFIG NEO4J_USERNAME: missing, although NEO4J_ENABLED is on. Set NEO4J_USERNAME and NEO4J_PASSWORD, or NEO4J_ENABLED=false.',
    )
  })
})
