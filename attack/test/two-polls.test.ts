import { createTracker } from '@sessionwire/core'
import type { Rate } from '@sessionwire/core/adapter'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { RUNS_ALL } from '../../test/sample.ts'
import { CONCURRENCY, type Poll, type SideReport, sideAdapter } from '../side/adapter.ts'
import { freshPath, startService, startWorker, TOKEN, until } from '../side/stage.ts'

// What one process knows reaches another through the file alone. It is judged by polls: how many a worker needs until it
// claims. How long they take is the machine's business.

/** Long beside a request, also on a busy machine. */
const pollMs = 1_000

/** Records one update in each of so many sessions, and answers how many are delivered. */
const record = async (path: string, origin: string, lanes: number, rate?: Rate) => {
  const recorder = await createTracker({
    ...{ project: 'side', user: 'recorder', deliver: false },
    store: sqliteStore(path),
    adapters: [sideAdapter(origin, rate)],
  })
  onTestFinished(() => recorder.close())
  for (let lane = 0; lane < lanes; lane++) await (await recorder.start({ goal: `${lane}` })).update('0')
  const statusOf = async () => (await recorder.status()).adapters[0]
  return {
    countOf: async (state: 'delivered' | 'waiting'): Promise<number> =>
      (await statusOf())?.states[state] ?? 0,
    pauses: async () => (await statusOf())?.pauses ?? [],
  }
}

/** How often a worker polled from a time on before it claimed something. */
const pollsBefore = (polls: readonly Poll[], from = 0): number => {
  const later = polls.filter(({ at }) => at >= from)
  const first = later.findIndex(({ did }) => did === 'claim')
  expect(first).toBeGreaterThan(-1)
  return later.slice(0, first).filter(({ did }) => did === 'look').length
}

const didOf = ({ polls }: SideReport, did: Poll['did']): number =>
  polls.filter(each => each.did === did).length

describe.runIf(RUNS_ALL)('a worker claims within two polls', () => {
  test.each([
    ['lives', false],
    ['was killed', true],
  ])('beside one with a wrong secret that %s, and one without any', async (_, isKilled) => {
    const path = freshPath()
    const { origin, posts, refusedReads } = await startService(undefined, CONCURRENCY)
    const { countOf, pauses } = await record(path, origin, 6)
    const without = startWorker({ pollMs, path, origin })
    const wrong = startWorker({ pollMs, path, origin, token: 'a wrong one' })
    await Promise.all([without.ready, wrong.ready])
    await until(async () => (await pauses()).some(({ kind }) => kind === 'denied'))
    expect(await countOf('delivered')).toBe(0)
    // What it had under way is written: nothing is in doubt when it is killed.
    await until(async () => (await countOf('waiting')) === 6)
    if (isKilled) await wrong.kill()
    // One check for all calls that were refused.
    expect(refusedReads()).toBe(1)
    const right = startWorker({ pollMs, path, origin, token: TOKEN })
    await right.ready
    await until(async () => (await countOf('delivered')) === 6)
    const report = await right.end()
    expect(report.delivered).toBe(6)
    // Its own first event and the end of its check wake it besides.
    expect(pollsBefore(report.polls)).toBeLessThanOrEqual(2 + 2)
    expect(posts).toHaveLength(6)
    // The accepted check ends the row of the other worker, whether it lives or not.
    expect(await pauses()).toEqual([])
    const idle = await without.end()
    expect([idle.delivered, didOf(idle, 'claim')]).toEqual([0, 0])
    if (!isKilled) expect((await wrong.end()).delivered).toBe(0)
  })

  test('after a pause that the service asked a killed worker for', async () => {
    const path = freshPath()
    let asked = 0
    const { origin, posts, tried } = await startService((n, response) => {
      if (n > 1) return false
      asked = Date.now()
      response.writeHead(429, { 'retry-after': '5', 'content-type': 'application/json' }).end('{}')
      return true
    })
    const { countOf, pauses } = await record(path, origin, 1)
    const first = startWorker({ pollMs, path, origin, token: TOKEN })
    await first.ready
    await until(async () => (await pauses()).length > 0)
    const [{ until: end = 0 } = {}] = await pauses()
    expect(end).toBeGreaterThanOrEqual(asked + 4_900)
    // Its ending is written after the pause.
    await until(async () => (await countOf('waiting')) === 1)
    await first.kill()
    const second = startWorker({ pollMs, path, origin, token: TOKEN })
    await second.ready
    await until(async () => (await countOf('delivered')) === 1)
    const { polls } = await second.end()
    // Not before the service allows it, and not much after.
    expect(posts[0]?.at).toBeGreaterThanOrEqual(end)
    expect(pollsBefore(polls, end)).toBeLessThanOrEqual(2)
    expect(tried()).toBe(2)
  })

  test('after a rate that a killed worker used up has room again', async () => {
    const path = freshPath()
    const rate = { count: 3, perMs: 5_000 }
    const { origin, posts } = await startService()
    const { countOf } = await record(path, origin, 6, rate)
    const first = startWorker({ pollMs, path, origin, rate, token: TOKEN })
    await first.ready
    await until(async () => (await countOf('delivered')) === 3)
    await first.kill()
    // A call counts from its claim, which is a little earlier than its post.
    const free = Math.max(...posts.map(({ at }) => at)) + rate.perMs
    const second = startWorker({ pollMs, path, origin, rate, token: TOKEN })
    await second.ready
    await until(async () => (await countOf('delivered')) === 6)
    const { polls } = await second.end()
    expect(posts).toHaveLength(6)
    const claimedAt = polls.find(({ did }) => did === 'claim')?.at ?? 0
    expect(
      polls.filter(({ did, at }) => did === 'look' && at >= free && at < claimedAt).length,
    ).toBeLessThanOrEqual(2)
  })
})
