import type { Json, Reply } from '@sessionwire/core/adapter'
import { adapterSuite } from '@sessionwire/core/testing'
import { describe, test } from 'vitest'
import { spread, thin } from '../../../../test/sample.ts'
import { type Neo4jOptions, neo4j } from '../src/index.ts'
import { hostileNeo4j } from '../src/testing.ts'

const PASSWORD = 'canary-7c1e-password'

const answer = (status: number, body: Json): Reply => ({ kind: 'answer', status, headers: {}, body })
const failed = (code: string, status: number): Reply => answer(status, { errors: [{ code, message: 'x' }] })

const failures = [
  failed('Neo.ClientError.Statement.SyntaxError', 400),
  failed('Neo.TransientError.Transaction.DeadlockDetected', 202),
  failed('Neo.DatabaseError.General.UnknownError', 500),
  answer(202, {
    data: { fields: ['id'], values: [['x']] },
    errors: [{ code: 'Neo.ClientError.Statement.TypeError' }],
  }),
  answer(202, { data: { fields: ['id'], values: [] }, errors: [{ message: 'x' }] }),
  answer(202, { results: [], errors: [] }),
]

const suite = adapterSuite({
  make: options => neo4j({ uri: 'http://127.0.0.1:7474', ...options } as Neo4jOptions),
  secrets: { NEO4J_USERNAME: 'canary-user', NEO4J_PASSWORD: PASSWORD },
  fromEnv: { make: env => neo4j.fromEnv({}, env), settings: { NEO4J_URI: 'neo4j+s://x.databases.neo4j.io' } },
  wrong: [
    { options: { uri: 'http://db.example.com' }, field: 'neo4j.uri' },
    { options: { uri: 'bolt://db.example.com' }, field: 'neo4j.uri' },
    { options: { database: '' }, field: 'neo4j.database' },
    { options: { secrets: { NEO4J_PASSWORD: 'pass word' } }, field: 'neo4j.secrets.NEO4J_PASSWORD' },
    { options: { updates: 'all' }, field: 'neo4j.updates' },
    { options: { sessionUrl: 'https://example.com' }, field: 'neo4j.sessionUrl' },
  ],
  failures,
  service: async () => {
    const server = await hostileNeo4j({ username: 'canary-user', password: PASSWORD })
    const nodes = ['recordProgress', 'recordDecision', 'recordEntity', 'openBlocker']
    return {
      server,
      options: { uri: server.url },
      inspect: () => ({
        cards: server.sessions().filter(({ start }) => start !== undefined).length,
        entries: nodes.flatMap(server.listApplied).length,
      }),
    }
  },
  entries: 5,
})

/** The same over Bolt, which no stand-in speaks: sessions are sent to the real server in *.service.test.ts. */
const overBolt = adapterSuite({
  make: options => neo4j({ uri: 'bolt://127.0.0.1:7687', ...options } as Neo4jOptions),
  secrets: { NEO4J_USERNAME: 'canary-user', NEO4J_PASSWORD: PASSWORD },
  wrong: [{ options: { uri: 'bolt://127.0.0.1:7687/neo4j' }, field: 'neo4j.uri' }],
  failures,
})

const [byQueryApi = [], byBolt = []] = spread([thin(suite, 'neo4j'), thin(overBolt, 'neo4j')])

describe.each([
  ['by the Query API', byQueryApi],
  ['over Bolt', byBolt],
] as const)('the adapter contract %s', (_, checks) => {
  for (const { name, run } of checks) test(name, run)
})
