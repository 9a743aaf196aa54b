import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Hooks } from '../../src/adapter/contract.ts'
import type { Call, Descriptor } from '../../src/descriptor/descriptor.ts'
import type { Reply } from '../../src/descriptor/outcome.ts'
import { sqliteStore } from '../../src/sqlite.ts'
import { createTracker } from '../../src/tracker.ts'
import { type Config, tool } from '../recorder/tool.ts'
import { folder } from '../sqlite/processes.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const YEAR = 365 * 24 * HOUR
/** What the adapter waits for its service's search. */
const AFTER_MS = 15 * MINUTE

const http = { kind: 'http', endpoint: 'https://tool.test/cards' } as const
const make = ({ key }: { key: string }): Descriptor => ({
  ...http,
  key,
  action: 'make',
  method: 'POST',
  payload: { key },
  captures: { card: '/id' },
  repeat: {
    by: 'mark',
    call: { ...http, method: 'GET' },
    list: '/cards',
    where: { pointer: '/key', equals: key },
    captures: { card: '/id' },
    afterMs: AFTER_MS,
    againMs: 5 * MINUTE,
  },
})
const hooks: Hooks<Config> = { start: () => [make] }

/** A machine with a clock that can be set, and a service that loses its first answer and has a search that lags. */
const stage = (lost: 'the answer' | 'the request') => {
  const path = join(folder(), 'sessions.db')
  const cards: { id: string; key: string }[] = []
  let posts = 0
  let indexed = false
  let elapsed = 0
  let ahead = Date.UTC(2026, 0, 1)
  const now = () => elapsed + ahead
  const answer = (body: object): Reply => ({ kind: 'answer', status: 200, headers: {}, body: { ...body } })
  const send = async (call: Call): Promise<Reply> => {
    if (call.kind !== 'http' || call.method === 'GET') return answer({ cards: indexed ? cards : [] })
    const first = posts++ === 0
    const { key } = call.payload as { key: string }
    const card = { id: `C${posts}`, key }
    if (!first || lost === 'the answer') cards.push(card)
    return first ? { kind: 'failure', sent: 'perhaps', code: 'reset', reason: 'reset' } : answer(card)
  }
  const open = () =>
    createTracker({
      project: 'billing',
      user: 'fixer',
      now,
      monotonic: () => elapsed,
      random: () => 0,
      store: sqliteStore(path, { now }),
      adapters: [tool({ hooks })],
      transports: { tool: { send } },
      deliver: false,
    })
  type Opened = Awaited<ReturnType<typeof open>>
  return {
    open,
    cards,
    posts: () => posts,
    index: () => {
      indexed = true
    },
    set: (byMs: number) => {
      ahead += byMs
    },
    /** Minutes pass, one by one, and what is due in each is sent. */
    pass: async (tracker: Opened, minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        elapsed += MINUTE
        await tracker.drain({ timeoutMs: 0.5 })
      }
    },
    /** Records a session whose card is in doubt. */
    doubt: async (tracker: Opened) => {
      await tracker.start({ goal: 'Fix it' })
      await tracker.drain({ timeoutMs: 0.5 })
      expect(await tracker.deliveries({ inDoubt: true })).toHaveLength(1)
    },
  }
}

const states = async (tracker: Awaited<ReturnType<ReturnType<typeof stage>['open']>>) =>
  (await tracker.deliveries()).map(({ state }) => state)

test('a clock that is set forward doubles nothing that a search does not show yet', async () => {
  const { open, doubt, pass, set, index, posts, cards } = stage('the answer')
  await using tracker = await open()
  await doubt(tracker)
  set(HOUR)
  await pass(tracker, 10)
  expect(posts()).toBe(1)
  index()
  await pass(tracker, 6)
  expect(await states(tracker)).toEqual(['delivered'])
  expect(cards).toHaveLength(1)
})

test('what was lost is sent again when the wait is over, however the clock was set meanwhile', async () => {
  for (const byMs of [0, HOUR, -YEAR]) {
    const { open, doubt, pass, set, posts } = stage('the request')
    await using tracker = await open()
    await doubt(tracker)
    set(byMs)
    await pass(tracker, 14)
    expect(posts()).toBe(1)
    await pass(tracker, 2)
    expect([posts(), ...(await states(tracker))]).toEqual([2, 'delivered'])
  }
})

test('the next process goes on with the wait as it was when the clock was looked at last', async () => {
  const { open, doubt, pass, set, posts } = stage('the request')
  const first = await open()
  await doubt(first)
  set(HOUR)
  await pass(first, 6)
  await first.close()
  await using second = await open()
  await pass(second, 8)
  expect(posts()).toBe(1)
  await pass(second, 2)
  expect([posts(), ...(await states(second))]).toEqual([2, 'delivered'])
})

test('a clock that is set back between two processes makes nothing wait longer than a doubt that begins', async () => {
  const { open, doubt, pass, set, posts } = stage('the request')
  const first = await open()
  await doubt(first)
  await first.close()
  set(-YEAR)
  // Each lives too short to see the end of it.
  for (let process = 0; process < 3; process++) {
    const short = await open()
    await pass(short, 5)
    await short.close()
  }
  expect(posts()).toBe(1)
  await using last = await open()
  await pass(last, 2)
  expect([posts(), ...(await states(last))]).toEqual([2, 'delivered'])
})

test('a clock that is given alone is believed', async () => {
  let time = Date.UTC(2026, 0, 1)
  let posts = 0
  await using tracker = await createTracker({
    project: 'billing',
    user: 'fixer',
    now: () => time,
    random: () => 0,
    adapters: [tool({ hooks })],
    deliver: false,
    transports: {
      tool: {
        send: async call => {
          if (call.kind === 'http' && call.method === 'POST') posts++
          return posts === 1 && call.kind === 'http' && call.method === 'POST'
            ? { kind: 'failure', sent: 'perhaps', code: 'reset', reason: 'reset' }
            : { kind: 'answer', status: 200, headers: {}, body: { cards: [], id: 'C1' } }
        },
      },
    },
  })
  await tracker.start({ goal: 'Fix it' })
  await tracker.drain({ timeoutMs: 5_000 })
  time += HOUR
  await tracker.drain({ timeoutMs: 5_000 })
  expect([posts, ...(await tracker.deliveries()).map(({ state }) => state)]).toEqual([2, 'delivered'])
})
