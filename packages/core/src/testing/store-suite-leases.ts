import assert from 'node:assert/strict'
import type { Claim } from '../delivery/model.ts'
import {
  asking,
  type Cases,
  call,
  card,
  create,
  incoming,
  LANE,
  request,
  TOOL,
} from './store-suite-ground.ts'

const LEASE = 60_000

/** Cases of attempts that never report. */
export const leaseCases: Cases = {
  'gives again, without doubt, what was never begun': async ({ plan, one, clock, find, keys }) => {
    await plan([create('k1')])
    const first = await one()
    clock.advance(LEASE - 1)
    assert.deepEqual(await keys(), [])
    clock.advance(1)
    const second = await one()
    assert.equal(second.delivery.attempts, 2)
    assert.equal(second.delivery.doubtSince, undefined)
    assert.notEqual(second.delivery.token, first.delivery.token)
    assert.equal((await find('k1')).exposed, undefined)
  },
  'doubts what was begun and never reported': async ({ plan, one, begin, clock, find }) => {
    await plan([create('k1')])
    const { delivery } = await one()
    assert.equal(await begin({ delivery, refs: {}, pausedMs: 0 }), true)
    assert.equal((await find('k1')).state, 'begun')
    clock.advance(LEASE + 500)
    const second = await one()
    assert.equal(second.delivery.doubtSince, delivery.leaseUntil)
    assert.equal(second.delivery.exposed, true)
    assert.equal(second.delivery.unreported, 1)
  },
  'waits with a safe call whose attempt never reported, and sends it again': async ({
    plan,
    one,
    clock,
    claim,
    find,
  }) => {
    await plan([card('k1', { payload: {} })])
    const { delivery } = await one()
    clock.advance(LEASE)
    const again = delivery.leaseUntil + 30_000
    assert.deepEqual(await claim({ afterMs: 30_000 }), { claims: [], nextDueAt: again })
    const waiting = await find('k1')
    assert.deepEqual(
      [waiting.state, waiting.exposed, waiting.doubtSince, waiting.token],
      ['waiting', true, undefined, undefined],
    )
    clock.advance(30_000)
    assert.equal((await one()).delivery.attempts, 2)
  },
  'keeps for a person what may not be repeated, unless its adapter repeats it': async ({
    plan,
    claim,
    store,
    clock,
    find,
    keys,
  }) => {
    await plan([call('k1'), call('k2')])
    await plan([call('r1', { onDoubt: 'repeat' })], { lane: 's-2' })
    const { claims } = await claim()
    await store.begin(claims.map(({ delivery: { key, token } }) => ({ key, token })))
    clock.advance(LEASE)
    assert.deepEqual(await keys({ afterMs: 0 }), ['k2', 'r1'])
    const dead = await find('k1')
    assert.deepEqual([dead.state, dead.doubtSince], ['dead', clock.now()])
    assert.ok(dead.reason)
  },
  'gives up after three attempts in a row that never reported': async ({
    plan,
    one,
    begin,
    settle,
    clock,
    find,
    keys,
  }) => {
    await plan([create('k1')])
    for (const unreported of [1, 2]) {
      await begin(await one())
      clock.advance(LEASE)
      assert.equal((await one()).delivery.unreported, unreported)
      clock.advance(LEASE)
    }
    // A look-up that reports says nothing about the call.
    const third = await one()
    const { attempts } = third.delivery
    const again = { state: 'waiting', dueAt: clock.now(), doubtSince: clock.now() } as const
    await settle(third, { ...again, attempts: attempts - 1 })
    assert.equal((await find('k1')).unreported, 2)
    await settle(await one(), { ...again, attempts })
    assert.equal((await find('k1')).unreported, 0)
    for (let n = 0; n < 3; n++) {
      await begin(await one())
      clock.advance(LEASE)
    }
    assert.deepEqual(await keys(), [])
    const dead = await find('k1')
    assert.deepEqual([dead.state, dead.unreported, dead.doubtSince === undefined], ['dead', 3, false])
  },
  'takes over at once from a process that vanished': async ({
    plan,
    other,
    one,
    begin,
    vanish,
    clock,
    keys,
  }) => {
    const dying = await other()
    await plan([create('k1')])
    await plan([call('k2')], { lane: 's-2' })
    const { claims } = await dying.claim(request())
    assert.equal(claims.length, 2)
    assert.equal(await begin(claims[0] as never, dying), true)
    clock.advance(1_000)
    assert.deepEqual(await keys(), [])
    await vanish(dying)
    const taken = await one({ adapters: [asking(TOOL, { room: 1 })] })
    assert.equal(taken.delivery.key, 'k1')
    assert.equal(taken.delivery.doubtSince, clock.now())
    assert.deepEqual(await keys(), ['k2'])
  },
  'takes over at once from a store that was closed': async ({ plan, other, keys }) => {
    const closing = await other()
    await plan([create('k1')])
    assert.deepEqual(await keys({}, closing), ['k1'])
    assert.deepEqual(await keys(), [])
    await closing.close()
    assert.deepEqual(await keys(), ['k1'])
  },
  'frees of a silent worker only what surely did not leave': async ({
    plan,
    other,
    silence,
    begin,
    claim,
    keys,
    find,
    clock,
  }) => {
    if (silence === undefined) return
    const quiet = await other()
    await plan([create('claimed')], { lane: 's-1' })
    await plan([create('begun')], { lane: 's-2' })
    await plan([card('safe', { payload: {} })], { lane: 's-3' })
    const { claims } = await claim({}, quiet)
    await begin(claims.find(({ delivery }) => delivery.key === 'begun') as Claim, quiet)
    assert.deepEqual(await keys(), [])
    await silence(quiet)
    assert.deepEqual(await keys(), ['claimed'])
    assert.equal(await begin(claims[0] as Claim, quiet), false)
    assert.deepEqual([(await find('begun')).state, (await find('safe')).state], ['begun', 'claimed'])
    clock.advance(LEASE)
    assert.deepEqual(await keys(), ['claimed', 'begun'])
  },
  'lets nothing begin whose lease is lost': async ({ plan, one, begin, store, find, clock }) => {
    await plan([create('k1')])
    const claim = await one()
    assert.deepEqual(
      await store.begin([
        { key: 'k1', token: 'another' },
        { key: 'unknown', token: claim.delivery.token },
        { key: 'k1', token: claim.delivery.token },
      ]),
      [false, false, true],
    )
    assert.equal(await begin(claim), true)
    clock.advance(LEASE)
    assert.equal(await begin(claim), false)
    await one()
    assert.equal(await begin(claim), false)
    assert.equal((await find('k1')).state, 'claimed')
  },
  'writes nothing for a token that was lost': async ({ plan, one, settle, store, find, clock }) => {
    await plan([create('k1')])
    const late = await one()
    clock.advance(LEASE)
    assert.equal(await settle(late, { state: 'waiting', reason: 'late but not lost' }), true)
    const lost = await one()
    clock.advance(LEASE)
    const held = await one()
    const before = await find('k1')
    assert.equal(await settle(lost, { captures: { thread: 'T' }, gone: 'gone' }), false)
    assert.deepEqual(await find('k1'), before)
    assert.deepEqual(await store.listCaptures(LANE), [])
    assert.equal(await settle(held, { captures: { thread: 'T' } }), true)
    assert.equal(await settle(held, { captures: { thread: 'U' } }), false)
    assert.equal(await settle(held, { key: 'unknown' }), false)
    assert.equal((await store.listCaptures(LANE))[0]?.value, 'T')
  },
  'counts what is held where the lane was stopped by another one that was held': async ({
    plan,
    one,
    settle,
    find,
    store,
    keys,
    clock,
  }) => {
    await plan([card('k1', { payload: {} })])
    const first = await one()
    await plan([create('k2')], { recreate: { dropping: [] } })
    const second = await one()
    assert.deepEqual([first.delivery.key, second.delivery.key], ['k1', 'k2'])
    assert.equal(await settle(first, { state: 'dead', reason: 'gone', gone: 'card deleted' }), true)
    assert.deepEqual((await store.counts())[0]?.states, { claimed: 1, dead: 1 })
    clock.advance(LEASE)
    assert.deepEqual(await keys(), [])
    assert.equal((await find('k2')).state, 'waiting')
  },
  'takes a lease of another process for over when it runs out': async ({ plan, other, keys, clock }) => {
    const second = await other()
    await plan([create('k1')])
    assert.deepEqual(await keys({ lease: { baseMs: 20_000, readMs: 0 } }, second), ['k1'])
    clock.advance(19_999)
    assert.deepEqual(await keys(), [])
    clock.advance(1)
    assert.deepEqual(await keys(), ['k1'])
  },
  'lets only a report end a delivery that was taken by hand': async ({ plan, store, settle, find }) => {
    await plan([incoming(call('k1'), { via: 'handoff' })])
    const [taken] = await store.take(TOOL, 1)
    assert.ok(taken)
    assert.equal(await settle(taken), false)
    assert.deepEqual(await store.begin([{ key: 'k1', token: taken.delivery.token }]), [false])
    assert.equal((await find('k1')).state, 'begun')
  },
  'keeps what one under way captured, before it is settled': async ({ plan, one, begin, settle, store }) => {
    await plan([create('k1'), card('k2')])
    // It waits: nothing of it can have been captured.
    await store.capture('k1', { thread: 'early' })
    await store.capture('unknown', { thread: 'of none' })
    assert.deepEqual(await store.listCaptures(LANE), [])
    const claim = await one()
    await begin(claim)
    await store.capture('k1', { thread: 'T', address: 'https://service.test/1' })
    await store.capture('k1', { thread: 'later' })
    const own = { adapter: TOOL, lane: LANE, key: 'k1' }
    const kept = [
      { ...own, name: 'address', value: 'https://service.test/1' },
      { ...own, name: 'thread', value: 'T' },
    ]
    assert.deepEqual(await store.listCaptures(LANE), kept)
    assert.equal(await settle(claim, { captures: { thread: 'of the answer' } }), true)
    assert.deepEqual(await store.listCaptures(LANE), kept)
    assert.deepEqual((await one()).refs, { thread: 'T' })
  },
  'forgets what one captured that is dropped in the end': async ({ plan, one, begin, settle, store }) => {
    await plan([create('k1')])
    const claim = await one()
    await begin(claim)
    await store.capture('k1', { thread: 'T' })
    await settle(claim, { state: 'dead', reason: 'gave up' })
    assert.equal((await store.listCaptures(LANE)).length, 1)
    await store.move(['k1'], { kind: 'drop' })
    assert.deepEqual(await store.listCaptures(LANE), [])
  },
}
