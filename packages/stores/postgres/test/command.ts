import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { type Built, buildCommand, makePlace, type Place } from '../../../cli/test/stage.ts'
import { SERVER } from './server.ts'

/** The command as it is published, with this package and its driver installed beside it. */
export const buildWithPostgres = (): Built => {
  const built = buildCommand()
  built.addAdapter('webhook')
  built.addPostgres()
  return built
}

let made = 0

/** A database of its own, because the command always uses the schema `sessionwire`; dropped with the test. */
export const freshDatabase = async (
  more = '',
): Promise<Readonly<{ url: string; name: string; pool: pg.Pool }>> => {
  const name = `sw_${process.pid}_${++made}`
  const admin = new pg.Pool({ connectionString: SERVER, max: 1 })
  admin.on('error', () => undefined)
  await admin.query(`CREATE DATABASE ${name} ${more}`)
  const url = new URL(SERVER)
  url.pathname = `/${name}`
  const pool = new pg.Pool({ connectionString: url.href, max: 4 })
  pool.on('error', () => undefined)
  onTestFinished(async () => {
    await pool.end()
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await admin.end()
  })
  return { url: url.href, name, pool }
}

/** An event that arrived at a receiver. */
type Arrived = Readonly<{ session: string; type: string; sequence: number }>

/** A place whose sessions go to a receiver of this test, in the order in which they arrive. */
export const placeWithReceiver = async (
  built: Built,
): Promise<
  Readonly<{
    place: Place
    file: string
    /** With `store`, the place keeps its sessions there. */
    env: (store?: string) => Readonly<Record<string, string>>
    arrived: readonly Arrived[]
  }>
> => {
  const arrived: Arrived[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', part => {
      body += String(part)
    })
    request.on('end', () => {
      const { subject, type, sequence } = JSON.parse(body) as Readonly<Record<string, string>>
      arrived.push({
        session: subject ?? '',
        type: (type ?? '').split('.').at(-1) ?? '',
        sequence: Number(sequence),
      })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const place = makePlace(built.main)
  onTestFinished(() => {
    place.remove()
    server.closeAllConnections()
    server.close()
  })
  place.write(
    'sessionwire.config.json',
    JSON.stringify({ project: 'billing', adapters: { webhook: { allowPlaintext: true } } }),
  )
  const { port } = server.address() as AddressInfo
  const secrets = {
    SESSIONWIRE_WEBHOOK_URL: `http://127.0.0.1:${port}/hook`,
    SESSIONWIRE_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  }
  await place.json(['trust'], { env: secrets })
  return {
    place,
    file: join(place.folder, '.sessionwire/sessions.db'),
    env: store => (store === undefined ? secrets : { ...secrets, SESSIONWIRE_STORE: store }),
    arrived,
  }
}
