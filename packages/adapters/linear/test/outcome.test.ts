import type { Call, Json, Outcome, Reply, Role } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { isOwn, outcome } from '../src/outcome.ts'
import { failed } from './failures.ts'

const CALL = { action: 'createComment', role: 'call' } as const
const LOOK = { action: 'createComment', role: 'look-up' } as const
const NOW = 'Thu, 01 Jan 2026 00:00:00 GMT'
const at = (ms: number) => String(Date.UTC(2026, 0, 1) + ms)

const answer = (status: number, body: Json, headers: Readonly<Record<string, string>> = {}): Reply => ({
  kind: 'answer',
  status,
  headers,
  body,
})
const error = (message: string, extensions: Readonly<Record<string, Json>>) => ({ message, extensions })
const limit = (headers: Readonly<Record<string, string>>, meta?: Json) =>
  failed(
    400,
    'Rate limit exceeded',
    { code: 'RATELIMITED', type: 'ratelimited', statusCode: 429, ...(meta === undefined ? {} : { meta }) },
    headers,
  )

type Row = readonly [string, Reply, Readonly<{ action: string; role: Role; call?: Call }>, Outcome]
const asking = (variables: Json, query = 'mutation') => ({
  ...CALL,
  call: {
    kind: 'http' as const,
    method: 'POST' as const,
    endpoint: 'https://api.linear.app/graphql',
    payload: { query, variables },
  },
})

