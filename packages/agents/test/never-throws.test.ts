import { afterEach, expect, test, vi } from 'vitest'
import { createTelemetry } from '../src/ai-sdk.ts'
import type { RecordOptions, Target } from '../src/options.ts'
import { makeTracker, tellAll, tellMessages } from './stage.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** One run, told as the AI SDK tells it. */
const EVENTS: readonly (readonly [name: keyof ReturnType<typeof createTelemetry>, event: object])[] = [
  [
    'onStart',
    { callId: '1', operationId: 'ai.generateText', messages: [{ role: 'user', content: 'Hello?' }] },
  ],
  [
    'onToolExecutionEnd',
    {
      callId: '1',
      toolCall: { toolName: 'write_file', input: { path: 'a.txt' } },
      toolOutput: { type: 'tool-result' },
    },
  ],
  [
    'onStepEnd',
    { callId: '1', stepNumber: 0, text: 'Hello', toolCalls: [], model: { modelId: 'm' }, usage: {} },
  ],
  ['onEnd', { callId: '1' }],
]

/** Tells the run to a recorder; resolves when each callback has, and rejects or throws when one does. */
const tellRun = async (
  to: unknown,
  options: RecordOptions = {},
  change = (event: object): unknown => event,
) => {
  const telemetry = createTelemetry(to as Target, options)
  for (const [name, event] of EVENTS) await (telemetry[name] as (event: unknown) => unknown)(change(event))
  return telemetry
}
const failures = () => {
  const heard: string[] = []
  return { heard, onError: (error: unknown) => void heard.push(String(error)) }
}

test('a tracker that throws, rejects or gives nonsense is reported, and tried again with the next event', async () => {
  const targets = [
    {
      start: () => {
        throw new Error('no store')
      },
    },
    {
      start: async () => {
        throw new Error('no store')
      },
    },
    { start: () => undefined },
    {
      start: async () => ({
        message: async () => {
          throw new Error('no store')
        },
      }),
    },
  ]
  for (const target of targets) {
    const { heard, onError } = failures()
    await (await tellRun(target, { onError })).close()
    expect(heard).toHaveLength(4)
  }
})

test('a tracker that was closed is reported', async () => {
  const tracker = await makeTracker()
  await tracker.close()
  const { heard, onError } = failures()
  await (await tellRun(tracker, { onError })).flush()
  expect(heard).toHaveLength(4)
  expect(new Set(heard).size).toBe(1)
})

test('a start that fails once costs one event', async () => {
  const tracker = await makeTracker()
  let tries = 0
  const target = {
    start: (input: Parameters<typeof tracker.start>[0]) => {
      if (tries++ === 0) throw new Error('busy')
      return tracker.start(input)
    },
  }
  const { heard, onError } = failures()
  await (await tellRun(target, { onError })).flush()
  expect(heard).toEqual(['Error: busy'])
  expect(await tellAll(tracker)).toMatchObject([{ status: 'completed', files: ['file a.txt'] }])
  await tracker.close()
})

test('events of any shape cannot throw', async () => {
  const tracker = await makeTracker()
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error('a getter')
      },
    },
  )
  const changes: readonly ((event: object) => unknown)[] = [
    () => undefined,
    () => null,
    () => 7,
    () => hostile,
    event => ({ ...event, messages: hostile, toolCall: hostile, text: hostile }),
    event => ({ ...event, messages: [null], toolCall: null, toolCalls: null, model: null }),
    event => ({ ...event, messages: [{ role: 'user', content: [hostile] }], toolOutput: 7, usage: null }),
    event => Object.fromEntries(Object.entries(event).map(([name]) => [name, { toString: null }])),
  ]
  for (const change of changes) await (await tellRun(tracker, { onError: () => undefined }, change)).close()
  await tracker.close()
})

test('what the caller gives cannot throw either', async () => {
  const tracker = await makeTracker()
  const refuse = () => {
    throw new Error('of the caller')
  }
  await (await tellRun(tracker, { files: refuse, onError: refuse })).close()
  await (
    await tellRun(
      tracker,
      { files: () => undefined as never, onError: () => Promise.reject(new Error('late')) as never },
      event => ({ ...event, callId: '2' }),
    )
  ).close()
  await (
    await tellRun({ start: refuse }, { onError: () => Promise.reject(new Error('late')) as never })
  ).close()
  expect(await tellAll(tracker)).toMatchObject([{ status: 'completed' }, { status: 'completed' }])
  await tracker.close()
})

test('without a listener the first failure is a warning, and the others are silent', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  await (
    await tellRun({
      start: async () => {
        throw new Error('no store')
      },
    })
  ).close()
  expect(warn.mock.calls).toEqual([['sessionwire: the work of an agent was not recorded: Error: no store']])
})

