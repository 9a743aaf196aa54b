import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../src/sqlite.ts'
import { call, incoming, record, request, TOOL } from '../src/testing/store-suite-ground.ts'
import { folder } from './sqlite/processes.ts'

/** A database browser or a backup that has begun to read and does not end. */
const openReader = (path: string) => {
  const database = new DatabaseSync(path, { readOnly: true })
  database.exec('BEGIN')
  const count = () => database.prepare('SELECT count(*) AS n FROM events').get()?.n
  count()
  return {
    count,
    end: (): void => {
      database.exec('COMMIT')
      database.close()
    },
  }
}

const LONG = 'x'.repeat(2_000)
const fill = async (store: ReturnType<typeof sqliteStore>, from: number, to: number): Promise<void> => {
  for (let n = from; n <= to; n++) await store.commit(record('s', n, { goal: LONG }))
}

describe('beside a reader that does not end', () => {
  it('a store closes, loses nothing, and moves the WAL when it is next closed', async () => {
    const path = join(folder(), 'sessions.db')
    const store = sqliteStore(path)
    await fill(store, 1, 200)
    const reader = openReader(path)
    await fill(store, 201, 1_200)
    await store.close()
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(1_000_000)
    expect(reader.count()).toBe(200)
    reader.end()
    const next = sqliteStore(path)
    expect((await next.events('s')).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 1_200 }, (_, n) => n + 1),
    )
    await next.close()
    expect(existsSync(`${path}-wal`)).toBe(false)
  })

  it('a store is backed up, counted and pruned, and its deliveries go on', async () => {
    const path = join(folder(), 'sessions.db')
    const store = sqliteStore(path)
    await fill(store, 1, 20)
    const reader = openReader(path)
    await store.commit({
      events: [],
      lanes: [{ adapter: TOOL, lane: 's', open: { refs: {} }, deliveries: [incoming(call('k1'))] }],
    })
    const [claim] = (await store.claim(request())).claims
    const { key, token, attempts } = claim?.delivery ?? { key: '', token: '', attempts: 0 }
    const rest = { attempts, dueAt: 0, doubtSince: null, reason: null, misses: 0, rejected: null }
    expect(await store.settle([{ key, token, state: 'delivered', ...rest }])).toEqual([true])
    expect((await store.counts()).map(({ states }) => states)).toMatchObject([{ delivered: 1 }])
    const copy = join(folder(), 'copy.db')
    await store.backup?.(copy)
    await store.prune(Date.now() + 1_000, 0)
    reader.end()
    await store.close()
    const copied = sqliteStore(copy)
    expect(await copied.events('s')).toHaveLength(20)
    await copied.close()
  })
})

it('a file that a browser took out of WAL mode is in it again, with all it had', async () => {
  const path = join(folder(), 'sessions.db')
  const store = sqliteStore(path)
  await fill(store, 1, 3)
  await store.close()
  const browser = new DatabaseSync(path)
  const modeOf = () => browser.prepare('PRAGMA journal_mode').get()?.journal_mode
  browser.exec('PRAGMA journal_mode = DELETE')
  expect(modeOf()).toBe('delete')
  const next = sqliteStore(path)
  await fill(next, 4, 5)
  expect(await next.events('s')).toHaveLength(5)
  // A connection learns of it when it reads.
  expect(browser.prepare('SELECT count(*) AS n FROM events').get()?.n).toBe(5)
  expect(modeOf()).toBe('wal')
  browser.close()
  await next.close()
})
