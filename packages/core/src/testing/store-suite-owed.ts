import assert from 'node:assert/strict'
import { type Cases, call, card, create, incoming } from './store-suite-ground.ts'

const reply = (key: string, extra: Readonly<Record<string, unknown>> = {}) =>
  call(key, { payload: { in: { $ref: 'entry' } }, ...extra })

/** Deliveries that need a capture of one that is planned or dead. */
export const owedCases: Cases = {
  'names with a claim the planned or dead delivery that owes it a capture': async ({
    plan,
    one,
    settle,
    keys,
  }) => {
    await plan([
      incoming(create('k1', 'entry'), { holds: false }),
      incoming(create('k2', 'link'), { holds: false, via: 'preview' }),
      reply('k3'),
      call('k4', { payload: { a: { $ref: 'link' }, b: { $ref: 'entry' }, c: { $ref: 'never' } } }),
      call('k5'),
    ])
    await settle(await one(), { state: 'dead', reason: 'refused' })
    const third = await one()
    assert.deepEqual([third.delivery.key, third.owed], ['k3', { entry: { key: 'k1', state: 'dead' } }])
    await settle(third, { state: 'dead', reason: 'needs it', waitsFor: 'k1' })
    const fourth = await one()
    assert.deepEqual(fourth.owed, {
      link: { key: 'k2', state: 'planned' },
      entry: { key: 'k1', state: 'dead' },
    })
    await settle(fourth, { state: 'dead', reason: 'needs it', waitsFor: 'k2' })
    const fifth = await one()
    assert.equal(fifth.owed, undefined)
    await settle(fifth)
    assert.deepEqual(await keys(), [])
  },
  'retries with a dead one those that wait for it, and those that wait for them, in order': async ({
    plan,
    one,
    settle,
    store,
    find,
    states,
    deliver,
  }) => {
    const second = create('k2', 'note', { payload: { in: { $ref: 'entry' } } })
    await plan([
      incoming(create('k1', 'entry'), { holds: false }),
      incoming(second, { holds: false }),
      call('k3', { payload: { in: { $ref: 'note' } } }),
      card('k4', { payload: { in: { $ref: 'entry' } } }),
    ])
    await settle(await one(), { state: 'dead', reason: 'refused' })
    for (const waitsFor of ['k1', 'k2', 'k1'])
      await settle(await one(), { state: 'dead', reason: 'needs it', waitsFor })
    assert.equal((await find('k3')).waitsFor, 'k2')
    await plan([card('k5', { payload: {} })])
    assert.deepEqual(await store.move(['k3', 'k1'], { kind: 'retry' }), [
      { key: 'k3', asked: 'k3', state: 'waiting' },
      { key: 'k1', asked: 'k1', state: 'waiting' },
    ])
    // The newer card has overtaken the one that waited.
    assert.deepEqual(await states(), ['k1 waiting', 'k2 waiting', 'k3 waiting', 'k4 replaced', 'k5 waiting'])
    const back = await find('k2')
    assert.deepEqual([back.waitsFor, back.reason, back.attempts], [undefined, undefined, 0])
    assert.equal((await deliver({ entry: 'E' })).delivery.key, 'k1')
    assert.deepEqual((await one()).refs, { entry: 'E' })
  },
  'puts back what waits for a preview when that is released, and for a dead one when it happened elsewhere':
    async ({ plan, one, settle, store, states }) => {
      await plan([
        incoming(create('k1', 'entry'), { holds: false, via: 'preview' }),
        reply('k2'),
        incoming(create('k3', 'link'), { holds: false }),
        call('k4', { payload: { in: { $ref: 'link' } } }),
      ])
      await settle(await one(), { state: 'dead', reason: 'needs it', waitsFor: 'k1' })
      await settle(await one(), { state: 'dead', reason: 'refused' })
      await settle(await one(), { state: 'dead', reason: 'needs it', waitsFor: 'k3' })
      await store.move(['k1'], { kind: 'release' })
      assert.deepEqual(await states(), ['k1 waiting', 'k2 waiting', 'k3 dead', 'k4 dead'])
      await store.move(['k3'], { kind: 'acknowledge', captures: { link: 'L' } })
      assert.deepEqual(await states(), ['k1 waiting', 'k2 waiting', 'k3 delivered', 'k4 waiting'])
    },
  'lets one wait that is to die for another when that was taken up again since its claim': async ({
    plan,
    one,
    settle,
    store,
    states,
    find,
  }) => {
    await plan([incoming(create('k1', 'entry'), { holds: false }), reply('k2')])
    await settle(await one(), { state: 'dead', reason: 'refused' })
    const claim = await one()
    await store.move(['k1'], { kind: 'retry' })
    await settle(claim, { state: 'dead', reason: 'needs it', waitsFor: 'k1' })
    assert.deepEqual(await states(), ['k1 waiting', 'k2 waiting'])
    assert.equal((await find('k2')).reason, undefined)
  },
  'says of a replaced preview that is to be released which one stands for it, and that it is still planned':
    async ({ plan, store }) => {
      const preview = (key: string) => incoming(card(key, { payload: {} }), { via: 'preview' })
      await plan([preview('k1'), preview('k2')])
      assert.deepEqual(await store.move(['k1'], { kind: 'release' }), [
        {
          key: 'k2',
          asked: 'k1',
          state: 'replaced',
          refused: 'k1 was replaced by k2, which is still planned: release that one',
        },
      ])
      await store.move(['k2'], { kind: 'release' })
      assert.deepEqual(await store.move(['k1'], { kind: 'release' }), [
        { key: 'k2', asked: 'k1', state: 'replaced' },
      ])
    },
  'leaves waiting ones where they are when what they wait for is dropped': async ({
    plan,
    one,
    settle,
    store,
    states,
  }) => {
    await plan([incoming(create('k1', 'entry'), { holds: false }), reply('k2')])
    await settle(await one(), { state: 'dead', reason: 'refused' })
    await settle(await one(), { state: 'dead', reason: 'needs it', waitsFor: 'k1' })
    await store.move(['k1'], { kind: 'drop' })
    assert.deepEqual(await states(), ['k1 dropped', 'k2 dead'])
    await store.move(['k2'], { kind: 'retry' })
    assert.equal((await one()).owed, undefined)
  },
}
