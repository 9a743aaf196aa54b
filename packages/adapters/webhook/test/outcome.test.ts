import type { Outcome, Reply } from '@sessionwire/core/adapter'
import { expect, test } from 'vitest'
import { outcome } from '../src/outcome.ts'

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Reply => ({
  kind: 'answer',
  status,
  headers,
  body: 'words',
})
const rows: readonly (readonly [Reply, Outcome])[] = [
  [answer(204), { kind: 'delivered' }],
  [
    answer(302),
    { kind: 'denied', reason: '302 the receiver redirects elsewhere: change the address: words' },
  ],
  [answer(402), { kind: 'denied', reason: '402 the receiver wants to be paid: words' }],
  [answer(409), { kind: 'retry', reason: '409 words' }],
  [answer(400), { kind: 'rejected', reason: '400 words' }],
  [answer(401), { kind: 'denied', reason: '401 the signature or token was refused: words' }],
  [answer(404), { kind: 'denied', reason: '404 nothing listens at the address: words' }],
  [answer(410), { kind: 'denied', reason: '410 the receiver wants no more events: words' }],
  [answer(413), { kind: 'rejected', reason: '413 words' }],
  [
    answer(429, { 'retry-after': '7' }),
    { kind: 'retry', reason: '429 words', throttled: true, waitMs: 7_000 },
  ],
  // It was not looked at, and goes again soon; after the others it may have been taken.
  [answer(503), { kind: 'retry', reason: '503 words', down: true }],
  [answer(503, { 'retry-after': '7' }), { kind: 'retry', reason: '503 words', down: true, waitMs: 7_000 }],
  [answer(500), { kind: 'unknown', reason: '500 words', down: true }],
  [answer(502), { kind: 'unknown', reason: '502 words', down: true }],
  [answer(504), { kind: 'unknown', reason: '504 words', down: true }],
]

test.each(rows)('%j is %j', (reply, expected) => {
  const sent = { action: 'sendSessionEvent', role: 'call', call: {} } as unknown as Parameters<
    typeof outcome
  >[1]
  expect(outcome(reply, sent)).toEqual(expected)
})
