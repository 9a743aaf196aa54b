import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { sqliteStore } from '@sessionwire/core/sqlite'
import type pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Built, Place } from '../../../cli/test/stage.ts'
import { VERSIONS } from '../src/migrate.ts'
import { buildWithPostgres, freshDatabase, placeWithReceiver } from './command.ts'

let built: Built
beforeAll(() => {
  built = buildWithPostgres()
})

const NOW = VERSIONS.length

type Env = Readonly<Record<string, string>>

/** Records three sessions whose requests wait, and answers their ids, oldest first. */
const recordThree = async (place: Place, env: Env): Promise<readonly string[]> => {
  // Nothing goes out: all of it must arrive from the database.
  await place.json(['pause', 'webhook'], { env })
  const ids: string[] = []
  for (const [goal, words] of [
    ['Stop double charging', 'Found the race'],
    ['Rotate the keys', 'Listed the keys'],
    ['Shorten the build', 'Cached the compiler'],
  ] as const) {
    // Nor is a process left in the background, which would have the file open.
    const record = (...line: readonly string[]) =>
      place.json<{ session: { id: string } }>([...line, '--no-deliver'], { env })
    ids.push((await record('start', goal)).session.id)
    await record('update', words, '40')
    await record('decide', `${words}, so go on`, '--why', 'It is the cause')
    await record('end', `${goal}: done`)
  }
  return ids
}

type Status = Readonly<{ store: string; adapters: readonly Readonly<{ oldestMs?: number }>[] }>

/** Everything that a person sees of a store, without where it is and how long its requests wait. */
const look = async (place: Place, env: Env) => {
  const json = (...words: string[]) => place.json(words, { env })
  const { store: _, adapters, ...status } = await place.json<Status>(['status'], { env })
  return {
    status,
    adapters: adapters.map(({ oldestMs: __, ...adapter }) => adapter),
    sessions: await json('sessions'),
    recall: await json('recall', 'race'),
    deliveries: await json('deliveries'),
    shown: await json('show'),
  }
}

const migrated = (text: string) =>
  JSON.parse(text) as Readonly<{ error: { code: string; message: string; todo: string } }>

