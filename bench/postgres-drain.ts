// One delivering process of the bench: postgres-drain.ts <ours|boss|graphile> <url> <origin> <seconds>. It prints how many it sent.
import { Agent, request } from 'node:http'
import type { Claim, Settlement } from '@sessionwire/core/store'
import { postgresStore } from '@sessionwire/postgres'
import { run } from 'graphile-worker'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { AT_ONCE, requestOf, settlementOf } from './postgres-stage.ts'

const [engine = '', url = '', origin = '', seconds = '5'] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
let sent = 0

const send = (payload: unknown): Promise<void> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify(payload)
    const call = request(
      `${origin}/items`,
      {
        ...{ agent, method: 'POST' },
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      response => {
        response.resume()
        response.on('end', () => {
          sent++
          resolve()
        })
      },
    )
    call.on('error', reject)
    call.end(body)
  })

const until = performance.now() + Number(seconds) * 1_000
const isOver = (): boolean => performance.now() >= until

/** How long answers are waited for after a claim that took so many ms, as the worker of a store that is away does. */
const waitOf = (tookMs: number): number => Math.min(25, tookMs)

/** Claims, sends and settles as the worker does: what ended is written with the next claim. */
const ours = async (): Promise<void> => {
  const store = postgresStore({ url, connections: 4 }, { schema: 'bench_ours', prepared: true })
  const held = new Set<string>()
  let ended: Settlement[] = []
  let wake: () => void = () => undefined
  const work = async ({ delivery: { key, token, attempts, descriptor } }: Claim): Promise<void> => {
    await send((descriptor as { payload?: unknown }).payload)
    ended.push(settlementOf(key, token, attempts))
    wake()
  }
  const more = (): Promise<void> =>
    new Promise(resolve => {
      wake = resolve
    })
  while (!isOver()) {
    const settlements = ended
    ended = []
    for (const { key } of settlements) held.delete(key)
    const asked = performance.now()
    const { claims } = await store.claim({
      ...requestOf(AT_ONCE - held.size),
      holding: [...held],
      ...(settlements.length === 0 ? {} : { settlements }),
    })
    const waitMs = waitOf(performance.now() - asked)
    for (const claim of claims) {
      held.add(claim.delivery.key)
      void work(claim)
    }
    if (held.size === 0) break
    if (ended.length === 0) await more()
    // Answers that are about to come are written with it.
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      wake()
    }, waitMs)
    while (!isLate && ended.length < held.size) await more()
    clearTimeout(timer)
  }
  await store.close()
}

const boss = async (): Promise<void> => {
  const engine = new PgBoss({
    connectionString: url,
    schema: 'bench_boss',
    max: 4,
    supervise: false,
    schedule: false,
  })
  await engine.start()
  while (!isOver()) {
    const jobs = await engine.fetch('drain', { batchSize: AT_ONCE })
    if (jobs.length === 0) break
    await Promise.all(jobs.map(({ data }) => send(data)))
    await engine.complete(
      'drain',
      jobs.map(({ id }) => id),
    )
  }
  await engine.stop({ graceful: false })
}

const graphile = async (): Promise<void> => {
  const pool = new pg.Pool({ connectionString: url, max: AT_ONCE + 2 })
  const runner = await run({
    ...{
      pgPool: pool,
      schema: 'bench_graphile',
      concurrency: AT_ONCE,
      pollInterval: 100,
      noHandleSignals: true,
    },
    logger: undefined as never,
    taskList: { drain: payload => send(payload) },
  })
  while (!isOver()) await new Promise(resolve => setTimeout(resolve, 20))
  await runner.stop()
  await pool.end()
}

const engines: Readonly<Record<string, () => Promise<void>>> = { ours, boss, graphile }
const began = performance.now()
await engines[engine]?.()
process.stdout.write(`${JSON.stringify({ sent, ms: performance.now() - began })}\n`)
process.exit(0)
