import { generateText, isStepCount, streamText, type Telemetry, ToolLoopAgent, tool } from 'ai'
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createTelemetry } from '../src/ai-sdk.ts'
import { makeTracker, tellAll, tellMessages, tellSent } from './stage.ts'

const usage = {
  inputTokens: { total: 10, noCache: 7, cacheRead: 3, cacheWrite: undefined },
  outputTokens: { total: 20, text: 20, reasoning: undefined },
}
let calls = 0
const calling = (toolName: string, input: unknown = {}) => ({
  content: [
    { type: 'tool-call' as const, toolCallId: `call-${++calls}`, toolName, input: JSON.stringify(input) },
  ],
  finishReason: { unified: 'tool-calls' as const, raw: undefined },
  usage,
  warnings: [],
})
const saying = (text: string) => ({
  content: [{ type: 'text' as const, text }],
  finishReason: { unified: 'stop' as const, raw: undefined },
  usage,
  warnings: [],
})
const model = (...answers: readonly (ReturnType<typeof calling> | ReturnType<typeof saying>)[]) =>
  new MockLanguageModelV4({ doGenerate: [...answers] })

let isBroken = true
const tools = {
  write_file: tool({
    inputSchema: z.object({ path: z.string(), content: z.string() }),
    execute: async () => 'written',
  }),
  runTests: tool({
    inputSchema: z.object({}),
    execute: async () => {
      if (isBroken) throw new Error('canary-error: no staging key')
      return '3 passed'
    },
  }),
}
const PROMPT = 'canary-prompt: two webhooks charge twice'
const write = calling('write_file', { path: '/repo/src/lock.ts', content: 'canary-content' })

globalThis.AI_SDK_LOG_WARNINGS = false

test('an agent becomes a session: messages, a file, a tool that fails three times, and the end', async () => {
  const tracker = await makeTracker()
  isBroken = true
  const failing = tool({
    inputSchema: z.object({}),
    execute: async () => {
      if (isBroken) throw new Error('canary-error: no staging key')
      return '3 passed'
    },
  })
  const mend = tool({
    inputSchema: z.object({}),
    execute: async () => {
      isBroken = false
    },
  })
  const telemetry = createTelemetry(tracker, { agent: 'fixer', workspace: '/repo' })
  const agent = new ToolLoopAgent({
    model: model(
      write,
      write,
      ...[1, 2, 3, 4].map(() => calling('runTests')),
      calling('mend'),
      calling('runTests'),
      saying('canary-answer: one lock per invoice.'),
    ),
    stopWhen: isStepCount(20),
    tools: { ...tools, runTests: failing, mend },
    telemetry: { integrations: telemetry },
  })
  await agent.generate({ prompt: PROMPT })

  expect(await tellAll(tracker)).toEqual([
    {
      agent: 'fixer',
      title: 'Work of fixer',
      status: 'completed',
      summary: undefined,
      usage: { inputTokens: 90, outputTokens: 180, cacheReadTokens: 27 },
      files: ['file src/lock.ts'],
      blockers: [['runTests failed 3 times in a row.', 'runTests works again.']],
    },
  ])
  expect(await tellMessages(tracker)).toEqual([
    `user: ${PROMPT}`,
    'assistant: [calls write_file]',
    'assistant: [calls write_file]',
    ...[1, 2, 3, 4].map(() => 'assistant: [calls runTests]'),
    'assistant: [calls mend]',
    'assistant: [calls runTests]',
    'assistant: canary-answer: one lock per invoice.',
  ])
  const sent = await tellSent(tracker)
  expect(sent).toContain('runTests failed 3 times in a row')
  expect(sent).not.toContain('canary')
  await tracker.close()
})

test('a session that only talked is mirrored nowhere', async () => {
  const tracker = await makeTracker()
  await generateText({
    model: model(saying('Hello')),
    prompt: 'Hello?',
    telemetry: { integrations: createTelemetry(tracker), functionId: 'greeter' },
  })
  expect(await tellAll(tracker)).toMatchObject([
    { agent: 'greeter', title: 'Work of greeter', status: 'completed' },
  ])
  expect(await tellSent(tracker)).toBe('[[]]')
  await tracker.close()
})