const ROWS: readonly Row[] = [
  [
    'done',
    answer(200, { data: { commentCreate: { success: true, comment: { id: 'c' } } } }),
    CALL,
    { kind: 'delivered' },
  ],
  [
    'done, though part of the answer could not be told',
    answer(200, {
      data: { commentCreate: { success: true, comment: null } },
      errors: [error('x', { type: 'internal error' })],
    }),
    CALL,
    { kind: 'delivered' },
  ],
  [
    'not done',
    answer(200, { data: { commentCreate: { success: false } } }),
    CALL,
    { kind: 'rejected', reason: 'Linear answered success: false to createComment' },
  ],
  [
    'a success by its body, an error by its status',
    answer(502, { data: { commentCreate: { success: true } } }),
    CALL,
    {
      kind: 'unknown',
      reason: '502 {"data":{"commentCreate":{"success":true}}}',
      down: true,
    },
  ],
  ['a list', answer(200, { data: { comments: { nodes: [] } } }), LOOK, { kind: 'delivered' }],
  ['nothing', answer(200, { data: null }), LOOK, { kind: 'unknown', reason: '200 {"data":null}' }],
  ['nothing to a call', answer(200, null), CALL, { kind: 'unknown', reason: '200 null' }],
  ['a page', answer(200, '<html>hello</html>'), CALL, { kind: 'unknown', reason: '200 <html>hello</html>' }],
  [
    'a page in a look-up',
    answer(404, '<html>hello</html>'),
    LOOK,
    { kind: 'rejected', reason: '404 <html>hello</html>' },
  ],
  ['a page with 404', answer(404, 'Not Found'), CALL, { kind: 'rejected', reason: '404 Not Found' }],
  [
    'a page with 502',
    answer(502, 'Bad Gateway'),
    CALL,
    { kind: 'unknown', reason: '502 Bad Gateway', down: true },
  ],
  ['a redirect', answer(302, ''), CALL, { kind: 'rejected', reason: 'redirected: 302' }],
  ['a plain 401', answer(401, 'no'), LOOK, { kind: 'denied', reason: '401 no' }],
  [
    'a plain 429',
    answer(429, 'slow', { 'retry-after': '7' }),
    CALL,
    { kind: 'retry', reason: '429 slow', throttled: true, waitMs: 7_000 },
  ],
  [
    'a rate limit that says how fast it refills',
    limit(
      { date: NOW },
      { rateLimitResult: { allowed: false, requested: 5, remaining: 2, duration: 3_600_000, limit: 2_500 } },
    ),
    CALL,
    { kind: 'retry', reason: '400 RATELIMITED: Rate limit exceeded', throttled: true, waitMs: 4_320 },
  ],
  [
    'a rate limit with the time of its reset, by the clock of the answer',
    limit({ date: NOW, 'x-ratelimit-requests-remaining': '0', 'x-ratelimit-requests-reset': at(90_000) }),
    CALL,
    { kind: 'retry', reason: '400 RATELIMITED: Rate limit exceeded', throttled: true, waitMs: 90_000 },
  ],
  [
    'a rate limit of one endpoint, before those of all',
    limit({
      date: NOW,
      'x-ratelimit-endpoint-requests-remaining': '0',
      'x-ratelimit-endpoint-requests-reset': at(20_000),
      'x-ratelimit-requests-remaining': '0',
      'x-ratelimit-requests-reset': at(90_000),
    }),
    CALL,
    { kind: 'retry', reason: '400 RATELIMITED: Rate limit exceeded', throttled: true, waitMs: 20_000 },
  ],
  [
    'a rate limit of complexity, in a look-up',
    limit({
      date: NOW,
      'x-ratelimit-requests-remaining': '12',
      'x-ratelimit-requests-reset': at(90_000),
      'x-ratelimit-complexity-remaining': '0',
      'x-ratelimit-complexity-reset': at(50_000),
    }),
    LOOK,
    { kind: 'retry', reason: '400 RATELIMITED: Rate limit exceeded', throttled: true, waitMs: 50_000 },
  ],
  [
    'a rate limit that says nothing',
    limit({ 'x-ratelimit-requests-remaining': '0', 'x-ratelimit-requests-reset': at(90_000) }),
    CALL,
    { kind: 'retry', reason: '400 RATELIMITED: Rate limit exceeded', throttled: true, waitMs: 30_000 },
  ],
  [
    'a rate limit that is over, or a clock that is off',
    limit({ date: NOW, 'x-ratelimit-requests-remaining': '0', 'x-ratelimit-requests-reset': at(-5_000) }),
    CALL,
    { kind: 'retry', reason: '400 RATELIMITED: Rate limit exceeded', throttled: true, waitMs: 0 },
  ],
  [
    'a rate limit among other errors',
    answer(200, {
      data: null,
      errors: [error('no', { code: 'FORBIDDEN' }), error('slow', { type: 'Ratelimited' })],
    }),
    CALL,
    { kind: 'retry', reason: '200 Ratelimited: slow', throttled: true, waitMs: 30_000 },
  ],
  [
    'a key that does not hold, with 200',
    failed(200, 'Authentication required, not authenticated', { code: 'AUTHENTICATION_ERROR' }),
    CALL,
    { kind: 'denied', reason: '200 AUTHENTICATION_ERROR: Authentication required, not authenticated' },
  ],
  [
    'a lock',
    failed(200, 'Lock timeout', { type: 'lock timeout' }),
    CALL,
    { kind: 'retry', reason: '200 lock timeout: Lock timeout' },
  ],
  [
    'an entity that is not there',
    failed(200, 'Entity not found: Issue', {
      code: 'INPUT_ERROR',
      userPresentableMessage: 'Could not find it.',
    }),
    CALL,
    {
      kind: 'rejected',
      reason: '200 INPUT_ERROR: Entity not found: Issue Could not find it.',
      missing: true,
    },
  ],
  [
    'an issue that is not there, by the id of its input',
    failed(200, 'Entity not found: Issue', { code: 'INPUT_ERROR' }),
    asking({ input: { id: 'c0000000-0000-4000-8000-000000000000', issueId: 'BIL-9999', body: 'x' } }),
    { kind: 'rejected', reason: '200 INPUT_ERROR: Entity not found: Issue (issue BIL-9999)', missing: true },
  ],
  [
    'an issue that is not there, by the id of the query',
    failed(200, 'Entity not found: Issue', { code: 'INPUT_ERROR' }),
    asking({ id: 'BIL-9998', input: {} }),
    { kind: 'rejected', reason: '200 INPUT_ERROR: Entity not found: Issue (issue BIL-9998)', missing: true },
  ],
  [
    'an entity that is not there, in a look-up',
    failed(200, 'Entity not found: Issue', { code: 'INPUT_ERROR' }),
    LOOK,
    { kind: 'delivered', empty: true },
  ],
  [
    'a scope that the key lacks, in a look-up',
    failed(400, 'Forbidden', { code: 'FORBIDDEN' }),
    LOOK,
    { kind: 'denied', reason: '400 FORBIDDEN: Forbidden' },
  ],
  [
    'a plan that is used up',
    failed(400, 'Usage limit exceeded', { type: 'usage limit exceeded' }),
    CALL,
    { kind: 'rejected', reason: '400 usage limit exceeded: Usage limit exceeded' },
  ],
  [
    'a value of the wrong kind',
    failed(200, 'Argument Validation Error - stateId must be a UUID.', {}),
    CALL,
    { kind: 'rejected', reason: '200 Argument Validation Error - stateId must be a UUID.' },
  ],
  [
    'an internal error',
    failed(500, 'Internal server error', { code: 'INTERNAL_SERVER_ERROR', type: 'internal error' }),
    CALL,
    { kind: 'unknown', reason: '500 INTERNAL_SERVER_ERROR: Internal server error', down: true },
  ],
  [
    'an internal error in a look-up',
    failed(200, 'Internal server error', { type: 'internal error' }),
    LOOK,
    { kind: 'unknown', reason: '200 internal error: Internal server error' },
  ],
  [
    'an unknown error, with a status in its body',
    failed(200, 'Odd', { statusCode: 422 }),
    CALL,
    { kind: 'rejected', reason: '200 Odd' },
  ],
  ['an unknown error', failed(200, 'Odd', {}), CALL, { kind: 'unknown', reason: '200 Odd' }],
  ['an error that is none', answer(200, { errors: [null] }), CALL, { kind: 'unknown', reason: '200 null' }],
  [
    'no answer',
    { kind: 'failure', sent: 'perhaps', code: 'timeout', reason: 'timed out' },
    CALL,
    { kind: 'unknown', reason: 'timed out', down: true },
  ],
]

