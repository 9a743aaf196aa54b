import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KEY, openStage, type Sent, type Stage } from '../http/stage.ts'
import { type Attempt, failure, rawly } from './attempt.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.end())

const GOAL = { goal: 'Stop double charging' }
const LENGTH = JSON.stringify(GOAL).length
const json = JSON.stringify(GOAL)

const start =
  (sent: Sent = {}) =>
  (on: Stage) =>
    on.send('/api/sessions', { body: GOAL, ...sent })
const withHeaders = (headers: Readonly<Record<string, string>>) => start({ headers })
const look =
  (path: string, sent: Sent = {}) =>
  (on: Stage) =>
    on.send(path, sent)
/** The head of a request that would record, with more headers. */
const head = (...more: readonly string[]) => [
  'POST /api/sessions HTTP/1.1',
  'Host: 127.0.0.1:PORT',
  `X-Api-Key: ${KEY}`,
  'Content-Type: application/json',
  'Connection: close',
  ...more,
]
const SIZED = `Content-Length: ${LENGTH}`

const host = failure(
  'FORBIDDEN_HOST',
  'The Host header names another server. Set SESSIONWIRE_ALLOWED_HOSTS to the names that this one has.',
)
const origin = failure(
  'FORBIDDEN_ORIGIN',
  'Pages of this origin may not call. Set SESSIONWIRE_ALLOWED_ORIGINS to those that may.',
)
const twice = (name: string) => failure('BAD_REQUEST', `The header "${name}" stands more than once.`)
const type = failure('UNSUPPORTED_MEDIA_TYPE', 'Send JSON with the header Content-Type: application/json.')
const coded = failure('UNSUPPORTED_MEDIA_TYPE', 'Send the body without compression (no Content-Encoding).')
const unread = { error: 'The request could not be read.' }
const nothing = { error: 'There is nothing at this path; GET /api/openapi.json lists those of the API.' }
const nothingHere = failure('NOT_FOUND', nothing.error)
const large = failure('TOO_LARGE', 'The body is too large; at most 1048576 bytes are read.')
const notJson = (problem: string) => failure('INVALID_JSON', `The body is not a JSON object: ${problem}.`)
const takes = (methods: string) => failure('METHOD_NOT_ALLOWED', `This path takes ${methods}.`)

/** From a page in a browser that knows no key, or makes its user's browser send one. */
const FROM_PAGES: readonly Attempt[] = [
  ['a name that was made to point here', withHeaders({ host: 'evil.example' }), 403, host],
  ['such a name with our port', withHeaders({ host: 'evil.example:8787' }), 403, host],
  ['a name that begins with our address', withHeaders({ host: '127.0.0.1.evil.example' }), 403, host],
  ['a name behind a user', withHeaders({ host: 'localhost@evil.example' }), 403, host],
  ...[
    'localhost.',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '[::ffff:127.0.0.1]',
    '[::1%25lo]',
    'localhost:0x50',
  ].map((name): Attempt => [`our address in another form, ${name}`, withHeaders({ host: name }), 403, host]),
  ...['127.0.0.1\u3002evil.example', '\u24dbocalhost', 'localhost\uff0eevil.example'].map(
    (name): Attempt => [
      `letters that look like ours, ${name}`,
      rawly([...head(SIZED).slice(0, 1), `Host: ${name}`, ...head(SIZED).slice(2)], json),
      403,
      host,
    ],
  ),
  ['no name at all', rawly([...head(SIZED).slice(0, 1), 'Host:', ...head(SIZED).slice(2)], json), 403, host],
  [
    'a foreign name for MCP',
    look('/mcp', { headers: { host: 'evil.example' } }),
    403,
    { error: host.error.message },
  ],
  [
    'a foreign name for the first page',
    look('/', { headers: { host: 'evil.example' } }),
    403,
    { error: host.error.message },
  ],
  ['a foreign origin', withHeaders({ origin: 'https://evil.example' }), 403, origin],
  ['the opaque origin of a sandboxed frame', withHeaders({ origin: 'null' }), 403, origin],
  ['an origin that begins with ours', withHeaders({ origin: 'http://127.0.0.1.evil.example' }), 403, origin],
  ['another port of this machine', withHeaders({ origin: 'http://127.0.0.1:1' }), 403, origin],
  ['an origin with a path', withHeaders({ origin: 'http://127.0.0.1/x' }), 403, origin],
  ['a file', withHeaders({ origin: 'file://' }), 403, origin],
  [
    'a foreign origin for MCP',
    look('/mcp', { body: {}, headers: { origin: 'https://evil.example' } }),
    403,
    { error: origin.error.message },
  ],
  [
    'a foreign page without an origin',
    withHeaders({ 'sec-fetch-site': 'cross-site' }),
    403,
    failure('FORBIDDEN_SITE', 'A page of another site may not call.'),
  ],
  ['the text of a form', withHeaders({ 'content-type': 'text/plain' }), 415, type],
  ['a form', withHeaders({ 'content-type': 'application/x-www-form-urlencoded' }), 415, type],
  ['a form with files', withHeaders({ 'content-type': 'multipart/form-data; boundary=x' }), 415, type],
  ['a type that only begins right', withHeaders({ 'content-type': 'application/json-seq' }), 415, type],
  ['two types in one', withHeaders({ 'content-type': 'application/json, text/plain' }), 415, type],
  [
    'another encoding of characters',
    withHeaders({ 'content-type': 'application/json; charset=utf-16' }),
    415,
    type,
  ],
  [
    'a question before a call',
    start({ method: 'OPTIONS' }),
    400,
    failure('BAD_REQUEST', 'OPTIONS takes no body.'),
  ],
]

