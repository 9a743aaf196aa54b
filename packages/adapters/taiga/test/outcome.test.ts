import type { Outcome, Reply, Role } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { isOwn, outcome } from '../src/outcome.ts'
import { answer, failed, failures } from './failures.ts'

const meaning = (reply: Reply, action = 'editCard', role: Role = 'call'): Outcome =>
  outcome(reply, { action, role })

const conflict = answer(400, { version: "The version doesn't match with the current one" })
const forbidden = failed(403, 'PermissionDenied', 'You do not have permission to perform this action.')
const gone = failed(404, 'NotFound', 'No UserStory matches the given query.')
const twice = answer(400, { __all__: ['Wiki page with this Project and Slug already exists.'] })

const rows: readonly (readonly [string, Reply, string, Role, Partial<Outcome>])[] = [
  ['an item', answer(201, { id: 1, ref: 2, version: 1 }), 'createStory', 'call', { kind: 'delivered' }],
  ['a list', answer(200, []), 'createStory', 'look-up', { kind: 'delivered' }],
  ['nothing, where nothing is said', answer(204, ''), 'deleteStory', 'call', { kind: 'delivered' }],
  ['nothing, after an edited comment', answer(200, ''), 'editCardComment', 'call', { kind: 'delivered' }],
  ['nothing, where an item was due', answer(200, ''), 'editCard', 'call', { kind: 'unknown' }],
  ['an item without its id', answer(200, { version: 2 }), 'editCard', 'call', { kind: 'unknown' }],
  ['an item without its version', answer(200, { id: 1 }), 'setStatus', 'call', { kind: 'unknown' }],
  ['a message', answer(200, { message: 'not found' }), 'editCard', 'call', { kind: 'unknown' }],
  ['an error', answer(200, { error: 'no' }), 'setBlocked', 'call', { kind: 'unknown' }],
  ['a list for an item', answer(200, []), 'editCard', 'call', { kind: 'unknown' }],
  ['a list, where one was asked for', answer(200, []), 'findCardComment', 'call', { kind: 'delivered' }],
  [
    'a pair',
    answer(201, { epic: 1, user_story: 2, order: 3 }),
    'addStoryToEpic',
    'call',
    { kind: 'delivered' },
  ],
  ['no pair', answer(201, { epic: 1 }), 'addStoryToEpic', 'call', { kind: 'unknown' }],
  [
    'attributes',
    answer(200, { attributes_values: { '31': 'x' }, version: 2, user_story: 1 }),
    'setCustomAttributes',
    'call',
    { kind: 'delivered' },
  ],
  ['no attributes', answer(200, { version: 2 }), 'setCustomAttributes', 'call', { kind: 'unknown' }],
  ['a page of a proxy', answer(200, '<html>'), 'editCardComment', 'call', { kind: 'unknown' }],
  ['a text for a list', answer(200, 'ok'), 'createStory', 'look-up', { kind: 'unknown' }],
  ['a version conflict', conflict, 'editCard', 'call', { kind: 'retry' }],
  [
    'a version that is no number',
    answer(400, { version: ['Enter a whole number.'] }),
    'editCard',
    'call',
    { kind: 'rejected' },
  ],
  [
    'bad input',
    answer(400, { subject: ['This field is required.'] }),
    'createStory',
    'call',
    { kind: 'rejected' },
  ],
  ['a story that is in the epic already', twice, 'addStoryToEpic', 'call', { kind: 'delivered' }],
  ['a page that is there already', twice, 'createDocument', 'call', { kind: 'unknown' }],
  ['a pair that is there already, elsewhere', twice, 'createStory', 'call', { kind: 'rejected' }],
  [
    'a deleted comment',
    answer(400, { error: "deleted comments can't be edited" }),
    'editCardComment',
    'call',
    { kind: 'rejected', gone: true },
  ],
  [
    'a stale token',
    answer(401, { detail: 'x', code: 'token_not_valid' }),
    'editCard',
    'call',
    { kind: 'denied' },
  ],
  ['a missing right, or a deleted card', forbidden, 'editCard', 'call', { kind: 'rejected', missing: true }],
  ['a missing right to read', forbidden, 'createComment', 'look-up', { kind: 'rejected' }],
  ['a card that was deleted', gone, 'editCard', 'call', { kind: 'rejected', missing: true }],
  ['a deleted comment, unknown', gone, 'editCardComment', 'call', { kind: 'rejected', gone: true }],
  ['a card that was deleted, read first', gone, 'setStatus', 'look-up', { kind: 'delivered', empty: true }],
  ['a foreign item that was deleted', gone, 'updateStory', 'call', { kind: 'rejected' }],
  ['something deleted before', gone, 'deleteStory', 'call', { kind: 'delivered' }],
  ['an empty look-up', gone, 'createComment', 'look-up', { kind: 'delivered', empty: true }],
  ['another server', answer(404, ''), 'check', 'check', { kind: 'rejected' }],
  [
    'a throttle',
    failed(429, 'Throttled', 'x', { 'x-throttle-wait-seconds': '60' }),
    'editCard',
    'call',
    { kind: 'retry', throttled: true, waitMs: 60_000 },
  ],
  [
    'a throttle of a proxy',
    answer(429, '', { 'retry-after': '7' }),
    'editCard',
    'call',
    { kind: 'retry', throttled: true, waitMs: 7_000 },
  ],
  ['a throttle without a time', answer(429, ''), 'editCard', 'call', { kind: 'retry', throttled: true }],
  ['a blocked project', failed(451, 'Blocked', 'Blocked element'), 'editCard', 'call', { kind: 'rejected' }],
  [
    'a server error',
    answer(500, { error: 'Server application error' }),
    'createTask',
    'call',
    { kind: 'unknown', down: true },
  ],
  ['a gateway', answer(502, '<html>'), 'createTask', 'call', { kind: 'unknown', down: true }],
]

