import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { SERVER } from './server.ts'

/** Where a connection is cut: before the server gets anything, after half of it, or with the answer on its way. */
export type Cut = 'before' | 'half' | 'answer'

/** A proxy in front of the server, which cuts connections on demand. */
export const startProxy = async () => {
  const { hostname, port } = new URL(SERVER)
  const sockets = new Set<Socket>()
  let armed: Readonly<{ needle: string; cut: Cut }> | undefined
  let cuts = 0
  const server = createServer(client => {
    const up = connect(Number(port || 5432), hostname)
    for (const socket of [client, up]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        up.destroy()
      })
    }
    let swallow = false
    client.on('data', (part: Buffer) => {
      if (armed === undefined || !part.includes(armed.needle)) return void up.write(part)
      const { cut } = armed
      armed = undefined
      cuts++
      if (cut === 'answer') {
        swallow = true
        return void up.write(part)
      }
      // The server gets what was written, and then the end of the connection.
      up.end(cut === 'half' ? part.subarray(0, part.length >> 1) : '')
      client.destroy()
    })
    up.on('data', (part: Buffer) => {
      if (swallow) client.destroy()
      else client.write(part)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const url = new URL(SERVER)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    /** Cuts the connection of the next statement that has this text. */
    arm: (needle: string, cut: Cut): void => {
      armed = { needle, cut }
    },
    cuts: () => cuts,
  }
}
