import { expect, test } from 'vitest'
import type { AnyAdapter } from '../src/adapter/contract.ts'
import { judge } from '../src/delivery/look.ts'
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
