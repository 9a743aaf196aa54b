// A worker that shares a database with others. Its orders stand in the environment; it prints what it delivered when it is asked to end.
import { writeSync } from 'node:fs'
import { createTracker } from '@sessionwire/core'
import { countingAdapter, type WorkerOrders } from './counting.ts'
import { openStore } from './places.ts'

const orders = JSON.parse(process.env.ORDERS ?? '') as WorkerOrders
const say = (line: string): void => void writeSync(1, `${line}\n`)
// Another machine's clock: only the server's counts.
if (orders.aheadMs !== undefined) {
  const real = Date.now
  const ahead = orders.aheadMs
  Date.now = () => real() + ahead
}

const problems: string[] = []
const tracker = await createTracker({
  project: 'counting',
  user: 'worker',
  store: openStore({ url: orders.url, connections: 4 }, { schema: orders.schema, ...orders.options }),
  adapters: [countingAdapter(orders.origin, orders.limits)],
  drainOnClose: 0,
  pollMs: 50,
  ...(orders.policy === undefined ? {} : { policy: orders.policy }),
  logger: { warn: () => undefined, error: line => void problems.push(String(line)) },
})
let delivered = 0
tracker.on('delivered', () => {
  delivered++
})
say('ready')
process.stdin.once('data', async () => {
  await tracker.close()
  say(JSON.stringify({ delivered, problems }))
  process.exit(0)
})
