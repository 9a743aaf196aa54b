import type { Json, Outcome, Reply } from '@sessionwire/core/adapter'
import { expect, test } from 'vitest'
import { isOwn, outcome } from '../src/outcome.ts'

const answer = (status: number, body: Json, headers: Readonly<Record<string, string>> = {}): Reply => ({
  kind: 'answer',
  status,
  headers,
  body,
})
const partial = (fields: Json): Reply => answer(200, { partialSuccess: fields })

const rows: readonly (readonly [Reply, Outcome])[] = [
  [answer(200, {}), { kind: 'delivered' }],
  [answer(200, { partialSuccess: null }), { kind: 'delivered' }],
  [partial({}), { kind: 'delivered' }],
  [partial({ rejectedSpans: '0', errorMessage: 'slow down' }), { kind: 'delivered' }],
  [
    partial({ rejectedSpans: '2', errorMessage: 'too old' }),
    { kind: 'rejected', reason: '2 rejected: too old' },
  ],
  [partial({ rejectedLogRecords: 1 }), { kind: 'rejected', reason: '1 rejected:' }],
  [partial('all'), { kind: 'unknown', reason: '200, but no answer of OTLP: {"partialSuccess":"all"}' }],
  [answer(200, { ok: true }), { kind: 'unknown', reason: '200, but no answer of OTLP: {"ok":true}' }],
  [answer(200, { partialSuccess: {}, later: 1 }), { kind: 'delivered' }],
  [answer(202, {}), { kind: 'delivered' }],
  [answer(202, { ok: true }), { kind: 'unknown', reason: '202, but no answer of OTLP: {"ok":true}' }],
  [answer(200, ''), { kind: 'delivered' }],
  [answer(200, null), { kind: 'delivered' }],
  [answer(204, ''), { kind: 'delivered' }],
  [answer(200, 'OK'), { kind: 'delivered' }],
  [answer(200, 'not found'), { kind: 'unknown', reason: '200, but no answer of OTLP: not found' }],
  [answer(200, ' <html>'), { kind: 'unknown', reason: '200, but no answer of OTLP: <html>' }],
  [
    answer(200, '{"partialSuccess":{"rejec'),
    { kind: 'unknown', reason: '200, but no answer of OTLP: {"partialSuccess":{"rejec' },
  ],
  [partial({ rejectedSpans: '-1', rejectedLogRecords: '1' }), { kind: 'rejected', reason: '1 rejected:' }],
  [
    answer(200, { partial_success: { rejected_log_records: 3, error_message: 'old' } }),
    { kind: 'rejected', reason: '3 rejected: old' },
  ],
  [
    {
      kind: 'failure',
      sent: 'perhaps',
      code: 'reset',
      reason: 'c:4317 sent a response that is not HTTP (HPE)',
    },
    {
      kind: 'unknown',
      reason:
        'c:4317 sent a response that is not HTTP (HPE); gRPC answers so, usually at port 4317: give the address for HTTP, usually at port 4318',
      down: true,
    },
  ],
  [
    { kind: 'failure', sent: 'no', code: 'refused', reason: 'c:4318 refused the connection' },
    { kind: 'retry', reason: 'c:4318 refused the connection', down: true },
  ],
  [answer(400, 'entry too far behind'), { kind: 'rejected', reason: '400 entry too far behind' }],
  [answer(400, { code: 3 }), { kind: 'rejected', reason: '400 {"code":3}' }],
  [answer(401, {}), { kind: 'denied', reason: '401 {}' }],
  [answer(404, {}), { kind: 'denied', reason: 'nothing takes it at this address: 404 {}' }],
  [answer(302, {}), { kind: 'denied', reason: 'redirected, change the address: 302 {}' }],
  [answer(413, {}), { kind: 'rejected', reason: '413 {}' }],
  [
    answer(429, {}, { 'retry-after': '7' }),
    { kind: 'retry', reason: '429 {}', throttled: true, waitMs: 7_000 },
  ],
  [answer(500, {}), { kind: 'rejected', reason: '500 {}' }],
  [answer(502, {}), { kind: 'retry', reason: '502 {}', down: true }],
  [answer(503, {}, { 'retry-after': '7' }), { kind: 'retry', reason: '503 {}', down: true, waitMs: 7_000 }],
  [answer(504, {}), { kind: 'retry', reason: '504 {}', down: true }],
]

test.each(rows)('%j is %j', (reply, expected) => {
  const sent = { action: 'sendLog', role: 'call', call: {} } as unknown as Parameters<typeof outcome>[1]
  const { reason, ...rest } = outcome(reply, sent) as Outcome & Readonly<{ reason?: string }>
  expect(reason === undefined ? rest : { ...rest, reason: reason.trim() }).toEqual(expected)
})

test.each([
  [200, {}, true],
  [200, '', true],
  [204, '', true],
  [200, { partialSuccess: {}, later: 1 }, true],
  [200, 'OK', true],
  [200, '{"partialSuccess":', false],
  [400, 'entry too far behind', true],
  [400, '[E] entry too far behind', true],
  [422, '', true],
  [401, '<html>', false],
  [200, { partialSuccess: {} }, true],
  [200, { status: 'ok' }, false],
  [200, '<html>', false],
  [503, { code: 14, message: 'unavailable' }, true],
  [502, 'Bad Gateway', false],
  [404, '404 page not found', true],
  [404, '<html>', false],
] as const)('an answer of %i with %j is of a collector: %j', (status, body, expected) => {
  expect(isOwn({ kind: 'answer', status, headers: {}, body })).toBe(expected)
})
