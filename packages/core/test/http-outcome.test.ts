import { expect, test } from 'vitest'
import { httpOutcome } from '../src/adapter/http-outcome.ts'
import type { Outcome, Role } from '../src/descriptor/outcome.ts'
import type { Json } from '../src/session/schema.ts'

const HTML = { 'content-type': 'text/html; charset=utf-8' }
const PAGE = '\n<!DOCTYPE html><html><body>Sign in</body></html>'

type Row = readonly [
  status: number,
  role: Role,
  headers: Readonly<Record<string, string>>,
  body: Json,
  meant: Outcome,
]
// biome-ignore format: a table is read one line at a time
const TABLE: readonly Row[] = [
  [200, 'call', {}, { id: '7' }, { kind: 'delivered' }],
  [204, 'call', {}, null, { kind: 'delivered' }],
  [200, 'call', { 'content-type': 'text/plain' }, 'ok', { kind: 'delivered' }],
  [200, 'call', { 'content-type': 'application/xml' }, '<card id="7"/>', { kind: 'delivered' }],
  [200, 'call', HTML, 'ok', { kind: 'delivered' }],
  [200, 'call', HTML, '', { kind: 'delivered' }],
  [200, 'call', HTML, { id: '7' }, { kind: 'delivered' }],
  [200, 'call', HTML, '<h1>Sign in', { kind: 'unknown', reason: 'a page of HTML: 200 <h1>Sign in' }],
  [201, 'call', {}, PAGE, { kind: 'unknown', reason: 'a page of HTML: 201 <!DOCTYPE html><html><body>Sign in</body></html>' }],
  [200, 'check', HTML, '<h1>Sign in', { kind: 'unknown', reason: 'a page of HTML: 200 <h1>Sign in' }],
  [200, 'look-up', HTML, '<h1>Sign in', { kind: 'unknown', reason: 'a page of HTML: 200 <h1>Sign in' }],
  [302, 'call', HTML, 'Moved', { kind: 'rejected', reason: 'redirected: 302 Moved' }],
  [401, 'call', {}, 'no', { kind: 'denied', reason: '401 no' }],
  [403, 'call', {}, 'no', { kind: 'rejected', reason: '403 no' }],
  [404, 'call', {}, 'no', { kind: 'rejected', reason: '404 no' }],
  [404, 'look-up', {}, 'no', { kind: 'delivered', empty: true }],
  [404, 'look-up', HTML, 'no', { kind: 'delivered', empty: true }],
  [404, 'look-up', HTML, '<h1>no', { kind: 'unknown', reason: 'a page of HTML: 404 <h1>no' }],
  [408, 'call', {}, 'no', { kind: 'retry', reason: '408 no' }],
  [425, 'call', { 'retry-after': '2' }, 'no', { kind: 'retry', reason: '425 no', waitMs: 2_000 }],
  [429, 'call', { 'retry-after': '2' }, 'no', { kind: 'retry', reason: '429 no', throttled: true, waitMs: 2_000 }],
  [500, 'call', {}, 'no', { kind: 'unknown', reason: '500 no', down: true }],
  [502, 'call', HTML, PAGE, { kind: 'unknown', reason: '502 <!DOCTYPE html><html><body>Sign in</body></html>', down: true }],
  [503, 'call', { 'retry-after': '2' }, 'no', { kind: 'unknown', reason: '503 no', down: true, waitMs: 2_000 }],
  [504, 'call', {}, 'no', { kind: 'unknown', reason: '504 no', down: true }],
]
test.each(TABLE)('%i to a %s, %j %j', (status, role, headers, body, meant) => {
  expect(httpOutcome({ kind: 'answer', status, headers, body }, { role })).toEqual(meant)
})
