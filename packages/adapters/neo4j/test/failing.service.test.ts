import { connect, createServer, type Socket } from 'node:net'
import type { Descriptor, Outcome } from '@sessionwire/core/adapter'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  control,
  dump,
  init,
  newProject,
  open,
  plannedOf,
  real,
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

describe.for(ways)('over %s', { timeout: 180_000 }, ([, uri]) => {
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
