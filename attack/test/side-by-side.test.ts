import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { RUNS_ALL } from '../../test/sample.ts'
import { CONCURRENCY, RATE, type SideOrders, sideAdapter } from '../side/adapter.ts'

const TOKEN = 'the token of this test'
const LANES = 40
const EACH = 25

type Post = Readonly<{ lane: string; text: string; at: number }>

/** A service that takes a few ms for each post, and counts what comes. */
const service = async () => {
  const posts: Post[] = []
  let refused = 0
  let now = 0
  let most = 0
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', part => {
      body += String(part)
    })
    request.on('end', () => {
      if (request.headers.authorization !== TOKEN) {
        refused++
        response.writeHead(401).end('{}')
        return
      }
      const calls = request.method === 'POST' ? 1 : 0
      if (calls > 0) posts.push({ ...JSON.parse(body), at: performance.now() })
      now += calls
      most = Math.max(most, now)
      setTimeout(() => {
        now -= calls
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      }, 5)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    ...{ origin: `http://127.0.0.1:${port}`, posts },
    refused: () => refused,
    most: () => most,
  }
}

type Worker = Readonly<{ process: ChildProcess; line: () => Promise<string> }>

const start = (orders: SideOrders): Worker => {
  const made = spawn(
    process.execPath,
    [
      '--conditions=@sessionwire/source',
      '--no-warnings',
      fileURLToPath(new URL('../side/worker.ts', import.meta.url)),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ORDERS: JSON.stringify(orders) } },
  )
  onTestFinished(() => void made.kill('SIGKILL'))
  const lines = createInterface({ input: made.stdout })[Symbol.asyncIterator]()
  return { process: made, line: async () => String((await lines.next()).value) }
}

/** The most posts that came within the length of the rate. */
const crowd = (posts: readonly Post[]): number =>
  Math.max(...posts.map(({ at }) => posts.filter(each => each.at >= at && each.at < at + RATE.perMs).length))

// With less to deliver, one of them could have it all before another begins.
test.runIf(RUNS_ALL)(
  'four processes deliver one adapter side by side, and a fifth without the secret disturbs none',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sessionwire-side-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'sessions.db')
    const { origin, posts, refused, most } = await service()
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
    const without = start({ path, origin })
    expect(await without.line()).toBe('ready')
    const workers = [1, 2, 3, 4].map(() => start({ path, origin, token: TOKEN }))
    expect(await Promise.all(workers.map(each => each.line()))).toEqual(workers.map(() => 'ready'))
    const drained = async (): Promise<boolean> =>
      ((await recorder.status()).adapters[0]?.states.delivered ?? 0) === LANES * EACH
    while (!(await drained())) await new Promise(resolve => setTimeout(resolve, 50))
    const said: Readonly<{ delivered: number; problems: readonly string[] }>[] = []
    for (const worker of [...workers, without]) {
      worker.process.stdin?.write('end\n')
      said.push(JSON.parse(await worker.line()))
    }
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
  120_000,
)
