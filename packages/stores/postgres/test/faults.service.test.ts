import { isTrackerError, type Store } from '@sessionwire/core/store'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { migrate, type Query } from '../src/index.ts'
import { openStore } from './places.ts'
import { type Cut, startProxy } from './proxy.ts'
import { freshSchema, SERVER } from './server.ts'
import { asking, delivered, post, statesOf, update } from './story.ts'

const opened = (store: Store): Store => {
  onTestFinished(() => store.close())
  return store
}

const codeOf = async (act: () => Promise<unknown>): Promise<readonly [code: string, message: string]> => {
  try {
    await act()
  } catch (thrown) {
    if (isTrackerError(thrown)) return [thrown.code, thrown.message]
    throw thrown
  }
  return ['none', '']
}

describe('a connection that is cut', () => {
  const CUTS: readonly Cut[] = ['before', 'half', 'answer']

  test('in a commit: each is stored once, and answers as new', async () => {
    const { schema } = await freshSchema()
    const proxy = await startProxy()
    const store = opened(openStore({ url: proxy.url, connections: 2 }, { schema }))
    await store.commit(update('s', 1))
    for (let revision = 2; revision <= 31; revision++) {
      proxy.arm('commit_1', CUTS[revision % 3] as Cut)
      expect(await store.commit(update('s', revision))).toEqual([
        { key: `s-${revision}-tool`, state: 'waiting', position: revision, replaced: [] },
      ])
    }
    expect(proxy.cuts()).toBe(30)
    expect((await store.events('s')).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 31 }, (_, n) => n + 1),
    )
    expect((await store.list({ lane: 's' })).map(({ position }) => position)).toEqual(
      Array.from({ length: 31 }, (_, n) => n + 1),
    )
    // Another writer's revision is still refused.
    expect((await codeOf(() => store.commit({ ...update('s', 31), events: [] })))[0]).toBe('VERSION_CONFLICT')
  })

  test('in a direct call and in a transaction of several statements: stored once', async () => {
    const { schema } = await freshSchema()
    const proxy = await startProxy()
    const store = opened(openStore({ url: proxy.url, connections: 2 }, { schema }))
    const call = (key: string) => {
      const { lanes } = update(key, 1)
      return { events: [], lanes: lanes.map(({ through: _, ...lane }) => lane) }
    }
    await store.commit(call('warm'))
    for (const [n, cut] of CUTS.entries()) {
      proxy.arm('commit_1', cut)
      expect((await store.commit(call(`d${n}`)))[0]).toEqual({
        ...{ key: `d${n}-1-tool`, state: 'waiting', position: 1, replaced: [] },
      })
    }
    for (const needle of ['record_1', 'COMMIT']) {
      proxy.arm(needle, 'answer')
      // `init` is planned by several statements.
      const [{ key = '' } = {}] = await store.commit({
        events: [],
        lanes: [{ adapter: 'tool', lane: 'init', open: { refs: {} }, deliveries: [post(`init-${needle}`)] }],
      })
      expect(key).toBe(`init-${needle}`)
    }
    expect(Object.keys(await statesOf(store)).length).toBe(6)
  })

  test('in a claim, a begin and a settle: nothing is given twice, and what was written is told', async () => {
    const { schema } = await freshSchema()
    const proxy = await startProxy()
    const store = opened(openStore({ url: proxy.url, connections: 2 }, { schema }))
    const beside = opened(openStore({ url: SERVER }, { schema }))
    const count = 12
    for (let n = 0; n < count; n++) await store.commit(update(`s${n}`, 1))
    const one = { adapters: [{ name: 'tool', target: '', room: 1, concurrency: 1_000, rates: {} }] }
    for (let n = 0; n < count; n++) {
      const cut = CUTS[n % 3] as Cut
      proxy.arm('claim_1', cut)
      const { claims } = await store.claim(asking(one))
      expect(claims.length).toBe(1)
      const [claim] = claims as [(typeof claims)[0]]
      const { key, token } = claim.delivery
      expect(
        (await beside.claim(asking({ ...one, worker: 'other', holding: [] }))).claims.map(
          each => each.delivery.key,
        ),
      ).not.toContain(key)
      await beside.claim(
        asking({ adapters: [{ ...one.adapters[0], room: 0 }] as never, worker: 'other', holding: [] }),
      )
      proxy.arm('begin_1', cut)
      expect(await store.begin([{ key, token }])).toEqual([true])
      proxy.arm('settle_1', cut)
      expect(await store.settle([delivered(claim)])).toEqual([true])
    }
    expect(proxy.cuts()).toBe(3 * count)
    expect(new Set(Object.values(await statesOf(store)))).toEqual(new Set(['delivered']))
  })
})

