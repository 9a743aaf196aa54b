import { createTracker } from '@sessionwire/core'
import { expect, onTestFinished, test } from 'vitest'
import {
  countingAdapter,
  countingService,
  type Limits,
  startWorker,
  type Worker,
  type WorkerOrders,
} from './counting.ts'
import { openStore } from './places.ts'
import { freshSchema } from './server.ts'

const RATE = { count: 50, perMs: 1_000 }
const LIMITS: Limits = { concurrency: 6, rates: { posts: RATE } }

/** Records updates of so many sessions, and answers what the service must get. */
const recordUpdates = async (url: string, schema: string, origin: string, lanes: number, each: number) => {
  const tracker = await createTracker({
    ...{ project: 'counting', user: 'recorder', deliver: false },
    store: openStore({ url }, { schema }),
    adapters: [countingAdapter(origin, LIMITS)],
  })
  onTestFinished(() => tracker.close())
  const expected: Record<string, readonly string[]> = {}
  const sessions = await Promise.all(
    Array.from({ length: lanes }, (_, n) => tracker.start({ goal: `lane ${n}` })),
  )
  await Promise.all(
    sessions.map(async session => {
      const texts = Array.from({ length: each }, (_, n) => `text-${n}`)
      for (const text of texts) await session.update(text)
      expected[session.id] = texts
    }),
  )
  return { tracker, expected }
}

/** `TEST_POSTGRES_CALLS=12000` makes the run as long as that many calls take. */
const CALLS = Number(process.env.TEST_POSTGRES_CALLS ?? 300)
const LANES = 20

test('four workers keep one rate, one concurrency and the order of each lane at the service, with clocks an hour apart and processes that stand still', async () => {
  const { url, schema } = await freshSchema()
  const service = await countingService(20)
  const { tracker, expected } = await recordUpdates(url, schema, service.origin, LANES, CALLS / LANES)
  const orders: WorkerOrders = { url, schema, origin: service.origin, limits: LIMITS }
  const start = async (...all: readonly Partial<WorkerOrders>[]): Promise<readonly Worker[]> => {
    const workers = all.map(each => startWorker({ ...orders, ...each }))
    expect(await Promise.all(workers.map(each => each.line()))).toEqual(workers.map(() => 'ready'))
    return workers
  }
  const said: Readonly<{ delivered: number; problems: readonly string[] }>[] = []
  const end = async (workers: readonly Worker[]): Promise<void> => {
    for (const worker of workers) {
      worker.process.stdin?.write('end\n')
      said.push(JSON.parse(await worker.line()))
    }
  }
  const got = async (share: number): Promise<void> => {
    while (service.posts.length < CALLS * share) await new Promise(resolve => setTimeout(resolve, 50))
  }
  // A worker that holds all places may keep them: those that stand still come first, and leave to the others.
  const slow = await start({ aheadMs: 3_600_000, stallMs: 300 }, { stallMs: 600 })
  await got(0.1)
  const quick = await start({ aheadMs: 0 }, { aheadMs: -3_600_000 })
  await got(0.2)
  await end(slow)
  const isDone = async () => (await tracker.status()).adapters[0]?.states.delivered === CALLS
  while (!(await isDone())) await new Promise(resolve => setTimeout(resolve, 50))
  await end(quick)
  expect(service.byLane()).toEqual(expected)
  expect(service.crossed()).toBe(0)
  expect(service.most()).toBeLessThanOrEqual(LIMITS.concurrency ?? 0)
  // Counted where the calls arrive, by the service's own clock.
  expect(service.crowd(RATE.perMs)).toBeLessThanOrEqual(RATE.count)
  expect(said.flatMap(({ problems }) => problems)).toEqual([])
  expect(said.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(CALLS)
  expect(said.filter(({ delivered }) => delivered > 0).length).toBeGreaterThan(1)
}, 1_800_000)
