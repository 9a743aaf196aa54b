// A worker that shares one file with others. Its orders stand in the environment; it prints a report when it is asked to end.
import { writeSync } from 'node:fs'
import { createTracker } from '@sessionwire/core'
import type { Store } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { type Poll, type SideOrders, type SideReport, sideAdapter } from './adapter.ts'

const orders = JSON.parse(process.env.ORDERS ?? '') as SideOrders
const say = (line: string): void => void writeSync(1, `${line}\n`)

const polls: Poll[] = []
const note = (did: Poll['did']): void => void polls.push({ did, at: Date.now() })

/** The store, with a note of every poll. */
const watch = (store: Store): Store => ({
  ...store,
  pauses: () => {
    note('look')
    return store.pauses()
  },
  claim: async request => {
    const claimed = await store.claim(request)
    note(claimed.claims.length > 0 ? 'claim' : 'claim nothing')
    return claimed
  },
})

const problems: string[] = []
const tracker = await createTracker({
  project: 'side',
  user: 'worker',
  store: watch(sqliteStore(orders.path)),
  adapters: [sideAdapter(orders.origin, orders.rate)],
  secrets: () => orders.token,
  drainOnClose: 0,
  pollMs: orders.pollMs ?? 100,
  logger: { warn: () => undefined, error: line => void problems.push(String(line)) },
})
let delivered = 0
tracker.on('delivered', () => {
  delivered++
})
say('ready')
process.stdin.once('data', async () => {
  await tracker.close()
  say(JSON.stringify({ delivered, problems, polls } satisfies SideReport))
  process.exit(0)
})
