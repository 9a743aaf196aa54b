import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import type { Query } from '../src/connection.ts'
import { openStore } from './places.ts'
import { freshSchema, SERVER } from './server.ts'
import { asking, delivered, update } from './story.ts'

/** With a quarter of them PostgreSQL 18 reads all words: that costs no more than the index then. */
const ROWS = 20_000

type Reads = Readonly<Record<string, Readonly<{ scans: number; rows: number }>>>

/** A store on one connection, and what a call of it reads, table by table, by the server's own count. */
const watched = async (schema: string) => {
  const pool = new pg.Pool({ connectionString: SERVER, max: 1 })
  const query: Query = (text, values) => pool.query(text, [...values])
  const transaction = async <R>(run: (query: Query) => Promise<R>): Promise<R> => {
    await pool.query('BEGIN')
    const result = await run(query)
    await pool.query('COMMIT')
    return result
  }
  const store = openStore({ query, transaction }, { schema })
  onTestFinished(async () => {
    await store.close()
    await pool.end()
  })
  const counted = async (): Promise<Reads> => {
    const { rows } = await pool.query(
      `SELECT relname AS name, coalesce(seq_scan, 0)::int AS scans, (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int AS rows
        FROM pg_stat_xact_user_tables WHERE schemaname = $1`,
      [schema],
    )
    return Object.fromEntries(rows.map(({ name, ...row }) => [name, row]))
  }
  /** The transaction is undone: each call finds the same rows. */
  const reads = async (act: () => Promise<unknown>): Promise<Reads> => {
    await pool.query('BEGIN')
    const before = await counted()
    await act()
    const after = await counted()
    await pool.query('ROLLBACK')
    return Object.fromEntries(
      Object.entries(after).map(([name, { scans, rows }]) => [
        name,
        { scans: scans - (before[name]?.scans ?? 0), rows: rows - (before[name]?.rows ?? 0) },
      ]),
    )
  }
  return { pool, store, reads }
}

/** Sessions that ended, each with words, and lanes in which a call waits, as commits and a search leave them. */
const fill = async (pool: pg.Pool, schema: string): Promise<void> => {
  const run = (text: string) => pool.query(text.replaceAll('@', schema))
  await run(`INSERT INTO @.sessions (session, revision, project, usr, status, started_at, last_event_at, writer, summary, unread)
    SELECT 'kept-' || g, 1, 'billing', 'fixer', 'done', g, g, gen_random_uuid(), '{"title":"Kept"}', false FROM generate_series(1, ${ROWS}) g`)
  await run(
    `INSERT INTO @.words (session, through, at, words) SELECT id, revision, last_event_at, ARRAY['w' || id % 500, 'all'] FROM @.sessions WHERE session LIKE 'kept%'`,
  )
  await run(
    `INSERT INTO @.lanes (adapter, lane) SELECT a.id, 'kept-' || g FROM @.adapters a, generate_series(1, ${ROWS}) g`,
  )
  await run(`INSERT INTO @.deliveries (lane, position, rank, key, state, via, holds, sequence, planned_at, due_at, action, body)
    SELECT l.id, 1, 1, l.lane, 1, 0, false, 1, 1, 1, 'post', d.body FROM @.lanes l, (SELECT body FROM @.deliveries LIMIT 1) d WHERE l.lane LIKE 'kept%'`)
  await run(`INSERT INTO @.heads (lane, adapter, next, kind, lim, due, ready, planned)
    SELECT id, adapter, 2, 1, '', id, id, id FROM @.lanes WHERE lane LIKE 'kept%'`)
  await run(
    `INSERT INTO @.gates (adapter, lim) SELECT a.id, 'post:' || g FROM @.adapters a, generate_series(1, 2000) g`,
  )
  await pool.query('ANALYZE')
}

test('the hot statements read by an index, and few rows of many', async () => {
  const { schema } = await freshSchema()
  const { pool, store, reads } = await watched(schema)
  await store.commit(update('s', 1))
  await store.search({ words: ['update'] })
  await fill(pool, schema)
  const room = (n: number) =>
    asking({ adapters: [{ name: 'tool', target: '', room: n, concurrency: 1_000, rates: {} }] })

  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    claim: () => store.claim(room(6)),
    'claim and settle': async () => {
      const { claims } = await store.claim(room(6))
      return store.claim({ ...room(6), settlements: claims.map(delivered), holding: [] })
    },
    commit: () => store.commit(update('s', 2)),
    status: () => store.counts({}),
    draw: () => store.draw([{ adapter: 'tool', limit: 'post:7', rate: { count: 9, perMs: 1_000 } }]),
    'recall of a rare word': () => store.search({ words: ['w7'] }),
    'recall of a word that all have': () => store.search({ words: ['all'] }),
  }
  const big = ['sessions', 'words', 'lanes', 'heads', 'deliveries', 'gates']
  const scanned: Record<string, string[]> = {}
  const most: Record<string, number> = {}
  for (const [name, call] of Object.entries(calls)) {
    const found = await reads(call)
    scanned[name] = big.filter(table => (found[table]?.scans ?? 0) > 0)
    most[name] = Math.max(...big.map(table => found[table]?.rows ?? 0))
  }
  expect(scanned).toEqual(Object.fromEntries(Object.keys(calls).map(name => [name, []])))
  for (const [name, rows] of Object.entries(most)) expect(rows, name).toBeLessThan(400)

  // A statement that reads a whole table is seen.
  const whole = await reads(() => pool.query(`SELECT count(*) FROM ${schema}.words WHERE through > 5`))
  expect(whole.words).toEqual({ scans: 1, rows: ROWS + 1 })
})
