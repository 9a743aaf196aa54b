import type { HttpCall, Json, Reply } from '@sessionwire/core/adapter'
import { fakeClock, plainSender } from '@sessionwire/core/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { neo4j } from '../src/index.ts'
import { endSession, recordProgress, resumeSession, startSession } from '../src/steps.ts'
import { type HostileNeo4j, hostileNeo4j } from '../src/testing.ts'

const clock = fakeClock()
let server: HostileNeo4j
beforeEach(async () => {
  server = await hostileNeo4j({ now: clock.now, token: 'jäger' })
})
afterEach(() => server.close())

const secretsOf = () => ({
  NEO4J_USERNAME: server.username,
  NEO4J_PASSWORD: server.password,
  NEO4J_TOKEN: 'jäger',
})
const { actions } = neo4j({ uri: 'http://127.0.0.1' })

const call = (more: Partial<HttpCall> = {}): HttpCall => ({
  kind: 'http',
  method: 'POST',
  endpoint: `${server.url}/db/neo4j/query/v2`,
  auth: { basic: ['NEO4J_USERNAME', 'NEO4J_PASSWORD'] },
  payload: { statement: 'RETURN 1 AS one' },
  ...more,
})
const sent = (
  more: Partial<HttpCall> = {},
  secrets: Readonly<Record<string, string>> = secretsOf(),
): Promise<Reply> => plainSender(secrets).send(call(more), { timeoutMs: 5_000 })
const said = async (more: Partial<HttpCall>, secrets?: Readonly<Record<string, string>>) => {
  const reply = await sent(more, secrets)
  if (reply.kind !== 'answer') return reply.code
  const { errors = [] } = reply.body as { errors?: readonly { code: string }[] }
  return [reply.status, ...errors.map(({ code }) => code)].join(' ')
}
const statement = (text: string, parameters: Readonly<Record<string, Json>> = {}) => ({
  payload: { statement: text, parameters },
})
const ours = (
  step: (at: { key: string; config: ReturnType<typeof neo4j>['config'] }) => unknown,
  key = 'x',
) => step({ key, config: neo4j({ uri: server.url }).config }) as HttpCall

const OF = { sessionId: '01990000-0000-7000-8000-00000000a001', project: 'billing' }
const START = {
  ...OF,
  eventId: 'e1',
  at: '2026-01-31T10:00:00.000Z',
  seq: 1,
  user: 'fixer',
  name: 'Stop double charging',
  progress: 20,
  refs: [],
  previousIds: ['01990000-0000-7000-8000-00000000a000'],
  parentIds: [],
  continuedIds: [],
  referencedIds: [],
  neededIds: [],
}
const PROGRESS = {
  ...OF,
  eventId: 'e2',
  at: '2026-01-31T11:00:00.000Z',
  seq: 2,
  message: 'Reproduced with two parallel webhooks',
  progress: 35,
  tags: ['payments'],
  nextSteps: ['Lock per invoice'],
}
const END = {
  ...OF,
  eventId: 'e9',
  at: '2026-01-31T12:30:00.000Z',
  seq: 9,
  stamp: '2026-01-31T12:30:00.000Z e9',
  status: 'completed',
  summary: 'Fixed in #981',
  progress: 100,
}
const RESUME = { ...OF, eventId: 'e10', at: '2026-01-31T13:00:00.000Z', seq: 10 }

describe('a request', () => {
  test('that is right is answered with rows', async () =>
    expect(await sent()).toMatchObject({ status: 202, body: { data: { fields: ['one'], values: [[1]] } } }))
  test.for<[Partial<HttpCall>, string]>([
    [{ endpoint: '/db/neo4j/query/v3' }, '404 Neo.ClientError.Request.Invalid'],
    [{ endpoint: '/db/nosuch/query/v2' }, '404 Neo.ClientError.Database.DatabaseNotFound'],
    [{ payload: { statement: '' } }, '400 Neo.ClientError.Request.Invalid'],
    [{ payload: { statement: 'RETURN 1', params: {} } }, '400 Neo.ClientError.Request.Invalid'],
    [{ payload: [] }, '400 Neo.ClientError.Request.Invalid'],
    [{ encoding: 'form' }, '415 Neo.ClientError.Request.Invalid'],
    [{ headers: { accept: 'text/html' } }, '406 Neo.ClientError.Request.Invalid'],
    [{ method: 'PUT' }, '405 Neo.ClientError.Request.Invalid'],
    [statement('RETURNX 1'), '400 Neo.ClientError.Statement.SyntaxError'],
    [statement('RETURN $a'), '400 Neo.ClientError.Statement.ParameterMissing'],
    [statement('RETURN 1; RETURN 2'), '400 Neo.ClientError.Statement.SyntaxError'],
    [
      { payload: { statement: 'CREATE (n)', accessMode: 'Read' } },
      '400 Neo.ClientError.Statement.AccessMode',
    ],
  ])('%j is refused: %s', async ([{ endpoint, ...more }, answer]) =>
    expect(
      await said(typeof endpoint === 'string' ? { ...more, endpoint: `${server.url}${endpoint}` } : more),
    ).toBe(answer),
  )
  test('is turned away without a credential, and locked out after three wrong ones', async () => {
    const { auth: _, ...nobody } = call()
    expect(await plainSender({}).send(nobody, { timeoutMs: 5_000 })).toMatchObject({ status: 401 })
    const wrong = { ...secretsOf(), NEO4J_PASSWORD: 'wrong' }
    for (let n = 0; n < 3; n += 1)
      expect(await said({}, wrong)).toBe('401 Neo.ClientError.Security.Unauthorized')
    expect(await said({})).toBe('429 Neo.ClientError.Security.AuthenticationRateLimit')
    clock.advance(5_000)
    expect(await said({})).toBe('202')
  })
  test('may carry a token, in base64', async () => {
    const adapter = neo4j({ uri: server.url, auth: 'bearer' })
    const secrets = secretsOf()
    const rim = {
      secrets: (name: string) => secrets[name as keyof typeof secrets],
      http: plainSender(secrets),
      now: clock.now,
    }
    const reply = await adapter.transport?.(rim).send(adapter.check.call, { timeoutMs: 5_000 })
    expect(reply).toMatchObject({ status: 202 })
    expect(server.requests()[0]?.headers.authorization).toBe('Bearer asOkZ2Vy')
  })
})

