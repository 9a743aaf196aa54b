import { createTracker } from '@sessionwire/core'
import type { Commit, Store } from '@sessionwire/core/store'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { migrate, postgresStore } from '../src/index.ts'
import { freshDatabase } from './command.ts'
import { blockWith } from './page.ts'
import { openStore } from './places.ts'
import { asking, delivered, post, update } from './story.ts'

/** A database with the role that the page gives to programs that only record; a store of the role, and one of the owner. */
const recordingRole = async () => {
  const { url, name, pool } = await freshDatabase()
  await migrate({ url })
  const role = `${name}_record`
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(`CREATE ROLE ${role} LOGIN`)
  onTestFinished(async () => {
    await admin.query(`DROP OWNED BY ${role}`)
    await admin.query(`DROP ROLE ${role}`)
    await admin.end()
  })
  for (const statement of blockWith('sql', 'TO record').split(/;\s*/))
    if (statement.trim() !== '') await pool.query(statement.replace(/ TO record$/, ` TO ${role}`))
  const own = new URL(url)
  own.username = role
  const recorder = openStore({ url: own.href }, { migrate: false })
  const owner = openStore({ url }, { migrate: false })
  onTestFinished(async () => {
    await recorder.close()
    await owner.close()
  })
  return { recorder, owner, pool, role, url: own.href }
}

const card = (key: string): Commit['lanes'][number] => {
  const { descriptor, ...rest } = post(key)
  const coalesce = { name: 'card' }
  return {
    ...{ adapter: 'tool', lane: 's', open: { refs: {} } },
    deliveries: [{ ...rest, descriptor: { ...descriptor, coalesce } as NonNullable<typeof descriptor> }],
  }
}

test('the role that records: commits, cards that take the place of others, the lane of an adapter, and no more rows than these', async () => {
  const { recorder, owner } = await recordingRole()
  await recorder.commit(update('s', 1))
  await recorder.commit({ ...update('s', 2), lanes: [card('first')] })
  expect(await recorder.commit({ ...update('s', 3), lanes: [card('second')] })).toEqual([
    { key: 'second', state: 'waiting', position: 3, replaced: ['first'] },
  ])
  const setUp = (keys: readonly string[]): Commit => ({
    events: [],
    lanes: [{ adapter: 'tool', lane: 'init', open: { refs: {} }, deliveries: keys.map(post) }],
  })
  await recorder.commit(setUp(['set-up']))
  await recorder.commit(setUp(['set-up', 'set-up more']))
  const recreate = { refs: {}, dropping: [] }
  await recorder.commit({ ...update('s', 4), lanes: [{ ...card('third'), recreate }] } as unknown as Commit)
  expect((await recorder.load('s'))?.lanes.map(({ adapter, through }) => [adapter, through])).toEqual([
    ['tool', 1],
  ])
  expect((await recorder.sessions({})).map(({ id }) => id)).toEqual(['s'])
  expect(await recorder.orphans(0)).toEqual([])
  // A worker of another role delivers what it recorded.
  const { claims } = await owner.claim(asking())
  expect(claims.map(({ delivery }) => delivery.key)).toEqual(['set-up'])
  expect(await owner.settle(claims.map(delivered))).toEqual([true])
})

type Refused = Readonly<Record<string, (store: Store) => Promise<unknown>>>

/** What the role may not do, each with what the server refuses first. */
const REFUSED: Refused = {
  'function claim_1': store => store.claim(asking()),
  'function take_1': store => store.take('tool', 1),
  'function begin_1': store => store.begin([{ key: 's-1-tool', token: 'mine' }]),
  'function settle_1': store =>
    store.settle([
      {
        ...{ key: 's-1-tool', token: 'mine', state: 'delivered', attempts: 1, misses: 0, dueAt: 0 },
        ...{ doubtSince: null, reason: null, rejected: null },
      },
    ]),
  'function draw_1': store =>
    store.draw([{ adapter: 'tool', limit: 'calls', rate: { count: 1, perMs: 1_000 } }]),
  'table gates': store => store.unpause('tool'),
  'table denials': store => store.pauses(),
  'table messages': store => store.messages({}),
  'table words': store => store.search({ text: 'charging' } as never),
}

test('the role that records cannot deliver, pause or read messages, and is told what to grant', async () => {
  const { recorder, owner } = await recordingRole()
  await recorder.commit(update('s', 1))
  for (const [what, act] of Object.entries(REFUSED))
    await expect(act(recorder), what).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringMatching(
        new RegExp(`permission denied for ${what} \\(42501\\)\\. Grant the role what docs/guide/`),
      ),
    })
  expect((await owner.list({})).map(({ key, state }) => [key, state])).toEqual([['s-1-tool', 'waiting']])
})

test('the role that records cannot prune, erase, move, or change what was recorded', async () => {
  const { recorder, url } = await recordingRole()
  await recorder.commit(update('s', 1))
  for (const act of [
    () => recorder.prune(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    () => recorder.erase('s', { summary: {} as never, events: [], keys: [] }),
    () => recorder.move(['s-1-tool'], { kind: 'drop' } as never),
  ])
    await expect(act()).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringMatching(/permission denied .* \(42501\)\. Grant the role/),
    })
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  onTestFinished(() => pool.end())
  for (const text of [
    `UPDATE sessionwire.events SET body = '{}'`,
    'DELETE FROM sessionwire.events',
    'DELETE FROM sessionwire.sessions',
    'SELECT content FROM sessionwire.messages',
    'DELETE FROM sessionwire.messages',
    'SELECT * FROM sessionwire.conversation',
    'UPDATE sessionwire.deliveries SET attempts = 0',
    `UPDATE sessionwire.migrations SET version = 9`,
    'CREATE TABLE sessionwire.mine (name text)',
  ])
    await expect(pool.query(text)).rejects.toMatchObject({ code: '42501' })
})

test('a tracker of the role that records: a session of its own; one of another process once it may read messages', async () => {
  const { url, pool, role } = await recordingRole()
  const open = async () => {
    const store = postgresStore({ url }, { migrate: false })
    const tracker = await createTracker({
      ...{ project: 'billing', user: 'fixer', adapters: [], deliver: false, store },
    })
    onTestFinished(() => tracker.close())
    return tracker
  }
  const tracker = await open()
  const session = await tracker.start({ goal: 'Stop double charging' })
  await session.update('The lock is held twice')
  await session.message('user', 'why do we see a double charge?')
  const other = (await open()).session(session.id)
  const refusal = /permission denied for table messages \(42501\)/
  await expect(other.update('Found by another process')).rejects.toThrow(refusal)
  await expect(tracker.events(session.id)).rejects.toThrow(refusal)
  await pool.query(`GRANT SELECT ON sessionwire.messages TO ${role}`)
  await other.update('Found by another process')
  await session.close({ summary: 'One lock was enough' })
  const { rows } = await pool.query('SELECT status, revision FROM sessionwire.sessions')
  expect(rows).toEqual([{ status: 'completed', revision: 5 }])
  const events = await tracker.events(session.id)
  expect(events.map(({ type }) => type)).toEqual(['start', 'update', 'message', 'update', 'close'])
})
