import type { Store } from '@sessionwire/core/store'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { connect, migrate } from '../src/index.ts'
import { migrateSchema, VERSIONS } from '../src/migrate.ts'
import { BOUNCER, startBouncer } from './bouncer.ts'
import { openStore } from './places.ts'
import { freshSchema, SERVER } from './server.ts'
import { asking, delivered, statesOf, update } from './story.ts'

const CONTROL = process.env.TEST_POSTGRES_CONTROL

const tell = async (verb: string): Promise<string> => {
  const response = await fetch(`${CONTROL}/${verb}`, { method: 'POST' })
  const text = await response.text()
  if (!response.ok) throw new Error(`${verb}: ${text}`)
  return text
}

const opened = (store: Store): Store => {
  onTestFinished(() => store.close())
  return store
}

/** Records and delivers until it is told to stop; answers what was acknowledged. */
const work = (stores: readonly Store[], deliverer: Store) => {
  let over = false
  let calls = 0
  const committed: string[] = []
  const settled: string[] = []
  const failed: string[] = []
  const record = async (store: Store, name: string): Promise<void> => {
    for (let revision = 1; !over; revision++) {
      await store.commit(update(name, revision))
      committed.push(`${name}-${revision}-tool`)
      calls++
    }
  }
  const deliver = async (): Promise<void> => {
    const held = new Map<string, string>()
    while (!over) {
      const { claims } = await deliverer.claim(asking({ holding: [...held.keys()] }))
      const begun = await deliverer.begin(claims.map(({ delivery: { key, token } }) => ({ key, token })))
      const sent = claims.filter((_, n) => begun[n])
      const answers = await deliverer.settle(sent.map(delivered))
      for (const [n, { delivery }] of sent.entries()) if (answers[n]) settled.push(delivery.key)
      if (claims.length === 0) await new Promise(resolve => setTimeout(resolve, 10))
    }
  }
  const all = Promise.all(
    [...stores.map((store, n) => record(store, `s${n}`)), deliver()].map(each =>
      each.catch((thrown: Error) => failed.push(thrown.message)),
    ),
  )
  return {
    calls: () => calls,
    committed,
    settled,
    failed,
    end: async () => {
      over = true
      await all
    },
  }
}

const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await new Promise(resolve => setTimeout(resolve, 10))
}

if (CONTROL !== undefined)
  test('the server is stopped at once and started three times under load: nothing that was acknowledged is lost', async () => {
    const { schema } = await freshSchema()
    const open = (): Store => opened(openStore({ url: SERVER, connections: 4 }, { schema, awayMs: 300_000 }))
    const stores = [open(), open(), open(), open()]
    await stores[0]?.identity()
    const working = work(stores, open())
    for (let n = 1; n <= 3; n++) {
      await until(() => working.calls() >= n * 60 || working.failed.length > 0)
      await tell('stop')
      await tell('start')
    }
    await until(() => working.calls() >= 240 || working.failed.length > 0)
    await working.end()
    expect(working.failed).toEqual([])
    const states = await statesOf(stores[0] as Store)
    expect(working.committed.filter(key => states[key] === undefined)).toEqual([])
    expect(working.settled.filter(key => states[key] !== 'delivered')).toEqual([])
    for (let n = 0; n < 4; n++) {
      const events = await (stores[0] as Store).events(`s${n}`)
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, place) => place + 1))
    }
  })

if (CONTROL !== undefined)
  test('a standby refuses writes, and takes them once it is promoted', async () => {
    const { schema } = await freshSchema()
    const primary = opened(openStore({ url: SERVER }, { schema }))
    await primary.commit(update('s', 1))
    const url = await tell('standby')
    const hasty = opened(openStore({ url }, { schema, awayMs: 0 }))
    await expect(hasty.commit(update('s', 2))).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringContaining('takes no writes'),
    })
    const patient = opened(openStore({ url }, { schema, awayMs: 300_000 }))
    const waiting = patient.commit(update('s', 2))
    await tell('promote')
    expect((await waiting).map(({ key }) => key)).toEqual(['s-2-tool'])
    expect((await patient.events('s')).length).toBe(2)
    // The one that refused goes on too.
    expect((await hasty.commit(update('s', 3))).length).toBe(1)
  })

test('ten processes migrate at once: one does it', async () => {
  const { schema } = await freshSchema()
  const ends = await Promise.all(Array.from({ length: 10 }, () => migrate({ url: SERVER }, { schema })))
  expect(ends.filter(({ from }) => from === 0).length).toBe(1)
  expect(new Set(ends.map(({ to }) => to))).toEqual(new Set([VERSIONS.length]))
})

