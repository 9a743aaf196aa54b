import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportSPKI } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AUDIENCE,
  claims,
  forged,
  ISSUER,
  inSeconds,
  pairOf,
  SECRET,
  sign,
  signed,
} from '../access/tokens.ts'
import { ACCESS, KEY, openStage, type Sent, type Stage } from '../http/stage.ts'
import { type Attempt, failure } from './attempt.ts'

type Pair = Awaited<ReturnType<typeof pairOf>>

/** Accepts the key, and tokens with the shared secret. */
let stage: Stage
/** Accepts tokens of a set of public keys alone. */
let keyed: Stage
let rsa: Pair
let ec: Pair
/** Belongs to nobody that the server knows. */
let foreign: Pair
/** Serves the set of keys, and counts what else is asked of it. */
let issuer: Server
let address = ''
const asked: string[] = []

beforeAll(async () => {
  rsa = await pairOf('RS256', 'rsa-1')
  ec = await pairOf('ES256', 'ec-1')
  foreign = await pairOf('RS256', 'rsa-1')
  issuer = createServer((request, response) => {
    asked.push(request.url ?? '')
    const keys = request.url === '/jwks' ? [rsa.jwk, ec.jwk] : [foreign.jwk]
    response.end(JSON.stringify({ keys }))
  })
  await new Promise<void>(resolve => issuer.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`
  const jwt = { issuer: ISSUER, audience: AUDIENCE }
  stage = await openStage({ access: { ...ACCESS, jwt: { ...jwt, keys: { secret: SECRET } } } })
  keyed = await openStage({
    access: { hosts: [], origins: [], jwt: { ...jwt, keys: { jwks: new URL(`${address}/jwks`) } } },
  })
})
afterAll(async () => {
  await stage.end()
  await keyed.end()
  await new Promise(resolve => issuer.close(resolve))
})

const GOAL = { goal: 'Stop double charging' }
const start = (on: Stage, headers: Readonly<Record<string, string>>, path = '/api/sessions') =>
  on.send(path, { body: GOAL, key: false, headers })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
/** With a token of the shared secret. */
const token = (make: () => Promise<string> | string) => async () => start(stage, bearer(await make()))
/** With a token of a pair of keys. */
const pairToken = (make: () => Promise<string> | string) => async () => start(keyed, bearer(await make()))
const headers = (given: Readonly<Record<string, string>>, path?: string) => () => start(stage, given, path)

const missing = failure('UNAUTHORIZED', 'Missing X-Api-Key header.')
const wrong = failure('UNAUTHORIZED', 'Invalid API key.')
const invalid = failure('UNAUTHORIZED', 'The token is not valid here.')
const expired = failure('UNAUTHORIZED', 'The token has expired. Get a new one.')
const algorithm = failure('UNAUTHORIZED', 'The algorithm of the token is not allowed here.')
const claim = (name: string) =>
  failure('UNAUTHORIZED', `The claim "${name}" of the token is missing or not the expected one.`)

const KEYS: readonly Attempt[] = [
  ['no credential', headers({}), 401, missing],
  ['an empty key', headers({ 'x-api-key': '' }), 401, wrong],
  ['another key', headers({ 'x-api-key': 'wrong' }), 401, wrong],
  ['the beginning of the key', headers({ 'x-api-key': KEY.slice(0, -1) }), 401, wrong],
  ['more than the key', headers({ 'x-api-key': `${KEY}0` }), 401, wrong],
  ['the key in other letters', headers({ 'x-api-key': KEY.toUpperCase() }), 401, wrong],
  ['the key in the query', headers({}, `/api/sessions?api_key=${KEY}&X-Api-Key=${KEY}`), 401, missing],
  ['the key as a cookie', headers({ cookie: `x-api-key=${KEY}` }), 401, missing],
  ['the key as a token', headers(bearer(KEY)), 401, invalid],
  [
    'the key as a user',
    headers({ authorization: `Basic ${Buffer.from(`:${KEY}`).toString('base64')}` }),
    401,
    missing,
  ],
  [
    'two credentials',
    async () => start(stage, { 'x-api-key': KEY, ...bearer(await signed()) }),
    401,
    failure('UNAUTHORIZED', 'Send one credential: X-Api-Key or Authorization.'),
  ],
  ['a key where only tokens are accepted', () => start(keyed, { 'x-api-key': KEY }), 401, wrong],
  ['an empty key where none is configured', () => start(keyed, { 'x-api-key': '' }), 401, wrong],
]

const SHARED: readonly Attempt[] = [
  ['one that has expired', token(() => signed(claims({ exp: inSeconds(-60) }))), 401, expired],
  ['one without an end', token(() => signed(claims({ exp: undefined }))), 401, claim('exp')],
  ['one that begins later', token(() => signed(claims({ nbf: inSeconds(600) }))), 401, claim('nbf')],
  [
    'one for another service',
    token(() => signed(claims({ aud: 'https://other.example.com' }))),
    401,
    claim('aud'),
  ],
  ['one for no service', token(() => signed(claims({ aud: undefined }))), 401, claim('aud')],
  ['one of another issuer', token(() => signed(claims({ iss: 'https://evil.example' }))), 401, claim('iss')],
  [
    'one of an issuer that begins right',
    token(() => signed(claims({ iss: `${ISSUER}.evil.example` }))),
    401,
    claim('iss'),
  ],
  ['one of nobody', token(() => signed(claims({ sub: undefined }))), 401, claim('sub')],
  [
    'one of an empty name',
    token(() => signed(claims({ sub: '' }))),
    401,
    failure('UNAUTHORIZED', 'The claim "sub" of the token is empty.'),
  ],
  ['one with an end that is a word', token(() => signed(claims({ exp: 'never' }))), 401, claim('exp')],
  [
    'one signed with another secret',
    token(() => signed(claims(), { alg: 'HS256' }, 'x'.repeat(40))),
    401,
    invalid,
  ],
  ['one that is not signed', token(() => forged({ alg: 'none' }, claims())), 401, algorithm],
  ['one not signed, in other letters', token(() => forged({ alg: 'nOnE' }, claims())), 401, algorithm],
  ['one without an algorithm', token(() => forged({}, claims())), 401, invalid],
  ['one with an empty signature', token(() => forged({ alg: 'HS256' }, claims())), 401, invalid],
  [
    'one with a longer algorithm of the same family',
    token(() => signed(claims(), { alg: 'HS512' }, SECRET.repeat(2))),
    401,
    algorithm,
  ],
  [
    'one of a public key',
    token(() => sign(claims(), rsa.privateKey, { alg: 'RS256', kid: 'rsa-1' })),
    401,
    algorithm,
  ],
  [
    'one whose claims were changed',
    token(async () =>
      (await signed())
        .split('.')
        .with(1, forged({}, claims({ sub: 'bob' })).split('.')[1] ?? '')
        .join('.'),
    ),
    401,
    invalid,
  ],
  ['one whose signature was cut', token(async () => (await signed()).slice(0, -4)), 401, invalid],
  [
    'one with a critical header nobody knows',
    token(() => forged({ alg: 'HS256', crit: ['x'], x: 1 }, claims(), 'AA')),
    401,
    invalid,
  ],
  [
    'one that is too long',
    token(() => signed(claims({ more: 'x'.repeat(9_000) }))),
    401,
    failure('UNAUTHORIZED', 'The token is too long.'),
  ],
  [
    'one of five parts',
    token(() => `${forged({ alg: 'dir', enc: 'A256GCM' }, claims(), 'AA')}.AA.AA`),
    401,
    invalid,
  ],
  [
    'two of them',
    async () => start(stage, { authorization: `Bearer ${await signed()} ${await signed()}` }),
    401,
    missing,
  ],
]

const kid = (name: string) => () => sign(claims(), foreign.privateKey, { alg: 'RS256', kid: name })

const PUBLIC: readonly Attempt[] = [
  ['one of a foreign key under a known name', pairToken(kid('rsa-1')), 401, invalid],
  ['a name that is a path', pairToken(kid('../../../dev/null')), 401, invalid],
  ['a name that is a statement', pairToken(kid("x' UNION SELECT 'key")), 401, invalid],
  ['a name that is an address', pairToken(() => kid(`${address}/evil`)()), 401, invalid],
  [
    'an address of keys of its own',
    pairToken(() =>
      sign(claims(), foreign.privateKey, { alg: 'RS256', kid: 'evil', jku: `${address}/evil` }),
    ),
    401,
    invalid,
  ],
  [
    'an address of certificates',
    pairToken(() =>
      sign(claims(), foreign.privateKey, { alg: 'RS256', kid: 'evil', x5u: `${address}/evil` }),
    ),
    401,
    invalid,
  ],
  [
    'a key that it brings itself',
    pairToken(() => sign(claims(), foreign.privateKey, { alg: 'RS256', kid: 'evil', jwk: foreign.jwk })),
    401,
    invalid,
  ],
  [
    'the public key as a shared secret',
    pairToken(async () => signed(claims(), { alg: 'HS256', kid: 'rsa-1' }, await exportSPKI(rsa.publicKey))),
    401,
    algorithm,
  ],
  [
    'one not signed, where keys are public',
    pairToken(() => forged({ alg: 'none', kid: 'rsa-1' }, claims())),
    401,
    algorithm,
  ],
  ['one of the shared secret', pairToken(() => signed()), 401, algorithm],
  [
    'the name of another kind of key',
    pairToken(() => sign(claims(), ec.privateKey, { alg: 'ES256', kid: 'rsa-1' })),
    401,
    invalid,
  ],
  [
    'another hash of the same key',
    pairToken(() => sign(claims(), foreign.privateKey, { alg: 'RS256', kid: 'ec-1' })),
    401,
    invalid,
  ],
]

describe.for(Object.entries({ keys: KEYS, 'tokens of a secret': SHARED, 'tokens of public keys': PUBLIC }))(
  '%s',
  ([, attempts]) => {
    test.for(attempts)('%s', async ([, send, status, body]) => {
      const got = await send(stage)
      expect([got.status, got.json]).toEqual([status, body])
      expect(await stage.tracker.sessions()).toEqual([])
      expect(await keyed.tracker.sessions()).toEqual([])
    })
  },
)

test('no address of a token was asked', () => expect(asked.filter(each => each !== '/jwks')).toEqual([]))

test('a client learns where tokens come from, and nothing else', async () => {
  const url = '/.well-known/oauth-protected-resource'
  const got = [await stage.send(url, { key: false }), await stage.send(`${url}/mcp`, { key: false })]
  const metadata = {
    ...{ resource: AUDIENCE, authorization_servers: [ISSUER], resource_name: 'Sessionwire' },
    ...{
      scopes_supported: ['read', 'record', 'act', 'destructive', 'any'],
      bearer_methods_supported: ['header'],
    },
  }
  expect(got.map(({ status, json }) => [status, json])).toEqual([
    [200, metadata],
    [200, metadata],
  ])
  const challenges = [await start(stage, {}), await start(stage, bearer('x'))].map(
    ({ headers: { 'www-authenticate': each } }) => each,
  )
  const named = `resource_metadata="${AUDIENCE}${url}"`
  expect(challenges).toEqual([
    `Bearer realm="sessionwire", ${named}`,
    `Bearer realm="sessionwire", error="invalid_token", ${named}`,
  ])
})

test('tokens that should get in do', async () => {
  const tell = async (on: Stage, made: string) => {
    const { status } = await start(on, bearer(made))
    return [status, (await on.tracker.sessions())[0]?.metadata]
  }
  const owner = [201, { startedBy: 'jwt:ada' }]
  expect([
    await tell(stage, await signed()),
    await tell(
      keyed,
      await sign(claims({ scope: undefined, scp: ['record'] }), rsa.privateKey, {
        alg: 'RS256',
        kid: 'rsa-1',
      }),
    ),
    await tell(keyed, await sign(claims(), ec.privateKey, { alg: 'ES256', kid: 'ec-1' })),
  ]).toEqual([owner, owner, owner])
})

describe('who may what', () => {
  let of: (subject: string, scope: string) => (path: string, sent?: Sent) => ReturnType<Stage['send']>
  let ada: ReturnType<typeof of>
  let bob: ReturnType<typeof of>
  let id = ''
  beforeAll(async () => {
    of = (sub, scope) => async (path, sent) =>
      stage.send(path, {
        ...sent,
        key: false,
        headers: { ...sent?.headers, ...bearer(await signed(claims({ sub, scope }))) },
      })
    ada = of('ada-of-rights', 'read record')
    bob = of('bob', 'read record act')
    id = (await ada('/api/sessions', { body: { goal: 'Private', key: 'k' } })).json.data.session.id
  })

  const forbidden = (scope: string) =>
    failure('FORBIDDEN', `The scope "${scope}" is needed for this, and this caller has it not.`)

  test.for([
    ['records', 'read', '/api/sessions', GOAL, 'record'],
    ['looks', 'record', '/api/sessions', undefined, 'read'],
    ['looks at a session', 'record act', '/api/sessions/current', undefined, 'read'],
    ['releases', 'read record', '/api/deliveries/release', { keys: ['x'] }, 'act'],
    ['retries', 'read record', '/api/deliveries/retry', { keys: ['x'] }, 'act'],
    ['drops', 'read record any', '/api/deliveries/drop', { keys: ['x'] }, 'act'],
    ['acknowledges', 'record destructive', '/api/deliveries/acknowledge', { key: 'x' }, 'act'],
    ['records with words that are no scopes', 'admin RECORD record: *', '/api/sessions', GOAL, 'record'],
    ['records without any', '', '/api/sessions', GOAL, 'record'],
  ] as const)('nobody %s with "%s"', async ([, scope, path, body, needed]) => {
    const got = await of('eve', scope)(path, body === undefined ? {} : { body })
    expect([got.status, got.json, got.headers['www-authenticate']]).toEqual([
      403,
      forbidden(needed),
      `Bearer realm="sessionwire", error="insufficient_scope", scope="${needed}"`,
    ])
  })

  test('the scope is not taken from the request', async () => {
    const got = await of('eve', 'read')('/api/sessions?scope=record', {
      body: { ...GOAL, scope: 'record' },
      headers: { 'x-scopes': 'record' },
    })
    expect([got.status, got.json]).toEqual([403, forbidden('record')])
  })

  test('nobody reaches the session of somebody else, by any path', async () => {
    const unknown = failure(
      'NO_SESSION',
      `sessionId: unknown session; got the string "${id}". Leave sessionId out for the current session, or start one first.`,
    )
    const bodies: Readonly<Record<string, object>> = {
      updates: { description: 'x' },
      decisions: { content: 'x' },
      blockers: { description: 'x' },
      resolutions: { blocker: 'x' },
      messages: { role: 'user', content: 'x' },
      entities: { name: 'x', type: 'file' },
      close: {},
    }
    const looks = ['', '/status', '/messages', '/deliveries', '/preview']
    const got = [
      ...(await Promise.all(looks.map(each => bob(`/api/sessions/${id}${each}`)))),
      ...(await Promise.all(
        Object.entries(bodies).map(([each, body]) => bob(`/api/sessions/${id}/${each}`, { body })),
      )),
      await bob(`/api/recall?sessionId=${id}`),
    ]
    expect(got.map(({ status, json }) => [status, json])).toEqual(got.map(() => [404, unknown]))
    expect((await bob('/api/sessions')).json.data).toEqual({ sessions: [] })
    expect((await bob('/api/recall?query=private')).json.data).toEqual({ text: '', lines: [] })
    expect((await bob('/api/sessions/current')).json.error.code).toBe('NO_SESSION')
  })

  test('a key of somebody else is another key', async () => {
    const { status, json } = await bob('/api/sessions', { body: { goal: 'Mine', key: 'k' } })
    expect([status, json.data.session.title, json.data.session.id === id]).toEqual([201, 'Mine', false])
  })

  test('nobody gives a session to somebody else, or takes a name that is not theirs', async () => {
    const eve = of('key:default', 'read record')
    const { json } = await eve('/api/sessions', {
      body: { goal: 'Whose', metadata: { startedBy: 'jwt:ada-of-rights' } },
    })
    const mine = json.data.session.id
    const { metadata } = await stage.tracker.session(mine).load()
    expect(metadata).toEqual({ startedBy: 'jwt:key:default' })
    expect((await stage.send(`/api/sessions/${mine}`)).status).toBe(404)
    expect((await ada(`/api/sessions/${mine}`)).status).toBe(404)
  })

  test('a session named twice is refused', async () => {
    const body = { description: 'x', sessionId: id }
    const got = [
      await ada(`/api/sessions/${id}/updates`, { body }),
      await bob('/api/sessions/current/updates', { body }),
      await ada(`/api/sessions/${id}/messages?sessionId=${id}`),
    ]
    const refused = [
      400,
      failure(
        'INVALID_INPUT',
        'sessionId: given twice; expected it in the path alone. Leave it out of the input.',
      ),
    ]
    expect(got.map(({ status, json }) => [status, json])).toEqual([refused, refused, refused])
  })

  test('the scope any reaches them', async () => {
    const { status, json } = await of('lead', 'read any')(`/api/sessions/${id}`)
    expect([status, json.data.session.title]).toEqual([200, 'Private'])
  })
})
