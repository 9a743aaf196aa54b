import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '@sessionwire/core/sqlite'
import type { Delivery, Store } from '@sessionwire/core/store'
import { expect, onTestFinished, test } from 'vitest'
import { inspect, migrate, moveFrom } from '../src/index.ts'
import { openStore } from './places.ts'
import { freshSchema, SERVER } from './server.ts'
import { asking, delivered, post, update } from './story.ts'

const opened = (store: Store): Store => {
  onTestFinished(() => store.close())
  return store
}

const message = (id: string, revision: number, content: string) => {
  const commit = update(id, revision, [])
  const [first] = commit.events
  return {
    ...commit,
    events: [{ ...first, type: 'message', payload: { role: 'user', content } }],
  } as typeof commit
}

/** A file with sessions in every state, and what was captured, sent, planned and erased. */
const fillFile = async (): Promise<Store> => {
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-move-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const store = opened(sqliteStore(join(folder, 'sessions.db')))
  for (let n = 0; n < 5; n++)
    for (let revision = 1; revision <= 4; revision++)
      await store.commit(update(`s${n}`, revision, ['tool', 'graph']))
  await store.commit(message('s0', 5, 'the content of a message'))
  await store.commit(message('s0', 6, 'erased'))
  const summary = (await store.load('s0'))?.summary
  if (summary === undefined) throw new Error('s0 is not stored')
  const [last] = (await store.events('s0')).slice(-1)
  await store.erase('s0', {
    summary,
    events: [{ ...last, erased: true, payload: { role: 'user', content: '' } } as never],
    keys: [],
  })
  const key = { eventId: 's1-e5', digest: 'd' }
  const keyed = update('s1', 5)
  await store.commit({ ...keyed, session: { ...keyed.session, key } as never })
  const card = (of: string) => {
    const { descriptor, ...rest } = post(of)
    return {
      ...rest,
      descriptor: { ...descriptor, coalesce: { name: 'card', everyMs: 5_000 }, captures: { id: '/id' } },
    } as never
  }
  await store.commit({
    events: [],
    lanes: [
      { adapter: 'tool', lane: 's2', deliveries: [card('c1'), card('c2')] },
      { adapter: 'tool', lane: 'init', open: { refs: {} }, deliveries: [{ ...post('p1'), via: 'preview' }] },
      { adapter: 'tool', lane: 'direct', open: { refs: { linked: 'X' } }, deliveries: [post('d1')] },
    ],
  })
  const { claims } = await store.claim(asking())
  await store.settle(
    claims.slice(0, 3).map(claim => ({ ...delivered(claim), captures: { id: claim.delivery.key } })),
  )
  await store.pause({ adapter: 'tool', limit: 'posts', kind: 'asked', reason: 'test', since: 1 })
  return store
}

/** Everything there is to see of a store, without what differs: who held it. */
const look = async (store: Store) => {
  const free = ({ token: _, owner: __, leaseUntil: ___, dueAt: ____, ...rest }: Delivery) => ({
    ...rest,
    state: rest.state === 'claimed' ? 'waiting' : rest.state,
  })
  const sessions = await store.sessions({ limit: 1_000 })
  const lanes = [...sessions.map(({ id }) => id), 'init', 'direct']
  return {
    identity: await store.identity(),
    sessions,
    loaded: await Promise.all(lanes.map(id => store.load(id))),
    events: await Promise.all(lanes.map(id => store.events(id))),
    captures: await Promise.all(lanes.map(lane => store.listCaptures(lane))),
    deliveries: (await store.list({ limit: 1_000 })).map(free),
    messages: await store.messages({}),
    key: await store.findKey('s1', 's1-e5'),
    pauses: await store.pauses(),
  }
}