describe('what a reply means', () => {
  test.for(rows)('%s', ([, reply, action, role, expected]) => {
    expect(meaning(reply, action, role)).toMatchObject(expected)
  })

  test('a foreign item that was deleted does not stop the lane', () => {
    expect(meaning(gone, 'updateStory')).not.toHaveProperty('gone')
  })

  test('says what the service said, shortly', () => {
    expect(meaning(conflict)).toEqual({
      kind: 'retry',
      reason: `400 {"version":"The version doesn't match with the current one"}`,
    })
    expect(meaning(failed(451, 'Blocked', 'Blocked element'))).toEqual({
      kind: 'rejected',
      reason: 'the project is blocked: 451 Blocked element',
    })
  })

  test('comments too many to take in are for a person to look at', () => {
    const large: Reply = { kind: 'failure', sent: 'perhaps', code: 'too-large', reason: 'more than 5 MiB' }
    expect(meaning(large, 'createComment', 'look-up')).toEqual({
      kind: 'rejected',
      reason: 'more than 5 MiB',
    })
    expect(meaning(large, 'createComment', 'call').kind).toBe('unknown')
  })
})

describe("an answer in Taiga's own form", () => {
  const own = (reply: Reply) => reply.kind === 'answer' && isOwn(reply)
  const cors = { 'access-control-expose-headers': 'x-pagination-count,x-paginated' }

  test('is every error that was seen, but for pages of HTML', () => {
    for (const reply of failures)
      expect([reply, own(reply)]).toEqual([reply, typeof (reply as { body: unknown }).body !== 'string'])
  })

  test.for([
    ['an item', answer(200, { id: 1, version: 1 }), true],
    ['an empty success', answer(204, '', { 'content-type': '' }), true],
    ['an empty 404 with the headers of its middleware', answer(404, '', cors), true],
    ['an empty 404 of a proxy', answer(404, ''), false],
    ['the text of a proxy', answer(404, '404 page not found', { 'content-type': 'text/plain' }), false],
    ['the JSON of a gateway', answer(404, { message: 'no Route matched with those values' }), false],
    ['the JSON of another API', answer(404, { detail: 'Not Found' }), false],
    ['a redirect', answer(302, '', cors), false],
    ['a 200 of a portal', answer(200, '<html>', { 'content-type': 'text/html' }), false],
    ['a bad gateway', answer(502, { error: 'Bad Gateway' }), false],
  ] as const)('%s: %s', ([, reply, expected]) => expect(own(reply)).toBe(expected))
})
