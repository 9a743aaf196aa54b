import assert from 'node:assert/strict'
import { type Cases, call, card, create, incoming, LANE } from './store-suite-ground.ts'

/** Where a delivery goes. */
export const placingCases: Cases = {
  'puts each at the end of its lane, in the state of its mode': async ({ plan, find, clock }) => {
    const placed = await plan([
      incoming(create('k1'), { sequence: 7 }),
      incoming(call('k2'), { via: 'preview' }),
      incoming(call('k3'), { via: 'handoff' }),
    ])
    assert.deepEqual(
      placed.map(({ key, state, position }) => [key, state, position]),
      [
        ['k1', 'waiting', 1],
        ['k2', 'planned', 2],
        ['k3', 'waiting', 3],
      ],
    )
    assert.deepEqual(await find('k1'), {
      key: 'k1',
      adapter: 'tool',
      lane: LANE,
      position: 1,
      rank: 1,
      action: 'create',
      descriptor: create('k1'),
      via: 'execute',
      state: 'waiting',
      sequence: 7,
      holds: true,
      attempts: 0,
      misses: 0,
      unreported: 0,
      plannedAt: clock.now(),
      pausedBefore: 0,
      dueAt: clock.now(),
    })
  },
  'gives a newer one the place of the first of its name, and empties all others': async ({
    plan,
    find,
    clock,
  }) => {
    await plan([create('k1'), card('k2'), call('k3')])
    clock.advance(10)
    const [placed] = await plan([card('k4')])
    assert.deepEqual(placed, { key: 'k4', state: 'waiting', position: 2, replaced: ['k2'] })
    const old = await find('k2')
    assert.equal(old.state, 'replaced')
    assert.equal(old.successor, 'k4')
    assert.equal(old.descriptor, undefined)
    assert.equal(old.position, 4)
    assert.equal(old.settledAt, clock.now())
    assert.equal((await find('k4')).rank, 4)
    const [third] = await plan([card('k5')])
    assert.deepEqual(third, { key: 'k5', state: 'waiting', position: 2, replaced: ['k4'] })
  },
  'keeps its own place when it needs a capture planned after that one': async ({ plan, states }) => {
    await plan([card('k1', { payload: {} }), create('k2')])
    assert.deepEqual(await plan([card('k3')]), [
      { key: 'k3', state: 'waiting', position: 3, replaced: ['k1'] },
    ])
    assert.deepEqual(await states(), ['k1 replaced', 'k2 waiting', 'k3 waiting'])
    const address = { payload: {}, endpoint: 'https://service.test/posts/{other}' }
    await plan([create('k4', 'other')])
    assert.deepEqual(await plan([card('k5', address)]), [
      { key: 'k5', state: 'waiting', position: 5, replaced: ['k3'] },
    ])
  },
  'replaces what is under way never, and what may have been applied only when it is due again': async ({
    plan,
    one,
    settle,
    states,
    clock,
  }) => {
    await plan([card('k1', { payload: {} })])
    const claim = await one()
    await plan([card('k2', { payload: {} })])
    assert.deepEqual(await states(), ['k1 claimed', 'k2 waiting'])
    await settle(claim, { state: 'waiting', exposed: true, dueAt: clock.now() + 5_000 })
    await plan([card('k3', { payload: {} })])
    assert.deepEqual(await states(), ['k1 waiting', 'k2 replaced', 'k3 waiting'])
    clock.advance(5_000)
    await plan([card('k4', { payload: {} })])
    assert.deepEqual(await states(), ['k1 replaced', 'k2 replaced', 'k3 replaced', 'k4 waiting'])
  },
  'replaces one that surely was not applied, and waits as long as it was to': async ({
    plan,
    one,
    settle,
    find,
    claim,
    clock,
  }) => {
    await plan([card('k1', { payload: {} })])
    const dueAt = clock.now() + 5_000
    await settle(await one(), { state: 'waiting', reason: '429', dueAt })
    await plan([card('k2', { payload: {} })])
    const next = await find('k2')
    assert.equal(next.dueAt, dueAt)
    assert.equal(next.attempts, 0)
    assert.equal((await find('k1')).state, 'replaced')
    assert.equal((await claim()).nextDueAt, dueAt)
  },
  'gives a state only the place of the last open one of its lane': async ({ plan, deliver, states }) => {
    const state = (key: string) => card(key, { payload: {}, coalesce: { name: 'state', place: 'after' } })
    await plan([state('k1'), state('k2')])
    assert.deepEqual(await states(), ['k1 replaced', 'k2 waiting'])
    await plan([call('k3'), state('k4')])
    assert.deepEqual(await states(), ['k1 replaced', 'k2 waiting', 'k3 waiting', 'k4 waiting'])
    const [placed] = await plan([state('k5')])
    assert.deepEqual(placed?.replaced, ['k4'])
    await deliver()
    await deliver()
    await plan([incoming(call('k6'), { via: 'preview' }), state('k7')])
    assert.deepEqual((await states()).slice(-4), ['k4 replaced', 'k5 waiting', 'k6 planned', 'k7 waiting'])
  },
  'keeps each of a name that says so': async ({ plan, states }) => {
    const kept = { payload: {}, coalesce: { name: 'state', keep: true } }
    await plan([card('k1', kept), card('k2', kept)])
    await plan([card('k3', { payload: {}, coalesce: { name: 'state' } })])
    assert.deepEqual(await states(), ['k1 waiting', 'k2 waiting', 'k3 waiting'])
  },
  'lets names and lanes alone that are others': async ({ plan, states }) => {
    await plan([card('k1'), card('k2', { coalesce: { name: 'state' } })])
    await plan([card('k3')], { lane: 's-2' })
    assert.deepEqual(await states(), ['k1 waiting', 'k2 waiting'])
    assert.deepEqual(await states('s-2'), ['k3 waiting'])
  },
  'puts a newer one at the end when nothing else stands behind, and leaves the old ones where they are':
    async ({ plan, find, keys }) => {
      await plan([create('k1'), card('k2')])
      assert.deepEqual(await plan([card('k3')]), [
        { key: 'k3', state: 'waiting', position: 3, replaced: ['k2'] },
      ])
      assert.deepEqual(await plan([call('k4'), card('k5')]), [
        { key: 'k4', state: 'waiting', position: 4, replaced: [] },
        { key: 'k5', state: 'waiting', position: 3, replaced: ['k3'] },
      ])
      const old = await find('k2')
      assert.deepEqual(
        [old.state, old.position, old.successor, old.descriptor],
        ['replaced', 2, 'k3', undefined],
      )
      assert.deepEqual([(await find('k3')).position, (await find('k5')).descriptor], [5, card('k5')])
      assert.deepEqual(await keys(), ['k1'])
    },
  'lets a preview replace previews only': async ({ plan, states }) => {
    const preview = (key: string) => incoming(card(key), { via: 'preview' })
    await plan([card('k1')])
    await plan([preview('k2')])
    await plan([preview('k3')])
    assert.deepEqual(await states(), ['k1 waiting', 'k2 replaced', 'k3 planned'])
    await plan([card('k4')])
    assert.deepEqual(await states(), ['k1 replaced', 'k2 replaced', 'k3 replaced', 'k4 waiting'])
  },
  'puts a newer one behind what is on its way, where the old one was a preview in front of it': async ({
    plan,
    one,
    keys,
    settle,
  }) => {
    const plain = { payload: {} }
    await plan([incoming(card('k1', plain), { via: 'preview' }), call('k2'), call('k3')])
    const claimed = await one()
    assert.equal(claimed.delivery.key, 'k2')
    assert.deepEqual(await plan([incoming(card('k4', plain), { via: 'preview' })]), [
      { key: 'k4', state: 'planned', position: 1, replaced: ['k1'] },
    ])
    assert.deepEqual(await plan([card('k5', plain)]), [
      { key: 'k5', state: 'waiting', position: 5, replaced: ['k4'] },
    ])
    assert.deepEqual(await keys(), [])
    await settle(claimed, { state: 'delivered' })
    assert.deepEqual(await keys(), ['k3'])
  },
  'replaces several in one commit': async ({ plan, states }) => {
    const placed = await plan([card('k1'), card('k2'), call('k3'), card('k4')])
    assert.deepEqual(placed.at(-1), { key: 'k4', state: 'waiting', position: 2, replaced: ['k2'] })
    assert.deepEqual(await states(), ['k1 replaced', 'k4 waiting', 'k3 waiting', 'k2 replaced'])
  },
  'starts a lane again before all that waits, without linked refs or captures': async ({
    plan,
    deliver,
    one,
    settle,
    keys,
    find,
    store,
    states,
  }) => {
    await plan([create('k1'), card('k2'), create('k3', 'link')], {
      open: { refs: { issue: 'A', home: 'H' } },
    })
    await deliver({ thread: 'T' })
    await settle(await one(), { state: 'dead', reason: 'deleted', gone: 'deleted' })
    assert.deepEqual(await keys(), [])
    assert.equal((await store.load(LANE))?.lanes[0]?.gone, undefined)
    const again = create('n1', 'thread', { payload: { in: { $ref: 'home' }, of: { $ref: 'issue' } } })
    const placed = await plan([again, card('n2')], { recreate: { dropping: ['k2', 'k9'] } })
    assert.deepEqual(
      placed.map(({ key, state }) => [key, state]),
      [
        ['n1', 'waiting'],
        ['n2', 'waiting'],
      ],
    )
    assert.deepEqual(await states(), ['n1 waiting', 'n2 waiting', 'k1 delivered', 'k2 dropped', 'k3 waiting'])
    assert.deepEqual(await store.listCaptures(LANE), [])
    const first = await one()
    assert.deepEqual(first.refs, {})
    assert.deepEqual((await store.load(LANE))?.lanes[0]?.refs ?? {}, {})
    await settle(first, { captures: { thread: 'T2' } })
    assert.deepEqual((await one()).refs, { thread: 'T2' })
    assert.equal((await find('n1')).rank, 4)
    await plan([create('m1'), card('m2')], { recreate: { dropping: [] } })
    assert.deepEqual((await states()).slice(0, 3), ['m1 waiting', 'm2 waiting', 'n1 delivered'])
  },
  'takes the refs of an item that is linked instead of the card': async ({ plan, one }) => {
    await plan([create('k1'), card('k2')], { open: { refs: { home: 'H' } } })
    await plan([call('n1', { payload: { of: { $ref: 'issue' } } })], {
      recreate: { dropping: ['k1', 'k2'], refs: { issue: 'ENG-1' } },
    })
    assert.deepEqual((await one()).refs, { issue: 'ENG-1' })
  },
  'forgets linked refs where a new card captures them': async ({ plan, one, settle, store }) => {
    await plan([card('k1')], { open: { refs: { thread: 'OLD' } } })
    await settle(await one(), { state: 'dead', reason: 'deleted', gone: 'deleted' })
    await plan([create('n1'), card('n2')], { recreate: { dropping: ['k1'] } })
    await settle(await one(), { captures: { thread: 'NEW' } })
    assert.deepEqual((await one()).refs, { thread: 'NEW' })
    assert.deepEqual(await store.listCaptures(LANE), [
      { adapter: 'tool', lane: LANE, name: 'thread', value: 'NEW', key: 'n1' },
    ])
  },
  'forgets what one captured whose place is taken': async ({ plan, one, settle, store }) => {
    const edit = (key: string) =>
      card(key, { payload: { text: key }, repeat: 'safe', captures: { at: '/at' } })
    await plan([edit('k1'), call('k2')])
    const claim = await one()
    await store.capture('k1', { at: 'early' })
    assert.equal((await store.listCaptures(LANE)).length, 1)
    await settle(claim, { state: 'waiting', reason: 'not applied after all' })
    await plan([edit('k3')])
    assert.deepEqual(
      (await store.list({ lane: LANE })).map(({ key, state }) => [key, state]),
      [
        ['k3', 'waiting'],
        ['k2', 'waiting'],
        ['k1', 'replaced'],
      ],
    )
    assert.deepEqual(await store.listCaptures(LANE), [])
  },
}
