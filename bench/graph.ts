import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import type { Delivery } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { neo4j } from '@sessionwire/neo4j'
import driver from 'neo4j-driver'
import { compare, type Row } from './measure.ts'

const EVENTS = 10_000
const SESSIONS = 100
const CONCURRENCY = 8

type Server = Readonly<{ uri: string; username: string; password: string }>

const server = (): Server | undefined => {
  const {
    TEST_NEO4J_URI: uri,
    TEST_NEO4J_USERNAME: username = '',
    TEST_NEO4J_PASSWORD: password = '',
  } = process.env
  return uri === undefined ? undefined : { uri, username, password }
}

/** Records everything, then only delivers; gives the milliseconds of delivering, and what was sent. */
const ours = async ({
  uri,
  username,
  password,
}: Server): Promise<Readonly<{ ms: number; sent: readonly Delivery[] }>> => {
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  const values: Readonly<Record<string, string>> = { NEO4J_USERNAME: username, NEO4J_PASSWORD: password }
  const tracker = await createTracker({
    ...{ project: 'bench', user: 'ada', deliver: false, concurrency: CONCURRENCY },
    store: sqliteStore(join(folder, 'graph.db')),
    adapters: [neo4j({ uri, updates: 'each' })],
    secrets: name => values[name],
  })
  const sessions = []
  for (let n = 0; n < SESSIONS; n++) sessions.push(await tracker.start({ goal: `Session ${n}` }))
  for (let n = SESSIONS; n < EVENTS; n++)
    await sessions[n % SESSIONS]?.update(`Step ${n}`, { progress: n % 100 })
  const start = performance.now()
  const { done, left } = await tracker.drain({ timeoutMs: 600_000 })
  const ms = performance.now() - start
  if (!done) throw new Error(`not drained: ${JSON.stringify(left)}`)
  const sent: Delivery[] = []
  for (const { id } of sessions) sent.push(...(await tracker.deliveries({ lane: id })))
  await tracker.close()
  await rm(folder, { recursive: true })
  return { ms, sent }
}

/** The same statements by the bare driver: so many sessions at once, one statement after the other in each. */
const floor = async ({ uri, username, password }: Server, sent: readonly Delivery[]): Promise<number> => {
  const bare = driver.driver(uri, driver.auth.basic(username, password), { disableLosslessIntegers: true })
  const lanes = new Map<string, Delivery[]>()
  for (const each of sent) lanes.set(each.lane, [...(lanes.get(each.lane) ?? []), each])
  const waiting = [...lanes.values()]
  const work = async (): Promise<void> => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift())
      for (const { descriptor } of lane) {
        if (descriptor?.kind !== 'cypher') continue
        const session = bare.session({ database: descriptor.database })
        await session.run(descriptor.statement, descriptor.parameters as Record<string, unknown>)
        await session.close()
      }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
  const ms = performance.now() - start
  await bare.close()
  return ms
}

/** Events written to a real Neo4j through one worker, against the bare driver. Nothing without a server. */
export const graph = async (): Promise<readonly Row[]> => {
  const found = server()
  if (found === undefined) {
    process.stderr.write('graph: left out, no Neo4j is named (scripts/neo4j-server pnpm bench graph)\n')
    return []
  }
  const sent = (await ours(found)).sent
  const result = await compare(
    5,
    async () => (await ours(found)).ms,
    () => floor(found, sent),
  )
  return [
    {
      ...result,
      what: `Neo4j: ${EVENTS.toLocaleString('en')} events of ${SESSIONS} sessions through one worker, ${CONCURRENCY} at once`,
      unit: 'ms',
      bound: 'ratio ≥ 0.7',
      holds: result.ratio >= 0.7,
    },
  ]
}
