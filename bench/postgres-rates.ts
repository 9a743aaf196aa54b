import type { Claim, Commit } from '@sessionwire/core/store'
import { postgresStore } from '@sessionwire/postgres'
import type pg from 'pg'
import { median } from './measure.ts'
import { AT_ONCE, commitOf, requestOf, settlementOf } from './postgres-stage.ts'

const SCHEMA = 'bench_rates'
const LANES = 200
const EACH = 12
const TURNS = 40

const limit = (given: Commit): Commit => ({
  ...given,
  lanes: given.lanes.map(lane => ({
    ...lane,
    deliveries: lane.deliveries.map(each => ({
      ...each,
      descriptor: { ...each.descriptor, limit: 'post' } as NonNullable<typeof each.descriptor>,
    })),
  })),
})

/** Rates that no claim comes near: what is measured is the price of keeping them. */
const RATES = { post: { count: 1_000_000, perMs: 60_000 } }

/** The cost of a rate: the server's time for 1,000 deliveries of limited calls, with the rate declared and without. */
export const measureRates = async (
  admin: pg.Pool,
  pool: pg.Pool,
  serverCpu: () => Promise<number>,
): Promise<void> => {
  await admin.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`)
  const store = postgresStore({ pool: pool as never }, { schema: SCHEMA, prepared: true })
  for (let n = 1; n <= EACH; n++)
    for (let lane = 0; lane < LANES; lane++) await store.commit(limit(commitOf(`l${lane}`, n)))
  await admin.query('ANALYZE')
  const deliver = async (rates: object): Promise<Readonly<{ perSecond: number; cpuMs: number }>> => {
    const request = requestOf(AT_ONCE)
    const adapters = request.adapters.map(each => ({ ...each, rates: rates as typeof each.rates }))
    const [cpu, began] = [await serverCpu(), performance.now()]
    let done: readonly Claim[] = []
    let count = 0
    for (let turn = 0; turn < TURNS; turn++) {
      const settlements = done.map(({ delivery: { key, token, attempts } }) =>
        settlementOf(key, token, attempts),
      )
      const { claims } = await store.claim({
        ...{ ...request, adapters, worker: 'w', holding: [] },
        ...(settlements.length === 0 ? {} : { settlements }),
      })
      count += settlements.length
      done = claims
    }
    await store.settle(
      done.map(({ delivery: { key, token, attempts } }) => settlementOf(key, token, attempts)),
    )
    count += done.length
    const seconds = (performance.now() - began) / 1_000
    return { perSecond: count / seconds, cpuMs: ((await serverCpu()) - cpu) / (count / 1_000) }
  }
  await deliver({})
  const found = { without: [] as number[], with: [] as number[], slower: [] as number[] }
  for (let round = 0; round < 3; round++) {
    const [without, rated] = [await deliver({}), await deliver(RATES)]
    found.without.push(without.cpuMs)
    found.with.push(rated.cpuMs)
    found.slower.push(rated.perSecond / without.perSecond)
  }
  console.log(
    `processor ms of the server for 1,000 claimed and settled: ${median(found.without).toFixed(0)} without rates, ${median(found.with).toFixed(0)} with a rate for every call; ${median(found.slower).toFixed(2)} of the deliveries a second`,
  )
  await store.close()
  await admin.query(`DROP SCHEMA ${SCHEMA} CASCADE`)
}
