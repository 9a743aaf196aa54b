import { createTracker } from '@sessionwire/core'
import type { Call, Json, Reply, Transport } from '@sessionwire/core/adapter'
import { fakeClock, plainSender } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import { type TaigaOptions, taiga } from '../src/index.ts'
import { type HostileTaiga, hostileTaiga } from '../src/testing.ts'

const PASSWORD = 'correct horse'
const FIXER = { TAIGA_USERNAME: 'mirror-bot', TAIGA_PASSWORD: PASSWORD }
const BOUNDS = { timeoutMs: 5_000 }

const made = (
  server: Pick<HostileTaiga, 'baseUrl'>,
  secrets: Readonly<Record<string, string>> = FIXER,
  http: Transport = plainSender(secrets),
  now: () => number = Date.now,
  options: Partial<TaigaOptions> = {},
) => {
  const adapter = taiga({ projectId: 7, baseUrl: server.baseUrl, auth: 'password', ...options })
  const { transport } = adapter
  if (transport === undefined) throw new Error('it has no transport')
  return { adapter, transport: transport({ secrets: name => secrets[name], http, now }) }
}

const get = (server: Pick<HostileTaiga, 'baseUrl'>, path: string, more: object = {}): Call =>
  ({
    kind: 'http',
    method: 'GET',
    endpoint: `${server.baseUrl}/${path}`,
    auth: { login: 'taiga' },
    headers: { 'accept-language': 'en' },
    ...more,
  }) as Call

const status = (reply: Reply) => (reply.kind === 'answer' ? reply.status : reply.code)
const paths = (server: HostileTaiga) =>
  server.requests().map(({ method, path, answer }) => `${method} ${path.slice(7)} ${answer?.status ?? '-'}`)

