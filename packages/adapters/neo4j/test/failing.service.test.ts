import { connect, createServer, type Socket } from 'node:net'
import type { Descriptor, Outcome } from '@sessionwire/core/adapter'
import { createRandom } from '@sessionwire/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { endSession, moveSession, resumeSession } from '../src/steps.ts'
import { stampOf } from '../src/text.ts'
import {
  control,
  dump,
  init,
  newProject,
  open,
  plannedOf,
  real,
  shuffled,
  storyOf,
  type Wire,
  ways,
  wipe,
} from './real.ts'

/** A way to the server whose connections can be cut. */
const openProxy = async (to: string) => {
  const { hostname, port } = new URL(to)
  const sockets = new Set<Socket>()
  const server = createServer(incoming => {
    const outgoing = connect(Number(port), hostname)
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on a port')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    uri: `${new URL(to).protocol}//127.0.0.1:${address.port}`,
    cut,
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        cut()
      }),
  }
}

/** Sessions side by side, each in order, so many at once; `after` is told how many statements were delivered. */
const sideBySide = async (
  wire: Wire,
  lanes: readonly (readonly Descriptor[])[],
  atOnce: number,
  after: (delivered: number) => void = () => {},
) => {
  const waiting = [...lanes]
  let delivered = 0
  const work = async () => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift())
      for (const descriptor of lane) {
        await wire.deliver(descriptor)
        delivered += 1
        after(delivered)
      }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

const lanesOf = (wire: Wire, project: string, count: number) =>
  Array.from({ length: count }, (_, place) => plannedOf(wire, storyOf(project, place + 1)))

describe.for(ways)('over %s', ([, uri]) => {
  const wire: Wire = open(uri, { concurrency: 50 })
  let project = ''
  beforeAll(() => init(wire, 'test'))
  afterAll(async () => {
    await wipe(wire, 'test')
    await wire.close()
  })
  beforeEach(() => {
    project = newProject()
  })
  afterEach(() => wipe(wire, project))

  /** The graph as it is when everything goes one after another. */
  const inPeace = async (count: number) => {
    await sideBySide(wire, lanesOf(wire, project, count), 1)
    const graph = await dump(wire, project)
    // A project with its state and one entity they all touch; what each session has of its own.
    expect(graph).toHaveLength(4 + 18 * count)
    await wipe(wire, project)
    return graph
  }

  test('fifty sessions side by side make the graph they make one after another', async () => {
    const graph = await inPeace(50)
    const [{ sessions } = {}] = await wire.rows(
      'MATCH (s:Session {project: $project}) RETURN count(s) AS sessions',
      {
        project,
      },
    )
    expect(sessions).toBe(0)
    await sideBySide(wire, lanesOf(wire, project, 50), 50)
    expect(await dump(wire, project)).toEqual(graph)
  })

  test('steps of one session that arrive all at once leave it at the newest', async () => {
    const random = createRandom(1)
    const stepsOf = (sessionId: string) =>
      Array.from({ length: 20 }, (_, place) => place + 1).map(n => {
        const of = {
          sessionId,
          project,
          eventId: `${sessionId} ${n}`,
          at: `2026-01-01T00:00:${n + 10}Z`,
          seq: n,
        }
        const at = { key: of.eventId, config: wire.adapter.config }
        if (n % 5 === 0) return resumeSession(of)(at)
        return n % 5 === 4
          ? endSession({ ...of, stamp: stampOf(of), status: 'crashed', progress: n })(at)
          : moveSession({ ...of, message: `step ${n}`, progress: n })(at)
      })
    const seen: unknown[] = []
    for (const round of Array.from({ length: 20 }, (_, n) => n)) {
      const id = `${project} ${round}`
      const steps = stepsOf(id)
      // The node is there, so that nothing but its own lock holds them apart.
      for (const first of steps.slice(0, 1)) await wire.deliver(first)
      await sideBySide(
        wire,
        shuffled(steps, random).map(step => [step]),
        20,
      )
      const [node] = await wire.rows(
        `MATCH (s:Session {id: $id})-[u:UPDATES_STATE]->(ps)
         RETURN s.status AS status, s.progress AS progress, s.lastMessage AS message, s.endTime AS endTime,
           toString(s.lastUpdate) AS last, u.progress AS ended, ps.progress AS project`,
        { id },
      )
      seen.push(node)
    }
    const newest = { status: 'active', progress: 19, message: 'step 18', endTime: null }
    const left = { ...newest, last: '2026-01-01T00:00:30Z', ended: 19, project: 19 }
    expect(seen).toEqual(Array.from({ length: 20 }, () => left))
  })

  test('connections cut again and again lose nothing and double nothing', async () => {
    const graph = await inPeace(10)
    const proxy = await openProxy(uri)
    const outcomes: Outcome[] = []
    const cutOff = open(
      proxy.uri,
      { concurrency: 8 },
      real.secrets,
      async outcome => void outcomes.push(outcome),
    )
    await sideBySide(cutOff, lanesOf(cutOff, project, 10), 8, delivered => {
      if (delivered % 8 === 0) proxy.cut()
    })
    await cutOff.close()
    await proxy.close()
    expect(await dump(wire, project)).toEqual(graph)
    expect(new Set(outcomes.map(({ kind }) => kind))).toContain('unknown')
  })

  if (real.control !== '')
    test('a server killed in the middle of a batch has everything in the end, once', async () => {
      const graph = await inPeace(12)
      let back: Promise<void> = Promise.resolve()
      const outcomes: Outcome[] = []
      const killed = open(uri, { concurrency: 8 }, real.secrets, async outcome => {
        outcomes.push(outcome)
        await back
      })
      const lanes = lanesOf(killed, project, 12)
      const half = Math.floor(lanes.flat().length / 2)
      await sideBySide(killed, lanes, 8, delivered => {
        if (delivered === half) back = control('kill').then(() => control('start'))
      })
      await back
      await killed.close()
      expect(await dump(wire, project)).toEqual(graph)
      expect(outcomes.length).toBeGreaterThan(0)
      expect(outcomes.map(({ kind }) => kind).filter(kind => kind !== 'retry' && kind !== 'unknown')).toEqual(
        [],
      )
    })
})
