import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnyAdapter, Descriptor } from '@sessionwire/core/adapter'
import type { Incoming } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { bodyOf, type drainPosts, type Lanes } from './floor-drain.ts'
import type { Row } from './measure.ts'
import { adaptersOf, type drainOurs } from './ours-drain.ts'
import { startServer } from './server.ts'
import { compareSides, startSide } from './side.ts'

const lanesOf = (total: number, lanes: number): Lanes =>
  Array.from({ length: lanes }, (_, lane) =>
    Array.from({ length: Math.ceil((total - lane) / lanes) }, (_, n) => lane + n * lanes),
  )

/** Records everything in a new file. The lanes are shared as the concurrency is; without an address the calls are custom ones. */
const record = async (
  path: string,
  url: string | undefined,
  lanes: Lanes,
  named: readonly AnyAdapter[],
): Promise<void> => {
  const store = sqliteStore(path)
  const slots = named.flatMap(({ name, limits }) => Array<string>(limits.concurrency ?? 1).fill(name))
  for (const [lane, numbers] of lanes.entries()) {
    const adapter = slots[lane % slots.length] as string
    const deliveries = numbers.map((n): Incoming => {
      const key = `${lane}/${n}/${adapter}/0`
      const call = { payload: bodyOf(lane, n), captures: { [`item${n}`]: '/id' }, repeat: 'unsafe' as const }
      const auth = { header: 'authorization', prefix: 'Bearer ', secret: 'TOKEN' }
      const descriptor: Descriptor =
        url === undefined
          ? { key, action: 'post', kind: 'custom', target: 'bench', ...call }
          : { key, action: 'post', kind: 'http', method: 'POST', endpoint: `${url}/items`, auth, ...call }
      return { key, action: 'post', via: 'execute', sequence: 1, descriptor, holds: true }
    })
    await store.commit({
      events: [],
      lanes: [{ adapter, lane: String(lane), open: { refs: {} }, deliveries }],
    })
  }
  await store.close()
}

type Case = Readonly<{
  total: number
  lanes: number
  adapters: number
  concurrency: number
  /** How long the server takes, ms; without it nothing leaves the process. */
  delayMs?: number
  bound: number
}>

/** Where the server takes its time, fewer deliveries say as much. */
const CASES: readonly Case[] = [
  { total: 10_000, lanes: 1_000, adapters: 1, concurrency: 16, delayMs: 0, bound: 0.7 },
  { total: 10_000, lanes: 1_000, adapters: 1, concurrency: 64, delayMs: 0, bound: 0.7 },
  { total: 2_000, lanes: 200, adapters: 1, concurrency: 16, delayMs: 20, bound: 0.85 },
  { total: 6_000, lanes: 600, adapters: 1, concurrency: 64, delayMs: 20, bound: 0.85 },
  { total: 10_000, lanes: 600, adapters: 6, concurrency: 16, delayMs: 0, bound: 0.7 },
  { total: 10_000, lanes: 600, adapters: 6, concurrency: 64, delayMs: 0, bound: 0.7 },
  { total: 2_000, lanes: 200, adapters: 6, concurrency: 16, delayMs: 20, bound: 0.85 },
  { total: 6_000, lanes: 600, adapters: 6, concurrency: 64, delayMs: 20, bound: 0.85 },
  // Nothing but the queue itself: no share of the time is a server's or a client's.
  { total: 10_000, lanes: 1_000, adapters: 1, concurrency: 16, bound: 0 },
]
const ROUNDS = 5

const describe = ({ total, lanes, adapters, concurrency, delayMs }: Case): string =>
  [
    `drain: ${total.toLocaleString('en')} ${delayMs === undefined ? 'custom calls that are answered at once' : 'deliveries'}`,
    `${lanes.toLocaleString('en')} lanes of ${adapters === 1 ? 'one adapter' : `${adapters} adapters`}`,
    `${concurrency} at once`,
    ...(delayMs === undefined ? [] : [`answers after ${delayMs} ms`]),
  ].join(', ')

const rowOf = async (given: Case): Promise<Row> => {
  const { total, lanes, adapters, concurrency, delayMs, bound } = given
  const server = delayMs === undefined ? undefined : await startServer(delayMs)
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  try {
    const work = lanesOf(total, lanes)
    const recorded = join(folder, 'recorded.db')
    await record(recorded, server?.url, work, adaptersOf(server?.url, concurrency, adapters))
    const result = await compareSides(
      ROUNDS,
      startSide<typeof drainOurs>(
        new URL('./ours-drain.ts', import.meta.url),
        'drainOurs',
        recorded,
        server?.url,
        concurrency,
        adapters,
      ),
      startSide<typeof drainPosts>(
        new URL('./floor-drain.ts', import.meta.url),
        'drainPosts',
        server?.url,
        work,
        concurrency,
      ),
    )
    const violations = (await server?.counts())?.violations ?? 0
    return {
      ...result,
      what: describe(given),
      unit: 'ms',
      bound: bound === 0 ? 'none' : `ratio ≥ ${bound}, no order violation`,
      holds: result.ratio >= bound && violations === 0,
      ...(server === undefined ? {} : { note: `${violations} order violations` }),
    }
  } finally {
    await rm(folder, { recursive: true })
    await server?.close()
  }
}

/**
 * Draining recorded deliveries: to a server on this machine that answers at once or after a while, and without one.
 * Each side has its own process, as users run one of them: in one process the floor uses the heap that ours has made grow,
 * and ours shares the compiled code of Node's modules with the floor.
 */
export const drain = async (): Promise<readonly Row[]> => {
  const rows: Row[] = []
  for (const each of CASES) rows.push(await rowOf(each))
  return rows
}
