import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type AnyAdapter, httpOutcome } from '@sessionwire/core/adapter'
import type { Policy } from '@sessionwire/core/delivery'
import type { Descriptor } from '@sessionwire/core/store'
import { onTestFinished } from 'vitest'
import type { TestOptions } from './places.ts'

/** How often, and how many at once, the counting service may be called. */
export type Limits = Readonly<{
  concurrency?: number
  rates?: Readonly<Record<string, Readonly<{ count: number; perMs: number }>>>
}>

/** The orders of a worker. */
export type WorkerOrders = Readonly<{
  url: string
  schema: string
  origin: string
  limits: Limits
  options?: TestOptions
  policy?: Partial<Policy>
  /** How far its clock is ahead. */
  aheadMs?: number
  /** How long it stands still after every third claim that gave something, before anything of it is sent. */
  stallMs?: number
}>

/** An adapter whose `update` posts its text, in the session's order. */
export const countingAdapter = (origin: string, limits: Limits): AnyAdapter => ({
  name: 'counting',
  config: { origin },
  mode: 'execute',
  actions: {},
  secrets: [],
  origins: [origin],
  limits: { rates: {}, ...limits },
  outcome: httpOutcome,
  check: { call: { kind: 'http', method: 'GET', endpoint: `${origin}/me` } },
  hooks: {
    update: (payload, session) => [
      ({ key }) =>
        ({
          key,
          action: 'post',
          kind: 'http',
          method: 'POST',
          endpoint: `${origin}/posts`,
          payload: { lane: session.id, text: payload.description },
          ...(limits.rates === undefined ? {} : { limit: 'posts' }),
          repeat: {
            by: 'mark',
            call: {
              kind: 'http',
              method: 'GET',
              endpoint: `${origin}/posts/${session.id}/${payload.description}`,
            },
            list: '/items',
            where: { pointer: '/text', equals: payload.description },
          },
        }) as unknown as Descriptor,
    ],
  },
})

/** A call that the service got. Times are ms of one clock. */
type Post = Readonly<{ lane: string; text: string; at: number; end: number }>

/** The most times that lie within any stretch of so many ms. */
const crowd = (all: readonly number[], perMs: number): number => {
  const times = all.toSorted((a, b) => a - b)
  let first = 0
  let found = 0
  for (const [last, at] of times.entries()) {
    while (at - (times[first] as number) >= perMs) first++
    found = Math.max(found, last - first + 1)
  }
  return found
}

/** A service that takes some ms for each post, and remembers when each came and ended. */
export const countingService = async (lastsMs: number) => {
  const posts: Post[] = []
  let under = 0
  let most = 0
  const lanes = new Map<string, number>()
  let crossed = 0
  const server = createServer((request, response) => {
    const [, , lane, text] = (request.url ?? '').split('/')
    if (request.method === 'GET') {
      const items = posts.filter(each => each.lane === lane && each.text === decodeURIComponent(text ?? ''))
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items }))
      return
    }
    let body = ''
    request.on('data', part => {
      body += String(part)
    })
    request.on('end', () => {
      const post = JSON.parse(body) as Pick<Post, 'lane' | 'text'>
      const at = performance.now()
      under++
      most = Math.max(most, under)
      const own = (lanes.get(post.lane) ?? 0) + 1
      lanes.set(post.lane, own)
      if (own > 1) crossed++
      setTimeout(() => {
        under--
        lanes.set(post.lane, (lanes.get(post.lane) ?? 0) - 1)
        posts.push({ ...post, at, end: performance.now() })
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      }, lastsMs)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    posts,
    /** The most that were under way at once. */
    most: () => most,
    /** How often a lane had two requests at once. */
    crossed: () => crossed,
    /** Texts by lane, in the order they came. */
    byLane: (): Readonly<Record<string, readonly string[]>> => {
      const found: Record<string, string[]> = {}
      for (const { lane, text } of posts.toSorted((a, b) => a.at - b.at))
        found[lane] = [...(found[lane] ?? []), text]
      return found
    },
    /** The most that came within any stretch of so many ms. */
    crowd: (perMs: number): number =>
      crowd(
        posts.map(({ at }) => at),
        perMs,
      ),
  }
}

/** A worker process. */
export type Worker = Readonly<{ process: ChildProcess; line: () => Promise<string> }>

/** Starts one; it is killed with the test. */
export const startWorker = (orders: WorkerOrders): Worker => {
  const made = spawn(
    process.execPath,
    [
      ...['--conditions=@sessionwire/source', '--no-warnings'],
      fileURLToPath(new URL('worker-child.ts', import.meta.url)),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ORDERS: JSON.stringify(orders) } },
  )
  onTestFinished(() => void made.kill('SIGKILL'))
  const lines = createInterface({ input: made.stdout })[Symbol.asyncIterator]()
  return { process: made, line: async () => String((await lines.next()).value) }
}
