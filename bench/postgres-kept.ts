import { postgresStore } from '@sessionwire/postgres'
import type pg from 'pg'
import { median } from './measure.ts'
import { timesOf } from './postgres-cpu.ts'
import { commitOf } from './postgres-stage.ts'

const SESSIONS = 1_000_000
const SCHEMA = 'bench_kept'

/** Sessions that ended, each with 10 words and a lane that has nothing to do, as commits and a search leave them. */
const fillKept = async (admin: pg.Pool): Promise<void> => {
  const run = (text: string) => admin.query(text.replaceAll('@', SCHEMA))
  await run('DROP INDEX @.words_found')
  await run(`INSERT INTO @.sessions (session, revision, project, usr, status, mirror, started_at, ended_at, last_event_at, writer, summary, unread)
    SELECT 'kept-' || g, 1, 'bench', 'ada', 'done', true, g, g, g, gen_random_uuid(), '{"title":"Bench"}', false FROM generate_series(1, ${SESSIONS}) g`)
  await run(`INSERT INTO @.words (session, through, at, words) SELECT s.id, 1, s.last_event_at, ARRAY(
      SELECT 'w' || ((s.id * 7919 + k * 104729) % 60000) FROM generate_series(1, 8) k) || ARRAY['tenth' || s.id % 10, 'agent']
    FROM @.sessions s`)
  await run('CREATE INDEX words_found ON @.words USING gin (words)')
  await run(
    `INSERT INTO @.lanes (adapter, lane, mirrors) SELECT a.id, s.session, true FROM @.sessions s, @.adapters a WHERE a.name = 'a' ON CONFLICT DO NOTHING`,
  )
  await run(
    'INSERT INTO @.heads (lane, adapter, next, walk) SELECT l.id, l.adapter, 2, 2 FROM @.lanes l ON CONFLICT DO NOTHING',
  )
  await run(
    `INSERT INTO @.tallies SELECT id, '', s, ${SESSIONS} FROM @.adapters, unnest(ARRAY[5, 100, 101]) s WHERE name = 'a'`,
  )
  await run(`INSERT INTO @.tallies VALUES (0, '', 104, ${SESSIONS})`)
  for (const table of ['sessions', 'words', 'lanes', 'heads']) await run(`VACUUM ANALYZE @.${table}`)
}

/** Questions to a database that keeps a million sessions, and whether each answer came in time. */
export const measureKept = async (admin: pg.Pool, pool: pg.Pool): Promise<boolean> => {
  await admin.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`)
  const store = postgresStore({ pool: pool as never }, { schema: SCHEMA })
  await store.commit(commitOf('first', 1))
  await fillKept(admin)
  let holds = true
  const line = (what: string, all: readonly number[], most: number): void => {
    const sorted = all.toSorted((a, b) => a - b)
    const p50 = median(all)
    holds &&= p50 <= most
    console.log(
      `with 1,000,000 sessions kept, ${what}: median ${p50.toFixed(1)} ms (at most ${most}${p50 <= most ? '' : ', NOT MET'}), most ${sorted.at(-1)?.toFixed(1)}`,
    )
  }
  const find = (words: readonly string[]) => store.search({ words, project: 'bench' })
  line('status (its counts)', await timesOf(40, () => store.counts({})), 50)
  await find(['agent'])
  line('a search for a word of 130', await timesOf(40, n => find([`w${n * 1_499}`])), 50)
  line('a search for two words', await timesOf(40, n => find([`w${n * 1_499}`, `tenth${n % 10}`])), 50)
  line(
    'a commit and a search that reads it',
    await timesOf(40, async n => {
      await store.commit(commitOf(`new-${n}`, 1))
      await find(['step', `w${n * 1_499}`])
    }),
    50,
  )
  line('a search for a word of every tenth', await timesOf(20, n => find([`tenth${n % 10}`])), 50)
  line('a search for a word that all have', await timesOf(20, () => find(['agent'])), 50)
  await store.close()
  await admin.query(`DROP SCHEMA ${SCHEMA} CASCADE`)
  return holds
}
