import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnyAdapter, Descriptor } from '@sessionwire/core/adapter'
import { httpOutcome } from '@sessionwire/core/adapter'
import { createWorker, httpTransport, type Incoming, type Transport } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { drainFloor, type Lanes, type Post } from './floor-drain.ts'
import { type Cost, compareCost, measureCost, type Row } from './measure.ts'
import { startServer } from './server.ts'

const adapterOf = (name: string, concurrency: number, url: string): AnyAdapter => ({
  ...{ name, config: {}, mode: 'execute', hooks: {}, actions: {}, secrets: ['TOKEN'], origins: [url] },
  limits: { concurrency, rates: {} },
  check: { call: { kind: 'http', method: 'GET', endpoint: 'http://127.0.0.1:1/' } },
  outcome: (reply, sent) => httpOutcome(reply, sent),
})

const lanesOf = (total: number, lanes: number): Lanes =>
  Array.from({ length: lanes }, (_, lane) =>
    Array.from({ length: Math.ceil((total - lane) / lanes) }, (_, n) => lane + n * lanes),
  )

const bodyOf = (lane: number, n: number) => ({
  lane,
  n,
  text: `Step ${n}: reproduced with two parallel webhooks`,
  more: 'x'.repeat(300),
})

const answerAtOnce: Transport = {
  send: () => Promise.resolve({ kind: 'answer', status: 200, headers: {}, body: { id: '1' } }),
}

/** The adapters of a case: they share the concurrency. */
const adaptersOf = (url: string | undefined, concurrency: number, adapters: number): readonly AnyAdapter[] =>
  Array.from({ length: adapters }, (_, n) =>
    adapterOf(`bench${n}`, Math.floor((concurrency + n) / adapters), url ?? 'http://127.0.0.1:1'),
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

/** The worker on a copy of the recorded file. Without an address its transport answers at once. */
const drainOurs = async (
  recorded: string,
  url: string | undefined,
  named: readonly AnyAdapter[],
  concurrency: number,
): Promise<Cost> => {
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  const path = join(folder, 'drain.db')
  await copyFile(recorded, path)
  const store = sqliteStore(path)
  const secrets = (): string => 'x'
  const worker = createWorker({
    ...{ store, secrets, now: Date.now, monotonic: () => performance.now(), random: Math.random },
    adapters: named,
    transports: Object.fromEntries(
      named.map(({ name }) => [name, url === undefined ? answerAtOnce : httpTransport({ secrets })]),
    ),
    concurrency,
    emit: () => undefined,
    redact: text => text,
  })
  const cost = await measureCost(async () => {
    const { done, left } = await worker.drain({ timeoutMs: 600_000 })
    if (!done) throw new Error(`not drained: ${JSON.stringify(left)}`)
  })
  await worker.stop()
  await store.close()
  await rm(folder, { recursive: true })
  return cost
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

const answerWithId = (): ReturnType<Post> => Promise.resolve({ status: 200, text: '{"id":"1"}' })

const rowOf = async (given: Case): Promise<Row> => {
  const { total, lanes, adapters, concurrency, delayMs, bound } = given
  const server = delayMs === undefined ? undefined : await startServer(delayMs)
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  try {
    const work = lanesOf(total, lanes)
    const named = adaptersOf(server?.url, concurrency, adapters)
    const recorded = join(folder, 'recorded.db')
    await record(recorded, server?.url, work, named)
    const result = await compareCost(
      ROUNDS,
      () => drainOurs(recorded, server?.url, named, concurrency),
      () => drainFloor(server?.url ?? answerWithId, work, concurrency, bodyOf),
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
 */
export const drain = async (): Promise<readonly Row[]> => {
  const rows: Row[] = []
  for (const each of CASES) rows.push(await rowOf(each))
  return rows
}
