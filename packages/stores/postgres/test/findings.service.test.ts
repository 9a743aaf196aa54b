import type { Store } from '@sessionwire/core/store'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connect, type Finding, type Inspection, inspect, migrate } from '../src/index.ts'
import { inspectSchema } from '../src/inspect.ts'
import { migrateSchema, VERSIONS } from '../src/migrate.ts'
import { freshDatabase } from './command.ts'
import { openStore } from './places.ts'
import { freshSchema, SERVER } from './server.ts'
import { asking, post, update } from './story.ts'

const opened = (store: Store): Store => {
  onTestFinished(() => store.close())
  return store
}

/** Findings of one kind. The server of these tests may have others: it was set up for tests. */
const of = ({ findings }: Inspection, code: Finding['code']): readonly Finding[] =>
  findings.filter(each => each.code === code)

const NOW = VERSIONS.length

/** A role that may do nothing, and how it signs in. */
const freshRole = async (pool: pg.Pool, name: string, address = SERVER): Promise<string> => {
  await pool.query(`CREATE ROLE ${name} LOGIN`)
  onTestFinished(async () => {
    const admin = new pg.Pool({ connectionString: address, max: 1 })
    await admin.query(`DROP OWNED BY ${name}`).catch(() => undefined)
    await admin.query(`DROP ROLE ${name}`)
    await admin.end()
  })
  const url = new URL(address)
  url.username = name
  return url.href
}

test('a schema that was not made, is older, newer, or too new to be read', async () => {
  const { url, schema } = await freshSchema()
  const look = async () => {
    const { schema: version, findings } = await inspect({ url }, { schema })
    return [version, findings.filter(({ code }) => code.startsWith('schema-'))]
  }
  expect(await look()).toEqual([
    0,
    [
      {
        ...{ code: 'schema-missing', level: 'error', text: 'the schema was not made' },
        todo: 'Run `sessionwire migrate` with a role that may make it, or leave `migrate` on.',
      },
    ],
  ])
  const { connection } = connect({ url }, false)
  onTestFinished(() => connection.end())
  await migrateSchema(connection, schema, VERSIONS.slice(0, 1))
  expect(await look()).toEqual([
    1,
    [
      {
        ...{
          code: 'schema-old',
          level: 'error',
          text: `the schema is of version 1; this release needs ${NOW}`,
        },
        todo: 'Run `sessionwire migrate` with the role that owns the schema.',
      },
    ],
  ])
  await migrateSchema(connection, schema)
  expect(await look()).toEqual([NOW, []])
  await migrateSchema(connection, schema, [...VERSIONS, 'CREATE TABLE @.later (name text PRIMARY KEY);'])
  const newer = {
    code: 'schema-newer',
    text: `the schema is of version ${NOW + 1}; this release knows ${NOW}`,
  }
  const todo = 'Upgrade @sessionwire/postgres on this machine.'
  expect(await look()).toEqual([NOW + 1, [{ ...newer, level: 'warning', todo }]])
  expect(await opened(openStore({ url }, { schema })).identity()).toMatch(/^[0-9a-f-]{36}$/)
  await connection.query(
    `INSERT INTO ${schema}.migrations (version, reader) VALUES (${NOW + 2}, ${NOW + 2})`,
    [],
  )
  expect(await look()).toEqual([
    NOW + 2,
    [
      {
        ...{ code: 'schema-newer', level: 'error', todo },
        text: `the schema is of version ${NOW + 2}; this release knows ${NOW}`,
      },
    ],
  ])
  await expect(opened(openStore({ url }, { schema })).identity()).rejects.toMatchObject({
    code: 'STORE',
    message: expect.stringContaining('was made by a newer release. Upgrade @sessionwire/postgres.'),
  })
})

test('a session that sits in a transaction', async () => {
  const { url, schema, pool } = await freshSchema()
  await migrate({ url }, { schema })
  const idle = new pg.Client({ connectionString: url, application_name: 'a report' })
  await idle.connect()
  onTestFinished(() => idle.end())
  const { connection } = connect({ url }, false)
  onTestFinished(() => connection.end())
  const named = async () =>
    of(await inspectSchema(connection, schema, 0), 'idle-in-transaction').filter(({ text }) =>
      text.includes('a report'),
    )
  expect(await named()).toEqual([])
  const { rows } = await idle.query('SELECT pg_backend_pid() AS pid')
  await idle.query('BEGIN')
  await idle.query('SELECT 1')
  const { pid } = rows[0]
  expect(await named()).toEqual([
    {
      ...{ code: 'idle-in-transaction', level: 'warning' },
      text: `session ${pid} of a report has been in a transaction for 0 min (idle in transaction)`,
      todo: `End it (SELECT pg_terminate_backend(${pid})), and set idle_in_transaction_session_timeout = '60s' for its role.`,
    },
  ])
  // Ten minutes are not over.
  expect(of(await inspect({ url }, { schema }), 'idle-in-transaction').map(({ text }) => text)).not.toContain(
    expect.stringContaining('a report'),
  )
  // What is advised ends it.
  const ended = new Promise(resolve => idle.on('error', resolve))
  await pool.query('SELECT pg_terminate_backend($1)', [pid])
  await ended
  expect(await named()).toEqual([])
})

