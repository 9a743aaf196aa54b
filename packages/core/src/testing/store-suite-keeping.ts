import assert from 'node:assert/strict'
import type { Pause } from '../delivery/model.ts'
import { INIT_LANE } from '../session/events.ts'
import { type Cases, call, card, create, incoming, LANE, record, TOOL } from './store-suite-ground.ts'

const pauseOf = (since: number, over: Partial<Pause> = {}): Pause => ({
  adapter: TOOL,
  kind: 'throttled',
  reason: '429',
  since,
  ...over,
})

/** Pauses, counting, finding, removing, and who was left alone. */
export const keepingCases: Cases = {
  'reports an unknown key, and makes up no state': async ({ plan, store }) => {
    await plan([call('k1')])
    for (const kind of ['release', 'retry', 'drop'] as const) {
      const [known, stranger, ...more] = await store.move(['k1', 'k2'], { kind })
      assert.equal(known?.asked, 'k1')
      const { refused, ...rest } = stranger ?? {}
      assert.deepEqual(rest, { key: 'k2', asked: 'k2' })
      assert.match(refused ?? '', /^unknown key k2/)
      assert.deepEqual(more, [])
    }
    const [stranger] = await store.move(['k2'], { kind: 'acknowledge', captures: {} })
    assert.equal(stranger?.state, undefined)
  },
  'gives nothing of a paused adapter until the pause ends': async ({ plan, store, claim, keys, clock }) => {
    await plan([call('k1')])
    const pause = pauseOf(clock.now(), { until: clock.now() + 3_000 })
    await store.pause(pause)
    assert.deepEqual(await store.pauses(), [pause])
    assert.deepEqual(await claim(), { claims: [], nextDueAt: clock.now() + 3_000 })
    clock.advance(3_000)
    assert.deepEqual(await store.pauses(), [pause])
    assert.deepEqual(await keys(), ['k1'])
  },
  'pauses without an end until a call ends it': async ({ plan, store, claim, clock }) => {
    await plan([call('k1')])
    await store.pause(pauseOf(clock.now(), { kind: 'denied', checkAt: clock.now() + 10 }))
    clock.advance(3_600_000)
    assert.deepEqual(await claim(), { claims: [] })
    await store.unpause('graph')
    await store.unpause(TOOL, 'post')
    assert.deepEqual((await claim()).claims, [])
    await store.unpause(TOOL)
    assert.deepEqual(await store.pauses(), [])
    const [claimed] = (await claim()).claims
    assert.equal(claimed?.pausedMs, 3_600_000)
    assert.equal(claimed?.delivery.pausedBefore, 3_600_000)
  },
  'pauses one limit and not the others': async ({ plan, store, keys, claim, clock }) => {
    await plan([call('a', { limit: 'post' })], { lane: 's-1' })
    await plan([call('b', { limit: 'read' })], { lane: 's-2' })
    await plan([call('c')], { lane: 's-3' })
    await store.pause(pauseOf(clock.now(), { limit: 'post', until: clock.now() + 1_000 }))
    assert.deepEqual(await keys(), ['b', 'c'])
    clock.advance(1_000)
    const [after] = (await claim()).claims
    assert.deepEqual([after?.delivery.key, after?.pausedMs], ['a', 1_000])
  },
  'adds up how long was paused, and keeps one pause of each kind of place': async ({
    plan,
    store,
    one,
    settle,
    clock,
  }) => {
    await plan([call('k1', { limit: 'post' })])
    const first = await one()
    await settle(first, { state: 'waiting', reason: 'busy' })
    await store.pause(pauseOf(clock.now(), { kind: 'down', checkAt: clock.now() + 100 }))
    const since = clock.now()
    clock.advance(400)
    await store.pause(pauseOf(since, { kind: 'down', checkAt: clock.now() + 100, checks: 1 }))
    assert.equal((await store.pauses()).length, 1)
    clock.advance(600)
    await store.pause(pauseOf(clock.now(), { limit: 'post', until: clock.now() + 50 }))
    await store.unpause(TOOL)
    clock.advance(100)
    const second = await one()
    assert.equal(second.pausedMs, 1_050)
    assert.deepEqual([second.delivery.pausedBefore, second.delivery.clockAt], [0, first.delivery.clockAt])
  },
  'keeps a pause as long as it was asked for, and ends one that begins too far away to be meant': async ({
    plan,
    store,
    keys,
    clock,
  }) => {
    const day = 24 * 3_600_000
    await plan([call('k1')])
    await store.pause(pauseOf(clock.now(), { kind: 'asked', until: clock.now() + 2 * day }))
    clock.advance(2 * day - 1)
    assert.deepEqual(await keys(), [])
    clock.advance(-3 * day)
    assert.deepEqual(await keys(), ['k1'])
  },
  'counts by adapter and state': async ({ plan, one, settle, store, clock }) => {
    assert.deepEqual(await store.counts(), [])
    const at = clock.now()
    await plan([create('k1'), card('k2'), card('k3'), incoming(call('k4'), { via: 'preview' })])
    clock.advance(10)
    await plan([call('g1'), call('g2')], { adapter: 'graph' })
    await plan([], { adapter: 'graph', lane: 's-2' })
    const claim = await one()
    const more = { unmirrored: 0, foreign: 0 }
    assert.deepEqual(await store.counts(), [
      { adapter: 'graph', ...more, states: { waiting: 2 }, inDoubt: 0, oldestAt: at + 10, gone: 0, lanes: 2 },
      {
        adapter: TOOL,
        states: { claimed: 1, waiting: 1, replaced: 1, planned: 1 },
        inDoubt: 0,
        oldestAt: at,
        gone: 0,
        lanes: 1,
        ...more,
      },
    ])
    await settle(claim, { state: 'dead', reason: 'no', doubtSince: 1 })
    await store.move(['k3', 'k4'], { kind: 'drop' })
    assert.deepEqual((await store.counts())[1], {
      adapter: TOOL,
      states: { dead: 1, replaced: 1, dropped: 2 },
      inDoubt: 1,
      gone: 0,
      lanes: 1,
      ...more,
    })
    const mirrored = { adapter: TOOL, lane: 's-3', open: { refs: {} }, deliveries: [] }
    await store.commit(record('s-3', 1, {}, [mirrored]))
    await store.commit(record('s-4', 1, { status: 'completed', endedAt: '2026-01-01T00:00:00.000Z' }))
    const countUnmirrored = async () =>
      (await store.counts({ none: '' })).map(each => [each.adapter, each.unmirrored])
    assert.deepEqual(await countUnmirrored(), [
      ['graph', 2],
      ['none', 2],
      [TOOL, 1],
    ])
    await store.prune(Date.UTC(2027, 0, 1), 0)
    assert.deepEqual(await countUnmirrored(), [
      ['graph', 1],
      ['none', 1],
      [TOOL, 0],
    ])
  },
  'lists what fits, by adapter, lane and position': async ({ plan, store, one, settle }) => {
    await plan([call('b1'), call('b2')], { lane: 's-2' })
    await settle(await one(), { state: 'dead', reason: 'no', doubtSince: 3 })
    await plan([call('a1'), incoming(call('a2'), { via: 'preview' }), call('a3')])
    await plan([call('g1')], { adapter: 'graph', lane: 's-2' })
    type Filter = Parameters<typeof store.list>[0]
    const find = async (filter: Filter) => (await store.list(filter)).map(({ key }) => key)
    const cases: readonly (readonly [Filter, readonly string[]])[] = [
      [{}, ['g1', 'a1', 'a2', 'a3', 'b1', 'b2']],
      [{ limit: 2 }, ['g1', 'a1']],
      [{ limit: 0 }, []],
      [{ adapter: TOOL }, ['a1', 'a2', 'a3', 'b1', 'b2']],
      [{ adapter: 'none' }, []],
      [{ lane: 's-2' }, ['g1', 'b1', 'b2']],
      [{ adapter: TOOL, lane: 's-2' }, ['b1', 'b2']],
      [{ lane: 's-9' }, []],
      [{ state: 'waiting' }, ['g1', 'a1', 'a3', 'b2']],
      [{ state: ['planned', 'dead'] }, ['a2', 'b1']],
      [{ state: ['dead'], lane: LANE }, []],
      [{ state: [] }, []],
      [{ state: 'dead', adapter: TOOL }, ['b1']],
      [{ inDoubt: true }, ['b1']],
      [{ inDoubt: false, state: 'dead' }, []],
      [{ inDoubt: false, adapter: TOOL, limit: 3 }, ['a1', 'a2', 'a3']],
      [{ keys: ['b2', 'a1', 'nobody', 'a1'] }, ['a1', 'b2']],
      [{ keys: ['b2', 'a1'], state: 'waiting', lane: 's-2' }, ['b2']],
      [{ keys: ['b1', 'a1'], inDoubt: true }, ['b1']],
      [{ keys: ['b2', 'a1'], limit: 1 }, ['a1']],
      [{ keys: [] }, []],
    ]
    for (const [filter, expected] of cases)
      assert.deepEqual(await find(filter), expected, JSON.stringify(filter))
  },
  'lists and counts long lanes whole': async ({ store, plan }) => {
    const keys = Array.from({ length: 700 }, (_, n) => `k${n}`)
    await plan(keys.map(key => incoming(call(key), { via: key.endsWith('00') ? 'preview' : 'execute' })))
    assert.deepEqual(
      (await store.list({ limit: 1_000 })).map(({ key }) => key),
      keys,
    )
    assert.deepEqual(
      (await store.list({ state: 'planned' })).map(({ key }) => key),
      ['k100', 'k200', 'k300', 'k400', 'k500', 'k600'],
    )
    assert.equal((await store.list({ keys, limit: 1_000 })).length, 700)
    assert.deepEqual((await store.counts())[0]?.states, { waiting: 694, planned: 6 })
  },
  'removes sessions that are over with everything settled, and direct calls': async ({
    store,
    plan,
    deliver,
    settle,
    one,
  }) => {
    const at = (iso: string) => Date.parse(iso)
    const ended = { status: 'completed', endedAt: '2026-01-02T00:00:00.000Z' } as const
    for (const id of ['done', 'busy', 'dead', 'fresh', 'open'])
      await store.commit(record(id, 1, id === 'open' ? {} : ended))
    await store.commit(record('fresh', 2, { ...ended, lastEventAt: '2026-01-09T00:00:00.000Z' }))
    await plan([create('d1'), card('d2'), card('d3')], { lane: 'done' })
    await deliver({ thread: 'T' })
    await deliver()
    await plan([call('x1')], { lane: 'dead' })
    await settle(await one(), { state: 'dead', reason: 'no' })
    await plan([call('direct')], { lane: 'direct' })
    await deliver()
    await plan([call('i1')], { lane: INIT_LANE })
    await deliver()
    await plan([call('b1')], { lane: 'busy' })
    const now = store.now()
    assert.deepEqual(await store.prune(at('2026-01-05T00:00:00.000Z'), now), {
      sessions: 1,
      deliveries: 4,
      messages: 0,
    })
    const ids = async () => (await store.sessions({})).map(({ id }) => id).sort()
    assert.deepEqual(await ids(), ['busy', 'dead', 'fresh', 'open'])
    assert.equal(await store.load('done'), undefined)
    assert.deepEqual(await store.events('done'), [])
    assert.deepEqual(await store.listCaptures('done'), [])
    assert.deepEqual(
      (await store.list({})).map(({ key }) => key),
      ['b1', 'x1', 'i1'],
    )
    assert.deepEqual(await store.prune(at('2026-01-05T00:00:00.000Z'), now + 1), {
      sessions: 1,
      deliveries: 1,
      messages: 0,
    })
    assert.deepEqual(await ids(), ['busy', 'fresh', 'open'])
    await store.commit(record('done', 1))
    assert.equal((await store.load('done'))?.summary.revision, 1)
    assert.equal((await store.events('done')).length, 1)
  },
  'removes with its session the deliveries behind a dead one, once all of them are old': async ({
    store,
    plan,
    settle,
    one,
    clock,
  }) => {
    const ended = { status: 'completed', endedAt: '2026-01-02T00:00:00.000Z' } as const
    const before = Date.parse('2026-01-05T00:00:00.000Z')
    await store.commit(record('stuck', 1, ended))
    await plan([create('c1')], { lane: 'stuck' })
    await settle(await one(), { state: 'dead', reason: 'no' })
    clock.advance(1_000)
    await plan([card('c2')], { lane: 'stuck' })
    const planned = store.now()
    assert.deepEqual(await store.prune(before, planned), {
      sessions: 0,
      deliveries: 0,
      messages: 0,
    })
    assert.deepEqual(await store.prune(before, planned + 1), {
      sessions: 1,
      deliveries: 2,
      messages: 0,
    })
    assert.deepEqual(await store.sessions({}), [])
  },
}
