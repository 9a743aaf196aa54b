import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A server for incoming webhooks, which keeps every body that arrives. */
export type Server = Readonly<{ url: string; bodies: readonly string[]; close: () => void }>

/**
 * With `resets`, the server reads the second request of a kept connection and resets the connection instead of
 * answering, as a server does whose idle time just ended. A client that silently sends the request again doubles it.
 */
export const startServer = async ({ resets }: Readonly<{ resets: boolean }>): Promise<Server> => {
  const bodies: string[] = []
  const used = new WeakSet<Socket>()
  const server = createServer((request, response) => {
    const isReused = used.has(request.socket)
    used.add(request.socket)
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part
    })
    request.on('end', () => {
      bodies.push(body)
      if (resets && isReused) request.socket.resetAndDestroy()
      else response.end('ok')
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, close }
}
