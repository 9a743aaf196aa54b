import type { Outcome, Reply, Role } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { made } from './made.ts'
import { answer } from './replies.ts'

const { outcome } = made()
const meaning = (reply: Reply, action = 'editCard', role: Role = 'call'): Outcome =>
  outcome(reply, { action, role })

const say = (status: number, message: string): Reply => answer(status, { status: 'failed', message })
const page = '<!DOCTYPE html><html><body><pre>Cannot PUT /api/v2/data/project/x</pre></body></html>'
const none = { count: 0, data: [] }

const rows: readonly (readonly [string, Reply, string, Role, Partial<Outcome>])[] = [
  ['a record', answer(201, { _id: '1', projectId: 'x' }), 'createCard', 'call', { kind: 'delivered' }],
  [
    'an envelope',
    answer(200, { status: 'executed', message: 'done' }),
    'editCard',
    'call',
    { kind: 'delivered' },
  ],
  [
    'a success in words',
    answer(200, 'Group creation complete'),
    'createGroup',
    'call',
    { kind: 'delivered' },
  ],
  ['trouble', answer(200, { message: 'Project not found' }), 'editCard', 'call', { kind: 'unknown' }],
  ['trouble in a list', answer(200, { errors: ['no'] }), 'editCard', 'call', { kind: 'unknown' }],
  [
    'an envelope that says it went well, whatever its words',
    answer(200, { status: 'success', message: 'Updated, 0 errors' }),
    'editCard',
    'call',
    { kind: 'delivered' },
  ],
  ['a message', answer(200, { message: 'Project updated' }), 'editCard', 'call', { kind: 'delivered' }],
  ['nothing at all', answer(200, ''), 'editCard', 'call', { kind: 'delivered' }],
  ['a null error', answer(200, { error: null, projectId: 'x' }), 'editCard', 'call', { kind: 'delivered' }],
  ['a failure in a success', say(200, 'Pipeline is paused'), 'editCard', 'call', { kind: 'rejected' }],
  ['one of a read', say(200, 'Pipeline is paused'), 'editCard', 'look-up', { kind: 'retry' }],
  [
    'one of something that is there',
    say(200, 'User already exists'),
    'createUser',
    'call',
    { kind: 'unknown' },
  ],
  ['an error in words', answer(200, 'Error: not allowed'), 'editCard', 'call', { kind: 'unknown' }],
  ['half an answer', answer(200, '{"half":'), 'editCard', 'call', { kind: 'unknown' }],
  ['a page', answer(200, page), 'notifyRun', 'call', { kind: 'unknown' }],
  ['a number', answer(200, 7), 'editCard', 'call', { kind: 'unknown' }],
  ['a list, where a project was due', answer(200, []), 'editCard', 'call', { kind: 'unknown' }],

  ['a list of projects', answer(200, none), 'createCard', 'look-up', { kind: 'delivered' }],
  ['a check', answer(200, none), 'check', 'check', { kind: 'delivered' }],
  ['a list of groups', answer(200, { data: [] }), 'createGroup', 'look-up', { kind: 'delivered' }],
  ['a list that is elsewhere', answer(200, { projects: [] }), 'createCard', 'look-up', { kind: 'unknown' }],
  ['a check of something else', answer(200, { ok: true }), 'check', 'check', { kind: 'unknown' }],
  [
    'a list that is not whole',
    answer(200, { count: 2, data: [{}] }),
    'editCard',
    'look-up',
    { kind: 'unknown' },
  ],
  [
    'a list of users that counts',
    answer(200, { count: 2, data: [{}] }),
    'createUser',
    'look-up',
    { kind: 'delivered' },
  ],
  ['an answer to a person', answer(200, [{ _id: '1' }]), 'read', 'look-up', { kind: 'delivered' }],
  ['words to a person', answer(200, '3 users match: refine'), 'read', 'look-up', { kind: 'delivered' }],

  [
    'bad input',
    answer(400, { message: 'Invalid projectId format' }),
    'createCard',
    'call',
    { kind: 'rejected' },
  ],
  [
    'a duplicate by 400',
    answer(400, { message: 'Duplicate projectId' }),
    'createCard',
    'call',
    { kind: 'unknown' },
  ],
  [
    'a duplicate parameter',
    answer(400, { message: 'duplicate name' }),
    'editCard',
    'call',
    { kind: 'rejected' },
  ],
  [
    'a wrong token',
    answer(401, { message: 'Authentication failed' }),
    'editCard',
    'call',
    { kind: 'denied' },
  ],
  ['an expired token', say(403, 'Access token is expired'), 'editCard', 'call', { kind: 'denied' }],
  ['a wrong scope', say(403, 'Scope api is required'), 'createTask', 'call', { kind: 'denied' }],
  ['an object of others', say(403, 'Forbidden'), 'editCard', 'call', { kind: 'rejected' }],
  ['a role that may not list', say(403, 'Forbidden'), 'editCard', 'look-up', { kind: 'denied' }],
  ['a role that may not list users', say(403, 'Forbidden'), 'createUser', 'look-up', { kind: 'rejected' }],
  ['a role, asked at the check', say(403, 'Forbidden'), 'check', 'check', { kind: 'denied' }],
  [
    'a project that was deleted',
    say(404, 'Project x not found'),
    'editCard',
    'call',
    { kind: 'rejected', gone: true },
  ],
  ['a wrong path', answer(404, page), 'editCard', 'call', { kind: 'rejected' }],
  ['a wrong path of a list', answer(404, page), 'createCard', 'look-up', { kind: 'rejected' }],
  ['a task that is there', answer(409, 'Conflict'), 'createTask', 'call', { kind: 'unknown' }],
  [
    'a search for a task that is not there',
    say(404, 'Task not found'),
    'createTask',
    'look-up',
    { kind: 'delivered', empty: true },
  ],
  [
    'a list that says something is not there',
    say(404, 'User not found'),
    'createUser',
    'look-up',
    { kind: 'rejected' },
  ],
  [
    'a user who is not there',
    say(404, 'User not found'),
    'read',
    'look-up',
    { kind: 'delivered', empty: true },
  ],
  ['a wrong path of a read', answer(404, page), 'read', 'look-up', { kind: 'rejected' }],
  ['a project that is there', answer(409, 'Conflict'), 'createCard', 'call', { kind: 'unknown' }],
  ['a group that is there', answer(409, 'Group already exists'), 'createGroup', 'call', { kind: 'unknown' }],
  ['a conflict of something else', answer(409, 'Conflict'), 'notifyRun', 'call', { kind: 'rejected' }],
  ['missing data', say(422, 'Missing required data'), 'createGroup', 'call', { kind: 'rejected' }],
  ['a user that is there', say(422, 'User already exists'), 'createUser', 'call', { kind: 'unknown' }],
  [
    'a throttle',
    answer(429, 'Too many requests', { 'retry-after': '7' }),
    'editCard',
    'call',
    { kind: 'retry', throttled: true, waitMs: 7_000 },
  ],
  ['a throttle without a time', answer(429, ''), 'editCard', 'call', { kind: 'retry', throttled: true }],
  [
    'an error of the server',
    say(500, 'Internal server error'),
    'createCard',
    'call',
    { kind: 'unknown', down: true },
  ],
  ['a gateway', answer(502, '<html>'), 'createCard', 'call', { kind: 'unknown', down: true }],
  ['another address', answer(302, ''), 'editCard', 'call', { kind: 'rejected' }],
]

