import assert from 'node:assert/strict'
import { INIT_LANE } from '../session/events.ts'
import type { Commit } from '../store/contract.ts'
import {
  type Cases,
  call,
  card,
  create,
  event,
  expectRefusal,
  incoming,
  LANE,
  record,
  summary,
  TOOL,
} from './store-suite-ground.ts'

const init = (id: string, text: string): Commit => ({
  events: [{ ...event(INIT_LANE, 1, id), sessionId: INIT_LANE }],
  lanes: [
    {
      adapter: TOOL,
      lane: INIT_LANE,
      open: { refs: {} },
      deliveries: [incoming(call(`${id}/tool/0`, { payload: { text } }))],
    },
  ],
})

/** Cases of recording. */
export const recordingCases: Cases = {
  'writes a session, its event and its deliveries at once, and reads them back': async ({ store }) => {
    assert.equal(await store.load(LANE), undefined)
    assert.deepEqual(await store.events(LANE), [])
    const placed = await store.commit(
      record(LANE, 1, { refs: { tool: { issue: 'BIL-212' } } }, [
        {
          adapter: TOOL,
          lane: LANE,
          open: { refs: { issue: 'BIL-212' }, target: 'team BIL' },
          through: { from: 0, to: 1 },
          deliveries: [incoming(create('k1')), incoming(card('k2'))],
        },
        { adapter: 'graph', lane: LANE, open: { refs: {} }, through: { from: 0, to: 1 }, deliveries: [] },
      ]),
    )
    assert.deepEqual(placed, [
      { key: 'k1', state: 'waiting', position: 1, replaced: [] },
      { key: 'k2', state: 'waiting', position: 2, replaced: [] },
    ])
    assert.deepEqual(await store.load(LANE), {
      summary: summary(LANE, 1, { refs: { tool: { issue: 'BIL-212' } } }),
      lanes: [
        { adapter: 'graph', lane: LANE, through: 1, sent: {}, refs: {} },
        { adapter: TOOL, lane: LANE, through: 1, sent: {}, refs: { issue: 'BIL-212' }, target: 'team BIL' },
      ],
    })
    assert.deepEqual(await store.events(LANE), [event(LANE, 1)])
  },
  'refuses a commit on another revision, and writes nothing of it': async ({ store }) => {
    await store.commit(record(LANE, 1))
    const lanes = [{ adapter: TOOL, lane: LANE, open: { refs: {} }, deliveries: [incoming(call('late'))] }]
    for (const revision of [1, 3])
      await expectRefusal('VERSION_CONFLICT', () => store.commit(record(LANE, revision, {}, lanes)))
    assert.deepEqual((await store.load(LANE))?.summary, summary(LANE, 1))
    assert.deepEqual(await store.list({}), [])
    assert.equal((await store.events(LANE)).length, 1)
  },
  'refuses a plan from another event, and writes nothing of it': async ({ store, plan }) => {
    await plan([], { through: { from: 0, to: 4 } })
    await expectRefusal('VERSION_CONFLICT', () =>
      store.commit(
        record(LANE, 1, {}, [
          { adapter: TOOL, lane: LANE, through: { from: 3, to: 5 }, deliveries: [incoming(call('k1'))] },
        ]),
      ),
    )
    assert.equal(await store.load(LANE), undefined)
    assert.deepEqual(await store.list({}), [])
    await plan([], { through: { from: 4, to: 5 } })
  },
  'reads events after a sequence, in order, however many': async ({ store }) => {
    const many = Array.from({ length: 600 }, (_, n) => event(LANE, n + 1))
    await store.commit({ session: { summary: summary(LANE, 600), expected: 0 }, events: many, lanes: [] })
    assert.deepEqual(await store.events(LANE), many)
    assert.deepEqual(await store.events(LANE, 598), many.slice(598))
    assert.deepEqual(await store.events(LANE, 600), [])
  },
  'ignores an init event it knows, with all it plans': async ({ store, states }) => {
    await store.commit(init('i1', 'one'))
    const [again] = await store.commit(init('i1', 'another'))
    assert.deepEqual(again, { key: 'i1/tool/0', state: 'waiting', position: 1, replaced: [], known: true })
    await store.commit(init('i2', 'two'))
    assert.deepEqual(
      (await store.events(INIT_LANE)).map(({ id }) => id),
      ['i1', 'i2'],
    )
    assert.deepEqual(await states(INIT_LANE), ['i1/tool/0 waiting', 'i2/tool/0 waiting'])
  },
  'finds sessions by what is asked, newest first': async ({ store }) => {
    const start = (hour: number) => ({ startedAt: `2026-01-01T0${hour}:00:00.000Z` })
    await store.commit(record('a', 1, start(1)))
    await store.commit(record('b', 1, { ...start(3), project: 'shop' }))
    await store.commit(record('c', 1, { ...start(2), user: 'other', status: 'completed' }))
    await store.commit({
      events: [],
      lanes: [{ adapter: TOOL, lane: 'c', open: { refs: {} }, deliveries: [] }],
    })
    const find = async (filter: Parameters<typeof store.sessions>[0]) =>
      (await store.sessions(filter)).map(({ id }) => id)
    assert.deepEqual(await find({}), ['b', 'c', 'a'])
    assert.deepEqual(await find({ project: 'billing' }), ['c', 'a'])
    assert.deepEqual(await find({ user: 'other' }), ['c'])
    assert.deepEqual(await find({ status: 'active' }), ['b', 'a'])
    assert.deepEqual(await find({ withoutLane: TOOL }), ['b', 'a'])
    assert.deepEqual(await find({ withoutLane: 'unheard of' }), ['b', 'c', 'a'])
    assert.deepEqual(await find({ limit: 1 }), ['b'])
    assert.deepEqual(await find({ project: 'billing', limit: 1 }), ['c'])
    assert.deepEqual(await find({ project: 'none' }), [])
  },
  'skips a key it knows with the same content, whatever became of it': async ({ plan, deliver, states }) => {
    await plan([create('k1')])
    await deliver({ thread: 'T' })
    await plan([card('k2')])
    await plan([card('k3')])
    const again = await plan([create('k1'), card('k2'), card('k3'), call('k4')])
    assert.deepEqual(again, [
      { key: 'k1', state: 'delivered', position: 1, replaced: [], known: true },
      { key: 'k2', state: 'replaced', position: 2, replaced: [], known: true },
      { key: 'k3', state: 'waiting', position: 3, replaced: [], known: true },
      { key: 'k4', state: 'waiting', position: 4, replaced: [] },
    ])
    assert.deepEqual(await states(), ['k1 delivered', 'k2 replaced', 'k3 waiting', 'k4 waiting'])
  },
  'keeps the trace of a descriptor, and knows the same call of another trace': async ({
    plan,
    find,
    one,
  }) => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const traced = call('k1', { traceparent })
    await plan([traced])
    assert.deepEqual((await find('k1')).descriptor, traced)
    const again = { key: 'k1', state: 'waiting', position: 1, replaced: [], known: true }
    assert.deepEqual(await plan([call('k1')]), [again])
    assert.deepEqual(await plan([call('k1', { traceparent: traceparent.replace('b7', 'c7') })]), [again])
    assert.deepEqual((await find('k1')).descriptor, traced)
    assert.deepEqual((await one()).delivery.descriptor, traced)
  },
  'refuses a known key with other content by name, and writes nothing of it': async ({ store, plan }) => {
    await plan([call('k1')])
    const other = incoming(call('k1', { payload: { text: 'another' } }))
    const lanes = [{ adapter: TOOL, lane: LANE, deliveries: [incoming(call('k0')), other] }]
    const message = await expectRefusal('STORE', () => store.commit(record(LANE, 1, {}, lanes)))
    assert.match(message, /k1/)
    assert.equal(await store.load(LANE), undefined)
    assert.equal((await store.list({})).length, 1)
  },
  'skips the second of two alike in one commit': async ({ plan, states }) => {
    assert.deepEqual(await plan([call('k1'), call('k1'), call('k2')]), [
      { key: 'k1', state: 'waiting', position: 1, replaced: [] },
      { key: 'k1', state: 'waiting', position: 1, replaced: [], known: true },
      { key: 'k2', state: 'waiting', position: 2, replaced: [] },
    ])
    assert.deepEqual(await states(), ['k1 waiting', 'k2 waiting'])
  },
  'keeps the place of a hook that threw, and fills it when it is planned again': async ({
    plan,
    find,
    keys,
    states,
  }) => {
    const threw = { key: 'k1', action: 'start', via: 'execute', sequence: 1, holds: true } as const
    assert.deepEqual(await plan([{ ...threw, reason: 'no title' }, call('k2')]), [
      { key: 'k1', state: 'dead', position: 1, replaced: [] },
      { key: 'k2', state: 'waiting', position: 2, replaced: [] },
    ])
    const dead = await find('k1')
    assert.equal(dead.reason, 'no title')
    assert.equal(dead.descriptor, undefined)
    assert.deepEqual(await keys(), [])
    assert.deepEqual(await plan([create('k1')]), [{ key: 'k1', state: 'waiting', position: 1, replaced: [] }])
    const filled = await find('k1')
    assert.equal(filled.reason, undefined)
    assert.deepEqual(filled.descriptor, create('k1'))
    assert.equal(filled.action, 'create')
    assert.deepEqual(await states(), ['k1 waiting', 'k2 waiting'])
    assert.deepEqual(await keys(), ['k1'])
  },
  'keeps what it was given, whatever the caller does to that later': async ({ store, plan, find }) => {
    const payload = { text: 'before' }
    const metadata = { step: 'before' }
    await plan([call('k1', { payload })])
    await store.commit(record(LANE, 1, { metadata }))
    payload.text = 'after'
    metadata.step = 'after'
    assert.deepEqual((await find('k1')).descriptor, call('k1', { payload: { text: 'before' } }))
    assert.deepEqual((await store.load(LANE))?.summary.metadata, { step: 'before' })
  },
  'keeps any text': async ({ plan, find, keys, store }) => {
    const text = `quote ' " \\ line\n\u2028 null \\u0000 emoji 👩‍🚒 right to left \u05D0 ${'x'.repeat(70_000)}`
    await plan([call(`k'1 "é 👩‍🚒`, { payload: { text } })], { lane: `l'1 "é` })
    assert.deepEqual((await find(`k'1 "é 👩‍🚒`)).descriptor?.key, `k'1 "é 👩‍🚒`)
    assert.deepEqual(await keys(), [`k'1 "é 👩‍🚒`])
    const [found] = await store.list({ lane: `l'1 "é` })
    assert.deepEqual(found?.descriptor, call(`k'1 "é 👩‍🚒`, { payload: { text } }))
  },
  'refuses every call after it was closed, and closes twice': async ({ other }) => {
    const store = await other()
    await store.counts()
    await store.close()
    await store.close()
    await expectRefusal('CLOSED', () => store.load(LANE))
    await expectRefusal('CLOSED', () => store.commit(record(LANE, 1)))
  },
  'names the sessions without an event, and how their writer stands': async ({ store, other, vanish }) => {
    const at = (minute: number) => ({ lastEventAt: `2026-01-01T00:0${minute}:00.000Z` })
    const before = Date.parse('2026-01-01T00:05:00.000Z')
    const [dying, closing] = [await other(), await other()]
    await dying.commit(record('a', 1, at(1)))
    await dying.commit(record('late', 1, at(6)))
    await dying.commit(record('over', 1, { ...at(1), status: 'completed' }))
    await dying.commit(record('went on', 1, at(1)))
    await closing.commit(record('b', 1, at(2)))
    await store.commit(record('c', 1, at(1)))
    const writers = async () =>
      Object.fromEntries((await store.orphans(before)).map(({ id, writer }) => [id, writer]))
    const living = 'living'
    assert.deepEqual(await writers(), { a: living, 'went on': living, b: living, c: living })
    await vanish(dying)
    await closing.close()
    await store.commit(record('went on', 2, at(2)))
    assert.deepEqual(await writers(), { a: 'vanished', 'went on': living, b: 'closed', c: living })
    await store.commit({
      session: { summary: summary('b', 2, { ...at(3), status: 'abandoned' }), expected: 1 },
      events: [],
      lanes: [],
    })
    assert.deepEqual(await writers(), { a: 'vanished', 'went on': living, c: living })
  },
}
