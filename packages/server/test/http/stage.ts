import { request } from 'node:http'
import { createConnection } from 'node:net'
import { createTracker, memoryStore, type Tracker } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import type { AccessSettings } from '../../src/access/settings.ts'
import { type HttpOptions, type HttpServer, serveHttp } from '../../src/http/server.ts'

/** The key of the tests. */
export const KEY = 'key-of-the-tests-0123456789'

/** Anyone with `KEY` may read, record and act. */
export const ACCESS: AccessSettings = {
  apiKey: { value: KEY, scopes: ['read', 'record', 'act'] },
  hosts: [],
  origins: [],
}

/** What a request is answered with. */
export type Got = Readonly<{
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests compare what they name
  json: any
}>

/** One request as a test writes it. */
export type Sent = Readonly<{
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: unknown
  /** False: without the key. */
  key?: boolean
}>

/** A served workspace, and ways to call it. */
export interface Stage {
  readonly tracker: Tracker
  readonly server: HttpServer
  readonly port: number
  /** Lines of the server's log. */
  readonly lines: readonly string[]
  send(path: string, sent?: Sent): Promise<Got>
  /** Writes bytes as they are, and gives all that comes back until the connection is closed. */
  raw(bytes: string | Buffer): Promise<string>
  end(): Promise<void>
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Sends one request on a connection of its own. */
export const send = (port: number, path: string, { method, headers = {}, body, key = true }: Sent = {}) =>
  new Promise<Got>((resolve, reject) => {
    const text =
      body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
    const call = request(
      {
        host: '127.0.0.1',
        port,
        path,
        agent: false,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(key ? { 'x-api-key': KEY } : {}),
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
          ...headers,
        },
      },
      response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString()
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: answer,
            json: parse(answer),
          })
        })
      },
    )
    call.on('error', reject)
    call.end(text)
  })

const raw = (port: number, bytes: string | Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    const chunks: Buffer[] = []
    socket.on('data', chunk => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
    socket.write(bytes)
  })

/** Serves a workspace in memory on a free port. */
export const openStage = async (
  options: Partial<HttpOptions> &
    Readonly<{ adapters?: readonly AnyAdapter[]; secrets?: Readonly<Record<string, string>> }> = {},
): Promise<Stage> => {
  const { adapters = [], secrets = {}, ...rest } = options
  const tracker = (await createTracker({
    project: 'billing',
    user: 'fixer',
    store: memoryStore(),
    adapters,
    machine: false,
    secrets: name => secrets[name],
    pollMs: 5,
    random: () => 0,
    policy: { backoffMs: 1, backoffMaxMs: 1, afterMs: 1 },
  })) as Tracker
  const lines: string[] = []
  const server = await serveHttp({
    workspace: { root: 'billing', tracker, adapters },
    access: ACCESS,
    port: 0,
    log: line => lines.push(line),
    ...rest,
  })
  return {
    tracker,
    server,
    lines,
    port: server.port,
    send: (path, sent) => send(server.port, path, sent),
    raw: bytes => raw(server.port, bytes),
    end: async () => {
      await server.close()
      await tracker.close()
    },
  }
}