/** Waits until the copy has come to a place where the database makes it wait. */
const untilItSleeps = async (pool: pg.Pool, child: ChildProcess): Promise<number> => {
  for (;;) {
    expect(child.exitCode).toBe(null)
    const { rows } = await pool.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`,
    )
    if (rows[0] !== undefined) return rows[0].pid
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

describe('sessionwire migrate --from', () => {
  test('a copy that is killed in the middle goes on where it stopped, shows the same, and delivers all in order, once', async () => {
    const { url, pool } = await freshDatabase()
    const { place, file, env, arrived } = await placeWithReceiver(built)
    const ids = await recordThree(place, env())
    const before = await look(place, env())
    expect((before.sessions as { sessions: readonly { id: string }[] }).sessions.map(({ id }) => id)).toEqual(
      ids.toReversed(),
    )
    expect(await place.json(['migrate'], { env: env(url) })).toEqual({ from: 0, to: NOW })
    // The last session makes the copy wait, and there it is killed.
    await pool.query(`CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.session = '${ids[2]}' THEN PERFORM pg_sleep(600); END IF; RETURN NEW; END $$`)
    await pool.query(
      'CREATE TRIGGER waits BEFORE INSERT ON sessionwire.sessions FOR EACH ROW EXECUTE FUNCTION wait_here()',
    )
    const child = spawn(process.execPath, [built.main, 'migrate', '--from', file], {
      cwd: place.folder,
      env: { HOME: place.home, PATH: process.env.PATH ?? '', ...env(url) },
      stdio: 'ignore',
    })
    const ended = new Promise(resolve => child.once('close', (_, signal) => resolve(signal)))
    const pid = await untilItSleeps(pool, child)
    child.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    await pool.query('SELECT pg_terminate_backend($1)', [pid])
    await pool.query('DROP TRIGGER waits ON sessionwire.sessions')
    // Its lock of the file counts a while: the person is told, and nothing is copied.
    const early = await place.run(['migrate', '--from', file, '--json'], { env: env(url) })
    if (early.code !== 0) {
      expect([early.code, migrated(early.out).error.message]).toEqual([
        3,
        `--from: ${file} is in use by 1 process.`,
      ])
    }
    const copied = await (async () => {
      if (early.code === 0) return JSON.parse(early.out)
      for (;;) {
        const again = await place.run(['migrate', '--from', file, '--json'], { env: env(url) })
        if (again.code === 0) return JSON.parse(again.out)
        expect(migrated(again.out).error.message).toContain('is in use')
      }
    })()
    expect(copied).toEqual({
      ...{ from: NOW, to: NOW },
      copied: { sessions: 1, skipped: 2, others: 0, events: 4, deliveries: 4 },
    })
    expect(await look(place, env(url))).toEqual(before)
    // A third time changes nothing.
    expect(await place.json(['migrate', '--from', file], { env: env(url) })).toMatchObject({
      copied: { sessions: 0, skipped: 3, events: 0, deliveries: 0 },
    })
    expect(await look(place, env(url))).toEqual(before)
    expect(arrived).toEqual([])
    await place.json(['unpause', 'webhook', '--wait', '5m'], { env: env(url) })
    await place.json(['drain', '--timeout', '5m'], { env: env(url) })
    for (const id of ids)
      expect(
        arrived.filter(({ session }) => session === id).map(({ type, sequence }) => [type, sequence]),
      ).toEqual([
        ['start', 1],
        ['update', 2],
        ['decision', 3],
        ['close', 4],
      ])
    expect(arrived.length).toBe(12)
    // It goes on in the database, and the file knows nothing of it.
    await place.json(['start', 'Go on'], { env: env(url) })
    expect((await place.json<{ sessions: unknown[] }>(['sessions'], { env: env(url) })).sessions.length).toBe(
      4,
    )
    expect((await place.json<{ sessions: unknown[] }>(['sessions'], { env: env() })).sessions.length).toBe(3)
  })

  test('a file that a process has open is not copied', async () => {
    const { url, pool } = await freshDatabase()
    const { place, file, env } = await placeWithReceiver(built)
    await place.json(['start', 'Stop double charging'], { env: env() })
    const recorder = sqliteStore(file)
    await recorder.identity()
    const refused = await place.run(['migrate', '--from', file], { env: env(url) })
    expect([refused.code, refused.out, refused.err]).toEqual([
      3,
      '',
      `CONFIG: --from: ${file} is in use by 1 process.\nStop what records into the file and what delivers from it (a server, a timer, a program), then run this again. One that a command left in the background ends within a minute, and one that was killed counts for 4 s more.\n`,
    ])
    // Nor was anything made.
    expect((await pool.query(`SELECT to_regnamespace('sessionwire') AS found`)).rows).toEqual([
      { found: null },
    ])
    await recorder.close()
    expect(await place.json(['migrate', '--from', file], { env: env(url) })).toMatchObject({
      copied: { sessions: 1 },
    })
  })

  test('a database that has the sessions of another file keeps them, and says so', async () => {
    const { url } = await freshDatabase()
    const [first, second] = [await placeWithReceiver(built), await placeWithReceiver(built)]
    for (const { place, file, env } of [first, second]) {
      await place.json(['start', `Of ${place.folder}`], { env: env() })
      expect(existsSync(file)).toBe(true)
    }
    await first.place.json(['migrate', '--from', first.file], { env: first.env(url) })
    const { code, out } = await second.place.run(['migrate', '--from', second.file], { env: second.env(url) })
    expect([code, out.split('\n')]).toEqual([
      0,
      [
        `The schema is of version ${NOW} already`,
        'Copied: 1 session, 1 event, 1 request; 0 sessions were there already',
        'The database has 1 session of other stores, too: what is there stays, and a session that was begun with a key in the file begins again, as another one, by the same key',
        'The file stays as it is. Set SESSIONWIRE_STORE for everything that used it, then move it away, so that nothing records into it any more',
        '',
      ],
    ])
    const { sessions } = await second.place.json<{ sessions: readonly { goal: string }[] }>(['sessions'], {
      env: second.env(url),
    })
    expect(sessions.length).toBe(2)
  })
})

describe('an address that is wrong', () => {
  const secret = 'a-password-nobody-may-see'
  const cases: readonly Readonly<{ what: string; change: Partial<URL>; says: RegExp }>[] = [
    {
      what: 'nothing listens there',
      change: { port: '1' },
      says: /cannot be reached \(.*ECONNREFUSED.*\)\. Check the address, and that the server runs/,
    },
    {
      what: 'no such database',
      change: { pathname: '/nobody_made_it' },
      says: /database "nobody_made_it" does not exist \(3D000\)\. Make the database, or correct its name/,
    },
    {
      what: 'no such role',
      change: { username: 'nobody_made_it' },
      says: /role "nobody_made_it" does not exist \(28000\)\. Check the user and the password/,
    },
    {
      what: 'no such host',
      change: { hostname: 'database.invalid' },
      says: /cannot be reached \(.*database\.invalid.*\)\. Check the address, and that the server runs/,
    },
  ]
  test.for(cases)('$what', async ({ change, says }) => {
    const { url } = await freshDatabase()
    const { place, env } = await placeWithReceiver(built)
    const wrong = new URL(url)
    wrong.password = secret
    Object.assign(wrong, change)
    for (const words of [['migrate'], ['status'], ['doctor']]) {
      const { code, out, err } = await place.run([...words], { env: env(wrong.href) })
      expect([words, code]).toEqual([words, words[0] === 'doctor' ? 3 : 5])
      expect(`${out}${err}`).toMatch(says)
      expect(`${out}${err}`).not.toContain(secret)
    }
  })
})

describe('sessionwire doctor', () => {
  type Finding = Readonly<{ about: string; state: string; text: string; todo?: string }>
  const examine = async (place: Place, env: Env) => {
    const { code, out } = await place.run(['doctor', '--json'], { env })
    const { findings } = JSON.parse(out) as Readonly<{ findings: readonly Finding[] }>
    return [code, findings.filter(({ about }) => ['database', 'store', 'workspace'].includes(about))]
  }

  test('makes no schema, and shows what is wrong with the database of the store, with what to do', async () => {
    const { url, pool } = await freshDatabase()
    const { place, env } = await placeWithReceiver(built)
    expect(await examine(place, env(url))).toEqual([
      3,
      [
        {
          ...{ about: 'database', state: 'error', text: 'the schema was not made' },
          todo: 'Run `sessionwire migrate` with a role that may make it, or leave `migrate` on.',
        },
      ],
    ])
    expect((await pool.query(`SELECT to_regnamespace('sessionwire') AS found`)).rows).toEqual([
      { found: null },
    ])
    await place.json(['migrate'], { env: env(url) })
    const { rows } = await pool.query(
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS server`,
    )
    const version = {
      ...{ about: 'database', state: 'ok', text: `PostgreSQL ${rows[0].server}, schema of version ${NOW}` },
    }
    const store = { about: 'store', state: 'ok', text: url.replace('postgres@', '…@') }
    expect(await examine(place, env(url))).toEqual([0, [version, store]])
    await pool.query('ALTER TABLE sessionwire.events SET (autovacuum_enabled = false)')
    expect(await examine(place, env(url))).toEqual([
      0,
      [
        version,
        {
          ...{ about: 'database', state: 'warning', text: 'autovacuum is off for events' },
          todo: 'Run: ALTER TABLE sessionwire.events RESET (autovacuum_enabled).',
        },
        store,
      ],
    ])
  })
})
