import { generateText, isStepCount, streamText, type Telemetry, tool } from 'ai'
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createTelemetry } from '../src/ai-sdk.ts'
import { makeTracker, tellAll } from './stage.ts'

type Streamed = Awaited<ReturnType<MockLanguageModelV4['doStream']>>['stream']
type StreamPart = Streamed extends ReadableStream<infer P> ? P : never

const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 20, text: 20, reasoning: undefined },
}
const ending = (unified: 'stop' | 'tool-calls' | 'length' | 'content-filter'): StreamPart => ({
  type: 'finish',
  finishReason: { unified, raw: undefined },
  usage,
})
const calling: readonly StreamPart[] = [
  { type: 'tool-call', toolCallId: '1', toolName: 'look', input: '{}' },
  ending('tool-calls'),
]
const tools = { look: tool({ inputSchema: z.object({}), execute: async () => 'looked' }) }

globalThis.AI_SDK_LOG_WARNINGS = false

/** A model whose answers are these; one that is an error is thrown before any part of it came. */
const streaming = (...answers: readonly (readonly StreamPart[] | Error)[]) => {
  let turn = 0
  return new MockLanguageModelV4({
    doStream: async () => {
      const answer = answers[turn++]
      if (answer === undefined || answer instanceof Error) throw answer
      return { stream: simulateReadableStream({ chunks: [...answer] }) }
    },
  })
}

/** How the session of one run ended. */
const endOf = async (run: (integrations: Telemetry) => Promise<unknown>) => {
  const tracker = await makeTracker()
  const telemetry = createTelemetry(tracker)
  await run(telemetry).catch(() => undefined)
  await telemetry.flush()
  const [session, ...others] = await tellAll(tracker)
  await tracker.close()
  expect(others).toEqual([])
  return session?.status
}
const read = (model: MockLanguageModelV4, steps = 5) =>
  endOf(async integrations => {
    const { fullStream } = streamText({
      ...{ model, tools, prompt: 'Look.', maxRetries: 0, stopWhen: isStepCount(steps) },
      onError: () => undefined,
      telemetry: { integrations },
    })
    for await (const _ of fullStream);
  })

const begun: readonly StreamPart[] = [
  { type: 'text-start', id: '1' },
  { type: 'text-delta', id: '1', delta: 'I l' },
]
const broken: StreamPart = { type: 'error', error: new Error('overloaded') }

test.for<readonly [about: string, answers: readonly (readonly StreamPart[] | Error)[], status: string]>([
  ['breaks off with an error', [[...begun, broken]], 'failed'],
  ['breaks off with an error after a tool', [calling, [...begun, broken]], 'failed'],
  ['is refused', [new Error('overloaded')], 'failed'],
  ['is refused after a tool', [calling, new Error('overloaded')], 'failed'],
  ['is cut by its length', [[...begun, { type: 'text-end', id: '1' }, ending('length')]], 'completed'],
  ['is filtered', [[ending('content-filter')]], 'completed'],
])('a stream that %s', async ([, answers, status]) => {
  expect(await read(streaming(...answers))).toBe(status)
})

test('a run that may take no further step has ended well', async () => {
  expect(await read(streaming(calling), 1)).toBe('completed')
})

test.for<readonly [about: string, abort: (controller: AbortController) => void, status: string]>([
  ['aborts', controller => controller.abort(), 'cancelled'],
  ['takes too long for', controller => controller.abort(new DOMException('', 'TimeoutError')), 'failed'],
])('a call that its caller %s', async ([, abort, status]) => {
  const controller = new AbortController()
  const model = new MockLanguageModelV4({
    doGenerate: async ({ abortSignal }) => {
      abort(controller)
      abortSignal?.throwIfAborted()
      throw new Error('not aborted')
    },
  })
  const run = (integrations: Telemetry) =>
    generateText({
      ...{ model, prompt: 'Look.', maxRetries: 0, abortSignal: controller.signal },
      telemetry: { integrations },
    })
  expect(await endOf(run)).toBe(status)
})