/** Requests that two servers in a row could part differently. */
const SMUGGLED: readonly Attempt[] = [
  ['a length and chunks', rawly(head(SIZED, 'Transfer-Encoding: chunked'), `0\r\n\r\n${json}`), 400, unread],
  ['chunks and a length', rawly(head('Transfer-Encoding: chunked', SIZED), '0\r\n\r\n'), 400, unread],
  ['two lengths', rawly(head(SIZED, 'Content-Length: 0'), json), 400, unread],
  ['the same length twice', rawly(head(SIZED, SIZED), json), 400, unread],
  ['a length with a sign', rawly(head(`Content-Length: +${LENGTH}`), json), 400, unread],
  ['a length below 0', rawly(head('Content-Length: -1'), json), 400, unread],
  ['a length in hexadecimal', rawly(head('Content-Length: 0x1f'), json), 400, unread],
  [
    'chunks under a name that is nearly theirs',
    rawly(head('Transfer-Encoding: xchunked'), '0\r\n\r\n'),
    400,
    unread,
  ],
  ['chunks twice', rawly(head('Transfer-Encoding: chunked, identity'), '0\r\n\r\n'), 400, unread],
  ['a blank before a colon', rawly(head('Transfer-Encoding : chunked'), '0\r\n\r\n'), 400, unread],
  ['a header on two lines', rawly(head('X-A: 1', ' Transfer-Encoding: chunked'), json), 400, unread],
  [
    'a chunk without a size',
    rawly(head('Transfer-Encoding: chunked'), `zz\r\n${json}\r\n0\r\n\r\n`),
    400,
    unread,
  ],
  ['a line feed alone', rawly([`${head(SIZED).join('\n')}`], json), 400, unread],
  ['a null in a header', rawly(head('X-A: a\u0000b', SIZED), json), 400, unread],
  [
    'a request in the body of another',
    rawly(
      ['GET /healthz HTTP/1.1', 'Host: 127.0.0.1:PORT', SIZED, 'Connection: close'],
      head(SIZED).join('\r\n').slice(0, LENGTH),
    ),
    400,
    { error: 'GET takes no body.' },
  ],
  ['two keys', rawly(head('X-Api-Key: other', SIZED), json), 400, twice('x-api-key')],
  ['two names', rawly(head('Host: evil.example', SIZED), json), 400, twice('host')],
  [
    'two origins',
    rawly(head('Origin: http://127.0.0.1:PORT', 'Origin: https://evil.example', SIZED), json),
    400,
    twice('origin'),
  ],
  ['two types', rawly(head('Content-Type: text/plain', SIZED), json), 400, twice('content-type')],
  ['no name', rawly(['GET /api/sessions HTTP/1.1', `X-Api-Key: ${KEY}`, 'Connection: close']), 400, ''],
  ['an older protocol', rawly(['GET /api/sessions']), 403, host],
  ['the preface of HTTP/2', rawly(['PRI * HTTP/2.0', '', 'SM']), 400, unread],
  [
    'a whole address',
    rawly(['GET http://evil.example/api/sessions HTTP/1.1', ...head().slice(1)]),
    404,
    nothing,
  ],
  ['a proxy', rawly(['CONNECT evil.example:443 HTTP/1.1', 'Host: evil.example']), 0, undefined],
  [
    'another protocol',
    rawly(['GET /mcp HTTP/1.1', 'Host: 127.0.0.1:PORT', 'Connection: Upgrade, close', 'Upgrade: websocket']),
    401,
    { error: 'Missing X-Api-Key header.' },
  ],
  [
    'a chunk with an extension without end',
    rawly(head('Transfer-Encoding: chunked'), `2;${'a'.repeat(100_000)}\r\n{}\r\n0\r\n\r\n`),
    400,
    unread,
  ],
  [
    'a second name behind a thousand headers',
    rawly(head(SIZED, ...Array.from({ length: 1_000 }, () => 'a: 1'), 'Host: evil.example'), json),
    400,
    twice('host'),
  ],
  ['a head without end', rawly(head(`X-A: ${'a'.repeat(20_000)}`)), 431, unread],
]

