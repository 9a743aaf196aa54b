import { createTracker } from '@sessionwire/core'
import { expect, onTestFinished, test } from 'vitest'
import {
  countingAdapter,
  countingService,
  crowd,
  type Limits,
  startWorker,
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

test('four workers keep one rate, one concurrency and the order of each lane, with clocks an hour apart', async () => {
  const { url, schema, pool } = await freshSchema()
  const service = await countingService(20)
  const { tracker, expected } = await recordUpdates(url, schema, service.origin, 20, 15)
  const orders: WorkerOrders = { url, schema, origin: service.origin, limits: LIMITS }
  const workers = [0, 3_600_000, -3_600_000, 0].map(aheadMs => startWorker({ ...orders, aheadMs }))
  expect(await Promise.all(workers.map(each => each.line()))).toEqual(workers.map(() => 'ready'))
  const isDone = async () => (await tracker.status()).adapters[0]?.states.delivered === 300
  while (!(await isDone())) await new Promise(resolve => setTimeout(resolve, 50))
  const said: Readonly<{ delivered: number; problems: readonly string[] }>[] = []
  for (const worker of workers) {
    worker.process.stdin?.write('end\n')
    said.push(JSON.parse(await worker.line()))
  }
  expect(service.byLane()).toEqual(expected)
  expect(service.crossed()).toBe(0)
  expect(service.most()).toBeLessThanOrEqual(6)
  // A call is counted when it is claimed, by the server's clock; those under way may arrive a little later.
  const { rows } = await pool.query(`SELECT first_at::float8 AS at FROM ${schema}.deliveries`)
  expect(
    crowd(
      rows.map(({ at }) => at as number),
      RATE.perMs,
    ),
  ).toBeLessThanOrEqual(RATE.count)
  expect(service.crowd(RATE.perMs)).toBeLessThanOrEqual(RATE.count + 6)
  expect(said.flatMap(({ problems }) => problems)).toEqual([])
  expect(said.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(300)
  expect(said.filter(({ delivered }) => delivered > 0).length).toBeGreaterThan(1)
}, 120_000)
