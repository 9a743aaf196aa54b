import { describe, expect, test } from 'vitest'
import type { AnyAdapter } from '../src/adapter/contract.ts'
import { httpOutcome } from '../src/adapter/http-outcome.ts'
import { judge } from '../src/delivery/judge.ts'
import { createTracker } from '../src/index.ts'

const board = (outcome: unknown): AnyAdapter =>
  ({
    name: 'board',
    config: {},
    mode: 'execute',
    hooks: {},
    actions: {
      add: Object.assign(
        () =>
          ({ key }: { key: string }) => ({
            ...{ key, action: 'add', kind: 'http', method: 'POST', endpoint: 'https://board.example/notes' },
            repeat: 'unsafe',
          }),
        { action: 'add', effect: 'write' },
      ),
    },
    limits: { rates: {} },
    secrets: [],
    check: { call: { kind: 'http', method: 'GET', endpoint: 'https://board.example/me' } },
    outcome: () => outcome,
  }) as unknown as AnyAdapter

const KINDS = "return { kind: 'delivered' | 'rejected' | 'denied' | 'retry' | 'unknown', reason }"

// biome-ignore format: a table is read one line at a time
const NO_OUTCOMES = [
  [undefined, `board.outcome returned undefined: ${KINDS}`],
  [null, `board.outcome returned null: ${KINDS}`],
  ['delivered', `board.outcome returned "delivered": ${KINDS}`],
  [{ kind: 'ok' }, `board.outcome returned {"kind":"ok"}: ${KINDS}`],
  [Promise.resolve({ kind: 'delivered' }), `board.outcome returned a promise: ${KINDS}`],
] as const
test.each(NO_OUTCOMES)('what is no outcome is in doubt, and says what to return: %o', (given, reason) => {
  const reply = { kind: 'answer', status: 200, headers: {}, body: {} } as const
  expect(judge(board(given), reply, { action: 'add', role: 'call' })).toEqual({ kind: 'unknown', reason })
})

test('an outcome without a reason keeps its kind', () => {
  const reply = { kind: 'answer', status: 200, headers: {}, body: {} } as const
  expect(judge(board({ kind: 'rejected' }), reply, { action: 'add', role: 'call' })).toEqual({
    kind: 'rejected',
    reason: 'board.outcome gave no reason',
  })
})

test('a delivery whose answer nobody could judge is settled, not stuck', async () => {
  await using tracker = await createTracker({
    project: 'billing',
    adapters: [board({ kind: 'ok' })],
    transports: {
      board: { send: async () => ({ kind: 'answer', status: 200, headers: {}, body: {} }) },
    },
  })
  await tracker.act('board', 'add', {}, { key: 'note' })
  expect(await tracker.settled('note')).toMatchObject({
    state: 'dead',
    inDoubt: true,
    reason: `board.outcome returned {"kind":"ok"}: ${KINDS}`,
  })
})

describe('an answer that is not in the form of the service', () => {
  const own = {
    ...board({ kind: 'delivered' }),
    isOwn: ({ headers }: Readonly<{ headers: Readonly<Record<string, string>> }>) =>
      headers['content-type'] === 'application/json',
  } as unknown as AnyAdapter
  const page = (status: number, headers: Readonly<Record<string, string>> = {}) =>
    ({ kind: 'answer', status, headers, body: '404 page not found' }) as const
  const call = { kind: 'http', method: 'GET', endpoint: 'https://board.example/notes' } as const

  test.each([
    ...[200, 204, 302, 401, 403, 404].map(status => [status, 'not an answer of board'] as const),
    // The service itself may fail like that.
    ...[500, 502, 503].map(status => [status, 'board cannot answer now'] as const),
  ])('is unknown and a failure of the service: %d', (status, said) => {
    for (const role of ['call', 'look-up', 'check'] as const)
      expect(judge(own, page(status), { action: 'add', role }, 1)).toEqual({
        kind: 'unknown',
        reason: `${said}: ${status} 404 page not found`,
        down: true,
      })
  })

  test('is a limit all the same, whichever part of the way sets it: 429', () => {
    const limited = page(429, { 'retry-after': '7' })
    for (const role of ['call', 'look-up', 'check'] as const)
      expect(judge({ ...own, outcome: httpOutcome }, limited, { action: 'add', role }, 1)).toEqual({
        kind: 'retry',
        reason: '429 404 page not found',
        throttled: true,
        waitMs: 7_000,
      })
  })

  test.each([204, 205])('has no form to judge without a body: %d', status => {
    for (const body of ['', null]) {
      const bare = { kind: 'answer', status, headers: {}, body } as const
      expect(judge(own, bare, { action: 'add', role: 'call' })).toEqual({ kind: 'delivered' })
    }
    // A success that could have a body, and an error, may be a proxy's.
    for (const other of [200, 202, 404]) {
      const empty = { kind: 'answer', status: other, headers: {}, body: '' } as const
      expect(judge(own, empty, { action: 'add', role: 'call' })).toMatchObject({
        kind: 'unknown',
        down: true,
      })
    }
  })

  test('asks whether the address is right from the fifth failure on, and at once in a check', () => {
    const reason =
      'not an answer of board (is the address right? https://board.example/notes): 404 404 page not found'
    const sent = { action: 'add', role: 'call', call } as const
    expect(judge(own, page(404), sent, 4)).not.toMatchObject({ reason })
    expect(judge(own, page(404), sent, 5)).toMatchObject({ reason })
    expect(judge(own, page(404), { ...sent, role: 'check' })).toMatchObject({ reason })
    const secret = { ...call, endpoint: { $secret: 'BOARD_URL' } } as const
    expect(judge(own, page(404), { ...sent, call: secret })).toMatchObject({
      reason: expect.stringContaining('the address in the secret BOARD_URL'),
    })
  })

  test('is waited for as long as it asks', () => {
    const outcome = judge(own, page(503, { 'retry-after': '7' }), { action: 'add', role: 'call' })
    expect(outcome).toMatchObject({ kind: 'unknown', waitMs: 7_000 })
  })

  test('is judged by the table when it is in the form, or when the adapter declares none', () => {
    const reply = page(404, { 'content-type': 'application/json' })
    expect(judge(own, reply, { action: 'add', role: 'call' })).toEqual({ kind: 'delivered' })
    expect(judge(board({ kind: 'delivered' }), page(404), { action: 'add', role: 'call' })).toEqual({
      kind: 'delivered',
    })
  })

  test('is what an adapter whose form throws gets', () => {
    const broken = {
      ...own,
      isOwn: () => {
        throw new Error('no')
      },
    } as unknown as AnyAdapter
    expect(judge(broken, page(200), { action: 'add', role: 'call' })).toMatchObject({
      kind: 'unknown',
      down: true,
    })
  })
})
