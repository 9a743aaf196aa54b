import type { Store } from '@sessionwire/core/store'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { postgresStore } from '../src/index.ts'
import { openStore } from './places.ts'
import { freshSchema, SERVER } from './server.ts'
import { update } from './story.ts'

const opened = (store: Store): Store => {
  onTestFinished(() => store.close())
  return store
}

/** An update with a text of its own, and no call. */
const said = (id: string, revision: number, description: string) => {
  const commit = update(id, revision, [])
  const [event] = commit.events
  return { ...commit, events: [{ ...event, payload: { description, tags: [] } } as typeof event & object] }
}

const found = async (store: Store, ...words: readonly string[]): Promise<readonly string[]> =>
  (await store.search({ words })).sessions.map(({ id }) => id).sort()

test('a search that waited for an erasure keeps no word of it', async () => {
  const { url, schema, pool } = await freshSchema()
  const store = opened(postgresStore({ url }, { schema }))
  const other = opened(postgresStore({ url }, { schema }))
  await store.commit(said('s', 1, 'zebra'))
  expect(await found(store, 'zebra')).toEqual(['s'])
  await store.commit(said('s', 2, 'giraffe'))
  const summary = (await store.load('s'))?.summary as NonNullable<unknown>
  const [first] = await store.events('s')

  const holder = await pool.connect()
  await holder.query('BEGIN')
  await holder.query(`SELECT FROM ${schema}.sessions FOR UPDATE`)
  const waiting = async (count: number): Promise<void> => {
    const { rows } = await pool.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`,
    )
    if (rows[0]?.n !== count) await waiting(count)
  }
  const erased = { ...first, erased: true, payload: { description: '', tags: [] } }
  const erasing = store.erase('s', { summary, events: [erased], keys: [] } as never)
  await waiting(1)
  const searching = found(other, 'giraffe')
  await waiting(2)
  await holder.query('COMMIT')
  holder.release()
  await erasing

  expect(await searching).toEqual(['s'])
  expect(await found(store, 'zebra')).toEqual([])
  expect(
    (await pool.query(`SELECT words FROM ${schema}.words`)).rows.flatMap(row => row.words),
  ).not.toContain('zebra')
})

test('the first search reads many sessions together, and a long one in parts', async () => {
  const { schema } = await freshSchema()
  const pool = new pg.Pool({ connectionString: SERVER, max: 1 })
  onTestFinished(() => pool.end())
  let statements = 0
  const query = (text: string, values: readonly (string | null)[]) => {
    statements++
    return pool.query(text, [...values])
  }
  const transaction = async <R>(run: (ask: typeof query) => Promise<R>): Promise<R> => {
    await pool.query('BEGIN')
    const result = await run(query)
    await pool.query('COMMIT')
    return result
  }
  const store = opened(openStore({ query, transaction }, { schema }))
  for (let n = 0; n < 120; n++) await store.commit(said(`s${n}`, 1, n === 7 ? 'rare' : 'usual'))
  const events = Array.from({ length: 1_200 }, (_, n) => said('long', n + 1, `word${n}`).events).flat()
  const { session } = said('long', 1_200, '')
  await store.commit({
    session: { ...session, expected: 0 } as NonNullable<typeof session>,
    events,
    lanes: [],
  })

  statements = 0
  expect(await found(store, 'rare')).toEqual(['s7'])
  // Three groups of sessions and three parts of the long one, five statements each; the list of what is unread; the search.
  expect(statements).toBe(6 * 5 + 2)
  expect(await found(store, 'word0')).toEqual(['long'])
  expect(await found(store, 'word1199')).toEqual(['long'])
  statements = 0
  await found(store, 'usual')
  expect(statements).toBe(2)
})