/** Paths that two servers could read differently. */
const PATHS: readonly Attempt[] = [
  ...([
    '//api/sessions',
    '/api//sessions',
    '/api/./sessions',
    '/actions/../api/sessions',
    '/api/%73essions',
    '/%61pi/sessions',
    '/api%2fsessions',
    '/actions/%2e%2e/api/sessions',
    '/api/sessions/..%2f..%2fmcp',
    '/api/sessions;x=1',
    '/api/sessions%00',
    '/api\\sessions',
    '/API/sessions',
    '/api/sessions/',
    '/mcp//',
    '/healthz/../api/sessions',
    '/.env',
    '/.sessionwire/sessions.db',
  ].map(path => [
    path,
    look(path),
    404,
    path.startsWith('/api/') ? nothingHere : nothing,
  ]) as readonly Attempt[]),
  ['HEAD', start({ method: 'HEAD' }), 400, undefined],
  ['HEAD without a body', look('/api/sessions', { method: 'HEAD' }), 405, undefined],
  ['OPTIONS', look('/api/sessions', { method: 'OPTIONS' }), 405, takes('POST and GET')],
  ['TRACE', look('/api/sessions', { method: 'TRACE' }), 405, takes('POST and GET')],
  ['PUT', look('/api/sessions', { method: 'PUT' }), 405, takes('POST and GET')],
  ['DELETE', look('/api/sessions', { method: 'DELETE' }), 405, takes('POST and GET')],
  ['a write by GET', look('/api/deliveries/release?keys=x'), 405, takes('POST')],
  [
    'TRACE of MCP',
    look('/mcp', { method: 'TRACE' }),
    405,
    { error: 'This path takes GET and POST and DELETE.' },
  ],
  [
    'a method that is asked for in a header',
    look('/api/deliveries/release', { headers: { 'x-http-method-override': 'POST' } }),
    405,
    takes('POST'),
  ],
]

