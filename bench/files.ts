import { mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { files } from '@sessionwire/files'
import { drainFloor, type Lanes } from './floor-drain.ts'
import { type Cost, compareCost, measureCost, type Row } from './measure.ts'

const SESSIONS = 50
const UPDATES = 5
const ROUNDS = 3
/** As many files at once as the adapter writes. */
const CONCURRENCY = 4

type Drained = Readonly<{ cost: Cost; delivered: number }>

/** Notes of recorded sessions, written by the adapter through the worker. */
const drainNotes = async (): Promise<Drained> => {
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  const root = join(folder, 'vault')
  await mkdir(root)
  const tracker = await createTracker({
    ...{ project: 'bench', user: 'ada', deliver: false, secrets: () => undefined },
    store: sqliteStore(join(folder, 'files.db')),
    adapters: [files({ root, updates: 'each', timeZone: 'UTC' })],
  })
  let delivered = 0
  tracker.on('delivered', () => {
    delivered++
  })
  for (let n = 0; n < SESSIONS; n++) {
    const session = await tracker.start({ goal: `Stop double charging ${n}` })
    for (let step = 1; step <= UPDATES; step++)
      await session.update(`Step ${step}: reproduced with two parallel webhooks`, { progress: step })
  }
  const cost = await measureCost(async () => {
    const { done, left } = await tracker.drain({ timeoutMs: 600_000 })
    if (!done) throw new Error(`not drained: ${JSON.stringify(left)}`)
  })
  await tracker.close()
  await rm(folder, { recursive: true })
  return { cost, delivered }
}

/** The outbox of the floor; for each delivery it reads a note and writes it whole, durably and in place of the old one. */
const drainPlain = async (deliveries: number): Promise<Cost> => {
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  const lanes: Lanes = Array.from({ length: SESSIONS }, (_, lane) =>
    Array.from({ length: Math.ceil((deliveries - lane) / SESSIONS) }, (_, n) => lane + n * SESSIONS),
  )
  const write = async (body: string): Promise<Readonly<{ status: number; text: string }>> => {
    const { lane, text } = JSON.parse(body) as Readonly<{ lane: number; text: string }>
    const path = join(folder, `${lane}.md`)
    const before = await readFile(path, 'utf8').catch(() => '')
    const made = await open(`${path}.new`, 'wx')
    await made.writeFile(before + text)
    await made.sync()
    await made.close()
    await rename(`${path}.new`, path)
    const parent = await open(folder, 'r')
    await parent.sync()
    await parent.close()
    return { status: 200, text: '{"id":"1"}' }
  }
  const text = `- 10:00 Step: reproduced with two parallel webhooks\n${'x'.repeat(80)}\n`
  const cost = await drainFloor(write, lanes, CONCURRENCY, lane => ({ lane, text }))
  await rm(folder, { recursive: true })
  return cost
}

/** Notes of sessions, against a bare outbox that writes as many files as durably. */
export const notes = async (): Promise<readonly Row[]> => {
  let deliveries = 0
  const result = await compareCost(
    ROUNDS,
    async () => {
      const { cost, delivered } = await drainNotes()
      deliveries = delivered
      return cost
    },
    () => drainPlain(deliveries),
  )
  return [
    {
      ...result,
      what: `files: ${deliveries} deliveries to the notes of ${SESSIONS} sessions, ${CONCURRENCY} at once, each synced to the disk`,
      unit: 'ms',
      bound: 'none',
      holds: true,
    },
  ]
}