describe('what a reply means', () => {
  test.for(rows)('%s', ([, reply, action, role, expected]) => {
    expect(meaning(reply, action, role)).toMatchObject(expected)
  })

  test('says what to do about what Opsera leaves open', () => {
    expect(meaning(answer(200, { count: 1_200, data: [{}] }), 'editCard', 'look-up')).toEqual({
      kind: 'unknown',
      reason:
        '1 of 1200 projects came, and how to read the others is not documented: see skipParameter and paths.projects of opsera()',
    })
    expect(meaning(answer(200, {}), 'check', 'check')).toEqual({
      kind: 'unknown',
      reason: 'no list of projects at "/data": see pointers of opsera()',
    })
    expect(meaning(answer(404, 'Not Found'))).toEqual({
      kind: 'rejected',
      reason: '404 Not Found: there is nothing at this address: see baseUrl and paths of opsera()',
    })
    expect(meaning(say(403, 'Access token is expired'))).toEqual({
      kind: 'denied',
      reason: '403 Access token is expired',
    })
  })

  test('with pages, or a list elsewhere, means another thing', () => {
    const paged = made({ skipParameter: 'skip' })
    const sent = { action: 'editCard', role: 'look-up' } as const
    expect(paged.outcome(answer(200, { count: 2, data: [{}] }), sent)).toEqual({ kind: 'delivered' })
    const bare = made({ pointers: { projects: '' } })
    expect(bare.outcome(answer(200, []), sent)).toEqual({ kind: 'delivered' })
  })

  test('a list too large to take in is for a person to narrow', () => {
    const large: Reply = { kind: 'failure', sent: 'perhaps', code: 'too-large', reason: 'more than 5 MiB' }
    expect(meaning(large, 'editCard', 'look-up')).toEqual({
      kind: 'rejected',
      reason: 'more than 5 MiB: see paths.projects of opsera()',
    })
    expect(meaning(large).kind).toBe('unknown')
  })
})

test.for([
  ['a record', answer(200, { projectId: 'x' }), true],
  ['an array', answer(200, []), true],
  ['a sentence', answer(200, 'Group creation complete'), true],
  ['nothing', answer(200, ''), true],
  ['a refusal in its words', answer(404, { message: 'Project not found' }), true],
  ['a page', answer(404, page), false],
  ['a page by its type', answer(200, 'Sign in', { 'content-type': 'text/html; charset=utf-8' }), false],
  ['half an answer', answer(200, '{"half":'), false],
  ['a number', answer(200, 7), false],
] as const)('%s is in the form of Opsera, or not', ([, reply, expected]) => {
  if (reply.kind !== 'answer') throw new Error('an answer was meant')
  expect(made().isOwn?.(reply)).toBe(expected)
})
