import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { expect, test } from 'vitest'
import { RUNS_ALL } from '../../test/sample.ts'
import { CONCURRENCY, RATE, sideAdapter } from '../side/adapter.ts'
import { freshPath, type Post, startService, startWorker, TOKEN, until } from '../side/stage.ts'

const LANES = 40
const EACH = 25

/** The most posts that came within the length of the rate. */
const crowd = (posts: readonly Post[]): number =>
  Math.max(...posts.map(({ at }) => posts.filter(each => each.at >= at && each.at < at + RATE.perMs).length))

// With less to deliver, one of them could have it all before another begins.
test.runIf(RUNS_ALL)(
  'four processes deliver one adapter side by side, and a fifth without the secret disturbs none',
  async () => {
    const path = freshPath()
    const { origin, posts, refused, most } = await startService()
    const recorder = await createTracker({
      ...{ project: 'side', user: 'recorder', deliver: false },
      store: sqliteStore(path),
      adapters: [sideAdapter(origin)],
    })
    const expected: Record<string, readonly string[]> = {}
    for (let lane = 0; lane < LANES; lane++) {
      const session = await recorder.start({ goal: `lane ${lane}` })
      const texts = Array.from({ length: EACH }, (_, n) => `${n}`)
      for (const text of texts) await session.update(text)
      expected[session.id] = texts
    }
    const without = startWorker({ path, origin })
    await without.ready
    const workers = [1, 2, 3, 4].map(() => startWorker({ path, origin, token: TOKEN }))
    await Promise.all(workers.map(({ ready }) => ready))
    await until(async () => ((await recorder.status()).adapters[0]?.states.delivered ?? 0) === LANES * EACH)
    const said = []
    for (const worker of [...workers, without]) said.push(await worker.end())
    await recorder.close()
    const sent = Object.fromEntries(
      Object.keys(expected).map(lane => [
        lane,
        posts.filter(each => each.lane === lane).map(({ text }) => text),
      ]),
    )
    // Each once, and each lane in its order.
    expect(sent).toEqual(expected)
    expect(most()).toBeLessThanOrEqual(CONCURRENCY)
    // A call is counted when it is claimed: those under way may arrive a little later.
    expect(crowd(posts)).toBeLessThanOrEqual(RATE.count + CONCURRENCY)
    expect(refused()).toBe(0)
    const shares = said.map(({ delivered }) => delivered)
    expect(said.slice(0, -1).flatMap(({ problems }) => problems)).toEqual([])
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(LANES * EACH)
    expect(shares.at(-1)).toBe(0)
    expect(shares.filter(share => share > 0).length).toBeGreaterThan(1)
  },
)