test('lanes that wait, requests for a person, and writers that are silent', async () => {
  const { url, schema, pool } = await freshSchema()
  const store = opened(openStore({ url }, { schema }))
  await store.commit(update('s', 1))
  await store.commit(update('t', 1))
  await store.commit({
    events: [],
    lanes: [{ adapter: 'tool', lane: 'x', deliveries: [{ ...post('p'), via: 'preview' }] }],
  })
  const found = async () => {
    const all = await inspect({ url }, { schema })
    return [...of(all, 'long-queue'), ...of(all, 'attention'), ...of(all, 'silent-writers')]
  }
  const attention = {
    ...{ code: 'attention', level: 'warning' },
    text: '1 delivery waits for a person (planned, dead or in doubt)',
    todo: 'See `sessionwire deliveries`, or the view `attention`.',
  }
  expect(await found()).toEqual([attention])
  await pool.query(`UPDATE ${schema}.heads SET due = due - 3600000`)
  await pool.query(`UPDATE ${schema}.sessions SET writer = gen_random_uuid() WHERE session = 't'`)
  expect(await found()).toEqual([
    {
      ...{ code: 'long-queue', level: 'warning' },
      text: '2 lanes are due for more than ten minutes, and no pause holds them back',
      todo: 'Start a worker for their adapters, or more of them: the view `stuck` names the lanes.',
    },
    attention,
    {
      ...{ code: 'silent-writers', level: 'warning' },
      text: '1 active session was last written by a process that is not heard of any more',
      todo: 'They are ended as crashed by any tracker with `crashAfterMs`.',
    },
  ])
  // A pause holds them back on purpose, and a worker takes them.
  await store.pause({ adapter: 'tool', kind: 'asked', reason: 'test', since: store.now() })
  expect((await found()).map(({ code }) => code)).toEqual(['attention', 'silent-writers'])
  await store.unpause('tool')
  expect((await store.claim(asking())).claims.length).toBe(2)
  expect((await found()).map(({ code }) => code)).toEqual(['attention', 'silent-writers'])
})

test('a clock that differs by more than two seconds, ahead and behind', async () => {
  const { url, schema } = await freshSchema()
  await migrate({ url }, { schema })
  const clocks = async () => of(await inspect({ url }, { schema }), 'clock')
  expect(await clocks()).toEqual([])
  const real = Date.now
  const advice = {
    ...{ code: 'clock', level: 'warning' },
    todo: 'Let both follow a time server: times of events are this machine’s, due times the server’s.',
  }
  vi.spyOn(Date, 'now').mockImplementation(() => real() + 3_600_000)
  expect(await clocks()).toEqual([
    { ...advice, text: "this machine's clock is 3600 s ahead of the server's" },
  ])
  vi.spyOn(Date, 'now').mockImplementation(() => real() - 3_600_000)
  expect(await clocks()).toEqual([{ ...advice, text: "this machine's clock is 3600 s behind the server's" }])
})