test('words leave where the options say so', async () => {
  const tracker = await makeTracker()
  const telemetry = createTelemetry(tracker, { text: 'summary', mirror: 'always', end: 'left' })
  await generateText({
    model: model(saying('One lock per invoice. The rest stays.')),
    prompt: 'Stop double charging\nIt hurts.',
    telemetry: { integrations: telemetry },
  })
  expect(await tellAll(tracker)).toMatchObject([
    { agent: 'ai-sdk', title: 'Stop double charging', status: 'left', summary: 'One lock per invoice.' },
  ])
  expect(await tellSent(tracker)).toContain('One lock per invoice.')
  await tracker.close()
})

test('a session that was passed in keeps a conversation, and stays open', async () => {
  const tracker = await makeTracker()
  const session = await tracker.start({ goal: 'Stop double charging' })
  const telemetry = createTelemetry(session, { text: 'summary' })
  const first = { role: 'user', content: 'Which lock?' } as const
  const answer = { role: 'assistant', content: 'One per invoice.' } as const
  const options = { tools, telemetry: { integrations: telemetry } }
  await generateText({ ...options, model: model(saying(answer.content)), messages: [first] })
  const parts = [
    { type: 'text' as const, text: 'Like this?' },
    { type: 'file' as const, mediaType: 'image/png', data: new Uint8Array([1]) },
  ]
  await generateText({
    ...options,
    stopWhen: isStepCount(2),
    model: model(write, saying('Yes. Ship it.')),
    messages: [first, answer, { role: 'user', content: parts }],
  })
  expect(await tellMessages(tracker)).toEqual([
    'user: Which lock?',
    'assistant: One per invoice.',
    'user: Like this?\n[file]',
    'assistant: [calls write_file]',
    'assistant: Yes. Ship it.',
  ])
  const { status, updates, entities } = await session.load()
  expect(status).toBe('active')
  expect(updates.map(({ description }) => description)).toEqual(['One per invoice.', 'Yes.'])
  expect(entities.map(({ name }) => name)).toEqual(['src/lock.ts'])
  await tracker.close()
})

test('a stream is a session too; aborted it is cancelled, and a model that fails ends it as failed', async () => {
  const tracker = await makeTracker()
  const integrations = createTelemetry(tracker)
  const chunks = [
    { type: 'text-start' as const, id: '1' },
    { type: 'text-delta' as const, id: '1', delta: 'Hello ' },
    { type: 'text-delta' as const, id: '1', delta: 'Ada' },
    { type: 'text-end' as const, id: '1' },
    { type: 'finish' as const, finishReason: { unified: 'stop' as const, raw: undefined }, usage },
  ]
  const streaming = () =>
    new MockLanguageModelV4({ doStream: async () => ({ stream: simulateReadableStream({ chunks }) }) })
  await streamText({ model: streaming(), prompt: 'Hello?', telemetry: { integrations } }).text
  const controller = new AbortController()
  const aborted = streamText({
    model: streaming(),
    prompt: 'And then?',
    abortSignal: controller.signal,
    telemetry: { integrations },
  })
  for await (const part of aborted.fullStream) if (part.type === 'text-delta') controller.abort()
  const broken = new MockLanguageModelV4({
    doGenerate: async () => {
      throw new Error('no model')
    },
  })
  await expect(
    generateText({ model: broken, prompt: 'Still there?', maxRetries: 0, telemetry: { integrations } }),
  ).rejects.toThrow('no model')
  await integrations.flush()
  expect(await tellAll(tracker)).toMatchObject([
    { status: 'completed' },
    { status: 'cancelled' },
    { status: 'failed' },
  ])
  expect(await tellMessages(tracker)).toEqual([
    'user: Hello?',
    'assistant: Hello Ada',
    'user: And then?',
    'user: Still there?',
  ])
  await tracker.close()
})

test('what the caller hides is not recorded, and files are those that the caller says', async () => {
  const tracker = await makeTracker()
  const files = ({ tool: name }: { tool: string }) =>
    name === 'runTests' ? ['report.html', './report.html'] : []
  isBroken = false
  await generateText({
    model: model(write, calling('runTests'), saying('canary-answer')),
    prompt: PROMPT,
    tools,
    stopWhen: isStepCount(5),
    telemetry: {
      integrations: createTelemetry(tracker, { files }),
      recordInputs: false,
      recordOutputs: false,
    },
  })
  await generateText({
    model: model(write, saying('canary-answer')),
    prompt: PROMPT,
    tools,
    stopWhen: isStepCount(5),
    telemetry: { integrations: createTelemetry(tracker, { files: false, messages: 'off' }) },
  })
  expect(await tellMessages(tracker)).toEqual([])
  expect(await tellAll(tracker)).toMatchObject([
    { status: 'completed', files: ['file report.html'] },
    { status: 'completed', files: [] },
  ])
  await tracker.close()
})

