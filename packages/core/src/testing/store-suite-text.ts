import assert from 'node:assert/strict'
import type { Settlement } from '../delivery/model.ts'
import { type Cases, create, incoming, LANE, record, TOOL } from './store-suite-ground.ts'

/** Text that no encoding has: a NUL, which databases refuse, and halves of characters. */
const UNFIT = ['a\0b', 'a\ud800b', 'a\udc00b', '\\\0b', 'a\\u0000b\0']

/** Cases of text that a service or a caller may give and that a database may refuse. */
export const textCases: Cases = {
  'settles all that come together, whatever a service answered to one of them': async ({
    store,
    claim,
    clock,
    find,
  }) => {
    for (const [n, value] of UNFIT.entries()) {
      const lanes = [`x-${n}`, `y-${n}`]
      await store.commit({
        events: [],
        lanes: lanes.map(lane => ({
          ...{ adapter: TOOL, lane, open: { refs: {} } },
          deliveries: [incoming(create(`${lane}/1`))],
        })),
      })
      const { claims } = await claim()
      assert.deepEqual(claims.map(({ delivery: { lane } }) => lane).sort(), lanes)
      const settlements = claims.map(
        ({ delivery: { key, token, attempts, lane } }): Settlement => ({
          ...{ key, token, attempts, state: 'delivered', dueAt: clock.now(), doubtSince: null, reason: null },
          ...{ misses: 0, rejected: null, captures: { thread: lane.startsWith('x') ? { id: value } : 'T' } },
        }),
      )
      assert.deepEqual(await store.settle(settlements), [true, true], JSON.stringify(value))
      for (const lane of lanes) assert.equal((await find(`${lane}/1`)).state, 'delivered')
      assert.equal((await store.listCaptures(`y-${n}`))[0]?.value, 'T')
    }
  },
  'keeps a literal escape as it is': async ({ plan, deliver, store }) => {
    const value = { 'k\\u0000': '\\ud800 \\\\u0000 \u001b \u{1f600}' }
    await plan([create('k1')])
    await deliver({ thread: value })
    assert.deepEqual((await store.listCaptures(LANE))[0]?.value, value)
  },
  'records and finds sessions, whatever is in the names of refs and metadata': async ({ store }) => {
    for (const [n, name] of UNFIT.entries())
      await store.commit(
        record(`s-${n}`, 1, { refs: { [name]: { [name]: 'ENG-1' } }, metadata: { [name]: name } }, [
          { adapter: TOOL, lane: `s-${n}`, open: { refs: { [name]: 'ENG-1' } }, deliveries: [] },
        ]),
      )
    const { sessions } = await store.search({ words: ['charging'] })
    assert.deepEqual(sessions.map(({ id }) => id).sort(), ['s-0', 's-1', 's-2', 's-3', 's-4'])
    assert.equal((await store.load('s-0'))?.summary.title, 'Stop double charging')
  },
  'answers that there is none of what cannot be stored': async ({ store, plan }) => {
    await store.commit(record('ab', 1))
    await plan([create('ab')])
    for (const text of UNFIT) {
      assert.equal(await store.load(text), undefined)
      assert.equal(await store.findKey('ab', text), undefined)
      const found = [
        ...(await store.events(text)),
        ...(await store.sessions({ project: text })),
        ...(await store.list({ keys: [text] })),
        ...(await store.list({ lane: text })),
        ...(await store.list({ adapter: text })),
        ...(await store.listCaptures(text)),
        ...(await store.messages({ sessionId: text })).messages,
      ]
      assert.deepEqual(found, [], JSON.stringify(text))
      assert.match((await store.move([text], { kind: 'drop' }))[0]?.refused ?? '', /unknown key/)
    }
  },
}