test('a pool without a free connection: an error that says so, and the store goes on afterwards', async () => {
  const { schema } = await freshSchema()
  const pool = new pg.Pool({ connectionString: SERVER, max: 1 })
  onTestFinished(() => pool.end())
  const store = opened(openStore({ pool }, { schema, awayMs: 0 }))
  await store.commit(update('s', 1))
  // From now on, and not while the first connection is made: a busy server takes longer for that.
  pool.options.connectionTimeoutMillis = 200
  const taken = await pool.connect()
  expect(await codeOf(() => store.commit(update('s', 2)))).toEqual([
    'STORE',
    expect.stringContaining('no connection of the pool became free'),
  ])
  taken.release()
  expect((await store.commit(update('s', 2))).length).toBe(1)
})

test('a session that sits in a transaction all the while: everything works', async () => {
  const { schema, pool } = await freshSchema()
  const store = opened(openStore({ url: SERVER }, { schema }))
  await store.commit(update('s0', 1))
  const idle = await pool.connect()
  onTestFinished(() => idle.release())
  await idle.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
  await idle.query(`SELECT count(*) FROM ${schema}.heads`)
  for (let n = 1; n < 60; n++) await store.commit(update(`s${n}`, 1))
  let done = 0
  while (done < 60) {
    const { claims } = await store.claim(
      asking({ adapters: [{ name: 'tool', target: '', room: 7, concurrency: 50, rates: {} }] }),
    )
    expect(claims.length).toBeGreaterThan(0)
    expect(await store.settle(claims.map(delivered))).toEqual(claims.map(() => true))
    done += claims.length
  }
  await idle.query('COMMIT')
  expect((await store.counts())[0]?.states).toEqual({ delivered: 60 })
})

test('deadlocks and serialization failures: the verb is tried again', async () => {
  const { schema, pool } = await freshSchema()
  await migrate({ url: SERVER }, { schema })
  let failures = 0
  const query: Query = async (text, values) => {
    const verb = /(commit|claim|begin|settle)_1/.exec(text)?.[0]
    if (verb !== undefined && failures++ % 3 !== 2)
      throw Object.assign(new Error('deadlock detected'), { code: failures % 2 === 0 ? '40P01' : '40001' })
    return pool.query(text, [...values])
  }
  const store = opened(openStore({ query, transaction: run => run(query) }, { schema, migrate: false }))
  await store.commit(update('s', 1))
  const { claims } = await store.claim(asking())
  expect(await store.begin(claims.map(({ delivery: { key, token } }) => ({ key, token })))).toEqual([true])
  expect(await store.settle(claims.map(delivered))).toEqual([true])
  expect(failures).toBe(12)
})

test('a database whose transactions are serializable is refused', async () => {
  const { schema } = await freshSchema()
  const url = `${SERVER}?options=${encodeURIComponent('-c default_transaction_isolation=serializable')}`
  const store = opened(openStore({ url }, { schema }))
  expect(await codeOf(() => store.identity())).toEqual(['STORE', expect.stringContaining('read committed')])
})

test('a statement that takes longer than the role may: an error that says so, and nothing is half written', async () => {
  const { schema, pool } = await freshSchema()
  const url = `${SERVER}?options=${encodeURIComponent('-c statement_timeout=2000')}`
  const store = opened(openStore({ url }, { schema, migrate: false }))
  const first = opened(openStore({ url: SERVER }, { schema }))
  await first.commit(update('s', 1))
  const locking = await pool.connect()
  onTestFinished(() => locking.release())
  await locking.query('BEGIN')
  await locking.query(`SELECT 1 FROM ${schema}.heads FOR UPDATE`)
  expect(await codeOf(() => store.commit(update('s', 2)))).toEqual([
    'STORE',
    expect.stringContaining('statement_timeout'),
  ])
  await locking.query('ROLLBACK')
  expect((await store.events('s')).length).toBe(1)
  expect((await store.commit(update('s', 2))).length).toBe(1)
})
