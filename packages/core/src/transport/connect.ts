import { startDeadline } from './deadline.ts'

/** A socket of Node, as far as it is used here. */
export type Socket = {
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
export type Network = Readonly<{ net: Connect & Readonly<{ isIP: (text: string) => number }>; tls: Connect }>

/** The longest wait for a connection, ms. */
const CONNECT_MS = 10_000

/**
 * Opens a socket that never keeps the process alive, not even while a request is under way on it. The client gets it
 * once it is connected and its certificate is accepted: until then nothing of a request can have left.
 */
export const connector =
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
