// A session in Neo4j: a graph of sessions, progress, decisions, entities and blockers, and what can be recalled from it.
//   npm run example -- neo4j          a stand-in for Neo4j's Query API on this machine that fails now and then
//   npm run example -- neo4j --live   the real one: NEO4J_URI (bolt:// or http://), NEO4J_USERNAME and NEO4J_PASSWORD
import { createTracker } from '@sessionwire/core'
import { render } from '@sessionwire/core/render'
import { neo4j } from '@sessionwire/neo4j'
import { hostileNeo4j } from '@sessionwire/neo4j/testing'
import { day, deliveries } from '../stage/day.ts'
import { fast } from '../stage/local.ts'
import { live, staged, stop, timeoutMs } from '../stage/stage.ts'

const adapter =
  (live ? neo4j.fromEnv() : neo4j({ uri: 'http://localhost:7474' })) ??
  stop('Set NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD.')
const service = live ? undefined : await hostileNeo4j({ now: fast.now })
const secrets = { NEO4J_USERNAME: service?.username ?? '', NEO4J_PASSWORD: service?.password ?? '' }
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  adapters: [adapter],
  ...(service === undefined ? {} : staged([[adapter, service]], secrets)),
})

const session = await day(tracker)
const closed = await session.close({ summary: 'Fixed in #981', progress: 100 })
console.log('What is sent when a session closes:\n')
if (closed.recorded) console.log(render(closed.descriptors, live ? 'cypher' : 'curl'))

const { done, left } = await tracker.drain({ timeoutMs })
console.log(done ? '\nDelivered:' : `\nNot all is delivered yet: ${JSON.stringify(left)}`)
console.log(await deliveries(tracker, session.id))
if (live) console.log(await tracker.read('neo4j', 'recentSessions', { project: 'billing' }))
else for (const each of service?.sessions() ?? []) console.log(each)
if (service !== undefined) console.log(`\nDoubled, by the server's own count: ${service.doubled()}`)
await tracker.close()
await service?.close()
