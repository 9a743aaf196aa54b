import type { Reply } from '../descriptor/outcome.ts'
import { bodyReader, parseBody, tooLarge } from './answer.ts'
import { startDeadline, targetIn } from './contract.ts'
import { type Carry, unwritable } from './ready.ts'
import { failureOf } from './thrown.ts'
import { unpack, type Zlib } from './unpack.ts'

/** A socket of Node, as far as it is used here. */
type Socket = {
  ref: () => Socket
  unref: () => Socket
  setNoDelay: (on: boolean) => Socket
  once: (event: string, listener: (error?: unknown) => void) => Socket
  destroy: (error: Error) => void
}

/** The part of the agent's options that is used here. */
type Wanted = Readonly<{ host: string; port: number | string; servername?: string | null }>
type Opened = (error: unknown, socket?: Socket) => void
type Connect = Readonly<{ connect: (options: object) => Socket }>
/** The modules `node:net` and `node:tls`. */
type Network = Readonly<{ net: Connect & Readonly<{ isIP: (text: string) => number }>; tls: Connect }>

/** The longest wait for a connection, ms. */
const CONNECT_MS = 10_000

/**
 * Opens a socket that never keeps the process alive, not even while a request is under way on it. The client gets it
 * once it is connected and its certificate is accepted: until then nothing of a request can have left.
 */
const connector =
  ({ net, tls }: Network, secure: boolean) =>
  ({ host, port, servername }: Wanted, opened: Opened): undefined => {
    const to = { host, port: Number(port) }
    const name = servername ?? (net.isIP(host) === 0 ? host : '')
    const socket = secure
      ? tls.connect({ ...to, ALPNProtocols: ['http/1.1'], ...(name === '' ? {} : { servername: name }) })
      : net.connect(to)
    socket.unref()
    // The client refers to a socket again for each request.
    socket.ref = () => socket
    socket.setNoDelay(true)
    let done = false
    const end: Opened = (error, ready) => {
      stopDeadline()
      if (done) return
      done = true
      opened(error, ready)
    }
    const stopDeadline = startDeadline(CONNECT_MS, () => {
      const error = Object.assign(new Error('no connection in time'), { code: 'ECONNECTTIMEOUT' })
      socket.destroy(error)
      end(error)
    })
    socket.once(secure ? 'secureConnect' : 'connect', () => end(null, socket))
    socket.once('error', error => end(error))
  }

/** An answer of Node's client, as far as it is used here. */
interface Incoming {
  on(event: 'data', listener: (part: Uint8Array) => void): Incoming
  on(event: 'end', listener: () => void): Incoming
  on(event: 'error', listener: (error: unknown) => void): Incoming
  readonly statusCode?: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[]
}
interface Outgoing {
  on(event: 'socket', listener: (socket: Socket) => void): Outgoing
  on(event: 'response', listener: (response: Incoming) => void): Outgoing
  on(event: 'error', listener: (error: unknown) => void): Outgoing
  end(body?: string): void
  destroy(): void
}
type Agent = { createConnection: ReturnType<typeof connector> }
type Http = Readonly<{
  Agent: new (options: object) => Agent
  request: (options: object) => Outgoing
}>
/** The module `node:buffer`. */
type Buffers = Readonly<{ Buffer: Readonly<{ byteLength: (text: string) => number }> }>
type Process = Readonly<{
  getBuiltinModule?: <T>(name: string) => T
  versions?: Readonly<Record<string, string>>
  env?: Readonly<Record<string, string | undefined>>
  execArgv?: readonly string[]
}>
type Client = Readonly<{ request: Http['request']; agent: Agent }>

/** How long an idle connection is kept, ms. Node's own servers keep theirs for five seconds. */
const IDLE_MS = 4_000

type Dispatcher = Readonly<{ constructor: new (options: object) => unknown }>

/**
 * Whether the host put something of its own under `fetch`, such as a proxy or certificates of its own
 * (https://undici.nodejs.org). Node puts an agent there itself, of a class of the same name: only the place where that
 * refuses a wrong option tells which of the two it is.
 */
const hasOwnDispatcher = (): boolean => {
  const current = (globalThis as { [key: symbol]: Dispatcher | undefined })[
    Symbol.for('undici.globalDispatcher.1')
  ]
  if (current === undefined) return false
  try {
    return new current.constructor({ factory: 'none' }) !== undefined
  } catch (thrown) {
    return !String((thrown as Error).stack).includes('node:internal/')
  }
}

