import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import type { Call, CustomCall, Reply, Transport } from '@sessionwire/core/adapter'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { replyOf } from '../src/answer.ts'
import { type BoltDriver, boltTransport, type Connect } from '../src/bolt.ts'

const statement = { database: 'neo4j', statement: 'RETURN $n AS n, $t AS t', parameters: { n: 5, t: 'x' } }
const call: CustomCall = {
  kind: 'custom',
  target: 'bolt',
  endpoint: 'bolt://localhost:7687',
  payload: statement,
  auth: { basic: ['USER', 'PASSWORD'] },
}
const sending = { timeoutMs: 30_000 }

/** A driver that remembers what is done to it and answers what a test says. */
const fakeDriver = (answer: () => Promise<readonly Readonly<Record<string, unknown>>[]>) => {
  const seen: unknown[] = []
  const connect: Connect = async (uri, credential, poolSize) => {
    seen.push(['connect', uri, credential, poolSize])
    const driver: BoltDriver = {
      session: settings => {
        seen.push(['session', settings])
        return {
          run: (statement, parameters, settings) => {
            seen.push(['run', statement, parameters, settings])
            const records = answer().then(rows =>
              rows.map(row => ({ keys: Object.keys(row), get: (key: string) => row[key] })),
            )
            return Object.assign(
              records.then(list => ({ records: list })),
              {
                keys: async () => Object.keys((await answer())[0] ?? { n: 5 }),
                async *[Symbol.asyncIterator]() {
                  for (const record of await records) {
                    seen.push(['read on'])
                    yield record
                  }
                },
              },
            )
          },
          close: async () => void seen.push(['session closed']),
        }
      },
      close: async () => void seen.push(['closed', uri]),
    }
    return driver
  }
  const of = (kind: string) => seen.filter(each => Array.isArray(each) && each[0] === kind)
  return { seen, of, connect }
}

const rows = async () => [{ n: 5n, t: 'x' }]
const http: Transport = { send: async () => ({ kind: 'answer', status: 202, headers: {}, body: null }) }
const known = { USER: 'neo4j', PASSWORD: 'sesame' }

const transportOf = (
  connect: Connect,
  secrets: Readonly<Record<string, string>> = known,
  over: Transport = http,
) => boltTransport(8, connect)({ secrets: name => secrets[name], http: over, now: () => 0 })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('sending', () => {
  test('runs the statement once, in its database, with a time limit the server keeps first', async () => {
    const { seen, connect } = fakeDriver(rows)
    const reply = await transportOf(connect).send(call, sending)
    expect(reply).toEqual({
      kind: 'answer',
      status: 202,
      headers: {},
      body: { data: { fields: ['n', 't'], values: [[5, 'x']] } },
    })
    expect(seen).toEqual([
      ['connect', 'bolt://localhost:7687', { username: 'neo4j', password: 'sesame' }, 8],
      ['session', { database: 'neo4j', defaultAccessMode: 'WRITE' }],
      ['run', 'RETURN $n AS n, $t AS t', { n: 5n, t: 'x' }, { timeout: 27_000 }],
      ['session closed'],
    ])
  })
  test('a read is said to be one', async () => {
    const { of, connect } = fakeDriver(rows)
    const reply = await transportOf(connect).send(
      { ...call, payload: { ...statement, access: 'read' } },
      sending,
    )
    expect(reply).toMatchObject({ status: 202, body: { data: { fields: ['n', 't'], values: [[5, 'x']] } } })
    expect(of('session')).toEqual([['session', { database: 'neo4j', defaultAccessMode: 'READ' }]])
  })
  test('a read that brings too much is ended, and not kept', async () => {
    const megabyte = { n: 'x'.repeat(1_048_576) }
    const { of, connect } = fakeDriver(async () => Array.from({ length: 20 }, () => megabyte))
    expect(
      await transportOf(connect).send({ ...call, payload: { ...statement, access: 'read' } }, sending),
    ).toEqual({
      kind: 'failure',
      sent: 'perhaps',
      code: 'too-large',
      reason: 'the server answered with more than 5242880 characters',
    })
    expect(of('read on')).toHaveLength(5)
    expect(of('session closed')).toHaveLength(1)
  })
  test('no rows keep their names', async () => {
    const { connect } = fakeDriver(async () => [])
    const reply = await transportOf(connect).send(call, sending)
    expect(reply).toMatchObject({ body: { data: { fields: ['n'], values: [] } } })
  })
  test('a token, and nobody', async () => {
    const { of, connect } = fakeDriver(rows)
    const { auth: _, ...open } = call
    const transport = transportOf(connect, { TOKEN: 't' })
    await transport.send(
      { ...open, auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'TOKEN' } },
      sending,
    )
    await transport.send(open, sending)
    expect(of('connect').map(each => (each as readonly unknown[])[2])).toEqual([
      { token: 't' },
      { nobody: true },
    ])
  })
})