test('two versions work side by side while a migration runs', async () => {
  const { schema, pool } = await freshSchema()
  const open = (): Store => opened(openStore({ url: SERVER, connections: 3 }, { schema }))
  const stores = [open(), open()]
  await stores[0]?.identity()
  const working = work(stores, open())
  await until(() => working.calls() > 30)
  // What a next version may do: columns with defaults, tables and functions of their own.
  const next = `
ALTER TABLE @.deliveries ADD COLUMN colour text NOT NULL DEFAULT 'blue';
ALTER TABLE @.sessions ADD COLUMN place text;
CREATE TABLE @.colours (name text PRIMARY KEY);
CREATE FUNCTION @.begin_2(_now text, _starts text) RETURNS text LANGUAGE sql AS $$
  SELECT @.begin_1(_now, _starts)
$$;`
  const { connection } = connect({ pool: pool as never }, false)
  expect(await migrateSchema(connection, schema, [...VERSIONS, next])).toEqual({
    from: VERSIONS.length,
    to: VERSIONS.length + 1,
  })
  const before = working.calls()
  await until(() => working.calls() > before + 60 || working.failed.length > 0)
  // A store of the older version that is opened now works too, by hand as well.
  const late = open()
  await late.commit(update('late', 1))
  expect((await late.move(['late-1-tool'], { kind: 'drop' }))[0]?.state).toMatch(
    /dropped|delivered|begun|claimed/,
  )
  await working.end()
  expect(working.failed).toEqual([])
  expect(working.settled.length).toBeGreaterThan(0)
})

test('a role that may record and deliver needs no right to the schema', async () => {
  const { schema, pool } = await freshSchema()
  const role = `${schema}_worker`
  await migrate({ url: SERVER }, { schema })
  await pool.query(`DROP ROLE IF EXISTS ${role}`)
  await pool.query(`CREATE ROLE ${role} LOGIN`)
  onTestFinished(async () => {
    const again = new pg.Pool({ connectionString: SERVER, max: 1 })
    await again.query(`DROP OWNED BY ${role}`).catch(() => undefined)
    await again.query(`DROP ROLE IF EXISTS ${role}`)
    await again.end()
  })
  await pool.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`)
  await pool.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`)
  await pool.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO ${role}`)
  const url = new URL(SERVER)
  url.username = role
  const store = opened(openStore({ url: url.href }, { schema }))
  await store.commit(update('s', 1))
  const { claims } = await store.claim(asking())
  expect(await store.settle(claims.map(delivered))).toEqual([true])
  // It cannot make another one.
  const other = opened(openStore({ url: url.href }, { schema: `${schema}_other` }))
  await expect(other.identity()).rejects.toMatchObject({ code: 'STORE' })
})

test('two schemas on one server know nothing of each other', async () => {
  const first = await freshSchema()
  const second = await freshSchema()
  const one = opened(openStore({ url: SERVER }, { schema: first.schema }))
  const two = opened(openStore({ url: SERVER }, { schema: second.schema }))
  await one.commit(update('s', 1))
  expect(await two.load('s')).toBeUndefined()
  await two.commit(update('s', 1))
  expect(await one.identity()).not.toBe(await two.identity())
  expect((await two.claim(asking())).claims.length).toBe(1)
  expect((await one.claim(asking())).claims.length).toBe(1)
})

test('prepared statements: the same store, with named plans', async () => {
  const { schema, pool } = await freshSchema()
  const store = opened(openStore({ pool: pool as never }, { schema, prepared: true }))
  for (let revision = 1; revision <= 5; revision++) await store.commit(update('s', revision))
  const { claims } = await store.claim(asking())
  expect(await store.settle(claims.map(delivered))).toEqual([true])
})

// Where one was asked for, its absence is a failure.
if (BOUNCER !== undefined || process.env.POSTGRES_BOUNCER !== undefined)
  test('PgBouncer in transaction mode: twelve stores on four connections, every verb', async () => {
    const url = await startBouncer(BOUNCER ?? '')
    const { schema } = await freshSchema()
    const stores = Array.from({ length: 12 }, () => openStore({ url, connections: 2 }, { schema }))
    onTestFinished(async () => {
      for (const store of stores) await store.close()
    })
    await Promise.all(
      stores.map(async (store, n) => {
        for (let revision = 1; revision <= 10; revision++) await store.commit(update(`s${n}`, revision))
      }),
    )
    const deliver = async (store: (typeof stores)[0]): Promise<number> => {
      let done = 0
      for (;;) {
        const { claims, others = 0 } = await store.claim(
          asking({ adapters: [{ name: 'tool', target: '', room: 4, concurrency: 100, rates: {} }] }),
        )
        const begun = await store.begin(claims.map(({ delivery: { key, token } }) => ({ key, token })))
        expect(begun).toEqual(claims.map(() => true))
        done += (await store.settle(claims.map(delivered))).filter(Boolean).length
        if (claims.length === 0 && others === 0) return done
      }
    }
    const counts = await Promise.all(stores.map(deliver))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(120)
    const [store] = stores as [(typeof stores)[0]]
    expect(new Set(Object.values(await statesOf(store)))).toEqual(new Set(['delivered']))
    await store.pause({ adapter: 'tool', kind: 'asked', reason: 'test', since: store.now() })
    expect((await store.pauses()).length).toBe(1)
    await store.unpause('tool')
    expect((await store.counts())[0]?.states).toEqual({ delivered: 120 })
  })
