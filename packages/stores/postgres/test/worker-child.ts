// A worker that shares a database with others. Its orders stand in the environment; it prints what it delivered when it is asked to end.
import { writeSync } from 'node:fs'
import { createTracker } from '@sessionwire/core'
import type { Store } from '@sessionwire/core/store'
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

/** A process that does something else between what the server gave and what the service gets. */
const stalling = (store: Store, ms: number): Store => {
  let given = 0
  const claim: Store['claim'] = async request => {
    const claimed = await store.claim(request)
    const until = performance.now() + (claimed.claims.length > 0 && ++given % 3 === 0 ? ms : 0)
    while (performance.now() < until);
    return claimed
  }
  return { ...store, claim }
}

const problems: string[] = []
const opened = openStore({ url: orders.url, connections: 4 }, { schema: orders.schema, ...orders.options })
const tracker = await createTracker({
  project: 'counting',
  user: 'worker',
  store: orders.stallMs === undefined ? opened : stalling(opened, orders.stallMs),
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
