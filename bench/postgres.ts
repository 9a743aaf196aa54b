// The store on PostgreSQL against pg-boss and graphile-worker, in turns on one server:
//   scripts/postgres-server pnpm bench:postgres [--seconds 4] [--rounds 3] [--parts append,drain,rates,backlog,kept]
// Ours is the whole commit of an event with six requests, theirs the six jobs alone. Absolute figures say something of the
// machine; ratios of one run, and processor time of the server for 1,000 deliveries, are what to keep.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { postgresStore } from '@sessionwire/postgres'
import { makeWorkerUtils } from 'graphile-worker'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { machine, median } from './measure.ts'
import { measureBacklog } from './postgres-backlog.ts'
import { cpuOf } from './postgres-cpu.ts'
import { measureKept } from './postgres-kept.ts'
import { measureRates } from './postgres-rates.ts'
import { commitOf, NAMES, payloadOf } from './postgres-stage.ts'
import { startServer } from './server.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    parts: { type: 'string', default: 'append,drain,rates,backlog,kept' },
  },
})
const url = process.env.TEST_POSTGRES_URL
if (url === undefined)
  throw new Error('Set TEST_POSTGRES_URL, or run scripts/postgres-server pnpm bench:postgres.')
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const CALLERS = 32
const LANES = 200

const admin = new pg.Pool({ connectionString: url, max: 2 })
const pool = new pg.Pool({ connectionString: url, max: CALLERS })
const store = postgresStore({ pool: pool as never }, { schema: 'bench_ours', prepared: true })
const boss = new PgBoss({
  connectionString: url,
  schema: 'bench_boss',
  max: CALLERS,
  supervise: false,
  schedule: false,
})
const graphile = await makeWorkerUtils({ pgPool: pool, schema: 'bench_graphile' })

const ENGINES = ['ours', 'boss', 'graphile'] as const
type Engine = (typeof ENGINES)[number]

const clear = async (): Promise<void> => {
  for (const engine of ENGINES) await admin.query(`DROP SCHEMA IF EXISTS bench_${engine} CASCADE`)
}
await clear()
await store.identity()
await boss.start()
await boss.createQueue('append')
await boss.createQueue('drain', { policy: 'key_strict_fifo' })
await graphile.migrate()

let names = 0
const jobs = (lane: string, n: number) => NAMES.map(name => payloadOf(`${lane}/${name}`, n))
/** Appends one event's requests. */
const APPENDS: Readonly<Record<Engine, (lane: string, n: number) => Promise<unknown>>> = {
  ours: (lane, n) => store.commit(commitOf(lane, n)),
  boss: (lane, n) =>
    boss.insert(
      'append',
      jobs(lane, n).map(data => ({ data })),
    ),
  graphile: (lane, n) =>
    graphile.addJobs(
      jobs(lane, n).map(payload => ({ identifier: 'append', payload, queueName: payload.lane })),
    ),
}

const serverCpu = cpuOf(admin)

type Appended = Readonly<{ perSecond: number; cpuMs: number; clientMs: number }>

const append = async (engine: Engine, callers: number): Promise<Appended> => {
  const [server, client] = [await serverCpu(), process.cpuUsage()]
  const until = performance.now() + seconds * 1_000
  const began = performance.now()
  let done = 0
  await Promise.all(
    Array.from({ length: callers }, async () => {
      const lane = `l${++names}`
      for (let n = 1; performance.now() < until; n++) {
        await APPENDS[engine](lane, n)
        done++
      }
    }),
  )
  const lasted = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(client)
  return {
    perSecond: done / lasted,
    cpuMs: ((await serverCpu()) - server) / (done / 1_000),
    clientMs: (user + system) / done,
  }
}

/** Fills a backlog with as many requests in each lane. */
const fill = async (engine: Engine, each: number): Promise<void> => {
  if (engine === 'ours')
    await admin.query(
      'TRUNCATE bench_ours.deliveries, bench_ours.heads, bench_ours.lanes, bench_ours.sessions, bench_ours.events, bench_ours.tallies, bench_ours.captures',
    )
  if (engine === 'boss') await boss.deleteAllJobs('drain')
  if (engine === 'graphile')
    await admin.query('TRUNCATE bench_graphile._private_jobs, bench_graphile._private_job_queues')
  const base = ++names
  await Promise.all(
    Array.from({ length: LANES }, async (_, place) => {
      const lane = `d${base}-${place}`
      for (let n = 1; n <= each; n++)
        if (engine === 'ours') await store.commit(commitOf(lane, n))
        else if (engine === 'boss')
          await boss.insert(
            'drain',
            jobs(lane, n).map(data => ({ data, singletonKey: data.lane })),
          )
        else
          await graphile.addJobs(
            jobs(lane, n).map(payload => ({ identifier: 'drain', payload, queueName: payload.lane })),
          )
    }),
  )
  await admin.query('ANALYZE')
}

type Drained = Readonly<{ perSecond: number; cpuMs: number }>

