import { describe, expect, test } from 'vitest'
import { targetOf } from '../../src/delivery/place.ts'
import { bench, refusal, tool } from './tool.ts'

const descriptor = (key: string, text: string) => ({
  key,
  action: 'make',
  kind: 'http',
  method: 'POST',
  endpoint: 'https://tool.test/cards',
  payload: { text },
  repeat: 'unsafe',
  captures: { card: '/id' },
})

describe('a direct call', () => {
  test('without a session has a lane of its own', async () => {
    const { recorder, commits } = bench({ adapters: [tool()] })
    expect(await recorder.act('tool', 'make', { text: 'x' })).toEqual({
      recorded: true,
      key: 'i1/tool/0',
      descriptor: descriptor('i1/tool/0', 'x'),
      state: 'waiting',
      known: false,
    })
    expect(commits).toEqual([
      {
        events: [],
        lanes: [
          {
            adapter: 'tool',
            lane: 'i1/tool/0',
            open: { refs: {}, target: targetOf(tool()) },
            deliveries: [
              {
                key: 'i1/tool/0',
                action: 'make',
                via: 'execute',
                sequence: 0,
                descriptor: descriptor('i1/tool/0', 'x'),
                holds: false,
              },
            ],
          },
        ],
      },
    ])
  })

  test('with a session goes behind what waits in its lane', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    const { id } = await recorder.start()
    await recorder.act('tool', 'comment', { text: 'x' }, { sessionId: id, key: 'mine' })
    await recorder.update(id, 'later')
    const lane = await store.list({ lane: id })
    expect(lane.map(({ key, sequence }) => [key, sequence])).toEqual([
      ['i1/tool/0', 1],
      ['mine', 0],
      ['i2/tool/0', 2],
    ])
  })

  test('is allowed after the close', async () => {
    const { recorder } = bench({ adapters: [tool()] })
    const { id } = await recorder.start()
    await recorder.close(id)
    expect(await recorder.act('tool', 'comment', { text: 'x' }, { sessionId: id })).toMatchObject({
      recorded: true,
    })
  })

  test('plans what its lane missed first', async () => {
    const one = bench({ adapters: [tool()] })
    const { id } = await one.recorder.start()
    const other = bench({ store: one.store, newId: () => 'other' })
    await other.recorder.update(id, 'Recorded without the adapter')
    await one.recorder.act('tool', 'comment', { text: 'x' }, { sessionId: id, key: 'mine' })
    expect(one.commits.at(-1)?.lanes).toMatchObject([
      { lane: id, through: { from: 1, to: 2 }, deliveries: [{ key: 'other/tool/0' }, { key: 'mine' }] },
    ])
    await one.recorder.update(id, 'after')
    expect(one.commits.at(-1)?.lanes).toMatchObject([{ through: { from: 2, to: 3 }, deliveries: [{}] }])
  })

  test('with a key is made once', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    const first = await recorder.act('tool', 'make', { text: 'x' }, { key: 'refund-42' })
    const second = await recorder.act('tool', 'make', { text: 'x' }, { key: 'refund-42' })
    expect([first, second]).toMatchObject([
      { key: 'refund-42', known: false },
      { key: 'refund-42', known: true, state: 'waiting' },
    ])
    expect(await store.list({})).toHaveLength(1)
    expect(await refusal(recorder.act('tool', 'make', { text: 'y' }, { key: 'refund-42' }))).toEqual([
      'INVALID_INPUT',
      'act.key',
      'act.key: "refund-42" was already used for a different call. Use a new key.',
    ])
  })

  test('is planned as its adapter says', async () => {
    const { recorder } = bench({ adapters: [tool({ mode: 'preview' })] })
    expect(await recorder.act('tool', 'make', { text: 'x' })).toMatchObject({ state: 'planned' })
  })

  test('that destroys needs permission', async () => {
    const { recorder } = bench({ adapters: [tool(), tool({ name: 'open', allowDestructive: true })] })
    expect(await refusal(recorder.act('tool', 'remove', { id: 'x' }))).toEqual([
      'CONFIG',
      'act.action',
      `act.action: "remove" of tool is destructive. Set allowDestructive: true in the adapter's options.`,
    ])
    expect(await recorder.act('open', 'remove', { id: 'x' })).toMatchObject({ recorded: true })
  })

  // biome-ignore format: a table is read one line at a time
  test.for([
    [['none', 'make', {}], 'act.adapter', 'act.adapter: unknown adapter "none"; expected one of tool.'],
    [['tol', 'make', {}], 'act.adapter', 'act.adapter: unknown adapter "tol" (did you mean "tool"?); expected one of tool.'],
    [['tool', 'none', {}], 'act.action', 'act.action: unknown action of tool "none"; expected one of comment, edit, make, remove.'],
    [['tool', 'coment', {}], 'act.action', 'act.action: unknown action of tool "coment" (did you mean "comment"?); expected one of comment, edit, make, remove.'],
    [['tool', 'make'], 'make.text', 'make.text: missing; expected a string.'],
    [['tool', 'make', { text: ['a', undefined] }], 'act.input.text.1', 'act.input.text.1: not JSON; expected plain data, got undefined.'],
    [['tool', 'make', new Error('x')], 'act.input', 'act.input: not JSON; expected plain data, got an instance of Error.'],
    [['tool', 'toString', {}], 'act.action', 'act.action: unknown action of tool "toString"; expected one of comment, edit, make, remove.'],
    [['tool', 'list', {}], 'act.action', 'act.action: "list" only reads. Use read.'],
    [['tool', 'make', { text: { $ref: 'card' } }], 'act.input.text.$ref', 'act.input.text.$ref: reserved name; expected a name that does not begin with "$".'],
    [['tool', 'make', { text: 'x', more: 1 }], 'make.more', 'make.more: unknown option; expected one of text.'],
    [['tool', 'make', { text: 'x' }, { key: 'init' }], 'act.key', 'act.key: invalid value; expected a string of 1 to 200 characters without spaces, other than "init", got the string "init".'],
    [['tool', 'make', { text: 'x' }, { key: 'a b' }], 'act.key', 'act.key: invalid value; expected a string of 1 to 200 characters without spaces, other than "init", got the string "a b".'],
    [['tool', 'comment', { text: 'x' }], 'act.sessionId', 'act.sessionId: "comment" of tool needs card of a session. Pass { sessionId }.'],
    [['tool', 'make', { text: 'x' }, { sessionId: '' }], 'act.sessionId', 'act.sessionId: empty; expected a string that is not empty.'],
    [['tool', 'make', { text: 'x' }, { session: 'a' }], 'act.session', 'act.session: unknown option (did you mean "sessionId"?); expected one of sessionId, key.'],
  ] as const)('is refused %#', async ([given, field, message]) => {
    const { recorder, commits } = bench({ adapters: [tool()] })
    expect(await refusal((recorder.act as (...all: readonly unknown[]) => Promise<unknown>)(...given))).toEqual([
      'INVALID_INPUT',
      field,
      message,
    ])
    expect(commits).toEqual([])
  })

  test('is refused for a session that is not there, or not mirrored', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    const { recorder: plain } = bench({ store, newId: () => 'plain' })
    const { id } = await plain.start()
    expect(await refusal(recorder.act('tool', 'make', { text: 'x' }, { sessionId: 'gone' }))).toEqual([
      'NO_SUCH_SESSION',
      'sessionId',
      'There is no session "gone" in memory: start one, or open the store it was recorded in.',
    ])
    expect(await refusal(recorder.act('tool', 'make', { text: 'x' }, { sessionId: id }))).toEqual([
      'INVALID_INPUT',
      'act.sessionId',
      'act.sessionId: tool does not mirror the session "plain". Call backfill first, or leave sessionId out.',
    ])
  })
})