test('a store that hangs keeps the host waiting once, for as long as the options say', async () => {
  vi.useFakeTimers()
  const telemetry = createTelemetry({ start: () => new Promise<never>(() => undefined) }, { waitMs: 40 })
  const start = telemetry.onStart as (event: object) => Promise<void>
  const [[, event] = ['', {}]] = EVENTS
  let isOver = false
  const waiting = start(event).then(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(39)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await waiting
  await start(event)
  expect(vi.getTimerCount()).toBe(0)
})

test('a store that hangs is given a thousand steps, and no more', async () => {
  const { heard, onError } = failures()
  const telemetry = createTelemetry(
    { start: () => new Promise<never>(() => undefined) },
    { waitMs: 0, onError },
  )
  const start = telemetry.onStart as (event: object) => Promise<void>
  const messages = Array.from({ length: 1_200 }, () => ({ role: 'user', content: 'Hello?' }))
  await start({ callId: '1', operationId: 'ai.generateText', messages })
  expect(heard).toHaveLength(200)
  expect(new Set(heard)).toEqual(
    new Set(['Error: 1000 recordings wait for the store. Later ones are left out.']),
  )
})

test('runs that never end are ended as left: the oldest of a thousand, and all when the recorder is closed', async () => {
  const tracker = await makeTracker()
  const telemetry = createTelemetry(tracker)
  const start = telemetry.onStart as (event: object) => Promise<void>
  const [[, event] = ['', {}]] = EVENTS
  for (let n = 0; n <= 1_000; n++) await start({ ...event, callId: String(n) })
  await telemetry.flush()
  expect(await tracker.sessions({ status: 'left', limit: 2_000 })).toHaveLength(1)
  await telemetry.close()
  expect(await tracker.sessions({ status: 'left', limit: 2_000 })).toHaveLength(1_001)
  await tracker.close()
})

/** Tells events of a run to a recorder on a tracker, and gives what was recorded. */
const recordEvents = async (events: readonly (readonly [name: string, event: object])[], options = {}) => {
  const tracker = await makeTracker()
  const { heard, onError } = failures()
  const telemetry = createTelemetry(tracker, { onError, ...options })
  const listeners = telemetry as unknown as Readonly<Record<string, (event: object) => Promise<void>>>
  for (const [name, event] of events) await listeners[name]?.({ callId: '1', ...event })
  await telemetry.close()
  const [session] = await tracker.sessions()
  const whole = session && (await tracker.session(session.id).load())
  const [all, messages] = [await tellAll(tracker), await tellMessages(tracker)]
  await tracker.close()
  return { all, messages, heard, updates: whole?.updates.map(({ description }) => description) }
}
const [START, , STEP, END] = EVENTS

test('a value that is no name or no count costs itself, and not what it stands at', async () => {
  const step = (stepNumber: number, more: object): readonly [string, object] => [
    'onStepEnd',
    { ...STEP?.[1], stepNumber, ...more },
  ]
  const { all, messages, heard } = await recordEvents([
    ['onStart', { ...START?.[1], functionId: 7 }],
    step(0, { model: { modelId: 7 }, usage: undefined }),
    step(1, { model: undefined, usage: { inputTokens: -1, outputTokens: 2n, inputTokenDetails: null } }),
    step(2, { model: { modelId: '' }, usage: { inputTokens: 3, outputTokens: Number.NaN } }),
    ['onEnd', {}],
  ])
  expect(heard).toEqual([])
  expect(messages).toEqual(['user: Hello?', 'assistant: Hello', 'assistant: Hello', 'assistant: Hello'])
  expect(all).toMatchObject([{ agent: 'ai-sdk', title: 'Work of ai-sdk', status: 'completed' }])
  expect(all[0]?.usage).toEqual({ inputTokens: 3 })
})

test('calls whose provider gives each step the same id are different calls', async () => {
  const tool = (type: string, input: object = {}): readonly [string, object] => [
    'onToolExecutionEnd',
    { toolCall: { toolName: 'bash', toolCallId: 'call_0', input }, toolOutput: { type } },
  ]
  const fail = tool('tool-error')
  const todos = (...statuses: readonly string[]) =>
    tool('tool-result', { todos: statuses.map(status => ({ status })) })
  const { all, updates } = await recordEvents([
    START ?? ['', {}],
    ...[fail, fail, fail],
    todos('done', 'pending'),
    tool('tool-result'),
    todos('done', 'done'),
    ...[fail, fail, fail],
    END ?? ['', {}],
  ])
  expect(all[0]?.blockers).toEqual([
    ['bash failed 3 times in a row.', 'bash works again.'],
    ['bash failed 3 times in a row.', 'open'],
  ])
  expect(updates).toEqual(['1 of 2 to-do items done.', '2 of 2 to-do items done.'])
})

test('a session ends however many of its recordings were left out', async () => {
  const messages = Array.from({ length: 1_200 }, () => ({ role: 'user', content: 'Hello?' }))
  const { all, heard } = await recordEvents(
    [
      ['onStart', { operationId: 'ai.generateText', messages }],
      ['onEnd', {}],
    ],
    { waitMs: 0 },
  )
  expect([all.map(({ status }) => status), heard.length]).toEqual([['completed'], 200])
})
