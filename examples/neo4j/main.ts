// A session in Neo4j: a graph of sessions, progress, decisions, entities and blockers, and what can be recalled from it.
//   npm run example -- neo4j          a stand-in for Neo4j's Query API on this machine that fails now and then
//   npm run example -- neo4j --live   the real one: NEO4J_URI (bolt:// or http://), NEO4J_USERNAME and NEO4J_PASSWORD
import { createTracker, memoryStore } from '@sessionwire/core'
import { formatDeliveries, formatStatus } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { neo4j } from '@sessionwire/neo4j'
import { hostileNeo4j } from '@sessionwire/neo4j/testing'

const stop = (text: string): never => {
  console.error(text)
  process.exit(1)
}
const live = process.argv.includes('--live')
const unknown = process.argv.slice(2).find(word => word !== '--live')
if (unknown !== undefined) stop(`unknown argument "${unknown}"; expected --live, or nothing`)

const clock = createFastClock(live ? 1 : 60)
const adapter =
  (live ? neo4j.fromEnv() : neo4j({ uri: 'http://localhost:7474' })) ??
  stop('Set NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD.')
const service = live ? undefined : await hostileNeo4j({ now: clock.now })
const secrets = { NEO4J_USERNAME: service?.username ?? '', NEO4J_PASSWORD: service?.password ?? '' }
const stage = service && createStage([[adapter, service]], secrets, clock)
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  // With --live, requests that cannot be delivered now stay in the file, and the next run sends them.
  store: live ? sqliteStore('.sessionwire/neo4j.db') : memoryStore(clock),
  adapters: [adapter],
  ...stage,
})

const session = await tracker.start({ goal: 'Stop double charging', agent: 'fixer' })
await session.update('Reproduced with two parallel webhooks', { progress: 35, nextSteps: ['Find the lock'] })
await session.decide('Lock per invoice', {
  rationale: 'Stripe retries within seconds',
  alternatives: ['One global lock'],
})
const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
await blocker.resolve('Key issued by ops')
await session.entity({ name: 'InvoiceLock', type: 'class', path: 'src/lock.ts' })
await session.close({ summary: 'Fixed in #981', progress: 100 })

const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
console.log(formatDeliveries(await tracker.deliveries({ lane: session.id })))
if (!done) {
  process.exitCode = 1
  console.error(`\nNot everything was delivered:\n${formatStatus(await tracker.status())}`)
}
if (live) console.log(await tracker.read('neo4j', 'listSessions', { project: 'billing' }))
else for (const each of service?.sessions() ?? []) console.log(each)
if (service !== undefined) console.log(`\nSent twice, by the server's own count: ${service.countDoubled()}`)
await tracker.close()
await service?.close()
