import { afterEach, describe, expect, test } from 'vitest'
import type { Reply } from '../../src/descriptor/outcome.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { createTracker, type Tracker } from '../../src/tracker.ts'
import { refusal, tool } from '../recorder/tool.ts'

const answered = (status: number, body: unknown): Reply =>
  ({ kind: 'answer', status, headers: {}, body }) as Reply

let tracker: Tracker<readonly [ReturnType<typeof tool<'tool'>>]>
afterEach(() => tracker.close())

const track = async (reply: Reply, more: object = {}) => {
  tracker = await createTracker({
    project: 'p',
    user: 'u',
    adapters: [tool()] as const,
    transports: { tool: { send: async () => reply } },
    ...more,
  })
  return tracker
}

describe('act', () => {
  test('gives the key and a way to wait for the answer', async () => {
    const acted = await (await track(answered(200, { id: 'C1' }))).act('tool', 'make', { text: 'x' })
    if (!acted.recorded) throw new Error('not recorded')
    expect(await acted.settled()).toEqual({
      key: acted.key,
      asked: acted.key,
      state: 'delivered',
      captures: { card: 'C1' },
      inDoubt: false,
    })
    expect(await refusal(acted.settled({ timeout: 1 } as never))).toContain('settled.timeout')
  })

  test('refuses options that are none as a whole', async () => {
    const tracker = await track(answered(200, { id: 'C1' }))
    for (const [given, got] of [
      ['key-1', 'the string "key-1"'],
      [7, 'the number 7'],
      [['k'], 'an array'],
    ] as const)
      await expect(tracker.act('tool', 'make', { text: 'x' }, given as never)).rejects.toThrow(
        `expected an object of options, got ${got}`,
      )
  })

  test('waits, and gives what the service answered', async () => {
    const done = await (await track(answered(200, { id: 'C1' }))).act(
      'tool',
      'make',
      { text: 'x' },
      { wait: true },
    )
    expect(done).toMatchObject({ recorded: true, state: 'delivered', captures: { card: 'C1' } })
  })

  test.for([
    [
      answered(400, 'no such board'),
      {},
      'tool.make is dead: 400 no such board. Nothing more is sent (delivery k).',
    ],
    [
      answered(503, 'down'),
      { timeoutMs: 0 },
      'tool.make is not delivered yet. It stays in the queue and is sent later (delivery k).',
    ],
  ] as const)('says why nothing was delivered %#', async ([reply, options, text]) => {
    const { act } = await track(reply, { deliver: !('timeoutMs' in options) })
    expect(await refusal(act('tool', 'make', { text: 'x' }, { wait: true, key: 'k', ...options }))).toEqual([
      'ADAPTER',
      undefined,
      text,
    ])
  })

  test('a preview is not waited for', async () => {
    tracker = (await createTracker({
      project: 'p',
      user: 'u',
      adapters: [tool({ mode: 'preview' })],
    })) as never
    expect(await refusal(tracker.act('tool', 'make', { text: 'x' }, { wait: true, key: 'k' }))).toEqual([
      'ADAPTER',
      undefined,
      'tool.make is planned. The adapter is in mode preview; call release to send it (delivery k).',
    ])
  })

  test('a key that was used for a different call is an input of the caller', async () => {
    const { act } = await track(answered(200, { id: 'C1' }), { deliver: false })
    await act('tool', 'make', { text: 'x' }, { key: 'k' })
    expect(await act('tool', 'make', { text: 'x' }, { key: 'k' })).toMatchObject({ known: true })
    expect(await refusal(act('tool', 'make', { text: 'y' }, { key: 'k' }))).toEqual([
      'INVALID_INPUT',
      'act.key',
      'act.key: "k" was already used for a different call. Use a new key.',
    ])
  })

  test('refuses a word for wait, and options it does not have', async () => {
    const { act } = await track(answered(200, {}))
    expect(await refusal(act('tool', 'make', { text: 'x' }, { wait: 'yes' } as never))).toEqual([
      'INVALID_INPUT',
      'act.wait',
      'act.wait: invalid type; expected true or false, got the string "yes".',
    ])
    expect(await refusal(act('tool', 'make', { text: 'x' }, { timeout: 1 } as never))).toContain(
      'act.timeout',
    )
  })
})

test('settled follows a chain of any length', async () => {
  const store = memoryStore()
  const list = store.list
  const length = 10_050
  const chained = {
    ...store,
    list: async (filter: Parameters<typeof list>[0]) => {
      const n = Number(filter.keys?.[0])
      const [found] = await list({ keys: ['real'], limit: 1 })
      if (found === undefined || Number.isNaN(n)) return list(filter)
      return n < length
        ? [{ ...found, key: String(n), state: 'replaced' as const, successor: String(n + 1) }]
        : [{ ...found, key: String(n) }]
    },
  }
  await track(answered(200, {}), { store: chained, deliver: false })
  await tracker.act('tool', 'make', { text: 'x' }, { key: 'real' })
  expect(await tracker.settled('0', { timeoutMs: 0 })).toMatchObject({
    key: String(length),
    state: 'waiting',
  })
})

describe('cards', () => {
  test('are the places of a session, with their addresses', async () => {
    const linked = {
      ...tool({ name: 'linked' }),
      link: ({ captured }: { captured: Readonly<Record<string, unknown>> }) =>
        captured.card === undefined
          ? undefined
          : { name: `BIL-${captured.card}`, url: `https://tool.test/cards/${captured.card}` },
    }
    const one = await createTracker({
      project: 'p',
      user: 'u',
      adapters: [tool(), linked, tool({ name: 'looks', mode: 'preview' })],
      transports: {
        tool: { send: async () => answered(200, { id: 'C1' }) },
        linked: { send: async () => answered(200, { id: '7' }) },
      },
    })
    const session = await one.start({ goal: 'x' })
    await one.drain()
    expect(await session.cards()).toEqual([
      { adapter: 'linked', name: 'BIL-7', url: 'https://tool.test/cards/7', state: 'delivered' },
      { adapter: 'looks', name: 'looks', state: 'planned' },
      { adapter: 'tool', name: 'tool', state: 'delivered' },
    ])
    expect(await refusal(one.session('nothing').cards())).toContain('NO_SUCH_SESSION')
    await one.close()
  })
})
