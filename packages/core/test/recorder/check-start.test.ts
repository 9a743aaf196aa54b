import { describe, expect, test } from 'vitest'
import { TrackerError } from '../../src/session/errors.ts'
import type { Session } from '../../src/session/session.ts'
import { bench, refusal, tool } from './tool.ts'

const refs = { ...tool(), refs: ['card', 'board'] }

describe('a parent given to start', () => {
  test('that is not there is kept, and told once', async () => {
    const { recorder } = bench({ adapters: [tool()] })
    const told: string[] = []
    recorder.on('error', ({ error, where }) => told.push(`${where}: ${error.message}`))
    const { id } = await recorder.start({})
    await recorder.start({ parentId: id })
    const { receipt } = await recorder.start({ parentId: 'nobody' })
    await recorder.start({ parentId: 'nobody' })
    expect(receipt.recorded && receipt.session.parentId).toBe('nobody')
    expect(told).toEqual(['start: start.parentId: no session "nobody" in memory. It is stored as given.'])
  })
})

describe('refs given to start', () => {
  const handled = (thrown: () => Error, name = 'tool') => ({
    ...tool({ name }),
    refs: ['card'],
    hooks: {
      start: (_: unknown, session: Session) => {
        if (session.refs[name]?.card === 'C1') return []
        throw thrown()
      },
    },
  })
  const wrongCard = () =>
    new TrackerError('INVALID_INPUT', 'refs.tool.card: "hello" is no card: give its number', {
      field: 'refs.tool.card',
    })

  test('are refused where the adapter refuses their value', async () => {
    const { recorder, commits } = bench({ adapters: [handled(wrongCard)] })
    expect(await refusal(recorder.start({ refs: { tool: { card: 'hello' } } }))).toEqual([
      'INVALID_INPUT',
      'start.refs.tool.card',
      'start.refs.tool.card: "hello" is no card: give its number',
    ])
    expect(commits).toEqual([])
    expect((await recorder.start({ refs: { tool: { card: 'C1' } } })).receipt.recorded).toBe(true)
  })

  test.each([
    () => new TypeError('no title'),
    () => new TrackerError('INVALID_INPUT', 'title: it is empty', { field: 'title' }),
    () => new TrackerError('ADAPTER', 'refs.x: broken', { field: 'refs.x' }),
  ])('are stored whatever else the hook throws: %s', async thrown => {
    const { recorder } = bench({ adapters: [handled(thrown)] })
    expect((await recorder.start({ refs: { tool: { card: 'hello' } } })).receipt.recorded).toBe(true)
  })

  // biome-ignore format: a table is read one line at a time
  test.for([
    ['tool.crad', { tool: { crad: 'C1' } }, 'unknown ref "crad" (did you mean "card"?); expected one of card, board'],
    ['tool.page', { tool: { page: 'C1' } }, 'unknown ref "page"; expected one of card, board'],
    ['none.card', { none: { card: 'C1' } }, 'unknown ref "card"; there is none here'],
    ['toll', { toll: { card: 'C1' } }, 'unknown adapter "toll" (did you mean "tool"?); expected one of tool, none'],
    ['card', { card: 'C1' }, 'invalid type; expected an object of refs by adapter such as { tracker: { issue: "ENG-1" } }, got the string "C1"'],
    ['tool.card', { 'tool.card': 'C1' }, 'invalid format; expected an object of refs by adapter such as { tracker: { issue: "ENG-1" } }'],
  ] as const)('%s is refused', async ([name, given, problem]) => {
    const { recorder, commits } = bench({ adapters: [refs, { ...tool({ name: 'none' }), refs: [] }] })
    const field = `start.refs.${name}`
    const answer = await refusal(recorder.start({ refs: given as never }))
    expect(answer).toEqual(['INVALID_INPUT', field, `${field}: ${problem}.`])
    expect(commits).toEqual([])
  })

  test('only reports it, where the host asked for that', async () => {
    const { recorder } = bench({ adapters: [refs], onError: 'report' })
    const { receipt } = await recorder.start({ refs: { tool: { crad: 'C1' } } })
    expect(receipt).toMatchObject({ recorded: false, error: { field: 'start.refs.tool.crad' } })
  })

  test('may be any where the adapter does not say which', async () => {
    const { recorder } = bench({ adapters: [tool()] })
    expect((await recorder.start({ refs: { tool: { crad: 'C1' } } })).receipt.recorded).toBe(true)
  })

  test('are kept for an adapter that is set up elsewhere, and that is told once', async () => {
    const { recorder } = bench({ adapters: [tool()] })
    const told: string[] = []
    recorder.on('error', ({ error, where }) => told.push(`${where}: ${error.message}`))
    for (const n of [1, 2]) {
      const { receipt } = await recorder.start({ refs: { wiki: { page: `P${n}` }, tool: { card: 'C1' } } })
      expect(receipt.recorded && receipt.session.refs).toEqual({
        wiki: { page: `P${n}` },
        tool: { card: 'C1' },
      })
    }
    expect(told).toEqual([
      'start: start.refs.wiki: no adapter "wiki" here (adapters: tool). The ref is stored; run backfill in a tracker that has the adapter.',
    ])
  })

  test('are nobody else’s business where all adapters are in another process', async () => {
    const { recorder } = bench({})
    const told: string[] = []
    recorder.on('error', ({ where }) => told.push(where))
    expect((await recorder.start({ refs: { tool: { card: 'C1' } } })).receipt.recorded).toBe(true)
    expect(told).toEqual([])
  })

  test('recorded by an older or newer release break nothing that follows', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    const { id } = await recorder.start({ refs: { tool: { gone: 'C1' }, other: { x: 'y' } } })
    const later = bench({ store, adapters: [{ ...refs, refs: ['card'] }], newId: () => 'later' })
    expect(await later.recorder.update(id, 'On')).toMatchObject({ recorded: true })
  })
})

