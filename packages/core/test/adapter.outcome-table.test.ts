import { describe, expect, test } from 'vitest'
import { type Json, type OutcomeTable, quote, type Reply, type Role, readOutcome } from '../src/adapter.ts'

const table: OutcomeTable = {
  words: ({ body }) => [String((body as { error?: string } | null)?.error)],
  meanings: {
    bad_token: 'denied',
    busy: 'throttled',
    gone_fishing: 'down',
    half_done: 'broken',
    later: 'retry',
    maybe: 'unknown',
    no_card: 'missing',
    exists: 'rejected',
    'createLabel exists': 'delivered',
    '418': 'rejected',
  },
}
const answer = (status: number, body: Json, headers: Readonly<Record<string, string>> = {}): Reply => ({
  kind: 'answer',
  status,
  headers,
  body,
})
const read = (reply: Reply, action = 'createNote', role: Role = 'call') =>
  readOutcome(table, reply, { action, role })

describe('a word', () => {
  // biome-ignore format: a table is read one line at a time
  test.for([
    ['bad_token', { kind: 'denied' }],
    ['busy', { kind: 'retry', throttled: true, waitMs: 30_000 }],
    ['gone_fishing', { kind: 'retry', down: true }],
    ['half_done', { kind: 'unknown', down: true }],
    ['later', { kind: 'retry' }],
    ['maybe', { kind: 'unknown' }],
    ['no_card', { kind: 'rejected', missing: true }],
    ['exists', { kind: 'rejected' }],
  ] as const)('%s', ([error, expected]) =>
    expect(read(answer(400, { error }))).toEqual({ ...expected, reason: `400 {"error":"${error}"}` }))
  test('of one action goes before the word alone', () =>
    expect(read(answer(409, { error: 'exists' }), 'createLabel')).toEqual({ kind: 'delivered' }))
  test('that a prototype has is no row', () =>
    expect(read(answer(400, { error: 'constructor' })).kind).toBe('rejected'))
})

test('nothing there is an empty list for a look-up', () =>
  expect(read(answer(404, { error: 'no_card' }), 'createNote', 'look-up')).toEqual({
    kind: 'delivered',
    empty: true,
  }))

test('the service says how long to wait', () => {
  expect(read(answer(400, { error: 'busy' }, { 'retry-after': '7' }))).toMatchObject({ waitMs: 7_000 })
  expect(
    readOutcome({ ...table, waitMs: () => 9 }, answer(400, { error: 'later' }), {
      action: 'a',
      role: 'call',
    }),
  ).toMatchObject({ kind: 'retry', waitMs: 9 })
})

test('without a row it is what HTTP says, with what the service said', () => {
  expect(read(answer(200, { ok: true }))).toEqual({ kind: 'delivered' })
  expect(read(answer(503, { error: 'x' }))).toEqual({
    kind: 'unknown',
    down: true,
    reason: '503 {"error":"x"}',
  })
  expect(read({ kind: 'failure', sent: 'no', code: 'reset', reason: 'x' }).kind).toBe('retry')
  const said = { ...table, reason: () => 'in its own words' }
  expect(readOutcome(said, answer(418, null), { action: 'a', role: 'call' })).toEqual({
    kind: 'rejected',
    reason: '418 in its own words',
  })
})

test('what a service said is quoted on one line, and whole, so that secrets in it can be found', () => {
  const secret = 'canary-'.repeat(10)
  const text = quote({ error: `${'x'.repeat(400)} ${secret}` })
  expect(text).toContain(secret)
  expect(quote('a\n\u202eb\t c\0')).toBe('a b c')
  expect(quote('x'.repeat(100_000))).toHaveLength(16_384)
})

describe('a function in the place of a meaning', () => {
  const judged: OutcomeTable = {
    meanings: {
      404: ({ body }, { role }, reason) =>
        role === 'call' && body !== null ? { kind: 'unknown', reason: `asked: ${reason}` } : undefined,
    },
    waitMs: () => 5_000,
  }
  test('decides', () =>
    expect(readOutcome(judged, answer(404, 'no'), { action: 'a', role: 'call' })).toEqual({
      kind: 'unknown',
      reason: 'asked: 404 no',
    }))
  test('or leaves it to the status', () => {
    expect(readOutcome(judged, answer(404, null), { action: 'a', role: 'call' })).toEqual({
      kind: 'rejected',
      reason: '404 null',
    })
    expect(readOutcome(judged, answer(503, 'busy'), { action: 'a', role: 'call' })).toEqual({
      kind: 'unknown',
      reason: '503 busy',
      down: true,
      waitMs: 5_000,
    })
  })
})

test('a success that is not the answer to its call is unknown', () => {
  const strict: OutcomeTable = { meanings: {}, isDone: ({ body }) => body === 'done' }
  const sent = { action: 'a', role: 'call' } as const
  expect(readOutcome(strict, answer(200, 'done'), sent)).toEqual({ kind: 'delivered' })
  expect(readOutcome(strict, answer(200, ''), sent)).toEqual({
    kind: 'unknown',
    reason: '200, but not the answer to this call: nothing',
  })
  expect(readOutcome(strict, answer(404, ''), { action: 'a', role: 'look-up' })).toEqual({
    kind: 'delivered',
    empty: true,
  })
})
