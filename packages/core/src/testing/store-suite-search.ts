import assert from 'node:assert/strict'
import type { SessionEvent } from '../session/events.ts'
import type { MessageRole } from '../session/schema.ts'
import { narrow, wordsOf } from '../session/search.ts'
import type { SearchFilter, Store } from '../store/contract.ts'
import { type Cases, event, LANE, record, summary } from './store-suite-ground.ts'

const moment = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString()

/** Records the next event of a session, at second `n`. */
const write = (store: Store, one: SessionEvent, n: number, project = 'billing') =>
  store.commit({
    session: {
      summary: summary(one.sessionId, one.sequence, { lastEventAt: moment(n), project }),
      expected: one.sequence - 1,
    },
    events: [{ ...one, time: moment(n), at: moment(n) }],
    lanes: [],
  })

const update = (sessionId: string, sequence: number, description: string): SessionEvent => ({
  ...event(sessionId, sequence),
  type: 'update',
  payload: { description, tags: [] },
})

const message = (sessionId: string, sequence: number, content: string): SessionEvent => ({
  ...event(sessionId, sequence),
  type: 'message',
  payload: { role: 'user' satisfies MessageRole, content },
})

/** The ids that a store finds for a query, page by page. */
const find = async (
  store: Store,
  query: string,
  more: Omit<SearchFilter, 'words'> = {},
): Promise<readonly string[]> => {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.search({
      words: narrow(wordsOf(query)),
      ...more,
      ...(cursor === undefined ? {} : { cursor }),
    })
    ids.push(...page.sessions.map(({ id }) => id))
    cursor = page.cursor
  } while (cursor !== undefined)
  return ids
}

/** Texts with what a query language, a pattern or an encoding could take for its own, and a query that finds each. */
const TEXTS: readonly (readonly [text: string, query: string])[] = [
  ['Die Straße ist gesperrt', 'STRASSE gesperrt'],
  ['ΟΔΟΣ ΚΛΕΙΣΤΗ', 'οδος κλειστη'],
  ['the cafe\u0301 of Zoe\u0308', 'café zoë'],
  ['хранилище заблокировано', 'ХРАНИЛИЩЕ'],
  ['在庫 キーがない', '在庫'],
  ['हिन्दी पाठ', 'हिन्दी'],
  ['say "NEAR(a b)" OR NOT col:x*', '"NEAR(a'],
  ["it's 100% o'clock_now; DROP TABLE", "o'clock_now"],
  ['quoted "words" \\ and `ticks`', '"words" ticks'],
  ['https://example.com/a-b?c=v2.10', 'example v2'],
  ['emoji 🚀 rocket', '🚀 rocket'],
  [`long ${'x'.repeat(5_000)} word`, 'x'.repeat(5_000)],
  ['AND OR NOT NEAR', 'near AND not'],
  ['null byte\u0000between', 'between'],
]

/** Cases of searching. */
export const searchCases: Cases = {
  'finds words in titles, messages and lists, in one project or in all': async ({ store }) => {
    await write(store, message('a', 1, 'the Needle is here'), 1)
    await write(
      store,
      {
        ...event('b', 1),
        type: 'update',
        payload: { description: 'x', tags: [], nextSteps: ['find the needle'] },
      },
      2,
      'other',
    )
    assert.deepEqual(await find(store, 'needle'), ['b', 'a'])
    assert.deepEqual(await find(store, 'needle', { project: 'billing' }), ['a'])
    assert.deepEqual(await find(store, 'needle', { project: 'none' }), [])
    assert.deepEqual(await find(store, 'double charging needle', { project: 'other' }), ['b'])
  },
  'finds a text in one of 600 sessions, and pages through all, newest first': async ({ store, other }) => {
    const text = (n: number): string => (n === 100 ? 'the Zebra crossing' : `step ${n} of many`)
    for (let n = 0; n < 600; n++) await write(store, update(`s${n}`, 1, text(n)), n)
    assert.deepEqual(await find(await other(), 'zebra, CROSSING!'), ['s100'])
    assert.deepEqual(await find(store, 'zebra giraffe'), [])
    const most = Array.from({ length: 600 }, (_, n) => `s${599 - n}`)
    assert.deepEqual(
      await find(store, 'step', { limit: 250 }),
      most.filter(id => id !== 's100'),
    )
    assert.deepEqual(await find(store, '', { limit: 599 }), most)
    // A session that goes on is found by its new words too, and comes first.
    await write(store, update('s7', 2, 'a zebra again'), 700)
    assert.deepEqual(await find(store, 'Zebra'), ['s7', 's100'])
    assert.deepEqual(await find(store, 'zebra step'), ['s7'])
    const { sessions, cursor } = await store.search({ words: ['zebra'], limit: 1 })
    assert.deepEqual(sessions, [{ id: 's7', lastEventAt: Date.parse(moment(700)) }])
    assert.notEqual(cursor, undefined)
  },
  'takes every query as words, whatever is in it': async ({ store }) => {
    for (const [n, [text]] of TEXTS.entries()) await write(store, update(`s${n}`, 1, text), n)
    for (const [n, [text, query]] of TEXTS.entries()) {
      const found = await find(store, query)
      assert.ok(found.includes(`s${n}`), `${JSON.stringify(query)} does not find ${JSON.stringify(text)}`)
      assert.ok(found.length < TEXTS.length, `${JSON.stringify(query)} narrows nothing`)
    }
    for (const query of ['*', '"', 'x" OR "1"="1', '%', '_', 'near/2', 'col : zebra', '\u0000', '\ud800'])
      await find(store, query)
    assert.deepEqual(await find(store, 'zebra* OR rocket'), [])
    assert.deepEqual(await find(store, 'word '.repeat(2_000)), ['s11'])
    const many = Array.from({ length: 2_000 }, (_, n) => `w${n}`).join(' ')
    assert.equal(many.length > 10_000 - 2_000, true)
    assert.deepEqual(await find(store, many), [])
  },
  'does not find what was erased or pruned': async ({ store }) => {
    await store.commit(record(LANE, 1))
    await write(store, update(LANE, 2, 'the Zebra'), 2)
    await write(store, update(LANE, 3, 'the giraffe'), 3)
    await write(store, message('old', 1, 'an elephant'), 4)
    await write(store, update('old', 2, 'stays'), 5)
    assert.deepEqual(await find(store, 'zebra giraffe'), [LANE])
    assert.deepEqual(await find(store, 'elephant stays'), ['old'])
    const erased = { ...update(LANE, 2, ''), erased: true } as const
    await store.erase(LANE, {
      summary: summary(LANE, 3, { lastEventAt: moment(3) }),
      events: [erased],
      keys: [],
    })
    assert.deepEqual(await find(store, 'zebra'), [])
    assert.deepEqual(await find(store, 'giraffe'), [LANE])
    await store.prune(0, 0, Date.parse(moment(5)))
    assert.deepEqual(await find(store, 'elephant'), [])
    assert.deepEqual(await find(store, 'stays'), ['old'])
    await write(store, update('old', 3, 'a rhino'), 6)
    assert.deepEqual(await find(store, 'rhino stays'), ['old'])
    await store.commit({
      session: {
        summary: summary('old', 4, { lastEventAt: moment(7), status: 'completed', endedAt: moment(7) }),
        expected: 3,
      },
      events: [{ ...update('old', 4, 'over'), time: moment(7), at: moment(7) }],
      lanes: [],
    })
    assert.equal((await store.prune(Date.parse(moment(60)), 0)).sessions, 1)
    assert.deepEqual(await find(store, 'rhino'), [])
  },
}
