// A worker that shares one file with others. Its orders stand in the environment; it prints its deliveries when it is asked to end.
import { writeSync } from 'node:fs'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { type SideOrders, sideAdapter } from './adapter.ts'

const orders = JSON.parse(process.env.ORDERS ?? '') as SideOrders
const say = (line: string): void => void writeSync(1, `${line}\n`)

const problems: string[] = []
const tracker = await createTracker({
  project: 'side',
  user: 'worker',
  store: sqliteStore(orders.path),
  adapters: [sideAdapter(orders.origin)],
  secrets: () => orders.token,
  drainOnClose: 0,
  pollMs: 100,
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
