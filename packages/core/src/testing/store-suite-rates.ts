import assert from 'node:assert/strict'
import type { Claim } from '../delivery/model.ts'
import { asking, type Cases, call, type Ground, request, TOOL } from './store-suite-ground.ts'

const callOf = (key: string, limit: string) => call(key, { limit })

/** Claims what there is, delivers it in the same moment, and answers its keys. */
const send = async (
  { claim, settle }: Pick<Ground, 'claim' | 'settle'>,
  adapters: Parameters<Ground['claim']>[0],
  store?: Parameters<Ground['claim']>[1],
): Promise<readonly string[]> => {
  const { claims } = await claim(adapters, store)
  for (const each of claims) assert.equal(await settle(each, {}, store), true)
  return claims.map(({ delivery }) => delivery.key)
}

/** How the windows of limits bound the calls of all workers together, at the service. */
export const rateCases: Cases = {
  'keeps to the rate of each limit, and says when it has room': async ({
    plan,
    claim,
    settle,
    keys,
    clock,
  }) => {
    const rates = { post: { count: 1, perMs: 16_000 }, 'read:*': { count: 2, perMs: 1_600 } }
    const adapters = [asking(TOOL, { rates })]
    await plan([callOf('a', 'post')], { lane: 's-1' })
    await plan([callOf('b', 'post')], { lane: 's-2' })
    for (const [n, limit] of ['read:x', 'read:y', 'read:x', 'read:x'].entries())
      await plan([callOf(`r${n}`, limit)], { lane: `s-r${n}` })
    await plan([call('d')], { lane: 's-4' })
    clock.advance(16_000 - (clock.now() % 16_000))
    const { claims, nextDueAt } = await claim({ adapters })
    assert.deepEqual(
      claims.map(({ delivery }) => delivery.key),
      ['a', 'r0', 'r1', 'r2', 'd'],
    )
    // They may end at once.
    assert.equal(nextDueAt, clock.now() + 1_600)
    for (const each of claims) assert.equal(await settle(each), true)
    // A slice of the window counts until all of it is out.
    assert.deepEqual(await claim({ adapters }), { claims: [], nextDueAt: clock.now() + 1_700 })
    clock.advance(1_699)
    assert.deepEqual(await keys({ adapters }), [])
    clock.advance(1)
    assert.deepEqual(await send({ claim, settle }, { adapters }), ['r3'])
    clock.advance(15_299)
    assert.deepEqual(await keys({ adapters }), [])
    clock.advance(1)
    assert.deepEqual(await keys({ adapters }), ['b'])
  },
  'counts a call until a whole window after its end, however late it is sent': async ({
    plan,
    other,
    claim,
    settle,
    keys,
    clock,
  }) => {
    const second = await other()
    const adapters = [asking(TOOL, { rates: { post: { count: 2, perMs: 16_000 } } })]
    for (const n of [1, 2, 3, 4]) await plan([callOf(`k${n}`, 'post')], { lane: `s-${n}` })
    clock.advance(16_000 - (clock.now() % 16_000))
    const [first, late] = (await claim({ adapters })).claims as [Claim, Claim]
    clock.advance(1_500)
    assert.equal(await settle(first), true)
    // Claimed long ago, and the service may get it only now.
    clock.advance(30_500)
    assert.deepEqual(await keys({ adapters }, second), ['k3'])
    const full = await claim({ adapters }, second)
    assert.deepEqual([full.claims, full.nextDueAt], [[], clock.now() + 16_000])
    clock.advance(20_000)
    assert.deepEqual(await keys({ adapters }, second), [])
    assert.equal(await settle(late), true)
    clock.advance(16_999)
    assert.deepEqual(await keys({ adapters }, second), [])
    clock.advance(1)
    assert.deepEqual(await keys({ adapters }, second), ['k4'])
  },
  'frees the places of calls of which nothing was reported, also while it has none to give': async ({
    plan,
    store,
    other,
    claim,
    keys,
    clock,
  }) => {
    const second = await other()
    const adapters = [asking(TOOL, { rates: { post: { count: 1, perMs: 16_000 } } })]
    for (const n of [1, 2]) await plan([callOf(`k${n}`, 'post')], { lane: `s-${n}` })
    clock.advance(16_000 - (clock.now() % 16_000))
    assert.deepEqual(await keys({ adapters, worker: 'a' }), ['k1'])
    // The answer was lost: the same worker asks again, and names nothing that it holds.
    assert.deepEqual((await store.claim(request({ adapters, worker: 'a' }))).claims, [])
    for (let n = 0; n < 16; n++) {
      clock.advance(1_000)
      assert.deepEqual((await claim({ adapters }, second)).claims, [])
    }
    clock.advance(1_000)
    assert.deepEqual(await keys({ adapters }, second), ['k2'])
  },
  'counts a read until its end is reported or its time is over': async ({
    plan,
    other,
    store,
    keys,
    clock,
  }) => {
    const second = await other()
    const rate = { count: 2, perMs: 16_000 }
    const adapters = [asking(TOOL, { rates: { post: rate } })]
    for (const n of [1, 2]) await plan([callOf(`k${n}`, 'post')], { lane: `s-${n}` })
    clock.advance(16_000 - (clock.now() % 16_000))
    const of = { adapter: TOOL, limit: 'post', rate }
    const read = (id: string) => ({ ...of, read: { id, lastsMs: 20_000 } })
    assert.deepEqual(await store.draw([read('a'), read('b')]), [0, 0])
    assert.deepEqual(await second.draw([read('c')]), [16_000])
    clock.advance(1_000)
    assert.deepEqual(
      await second.draw([
        { ...of, ended: 'a' },
        { ...of, ended: 'never' },
      ]),
      [0, 0],
    )
    clock.advance(16_999)
    assert.deepEqual(await keys({ adapters }, second), [])
    clock.advance(1)
    assert.deepEqual(await keys({ adapters }, second), ['k1'])
    // Nothing was heard of the other one: it ended when its time was over.
    clock.advance(18_999)
    assert.deepEqual(await keys({ adapters }, second), [])
    clock.advance(1)
    assert.deepEqual(await keys({ adapters }, second), ['k2'])
  },
  'keeps rates over all workers, for claims and reads alike': async ({
    plan,
    store,
    other,
    claim,
    settle,
    keys,
    clock,
  }) => {
    const second = await other()
    const rate = { count: 3, perMs: 10_000 }
    const adapters = [asking(TOOL, { rates: { post: rate }, room: 2 })]
    for (const n of [1, 2, 3, 4]) await plan([callOf(`k${n}`, 'post')], { lane: `s-${n}` })
    assert.deepEqual(await send({ claim, settle }, { adapters }), ['k1', 'k2'])
    const draws = [{ adapter: TOOL, limit: 'post', rate }]
    assert.deepEqual(await second.draw([...draws, { ...draws[0], limit: 'other' } as never]), [0, 0])
    const [waitMs = 0] = await store.draw(draws)
    assert.ok(waitMs > 0 && waitMs <= 10_625, `${waitMs} ms`)
    assert.deepEqual(await keys({ adapters }, second), [])
    clock.advance(waitMs - 1)
    assert.deepEqual(await keys({ adapters }, second), [])
    clock.advance(1)
    assert.deepEqual(await keys({ adapters }, second), ['k3', 'k4'])
  },
  'holds to the smallest where workers declare different rates': async ({
    plan,
    other,
    claim,
    settle,
    keys,
    clock,
  }) => {
    const second = await other()
    const small = [asking(TOOL, { rates: { post: { count: 1, perMs: 10_000 } } })]
    const large = [asking(TOOL, { rates: { post: { count: 9, perMs: 10_000 } } })]
    for (const n of [1, 2, 3]) await plan([callOf(`k${n}`, 'post')], { lane: `s-${n}` })
    assert.deepEqual(await send({ claim, settle }, { adapters: small }), ['k1'])
    assert.deepEqual(await keys({ adapters: large }, second), [])
    clock.advance(11_000)
    assert.deepEqual(await send({ claim, settle }, { adapters: large }, second), ['k2'])
    assert.deepEqual(await keys({ adapters: small }), [])
  },
  'forgets a window that lies ahead when the clock is set back': async ({
    plan,
    claim,
    settle,
    keys,
    clock,
  }) => {
    const adapters = [asking(TOOL, { rates: { post: { count: 1, perMs: 10_000 } } })]
    clock.advance(100_000)
    await plan([callOf('k1', 'post')], { lane: 's-1' })
    assert.deepEqual(await send({ claim, settle }, { adapters }), ['k1'])
    clock.advance(-50_000)
    await plan([callOf('k2', 'post')], { lane: 's-2' })
    assert.deepEqual(await keys({ adapters }), ['k2'])
  },
}
