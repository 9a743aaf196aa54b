import { createTracker, type Tracker } from '@sessionwire/core'
import { describe, expect, test } from 'vitest'
import { type Neo4jAdapter, neo4j } from '../src/index.ts'
import { control, dump, newProject, open, real, ways, wipe } from './real.ts'

const SESSIONS = 12

/** A tracker at the real server; waits are short, because the test waits for them. */
const trackerAt = (uri: string, project: string) =>
  createTracker({
    project,
    user: 'ada',
    adapters: [neo4j({ uri, database: real.database, concurrency: 8 })],
    secrets: name => real.secrets[name],
    policy: { backoffMs: 20, backoffMaxMs: 200, afterMs: 50, downAfter: 3 },
  })

const work = async (tracker: Tracker<readonly [Neo4jAdapter<'neo4j'>]>, number: number) => {
  const session = await tracker.start({ goal: `Work ${number}`, progress: number })
  await session.update('Reproduced', { progress: 40, tags: ['a'] })
  await session.entity({ name: 'Shared', type: 'class', path: `src/${number}.ts` })
  await session.decide('Lock per invoice', { alternatives: ['global lock'], relatedEntities: ['Shared'] })
  const blocker = await session.block('No key')
  await blocker.resolve('Here it is')
  await session.close({ summary: 'Fixed', progress: 100 })
  return session.id
}

describe.for(ways)('a tracker over %s', ([way, uri]) => {
  test('mirrors sessions, and what it recalls is typed', async () => {
    const project = newProject()
    const wire = open(uri)
    const tracker = await trackerAt(uri, project)
    const id = await work(tracker, 1)
    expect(await tracker.drain({ timeoutMs: 60_000 })).toMatchObject({ done: true })
    const [row] = await tracker.read('neo4j', 'listSessions', { project })
    expect(row).toMatchObject({
      id,
      name: 'Work 1',
      status: 'completed',
      progress: 100,
      updates: 1,
      decisions: 1,
    })
    expect(await tracker.check('neo4j')).toMatchObject({ ok: true })
    await tracker.close()
    await wipe(wire, project)
    await wire.close()
  })

  // By HTTP as well, but without a tracker: failing.service.test.ts. A server takes its time to come back.
  if (real.control !== '' && way === 'Bolt')
    test('loses and doubles nothing when the server is killed while it delivers', async () => {
      const project = newProject()
      const wire = open(uri)
      const tracker = await trackerAt(uri, project)
      let delivered = 0
      let back: Promise<void> | undefined
      let waited = 0
      tracker.on('delivered', () => {
        delivered += 1
        if (delivered === 30) back = control('kill').then(() => control('start'))
      })
      for (const name of ['retry', 'paused'] as const)
        tracker.on(name, () => {
          waited += 1
        })
      const ids = await Promise.all(Array.from({ length: SESSIONS }, (_, place) => work(tracker, place + 1)))
      // The server is gone for as long as it takes to start: what is left is asked for again.
      let drained = await tracker.drain({ timeoutMs: 60_000 })
      await back
      if (!drained.done) drained = await tracker.drain({ timeoutMs: 60_000 })
      expect(drained).toMatchObject({ done: true })
      const kinds = (await tracker.deliveries({})).map(({ state }) => state)
      expect(new Set(kinds)).toEqual(new Set(['delivered']))
      await tracker.close()

      const graph = await dump(wire, project)
      // A project with its state and the entity they share; five nodes and nine relations of each session.
      expect(graph).toHaveLength(4 + 14 * SESSIONS)
      for (const id of ids)
        expect(
          graph.filter(line => line.startsWith(`Session ${id} `) && line.includes('"status":"completed"')),
        ).toHaveLength(1)
      expect(waited).toBeGreaterThan(0)
      await wipe(wire, project)
      await wire.close()
    })
})
