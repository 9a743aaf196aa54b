import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker, type Tracker } from '@sessionwire/core'
import type { Descriptor } from '@sessionwire/core/adapter'
import { sqliteStore } from '@sessionwire/core/sqlite'
import type { Neo4jStatement } from '@sessionwire/neo4j'
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

type Recorded = Readonly<{ tracker: Tracker; descriptors: readonly (readonly Descriptor[])[] }>

/** Works with new sessions, all recorded and none delivered. */
const withRecorded = async (
  { uri, username, password }: Server,
  work: (recorded: Recorded) => Promise<number>,
): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  const values: Readonly<Record<string, string>> = { NEO4J_USERNAME: username, NEO4J_PASSWORD: password }
  const tracker = await createTracker({
    ...{ project: 'bench', user: 'ada', deliver: false, concurrency: CONCURRENCY },
    store: sqliteStore(join(folder, 'graph.db')),
    adapters: [neo4j({ uri, updates: 'each', concurrency: CONCURRENCY })],
    secrets: name => values[name],
  })
  const sessions = []
  for (let n = 0; n < SESSIONS; n++) sessions.push(await tracker.start({ goal: `Session ${n}` }))
  for (let n = SESSIONS; n < EVENTS; n++)
    await sessions[n % SESSIONS]?.update(`Step ${n}`, { progress: n % 100 })
  const descriptors = []
  for (const { id } of sessions) {
    const deliveries = await tracker.deliveries({ lane: id, limit: EVENTS })
    descriptors.push(deliveries.flatMap(({ descriptor }) => descriptor ?? []))
  }
  const ms = await work({ tracker, descriptors })
  await tracker.close()
  await rm(folder, { recursive: true })
  return ms
}

const ours = (server: Server): Promise<number> =>
  withRecorded(server, async ({ tracker }) => {
    const start = performance.now()
    const { done, left } = await tracker.drain({ timeoutMs: 600_000 })
    if (!done) throw new Error(`not drained: ${JSON.stringify(left)}`)
    return performance.now() - start
  })

/** False: the server asks for the same once more. */
const isWritten = async (run: Promise<unknown>): Promise<boolean> => {
  try {
    await run
    return true
  } catch (thrown) {
    if ((thrown as { retriable?: boolean }).retriable === true) return false
    throw thrown
  }
}

/** Such statements by the bare driver: so many sessions at once, one statement after the other in each. */
const floor = (server: Server): Promise<number> =>
  withRecorded(server, async ({ descriptors }) => {
    const { uri, username, password } = server
    const bare = driver.driver(uri, driver.auth.basic(username, password), { disableLosslessIntegers: true })
    const waiting = [...descriptors]
    let sent = 0
    const work = async (): Promise<void> => {
      for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift())
        for (const descriptor of lane) {
          if (descriptor.kind !== 'custom') throw new Error('only statements are expected')
          const { statement, parameters, database } = descriptor.payload as unknown as Neo4jStatement
          const session = bare.session({ database })
          // Sessions of one project meet at its node; now and then the server lets one of two start over.
          while (!(await isWritten(session.run(statement, parameters as Record<string, unknown>))));
          await session.close()
          sent++
        }
    }
    const start = performance.now()
    await Promise.all(Array.from({ length: CONCURRENCY }, work))
    const ms = performance.now() - start
    await bare.close()
    if (sent !== EVENTS) throw new Error(`the floor sent ${sent} statements`)
    return ms
  })

/** Events written to a real Neo4j through one worker, against the bare driver. Nothing without a server. */
export const graph = async (): Promise<readonly Row[]> => {
  const found = server()
  if (found === undefined) {
    process.stderr.write('graph: left out, no Neo4j is named (scripts/neo4j-server pnpm bench graph)\n')
    return []
  }
  const result = await compare(
    5,
    () => ours(found),
    () => floor(found),
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
