import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sqliteStore } from '../../src/sqlite.ts'
import type { Store } from '../../src/store/contract.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { type FakeClock, fakeClock } from '../../src/testing/fakes.ts'
import { folder } from '../sqlite/processes.ts'
import { bench, refusal } from './tool.ts'

const STORES: readonly (readonly [name: string, make: (clock: FakeClock) => Store])[] = [
  ['memory', ({ now }) => memoryStore({ now })],
  ['sqlite', ({ now }) => sqliteStore(join(folder(), 'sessions.db'), { now })],
]

test.for(STORES)('recall finds a text in the oldest of 600 sessions, newest first: %s', async ([, make]) => {
  const clock = fakeClock()
  const store = make(clock)
  const { recorder } = bench({ store, clock })
  const ids: string[] = []
  for (let n = 0; n < 600; n++) {
    ids.push((await recorder.start({ goal: `Step ${n}` })).id)
    clock.advance(60_000)
  }
  const [oldest = '', second = ''] = ids
  await recorder.update(ids[100] ?? '', 'The staging key is missing')
  clock.advance(600_000)
  await recorder.message(oldest, 'user', 'Where is the staging KEY?')
  clock.advance(600_000)
  const { id: blocker } = await recorder.block(second, 'No key')
  await recorder.resolve(second, blocker, 'from staging')
  const find = async (query: string, budget = 9_500) =>
    (await recorder.recall({ query, budget })).lines
      .filter(({ kind }) => kind !== 'goal' && kind !== 'state')
      .map(({ sessionId, kind }) => [ids.indexOf(sessionId), kind])
  // The words of one line may come from two events.
  expect(await find('staging key')).toEqual([
    [1, 'resolved'],
    [0, 'message'],
    [100, 'update'],
  ])
  expect(await find('staging key', 120)).toEqual([[1, 'resolved']])
  expect(await find('RESOLVED staging')).toEqual([[1, 'resolved']])
  expect(await find('staging giraffe')).toEqual([])
  for (const query of ['', '"', '*', 'NEAR(', ' - ', 'x'.repeat(10_000), 'word '.repeat(2_000)])
    expect(await find(query)).toEqual([])
  expect((await recorder.recall({ query: 'step 17' })).lines.map(({ text }) => text)).toEqual([
    'Goal: Step 599',
    'State: active, 0 %, fixer',
    'Goal: Step 17',
  ])
  await store.close()
})

test('recall ends where the budget does, without reading every session that has the words', async () => {
  const clock = fakeClock()
  const store = memoryStore({ now: clock.now })
  const { recorder } = bench({ store, clock })
  for (let n = 0; n < 600; n++) {
    await recorder.start({ goal: `Step ${n} of many` })
    clock.advance(600_000)
  }
  let reads = 0
  const counted: Store = {
    ...store,
    events: (...given) => {
      reads++
      return store.events(...given)
    },
  }
  const other = bench({ store: counted, clock })
  const { lines } = await other.recorder.recall({ query: 'many', budget: 1_000 })
  expect(lines.length).toBeGreaterThan(5)
  // The newest 200 are read for what stands.
  expect(reads).toBe(200)
  const since = new Date(clock.now() - 590 * 600_000)
  reads = 0
  const all = await other.recorder.recall({ query: 'many step', budget: 1_000_000, since })
  expect(all.lines).toHaveLength(591)
  expect(reads).toBeLessThan(595)
})

test('recall reads sessions together: a store that is far away is not waited for once for each', async () => {
  const clock = fakeClock()
  const store = memoryStore({ now: clock.now })
  const { recorder } = bench({ store, clock })
  for (let n = 0; n < 240; n++) await recorder.start({ goal: n < 40 ? `Old step ${n}` : `Step ${n}` })
  let under = 0
  const most: number[] = []
  const far: Store = {
    ...store,
    events: async (...given) => {
      most.push(++under)
      await new Promise(resolve => setImmediate(resolve))
      under--
      return store.events(...given)
    },
  }
  const { lines } = await bench({ store: far, clock }).recorder.recall({ query: 'old', budget: 100_000 })
  expect(lines.filter(({ text }) => text.startsWith('Goal: Old'))).toHaveLength(40)
  expect(most).toHaveLength(240)
  // The newest all at once, then those that have the words, four at a time.
  expect([Math.max(...most.slice(0, 200)), Math.max(...most.slice(200))]).toEqual([200, 4])
})

test('events of a session are listed in pages', async () => {
  const { recorder } = bench()
  const { id } = await recorder.start({ goal: 'x' })
  for (const text of ['one', 'two', 'three']) await recorder.update(id, text)
  const first = await recorder.events(id, { limit: 2 })
  expect(first.map(({ type, sequence }) => [type, sequence])).toEqual([
    ['start', 1],
    ['update', 2],
  ])
  const rest = await recorder.events(id, { after: first.at(-1)?.sequence })
  expect(rest.map(({ payload }) => payload)).toMatchObject([{ description: 'two' }, { description: 'three' }])
  expect(await recorder.events(id, { after: 4 })).toEqual([])
  expect(await recorder.events(id)).toEqual([...first, ...rest])
  expect(await refusal(recorder.events('none'))).toMatchObject({ 0: 'NO_SUCH_SESSION' })
  expect(await refusal(recorder.events(id, { after: -1 }))).toMatchObject({
    0: 'INVALID_INPUT',
    1: 'events.after',
  })
})

test('the newest session is not a sub-agent, which begins later than its session', async () => {
  const { recorder } = bench()
  const { id } = await recorder.start({ goal: 'Stop double charging' })
  await recorder.start({ goal: 'Sub-agent Explore', parentId: id })
  const { lines } = await recorder.recall()
  expect(lines.filter(({ kind }) => kind === 'goal').map(({ text }) => text)).toEqual([
    expect.stringContaining('Stop double charging'),
  ])
})

test.each(STORES)(
  'of one moment, what was recorded later stands first, whatever its id: %s',
  async (_, make) => {
    const clock = fakeClock()
    const names = ['s', 'z', 'a', 'm', 'b']
    const { recorder } = bench({ store: make(clock), clock, newId: () => names.shift() ?? 'none' })
    const { id } = await recorder.start({ goal: 'Lock' })
    for (const text of ['first', 'second']) await recorder.decide(id, `Lock ${text}`)
    for (const text of ['third', 'fourth']) await recorder.update(id, `Lock ${text}`)
    const { lines } = await recorder.recall({ query: 'lock' })
    expect(lines.slice(2).map(({ eventId, text }) => [eventId, text])).toEqual([
      ['a', 'Decided: Lock second'],
      ['z', 'Decided: Lock first'],
      ['b', 'Update: Lock fourth'],
      ['m', 'Update: Lock third'],
    ])
  },
)
