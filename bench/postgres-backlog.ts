import type { Store } from '@sessionwire/core/store'
import type pg from 'pg'
import { median } from './measure.ts'
import { timesOf } from './postgres-cpu.ts'
import { commitOf, requestOf, settlementOf } from './postgres-stage.ts'

/** A claim, an event and the counts with a million requests waiting, compared with 1,200; whether they keep their bounds. */
export const measureBacklog = async (admin: pg.Pool, store: Store): Promise<boolean> => {
  /** Each claim is settled before the next, and that is not timed. */
  const claimTimes = async (): Promise<readonly number[]> => {
    const all: number[] = []
    for (let n = 0; n < 60; n++) {
      const began = performance.now()
      const { claims } = await store.claim(requestOf(24))
      all.push(performance.now() - began)
      await store.settle(
        claims.map(({ delivery: { key, token, attempts } }) => settlementOf(key, token, attempts)),
      )
    }
    return all
  }
  const appendsBefore = await timesOf(60, n => store.commit(commitOf(`early-${n}`, 1)))
  const claimsBefore = await claimTimes()
  // Rows as a commit leaves them, copied until a million wait.
  await admin.query(
    `INSERT INTO bench_ours.lanes (adapter, lane) SELECT adapter, 'copy' || g FROM (SELECT DISTINCT adapter FROM bench_ours.lanes) a, generate_series(1, 33400) g`,
  )
  await admin.query(
    `INSERT INTO bench_ours.heads (lane, adapter, next, walk, kind, lim, due, ready, planned) SELECT id, adapter, 6, 1, 1, '', bench_ours.ms(), bench_ours.ms(), bench_ours.ms() FROM bench_ours.lanes l WHERE lane LIKE 'copy%'`,
  )
  await admin.query(
    `INSERT INTO bench_ours.deliveries (lane, position, rank, key, state, via, holds, again, sequence, planned_at, due_at, action, body) SELECT l.id, g, g, l.id || '/' || g, 1, 0, false, 0, g, 1, 1, 'entry', d.body FROM bench_ours.lanes l, generate_series(1, 5) g, (SELECT body FROM bench_ours.deliveries LIMIT 1) d WHERE l.lane LIKE 'copy%'`,
  )
  await admin.query('VACUUM ANALYZE bench_ours.deliveries')
  await admin.query('VACUUM ANALYZE bench_ours.heads')
  const times = await claimTimes()
  const sorted = times.toSorted((a, b) => a - b)
  const appends = await timesOf(60, n => store.commit(commitOf(`late-${n}`, 1)))
  const ratioOf = (all: readonly number[], before: readonly number[]): string =>
    `${median(all).toFixed(1)} ms, ${(median(all) / median(before)).toFixed(2)} of the time with 1,200 waiting`
  console.log(`with 1,000,000 waiting: a claim of 24 takes ${ratioOf(times, claimsBefore)}`)
  console.log(`with 1,000,000 waiting: an event with six requests takes ${ratioOf(appends, appendsBefore)}`)
  console.log(
    `claim of 24 with 1,000,000 waiting, ms: least ${sorted[0]?.toFixed(1)}, median ${median(times).toFixed(1)} (at most 20)`,
  )
  const counting = median(await timesOf(60, () => store.counts()))
  console.log(`counts with them, ms: ${counting.toFixed(1)} (under 50)`)
  return median(times) <= 20 && counting < 50
}
