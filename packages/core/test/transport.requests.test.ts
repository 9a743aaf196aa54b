import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import type { HttpCall } from '../src/descriptor/descriptor.ts'
import { type Signer, type Signing, wrongSecret } from '../src/transport/contract.ts'
import { type HttpOptions, httpTransport } from '../src/transport/http.ts'
import { prepare } from '../src/transport/ready.ts'

const SECRETS: Readonly<Record<string, string>> = {
  SIGNING_SECRET: 'shh',
  ACCESS_ID: 'AKID',
  QUERY_KEY: 'k&y=1',
  ROUTING_KEY: 'r"0\\1',
  EMPTY: '',
}
const secrets = (name: string) => SECRETS[name]

type Received = Readonly<{ method: string; url: string; headers: IncomingMessage['headers']; body: string }>
const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

const serve = async () => {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += part
    received.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
    response.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

const sendTo = async (origin: string, more: Partial<HttpCall>, options: Partial<HttpOptions> = {}) =>
  httpTransport({ secrets, ...options }).send(
    { kind: 'http', method: 'POST', endpoint: `${origin}/in`, ...more },
    { timeoutMs: 5_000 },
  )

describe('a signed request', () => {
  const hmac = ({ secret, body, now }: Signing) =>
    createHmac('sha256', secret)
      .update(`v0:${Math.floor(now / 1_000)}:${body}`)
      .digest('hex')

  it('is signed over the exact bytes that arrive, with all the signer was named', async () => {
    const { origin, received } = await serve()
    const given: Signing[] = []
    const signer: Signer = async request => {
      given.push(request)
      return { 'X-Signature': hmac(request), 'x-id': request.also.id ?? '' }
    }
    const auth = {
      sign: 'v0',
      secret: 'SIGNING_SECRET',
      also: { id: 'ACCESS_ID' },
      with: { region: 'eu-west-1' },
    }
    const call = {
      auth,
      query: { q: 'ä b' },
      headers: { 'X-Kind': 'a' },
      payload: { text: 'ü "1"', n: [1, 2] },
    }
    const now = 1_767_225_600_123
    const reply = await sendTo(origin, call, { signers: { v0: signer }, now: () => now })
    expect(reply).toMatchObject({ kind: 'answer', status: 200 })
    const body = '{"text":"ü \\"1\\"","n":[1,2]}'
    expect(given).toEqual([
      {
        method: 'POST',
        url: `${origin}/in?q=%C3%A4%20b`,
        headers: {
          'user-agent': 'sessionwire/0.1.0',
          accept: 'application/json',
          'content-type': 'application/json',
          'x-kind': 'a',
        },
        body,
        secret: 'shh',
        also: { id: 'AKID' },
        with: { region: 'eu-west-1' },
        now,
      },
    ])
    const [{ url, headers, body: sent } = {} as Received] = received
    expect([url, sent]).toEqual(['/in?q=%C3%A4%20b', body])
    expect(headers['x-signature']).toBe(
      createHmac('sha256', 'shh').update(`v0:1767225600:${sent}`).digest('hex'),
    )
    expect(headers['x-id']).toBe('AKID')
  })

  it('has an empty body where the call has none', async () => {
    const { origin, received } = await serve()
    const signers = { v0: (request: Signing) => ({ 'x-signature': hmac(request) }) }
    await sendTo(
      origin,
      { method: 'GET', auth: { sign: 'v0', secret: 'SIGNING_SECRET' } },
      { signers, now: () => 0 },
    )
    expect([received[0]?.body, received[0]?.headers['x-signature']]).toEqual([
      '',
      createHmac('sha256', 'shh').update('v0:0:').digest('hex'),
    ])
  })

  const auth = { sign: 'v0', secret: 'SIGNING_SECRET' }
  it.each<[string, HttpCall['auth'], Readonly<Record<string, Signer>>, string, string]>([
    ['no signer of that name', auth, {}, 'config', 'the adapter has no signer "v0"'],
    [
      'a name of an object',
      { ...auth, sign: 'toString' },
      {},
      'config',
      'the adapter has no signer "toString"',
    ],
    [
      'an error of the signer, which could hold the secret',
      auth,
      {
        v0: ({ secret }) => {
          throw new Error(secret)
        },
      },
      'secret',
      'secret SIGNING_SECRET: the signer "v0" cannot use it',
    ],
    [
      'a secret of which the signer says what is wrong',
      auth,
      {
        v0: () => {
          throw wrongSecret('expected base64')
        },
      },
      'secret',
      'secret SIGNING_SECRET: expected base64',
    ],
    [
      'a header that no request can carry',
      auth,
      { v0: () => ({ 'x-key': '€' }) },
      'secret',
      'secret SIGNING_SECRET holds a letter that a header cannot carry',
    ],
    [
      'a secret that is not set',
      { ...auth, secret: 'EMPTY' },
      { v0: () => ({}) },
      'secret',
      'EMPTY is not set: set it for the process that delivers (its environment, or the option secrets)',
    ],
    [
      'a further secret that is not set',
      { ...auth, also: { id: 'NONE' } },
      { v0: () => ({}) },
      'secret',
      'NONE is not set: set it for the process that delivers (its environment, or the option secrets)',
    ],
  ])('does not leave with %s', async (_, given, signers, code, reason) => {
    const { origin, received } = await serve()
    expect(await sendTo(origin, { auth: given as never }, { signers })).toEqual({
      kind: 'failure',
      code,
      sent: 'no',
      reason,
    })
    expect(received).toEqual([])
  })
})

describe('a secret in a query or payload', () => {
  it('is encoded like any other text, and read once', async () => {
    const { origin, received } = await serve()
    const asked: string[] = []
    const source = (name: string) => {
      asked.push(name)
      return SECRETS[name]
    }
    await sendTo(
      origin,
      {
        query: { key: { $secret: 'QUERY_KEY' }, more: { key: { $secret: 'QUERY_KEY' } } },
        payload: { routing_key: { $secret: 'ROUTING_KEY' }, list: [{ $secret: 'QUERY_KEY' }, '$secret'] },
      },
      { secrets: source },
    )
    const [request] = received
    const url = new URL(request?.url ?? '', origin)
    expect([...url.searchParams]).toEqual([
      ['key', 'k&y=1'],
      ['more', '{"key":"k&y=1"}'],
    ])
    expect(request?.body).toBe('{"routing_key":"r\\"0\\\\1","list":["k&y=1","$secret"]}')
    expect(asked.toSorted()).toEqual(['QUERY_KEY', 'ROUTING_KEY'])
  })

  it('is part of a form and of the text that is signed', async () => {
    const { origin, received } = await serve()
    const bodies: string[] = []
    const signers = {
      v0: ({ body }: Signing) => {
        bodies.push(body)
        return {}
      },
    }
    const auth = { sign: 'v0', secret: 'SIGNING_SECRET' }
    await sendTo(origin, { auth, encoding: 'form', payload: { key: { $secret: 'QUERY_KEY' } } }, { signers })
    expect([bodies, received[0]?.body]).toEqual([['key=k%26y%3D1'], 'key=k%26y%3D1'])
  })

  it('keeps the request from leaving where it is not set', async () => {
    const { origin, received } = await serve()
    expect(await sendTo(origin, { payload: { key: { $secret: 'NONE' } } })).toEqual({
      kind: 'failure',
      code: 'secret',
      sent: 'no',
      reason:
        'NONE is not set: set it for the process that delivers (its environment, or the option secrets)',
    })
    expect(received).toEqual([])
  })
})

describe('a body', () => {
  it.each<[string, Partial<HttpCall>, string, string]>([
    [
      'ndjson: an item on each line',
      { encoding: 'ndjson', payload: [{ index: {} }, { text: 'a\nb' }, 'ü', null] },
      'application/x-ndjson',
      '{"index":{}}\n{"text":"a\\nb"}\n"ü"\nnull\n',
    ],
    [
      'raw: the text as it is',
      { encoding: 'raw', payload: 'a=1,b="ü"\n' },
      'text/plain; charset=utf-8',
      'a=1,b="ü"\n',
    ],
    [
      'raw with a type of its own',
      { encoding: 'raw', payload: '<a/>', headers: { 'Content-Type': 'application/xml' } },
      'application/xml',
      '<a/>',
    ],
    ['an empty raw text', { encoding: 'raw', payload: '' }, 'text/plain; charset=utf-8', ''],
    ['an empty ndjson', { encoding: 'ndjson', payload: [] }, 'application/x-ndjson', ''],
  ])('is %s', async (_, call, type, body) => {
    const { origin, received } = await serve()
    await sendTo(origin, call)
    const { headers } = received[0] as Received
    expect([headers['content-type'], headers['content-length'], received[0]?.body]).toEqual([
      type,
      String(Buffer.byteLength(body)),
      body,
    ])
  })
})

describe('plain http', () => {
  const address = (endpoint: string, options = {}) =>
    prepare({ kind: 'http', method: 'GET', endpoint }, secrets, options)

  it('goes to this machine', async () => {
    expect(await address('http://127.0.0.1:1/a')).toMatchObject({ ok: true })
  })

  it.each([
    'http://10.0.0.8/a',
    'http://192.168.1.2/a',
    'http://172.31.0.1/a',
    'http://collector/a',
    'http://n8n.lan/a',
    'http://collector.observability.svc/a',
    'http://[fd00::1]/a',
  ])('goes to %s where the adapter allows it, and else not', async endpoint => {
    expect(await address(endpoint, { allowPlaintext: true })).toMatchObject({ ok: true, url: endpoint })
    expect(await address(endpoint)).toEqual({
      ok: false,
      failure: {
        kind: 'failure',
        code: 'config',
        sent: 'no',
        reason:
          `the address ${endpoint} cannot be called: it must begin with https:// ` +
          '(http:// is for this machine, or with allowPlaintext for a private network)',
      },
    })
  })

  it.each([
    'http://example.com/a',
    'http://8.8.8.8/a',
    'http://10.0.0.8.example.com/a',
    'http://172.32.0.1/a',
  ])('does not go to %s, whatever the adapter allows', async endpoint => {
    expect(await address(endpoint, { allowPlaintext: true })).toEqual({
      ok: false,
      failure: {
        kind: 'failure',
        code: 'config',
        sent: 'no',
        reason: `the address ${endpoint} cannot be called: it must begin with https:// (http:// is for this machine only)`,
      },
    })
  })

  it('is judged alike where the address is a secret, which no reason shows', async () => {
    const source = () => 'http://example.com/hook'
    const call: HttpCall = { kind: 'http', method: 'POST', endpoint: { $secret: 'HOOK' } }
    expect(await prepare(call, source, { allowPlaintext: true })).toMatchObject({
      failure: {
        reason:
          'the address in HOOK cannot be called: it must begin with https:// (http:// is for this machine only)',
      },
    })
  })
})

/**
 * A server in a thread of its own: it goes on while the loop of the test is blocked. It answers `/slow` when `go` is set, and
 * closes a connection once it is idle when `go` is set; then it sets `done`.
 */
const SERVER = `
const { createServer } = require('node:http')
const { parentPort, workerData } = require('node:worker_threads')
const flags = new Int32Array(workerData)
const finish = () => { Atomics.store(flags, 1, 1); Atomics.notify(flags, 1) }
const requests = []
const server = createServer((request, response) => {
  requests.push(request.url)
  parentPort.postMessage({ url: request.url, requests: [...requests] })
  request.resume()
  if (request.url === '/slow') {
    Atomics.wait(flags, 0, 0)
    response.end('"slow"', finish)
    return
  }
  response.end('"fast"')
  if (request.url !== '/close') return
  response.on('finish', () => setImmediate(() => {
    Atomics.wait(flags, 0, 0)
    request.socket.on('close', finish)
    request.socket.end()
    request.socket.destroySoon()
  }))
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }))
`

describe.each([
  ["Node's client", {}],
  ['fetch', { fetch: globalThis.fetch }],
])('after the loop was blocked, by %s:', (_, options) => {
  const start = async () => {
    const shared = new SharedArrayBuffer(8)
    const worker = new Worker(SERVER, { eval: true, workerData: shared })
    open.push(() => worker.terminate())
    const [{ port }] = (await once(worker, 'message')) as [{ port: number }]
    const flags = new Int32Array(shared)
    /** Blocks the loop until the server did its part, and at least so long. */
    const block = (ms: number) => {
      const end = performance.now() + ms
      Atomics.store(flags, 0, 1)
      Atomics.notify(flags, 0)
      Atomics.wait(flags, 1, 0)
      for (let left = ms; left > 0; left = end - performance.now()) Atomics.wait(flags, 1, 1, left)
    }
    const transport = httpTransport({ secrets, ...options })
    const send = (path: string, timeoutMs: number) =>
      transport.send(
        { kind: 'http', method: 'POST', endpoint: `http://127.0.0.1:${port}${path}` },
        { timeoutMs },
      )
    return { worker, block, send }
  }
  const answer = (body: string) => expect.objectContaining({ kind: 'answer', status: 200, body })

  it('an answer that lies in the socket counts, though its time is over', async () => {
    const { worker, block, send } = await start()
    const sending = send('/slow', 3_000)
    await once(worker, 'message')
    block(3_200)
    expect(await sending).toEqual(answer('slow'))
  })

  it('a kept connection that the service closed meanwhile is not used again', async () => {
    const { worker, block, send } = await start()
    const heard = once(worker, 'message')
    expect(await send('/close', 5_000)).toEqual(answer('fast'))
    await heard
    // The end of the connection lies in the socket, unread, when the next request is made.
    await new Promise(resolve => setImmediate(resolve))
    block(0)
    expect(await send('/next', 5_000)).toEqual(answer('fast'))
  })
})
