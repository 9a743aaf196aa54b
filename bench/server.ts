import { type ChildProcess, fork } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own, so that it does not share our event loop. */
export type Server = Readonly<{
  url: string
  counts: () => Promise<Readonly<{ requests: number; violations: number }>>
  close: () => Promise<void>
}>

const once = <T>(child: ChildProcess): Promise<T> =>
  new Promise(resolve => child.once('message', message => resolve(message as T)))

/** Starts it on a free port of 127.0.0.1; it answers after `delayMs` and ends with this process. */
export const startServer = async (delayMs: number): Promise<Server> => {
  const child = fork(fileURLToPath(import.meta.url), [String(delayMs)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { port } = await once<{ port: number }>(child)
  return {
    url: `http://127.0.0.1:${port}`,
    counts: () => {
      const counts = once<{ requests: number; violations: number }>(child)
      child.send('counts')
      return counts
    },
    close: async () => {
      const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
      child.disconnect()
      await gone
    },
  }
}

/** The server itself: remembers the last number of each lane, and counts what came out of order. */
const serve = (delayMs: number): void => {
  const last = new Map<number, number>()
  let requests = 0
  let violations = 0
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { lane, n } = JSON.parse(Buffer.concat(parts).toString()) as { lane: number; n: number }
      requests++
      // A new round begins with the lane's first number.
      if (n !== lane && n < (last.get(lane) ?? -1)) violations++
      last.set(lane, n)
      const text = JSON.stringify({ id: `${lane}-${n}` })
      const answer = (): void => {
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        })
        response.end(text)
      }
      if (delayMs === 0) answer()
      else setTimeout(answer, delayMs)
    })
  })
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
  process.on('message', () => process.send?.({ requests, violations }))
  process.on('disconnect', () => process.exit(0))
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url))
  serve(Number(process.argv[2] ?? 0))