describe('with user name and password', () => {
  test('logs in once for all, with no credential in the header, and asks in the name of the user', async () => {
    await using server = await hostileTaiga()
    const { transport } = made(server)
    const replies = await Promise.all([1, 2, 3].map(() => transport.send(get(server, 'users/me'), BOUNDS)))
    expect(replies.map(status)).toEqual([200, 200, 200])
    expect(paths(server)).toEqual(['POST /auth 200', ...Array(3).fill('GET /users/me 200')])
    const [login, asked] = server.requests()
    expect(login?.headers.authorization).toBeUndefined()
    expect(login?.body).toEqual({ type: 'normal', username: 'mirror-bot', password: PASSWORD })
    expect(asked?.headers.authorization).toMatch(/^Bearer ey\.access\./)
    expect(asked?.headers['accept-language']).toBe('en')
  })

  test('refreshes once when several calls find their token stale, and uses each refresh token once', async () => {
    await using server = await hostileTaiga()
    const { transport } = made(server)
    await transport.send(get(server, 'users/me'), BOUNDS)
    for (const _ of [1, 2]) {
      server.expire('access')
      server.forget()
      const replies = await Promise.all([1, 2, 3].map(() => transport.send(get(server, 'users/me'), BOUNDS)))
      expect(replies.map(status)).toEqual([200, 200, 200])
      expect(paths(server).filter(path => path.includes('auth'))).toEqual(['POST /auth/refresh 200'])
    }
    const tokens = server.requests().map(({ headers }) => headers.authorization)
    expect(tokens.filter(token => token === undefined)).toHaveLength(1)
  })

  test('logs in anew when the refresh token is refused too', async () => {
    await using server = await hostileTaiga()
    const { transport } = made(server)
    await transport.send(get(server, 'users/me'), BOUNDS)
    server.expire('all')
    server.forget()
    expect(status(await transport.send(get(server, 'users/me'), BOUNDS))).toBe(200)
    expect(paths(server)).toEqual([
      'GET /users/me 401',
      'POST /auth/refresh 401',
      'POST /auth 200',
      'GET /users/me 200',
    ])
  })

  test('sends a write once more only where it was refused with 401', async () => {
    await using server = await hostileTaiga()
    const { transport } = made(server)
    await transport.send(get(server, 'users/me'), BOUNDS)
    server.expire('access')
    const write = get(server, 'userstories', { method: 'POST', payload: { project: 7, subject: 'once' } })
    expect(status(await transport.send(write, BOUNDS))).toBe(201)
    expect(server.items('userstory').map(({ subject }) => subject)).toEqual(['once'])
    server.fail({ method: 'POST', failure: { kind: 'reset', applied: true } })
    const lost = await transport.send(write, BOUNDS)
    expect(lost).toMatchObject({ kind: 'failure', sent: 'perhaps' })
    expect(server.items('userstory')).toHaveLength(2)
  })

  test('is denied with a wrong password, which is shown nowhere', async () => {
    await using server = await hostileTaiga()
    const password = 'pass"word\\of mine'
    const answer = { status: 401, body: { detail: `no "${password}"`, code: 'invalid_credentials' } }
    server.fail({ path: '/api/v1/auth', times: 9, failure: { kind: 'answer', applied: false, answer } })
    await using tracker = await createTracker({
      project: 'billing',
      drainOnClose: 0,
      secrets: name => ({ ...FIXER, TAIGA_PASSWORD: password })[name],
      adapters: [taiga({ projectId: 7, baseUrl: server.baseUrl, auth: 'password' })],
    })
    expect(await tracker.check('taiga')).toMatchObject({
      ok: false,
      kind: 'denied',
      reason: expect.stringContaining('401 log in: 401 {"detail":"no \\"[TAIGA_PASSWORD]') as string,
    })
  })

  const unread = (): string => {
    throw new Error(`vault: ${PASSWORD}`)
  }
  const withLine = () => `${PASSWORD}\n`
  test.for([
    ['a line end behind it', withLine, 'holds a line end or another control character: store it without'],
    ['a source that fails', unread, 'could not be read'],
  ] as const)('a password with %s never leaves, and is waited for', async ([, read, problem]) => {
    await using server = await hostileTaiga()
    const { transport } = taiga({ projectId: 7, baseUrl: server.baseUrl, auth: 'password' })
    const secrets = (name: string) => (name === 'TAIGA_PASSWORD' ? read() : 'mirror-bot')
    const sender = transport?.({ secrets, http: plainSender(FIXER), now: Date.now })
    expect(await sender?.send(get(server, 'users/me'), BOUNDS)).toEqual({
      kind: 'failure',
      sent: 'no',
      code: 'secret',
      reason: `secret TAIGA_PASSWORD ${problem}`,
    })
    expect(server.requests()).toEqual([])
  })

  test.for(['ldap', 'github'])(
    'logs in by the type %s, and is told which one is not accepted',
    async type => {
      await using server = await hostileTaiga({ loginTypes: [type] })
      expect(status(await made(server).transport.send(get(server, 'users/me'), BOUNDS))).toBe(401)
      const { transport } = made(server, FIXER, plainSender(FIXER), Date.now, { loginType: type })
      expect(status(await transport.send(get(server, 'users/me'), BOUNDS))).toBe(200)
      expect(server.requests().map(({ body }) => (body as { type?: string } | null)?.type)).toEqual([
        'normal',
        type,
        undefined,
      ])
    },
  )

  test.for([
    [
      'a login that is throttled',
      { kind: 'throttle', waitSeconds: 60 },
      { kind: 'retry', throttled: true, waitMs: 60_000 },
    ],
    ['a login that breaks', { kind: 'error', applied: false }, { kind: 'retry' }],
    ['a login whose answer is lost', { kind: 'reset', applied: true }, { kind: 'retry' }],
    ['a login answered with nonsense', { kind: 'nonsense', applied: true }, { kind: 'retry' }],
    ['a login that is redirected', { kind: 'redirect' }, { kind: 'retry', down: true }],
    // A proxy while the server restarts says nothing about the credential.
    ['the page of a proxy', { kind: 'html', applied: false, status: 404 }, { kind: 'retry', down: true }],
  ] as const)('%s leaves the call unsent', async ([, failure, expected]) => {
    await using server = await hostileTaiga()
    const { transport, adapter } = made(server)
    server.fail({ path: '/api/v1/auth', failure })
    const write = get(server, 'userstories', { method: 'POST', payload: { project: 7, subject: 'x' } })
    const reply = await transport.send(write, BOUNDS)
    expect(adapter.outcome(reply, { action: 'createStory', role: 'call' })).toMatchObject(expected)
    expect(server.requests()).toHaveLength(1)
    expect(status(await transport.send(write, BOUNDS))).toBe(201)
  })

  test('a refresh whose answer is lost leaves the call unsent; then it logs in', async () => {
    await using server = await hostileTaiga()
    const { transport, adapter } = made(server)
    await transport.send(get(server, 'users/me'), BOUNDS)
    server.expire('access')
    server.forget()
    server.fail({ path: '/api/v1/auth/refresh', failure: { kind: 'reset', applied: true } })
    const reply = await transport.send(get(server, 'users/me'), BOUNDS)
    expect(adapter.outcome(reply, { action: 'x', role: 'look-up' })).toMatchObject({ kind: 'retry' })
    expect(status(await transport.send(get(server, 'users/me'), BOUNDS))).toBe(200)
    expect(paths(server)).toEqual([
      'GET /users/me 401',
      'POST /auth/refresh -',
      'POST /auth 200',
      'GET /users/me 200',
    ])
  })

  test('logs in anew when a secret is another one, and says which is not set', async () => {
    await using server = await hostileTaiga()
    const secrets: Record<string, string> = { ...FIXER }
    const { transport } = made(server, secrets)
    await transport.send(get(server, 'users/me'), BOUNDS)
    Object.assign(secrets, { TAIGA_USERNAME: 'bob', TAIGA_PASSWORD: 'battery staple' })
    expect(await transport.send(get(server, 'users/me'), BOUNDS)).toMatchObject({ body: { username: 'bob' } })
    delete secrets.TAIGA_PASSWORD
    expect(await transport.send(get(server, 'users/me'), BOUNDS)).toEqual({
      kind: 'failure',
      sent: 'no',
      code: 'secret',
      reason:
        'TAIGA_PASSWORD is not set: set it for the process that delivers (its environment, or the option secrets)',
    })
  })

  const written = (text: string): readonly string[] => [text, encodeURIComponent(text), btoa(text)]
  /** Every way in which a service may repeat what it was sent. */
  const repeats = (header: string): readonly Json[] =>
    [header, header.replace('Bearer ', '')]
      .flatMap(written)
      .flatMap(text => [
        text,
        `cut off: ${text.slice(0, -1)}`,
        { _error_message: text },
        { id: text, version: text },
        { id: 1, version: 1, [text]: [text] },
        [text],
      ])

  test.for([200, 201, 204, 301, 400, 403, 404, 429, 500])(
    'tells nobody its tokens when an answer of %s repeats them',
    async answered => {
      const tokens = {
        auth_token: 'ey.access/+9 "x" and so on, to its end',
        refresh: 'ey.refresh/+8 "x" and so on, to its end',
      }
      const { auth_token: access, refresh } = tokens
      const bodies = [...repeats(`Bearer ${access}`), ...repeats(refresh)]
      for (const body of bodies) {
        const http: Transport = {
          send: async call => ({
            kind: 'answer',
            status: String((call as { endpoint: unknown }).endpoint).endsWith('/auth') ? 200 : answered,
            headers: {},
            body: String((call as { endpoint: unknown }).endpoint).endsWith('/auth') ? tokens : body,
          }),
        }
        const { transport, adapter } = made({ baseUrl: 'https://taiga.example/api/v1' }, FIXER, http)
        const call = get({ baseUrl: 'https://taiga.example/api/v1' }, 'userstories/1', { method: 'PATCH' })
        const reply = await transport.send(call, BOUNDS)
        const outcomes = (['call', 'look-up', 'check'] as const).map(role =>
          adapter.outcome(reply, { action: 'editCard', role }),
        )
        const told = JSON.stringify([reply, outcomes])
        for (const secret of [access, refresh])
          for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
            expect(told).not.toContain(form.slice(0, -3))
        expect(told).not.toContain(btoa(access).slice(0, 12))
        expect(told).not.toContain(btoa(`Bearer ${access}`).slice(12, 24))
      }
    },
  )

  test('takes nothing else away from a success, whatever the password is', async () => {
    await using server = await hostileTaiga()
    const reply: Reply = { kind: 'answer', status: 200, headers: {}, body: { user: 'username', id: 4 } }
    const http: Transport = {
      send: async call =>
        String((call as { endpoint: unknown }).endpoint).endsWith('/auth')
          ? { ...reply, body: { auth_token: 'ey.access.1', refresh: 'ey.refresh.1' } }
          : reply,
    }
    const { transport } = made(server, { TAIGA_USERNAME: 'mirror-bot', TAIGA_PASSWORD: 'user' }, http)
    expect(await transport.send(get(server, 'users/me'), BOUNDS)).toEqual(reply)
  })

  test('does not begin a call that a slow login left too little time', async () => {
    await using server = await hostileTaiga()
    const clock = fakeClock()
    const http = plainSender(FIXER)
    const slow: Transport = {
      send: async (call, sending) => {
        const reply = await http.send(call, sending)
        if (call.kind === 'http' && String(call.endpoint).endsWith('/auth')) clock.advance(3_000)
        return reply
      },
    }
    const { transport } = made(server, FIXER, slow, clock.now)
    expect(await transport.send(get(server, 'users/me'), BOUNDS)).toMatchObject({
      sent: 'no',
      code: 'aborted',
    })
    expect(paths(server)).toEqual(['POST /auth 200'])
    expect(status(await transport.send(get(server, 'users/me'), BOUNDS))).toBe(200)
  })

  test('ends at once when it is told to while it logs in', async () => {
    await using server = await hostileTaiga()
    const { transport } = made(server)
    server.fail({ path: '/api/v1/auth', failure: { kind: 'hang', applied: false } })
    const controller = new AbortController()
    const pending = transport.send(get(server, 'users/me'), { ...BOUNDS, signal: controller.signal })
    controller.abort()
    expect(await pending).toMatchObject({ kind: 'failure', sent: 'no', code: 'aborted' })
    server.letGo()
  })
})

