import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { KEY } from './served.ts'

/** An answer of the server. */
type Answer = Readonly<{ status: number; data: Readonly<Record<string, unknown>> }>

/** How one call went. */
export type Called = Readonly<{
  /** The event that its answer named. */
  eventId: string
  /** Times that it was sent again, because no answer came. */
  again: number
  ms: number
}>

/** Calls a server; a call whose connection broke is sent again as it was, for ten minutes. */
export interface Client {
  record(path: string, body: Readonly<Record<string, unknown>>): Promise<Called>
  look(path: string): Promise<Answer['data']>
  close(): void
}

const RETRY_MS = 600_000

/** Makes a client of one port. */
export const createClient = (port: number): Client => {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const send = (method: string, path: string, body?: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const headers = {
        'x-api-key': KEY,
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      }
      const call = request({ host: '127.0.0.1', port, method, path, agent, headers }, response => {
        let said = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          said += chunk
        })
        response.on('error', reject)
        response.on('end', () => {
          const { data, error } = JSON.parse(said)
          if (response.statusCode !== 200 && response.statusCode !== 201)
            reject(new Refused(`${method} ${path}: ${response.statusCode} ${error?.message ?? said}`))
          else resolve({ status: response.statusCode, data })
        })
      })
      call.on('error', reject)
      call.end(text)
    })
  const isBroken = (thrown: unknown): boolean =>
    thrown instanceof Error && !(thrown instanceof Refused) && 'code' in thrown
  return {
    record: async (path, body) => {
      const began = performance.now()
      for (let again = 0; ; again++) {
        try {
          const { data } = await send('POST', path, body)
          return { eventId: String(data.eventId), again, ms: performance.now() - began }
        } catch (thrown) {
          if (!isBroken(thrown) || performance.now() - began > RETRY_MS) throw thrown
          await wait(50)
        }
      }
    },
    look: async path => (await send('GET', path)).data,
    close: () => agent.destroy(),
  }
}

/** The server answered, with something other than success. */
class Refused extends Error {}