/** Whether Node is set to send requests through a proxy: https://nodejs.org/api/cli.html#--use-env-proxy */
const usesEnvProxy = ({ env = {}, execArgv = [] }: Process): boolean => {
  const flags = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)].map(flag => flag.replaceAll('_', '-'))
  const last = flags.findLast(flag => /^--(no-)?use-env-proxy(=true)?$/.test(flag))
  return last === undefined ? /^(1|true)$/.test(env.NODE_USE_ENV_PROXY ?? '') : !last.startsWith('--no-')
}

/** Node's modules, where nothing says that requests must take another way. */
const builtins = (): Process['getBuiltinModule'] => {
  const host = (globalThis as { process?: Process }).process ?? {}
  const { getBuiltinModule, versions = {} } = host
  const isNode = versions.node !== undefined && versions.bun === undefined && !('Deno' in globalThis)
  return isNode && !usesEnvProxy(host) && !hasOwnDispatcher() ? getBuiltinModule : undefined
}

const clientOf = ({ Agent, request }: Http, network: Network, secure: boolean): Client => {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS })
  agent.createConnection = connector(network, secure)
  return { request, agent }
}

/** Repeated headers are joined, as `fetch` does. */
const joinHeaders = ({ headers }: Incoming): Readonly<Record<string, string>> => {
  const joined: Record<string, string> = {}
  for (const name of Object.keys(headers)) {
    const value = headers[name] ?? ''
    joined[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return joined
}

/** Headers by their names in lower case. Where none is repeated, nothing is joined, and Node need not make its own object of them. */
const headersOf = (response: Incoming): Readonly<Record<string, string>> => {
  const { rawHeaders } = response
  const found: Record<string, string> = {}
  for (let n = 0; n < rawHeaders.length; n += 2) {
    const name = (rawHeaders[n] as string).toLowerCase()
    if (Object.hasOwn(found, name)) return joinHeaders(response)
    found[name] = rawHeaders[n + 1] as string
  }
  return found
}

/**
 * By Node's own HTTP client (https://nodejs.org/api/http.html), in a third of the time that `fetch` takes, and with
 * connections that do not keep the process alive. `undefined` anywhere else, and where requests must take the way of the
 * host's own `fetch`.
 */
export const nodeCarry = (most: number): Carry | undefined => {
  const builtin = builtins()
  if (builtin === undefined) return undefined
  const network: Network = { net: builtin('node:net'), tls: builtin('node:tls') }
  const plain = clientOf(builtin('node:http'), network, false)
  const secure = clientOf(builtin('node:https'), network, true)
  const zlib = builtin<Zlib>('node:zlib')
  const { Buffer } = builtin<Buffers>('node:buffer')

  return ({ method, url, headers, body, who }, leaving, done) => {
    const { isSecure, hostname, port, path } = targetIn(url)
    const { request, agent } = isSecure ? secure : plain
    const all: Record<string, string> = { 'accept-encoding': 'gzip, br', ...headers }
    if (body !== undefined) all['content-length'] = String(Buffer.byteLength(body))
    let outgoing: Outgoing
    try {
      outgoing = request({ agent, hostname, port, path, method, headers: all })
    } catch {
      done(unwritable(who))
      return () => undefined
    }
    let left = false
    outgoing
      .on('socket', () => {
        left = true
        leaving()
      })
      .on('error', thrown => {
        const reply = failureOf(thrown, who)
        // A connection that breaks before the request leaves was never established, whatever the error says.
        done(left ? reply : { ...reply, code: reply.code === 'reset' ? 'refused' : reply.code, sent: 'no' })
      })
      .on('response', response => {
        const reader = bodyReader(most)
        const answered = headersOf(response)
        let packed = 0
        const stop = (reply: Reply): void => {
          done(reply)
          outgoing.destroy()
          through.stop()
        }
        const through = unpack(answered['content-encoding'] ?? '', zlib, {
          part: bytes => {
            if (!reader.add(bytes)) stop(tooLarge(most, who))
          },
          end: () => {
            const { statusCode: status = 0 } = response
            done({ kind: 'answer', status, headers: answered, body: parseBody(reader.text()) })
          },
          fail: thrown => stop(failureOf(thrown, who)),
        })
        response
          .on('error', thrown => stop(failureOf(thrown, who)))
          .on('end', through.end)
          .on('data', bytes => {
            packed += bytes.byteLength
            if (packed > most) stop(tooLarge(most, who))
            else through.add(bytes)
          })
      })
    outgoing.end(body)
    return () => outgoing.destroy()
  }
}
