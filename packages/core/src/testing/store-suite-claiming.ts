import assert from 'node:assert/strict'
import type { Delivery } from '../delivery/model.ts'
import { INIT_LANE } from '../session/events.ts'
import { asking, type Cases, call, card, create, incoming, LANE, TOOL } from './store-suite-ground.ts'

const paced = { payload: {}, coalesce: { name: 'card', everyMs: 5_000 } }
const HOUR = 3_600_000

/** Whose turn it is. */
export const claimingCases: Cases = {
  'gives the head of each lane, and nothing behind it': async ({ plan, keys, claim }) => {
    await plan([call('a1'), call('a2')])
    await plan([call('b1')], { lane: 's-2' })
    await plan([call('c1')], { adapter: 'graph' })
    assert.deepEqual(await keys(), ['a1', 'b1'])
    assert.deepEqual((await claim()).claims, [])
    assert.deepEqual(await keys({ adapters: [asking('graph', { room: 1 })] }), ['c1'])
    assert.deepEqual(await keys({ adapters: [asking('unheard of', { room: 1 })] }), [])
  },
  'counts the attempt, dates the first, and gives token and lease': async ({
    plan,
    one,
    settle,
    clock,
    find,
  }) => {
    await plan([call('k1')])
    clock.advance(1_000)
    const at = clock.now()
    const { delivery, pausedMs } = await one({ lease: { baseMs: 90_000, readMs: 5 } })
    const { token, owner, ...rest } = delivery as Delivery
    assert.ok(token !== undefined && token !== '' && owner !== undefined && owner !== '')
    assert.equal(pausedMs, 0)
    assert.deepEqual(rest, {
      key: 'k1',
      adapter: TOOL,
      lane: LANE,
      position: 1,
      rank: 1,
      action: 'post',
      descriptor: call('k1'),
      via: 'execute',
      state: 'claimed',
      sequence: 1,
      holds: false,
      attempts: 1,
      misses: 0,
      unreported: 0,
      plannedAt: at - 1_000,
      firstAt: at,
      clockAt: at,
      pausedBefore: 0,
      dueAt: at - 1_000,
      leaseUntil: at + 90_000,
    })
    assert.deepEqual(await find('k1'), delivery)
    await settle({ delivery, refs: {}, pausedMs }, { state: 'waiting', dueAt: at + 500, reason: 'busy' })
    clock.advance(500)
    const second = (await one()).delivery
    assert.equal(second.attempts, 2)
    assert.equal(second.firstAt, at)
    assert.notEqual(second.token, token)
  },
  'passes dead deliveries that no other needs, and stops at needed ones': async ({
    plan,
    keys,
    settle,
    one,
  }) => {
    await plan([incoming(card('p1'), { via: 'preview' }), call('p2')])
    assert.deepEqual(await keys(), ['p2'])
    await plan([incoming(create('q1'), { via: 'preview' }), call('q2')], { lane: 's-2' })
    assert.deepEqual(await keys(), [])
    await plan([call('r1'), call('r2')], { lane: 's-3' })
    await settle(await one(), { state: 'dead', reason: 'no' })
    assert.deepEqual(await keys(), ['r2'])
    await plan([create('t1'), call('t2')], { lane: 's-4' })
    await settle(await one(), { state: 'dead', reason: 'no' })
    assert.deepEqual(await keys(), [])
  },
  'waits behind a head that is not due, and says until when': async ({
    plan,
    one,
    settle,
    claim,
    keys,
    clock,
  }) => {
    await plan([call('k1'), call('k2')])
    await settle(await one(), { state: 'waiting', dueAt: clock.now() + 4_000, reason: 'busy' })
    const { claims, nextDueAt } = await claim()
    assert.deepEqual(claims, [])
    assert.equal(nextDueAt, clock.now() + 4_000)
    clock.advance(3_999)
    assert.deepEqual(await keys(), [])
    clock.advance(1)
    assert.deepEqual(await keys(), ['k1'])
  },
  'says nothing of a next time when nothing waits': async ({ plan, claim, deliver }) => {
    assert.deepEqual(await claim(), { claims: [] })
    await plan([call('k1')])
    await deliver()
    assert.deepEqual(await claim(), { claims: [] })
  },
  'paces a name after its last delivery, but not in a hurry': async ({
    plan,
    deliver,
    claim,
    keys,
    clock,
  }) => {
    await plan([card('k1', paced), card('x1', { ...paced, coalesce: { name: 'other', everyMs: 5_000 } })])
    await deliver()
    await deliver()
    const sentAt = clock.now()
    clock.advance(1_000)
    await plan([card('k2', paced)])
    assert.deepEqual(await claim(), { claims: [], nextDueAt: sentAt + 5_000 })
    clock.advance(3_999)
    assert.deepEqual(await keys(), [])
    clock.advance(1)
    assert.deepEqual(await keys(), ['k2'])
    await plan([card('y1', paced), card('y2', { ...paced, coalesce: { name: 'other' } })], { lane: 's-2' })
    await deliver()
    await deliver()
    await plan([card('y3', paced)], { lane: 's-2' })
    assert.deepEqual(await keys(), [])
    assert.deepEqual(await keys({ hurry: true }), ['y3'])
  },
  'waits for its own time even in a hurry': async ({ plan, deliver, one, settle, claim, clock }) => {
    await plan([card('k1', paced)])
    await deliver()
    await plan([card('k2', paced)])
    await settle(await one({ hurry: true }), { state: 'waiting', dueAt: clock.now() + 2_000, reason: 'busy' })
    assert.deepEqual(await claim({ hurry: true }), {
      claims: [],
      nextDueAt: clock.now() + 2_000,
    })
    assert.deepEqual(await claim(), { claims: [], nextDueAt: clock.now() + 5_000 })
  },
  'gives what was due first, first, and no more than there is room for': async ({
    plan,
    keys,
    claim,
    clock,
  }) => {
    for (const lane of ['s-3', 's-1', 's-2']) {
      await plan([call(lane)], { lane })
      clock.advance(1)
    }
    assert.deepEqual(await keys({ adapters: [asking(TOOL, { room: 0 })] }), [])
    assert.deepEqual(await keys({ adapters: [asking(TOOL, { room: 2 })] }), ['s-3', 's-1'])
    assert.deepEqual((await claim()).claims[0]?.delivery.key, 's-2')
  },
  'gives the refs a delivery names, linked ones first': async ({ plan, one, settle }) => {
    const both = { payload: { a: { $ref: 'thread' }, b: { $ref: 'issue' }, c: { $ref: 'none' } } }
    await plan([create('k1'), create('k2', 'issue'), call('k3', both)], {
      open: { refs: { issue: 'BIL-212', unused: 'x' } },
    })
    await plan([call('k4')], { open: { refs: { issue: 'another' } } })
    const first = await one()
    assert.deepEqual(first.refs, {})
    await settle(first, { captures: { thread: { ts: 1 } } })
    const second = await one()
    assert.deepEqual(second.refs, { issue: 'BIL-212' })
    await settle(second, { captures: { issue: 'ignored' } })
    assert.deepEqual((await one()).refs, { thread: { ts: 1 }, issue: 'BIL-212' })
  },
  'moves no lane but the adapter’s own while that has anything to do': async ({
    plan,
    keys,
    one,
    settle,
    store,
  }) => {
    await plan([call('k1')])
    await plan([call('i1'), call('i2')], { lane: INIT_LANE })
    await plan([call('g1')], { adapter: 'graph' })
    const first = await one()
    assert.equal(first.delivery.key, 'i1')
    assert.deepEqual(await keys(), [])
    assert.deepEqual(await keys({ adapters: [asking('graph', { room: 9 })] }), ['g1'])
    await settle(first, { state: 'dead', reason: 'no' })
    const second = await one()
    assert.equal(second.delivery.key, 'i2')
    await settle(second)
    assert.deepEqual(await keys(), [])
    await store.move(['i1'], { kind: 'drop' })
    assert.deepEqual(await keys(), ['k1'])
    await plan([incoming(call('i3'), { via: 'preview' })], { lane: INIT_LANE })
    await plan([call('k2')], { lane: 's-2' })
    assert.deepEqual(await keys(), ['k2'])
  },
  'takes a time too far away for one before the clock was set back': async ({
    other,
    plan,
    one,
    settle,
    keys,
    clock,
    claim,
  }) => {
    const day = 24 * HOUR
    await plan([call('k1')])
    await settle(await one(), { state: 'waiting', dueAt: clock.now() + day, reason: 'busy' })
    assert.equal((await claim()).nextDueAt, clock.now() + day)
    clock.advance(-HOUR)
    assert.deepEqual(await keys(), ['k1'])
    await plan([call('k2')], { lane: 's-2' })
    await one({ lease: { baseMs: day, readMs: 0 } }, await other())
    clock.advance(-HOUR)
    assert.deepEqual(await keys(), ['k2'])
  },
  'gives what is planned in a lane that was served before the clock was set back': async ({
    plan,
    one,
    settle,
    keys,
    clock,
  }) => {
    await plan([call('k1')])
    await settle(await one())
    clock.advance(-HOUR)
    await plan([call('k2')])
    assert.deepEqual(await keys(), ['k2'])
  },
  'leaves handoffs to the caller who takes them': async ({ plan, keys, store, find, clock, claim }) => {
    await plan([incoming(create('k1'), { via: 'handoff' }), call('k2')])
    await plan([incoming(call('m1'), { via: 'handoff' })], { lane: 's-2' })
    assert.deepEqual(await claim(), { claims: [] })
    clock.advance(50)
    const taken = await store.take(TOOL, 1)
    assert.equal(taken.length, 1)
    assert.equal(taken[0]?.delivery.key, 'k1')
    assert.deepEqual(taken[0]?.delivery.descriptor, create('k1'))
    const begun = await find('k1')
    assert.deepEqual(
      [begun.state, begun.attempts, begun.firstAt, begun.token, begun.leaseUntil],
      ['begun', 1, clock.now(), undefined, undefined],
    )
    assert.deepEqual(
      (await store.take(TOOL, 9)).map(({ delivery }) => delivery.key),
      ['m1'],
    )
    assert.deepEqual(await store.take(TOOL, 9), [])
    clock.advance(100 * HOUR)
    assert.deepEqual(await keys(), [])
    // A delivery that was not sent after all is given back, and taken again.
    await store.move(['k1'], { kind: 'retry', resend: true })
    assert.deepEqual(
      (await store.take(TOOL, 9)).map(({ delivery }) => delivery.key),
      ['k1'],
    )
    await store.move(['k1'], { kind: 'acknowledge', captures: { thread: 'T' } })
    assert.deepEqual(await keys(), ['k2'])
  },
}
