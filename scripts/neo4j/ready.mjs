// The parts that every source needs: free ports, a password, and waiting until a server answers.
import { randomBytes } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** A free port of 127.0.0.1, none of those that a system gives to whoever asks for any: it stays free while a server restarts. */
export const freePort = () =>
  new Promise(resolve => {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
      .once('error', () => resolve(freePort()))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(port)))
  })

/** A password for one run. */
export const newPassword = () => randomBytes(18).toString('hex')

/** Whether something listens there. */
export const listens = (host, port) =>
  new Promise(resolve => {
    const socket = connect({ host, port, timeout: 2_000 })
    const end = answer => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })

/** Whether the server runs a statement for this user, by HTTP. */
const answers = async ({ http, username, password, database }) => {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  try {
    const response = await fetch(`${http}/db/${database}/query/v2`, {
      method: 'POST',
      headers: { authorization, accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ statement: 'RETURN 1 AS one' }),
      signal: AbortSignal.timeout(5_000),
    })
    const body = await response.json()
    return body?.data?.values?.[0]?.[0] === 1
  } catch {
    return false
  }
}

/** Waits until Bolt listens and HTTP answers; throws when it takes too long or `alive` says it is dead. */
export const untilReady = async (server, alive, timeoutMs) => {
  const until = Date.now() + timeoutMs
  const { hostname, port } = new URL(server.uri)
  while (Date.now() < until) {
    if ((await answers(server)) && (await listens(hostname, Number(port)))) return
    if (!alive()) throw new Error('Neo4j ended while it was starting.')
    await wait(200)
  }
  throw new Error(
    `Neo4j was not ready after ${timeoutMs / 1000} s; NEO4J_START_TIMEOUT (seconds) makes it longer.`,
  )
}

/** How long a server may take to start, in ms. */
export const startTimeout = env => Number(env.NEO4J_START_TIMEOUT || 600) * 1000

/** Further settings of the server, separated by spaces: NEO4J_SETTINGS="db.query.default_language=CYPHER_25". */
export const moreSettings = env => (env.NEO4J_SETTINGS ?? '').split(/\s+/).filter(each => each !== '')