describe('a preview', () => {
  test('says of each descriptor whose it is, also where the key does not tell', async () => {
    const { recorder } = bench({ adapters: [tool(), tool({ name: 'two' })] })
    const { id } = await recorder.start({ goal: 'Fix it' })
    await recorder.act('two', 'make', { text: 'x' }, { sessionId: id, key: 'mine' })
    const preview = await recorder.preview(id)
    expect(preview.map(({ key, adapter, action }) => [key, adapter, action])).toEqual([
      ['i1/tool/0', 'tool', 'make'],
      ['i1/two/0', 'two', 'make'],
      ['mine', 'two', 'make'],
    ])
  })

  test('of nothing is empty', async () => {
    const { recorder } = bench({ adapters: [tool({ hooks: {} })] })
    const { id } = await recorder.start({})
    expect([await recorder.preview(id), await recorder.preview('init')]).toEqual([[], []])
    expect(await recorder.preview(id, { adapter: 'tool' })).toEqual([])
  })

  test('of an adapter that only the store knows is empty', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    await recorder.start({})
    const other = bench({ store, adapters: [], newId: () => 'o1' })
    const { id } = await other.recorder.start({})
    expect(await other.recorder.preview(id, { adapter: 'tool' })).toEqual([])
  })

  // biome-ignore format: a table is read one line at a time
  test.for([
    [[{ id: 'i1' }], 'INVALID_INPUT', 'sessionId', 'sessionId: invalid type; expected a session id, got an object. Pass session.id.'],
    [[undefined], 'INVALID_INPUT', 'sessionId', 'sessionId: invalid type; expected a session id, got undefined.'],
    [['gone'], 'NO_SUCH_SESSION', 'sessionId', 'There is no session "gone" in memory: start one, or open the store it was recorded in.'],
    [['i1', { adapter: 'toll' }], 'INVALID_INPUT', 'preview.adapter', 'preview.adapter: unknown adapter "toll" (did you mean "tool"?); expected one of tool.'],
    [['i1', { adaptor: 'tool' }], 'INVALID_INPUT', 'preview.adaptor', 'preview.adaptor: unknown option (did you mean "adapter"?); expected one of adapter.'],
    [['i1', 'tool'], 'INVALID_INPUT', 'preview', 'preview: invalid type; expected an object of options, got the string "tool".'],
  ] as const)('%j is refused', async ([given, ...expected]) => {
    const { recorder } = bench({ adapters: [tool()] })
    await recorder.start({})
    const preview = recorder.preview as (...all: readonly unknown[]) => Promise<unknown>
    expect(await refusal(preview(...given))).toEqual(expected)
  })
})

test('an event that nobody emits cannot be listened for', async () => {
  const { recorder } = bench({})
  const on = async (...all: readonly unknown[]) =>
    (recorder.on as (...all: readonly unknown[]) => unknown)(...all)
  expect(await refusal(on('evnt', () => 1))).toEqual([
    'INVALID_INPUT',
    'on.name',
    'on.name: unknown event "evnt" (did you mean "event"?); expected one of event, planned, dead, error.',
  ])
  expect(await refusal(on('event'))).toEqual([
    'INVALID_INPUT',
    'on.listener',
    'on.listener: invalid type; expected a function, got undefined.',
  ])
})

test('a back-fill tells how far it is, and what its listener throws is reported', async () => {
  const { recorder, store } = bench({})
  for (const goal of ['One', 'Two']) await recorder.start({ goal })
  const later = bench({ store, adapters: [tool()], newId: () => 'later' })
  const heard: unknown[] = []
  const told: string[] = []
  later.recorder.on('error', ({ error, where }) => told.push(`${where}: ${error.message}`))
  const onProgress = (progress: unknown) => {
    heard.push(progress)
    throw new Error('no terminal')
  }
  expect(await later.recorder.backfill('tool', { onProgress })).toEqual({
    sessions: ['i1', 'i2'],
    deliveries: 2,
  })
  expect(heard).toEqual([
    { sessions: 1, of: 2, deliveries: 1 },
    { sessions: 2, of: 2, deliveries: 2 },
  ])
  expect(told).toEqual(['backfill.onProgress: no terminal', 'backfill.onProgress: no terminal'])
})