const drain = async (engine: Engine, processes: number, origin: string): Promise<Drained> => {
  const before = await serverCpu()
  const ends = await Promise.all(
    Array.from(
      { length: processes },
      () =>
        new Promise<Readonly<{ sent: number; ms: number }>>((resolve, reject) => {
          const child = spawn(
            process.execPath,
            [
              ...['--conditions=@sessionwire/source', '--no-warnings'],
              ...[
                fileURLToPath(new URL('postgres-drain.ts', import.meta.url)),
                engine,
                url,
                origin,
                String(seconds),
              ],
            ],
            { stdio: ['ignore', 'pipe', 'inherit'] },
          )
          let out = ''
          child.stdout.on('data', part => {
            out += String(part)
          })
          child.on('close', () => {
            try {
              resolve(JSON.parse(out.trim().split('\n').at(-1) ?? ''))
            } catch (thrown) {
              reject(thrown)
            }
          })
        }),
    ),
  )
  const sent = ends.reduce((sum, end) => sum + end.sent, 0)
  return {
    perSecond: ends.reduce((sum, { sent: count, ms }) => sum + count / (ms / 1_000), 0),
    cpuMs: ((await serverCpu()) - before) / (sent / 1_000),
  }
}

const inTurns = async <R>(
  act: (engine: Engine) => Promise<R>,
): Promise<Readonly<Record<Engine, readonly R[]>>> => {
  const results: Record<Engine, R[]> = { ours: [], boss: [], graphile: [] }
  for (let round = 0; round < rounds; round++)
    for (const engine of round % 2 === 0 ? ENGINES : ENGINES.toReversed())
      results[engine].push(await act(engine))
  return results
}

const noiseOf = (all: readonly number[]): string =>
  `±${Math.round((50 * (Math.max(...all) - Math.min(...all))) / median(all))} %`

/** One figure of each engine's rounds. */
const pick = <K extends string>(
  found: Readonly<Record<Engine, readonly Readonly<Record<K, number>>[]>>,
  name: K,
): Readonly<Record<Engine, readonly number[]>> => ({
  ours: found.ours.map(each => each[name]),
  boss: found.boss.map(each => each[name]),
  graphile: found.graphile.map(each => each[name]),
})

let holds = true
const line = (
  what: string,
  of: Readonly<Record<Engine, readonly number[]>>,
  bounds: Readonly<Partial<Record<Engine, number>>>,
  isTime = false,
): void => {
  const [ours, bossed, graphiled] = ENGINES.map(engine => median(of[engine])) as [number, number, number]
  const ratio = (other: number): number => (isTime ? other / ours : ours / other)
  const parts = (
    [
      ['boss', bossed],
      ['graphile', graphiled],
    ] as const
  ).map(([name, value]) => {
    const bound = bounds[name]
    const isMet = bound === undefined || ratio(value) >= bound
    holds &&= isMet
    return `${name} ${value.toFixed(0)} (${ratio(value).toFixed(2)}${bound === undefined ? '' : ` of ${bound}${isMet ? '' : ', NOT MET'}`})`
  })
  console.log(
    `${what}: ours ${ours.toFixed(0)}, ${parts.join(', ')}; noise ${ENGINES.map(engine => noiseOf(of[engine])).join(', ')}`,
  )
}

console.log(`${machine()}\n`)
const parts = values.parts.split(',')
if (parts.includes('append'))
  for (const callers of [1, CALLERS]) {
    const found = await inTurns(engine => append(engine, callers))
    const isBusy = callers === CALLERS
    line(
      `append per second, ${callers} callers`,
      pick(found, 'perSecond'),
      isBusy ? { boss: 1.1, graphile: 1.3 } : {},
    )
    line(`processor ms of the server for 1,000, ${callers} callers`, pick(found, 'cpuMs'), {}, true)
    line(`processor ms of the client for 1,000, ${callers} callers`, pick(found, 'clientMs'), {}, true)
  }
if (parts.includes('drain')) {
  const server = await startServer(0)
  for (const [processes, bounds] of [
    [1, { boss: 1.8, graphile: 5 }],
    [4, { boss: 1.4, graphile: 5 }],
  ] as const) {
    const found = await inTurns(async engine => {
      await fill(engine, 6)
      return drain(engine, processes, server.url)
    })
    line(`ordered drain per second, ${processes} processes`, pick(found, 'perSecond'), bounds)
    line(
      `processor ms of the server for 1,000, ${processes} processes`,
      pick(found, 'cpuMs'),
      { boss: 1 / 0.6 },
      true,
    )
  }
  await server.close()
}
if (parts.includes('rates')) await measureRates(admin, pool, serverCpu)
if (parts.includes('kept')) holds = (await measureKept(admin, pool)) && holds
if (parts.includes('backlog')) {
  await fill('ours', 1)
  holds = (await measureBacklog(admin, store)) && holds
}
await boss.stop({ graceful: false })
await graphile.release()
await store.close()
await clear()
await admin.end()
await pool.end()
process.exitCode = holds ? 0 : 1
