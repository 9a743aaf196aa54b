import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Incoming } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { median, type Row } from './measure.ts'

const LANES = 2_000

const fill = async (path: string, total: number): Promise<void> => {
  const store = sqliteStore(path)
  for (let lane = 0; lane < LANES; lane++) {
    const deliveries = Array.from({ length: Math.ceil((total - lane) / LANES) }, (_, n): Incoming => {
      const key = `${lane}-${n}/bench/0`
      const descriptor = {
        ...{
          key,
          action: 'post',
          kind: 'http' as const,
          method: 'POST' as const,
          endpoint: 'http://127.0.0.1:1/items',
        },
        payload: { lane, n, text: 'x'.repeat(300) },
        captures: { [`item${n}`]: '/id' },
        repeat: 'unsafe' as const,
      }
      return { key, action: 'post', via: 'execute', sequence: 1, descriptor, holds: true }
    })
    await store.commit({
      events: [],
      lanes: [{ adapter: 'bench', lane: `lane-${lane}`, open: { refs: {} }, deliveries }],
    })
  }
  await store.close()
}

type Opened = Readonly<{ firstMs: number; claimMs: number; rssMb: number }>

const ask = {
  adapters: [{ name: 'bench', target: '', room: 4, concurrency: 4, rates: {} }],
  lease: { baseMs: 60_000, readMs: 0 },
  afterMs: 60_000,
  unreportedMax: 3,
}

/** In a process of its own: opens, claims, begins and settles as a worker does, and looks at its memory. */
const open = async (path: string): Promise<Opened> => {
  const start = performance.now()
  const store = sqliteStore(path)
  let { claims } = await store.claim(ask)
  const firstMs = performance.now() - start
  const each: number[] = []
  for (let n = 0; n < 500; n++) {
    await store.begin(claims.map(({ delivery: { key, token } }) => ({ key, token })))
    await store.settle(
      claims.map(({ delivery: { key, token, attempts } }) => ({
        ...{
          key,
          token,
          attempts,
          state: 'delivered' as const,
          dueAt: 0,
          doubtSince: null,
          reason: null,
          misses: 0,
          rejected: null,
        },
        captures: { [`item${key}`]: 'x' },
      })),
    )
    const from = performance.now()
    claims = (await store.claim(ask)).claims
    each.push(performance.now() - from)
  }
  const rssMb = process.memoryUsage.rss() / 2 ** 20
  await store.close()
  return { firstMs, claimMs: median(each), rssMb }
}

const inChild = (path: string): Promise<Opened> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [path], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child.once('message', message => resolve(message as Opened))
    child.once('exit', code => reject(new Error(`ended with ${code}`)))
  })

/** A large backlog: memory of a worker, the first claim after opening, and what a claim costs. */
export const backlog = async (): Promise<readonly Row[]> => {
  const rows: Row[] = []
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  const measure = async (total: number): Promise<Opened> => {
    const path = join(folder, `${total}.db`)
    await fill(path, total)
    const opened: Opened[] = []
    for (let n = 0; n < 3; n++) opened.push(await inChild(path))
    return {
      firstMs: median(opened.map(each => each.firstMs)),
      claimMs: median(opened.map(each => each.claimMs)),
      rssMb: Math.max(...opened.map(each => each.rssMb)),
    }
  }
  try {
    // Enough that it does not run dry: each of three workers takes some 2,000.
    const small = await measure(20_000)
    for (const { total, rssMb, firstMs } of [
      { total: 200_000, rssMb: 150, firstMs: 50 },
      { total: 1_000_000, rssMb: 200, firstMs: 100 },
    ]) {
      const opened = await measure(total)
      const name = total.toLocaleString('en')
      rows.push(
        {
          what: `${name} waiting: first claim after opening`,
          unit: 'ms',
          ours: opened.firstMs,
          bound: `< ${firstMs} ms`,
          holds: opened.firstMs < firstMs,
        },
        {
          what: `${name} waiting: memory of a worker`,
          unit: 'MiB',
          ours: opened.rssMb,
          bound: `< ${rssMb} MB`,
          holds: opened.rssMb * 1.048576 < rssMb,
        },
        {
          what: `${name} waiting: four given by one claim, against 20,000 waiting`,
          unit: 'ms',
          ours: opened.claimMs,
          floor: small.claimMs,
          ratio: small.claimMs / opened.claimMs,
          bound: 'ratio ≥ 0.5',
          holds: small.claimMs / opened.claimMs >= 0.5,
        },
      )
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  return rows
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.send(await open(process.argv[2] ?? ''))
  process.disconnect()
}
