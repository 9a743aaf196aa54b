import assert from 'node:assert/strict'
import { type Cases, call, card, create, incoming, LANE, summary, TOOL } from './store-suite-ground.ts'

const kept = { payload: {}, coalesce: { name: 'state', keep: true } }

/** Cases of settlements, and of moves by hand. */
export const settlingCases: Cases = {
  'writes what was delivered, what it captured, and goes on': async ({
    plan,
    one,
    begin,
    settle,
    find,
    store,
    clock,
    keys,
  }) => {
    await plan([create('k1'), card('k2')])
    const claim = await one()
    await begin(claim)
    clock.advance(700)
    assert.equal(await settle(claim, { captures: { thread: 'T' }, reason: null }), true)
    const done = await find('k1')
    assert.deepEqual(
      [done.state, done.settledAt, done.token, done.leaseUntil, done.owner, done.reason],
      ['delivered', clock.now(), undefined, undefined, undefined, undefined],
    )
    assert.deepEqual(await store.listCaptures(LANE), [
      { adapter: TOOL, lane: LANE, name: 'thread', value: 'T', key: 'k1' },
    ])
    const second = await one()
    assert.deepEqual(second.refs, { thread: 'T' })
    await settle(second)
    assert.deepEqual((await store.load(LANE)) === undefined, true)
    assert.deepEqual(await keys(), [])
  },
  'remembers of each name when it was last delivered': async ({ plan, deliver, store, clock }) => {
    await store.commit({
      session: { summary: summary(LANE, 1), expected: 0 },
      events: [],
      lanes: [],
    })
    await plan([card('k1', { payload: {} }), call('k2')])
    await deliver()
    const at = clock.now()
    clock.advance(10)
    await deliver()
    assert.deepEqual((await store.load(LANE))?.lanes[0]?.sent, { card: { at, rank: 1, key: 'k1' } })
  },
  'writes doubt, reason and due time, and takes them back': async ({
    plan,
    one,
    settle,
    begin,
    find,
    clock,
  }) => {
    await plan([create('k1')])
    const at = clock.now()
    const first = await one()
    await settle(first, {
      state: 'waiting',
      dueAt: at + 9,
      doubtSince: at + 5,
      reason: 'lost the answer',
      exposed: true,
      misses: 2,
      rejected: 'said no',
    })
    const doubtful = await find('k1')
    assert.deepEqual(
      [doubtful.state, doubtful.dueAt, doubtful.doubtSince, doubtful.reason, doubtful.exposed],
      ['waiting', at + 9, at + 5, 'lost the answer', true],
    )
    assert.deepEqual([doubtful.misses, doubtful.rejected, doubtful.attempts], [2, 'said no', 1])
    clock.advance(10)
    const second = await one()
    assert.equal(second.delivery.doubtSince, at + 5)
    assert.equal(await begin(second), true)
    assert.equal((await find('k1')).doubtSince, undefined)
    await settle(second, { state: 'waiting', attempts: 1, dueAt: clock.now() })
    const sure = await find('k1')
    assert.deepEqual(
      [sure.doubtSince, sure.reason, sure.rejected, sure.exposed, sure.misses, sure.attempts],
      [undefined, undefined, undefined, true, 0, 1],
    )
  },
  'stops a lane whose card was deleted': async ({ plan, one, settle, keys, find, store, claim }) => {
    await plan([card('k1', { payload: {} }), call('k2')])
    await settle(await one(), { state: 'dead', reason: '404', gone: 'card deleted' })
    assert.deepEqual([(await find('k1')).state, (await find('k1')).reason], ['dead', '404'])
    assert.deepEqual(await keys(), [])
    assert.equal((await claim()).nextDueAt, undefined)
    assert.equal((await store.counts())[0]?.gone, 1)
  },
  'writes several at once, each by its own token': async ({ plan, claim, store, clock, states }) => {
    await plan([call('a')], { lane: 's-1' })
    await plan([call('b')], { lane: 's-2' })
    const { claims } = await claim()
    const rest = {
      attempts: 1,
      dueAt: clock.now(),
      doubtSince: null,
      reason: null,
      misses: 0,
      rejected: null,
    }
    const [a, b] = claims.map(({ delivery: { key, token } }) => ({ key, token, ...rest }))
    assert.ok(a !== undefined && b !== undefined)
    assert.deepEqual(
      await store.settle([
        { ...a, state: 'delivered' },
        { ...b, token: a.token, state: 'delivered' },
        { ...b, state: 'dead', reason: 'no' },
      ]),
      [true, false, true],
    )
    assert.deepEqual([...(await states('s-1')), ...(await states('s-2'))], ['a delivered', 'b dead'])
    assert.deepEqual([await store.settle([]), await store.begin([])], [[], []])
  },
  'releases what was planned, in its old place, and asks for what it needs': async ({
    plan,
    store,
    states,
    keys,
    deliver,
  }) => {
    const preview = (each: Parameters<typeof incoming>[0]) => incoming(each, { via: 'preview' })
    await plan([preview(create('k1')), preview(card('k2')), call('k3')])
    const [refusal] = await store.move(['k2'], { kind: 'release' })
    assert.deepEqual([refusal?.key, refusal?.asked, refusal?.state], ['k2', 'k2', 'planned'])
    assert.match(refusal?.refused ?? '', /k1/)
    assert.deepEqual(await states(), ['k1 planned', 'k2 planned', 'k3 waiting'])
    assert.deepEqual(await store.move(['k2', 'k1'], { kind: 'release' }), [
      { key: 'k2', asked: 'k2', state: 'waiting' },
      { key: 'k1', asked: 'k1', state: 'waiting' },
    ])
    assert.deepEqual(await keys(), ['k1'])
    await plan([preview(create('m1')), preview(card('m2'))], { lane: 's-2' })
    await store.move(['m1'], { kind: 'release' })
    await deliver({ thread: 'T' })
    assert.equal((await store.move(['m2'], { kind: 'release' }))[0]?.state, 'waiting')
    const [again] = await store.move(['m1'], { kind: 'release' })
    assert.equal(again?.state, 'delivered')
    assert.ok(again?.refused)
  },
  'answers for a replaced one with who stands in its place, and refuses what it does not know': async ({
    plan,
    store,
    states,
  }) => {
    await plan([card('k1'), card('k2'), card('k3')])
    for (const how of [
      { kind: 'release' },
      { kind: 'retry' },
      { kind: 'acknowledge', captures: {} },
    ] as const)
      assert.deepEqual(await store.move(['k1'], how), [{ key: 'k3', asked: 'k1', state: 'replaced' }])
    assert.ok((await store.move(['k1'], { kind: 'drop' }))[0]?.refused)
    const [unknown] = await store.move(['nobody'], { kind: 'retry' })
    assert.equal(unknown?.asked, 'nobody')
    assert.match(unknown?.refused ?? '', /nobody/)
    assert.deepEqual(await states(), ['k1 replaced', 'k2 replaced', 'k3 waiting'])
  },
  'retries what is dead, in its old place, with its doubt': async ({
    plan,
    one,
    settle,
    store,
    find,
    keys,
    clock,
  }) => {
    await plan([create('k1'), call('k2')])
    await settle(await one(), {
      state: 'dead',
      reason: 'no',
      attempts: 7,
      doubtSince: 5,
      rejected: 'no',
      exposed: true,
    })
    const dead = await find('k1')
    clock.advance(100)
    assert.deepEqual(await store.move(['k1'], { kind: 'retry' }), [
      { key: 'k1', asked: 'k1', state: 'waiting' },
    ])
    const { reason: _, rejected: __, clockAt: ___, ...same } = dead
    assert.deepEqual(await find('k1'), { ...same, state: 'waiting', attempts: 0, dueAt: clock.now() })
    assert.deepEqual(await keys(), ['k1'])
    assert.ok((await store.move(['k2'], { kind: 'retry' }))[0]?.refused)
  },
  'retries what may not be repeated only when it is said that it did not happen': async ({
    plan,
    one,
    settle,
    store,
    find,
  }) => {
    await plan([call('k1')])
    await settle(await one(), { state: 'dead', reason: 'perhaps', doubtSince: 5 })
    assert.ok((await store.move(['k1'], { kind: 'retry' }))[0]?.refused)
    assert.equal((await find('k1')).state, 'dead')
    assert.equal((await store.move(['k1'], { kind: 'retry', resend: true }))[0]?.state, 'waiting')
    assert.equal((await find('k1')).doubtSince, undefined)
  },
  'replaces a dead one that a newer one of its name has overtaken': async ({
    plan,
    one,
    settle,
    deliver,
    store,
    find,
  }) => {
    const fail = async () => settle(await one(), { state: 'dead', reason: 'no' })
    await plan([card('k1', kept), card('k2', kept), card('k3', kept)])
    await fail()
    await fail()
    assert.deepEqual(await store.move(['k1'], { kind: 'retry' }), [
      { key: 'k3', asked: 'k1', state: 'replaced' },
    ])
    const old = await find('k1')
    assert.deepEqual([old.state, old.successor, old.descriptor], ['replaced', 'k3', undefined])
    await deliver()
    assert.deepEqual(await store.move(['k2'], { kind: 'retry' }), [
      { key: 'k3', asked: 'k2', state: 'replaced' },
    ])
    await plan([card('k4', kept)])
    await fail()
    assert.equal((await store.move(['k4'], { kind: 'retry' }))[0]?.state, 'waiting')
  },
  'retries a dead one although a newer one of its name is looked at': async ({
    plan,
    one,
    settle,
    store,
    states,
  }) => {
    await plan([card('k1')])
    await settle(await one(), { state: 'dead', reason: 'no' })
    await plan([incoming(card('k2'), { via: 'preview' })])
    assert.equal((await store.move(['k1'], { kind: 'retry' }))[0]?.state, 'waiting')
    assert.deepEqual(await states(), ['k1 waiting', 'k2 planned'])
  },
  'drops what is not under way': async ({ plan, one, store, find, keys, states, clock }) => {
    await plan([create('k1'), incoming(call('k2'), { via: 'preview' }), call('k3')])
    await one()
    assert.ok((await store.move(['k1'], { kind: 'drop' }))[0]?.refused)
    clock.advance(60_000)
    await plan([create('m1'), call('m2')], { lane: 's-2' })
    await store.move(['m1', 'k2'], { kind: 'drop' })
    assert.equal((await find('m1')).settledAt, clock.now())
    assert.deepEqual(await states('s-2'), ['m1 dropped', 'm2 waiting'])
    assert.deepEqual(await keys(), ['k1', 'm2'])
    assert.ok((await store.move(['m1'], { kind: 'drop' }))[0]?.refused)
    assert.ok((await store.move(['m1'], { kind: 'acknowledge', captures: { thread: 'T' } }))[0]?.refused)
  },
  'takes a word for what happened elsewhere, the first one only': async ({
    plan,
    one,
    settle,
    begin,
    store,
    find,
    keys,
  }) => {
    await plan([create('k1'), card('k2')])
    const claim = await one()
    await begin(claim)
    const acknowledge = (thread: string) => store.move(['k1'], { kind: 'acknowledge', captures: { thread } })
    const [incomplete] = await store.move(['k1'], { kind: 'acknowledge', captures: {} })
    assert.match(incomplete?.refused ?? '', /thread/)
    assert.deepEqual(await acknowledge('T'), [{ key: 'k1', asked: 'k1', state: 'delivered' }])
    assert.deepEqual(await acknowledge('U'), [{ key: 'k1', asked: 'k1', state: 'delivered' }])
    assert.equal(await settle(claim, { state: 'dead' }), false)
    assert.equal((await find('k1')).state, 'delivered')
    assert.equal((await store.listCaptures(LANE))[0]?.value, 'T')
    assert.deepEqual(await store.move(['k2'], { kind: 'acknowledge', captures: {} }), [
      { key: 'k2', asked: 'k2', state: 'delivered' },
    ])
    assert.deepEqual(await keys(), [])
    await plan([incoming(call('k3'), { via: 'preview' }), call('k4')])
    await settle(await one(), { state: 'dead', reason: 'perhaps', doubtSince: 5 })
    await store.move(['k3', 'k4'], { kind: 'acknowledge', captures: {} })
    assert.deepEqual(
      [(await find('k3')).state, (await find('k4')).state, (await find('k4')).doubtSince],
      ['delivered', 'delivered', undefined],
    )
  },
  'paces by what was acknowledged, too': async ({ plan, store, claim, clock }) => {
    const cardOf = (key: string) => card(key, { payload: {}, coalesce: { name: 'card', everyMs: 5_000 } })
    await plan([cardOf('k1'), call('k2')])
    await plan([card('k3', { payload: {}, coalesce: { name: 'card', everyMs: 5_000, keep: true } })])
    await store.move(['k3'], { kind: 'acknowledge', captures: {} })
    assert.equal((await claim()).nextDueAt, clock.now() + 5_000)
  },
}
