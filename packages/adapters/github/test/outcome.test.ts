import type { Json, Outcome, Role } from '@sessionwire/core/adapter'
import { expect, test } from 'vitest'
import { isOwn, outcome } from '../src/outcome.ts'

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const answer = (status: number, body: Json, headers: Readonly<Record<string, string>> = {}) =>
  ({ kind: 'answer', status, headers: { ...JSON_TYPE, ...headers }, body }) as const
const said = (message: string) => ({ message, documentation_url: 'https://docs.github.com/rest' })

const list = {
  kind: 'http',
  method: 'GET',
  endpoint: 'https://api.github.com/repos/acme/billing/issues/12/comments',
} as const
const item = { ...list, endpoint: 'https://api.github.com/repos/acme/billing/issues/12' } as const

const DATE = 'Thu, 01 Jan 2026 00:00:00 GMT'
const rows: readonly (readonly [
  what: string,
  reply: ReturnType<typeof answer>,
  sent: Readonly<{ action?: string; role?: Role; call?: typeof list | typeof item }>,
  expected: Partial<Outcome>,
])[] = [
  ['an issue', answer(201, { number: 12, id: 1 }), { action: 'createIssue' }, { kind: 'delivered' }],
  ['a comment', answer(201, { id: 1 }), { action: 'createComment' }, { kind: 'delivered' }],
  [
    "an issue's answer to a comment",
    answer(201, { number: 12, id: 1 }),
    { action: 'createComment' },
    { kind: 'unknown' },
  ],
  ['labels', answer(200, [{ name: 'bug' }]), { action: 'addLabels' }, { kind: 'delivered' }],
  [
    'an error with a status of success',
    answer(200, said('Server Error')),
    { action: 'createIssue' },
    { kind: 'unknown' },
  ],
  [
    'a bad token',
    answer(401, said('Bad credentials')),
    {},
    { kind: 'denied', reason: '401 Bad credentials' },
  ],
  ['a missing right', answer(403, said('Resource not accessible by integration')), {}, { kind: 'denied' }],
  [
    'a locked issue',
    answer(403, said('Unable to create comment because issue is locked.')),
    {},
    { kind: 'rejected' },
  ],
  [
    'a token that an organization blocks',
    answer(403, said('Your token is blocked by the organization policy')),
    {},
    { kind: 'denied' },
  ],
  [
    'errors that are one text',
    answer(422, { ...said('Validation Failed'), errors: 'body is too long' }),
    {},
    { kind: 'rejected', reason: '422 Validation Failed; body is too long' },
  ],
  [
    'the primary limit',
    answer(403, said('API rate limit exceeded'), {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '1767225720',
      date: DATE,
    }),
    {},
    { kind: 'retry', throttled: true, waitMs: 120_000 },
  ],
  [
    'a secondary limit that says for how long',
    answer(403, said('You have exceeded a secondary rate limit.'), { 'retry-after': '90' }),
    {},
    { kind: 'retry', throttled: true, waitMs: 90_000 },
  ],
  [
    'a secondary limit that does not',
    answer(403, said('You have exceeded a secondary rate limit.')),
    {},
    { kind: 'retry', throttled: true, waitMs: 60_000 },
  ],
  [
    'content that comes too fast',
    answer(422, said('was submitted too quickly')),
    {},
    { kind: 'retry', waitMs: 60_000 },
  ],
  [
    'a moved repository that was not followed',
    answer(307, said('Moved Permanently')),
    {},
    { kind: 'rejected' },
  ],
  ['an issue that is not there', answer(404, said('Not Found')), {}, { kind: 'rejected', missing: true }],
  [
    'one that is looked up',
    answer(404, said('Not Found')),
    { role: 'look-up', call: item },
    { kind: 'delivered', empty: true },
  ],
  [
    'a list that may not be seen',
    answer(404, said('Not Found')),
    { role: 'look-up', call: list },
    { kind: 'rejected' },
  ],
  [
    'a repository that may not be seen',
    answer(404, said('Not Found')),
    { role: 'check' },
    { kind: 'denied' },
  ],
  ['a deleted issue', answer(410, said('This issue was deleted')), {}, { kind: 'rejected', missing: true }],
  [
    'a comment that was deleted before',
    answer(404, said('Not Found')),
    { action: 'deleteComment' },
    { kind: 'delivered' },
  ],
  ['a broken GitHub', answer(502, said('Server Error')), {}, { kind: 'unknown', down: true }],
  [
    'wrong fields',
    answer(422, {
      ...said('Validation Failed'),
      errors: [{ resource: 'Issue', field: 'title', code: 'missing_field' }],
    }),
    {},
    { kind: 'rejected', reason: '422 Validation Failed; Issue title missing_field' },
  ],
]
test.for(rows)('%s', ([, reply, { action = 'createIssue', role = 'call', call }, expected]) => {
  expect(outcome(reply, { action, role, ...(call === undefined ? {} : { call }) })).toMatchObject(expected)
})

test('tells its own answers from those of a proxy', () => {
  const own = (status: number, body: Json, headers = {}) => isOwn(answer(status, body, headers))
  expect(own(404, said('Not Found'))).toBe(true)
  expect(own(204, '')).toBe(true)
  expect(own(404, { error: 'no route' })).toBe(false)
  expect(own(200, '', {})).toBe(false)
  expect(own(502, '<html></html>', { 'content-type': 'text/html' })).toBe(false)
})
