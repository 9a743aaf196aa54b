import type { Json, Outcome, Reply } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { isOwn, outcome } from '../src/outcome.ts'

const answer = (
  status: number,
  body: Json = null,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  kind: 'answer',
  status,
  headers,
  body,
})
const said = (message: string, errors: Readonly<Record<string, string>> = {}): Json => ({
  errorMessages: message === '' ? [] : [message],
  errors,
})
const NOT_THERE = 'Issue does not exist or you do not have permission to see it.'
const DATE = 'Thu, 26 Mar 2026 15:59:00 GMT'

// biome-ignore format: a table is read one line at a time
const CALLS: readonly (readonly [string, Reply, Outcome])[] = [
  ['created', answer(201, { id: '10010', self: 'https://acme.example/rest/api/3/issue/1/comment/10010' }), { kind: 'delivered' }],
  ['the answer to another request', answer(201, { id: '10010', key: 'ENG-1' }), { kind: 'unknown', reason: '201, but not the answer to this call: {"id":"10010","key":"ENG-1"}' }],
  ['nothing, where a comment was due', answer(204, ''), { kind: 'unknown', reason: "204, but not the answer to this call: nothing" }],
  ['an error inside', answer(200, said('Broken')), { kind: 'unknown', reason: '200, but not the answer to this call: Broken' }],
  ['validation, both halves', answer(400, said('Wrong.', { resolution: 'Resolution is required.' })), { kind: 'rejected', reason: '400 Wrong.; resolution: Resolution is required.' }],
  ['bad rich text', answer(400, said('INVALID_INPUT')), { kind: 'rejected', reason: '400 INVALID_INPUT (Jira refused the rich text)' }],
  ['no labels on the screen', answer(400, said('', { labels: "Field 'labels' cannot be set. It is not on the appropriate screen, or unknown." })), { kind: 'rejected', reason: "400 labels: Field 'labels' cannot be set. It is not on the appropriate screen, or unknown. (new issues are found again by a label: put Labels on the create screen)" }],
  ['a wrong token', answer(401, { message: 'Client must be authenticated to access this resource.', 'status-code': 401 }), { kind: 'denied', reason: '401 Client must be authenticated to access this resource.' }],
  ['a missing scope', answer(401, { code: 401, message: 'Unauthorized; scope does not match' }), { kind: 'denied', reason: '401 Unauthorized; scope does not match (the token lacks a scope: it needs read:jira-work, write:jira-work and read:jira-user, and for boards, sprints and estimates granular ones of Jira Software, such as write:sprint:jira-software)' }],
  ['a captcha', answer(403, 'Forbidden', { 'x-authentication-denied-reason': 'CAPTCHA_CHALLENGE' }), { kind: 'denied', reason: '403 Forbidden' }],
  ['taken for a stranger', answer(200, { issues: [] }, { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' }), { kind: 'denied', reason: '200 {"issues":[]}' }],
  ['XSRF', answer(403, 'XSRF check failed'), { kind: 'rejected', reason: '403 XSRF check failed (something on the way made the request look like a browser)' }],
  ['no permission', answer(403, said('You do not have permission.')), { kind: 'rejected', reason: '403 You do not have permission.' }],
  ['not there', answer(404, said(NOT_THERE)), { kind: 'rejected', reason: `404 ${NOT_THERE} (it does not exist, or this user may not see it)`, missing: true }],
  ['a conflict', answer(409, said('Conflicting update')), { kind: 'retry', reason: '409 Conflicting update' }],
  ['a removed API', answer(410, said('The requested API has been removed. CHANGE-2046')), { kind: 'rejected', reason: '410 The requested API has been removed. CHANGE-2046 (this Jira has no such API: see apiVersion and deployment)' }],
  ['too many comments', answer(413, said('Too many')), { kind: 'rejected', reason: '413 Too many' }],
  ['a wrong configuration', answer(422, said('Workflow')), { kind: 'rejected', reason: '422 Workflow' }],
  ['a burst', answer(429, 'Rate limit', { 'ratelimit-reason': 'jira-burst-based', 'retry-after': '7' }), { kind: 'retry', reason: '429 jira-burst-based', waitMs: 7_000, throttled: true }],
  ['one issue only', answer(429, null, { 'ratelimit-reason': 'jira-per-issue-on-write', 'retry-after': '2' }), { kind: 'retry', reason: '429 jira-per-issue-on-write', waitMs: 2_000 }],
  ['a quota, until a time', answer(429, null, { 'ratelimit-reason': 'jira-quota-tenant-based', 'x-ratelimit-reset': '2026-03-26T16:00Z', date: DATE }), { kind: 'retry', reason: '429 jira-quota-tenant-based', waitMs: 60_000, throttled: true }],
  ['a gateway that says nothing', answer(429, '<html>'), { kind: 'retry', reason: '429 <html>', throttled: true, waitMs: 30_000 }],
  ['a malformed value', answer(500, said('Internal server error')), { kind: 'unknown', reason: '500 Internal server error' }],
  ['down, for a while', answer(503, said('Later'), { 'retry-after': '30' }), { kind: 'unknown', reason: '503 Later', waitMs: 30_000, down: true }],
  ['not sent', { kind: 'failure', sent: 'no', code: 'refused', reason: 'refused' }, { kind: 'retry', reason: 'refused', down: true }],
  ['perhaps sent', { kind: 'failure', sent: 'perhaps', code: 'reset', reason: 'reset' }, { kind: 'unknown', reason: 'reset', down: true }],
  ['no secret', { kind: 'failure', sent: 'no', code: 'secret', reason: 'JIRA_PAT is not set' }, { kind: 'denied', reason: 'JIRA_PAT is not set' }],
]
test.each(CALLS)('a call: %s', (_, reply, expected) => {
  expect(outcome(reply, { action: 'createComment', role: 'call' })).toEqual(expected)
})

const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' }
// biome-ignore format: a table is read one line at a time
const OWN: readonly (readonly [string, Reply, boolean])[] = [
  ['what was made', answer(201, { id: '1' }, JSON_TYPE), true],
  ['nothing', answer(204, ''), true],
  ['a refusal', answer(400, said('Wrong.'), JSON_TYPE), true],
  ['not there', answer(404, said(NOT_THERE), JSON_TYPE), true],
  ['an API that is not there', answer(404, { message: 'null for uri: x', 'status-code': 404 }, JSON_TYPE), true],
  ['the gateway', answer(401, { code: 401, message: 'Unauthorized; scope does not match' }, JSON_TYPE), true],
  ['a wrong password on Data Center, as a page', answer(401, '<html>', { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' }), true],
  ['XSRF', answer(403, 'XSRF check failed', { 'content-type': 'text/html' }), true],
  ["a proxy's login page", answer(200, '<html>Log in</html>', { 'content-type': 'text/html' }), false],
  ["a proxy's redirect to a login", answer(302, ''), false],
  ["a proxy's page for an address it does not know", answer(404, '<html>404</html>', { 'content-type': 'text/html' }), false],
  ['a proxy that found no service', answer(502, '<html>Bad gateway</html>'), false],
  ['nothing, with an error', answer(502, ''), false],
  ['a page, with an error', answer(500, '<html>'), false],
  ['another API', answer(404, { message: 'not found' }, JSON_TYPE), false],
  ['another API that names a code of its own', answer(404, { message: 'no route', code: 7 }, JSON_TYPE), false],
  ['JSON that is served as a page', answer(200, { id: '1' }, { 'content-type': 'text/html' }), false],
  ['a word', answer(200, 'OK', { 'content-type': 'text/plain' }), false],
]
test.each(OWN)('Jira itself speaks or not: %s', (_, reply, expected) => {
  expect(reply.kind === 'answer' && isOwn(reply)).toBe(expected)
})

const EDITED = ['editCard', 'updateIssue', 'assign', 'addLabels', 'removeLabels', 'setStatus', 'addToSprint']
const MADE = [
  'createIssue',
  'createSubIssue',
  'createComment',
  'editComment',
  'editCardComment',
  'logWork',
  'addLink',
  'createVersion',
]
const QUIET = ['setProperty', 'linkIssues', 'setStoryPoints']
const ISSUE = { id: '10010', key: 'ENG-1' }
const NOT_FOUND = { message: 'not found' }
// biome-ignore format: a table is read one line at a time
const SHAPES: readonly (readonly [string, readonly string[], Reply, Outcome['kind']])[] = [
  ['nothing', EDITED, answer(204), 'delivered'],
  ['empty text', EDITED, answer(204, ''), 'delivered'],
  ['empty text, by a proxy that knows no 204', EDITED, answer(200, ''), 'delivered'],
  ['the issue', EDITED, answer(200, ISSUE), 'delivered'],
  ['a message', EDITED, answer(200, NOT_FOUND), 'unknown'],
  ['an object of nothing', EDITED, answer(200, {}), 'unknown'],
  ['a list', EDITED, answer(200, []), 'unknown'],
  ['a number', EDITED, answer(200, 5), 'unknown'],
  ['null', EDITED, answer(200, null), 'unknown'],
  ['what was made', MADE, answer(201, { id: '10042' }), 'delivered'],
  ['what was made, by a number', MADE, answer(201, { id: 10_042 }), 'delivered'],
  ['nothing', MADE, answer(200, ''), 'unknown'],
  ['a message', MADE, answer(200, NOT_FOUND), 'unknown'],
  ['a list', MADE, answer(200, []), 'unknown'],
  ['empty text', QUIET, answer(201, ''), 'delivered'],
  ['null', QUIET, answer(200, null), 'delivered'],
  ['an object', QUIET, answer(200, { fieldId: 'customfield_10016', value: 5 }), 'delivered'],
  ['a message', QUIET, answer(200, NOT_FOUND), 'unknown'],
  ['a list', QUIET, answer(200, []), 'unknown'],
  ['a number', QUIET, answer(200, 5), 'unknown'],
]
describe.each(SHAPES)('%s', (_, actions, reply, expected) => {
  test.each(actions)('as the answer to %s', action => {
    expect(outcome(reply, { action, role: 'call' }).kind).toBe(expected)
  })
})

describe('what a person deleted', () => {
  const gone = (action: string) => outcome(answer(404, said(NOT_THERE)), { action, role: 'call' })
  test('a status comment stops its session', () => {
    expect(gone('editCardComment')).toMatchObject({ kind: 'rejected', gone: true })
  })
  test('anything else below an issue is missing, and the worker asks for the issue', () => {
    for (const action of ['editCard', 'createComment', 'setStatus', 'addLabels', 'addLink'])
      expect(gone(action)).toMatchObject({ kind: 'rejected', missing: true })
  })
  test('an API that is not there says nothing of an issue', () => {
    const reply = answer(404, { message: 'null for uri: /rest/api/2/x', 'status-code': 404 })
    expect(outcome(reply, { action: 'editCard', role: 'call' })).toEqual({
      kind: 'rejected',
      reason:
        '404 null for uri: /rest/api/2/x (this Jira has no such API: see apiVersion and deployment) (it does not exist, or this user may not see it)',
    })
  })
})

// biome-ignore format: a table is read one line at a time
const LOOKUPS: readonly (readonly [string, string, Reply, Partial<Outcome>])[] = [
  ['an issue that is gone has no comments', 'createComment', answer(404, said(NOT_THERE)), { kind: 'delivered', empty: true }],
  ['a search that is not there is no empty list', 'createIssue', answer(404, { message: 'null for uri: /rest/api/2/search/jql', 'status-code': 404 }), { kind: 'rejected' }],
  ['a search Jira refuses is no empty list', 'createIssue', answer(404, said('dead link')), { kind: 'rejected' }],
  ['a removed search is no answer', 'createIssue', answer(410, said('CHANGE-2046')), { kind: 'rejected' }],
  ['a stranger sees an empty list', 'createIssue', answer(200, { issues: [] }, { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' }), { kind: 'denied' }],
  ['an empty list', 'createIssue', answer(200, { issues: [], isLast: true }), { kind: 'delivered' }],
]
test.each(LOOKUPS)('a look-up: %s', (_, action, reply, expected) => {
  expect(outcome(reply, { action, role: 'look-up' })).toMatchObject(expected)
  expect(outcome(reply, { action, role: 'look-up' })).toEqual(
    expected.kind === 'delivered' ? expected : expect.objectContaining({ reason: expect.any(String) }),
  )
})

test('a reason has a bound, whatever Jira said; the worker redacts it whole and cuts it', () => {
  const made = outcome(answer(400, said('x'.repeat(1_000_000))), { action: 'createComment', role: 'call' })
  expect(made.kind === 'rejected' && made.reason.length).toBeLessThan(17_000)
})