test('a file moves into PostgreSQL whole, also when the copy was interrupted', async () => {
  const file = await fillFile()
  const { schema, pool } = await freshSchema()
  expect(await moveFrom(file, { url: SERVER }, { schema })).toEqual({
    ...{ sessions: 5, skipped: 0, others: 0, events: 23, deliveries: 45 },
  })
  const store = opened(openStore({ url: SERVER }, { schema }))
  const moved = await look(store)
  expect(moved).toEqual(await look(file))
  // Half of it again: what is there stays, what is missing comes.
  await pool.query(`DELETE FROM ${schema}.sessions WHERE session = 's3'`)
  for (const table of ['deliveries', 'heads', 'captures'])
    await pool.query(
      `DELETE FROM ${schema}.${table} WHERE lane IN (SELECT id FROM ${schema}.lanes WHERE lane = 's3')`,
    )
  await pool.query(`DELETE FROM ${schema}.lanes WHERE lane = 's3'`)
  expect(await moveFrom(file, { url: SERVER }, { schema })).toMatchObject({ sessions: 1, skipped: 4 })
  expect((await look(store)).deliveries).toEqual(moved.deliveries)
  // It goes on where the file stood.
  expect((await store.commit(update('s3', 5, ['tool', 'graph']))).map(({ position }) => position)).toEqual([
    5, 5,
  ])
  const given = (await store.claim(asking())).claims.map(({ delivery }) => delivery.key)
  expect(given.length).toBeGreaterThan(0)
  expect(new Set(given.map(key => key.replace(/-\d+-tool$/, ''))).size).toBe(given.length)
})

test('inspect names what is wrong, and nothing where nothing is', async () => {
  const { schema, pool } = await freshSchema()
  const codes = async () => (await inspect({ url: SERVER }, { schema })).findings.map(({ code }) => code)
  expect(await codes()).toContain('schema-missing')
  await migrate({ url: SERVER }, { schema })
  const store = opened(openStore({ url: SERVER }, { schema }))
  await store.commit(update('s', 1))
  const known = await codes()
  expect(
    known.filter(code => !['not-durable', 'idle-in-transaction', 'replication-slot', 'clock'].includes(code)),
  ).toEqual([])
  await pool.query(`UPDATE ${schema}.heads SET due = due - 3600000`)
  await store.commit({
    events: [],
    lanes: [{ adapter: 'tool', lane: 'x', deliveries: [{ ...post('p'), via: 'preview' }] }],
  })
  await pool.query(`UPDATE ${schema}.sessions SET writer = gen_random_uuid()`)
  await pool.query(`ALTER TABLE ${schema}.heads SET (autovacuum_enabled = false)`)
  const found = (await inspect({ url: SERVER }, { schema })).findings
  expect(
    found
      .map(({ code }) => code)
      .filter(code => !known.includes(code))
      .sort(),
  ).toEqual([...['attention', 'autovacuum', 'long-queue', 'silent-writers']])
  for (const { text, todo } of found) expect(text.length * todo.length).toBeGreaterThan(0)
})

test('the views and the backlog are plain SQL', async () => {
  const { schema, pool } = await freshSchema()
  const store = opened(openStore({ url: SERVER }, { schema }))
  await store.commit(update('s', 1))
  const recent = { ...message('s', 2, 'the lock is held twice'), lanes: [] }
  const at = new Date().toISOString()
  await store.commit({ ...recent, events: recent.events.map(event => ({ ...event, at })) })
  const { rows } = await pool.query(
    `SELECT session, title, role, content FROM ${schema}.conversation WHERE at > now() - interval '1 hour' ORDER BY at`,
  )
  expect(rows).toEqual([
    { session: 's', title: 'Stop double charging', role: 'user', content: 'the lock is held twice' },
  ])
  const found = await pool.query(
    `SELECT content FROM ${schema}.conversation WHERE found @@ websearch_to_tsquery('simple', 'lock twice')`,
  )
  expect(found.rows.length).toBe(1)
  expect((await pool.query(`SELECT ${schema}.backlog()::int AS n`)).rows).toEqual([{ n: 1 }])
  expect(
    (await pool.query(`SELECT adapter, state, count::int AS n FROM ${schema}.status ORDER BY 2`)).rows,
  ).toEqual([
    { adapter: 'tool', state: 'lanes', n: 1 },
    { adapter: 'tool', state: 'waiting', n: 1 },
  ])
})