test('autovacuum that is off for a table, and for the server; settings that may lose events', async () => {
  const { url, schema, pool } = await freshSchema()
  await migrate({ url }, { schema })
  const settings = async () => {
    const all = await inspect({ url }, { schema })
    return [...of(all, 'autovacuum'), ...of(all, 'not-durable')].map(({ text, todo }) => [text, todo])
  }
  expect(await settings()).toEqual([])
  await pool.query(`ALTER TABLE ${schema}.heads SET (autovacuum_enabled = false)`)
  expect(await settings()).toEqual([
    ['autovacuum is off for heads', `Run: ALTER TABLE ${schema}.heads RESET (autovacuum_enabled).`],
  ])
  await pool.query(`ALTER TABLE ${schema}.heads RESET (autovacuum_enabled)`)
  const set = async (name: string, value: string) => {
    await pool.query(value === '' ? `ALTER SYSTEM RESET ${name}` : `ALTER SYSTEM SET ${name} = ${value}`)
    await pool.query('SELECT pg_reload_conf()')
    for (;;) {
      const { rows } = await pool.query('SELECT reset_val FROM pg_settings WHERE name = $1', [name])
      if (rows[0].reset_val === (value || 'on')) return
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }
  onTestFinished(() => pool.query('ALTER SYSTEM RESET ALL').then(() => undefined))
  await set('autovacuum', 'off')
  expect(await settings()).toEqual([['autovacuum is off', 'Turn it on: claims slow down with dead rows.']])
  await set('autovacuum', '')
  await set('synchronous_commit', 'off')
  expect(await settings()).toEqual([
    [
      'fsync is on, full_page_writes on, synchronous_commit off',
      'A crash of the server may lose acknowledged events: turn them on for this database.',
    ],
  ])
  await set('synchronous_commit', '')
  expect(await settings()).toEqual([])
})

test('rights that are missing: to the schema, to a table that a migration added, to run a function', async () => {
  const { url, schema, pool } = await freshSchema()
  await migrate({ url }, { schema })
  const role = `${schema}_lacking`
  const own = await freshRole(pool, role)
  const lacking = async () => {
    const { schema: version, findings } = await inspect({ url: own }, { schema })
    return [
      version,
      findings.filter(({ level }) => level === 'error').map(({ code, text, todo }) => [code, text, todo]),
    ]
  }
  const todo =
    'Run the grants of docs/guide/from-one-machine-to-many.md as the owner of the schema, after each migration again.'
  const said = (what: string) => ['rights', `the role ${role} lacks rights to ${what}`, todo]
  expect(await lacking()).toEqual([0, [said(`the schema ${schema}, so that its version is unknown`)]])
  await expect(
    opened(openStore({ url: own }, { schema, migrate: false })).commit(update('s', 1)),
  ).rejects.toMatchObject({
    code: 'STORE',
    message: expect.stringMatching(/permission denied for schema .* \(42501\)\. Grant the role/),
  })
  await pool.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`)
  await pool.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`)
  await pool.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO ${role}`)
  expect(await lacking()).toEqual([NOW, []])
  await pool.query(`REVOKE INSERT ON ${schema}.deliveries FROM ${role}`)
  await pool.query(`REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} FROM PUBLIC, ${role}`)
  const { rows } = await pool.query(
    `SELECT count(DISTINCT proname)::int AS n FROM pg_proc WHERE pronamespace = '${schema}'::regnamespace`,
  )
  expect(await lacking()).toEqual([NOW, [said(`1 table (deliveries) and ${rows[0].n} functions`)]])
})

test('a database of another encoding, and transactions of another kind', async () => {
  const { url, name, pool } = await freshDatabase(`ENCODING 'SQL_ASCII' TEMPLATE template0`)
  await pool.query(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`)
  const { findings } = await inspect({ url })
  expect(findings.filter(({ level }) => level === 'error').map(({ text, todo }) => [text, todo])).toEqual([
    [
      'the database has the encoding SQL_ASCII; expected UTF8',
      "Make another one: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'.",
    ],
    [
      'transactions are serializable; expected read committed',
      "Set it for this role: ALTER ROLE … SET default_transaction_isolation = 'read committed'.",
    ],
    [
      'the schema was not made',
      'Run `sessionwire migrate` with a role that may make it, or leave `migrate` on.',
    ],
  ])
  // Nothing is made in it.
  await expect(migrate({ url })).rejects.toMatchObject({
    code: 'STORE',
    message: expect.stringContaining('the database has the encoding SQL_ASCII; expected UTF8'),
  })
  expect((await pool.query(`SELECT to_regnamespace('sessionwire') AS found`)).rows).toEqual([{ found: null }])
})

test('a replication slot that nobody reads', async () => {
  const { url, schema, pool } = await freshSchema()
  await migrate({ url }, { schema })
  const slots = async () =>
    of(await inspect({ url }, { schema }), 'replication-slot')
      .map(({ text, todo }) => [text, todo])
      .filter(([text]) => text?.includes(schema))
  expect(await slots()).toEqual([])
  await pool.query('SELECT pg_create_physical_replication_slot($1)', [schema])
  onTestFinished(async () => {
    const admin = new pg.Pool({ connectionString: SERVER, max: 1 })
    await admin.query('SELECT pg_drop_replication_slot($1)', [schema])
    await admin.end()
  })
  expect(await slots()).toEqual([
    [
      `the replication slot ${schema} has no reader`,
      `Drop it when its standby is gone: SELECT pg_drop_replication_slot('${schema}').`,
    ],
  ])
})
