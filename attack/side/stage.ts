import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { SideOrders, SideReport } from './adapter.ts'

export const TOKEN = 'the token of this test'

export type Post = Readonly<{ lane: string; text: string; at: number }>

/** A database path in a folder that is removed with the test. */
export const freshPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-side-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'sessions.db')
}

/** A service that takes a few ms for each post, and counts what comes. `answer` may answer a post itself: true where it did. */
export const startService = async (
  answer: (n: number, response: ServerResponse) => boolean = () => false,
  // The first refused calls are answered when so many have come: what a worker does then depends on no machine's pace.
  together = 1,
) => {
  const posts: Post[] = []
  const held: (() => void)[] = []
  let tried = 0
  let refusedPosts = 0
  let refusedReads = 0
  let now = 0
  let most = 0
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', part => {
      body += String(part)
    })
    request.on('end', () => {
      if (request.headers.authorization !== TOKEN) {
        const refuse = (): void => void response.writeHead(401).end('{}')
        if (request.method === 'POST') {
          refusedPosts++
          held.push(refuse)
          if (refusedPosts >= together) for (const each of held.splice(0)) each()
        } else {
          refusedReads++
          refuse()
        }
        return
      }
      const calls = request.method === 'POST' ? 1 : 0
      if (calls > 0) {
        tried++
        if (answer(tried, response)) return
        posts.push({ ...JSON.parse(body), at: Date.now() })
      }
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
    tried: () => tried,
    refused: () => refusedPosts + refusedReads,
    refusedReads: () => refusedReads,
    most: () => most,
  }
}

export type SideWorker = Readonly<{
  process: ChildProcess
  ready: Promise<void>
  /** Tells it to end; what it did. */
  end: () => Promise<SideReport>
  /** Kills it, and resolves when it is gone. */
  kill: () => Promise<void>
}>

/** Starts a worker process. */
export const startWorker = (orders: SideOrders): SideWorker => {
  const made = spawn(
    process.execPath,
    [
      '--conditions=@sessionwire/source',
      '--no-warnings',
      fileURLToPath(new URL('worker.ts', import.meta.url)),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ORDERS: JSON.stringify(orders) } },
  )
  const gone = new Promise<void>(resolve => made.once('close', () => resolve()))
  onTestFinished(() => void made.kill('SIGKILL'))
  const lines = createInterface({ input: made.stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<string> => String((await lines.next()).value)
  return {
    process: made,
    ready: line().then(first => {
      if (first !== 'ready') throw new Error(`The worker said ${first}.`)
    }),
    end: async () => {
      made.stdin?.write('end\n')
      return JSON.parse(await line()) as SideReport
    },
    kill: async () => {
      made.kill('SIGKILL')
      await gone
    },
  }
}

/** Resolves when it holds; other processes bring it about. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 20))
}
