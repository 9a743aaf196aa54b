/** What other processes do with a store, for the tests of this folder: `node child.ts <what> <path> …`. */
import { DatabaseSync } from 'node:sqlite'
import { isTrackerError } from '../../src/session/errors.ts'
import { sqliteStore } from '../../src/sqlite.ts'
import type { Store } from '../../src/store/contract.ts'
import { call, create, incoming, record, request, TOOL } from '../../src/testing/store-suite-ground.ts'

const [what = '', path = '', ...rest] = process.argv.slice(2)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const forever = (): void => void setInterval(() => undefined, 60_000)

const append = async (store: Store, session: string, count: number): Promise<void> => {
  for (let done = 0; done < count; ) {
    const revision = ((await store.load(session))?.summary.revision ?? 0) + 1
    const key = `${session}-${revision}-${process.pid}`
    const lane = { adapter: TOOL, lane: session, open: { refs: {} }, deliveries: [incoming(call(key))] }
    try {
      await store.commit(
        record(session, revision, {}, [{ ...lane, through: { from: revision - 1, to: revision } }]),
      )
      done++
    } catch (thrown) {
      if (!isTrackerError(thrown) || thrown.code !== 'VERSION_CONFLICT') throw thrown
    }
  }
}

const acts: Readonly<Record<string, () => Promise<void>>> = {
  /** Holds the write lock until a line comes in. */
  hold: async () => {
    const database = new DatabaseSync(path)
    database.exec('BEGIN IMMEDIATE')
    say('held')
    process.stdin.once('data', () => {
      database.exec('COMMIT')
      database.close()
      process.exit(0)
    })
  },
  /** Records, claims, begins, and stands still. */
  begin: async () => {
    const store = sqliteStore(path)
    await store.commit(record('left', 1, { lastEventAt: '2026-01-01T00:00:00.000Z' }))
    const lane = { adapter: TOOL, lane: 'left', open: { refs: {} }, deliveries: [incoming(create('k1'))] }
    await store.commit({ events: [], lanes: [lane] })
    const { claims } = await store.claim(request())
    await store.begin(claims.map(({ delivery: { key, token } }) => ({ key, token })))
    say('begun')
    forever()
  },
  /** Stands still in the middle of writing a first page, with a journal that must be rolled back. */
  half: async () => {
    const database = new DatabaseSync(path)
    database.exec('PRAGMA cache_size = 2; BEGIN; CREATE TABLE half (text)')
    const insert = database.prepare('INSERT INTO half VALUES (?)')
    for (let n = 0; n < 200; n++) insert.run('x'.repeat(3_000))
    say('half')
    forever()
  },
  /** Appends to a session while others do the same. */
  append: async () => {
    const store = sqliteStore(path)
    await append(store, rest[0] as string, Number(rest[1]))
    await store.close()
    say('appended')
  },
  /** Appends for ever. */
  pour: async () => {
    const store = sqliteStore(path)
    await append(store, rest[0] as string, 1)
    say('pouring')
    await append(store, rest[0] as string, Number.POSITIVE_INFINITY)
  },
  /** Records much, and never closes. */
  leave: async () => {
    const store = sqliteStore(path)
    await append(store, 'left', Number(rest[0]))
    say('left')
  },
  /** Tells how a first call ends. */
  try: async () => {
    try {
      await sqliteStore(path).commit(record('tried', 1))
      say('done')
    } catch (thrown) {
      say(isTrackerError(thrown) ? `${thrown.code} ${thrown.message}` : `other ${String(thrown)}`)
    }
  },
}

await acts[what]?.()
