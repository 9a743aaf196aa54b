import type {
  Auth,
  CustomCall,
  HttpCall,
  Reply,
  Rim,
  Sending,
  Transport,
  TransportFactory,
} from '@sessionwire/core/adapter'
import { quote, readSecretValues, startDeadline } from '@sessionwire/core/adapter'
import { answerOf, type BoltSession, failure, replyOf } from './answer.ts'
import type { Statement } from './config.ts'
import { base64 } from './plain.ts'

/** The part of neo4j-driver that this transport uses. */
export interface BoltDriver {
  session(settings: Readonly<{ database: string; defaultAccessMode: 'READ' | 'WRITE' }>): BoltSession
  close(): Promise<void>
}

/** The credential of a connection; `nobody` is for a server without authentication. */
type Credential =
  | Readonly<{ username: string; password: string }>
  | Readonly<{ token: string }>
  | Readonly<{ nobody: true }>

/** Opens a driver; connections are made when they are needed. */
export type Connect = (uri: string, credential: Credential, poolSize: number) => Promise<BoltDriver>

/** Opens neo4j-driver, which is loaded now and not before. */
const connectDriver: Connect = async (uri, credential, poolSize) => {
  const { default: neo4j } = await import('neo4j-driver')
  const { auth } = neo4j
  const token =
    'token' in credential
      ? auth.bearer(credential.token)
      : 'username' in credential
        ? auth.basic(credential.username, credential.password)
        : auth.custom('', '', '', 'none')
  // A fresh object each time: for +s the driver writes into it.
  return neo4j.driver(uri, token, {
    maxConnectionPoolSize: poolSize,
    connectionTimeout: 10_000,
    connectionAcquisitionTimeout: 20_000,
    maxTransactionRetryTime: 0,
    telemetryDisabled: true,
    useBigInt: true,
    userAgent: 'sessionwire',
  }) as unknown as BoltDriver
}

/** A driver is closed after this long without work: its sockets would keep the process alive. */
const IDLE_MS = 1_000

type Held = { driver: Promise<BoltDriver>; running: number; idle: ReturnType<typeof setTimeout> | undefined }

const secretNames = (auth: Auth | undefined): readonly string[] =>
  auth === undefined || 'login' in auth || 'sign' in auth ? [] : 'basic' in auth ? auth.basic : [auth.secret]

const credentialOf = ([first, second]: readonly string[]): Credential =>
  first === undefined
    ? { nobody: true }
    : second === undefined
      ? { token: first }
      : { username: first, password: second }

/**
 * Sends statements over Bolt, each as one transaction of its own that the driver never repeats, and hands HTTP calls
 * to the transport it is given. A secret that changed is a new driver. `connect` is a seam for tests.
 */
export const boltTransport =
  (poolSize: number, connect: Connect = connectDriver): TransportFactory =>
  ({ secrets, http }: Rim): Transport => {
    const drivers = new Map<string, Held>()

    const drop = async (key: string, held: Held) => {
      if (drivers.get(key) === held) drivers.delete(key)
      clearTimeout(held.idle)
      await held.driver.then(driver => driver.close()).catch(() => {})
    }

    const hold = (call: CustomCall, values: readonly string[]): readonly [string, Held] => {
      const key = JSON.stringify([call.endpoint, ...values])
      const known = drivers.get(key)
      const held = known ?? {
        driver: connect(call.endpoint ?? '', credentialOf(values), poolSize),
        running: 0,
        idle: undefined,
      }
      if (known === undefined) drivers.set(key, held)
      clearTimeout(held.idle)
      held.running += 1
      return [key, held]
    }

    const letGo = (key: string, held: Held) => {
      held.running -= 1
      if (held.running > 0 || drivers.get(key) !== held) return
      held.idle = setTimeout(() => void drop(key, held), IDLE_MS)
    }

    const run = async (
      driver: BoltDriver,
      { payload }: CustomCall,
      { timeoutMs, signal }: Sending,
    ): Promise<Reply> => {
      const statement = payload as unknown as Statement
      const session = driver.session({
        database: statement.database,
        defaultAccessMode: statement.access === 'read' ? 'READ' : 'WRITE',
      })
      // The server gives up first, and says so.
      const timeout = Math.max(1, Math.floor(timeoutMs * 0.9))
      const ended = new Promise<Reply>(resolve => {
        // After the host blocked the loop, an answer that lies in the socket still counts.
        const stopDeadline = startDeadline(timeoutMs, () =>
          resolve(failure('perhaps', 'timeout', `no answer within ${timeoutMs} ms`)),
        )
        const stop = () => resolve(failure('perhaps', 'aborted', 'aborted'))
        signal?.addEventListener('abort', stop, { once: true })
        const finish = (reply: Reply) => {
          stopDeadline()
          signal?.removeEventListener('abort', stop)
          resolve(reply)
        }
        answerOf(session, statement, timeout).then(finish, error => finish(replyOf(error)))
      })
      const reply = await ended
      // Ends the statement on the server if it still runs; the reply does not depend on it.
      session.close().catch(() => {})
      return reply
    }

    const send = async (call: CustomCall, sending: Sending): Promise<Reply> => {
      if (sending.signal?.aborted) return failure('no', 'aborted', 'aborted')
      const names = secretNames(call.auth)
      const values = await readSecretValues(names, sending.secrets ?? secrets)
      if ('kind' in values) return values
      const [key, held] = hold(call, values)
      try {
        return await run(await held.driver, call, sending)
      } catch (error) {
        // The driver could not be made: its package is missing, or it takes no such address.
        drivers.delete(key)
        return failure('no', 'config', quote(String((error as Error).message ?? error)))
      } finally {
        letGo(key, held)
      }
    }

    /** The Query API takes a token in base64 (https://neo4j.com/docs/query-api/current/authentication-authorization/). */
    const sendHttp = async (call: HttpCall, sending: Sending): Promise<Reply> => {
      const { auth, ...rest } = call
      if (auth === undefined || !('login' in auth)) return http.send(call, sending)
      const values = await readSecretValues([auth.login], sending.secrets ?? secrets)
      if ('kind' in values) return values
      const [token] = values
      const headers = { ...call.headers, authorization: `Bearer ${base64(new TextEncoder().encode(token))}` }
      return http.send({ ...rest, headers }, sending)
    }

    return {
      send: (call, sending) => (call.kind === 'custom' ? send(call, sending) : sendHttp(call, sending)),
      close: async () => {
        await Promise.all([...drivers].map(([key, held]) => drop(key, held)))
      },
    }
  }