const deep = `{"metadata":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
const unread_ = (name: string) => notJson(`the name "${name}" is not allowed`)

const CALL = {
  ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
  params: { name: 'session_start', arguments: GOAL },
}
const mcpError = (code: number, message: string) => ({ jsonrpc: '2.0', error: { code, message }, id: null })
const ofMcp = (sent: Sent) => (on: Stage) =>
  on.send('/mcp', { ...sent, headers: { accept: 'application/json, text/event-stream', ...sent.headers } })

/** Over MCP, whose bodies the server passes on. */
const OVER_MCP: readonly Attempt[] = [
  [
    'a call that says it is a stream, for a place of its own',
    ofMcp({ body: CALL, headers: { 'mcp-method': 'subscriptions/listen' } }),
    400,
    { error: 'The header Mcp-Method names another method than the body.' },
  ],
  [
    'a call in the words of another revision than its header names',
    ofMcp({ body: CALL, headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call' } }),
    400,
    expect.objectContaining({ error: expect.objectContaining({ code: -32602 }) }),
  ],
  [
    'a thousand calls in one',
    ofMcp({ body: Array.from({ length: 1_000 }, (_, id) => ({ ...CALL, id })) }),
    400,
    mcpError(-32600, 'Invalid Request: Batch must not exceed 100 messages'),
  ],
  [
    'brackets for half a megabyte',
    ofMcp({ body: `${'['.repeat(250_000)}${']'.repeat(250_000)}` }),
    400,
    mcpError(-32600, 'Bad Request: JSON-RPC batch contains an invalid message'),
  ],
  [
    'the stream of somebody else, from where it broke',
    ofMcp({ method: 'GET', headers: { 'mcp-session-id': 'x', 'last-event-id': '1' } }),
    405,
    mcpError(-32000, 'Method not allowed.'),
  ],
  [
    'the end of a session of somebody else',
    ofMcp({ method: 'DELETE', headers: { 'mcp-session-id': 'x' } }),
    405,
    mcpError(-32000, 'Method not allowed.'),
  ],
]

/** Bodies that are too much, or something else than they seem. */
const BODIES: readonly Attempt[] = [
  ['one that is announced too large', rawly(head('Content-Length: 1048577')), 413, large],
  ['one that grows too large', start({ body: JSON.stringify({ goal: 'a'.repeat(1_100_000) }) }), 413, large],
  [
    'one that grows too large in chunks',
    rawly(head('Transfer-Encoding: chunked'), `110000\r\n${'a'.repeat(0x110000)}\r\n0\r\n\r\n`),
    413,
    large,
  ],
  ['a compressed one', withHeaders({ 'content-encoding': 'gzip' }), 415, coded],
  ['one compressed twice', withHeaders({ 'content-encoding': 'gzip, gzip' }), 415, coded],
  [
    'one nested deeper than a stack',
    start({ body: deep }),
    400,
    notJson('it is nested deeper than 64 levels'),
  ],
  ['a prototype', start({ body: '{"__proto__":{"scopes":["any"]}}' }), 400, unread_('__proto__')],
  ['an escaped prototype', start({ body: '{"metadata":{"__pr\\u006fto__":{}}}' }), 400, unread_('__proto__')],
  [
    'a constructor',
    start({ body: '{"metadata":{"constructor":{"prototype":{}}}}' }),
    400,
    unread_('constructor'),
  ],
  [
    'text that is not UTF-8',
    on => on.send('/api/sessions', { body: Buffer.from('7b22676f616c223a22ff227d', 'hex') }),
    400,
    notJson('it cannot be parsed'),
  ],
  ['an array', start({ body: '[]' }), 400, notJson('expected an object, got an array')],
  ['a string', start({ body: '"x"' }), 400, notJson('expected an object, got string')],
  ['nothing', start({ body: '' }), 400, notJson('it cannot be parsed')],
  ['a number that is none', start({ body: '{"progress":NaN}' }), 400, notJson('it cannot be parsed')],
  ['a comment', start({ body: '{}//' }), 400, notJson('it cannot be parsed')],
]

const ATTEMPTS = {
  'from a page': FROM_PAGES,
  smuggled: SMUGGLED,
  'by path or method': PATHS,
  'in the body': BODIES,
  'over MCP': OVER_MCP,
}

describe.for(Object.entries(ATTEMPTS))('%s', ([, attempts]) => {
  test.for(attempts)('%s', async ([, send, status, body]) => {
    const before = (await stage.tracker.sessions()).length
    const got = await send(stage)
    expect([got.status, got.json]).toEqual([status, body])
    expect((await stage.tracker.sessions()).length - before).toBe(0)
  })
})

describe('what is answered, and gives nothing away', () => {
  test('a session id of MCP is neither taken nor given: there is nothing to fixate', async () => {
    const body = {
      ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    }
    const got = await ofMcp({ body, headers: { 'mcp-session-id': 'chosen' } })(stage)
    expect([got.status, got.headers['mcp-session-id']]).toEqual([200, undefined])
  })

  test.for([
    ['a prototype of the arguments', `"goal":"x","__proto__":{"scopes":["any"]}`],
    ['a prototype of the metadata', `"goal":"x","metadata":{"__proto__":{"startedBy":"jwt:eve"}}`],
    ['a constructor', `"goal":"x","metadata":{"constructor":{"prototype":{"polluted":true}}}`],
    [
      'metadata deeper than a stack',
      `"goal":"x","metadata":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
    ],
  ])('%s changes no object, and no owner', async ([, args]) => {
    const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"session_start","arguments":{${args}}}}`
    expect((await ofMcp({ body: call })(stage)).status).toBe(200)
    expect(Object.keys(Object.prototype)).toEqual([])
    const owners = (await stage.tracker.sessions()).map(({ metadata }) => metadata.startedBy)
    expect(new Set(owners)).toEqual(new Set(['key:default']))
  })
})

test('nothing of it was an error of the server', () =>
  expect(stage.lines.filter(line => !line.startsWith('mcp: Rejected inbound request'))).toEqual([]))
