import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { TrackerError } from '@sessionwire/core'

/** Limits of connections; times in ms. */
export const LIMITS = {
  /** Longest time for the head of a request. */
  headersTimeout: 10_000,
  /** Longest time for a whole request. */
  requestTimeout: 30_000,
  /** How often these are looked at. */
  connectionsCheckingInterval: 1_000,
  /** Longest time that a connection stays open between two requests. */
  keepAliveTimeout: 5_000,
  /** Largest head of a request, in bytes. */
  maxHeaderSize: 16_384,
} as const
/** Connections at once; more are closed at once. */
const CONNECTIONS = 1_024

/** How often idle connections are looked for while the server ends, ms. */
const IDLE_MS = 50

/** A server that listens. */
export interface Listening {
  /** Where it listens. */
  readonly port: number
  /** Takes no more connections, waits for the answers under way for at most `graceMs`, and closes what is left. */
  close(graceMs: number): Promise<void>
}

type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** Answers an incomplete or malformed request and closes its connection. */
const refuseBytes = (error: NodeJS.ErrnoException, socket: Socket): void => {
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  if (!socket.writable) return void socket.destroy()
  const body = '{"error":"The request could not be read."}\n'
  socket.end(
    `HTTP/1.1 ${status} ${status === 400 ? 'Bad Request' : status === 431 ? 'Request Header Fields Too Large' : 'Request Timeout'}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
}

/** Opens a server. Throws `CONFIG` where the address cannot be had. */
export const listen = async (
  listener: Listener,
  { host, port }: Readonly<{ host: string; port: number }>,
  limits: Readonly<Record<keyof typeof LIMITS, number>> = LIMITS,
): Promise<Listening> => {
  // An answer that cannot even be refused ends its own connection, and nothing else.
  const answer = (request: IncomingMessage, response: ServerResponse): void =>
    void listener(request, response).catch(() => response.destroy())
  const server = createServer({ ...limits, requireHostHeader: true, insecureHTTPParser: false }, answer)
  server.maxConnections = CONNECTIONS
  // Their bytes are limited; a header that was left out could be one that decides.
  server.maxHeadersCount = 0
  const sockets = new Set<Socket>()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  // The listener asks for the body where it reads it.
  server.on('checkContinue', answer)
  server.on('clientError', refuseBytes)
  server.on('connect', (_, socket) => socket.destroy())
  // There is no listener of `upgrade`, so that such a request is answered as one without it. Clients of Java offer HTTP/2 with every call.
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new TrackerError(
          'CONFIG',
          error.code === 'EADDRINUSE'
            ? `port: ${port} of ${host} is in use. Choose another one with --port.`
            : `host: ${host} cannot be listened on (${error.code ?? error.message}). Choose an address of this machine.`,
          { field: error.code === 'EADDRINUSE' ? 'port' : 'host' },
        ),
      ),
    )
    server.listen({ host, port }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: async graceMs => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      // Browsers and pools open connections before they need them, and Node counts those that said nothing as busy.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
      server.closeIdleConnections()
      // A connection whose answer ended meanwhile is idle from then on.
      const often = setInterval(() => server.closeIdleConnections(), IDLE_MS)
      const late = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearInterval(often)
      clearTimeout(late)
    },
  }
}
