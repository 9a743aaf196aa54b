import { silent } from './silent.ts'

/** What a connector of undici is asked for, as far as it is used here. */
type Wanted = Readonly<{ protocol: string; hostname: string; port: string; servername?: string | null }>

/** A socket of Node, as far as it is used here. */
type Socket = {
  ref: () => Socket
  unref: () => Socket
  setNoDelay: (on: boolean) => Socket
  once: (event: string, listener: (error?: unknown) => void) => Socket
  destroy: (error: Error) => void
}
type Opened = (error: unknown, socket?: Socket) => void
type Builtins = Readonly<{
  net: { connect: (options: object) => Socket; isIP: (text: string) => number }
  tls: { connect: (options: object) => Socket }
}>
type Process = Readonly<{ getBuiltinModule?: (name: string) => unknown }>
type AgentClass = new (options: object) => unknown

const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1')
/** As long as undici itself waits for a connection. */
const CONNECT_MS = 10_000

const builtins = (): Builtins | undefined => {
  const { getBuiltinModule } = (globalThis as { process?: Process }).process ?? {}
  const net = getBuiltinModule?.('node:net')
  const tls = getBuiltinModule?.('node:tls')
  return net === undefined || tls === undefined ? undefined : ({ net, tls } as Builtins)
}

/** Opens a socket that never keeps the process alive, not even while a request is under way on it. */
const connector =
  ({ net, tls }: Builtins) =>
  ({ protocol, hostname, port, servername }: Wanted, opened: Opened): void => {
    const secure = protocol === 'https:'
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    const to = { host, port: Number(port) || (secure ? 443 : 80) }
    const name = servername ?? (net.isIP(host) === 0 ? host : '')
    const socket = secure
      ? tls.connect({ ...to, ALPNProtocols: ['http/1.1'], ...(name === '' ? {} : { servername: name }) })
      : net.connect(to)
    socket.unref()
    // undici refers to a socket again for each request.
    socket.ref = () => socket
    socket.setNoDelay(true)
    let done = false
    const end: Opened = (error, ready) => {
      clearTimeout(timer)
      if (done) return
      done = true
      opened(error, ready)
    }
    const timer = setTimeout(() => {
      const error = Object.assign(new Error('no connection in time'), { code: 'UND_ERR_CONNECT_TIMEOUT' })
      socket.destroy(error)
      end(error)
    }, CONNECT_MS)
    silent(timer)
    socket.once(secure ? 'secureConnect' : 'connect', () => end(null, socket))
    socket.once('error', error => end(error))
  }

let made: Promise<unknown> | undefined

/**
 * A dispatcher for `fetch` whose sockets never keep the process alive: a tracker must not hold up the host that is done.
 * Node only, where `fetch` is undici's (https://undici.nodejs.org); `undefined` anywhere else, and where the host put a
 * dispatcher of its own in place, such as a proxy's.
 */
export const quietDispatcher = (): Promise<unknown> => {
  made ??= (async () => {
    const node = builtins()
    if (node === undefined) return undefined
    // Node loads undici when it fetches first, and this fetches nothing.
    await fetch('data:,')
    const current = (globalThis as { [GLOBAL_DISPATCHER]?: { constructor: AgentClass } })[GLOBAL_DISPATCHER]
    const Agent = current?.constructor
    return Agent?.name === 'Agent' ? new Agent({ connect: connector(node), allowH2: false }) : undefined
  })().catch(() => undefined)
  return made
}
