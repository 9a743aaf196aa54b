import { createTracker, memoryStore, type Tracker } from '@sessionwire/core'
import { afterEach, beforeEach, expect, test } from 'vitest'

// What a caller hands in may throw when it is read, or be larger than anything a session needs: it is refused by its name
// before work is done for it, and the store is not blamed.

let tracker: Tracker
beforeEach(async () => {
  tracker = (await createTracker({ project: 'attack', user: 'fixer', store: memoryStore() })) as Tracker
})
afterEach(() => tracker.close())

const getter = (name: string): object =>
  Object.defineProperty({}, name, {
    enumerable: true,
    get: () => {
      throw new Error('read too late')
    },
  })
const proxy = (): object =>
  new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('read too late')
      },
    },
  )
const revoked = (): object => {
  const { proxy: made, revoke } = Proxy.revocable({}, {})
  revoke()
  return made
}
/** 2^30 values that share all but thirty arrays. */
const shared = (): unknown => {
  let value: unknown = 'x'
  for (let level = 0; level < 30; level++) value = [value, value]
  return value
}
const names = (count: number): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, 'x']))

const STARTS: readonly (readonly [string, object, string])[] = [
  ['a getter that throws', getter('goal'), 'start'],
  ['a proxy that throws', proxy(), 'start'],
  ['a revoked proxy', revoked(), 'start'],
  ['metadata with a getter that throws', { metadata: getter('x') }, 'start.metadata'],
  ['metadata that is a proxy that throws', { metadata: proxy() }, 'start.metadata'],
  ['a hundred thousand adapters', { refs: names(100_000) }, 'start.refs'],
  ['a hundred thousand refs of one adapter', { refs: { jira: names(100_000) } }, 'start.refs'],
]
test.each(STARTS)('start with %s is refused by its name', async (_, input, field) => {
  await expect(tracker.start(input as never)).rejects.toMatchObject({ code: 'INVALID_INPUT', field })
  expect(await tracker.sessions()).toEqual([])
})

test('shared references count each time they occur', async () => {
  await expect(tracker.start({ goal: 'x', metadata: { x: shared() } } as never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('at most 100000 values') as string,
  })
})

test('the other calls say the same', async () => {
  const session = await tracker.start({ goal: 'x' })
  const bad = getter('metadata')
  const calls: readonly (() => Promise<unknown>)[] = [
    () => session.update('x', bad),
    () => session.decide('x', bad),
    () => session.message('user', 'x', bad),
    () => session.entity(bad as never),
    () => session.close(bad),
  ]
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect(await session.load()).toMatchObject({ status: 'active', updates: [] })
})
