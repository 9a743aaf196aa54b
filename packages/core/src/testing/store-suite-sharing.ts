import assert from 'node:assert/strict'
import type { Claim } from '../delivery/model.ts'
import { INIT_LANE } from '../session/events.ts'
import { asking, type Cases, call, card, create, type Ground, request, TOOL } from './store-suite-ground.ts'

/** How several workers share the lanes and places of one adapter. */
export const sharingCases: Cases = {
  'writes what a claim brings along before it gives, and answers for each': async ({
    plan,
    one,
    find,
    store,
  }) => {
    await plan([create('k1'), card('k2')])
    const { delivery } = await one()
    const { key, token, attempts } = delivery
    const ended = {
      key,
      token,
      attempts,
      state: 'delivered',
      dueAt: 0,
      doubtSince: null,
      reason: null,
    } as const
    const settlement = { ...ended, misses: 0, rejected: null, captures: { thread: 'T' } }
    const claimed = await store.claim(
      request({ settlements: [settlement, { ...settlement, token: 'lost' }] }),
    )
    assert.deepEqual(claimed.settled, [true, false])
    assert.deepEqual(
      claimed.claims.map(({ delivery: { key }, refs }) => [key, refs]),
      [['k2', { thread: 'T' }]],
    )
    assert.equal((await find('k1')).state, 'delivered')
    assert.deepEqual((await store.claim(request({ settlements: [] }))).settled, [])
  },
  'begins with a claim what is sent before anything else': async ({ plan, one, begin, settle, find }) => {
    const before = [
      { call: { kind: 'http', method: 'GET', endpoint: 'http://x/' }, captures: { a: '/a' }, noun: 'x' },
    ] as const
    await plan([create('k1'), call('safe', { repeat: 'safe' }), call('reads', { before })])
    const begins = { adapters: [asking(TOOL, { begins: true })] }
    for (const [key, state] of [
      ['k1', 'begun'],
      ['safe', 'claimed'],
      ['reads', 'claimed'],
    ] as const) {
      const claim = await one(begins)
      assert.deepEqual([claim.delivery.key, claim.delivery.state], [key, state])
      assert.equal((await find(key)).state, state)
      // Nothing is lost by saying it again.
      assert.equal(await begin(claim), true)
      await settle(claim)
    }
  },
  'answers a commit that is sent twice as known': async ({ plan, find }) => {
    const given = [create('k1'), call('k2')]
    const [first, second] = await plan(given)
    assert.deepEqual([first?.known, second?.known], [undefined, undefined])
    assert.deepEqual(await plan(given), [
      { key: 'k1', state: 'waiting', position: 1, replaced: [], known: true },
      { key: 'k2', state: 'waiting', position: 2, replaced: [], known: true },
    ])
    assert.equal((await find('k2')).attempts, 0)
  },
  'lets no more calls run at once than all workers together may': async ({
    plan,
    other,
    claim,
    keys,
    settle,
  }) => {
    const second = await other()
    const adapters = [asking(TOOL, { concurrency: 2 })]
    for (const n of [1, 2, 3, 4]) await plan([call(`k${n}`)], { lane: `s-${n}` })
    assert.deepEqual(await keys({ adapters: [asking(TOOL, { concurrency: 2, room: 1 })] }), ['k1'])
    const { claims, others } = await claim({ adapters }, second)
    assert.deepEqual([claims.map(({ delivery }) => delivery.key), others], [['k2'], 1])
    assert.deepEqual(await keys({ adapters }), [])
    assert.equal(await settle(claims[0] as Claim, {}, second), true)
    assert.deepEqual(await keys({ adapters }), ['k3'])
    assert.deepEqual(await keys({ adapters }, second), [])
  },
  'gives a lane to one worker only, and different lanes to different ones': async ({
    plan,
    other,
    claim,
    keys,
  }) => {
    const second = await other()
    for (const n of [1, 2, 3, 4]) await plan([call(`k${n}`), call(`l${n}`)], { lane: `s-${n}` })
    assert.deepEqual(await keys({ adapters: [asking(TOOL, { room: 2 })] }), ['k1', 'k2'])
    const { claims, others } = await claim({}, second)
    assert.deepEqual([claims.map(({ delivery }) => delivery.key), others], [['k3', 'k4'], 2])
    assert.deepEqual(await keys(), [])
    // Two workers of one process are two as well.
    assert.deepEqual(await keys({ worker: 'b' }, second), [])
  },
  'keeps the last target of a lane that one commit gives two': async ({ plan, keys, store }) => {
    const open = (target: string) => ({ open: { refs: {}, target }, lane: INIT_LANE })
    await plan([call('k1')], open('mine'))
    await plan([call('k2')], { ...open('theirs'), recreate: { dropping: ['k1'], target: 'mine' } })
    assert.deepEqual(
      (await store.counts({ [TOOL]: 'mine' })).map(({ foreign }) => foreign),
      [0],
    )
    assert.deepEqual(await keys({ adapters: [asking(TOOL, { target: 'theirs' })] }), [])
    assert.deepEqual(await keys({ adapters: [asking(TOOL, { target: 'mine' })] }), ['k2'])
  },
  'gives a lane only to workers with the target it was opened for': async ({
    plan,
    keys,
    store,
    other,
    states,
  }) => {
    const second = await other()
    const of = (target: string) => ({ adapters: [asking(TOOL, { target })] })
    await plan([call('k1')], { lane: 's-1', open: { refs: {}, target: 'mine' } })
    await plan([call('k2')], { lane: 's-2', open: { refs: {}, target: 'theirs' } })
    await plan([call('k3')], { lane: 's-3' })
    // A lane keeps its target.
    await plan([call('k4')], { lane: 's-1', open: { refs: {}, target: 'theirs' } })
    assert.deepEqual(
      (await store.counts({ [TOOL]: 'mine', graph: 'x' })).map(({ adapter, foreign }) => [adapter, foreign]),
      [
        ['graph', 0],
        [TOOL, 1],
      ],
    )
    assert.equal((await store.counts())[0]?.foreign, 0)
    assert.deepEqual(await keys(of('theirs'), second), ['k2', 'k3'])
    assert.deepEqual(await keys(of('mine')), ['k1'])
    assert.deepEqual(await states('s-1'), ['k1 claimed', 'k4 waiting'])
    await plan([call('n1')], { lane: 's-1', recreate: { dropping: ['k4'], target: 'theirs' } })
    assert.equal((await store.counts({ [TOOL]: 'mine' }))[0]?.foreign, 3)
    assert.equal((await store.counts({ [TOOL]: 'theirs' }))[0]?.foreign, 0)
  },
  'is not stopped by what another account has to set up': async ({ plan, keys }) => {
    const of = (target: string) => ({ adapters: [asking(TOOL, { target })] })
    await plan([call('k1')], { open: { refs: {}, target: 'mine' } })
    await plan([call('i1')], { lane: INIT_LANE, open: { refs: {}, target: 'theirs' } })
    assert.deepEqual(await keys(of('mine')), ['k1'])
    await plan([call('i2')], { lane: INIT_LANE, open: { refs: {}, target: 'mine' } })
    assert.deepEqual(await keys(of('theirs')), [])
    assert.deepEqual(await keys(of('mine')), ['i1'])
  },
  'serves the lane that has waited longest first': async ({ plan, keys, one, settle, clock }) => {
    await plan([call('a1'), call('a2'), call('a3')], { lane: 's-1' })
    clock.advance(1)
    await plan([call('b1')], { lane: 's-2' })
    const alone = { adapters: [asking(TOOL, { room: 1 })] }
    const first = await one(alone)
    assert.equal(first.delivery.key, 'a1')
    clock.advance(5)
    await settle(first)
    clock.advance(5)
    await plan([call('c1')], { lane: 's-3' })
    assert.deepEqual(await keys(), ['b1', 'a2', 'c1'])
  },
  'never gives what its worker still works on, and gives back what it knows nothing of': async ({
    plan,
    one,
    keys,
    clock,
    begin,
    other,
  }: Ground) => {
    await plan([call('k1')])
    await one()
    clock.advance(61_000)
    assert.deepEqual(await keys({ holding: ['k1'] }), [])
    assert.deepEqual(await keys({ holding: [] }), ['k1'])
    // The answer to its last claim was lost on the way.
    const again = await one({ holding: [] })
    assert.equal(again.delivery.doubtSince, undefined)
    assert.deepEqual(await keys({ worker: 'b', holding: [] }), [])
    assert.deepEqual(await keys({ holding: [] }, await other()), [])
    await begin(again)
    await plan([create('c1')], { lane: 's-2' })
    assert.equal(await begin(await one({ holding: ['k1'] })), true)
    const doubtful = await one({ holding: ['k1'] })
    assert.deepEqual([doubtful.delivery.key, doubtful.delivery.doubtSince], ['c1', clock.now()])
  },
  'gives all to the worker with the right secret, whatever one without and one with a wrong secret do':
    async ({ plan, claim, settle, store, other, clock }) => {
      const planned = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6']
      for (const key of planned) await plan([call(key)], { lane: `s-${key}` })
      const [without, wrong, right] = [store, await other(), await other()]
      const poll = async (worker: string, of: typeof store, room: number) =>
        (await claim({ worker, adapters: room === 0 ? [] : [asking(TOOL, { room })] }, of)).claims
      const delivered: string[] = []
      for (let polls = 0; polls < 2; polls++) {
        assert.deepEqual(await poll('without', without, 0), [])
        // The first poll of the wrong one is refused; after that it leaves the adapter out, as its own pause says.
        for (const each of await poll('wrong', wrong, polls === 0 ? 2 : 0)) {
          const over = { state: 'waiting', attempts: 0, reason: '401' } as const
          assert.equal(await settle(each, over, wrong), true)
          await wrong.pause({
            ...{ adapter: TOOL, kind: 'denied', reason: '401', since: clock.now() },
            ...{ owner: 'wrong', checkAt: clock.now() + 3_600_000 },
          } as Parameters<typeof wrong.pause>[0])
        }
        for (const each of await poll('right', right, 100)) {
          assert.equal(await settle(each, {}, right), true)
          delivered.push(each.delivery.key)
        }
        clock.advance(1_000)
      }
      assert.deepEqual(delivered.sort(), planned)
      assert.deepEqual(
        (await store.pauses()).map(({ kind, owner }) => [kind, owner]),
        [['denied', 'wrong']],
      )
    },
}