describe('what a reply means', () => {
  test.for(ROWS)('%s', ([, reply, sent, expected]) => {
    expect(outcome(reply, sent)).toEqual(expected)
  })

  test('the answer to another mutation says nothing', () => {
    const call = asking(
      {},
      'mutation CommentCreate($input: CommentCreateInput!) { commentCreate(input: $input) { success } }',
    )
    const reply = (field: string) => outcome(answer(200, { data: { [field]: { success: true } } }), call).kind
    expect([reply('commentCreate'), reply('issueUpdate')]).toEqual(['delivered', 'unknown'])
  })

  test.for([
    ['Invalid scope: `write` required', {}],
    ['Missing required scope', {}],
    ['Your API key does not allow this', { code: 'INPUT_ERROR' }],
    ['This operation needs an OAuth token of another type: access token of an app', {}],
    ['You do not have permission to do this', { type: 'user error' }],
    ['Not authorized', { statusCode: 403 }],
    ['no', { code: 'FORBIDDEN' }],
    ['no', { statusCode: 403 }],
  ] as const)('a credential that does not suffice pauses: %s %j', ([message, extensions]) => {
    for (const sent of [CALL, LOOK])
      expect(outcome(failed(400, message, extensions), sent).kind).toBe('denied')
  })
  test.for(['Label "token" exists', 'title must be shorter', 'The scope of the project is empty'])(
    'no other error does: %s',
    message => {
      expect(outcome(failed(400, message, { code: 'INPUT_ERROR' }), CALL).kind).toBe('rejected')
    },
  )
})

describe('an answer of Linear itself', () => {
  const own = (status: number, body: Json) => {
    const reply = answer(status, body)
    return reply.kind === 'answer' && isOwn(reply)
  }
  test('has data, or errors with messages', () => {
    expect([
      own(200, { data: null }),
      own(200, { data: { viewer: { id: 'u' } } }),
      own(400, { errors: [{ message: 'no' }] }),
    ]).toEqual([true, true, true])
    expect([
      own(200, ''),
      own(404, 'Not Found'),
      own(404, { message: 'no route' }),
      own(403, { errors: [] }),
      own(403, { success: false, errors: ['blocked'] }),
      own(502, '<html></html>'),
      own(200, []),
    ]).toEqual([false, false, false, false, false, false, false])
  })
})
