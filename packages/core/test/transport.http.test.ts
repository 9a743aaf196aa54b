import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { anyCharacter } from '../../../test/any-text.ts'
import { runsOf } from '../../../test/sample.ts'
import type { Call, HttpCall } from '../src/descriptor/descriptor.ts'
import type { Json } from '../src/session/schema.ts'
import { VERSION } from '../src/session/version.ts'
import type { SecretSource } from '../src/transport/contract.ts'
import { type HttpOptions, httpTransport } from '../src/transport/http.ts'

const SECRETS: Readonly<Record<string, string>> = {
  TOKEN: 'abc',
  EMAIL: 'a@example.com',
  PASSWORD: 'pä:ss',
  EMPTY: '',
}
const secrets: SecretSource = name => SECRETS[name]

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

type Heard = { requests: string[]; connections: number }

/** A server that speaks TCP, so that it can do what no HTTP server would: `speak` gets each whole request as text. */
const serve = async (
  speak: (socket: Socket, request: string) => void,
  accepted: (socket: Socket) => void = () => {},
) => {
  const heard: Heard = { requests: [], connections: 0 }
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    heard.connections++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    accepted(socket)
    let text = ''
    socket.on('data', data => {
      text += data.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (end < 0 || text.length < end + 4 + length) return
      heard.requests.push(text)
      const request = text
      text = ''
      speak(socket, request)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  open.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  const address = server.address()
  return { origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, heard }
}

const http = (
  status: string,
  headers: Readonly<Record<string, string | number>>,
  body: string | Buffer = '',
) =>
  Buffer.concat([
    Buffer.from(
      [
        `HTTP/1.1 ${status}`,
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        '',
        '',
      ].join('\r\n'),
    ),
    Buffer.from(body),
  ])
const answering = (
  status: string,
  body: string | Buffer = '',
  headers: Readonly<Record<string, string>> = {},
) =>
  serve(socket => socket.write(http(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }, body)))

const post = (endpoint: string, more: Partial<HttpCall> = {}): HttpCall => ({
  kind: 'http',
  method: 'POST',
  endpoint,
  payload: { text: 'a' },
  ...more,
})
/** What everything is sent with, unless a test says otherwise. */
let usual: Partial<HttpOptions> = {}
const send = (call: Call, options: Partial<HttpOptions> = {}, timeoutMs = 5_000, signal?: AbortSignal) =>
  httpTransport({ secrets, ...usual, ...options }).send(call, {
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  })
const failed = (code: string, sent: 'no' | 'perhaps', reason: unknown) => ({
  kind: 'failure',
  code,
  sent,
  reason,
})

/** What arrived, as head and body. */
const parts = (request: string | undefined) => {
  const [head = '', body = ''] = (request ?? '').split(/\r\n\r\n(.*)$/s)
  const [first = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(lines.map(line => line.split(/: (.*)/s).slice(0, 2) as [string, string]))
  return { first, headers, body: Buffer.from(body, 'latin1').toString() }
}

describe.each<[string, Partial<HttpOptions>]>([
  ["Node's client", {}],
  ['fetch', { fetch: globalThis.fetch }],
])('by %s:', (_, options) => {
  beforeEach(() => {
    usual = options
  })

  describe('a request', () => {
    it('arrives as the call says', async () => {
      const { origin, heard } = await answering('200 OK', '{}')
      await send(
        post(`${origin}/a%20b/c?x=1`, {
          query: { text: 'é & +', list: ['a', 1], on: true, n: 5, none: null },
          headers: { 'X-Own': '1' },
          payload: { text: '☺ "q"', none: null },
          auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'TOKEN' },
        }),
      )
      const { first, headers, body } = parts(heard.requests[0])
      expect(first).toBe(
        'POST /a%20b/c?x=1&text=%C3%A9%20%26%20%2B&list=%5B%22a%22%2C1%5D&on=true&n=5 HTTP/1.1',
      )
      expect(headers).toMatchObject({
        accept: 'application/json',
        authorization: 'Bearer abc',
        'content-type': 'application/json',
        'user-agent': `sessionwire/${VERSION}`,
        'x-own': '1',
        'content-length': String(Buffer.byteLength('{"text":"☺ \\"q\\"","none":null}')),
      })
      expect(body).toBe('{"text":"☺ \\"q\\"","none":null}')
    })

    it('writes a form with nested values as JSON, and leaves null out', async () => {
      const { origin, heard } = await answering('200 OK', '{}')
      const payload = { text: "it's +1 & é", blocks: [{ a: '"' }], yes: true, none: null }
      await send(post(origin, { encoding: 'form', payload }))
      const { headers, body } = parts(heard.requests[0])
      expect(headers['content-type']).toBe('application/x-www-form-urlencoded')
      expect(body).toBe(
        'text=it%27s%20%2B1%20%26%20%C3%A9&blocks=%5B%7B%22a%22%3A%22%5C%22%22%7D%5D&yes=true',
      )
      expect([...new URLSearchParams(body)]).toEqual([
        ['text', "it's +1 & é"],
        ['blocks', '[{"a":"\\""}]'],
        ['yes', 'true'],
      ])
    })

    it('has no body and no type where the call has no payload, and keeps a type of its own', async () => {
      const { origin, heard } = await answering('200 OK', '{}')
      await send({ kind: 'http', method: 'GET', endpoint: origin })
      await send(
        post(origin, {
          headers: { 'Content-Type': 'application/json; charset=utf-8', 'User-Agent': 'mine' },
        }),
      )
      const [get, own] = heard.requests.map(parts)
      expect(get?.first).toBe('GET / HTTP/1.1')
      expect(get?.headers).not.toHaveProperty('content-type')
      expect(get?.body).toBe('')
      expect(own?.headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'mine',
      })
    })

    it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)('is sent as %s', async method => {
      const { origin, heard } = await answering('204 No Content')
      expect(await send({ kind: 'http', method, endpoint: origin })).toMatchObject({
        kind: 'answer',
        status: 204,
        body: '',
      })
      expect(parts(heard.requests[0]).first).toBe(`${method} / HTTP/1.1`)
    })

    it('shows a basic credential in UTF-8', async () => {
      const { origin, heard } = await answering('200 OK', '{}')
      await send(post(origin, { auth: { basic: ['EMAIL', 'PASSWORD'] } }))
      const expected = Buffer.from('a@example.com:pä:ss', 'utf8').toString('base64')
      expect(parts(heard.requests[0]).headers.authorization).toBe(`Basic ${expected}`)
    })

    it('goes to an address that is a secret', async () => {
      const { origin, heard } = await answering('200 OK', 'ok')
      const reply = await send(post('', { endpoint: { $secret: 'HOOK' } }), {
        secrets: () => `${origin}/hooks/T0/s3cret`,
      })
      expect(reply).toMatchObject({ kind: 'answer', status: 200, body: 'ok' })
      expect(parts(heard.requests[0]).first).toBe('POST /hooks/T0/s3cret HTTP/1.1')
    })

    it('may be answered by a status that has no body, with any header', async () => {
      const { origin } = await serve(socket =>
        socket.write(http('204 No Content', { 'Content-Encoding': 'br' })),
      )
      expect(await send(post(origin))).toMatchObject({ kind: 'answer', status: 204, body: '' })
    })

    it('uses a connection again', async () => {
      const { origin, heard } = await answering('200 OK', '{"a":1}')
      const transport = httpTransport({ secrets, ...usual })
      for (let n = 0; n < 10; n++) await transport.send(post(origin), { timeoutMs: 5_000 })
      expect(heard.requests).toHaveLength(10)
      // Node's fetch may open a second one while the first is being given back.
      expect(heard.connections).toBeLessThanOrEqual(2)
    })

    it('tells the version of this package', () => {
      const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
        version: string
      }
      expect(VERSION).toBe(manifest.version)
    })
  })

  describe('an answer', () => {
    it.each<[string, string | Buffer, Readonly<Record<string, string>>, Json]>([
      ['JSON', '{"ok":true,"n":[1,null]}', {}, { ok: true, n: [1, null] }],
      ['JSON of any type', '{"ok":1}', { 'Content-Type': 'text/html' }, { ok: 1 }],
      ['JSON after a byte order mark', '\ufeff{"ok":1}', {}, { ok: 1 }],
      ['HTML', '<html>no</html>', { 'Content-Type': 'application/json' }, '<html>no</html>'],
      ['half of JSON', '{"ok":', {}, '{"ok":'],
      ['nothing', '', {}, ''],
      ['text', 'ok', {}, 'ok'],
      ['packed JSON', gzipSync('{"ok":1}'), { 'Content-Encoding': 'gzip' }, { ok: 1 }],
      ['JSON packed by brotli', brotliCompressSync('{"ok":1}'), { 'Content-Encoding': 'br' }, { ok: 1 }],
      ['JSON packed by deflate', deflateSync('{"ok":1}'), { 'Content-Encoding': 'deflate' }, { ok: 1 }],
      [
        'JSON packed by bare deflate',
        deflateRawSync('{"ok":1}'),
        { 'Content-Encoding': 'DEFLATE' },
        { ok: 1 },
      ],
      [
        'JSON packed without its end',
        gzipSync('{"ok":1}').subarray(0, -8),
        { 'Content-Encoding': 'gzip' },
        { ok: 1 },
      ],
      ['nothing, said to be packed', '', { 'Content-Encoding': 'gzip' }, ''],
      ['nothing, said to be packed by brotli', '', { 'Content-Encoding': 'br' }, ''],
      ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, '\ufffd'],
    ])('of %s is read', async (_, body, headers, read) => {
      const { origin } = await answering('200 OK', body, headers)
      expect(await send(post(origin))).toMatchObject({ kind: 'answer', status: 200, body: read })
    })

    it('keeps its status and its headers, names in lower case', async () => {
      const { origin } = await answering('429 Too Many', '{"error":"slow down"}', {
        'Retry-After': '7',
        'X-RateLimit-Left': '0',
      })
      expect(await send(post(origin))).toEqual({
        kind: 'answer',
        status: 429,
        headers: { 'content-length': '21', 'retry-after': '7', 'x-ratelimit-left': '0' },
        body: { error: 'slow down' },
      })
    })

    it.each(['400 Bad', '401 No', '403 No', '404 Not', '500 Oops', '503 Later'])(
      'is an answer, with %s too',
      async status => {
        const { origin, heard } = await answering(status, '{"e":1}')
        expect(await send(post(origin))).toMatchObject({
          kind: 'answer',
          status: Number(status.slice(0, 3)),
          body: { e: 1 },
        })
        expect(heard.requests).toHaveLength(1)
      },
    )

    it.each(['301 Moved', '302 Found', '303 See', '307 Temporary', '308 Permanent'])(
      'is not followed: %s',
      async status => {
        const elsewhere = await answering('200 OK', '{}')
        const { origin, heard } = await answering(status, '', { Location: `${elsewhere.origin}/x` })
        for (const method of ['POST', 'GET'] as const) {
          const reply = await send({
            kind: 'http',
            method,
            endpoint: origin,
            auth: { header: 'Authorization', secret: 'TOKEN' },
          })
          expect(reply).toMatchObject({
            kind: 'answer',
            status: Number(status.slice(0, 3)),
            headers: { location: `${elsewhere.origin}/x` },
          })
        }
        expect(heard.requests).toHaveLength(2)
        expect(elsewhere.heard.connections).toBe(0)
      },
    )

    it('of JSON deeper than anybody can walk stays text', async () => {
      const deep = '['.repeat(200_000) + ']'.repeat(200_000)
      const { origin } = await answering('200 OK', deep)
      expect(await send(post(origin))).toMatchObject({ kind: 'answer', body: deep })
      const brackets = JSON.stringify({ text: '[{"\\'.repeat(1_000) })
      const flat = await answering('200 OK', brackets)
      expect(await send(post(flat.origin))).toMatchObject({
        kind: 'answer',
        body: { text: '[{"\\'.repeat(1_000) },
      })
    })

    it('keeps an own property called __proto__ to itself', async () => {
      const { origin } = await answering('200 OK', '{"__proto__":{"polluted":1}}')
      const reply = await send(post(origin))
      expect(JSON.stringify(reply.kind === 'answer' && reply.body)).toBe('{"__proto__":{"polluted":1}}')
      expect('polluted' in {}).toBe(false)
    })
  })

  describe('an answer out of bounds', () => {
    it('ends when it says it is longer', async () => {
      const { origin } = await answering('200 OK', 'x'.repeat(5_000))
      const bound = failed(
        'too-large',
        'perhaps',
        expect.stringMatching(/^127\.0\.0\.1:\d+ answered with more than 4999 bytes$/),
      )
      expect(await send(post(origin), { maxAnswerBytes: 4_999 })).toEqual(bound)
      expect(await send(post(origin), { maxAnswerBytes: 5_000 })).toMatchObject({
        kind: 'answer',
        body: 'x'.repeat(5_000),
      })
    })

    it('ends when it goes on and on', async () => {
      const { origin } = await serve(socket => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
        const chunk = Buffer.from(`4000\r\n${'x'.repeat(0x4000)}\r\n`)
        const more = () => {
          while (!socket.destroyed && socket.write(chunk));
        }
        socket.on('drain', more)
        more()
      })
      expect(await send(post(origin))).toEqual(
        failed('too-large', 'perhaps', expect.stringContaining('more than 5242880 bytes')),
      )
    })

    it('is counted unpacked', async () => {
      const { origin, heard } = await serve(socket => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n')
        const gzip = createGzip()
        const zeros = Buffer.alloc(1 << 20)
        gzip.pipe(socket)
        gzip.on('error', () => {})
        const more = (left: number) => {
          if (left > 0 && !socket.destroyed) gzip.write(zeros, () => more(left - 1))
        }
        more(200)
      })
      expect(await send(post(origin))).toEqual(
        failed('too-large', 'perhaps', expect.stringContaining('more than 5242880 bytes')),
      )
      expect(heard.requests).toHaveLength(1)
    })
  })

  describe('no answer', () => {
    it('within the time: before a header, within the head, within the body', async () => {
      const silent = await serve(() => {})
      const slowHead = await serve(socket => void socket.write('HTTP/1.1 200 OK\r\nX-A: '))
      const slowBody = await serve(
        socket => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"a'),
      )
      for (const { origin, heard } of [silent, slowHead, slowBody]) {
        expect(await send(post(origin), {}, 60)).toEqual(
          failed('timeout', 'perhaps', 'no answer within 60 ms'),
        )
        expect(heard.requests).toHaveLength(1)
      }
    })

    it('within the time, of a fetch that heeds no signal, or of a source of secrets', async () => {
      const call = post('http://127.0.0.1/', { auth: { header: 'Authorization', secret: 'TOKEN' } })
      const never = new Promise<never>(() => {})
      expect(await send(call, { fetch: () => never }, 30)).toEqual(
        failed('timeout', 'perhaps', 'no answer within 30 ms'),
      )
      expect(await send(call, { secrets: () => never }, 30)).toEqual(
        failed('timeout', 'no', 'no answer within 30 ms'),
      )
    })

    it('once it was ended from outside', async () => {
      const controller = new AbortController()
      const { origin } = await serve(() => controller.abort())
      const reply = await send(post(origin), {}, 5_000, controller.signal)
      expect(reply).toEqual(failed('aborted', 'perhaps', 'ended before an answer came'))
      const fetch = vi.fn<typeof globalThis.fetch>()
      expect(await send(post(origin), { fetch }, 5_000, controller.signal)).toEqual(
        failed('aborted', 'no', 'ended before an answer came'),
      )
      expect(fetch).not.toHaveBeenCalled()
    })

    it('closes the connection it gives up', async () => {
      let closed: () => void = () => {}
      const end = new Promise<void>(resolve => {
        closed = resolve
      })
      const { origin } = await serve(
        () => {},
        socket => socket.on('close', () => closed()),
      )
      await send(post(origin), {}, 30)
      await end
    })

    it('where nobody listens', async () => {
      const { origin } = await answering('200 OK')
      for (const close of open.splice(0)) await close()
      expect(await send(post(origin))).toEqual(
        failed('refused', 'no', `${new URL(origin).host} refused the connection (ECONNREFUSED)`),
      )
    })

    it('where there is no such host', async () => {
      expect(await send(post('https://nowhere.invalid/'))).toEqual(
        failed(
          'refused',
          'no',
          expect.stringMatching(/^nowhere\.invalid is not found by its name \((ENOTFOUND|EAI_AGAIN)\)$/),
        ),
      )
    })

    it('where nobody listens on a port that fetch never calls', async () => {
      expect(await send(post('http://127.0.0.1:6000/'))).toEqual(
        usual.fetch === undefined
          ? failed('refused', 'no', '127.0.0.1:6000 refused the connection (ECONNREFUSED)')
          : failed(
              'config',
              'no',
              '127.0.0.1:6000 has a port that fetch never calls: serve it on another port (https://fetch.spec.whatwg.org/#port-blocking)',
            ),
      )
    })

    it('where TLS meets plain HTTP, or nothing', async () => {
      const plain = await serve(
        () => {},
        socket => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      )
      const shut = await serve(
        () => {},
        socket => socket.once('data', () => socket.destroy()),
      )
      const refused = { code: 'refused', sent: 'no' }
      // OpenSSL 3.0 names no reason that fetch passes on; our own client knows that nothing had left.
      const isNamed = usual.fetch === undefined || !process.versions.openssl.startsWith('3.0.')
      const overTls = (origin: string) => send(post(origin.replace('http:', 'https:')))
      expect(await overTls(plain.origin)).toMatchObject(
        isNamed ? refused : { code: 'reset', sent: 'perhaps' },
      )
      expect(await overTls(shut.origin)).toMatchObject(refused)
    })

    it.each<[string, (socket: Socket) => void]>([
      ['a reset after the request', socket => socket.resetAndDestroy()],
      ['a close after the request', socket => socket.end()],
      [
        'a reset within the head',
        socket => socket.write('HTTP/1.1 200 OK\r\nX-A', () => socket.resetAndDestroy()),
      ],
      ['an end within the body', socket => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"a"')],
      [
        'an end within a chunk',
        socket => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'),
      ],
      ['something else than HTTP', socket => socket.end('SSH-2.0-OpenSSH\r\n\r\n')],
      [
        'packing that is none',
        socket => socket.end(http('200 OK', { 'Content-Encoding': 'gzip', 'Content-Length': 3 }, 'abc')),
      ],
    ])('but %s, and nothing is tried again', async (_, speak) => {
      const { origin, heard } = await serve(speak)
      for (const method of ['POST', 'GET', 'DELETE'] as const)
        expect(await send({ kind: 'http', method, endpoint: origin })).toMatchObject({
          kind: 'failure',
          code: 'reset',
          sent: 'perhaps',
        })
      expect(heard.requests).toHaveLength(3)
    })

    it('but a connection that is closed as soon as it is made: perhaps, since the request may have crossed it', async () => {
      const { origin } = await serve(
        () => {},
        socket => socket.end(),
      )
      expect(await send(post(origin))).toMatchObject({ kind: 'failure', code: 'reset', sent: 'perhaps' })
    })

    it('but too many headers', async () => {
      const { origin } = await answering('200 OK', '{}', { 'X-A': 'a'.repeat(100_000) })
      expect(await send(post(origin))).toMatchObject({ kind: 'failure', code: 'too-large', sent: 'perhaps' })
    })
  })

  describe('nothing is sent', () => {
    const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response('{}'))
    const refused = async (call: Call, options: Partial<HttpOptions> = {}) => {
      fetch.mockClear()
      const reply = await send(call, { fetch, ...options })
      expect(fetch).not.toHaveBeenCalled()
      return reply
    }
    const header = (value: string | undefined) => ({
      call: post('https://a.example/', { auth: { header: 'Authorization', secret: 'KEY' } }),
      options: { secrets: () => value },
    })

    it.each<[string, string]>([
      ['http://api.example.com/', 'it must begin with https:// (http:// is for this machine only)'],
      ['http://127.0.0.1.example.com/', 'it must begin with https:// (http:// is for this machine only)'],
      ['http://[::2]/', 'it must begin with https:// (http:// is for this machine only)'],
      ['http://0.0.0.0/', 'it must begin with https:// (http:// is for this machine only)'],
      ['https://user:pass@a.example/', 'it must hold no user and no password'],
      ['file:///etc/passwd', 'it must be a whole address that begins with https://'],
      ['/relative', 'it must be a whole address that begins with https://'],
      ['', 'it must be a whole address that begins with https://'],
      ['https://a.example/{issue}', 'it must hold no space, control character, backslash, brace or #'],
      ['https://a.example\\@evil.example/', 'it must hold no user and no password'],
    ])('to %s', async (endpoint, wrong) => {
      expect(await refused(post(endpoint))).toEqual(
        failed('config', 'no', `the address ${endpoint} cannot be called: ${wrong}`),
      )
    })

    it.each([
      'http://localhost:1/',
      'http://127.0.0.1/',
      'http://127.8.9.10/',
      'http://[::1]/',
      'https://a.example/',
    ])('unless the address is like %s', async endpoint => {
      fetch.mockClear()
      expect(await send(post(endpoint), { fetch })).toMatchObject({ kind: 'answer', status: 200 })
      expect(fetch).toHaveBeenCalledTimes(1)
    })

    it('without a secret that is needed', async () => {
      const missing = failed(
        'secret',
        'no',
        'KEY is not set: set it for the process that delivers (its environment, or the option secrets)',
      )
      const { call } = header('')
      expect(await refused(call)).toEqual(missing)
      expect(await refused(call, { secrets: () => '' })).toEqual(missing)
      expect(await refused(post('', { endpoint: { $secret: 'KEY' } }))).toEqual(missing)
      expect(await refused(post('https://a.example', { auth: { basic: ['EMAIL', 'KEY'] } }))).toEqual(missing)
      expect(await refused(call, { secrets: () => Promise.reject(new Error('vault says s3cret')) })).toEqual(
        failed('secret', 'no', 'secret KEY could not be read'),
      )
    })

    it.each(['s3cret\r\nx-evil: 1', 's3cret\n', 's3cret\0', 's3cret\u0085'])(
      'with a secret that would split the request: %j',
      async value => {
        const reason = 'secret KEY holds a line end or another control character: store it without'
        const { call, options } = header(value)
        expect(await refused(call, options)).toEqual(failed('secret', 'no', reason))
        expect(await refused(post('', { endpoint: { $secret: 'KEY' } }), options)).toEqual(
          failed('secret', 'no', reason),
        )
        expect(
          await refused(post('https://a.example', { auth: { basic: ['KEY', 'KEY'] } }), options),
        ).toEqual(failed('secret', 'no', reason))
      },
    )

    it('with a secret that no header carries, a user with a colon, an address that is none', async () => {
      const { call, options } = header('s3cret☺')
      expect(await refused(call, options)).toEqual(
        failed('secret', 'no', 'secret KEY holds a letter that a header cannot carry'),
      )
      expect(await refused(post('https://a.example', { auth: { basic: ['PASSWORD', 'TOKEN'] } }))).toEqual(
        failed('secret', 'no', 'secret PASSWORD holds a colon, which the name of a user cannot have'),
      )
      for (const value of [
        's3cret',
        'http://hooks.example.com/s3cret',
        'https://u:s3cret@hooks.example.com/',
      ]) {
        const reply = await refused(post('', { endpoint: { $secret: 'KEY' } }), { secrets: () => value })
        expect(reply).toMatchObject(
          failed('secret', 'no', expect.stringMatching(/^the address in KEY cannot be called: it must /)),
        )
        expect(JSON.stringify(reply)).not.toContain('s3cret')
      }
    })

    it('that needs a transport of its own', async () => {
      expect(await refused(post('https://a.example', { auth: { login: 'board' } }))).toEqual(
        failed('config', 'no', 'the login "board" needs the transport of its adapter'),
      )
      const custom: Call = { kind: 'custom', target: 'bolt', payload: { statement: 'RETURN 1' } }
      expect(await refused(custom)).toEqual(
        failed('config', 'no', 'a custom call to "bolt" needs the transport of its adapter'),
      )
    })

    it.each(['a\r\nx: y', 'smile ☺', 'a\0'])('with a header that cannot be sent: %j', async value => {
      const reply = failed('config', 'no', 'the call to a.example has a header that cannot be sent')
      expect(await refused(post('https://a.example/', { headers: { 'x-a': value } }))).toEqual(reply)
      expect(await send(post('https://a.example/', { headers: { 'x-a': value } }))).toEqual(reply)
    })
  })

  describe('whatever happens', () => {
    it('no reason holds the address of a webhook', async () => {
      const { origin } = await serve(socket => socket.resetAndDestroy())
      const reply = await send(post('', { endpoint: { $secret: 'HOOK' } }), {
        secrets: () => `${origin}/hooks/s3cret`,
      })
      expect(reply).toEqual(
        failed('reset', 'perhaps', expect.stringMatching(/^the address in HOOK broke the connection/)),
      )
    })

    it('send never throws', async () => {
      const errors: readonly unknown[] = [
        new Error('x'),
        'text',
        null,
        undefined,
        { code: 7 },
        new TypeError('fetch failed'),
      ]
      for (const error of errors) {
        const reply = await send(post('https://a.example/'), { fetch: () => Promise.reject(error) })
        expect(reply).toEqual(failed('reset', 'perhaps', 'a.example broke the connection'))
      }
      const loop: { payload?: unknown } = {}
      loop.payload = loop
      expect(await send(post('https://a.example/', loop as Partial<HttpCall>))).toEqual(
        failed('config', 'no', 'the call cannot be written'),
      )
    })

    it('any text arrives as it was, in address, query, form and JSON', async () => {
      const { origin, heard } = await answering('200 OK', '{}')
      const transport = httpTransport({ secrets, ...usual })
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: anyCharacter }), async text => {
          heard.requests.length = 0
          await transport.send(post(origin, { query: { [`q${text}`]: text }, payload: { text } }), {
            timeoutMs: 5_000,
          })
          await transport.send(post(origin, { encoding: 'form', payload: { [`f${text}`]: text } }), {
            timeoutMs: 5_000,
          })
          const [json, form] = heard.requests.map(parts)
          const url = new URL(json?.first.split(' ')[1] ?? '', origin)
          expect([...url.searchParams]).toEqual([[`q${text}`, text]])
          expect(JSON.parse(json?.body ?? '')).toEqual({ text })
          expect([...new URLSearchParams(form?.body)]).toEqual([[`f${text}`, text]])
        }),
        { numRuns: runsOf(60) },
      )
    })
  })
})