describe('a statement of ours', () => {
  const refusedFor = async (more: Readonly<Record<string, Json>>) => {
    const { payload } = ours(startSession(START))
    const { statement: text, parameters } = payload as {
      statement: string
      parameters: Readonly<Record<string, Json>>
    }
    return said(statement(text, { ...parameters, ...more }))
  }
  test('is refused for what the real server refuses', async () => {
    expect(await refusedFor({ sessionId: null })).toBe('400 Neo.ClientError.Statement.SemanticError')
    expect(await refusedFor({ sessionId: 'x'.repeat(9_000) })).toBe(
      '500 Neo.DatabaseError.Statement.ExecutionFailed',
    )
    expect(await refusedFor({ at: '2026-01-31' })).toBe('400 Neo.ClientError.Statement.SyntaxError')
    expect(await refusedFor({ goal: { a: 1 } })).toBe('400 Neo.ClientError.Statement.TypeError')
    expect(await refusedFor({ refs: ['a', null] })).toBe('400 Neo.ClientError.Statement.TypeError')
    expect(await refusedFor({})).toBe('202')
  })
  test('is an effect once, however often it comes', async () => {
    await sent(ours(startSession(START)))
    await sent(ours(startSession(START)))
    await sent(ours(recordProgress(PROGRESS)))
    expect(server.effects().map(({ kind }) => kind)).toEqual(['startSession', 'recordProgress'])
    expect(server.sessions()).toMatchObject([
      {
        id: START.sessionId,
        status: 'active',
        progress: 35,
        lastMessage: 'Reproduced with two parallel webhooks',
      },
    ])
    expect(server.listApplied('recordProgress')).toHaveLength(1)
  })
  test('is seen in whatever order it comes, and forgotten when asked', async () => {
    await sent(ours(resumeSession(RESUME)))
    await sent(ours(endSession(END)))
    expect(server.sessions()).toMatchObject([{ status: 'active', endTime: null, progress: 100 }])
    expect(server.sessions()[0]).not.toHaveProperty('start')
    await sent(ours(startSession(START)))
    expect(server.sessions()).toMatchObject([{ status: 'active', start: { user: 'fixer' } }])
    await sent(ours(actions.forgetSession({ sessionId: START.sessionId })))
    expect(server.sessions()).toEqual([])
  })
  test('fails as it is told', async () => {
    const failures = [
      [{ kind: 'inside', applied: false }, '202 Neo.TransientError.Transaction.DeadlockDetected'],
      [
        { kind: 'inside', applied: false, word: 'ClientError.Statement.TypeError' },
        '202 Neo.ClientError.Statement.TypeError',
      ],
      [{ kind: 'throttle' }, '429 Neo.ClientError.Security.AuthenticationRateLimit'],
      [{ kind: 'error', applied: true }, '500 Neo.DatabaseError.General.UnknownError'],
    ] as const
    for (const [failure, answer] of failures) {
      server.fail({ failure })
      expect(await said(ours(startSession(START)))).toBe(answer)
    }
    expect(server.counts()).toMatchObject({ requests: 4, effects: 1 })
  })
})

test('statements of a test’s own are answered as the test says', async () => {
  await using other = await hostileNeo4j({
    answer: (text, { n }) => ({ fields: [text.slice(0, 6)], values: [[n ?? null]] }),
  })
  const reply = await sent({
    endpoint: `${other.url}/db/neo4j/query/v2`,
    ...statement('RETURN $n', { n: 7 }),
  })
  expect(reply).toMatchObject({ body: { data: { fields: ['RETURN'], values: [[7]] } } })
})
