import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTracker } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { targetOf } from '../packages/core/src/delivery/place.ts'
import { measureMs, median, type Row } from './measure.ts'
import { benchAdapters } from './stage.ts'

const UPDATES = 500
const CLAIMS = 200

type Opened = Readonly<{ heapMb: number; updateMs: number; claimMs: number }>

const times = async (count: number, work: (n: number) => Promise<unknown>): Promise<number> => {
  const each: number[] = []
  for (let n = 0; n < count; n++) each.push(await measureMs(() => work(n)))
  return median(each)
}

/** In a process of its own: so many sessions are open in one tracker, and are updated and claimed here and there. */
const open = async (path: string, total: number): Promise<Opened> => {
  const tracker = await createTracker({
    ...{ project: 'bench', user: 'ada', deliver: false, secrets: () => 'x' },
    store: sqliteStore(path),
    adapters: benchAdapters().slice(0, 2),
  })
  const ids: string[] = []
  for (let n = 0; n < total; n++) ids.push((await tracker.start({ goal: `Session ${n}` })).id)
  const updateMs = await times(UPDATES, async n =>
    tracker.session(ids[(n * 7_919) % total] ?? '').update(`Step ${n}`, { progress: n % 100 }),
  )
  const store = sqliteStore(path)
  const slack = benchAdapters()[0] as AnyAdapter
  const ask = {
    adapters: [{ name: 'slack', target: targetOf(slack), room: 1, concurrency: 1_000_000, rates: {} }],
    ...{ lease: { baseMs: 600_000, readMs: 0 }, afterMs: 60_000, unreportedMax: 3 },
  }
  const holding: string[] = []
  const claimMs = await times(CLAIMS, async () => {
    const { claims } = await store.claim({ ...ask, holding })
    holding.push(...claims.map(({ delivery }) => delivery.key))
  })
  const given = holding.length
  if (given !== CLAIMS) throw new Error(`${given} of ${CLAIMS} claims gave something`)
  globalThis.gc?.()
  const heapMb = process.memoryUsage().heapUsed / 2 ** 20
  await store.close()
  await tracker.close()
  return { heapMb, updateMs, claimMs }
}

const inChild = async (total: number): Promise<Opened> => {
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  try {
    return await new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(import.meta.url), [join(folder, 'open.db'), String(total)], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      })
      child.once('message', message => resolve(message as Opened))
      child.once('exit', code => reject(new Error(`ended with ${code}`)))
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Ten thousand sessions open at once, against a thousand. */
export const openSessions = async (): Promise<readonly Row[]> => {
  const measure = async (total: number): Promise<Opened> => {
    const all = []
    for (let n = 0; n < 3; n++) all.push(await inChild(total))
    return {
      heapMb: median(all.map(each => each.heapMb)),
      updateMs: median(all.map(each => each.updateMs)),
      claimMs: median(all.map(each => each.claimMs)),
    }
  }
  const few = await measure(1_000)
  const many = await measure(10_000)
  const row = (what: string, unit: string, of: keyof Opened, least: number): Row => ({
    ...{ what: `10,000 sessions open, against 1,000: ${what}`, unit, ours: many[of], floor: few[of] },
    ratio: few[of] / many[of],
    bound: `ratio ≥ ${least}`,
    holds: few[of] / many[of] >= least,
  })
  return [
    row('memory in use', 'MiB', 'heapMb', 0.5),
    row('one update', 'ms', 'updateMs', 0.5),
    row('one claim', 'ms', 'claimMs', 0.5),
  ]
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.send(await open(process.argv[2] ?? '', Number(process.argv[3])))
  process.disconnect()
}