describe('drivers', () => {
  test('one serves all calls, and a changed secret makes another', async () => {
    const secrets = { ...known }
    const { of, connect } = fakeDriver(rows)
    const transport = transportOf(connect, secrets)
    await Promise.all([transport.send(call, sending), transport.send(call, sending)])
    expect(of('connect')).toHaveLength(1)
    secrets.PASSWORD = 'other'
    await transport.send(call, sending)
    expect(of('connect').map(each => (each as readonly unknown[])[2])).toEqual([
      { username: 'neo4j', password: 'sesame' },
      { username: 'neo4j', password: 'other' },
    ])
  })
  test('is closed after a second without work, so that it keeps no process alive, and made again', async () => {
    const { of, connect } = fakeDriver(rows)
    const transport = transportOf(connect)
    await transport.send(call, sending)
    await vi.advanceTimersByTimeAsync(900)
    await transport.send(call, sending)
    await vi.advanceTimersByTimeAsync(999)
    expect([of('connect').length, of('closed').length]).toEqual([1, 0])
    await vi.advanceTimersByTimeAsync(1)
    expect(of('closed')).toHaveLength(1)
    await transport.send(call, sending)
    expect(of('connect')).toHaveLength(2)
    expect(vi.getTimerCount()).toBe(1)
  })
  test('are closed with the transport, and no timer is left', async () => {
    const { of, connect } = fakeDriver(rows)
    const transport = transportOf(connect)
    await transport.send(call, sending)
    await transport.send({ ...call, endpoint: 'bolt://127.0.0.1:7687' }, sending)
    await transport.close?.()
    expect(of('closed')).toHaveLength(2)
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('an answer that lies in the socket while the host blocks the loop counts, though its time is over', async () => {
  vi.useRealTimers()
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Socket>(resolve => server.once('connection', resolve))
  const client = createConnection({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  const far = await accepted
  // Records come when the driver reads its socket.
  const answered = new Promise<void>(resolve => client.once('data', () => resolve()))
  const { connect } = fakeDriver(async () => {
    await answered
    return [{ n: 5n, t: 'x' }]
  })
  const sent = transportOf(connect).send(call, { timeoutMs: 1_000 })
  await new Promise(resolve => setImmediate(resolve))
  far.write('x')
  // Blocks as a loop without end does, and leaves the processor to others.
  const until = performance.now() + 1_050
  const flag = new Int32Array(new SharedArrayBuffer(4))
  for (let left = 1_050; left > 0; left = until - performance.now()) Atomics.wait(flag, 0, 0, left)
  expect(await sent).toMatchObject({ kind: 'answer', status: 202 })
  client.destroy()
  far.destroy()
  server.close()
})

describe('failing', () => {
  test('a secret that is not set is said by name, and nothing is opened', async () => {
    const { seen, connect } = fakeDriver(rows)
    const reply = await transportOf(connect, { USER: 'neo4j' }).send(call, sending)
    expect(reply).toEqual({
      kind: 'failure',
      sent: 'no',
      code: 'secret',
      reason:
        'PASSWORD is not set: set it for the process that delivers (its environment, or the option secrets)',
    })
    expect(seen).toEqual([])
  })
  test('a secret with a line end is refused before the server counts it as a wrong one', async () => {
    const { seen, connect } = fakeDriver(rows)
    const reason = (name: string) =>
      `secret ${name} holds a line end or another control character: store it without`
    const refused = { kind: 'failure', sent: 'no', code: 'secret' }
    const withLine = transportOf(connect, { USER: 'neo4j', PASSWORD: 'sesame\n', TOKEN: 'sesame\r\n' })
    expect(await withLine.send(call, sending)).toEqual({ ...refused, reason: reason('PASSWORD') })
    const query = { kind: 'http', method: 'POST', endpoint: 'https://example.com/', auth: { login: 'TOKEN' } }
    expect(await withLine.send(query as Call, sending)).toEqual({ ...refused, reason: reason('TOKEN') })
    expect(seen).toEqual([])
  })
  test('a source that fails is waited for, and its words stay out', async () => {
    const { seen, connect } = fakeDriver(rows)
    const secrets = () => Promise.reject(new Error('vault: sesame'))
    const reply = await boltTransport(8, connect)({ secrets, http, now: () => 0 }).send(call, sending)
    const reason = 'secret USER could not be read'
    expect(reply).toEqual({ kind: 'failure', sent: 'no', code: 'secret', reason })
    expect(seen).toEqual([])
  })
  test('a driver that cannot be made is tried again next time', async () => {
    const { connect } = fakeDriver(rows)
    let broken = true
    const transport = transportOf(async (...args) => {
      if (broken) throw new Error("Cannot find package 'neo4j-driver'")
      return connect(...args)
    })
    expect(await transport.send(call, sending)).toEqual({
      kind: 'failure',
      sent: 'no',
      code: 'config',
      reason: "Cannot find package 'neo4j-driver'",
    })
    broken = false
    expect((await transport.send(call, sending)).kind).toBe('answer')
  })
  test('no answer in time is in doubt, and the session is ended', async () => {
    const { of, connect } = fakeDriver(() => new Promise(() => {}))
    const reply = transportOf(connect).send(call, { timeoutMs: 2_000 })
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await reply).toEqual({
      kind: 'failure',
      sent: 'perhaps',
      code: 'timeout',
      reason: 'no answer within 2000 ms',
    })
    expect(of('session closed')).toHaveLength(1)
  })
  test('an aborted sending ends at once; one aborted before is not sent', async () => {
    const { of, connect } = fakeDriver(() => new Promise(() => {}))
    const transport = transportOf(connect)
    const abort = new AbortController()
    const reply = transport.send(call, { ...sending, signal: abort.signal })
    await vi.advanceTimersByTimeAsync(0)
    abort.abort()
    expect(await reply).toEqual({ kind: 'failure', sent: 'perhaps', code: 'aborted', reason: 'aborted' })
    expect(await transport.send(call, { ...sending, signal: abort.signal })).toEqual({
      kind: 'failure',
      sent: 'no',
      code: 'aborted',
      reason: 'aborted',
    })
    expect(of('run')).toHaveLength(1)
  })
})

const LOST =
  'Failed to connect to server. Please ensure that your database is listening on the correct host and port and that you have compatible encryption settings both on Neo4j server and driver. Note that the default encryption setting has changed in Neo4j 4.0.'
const unavailable = (message: string) => ({ code: 'ServiceUnavailable', message })
const refused = (reason: string) => ({ kind: 'failure', sent: 'no', code: 'refused', reason }) as const
const lost = (reason: string) => ({ kind: 'failure', sent: 'perhaps', code: 'reset', reason }) as const

// biome-ignore format: a table is read one line at a time
const errors = [
  [unavailable(`${LOST} Caused by: connect ECONNREFUSED 127.0.0.1:1`), refused('no connection. Caused by: connect ECONNREFUSED 127.0.0.1:1')],
  [unavailable(`${LOST} Caused by: getaddrinfo ENOTFOUND nosuch.invalid`), refused('no connection. Caused by: getaddrinfo ENOTFOUND nosuch.invalid')],
  [unavailable(`${LOST} Caused by: Client network socket disconnected before secure TLS connection was established`), refused('no connection. Caused by: Client network socket disconnected before secure TLS connection was established')],
  [unavailable('Could not perform discovery. No routing servers available.'), refused('Could not perform discovery. No routing servers available.')],
  [{ code: 'N/A', message: 'Server responded HTTP. Make sure' }, refused('Server responded HTTP. Make sure')],
  [{ code: 'N/A', message: 'Connection acquisition timed out in 20000 ms. Pool status' }, refused('Connection acquisition timed out in 20000 ms. Pool status')],
  [{ code: 'SessionExpired', message: 'No longer possible to write to server at x:7687' }, refused('No longer possible to write to server at x:7687')],
  [unavailable(`${LOST} Caused by: read ECONNRESET`), lost('no connection. Caused by: read ECONNRESET')],
  [unavailable('Connection was closed by server'), lost('Connection was closed by server')],
  [{ code: 'SessionExpired', message: 'Connection lost. Server did not respond' }, lost('Connection lost. Server did not respond')],
  ['thrown text', lost('thrown text')],
] as const satisfies readonly (readonly [unknown, Reply])[]

describe('errors of the driver', () => {
  test.for(errors)('%j', ([error, reply]) => expect(replyOf(error)).toEqual(reply))
  test.for([
    ['Neo.ClientError.Security.Unauthorized', 401],
    ['Neo.ClientError.Security.Forbidden', 403],
    ['Neo.ClientError.Security.AuthenticationRateLimit', 429],
    ['Neo.ClientError.Database.DatabaseNotFound', 404],
    ['Neo.ClientError.Statement.SyntaxError', 400],
    ['Neo.TransientError.Transaction.DeadlockDetected', 400],
    ['Neo.DatabaseError.General.UnknownError', 500],
  ] as const)('%s is answered as the Query API would, by %i', ([code, status]) =>
    expect(replyOf({ code, message: 'said' })).toEqual({
      kind: 'answer',
      status,
      headers: {},
      body: { errors: [{ code, message: 'said' }] },
    }),
  )
})

describe('HTTP calls', () => {
  const sent: Call[] = []
  const over: Transport = {
    send: async each => {
      sent.push(each)
      return { kind: 'answer', status: 202, headers: {}, body: null }
    },
  }
  const query = { kind: 'http', method: 'POST', endpoint: 'https://example.com/db/neo4j/query/v2' } as const
  const transport = transportOf(fakeDriver(rows).connect, { ...known, TOKEN: 'jäger' }, over)
  test('go to the transport that was given, as they are', async () => {
    const basic = { ...query, auth: { basic: ['USER', 'PASSWORD'] } } as const
    await transport.send(basic, sending)
    expect(sent.splice(0)).toEqual([basic])
  })
  test('carry a token in base64', async () => {
    await transport.send(
      { ...query, headers: { accept: 'application/json' }, auth: { login: 'TOKEN' } },
      sending,
    )
    expect(sent.splice(0)).toEqual([
      { ...query, headers: { accept: 'application/json', authorization: 'Bearer asOkZ2Vy' } },
    ])
    expect(await transport.send({ ...query, auth: { login: 'NONE' } }, sending)).toMatchObject({
      code: 'secret',
    })
    expect(sent).toEqual([])
  })
})