describe('a delete that is forbidden', () => {
  const remove = (server: HostileTaiga, id: number) => get(server, `userstories/${id}`, { method: 'DELETE' })

  test('says 404 where the object is gone', async () => {
    await using server = await hostileTaiga()
    const { transport } = made(server)
    expect(status(await transport.send(remove(server, 9_999), BOUNDS))).toBe(404)
    expect(paths(server).slice(1)).toEqual(['DELETE /userstories/9999 403', 'GET /userstories/9999 404'])
  })

  test('says 403 where it is there, and where no answer of Taiga tells', async () => {
    await using server = await hostileTaiga()
    const { transport } = made(server)
    const { id } = server.add('userstory')
    server.lock('archived')
    expect(status(await transport.send(remove(server, id), BOUNDS))).toBe(403)
    server.fail({ method: 'GET', failure: { kind: 'reset', applied: false } })
    expect(status(await transport.send(remove(server, 9_999), BOUNDS))).toBe(403)
    server.fail({ method: 'GET', failure: { kind: 'html', applied: false, status: 404 } })
    expect(status(await transport.send(remove(server, 9_999), BOUNDS))).toBe(403)
  })

  test('is read with an application token as well; a change is not', async () => {
    await using server = await hostileTaiga()
    const adapter = taiga({ projectId: 7, baseUrl: server.baseUrl })
    const secrets = { TAIGA_TOKEN: 'app-token' }
    const http = plainSender(secrets)
    const transport = adapter.transport?.({ secrets: () => undefined, http, now: Date.now }) ?? http
    const auth = { header: 'Authorization', prefix: 'Application ', secret: 'TAIGA_TOKEN' }
    expect(status(await transport.send({ ...remove(server, 9_999), auth } as Call, BOUNDS))).toBe(404)
    const change = { ...remove(server, 9_999), method: 'PATCH', payload: { version: 1 }, auth } as Call
    expect(status(await transport.send(change, BOUNDS))).toBe(403)
  })
})