test('events that a durable run tells again are skipped', async () => {
  const tracker = await makeTracker()
  const telemetry = createTelemetry(tracker)
  const durableContext = { phase: 'replay', run: {} }
  const passOn: Telemetry = Object.fromEntries(
    Object.entries(telemetry).map(([name, listen]) => [
      name,
      (event: object) =>
        (listen as (event: object) => unknown)(
          Object.assign(Object.create(Object.getPrototypeOf(event)), event, { durableContext }),
        ),
    ]),
  )
  await generateText({
    model: model(write, saying('Done')),
    prompt: PROMPT,
    tools,
    stopWhen: isStepCount(5),
    telemetry: { integrations: passOn },
  })
  expect(await tellAll(tracker)).toEqual([])
  await tracker.close()
})

test('an integration that is registered twice records once', async () => {
  const tracker = await makeTracker()
  isBroken = true
  const again = calling('runTests')
  await generateText({
    model: model(write, again, again, again, saying('Done')),
    prompt: PROMPT,
    tools,
    stopWhen: isStepCount(9),
    telemetry: { integrations: [createTelemetry(tracker), createTelemetry(tracker)] },
  })
  expect(await tellAll(tracker)).toMatchObject([
    {
      status: 'completed',
      files: ['file src/lock.ts'],
      blockers: [['runTests failed 3 times in a row.', 'open']],
      usage: { inputTokens: 50 },
    },
  ])
  expect(await tellMessages(tracker)).toHaveLength(6)
  await tracker.close()
})

test('a call that a tool makes is a sub-agent’s: it works in the session, under its name', async () => {
  const tracker = await makeTracker()
  const telemetry = createTelemetry(tracker, { agent: 'lead' })
  const integrations = { integrations: telemetry }
  const researcher = new ToolLoopAgent({
    model: model(write, saying('canary-found')),
    tools: { write_file: tools.write_file },
    telemetry: { ...integrations, functionId: 'researcher' },
  })
  const lead = new ToolLoopAgent({
    model: model(calling('research'), calling('summarise'), saying('canary-done')),
    tools: {
      research: tool({
        inputSchema: z.object({}),
        execute: async () => (await researcher.generate({ prompt: 'canary-question' })).text,
      }),
      // It has no name but that of the tool, and is streamed.
      summarise: tool({
        inputSchema: z.object({}),
        execute: async () => {
          const stream = simulateReadableStream({
            chunks: [
              { type: 'stream-start' as const, warnings: [] },
              { type: 'text-start' as const, id: '1' },
              { type: 'text-delta' as const, id: '1', delta: 'canary-short' },
              { type: 'text-end' as const, id: '1' },
              { type: 'finish' as const, finishReason: saying('').finishReason, usage },
            ],
          })
          const streamed = new MockLanguageModelV4({ doStream: { stream } })
          return streamText({ model: streamed, prompt: 'Shorter', telemetry: integrations }).text
        },
      }),
    },
    telemetry: integrations,
  })
  await lead.generate({ prompt: PROMPT })
  await generateText({ model: model(saying('alone')), prompt: 'And now?', telemetry: integrations })
  await telemetry.close()
  expect(await tellAll(tracker)).toMatchObject([
    {
      ...{ agent: 'lead', status: 'completed', usage: { inputTokens: 60 } },
      files: ['agent researcher', 'file src/lock.ts', 'agent summarise'],
    },
    { agent: 'lead', status: 'completed', files: [] },
  ])
  const { messages } = await tracker.messages({ project: 'billing' })
  expect(messages.map(({ role, name = '', content }) => [role, name, content]).reverse()).toEqual([
    ['user', '', PROMPT],
    ['system', 'researcher', 'canary-question'],
    ['assistant', 'researcher', '[calls write_file]'],
    ['assistant', 'researcher', 'canary-found'],
    // The SDK tells of a step when its tools have ended.
    ['assistant', '', '[calls research]'],
    ['system', 'summarise', 'Shorter'],
    ['assistant', 'summarise', 'canary-short'],
    ['assistant', '', '[calls summarise]'],
    ['assistant', '', 'canary-done'],
    ['user', '', 'And now?'],
    ['assistant', '', 'alone'],
  ])
  expect(await tellSent(tracker)).not.toContain('canary')
  await tracker.close()
})
