import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createTracker } from '@sessionwire/core'
import type { Descriptor } from '@sessionwire/core/adapter'
import type { Incoming, Store } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { compare, percentile, type Row } from './measure.ts'
import { benchAdapters } from './stage.ts'

const ROUNDS = 7
const EACH = 1_000

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'sessionwire-bench-'))

/** The rows of one update, as the store writes them: event, session, and one delivery for each adapter. */
const rowsOf = (names: readonly string[], session: string, n: number) => {
  const id = `${session}-${n}`
  const event = {
    id,
    sessionId: session,
    sequence: n,
    time: '2026-01-01T00:00:00.000Z',
    at: '2026-01-01T00:00:00.000Z',
    version: 2,
    type: 'update' as const,
    payload: { description: `Step ${n}: reproduced with two parallel webhooks`, progress: n % 100, tags: [] },
  }
  const summary = {
    ...{ id: session, project: 'bench', user: 'ada', title: 'Bench', status: 'active' as const },
    ...{ startProgress: 0, progress: n % 100, startedAt: event.time, lastEventAt: event.time },
    ...{ refs: {}, metadata: {}, revision: n },
  }
  const deliveries = names.map((name): Readonly<{ adapter: string; incoming: Incoming }> => {
    const key = `${id}/${name}/0`
    const descriptor: Descriptor = {
      ...{ key, action: 'entry', kind: 'http', method: 'POST', endpoint: `https://${name}.example/items` },
      payload: { key, text: event.payload.description, more: 'x'.repeat(300) },
      captures: { [`entry${n}`]: '/id' },
      repeat: 'unsafe',
    }
    const incoming = { key, action: 'entry', via: 'execute' as const, sequence: n, descriptor, holds: true }
    return { adapter: name, incoming }
  })
  return { event, summary, deliveries }
}

/** Bare `node:sqlite`: the same rows, prepared statements, one transaction each, and only the keys it cannot do without. */
const floor = async (names: readonly string[]): Promise<number> => {
  const path = await folder()
  const db = new DatabaseSync(join(path, 'floor.db'))
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE sessions (id TEXT PRIMARY KEY, revision INTEGER, summary TEXT) STRICT;
    CREATE TABLE events (session TEXT, sequence INTEGER, event TEXT, PRIMARY KEY (session, sequence)) STRICT, WITHOUT ROWID;
    CREATE TABLE lanes (adapter TEXT, lane TEXT, through INTEGER, next INTEGER, PRIMARY KEY (adapter, lane)) STRICT, WITHOUT ROWID;
    CREATE TABLE deliveries (adapter TEXT, lane TEXT, position INTEGER, key TEXT UNIQUE, state INTEGER, due INTEGER, descriptor TEXT,
      PRIMARY KEY (adapter, lane, position)) STRICT, WITHOUT ROWID;`)
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const event = db.prepare('INSERT INTO events VALUES (?, ?, ?)')
  const session = db.prepare(
    'INSERT INTO sessions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET revision = excluded.revision, summary = excluded.summary',
  )
  const lane = db.prepare(
    'INSERT INTO lanes VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET through = excluded.through, next = excluded.next',
  )
  const delivery = db.prepare('INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?)')
  const start = performance.now()
  for (let n = 1; n <= EACH; n++) {
    const rows = rowsOf(names, 's', n)
    begin.run()
    event.run('s', n, JSON.stringify(rows.event))
    session.run('s', n, JSON.stringify(rows.summary))
    for (const { adapter, incoming } of rows.deliveries) {
      lane.run(adapter, 's', n, n + 1)
      delivery.run(adapter, 's', n, incoming.key, 1, n, JSON.stringify(incoming.descriptor))
    }
    commit.run()
    await undefined
  }
  const ms = performance.now() - start
  db.close()
  await rm(path, { recursive: true })
  return ms
}

/** The same through the store's `commit`. */
const commits = async (names: readonly string[], slow: number[]): Promise<number> => {
  const path = await folder()
  const store: Store = sqliteStore(join(path, 'ours.db'))
  await store.now()
  const one = async (n: number): Promise<void> => {
    const rows = rowsOf(names, 's', n)
    await store.commit({
      session: { summary: rows.summary, expected: n - 1 },
      events: [rows.event],
      lanes: rows.deliveries.map(({ adapter, incoming }) => ({
        ...{ adapter, lane: 's', deliveries: [incoming], through: { from: n - 1, to: n } },
        ...(n === 1 ? { open: { refs: {} } } : {}),
      })),
    })
  }
  const start = performance.now()
  for (let n = 1; n <= EACH; n++) {
    const from = performance.now()
    await one(n)
    slow.push(performance.now() - from)
  }
  const ms = performance.now() - start
  await store.close()
  await rm(path, { recursive: true })
  return ms
}

/** What a host waits for: `session.update` with everything around it, checked, planned and stored. */
const calls = async (adapters: ReturnType<typeof benchAdapters>, slow: number[]): Promise<number> => {
  const path = await folder()
  const store = sqliteStore(join(path, 'calls.db'))
  const tracker = await createTracker({ project: 'bench', user: 'ada', store, adapters, deliver: false })
  const session = await tracker.start({ goal: 'Stop double charging' })
  const start = performance.now()
  for (let n = 1; n <= EACH; n++) {
    const from = performance.now()
    await session.update(`Step ${n}: reproduced with two parallel webhooks`, { progress: n % 100 })
    slow.push(performance.now() - from)
  }
  const ms = performance.now() - start
  await tracker.close()
  await rm(path, { recursive: true })
  return ms
}

/** One durable append: event and one delivery for each adapter, level `process`, one caller. */
export const append = async (): Promise<readonly Row[]> => {
  const adapters = benchAdapters()
  const rows: Row[] = []
  for (const count of [2, adapters.length].filter((each, n, all) => all.indexOf(each) === n)) {
    const names = adapters.slice(0, count).map(each => each.name)
    const slow: number[] = []
    const result = await compare(
      ROUNDS,
      () => commits(names, slow),
      () => floor(names),
    )
    const p99 = percentile(slow, 0.99)
    rows.push({
      ...result,
      what: `append: one event with ${count} deliveries, 1,000 times`,
      unit: 'ms',
      bound: 'ratio ≥ 0.6, p99 < 20 ms',
      holds: result.ratio >= 0.6 && p99 < 20,
      note: `p99 ${p99.toFixed(2)} ms`,
    })
    const whole: number[] = []
    const called = await compare(
      ROUNDS,
      () => calls(adapters.slice(0, count), whole),
      () => floor(names),
    )
    rows.push({
      ...called,
      what: `session.update() of ${count} adapters, checked, planned and stored, 1,000 times`,
      unit: 'ms',
      bound: 'median < 2 ms, p99 < 20 ms each',
      holds: percentile(whole, 0.5) < 2 && percentile(whole, 0.99) < 20,
      note: `median ${percentile(whole, 0.5).toFixed(3)} ms, p99 ${percentile(whole, 0.99).toFixed(2)} ms`,
    })
  }
  return rows
}
