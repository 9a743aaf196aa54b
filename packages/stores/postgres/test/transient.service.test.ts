import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import type { Query } from '../src/index.ts'
import { openStore } from './places.ts'
import { freshSchema, SERVER } from './server.ts'
import { asking, delivered, update } from './story.ts'

/** A pool whose sessions have these settings, and a source over it that counts what the server refused. */
const withSettings = (settings: string, name: string) => {
  const pool = new pg.Pool({
    connectionString: `${SERVER}?options=${encodeURIComponent(settings)}`,
    ...{ max: 2, application_name: name },
  })
  pool.on('error', () => undefined)
  onTestFinished(() => pool.end())
  const refused: string[] = []
  const query: Query = async (text, values) => {
    try {
      return await pool.query(text, [...values])
    } catch (thrown) {
      refused.push(String((thrown as { code?: unknown }).code))
      throw thrown
    }
  }
  return { query, refused }
}

/** Waits until a session of this name waits for a lock. */
const untilItWaits = async (pool: pg.Pool, name: string): Promise<void> => {
  for (;;) {
    const { rows } = await pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`,
      [name],
    )
    if (rows.length > 0) return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

test('a deadlock with another program: the server ends the commit, which is made once, in its second try', async () => {
  const { schema, pool } = await freshSchema()
  // The commit looks for a deadlock after five seconds, the other program after a minute: the commit is the one to be ended.
  const { query, refused } = withSettings('-c deadlock_timeout=5s', schema)
  const store = openStore({ query, transaction: run => run(query) }, { schema })
  onTestFinished(() => store.close())
  await store.commit(update('s', 1, ['one', 'two']))
  // To be opened it looked for a schema that was not made yet.
  refused.splice(0)
  const { rows } = await pool.query<{ lane: string }>(`SELECT lane FROM ${schema}.heads ORDER BY lane`)
  const [first, last] = [rows[0]?.lane, rows.at(-1)?.lane]
  const other = await pool.connect()
  onTestFinished(() => other.release())
  const lock = (lane: string | undefined) =>
    other.query(`SELECT 1 FROM ${schema}.heads WHERE lane = $1 FOR UPDATE`, [lane])
  await other.query(`SET deadlock_timeout = '1min'`)
  await other.query('BEGIN')
  await lock(last)
  const committing = store.commit(update('s', 2, ['one', 'two']))
  await untilItWaits(pool, schema)
  await lock(first)
  await other.query('ROLLBACK')
  expect((await committing).map(({ key }) => key)).toEqual(['s-2-one', 's-2-two'])
  expect(refused).toEqual(['40P01'])
  expect((await store.events('s')).map(({ sequence }) => sequence)).toEqual([1, 2])
  expect((await store.list({ lane: 's' })).map(({ key }) => key)).toEqual([
    ...['s-1-one', 's-2-one', 's-1-two', 's-2-two'],
  ])
})

test('a role that became serializable while the store is open: what cannot be serialized is made once, in its second try', async () => {
  const { schema, pool } = await freshSchema()
  const strict = withSettings('-c default_transaction_isolation=serializable', schema)
  let isOpen = false
  const query: Query = (text, values) => (isOpen ? strict.query(text, values) : pool.query(text, [...values]))
  const store = openStore({ query, transaction: run => run(query) }, { schema })
  onTestFinished(() => store.close())
  await store.commit(update('s', 1))
  isOpen = true
  const other = await pool.connect()
  onTestFinished(() => other.release())
  await other.query('BEGIN')
  await other.query(`UPDATE ${schema}.heads SET due = due`)
  const committing = store.commit(update('s', 2))
  await untilItWaits(pool, schema)
  await other.query('COMMIT')
  expect((await committing).map(({ key }) => key)).toEqual(['s-2-tool'])
  expect(strict.refused).toEqual(['40001'])
  expect((await store.events('s')).map(({ sequence }) => sequence)).toEqual([1, 2])
  const { claims } = await store.claim(asking())
  expect(await store.settle(claims.map(delivered))).toEqual([true])
})
