import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import { httpOutcome } from '@sessionwire/core/adapter'
import { createWorker, httpTransport, type Incoming } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { drainFloor, type Lanes } from './floor-drain.ts'
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

/** The worker on SQLite, with everything already recorded; its adapters share the concurrency, and the lanes as that. */
const drainOurs = async (url: string, lanes: Lanes, concurrency: number, adapters: number): Promise<Cost> => {
  const named = Array.from({ length: adapters }, (_, n) =>
    adapterOf(`bench${n}`, Math.floor((concurrency + n) / adapters), url),
  )
  const folder = await mkdtemp(join(tmpdir(), 'sessionwire-bench-'))
  const store = sqliteStore(join(folder, 'drain.db'))
  const slots = named.flatMap(({ name, limits }) => Array<string>(limits.concurrency ?? 1).fill(name))
  for (const [lane, numbers] of lanes.entries()) {
    const adapter = slots[lane % slots.length] as string
    const deliveries = numbers.map((n): Incoming => {
      const key = `${lane}/${n}/${adapter}/0`
      const descriptor = {
        ...{ key, action: 'post', kind: 'http' as const, method: 'POST' as const, endpoint: `${url}/items` },
        auth: { header: 'authorization', prefix: 'Bearer ', secret: 'TOKEN' },
        payload: bodyOf(lane, n),
        captures: { [`item${n}`]: '/id' },
        repeat: 'unsafe' as const,
      }
      return { key, action: 'post', via: 'execute', sequence: 1, descriptor, holds: true }
    })
    await store.commit({
      events: [],
      lanes: [{ adapter, lane: String(lane), open: { refs: {} }, deliveries }],
    })
  }
  const secrets = (): string => 'x'
  const worker = createWorker({
    ...{ store, secrets, now: Date.now, monotonic: () => performance.now(), random: Math.random },
    adapters: named,
    transports: Object.fromEntries(named.map(({ name }) => [name, httpTransport({ secrets })])),
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

const SIZES = [
  { total: 10_000, lanes: 1_000, adapters: 1 },
  { total: 20_000, lanes: 1_200, adapters: 6 },
]
const SPEEDS = [
  { concurrency: 16, delayMs: 0, bound: 0.7 },
  { concurrency: 64, delayMs: 0, bound: 0.7 },
  { concurrency: 16, delayMs: 20, bound: 0.85 },
  { concurrency: 64, delayMs: 20, bound: 0.85 },
]
const ROUNDS = 5

/** Draining recorded deliveries to a server on this machine that answers at once, or after a while. */
export const drain = async (): Promise<readonly Row[]> => {
  const rows: Row[] = []
  const cases = SIZES.flatMap(size => SPEEDS.map(speed => ({ ...size, ...speed })))
  for (const { total, lanes, adapters, concurrency, delayMs, bound } of cases) {
    const server = await startServer(delayMs)
    try {
      const work = lanesOf(total, lanes)
      const result = await compareCost(
        ROUNDS,
        () => drainOurs(server.url, work, concurrency, adapters),
        () => drainFloor(server.url, work, concurrency, bodyOf),
      )
      const { violations } = await server.counts()
      rows.push({
        ...result,
        what: `drain: ${total.toLocaleString('en')} deliveries, ${lanes.toLocaleString('en')} lanes of ${adapters === 1 ? 'one adapter' : `${adapters} adapters`}, ${concurrency} at once, answers after ${delayMs} ms`,
        unit: 'ms',
        bound: `ratio ≥ ${bound}, no order violation`,
        holds: result.ratio >= bound && violations === 0,
        note: `${violations} order violations`,
      })
    } finally {
      await server.close()
    }
  }
  return rows
}
