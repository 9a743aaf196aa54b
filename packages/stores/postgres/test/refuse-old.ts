// Run beside a PostgreSQL that is too old: each way in must say so, and make nothing.
//   POSTGRES_VERSION=13 scripts/postgres-server node --conditions=@sessionwire/source packages/stores/postgres/test/refuse-old.ts
import assert from 'node:assert/strict'
import pg from 'pg'
import { inspect, migrate, postgresStore } from '../src/index.ts'

const url = process.env.TEST_POSTGRES_URL ?? ''
const refusal = {
  code: 'STORE',
  message: /PostgreSQL 13 is too old; expected 14 or newer\. Upgrade the server, or name another one\./,
}
await assert.rejects(migrate({ url }), refusal)
const store = postgresStore({ url })
await assert.rejects(store.identity(), refusal)
await store.close()
const { findings } = await inspect({ url })
assert.deepEqual(
  findings.filter(({ level }) => level === 'error').map(({ code, text }) => [code, text]),
  [
    ['server-old', 'PostgreSQL 13 is too old; expected 14 or newer'],
    ['schema-missing', 'the schema was not made'],
  ],
)
const client = new pg.Client({ connectionString: url })
await client.connect()
assert.deepEqual((await client.query(`SELECT to_regnamespace('sessionwire') AS found`)).rows, [
  { found: null },
])
await client.end()
