/**
 * Records the runs of the AI SDK as sessions: an integration for its telemetry.
 * @module ai-sdk
 */
import type { Telemetry } from 'ai'
import type { Recording, RecordOptions, Target } from './options.ts'
import { createRecorder } from './recorder.ts'
import { createScope } from './scope.ts'
import { readText } from './text.ts'
import type { Counts, Work } from './work.ts'

export type { Recording, RecordOptions, SessionStarter, Target, ToolUse } from './options.ts'

/** Operations in which an agent works; embeddings, images and speech are left out. */
const OPERATIONS: ReadonlySet<string> = new Set(['ai.generateText', 'ai.streamText'])

type Durable = Readonly<{ durableContext?: Readonly<{ phase?: string }> }>
type Event<K extends keyof Telemetry> =
  NonNullable<Telemetry[K]> extends (event: infer E) => unknown ? E : never

/** A durable run repeats its events when it goes on in another process. */
const isReplay = (event: unknown): boolean => (event as Durable).durableContext?.phase === 'replay'

/** The prompts that no model has answered yet: earlier ones are the history, which comes with every call. */
const listPrompts = (messages: readonly Readonly<{ role: string; content: unknown }>[]): readonly string[] =>
  messages
    .slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1)
    .filter(({ role }) => role === 'user')
    .map(({ content }) => readText(content))

type Tokens = Event<'onStepEnd'>['usage'] | undefined
const usageOf = (usage: Tokens): Counts => ({
  inputTokens: usage?.inputTokens,
  outputTokens: usage?.outputTokens,
  cacheReadTokens: usage?.inputTokenDetails?.cacheReadTokens,
  cacheWriteTokens: usage?.inputTokenDetails?.cacheWriteTokens,
})

/** Most ids of calls that are remembered. */
const CALLS_MAX = 10_000
/** Makes the keys of tool calls. Some providers give each step the same ids: the second call of an id is another call. */
const createCallKeys = () => {
  const times = new Map<string, number>()
  return (key: string): string => {
    if (times.size >= CALLS_MAX) times.clear()
    const time = (times.get(key) ?? 0) + 1
    times.set(key, time)
    return time === 1 ? key : `${key}/${time}`
  }
}

/** Most steps under way that are remembered: a stream that is not read to its end leaves one. */
const STEPS_MAX = 10_000
/** Knows which calls are within a step: a call that ends there has failed, and a stream reports that in no other way. */
const createSteps = () => {
  const open = new Set<string>()
  return {
    begin: (callId: string): void => {
      if (open.size >= STEPS_MAX) open.clear()
      open.add(callId)
    },
    /** Whether one was under way. */
    end: (callId: string): boolean => open.delete(callId),
  }
}

/** Whether it is the error of a call that its caller aborts without a reason of its own. */
const isAbort = (error: unknown): boolean => (error as { name?: unknown } | undefined)?.name === 'AbortError'

/**
 * Makes an integration for `registerTelemetry`, or for `telemetry: { integrations }` of one call. With a tracker each call of
 * `generateText` or `streamText` (an agent makes one) becomes a session; with a session everything is recorded on that one.
 * Prompts and the text of each step become messages, which stay in the store; files that tools wrote become entities; a tool
 * that fails three times in a row becomes a blocker. A call that a tool makes is a sub-agent's: its work is recorded in the
 * session of the call that the tool works for, under its name. Calls with `recordInputs` or `recordOutputs` set to false keep that to
 * themselves. Nothing that goes wrong here reaches the call.
 */
export const createTelemetry = (to: Target, options: RecordOptions = {}): Telemetry & Recording => {
  const { open, find, nest, nameOf, end, guard, flush, close } = createRecorder(to, options)
  const keyOf = createCallKeys()
  const steps = createSteps()
  const scope = createScope<Readonly<{ callId: string; tool: string }>>()
  const nameIn = (id: unknown) => {
    const name = nameOf(id)
    return name === undefined ? {} : { name }
  }
  const live = <E>(listen: (event: E) => Work | undefined) =>
    guard((event: E) => (isReplay(event) ? undefined : listen(event)))
  return {
    onStart: live((event: Event<'onStart'>) => {
      if (!OPERATIONS.has(event.operationId)) return undefined
      const { callId: key, functionId: agent } = event
      const outer = scope.get()
      const inner = outer && nest(key, outer.callId, agent ?? outer.tool)
      const work = inner ?? open(key, { framework: 'ai-sdk', key, agent })
      const role = inner === undefined ? 'user' : 'system'
      const messages = 'messages' in event && Array.isArray(event.messages) ? event.messages : []
      for (const [n, content] of listPrompts(messages).entries())
        work.say({ role, content, key: `${key}/prompt/${n}`, ...nameIn(key) })
      return work
    }),
    onStepStart: live(({ callId }: Event<'onStepStart'>) => {
      if (find(callId) !== undefined) steps.begin(callId)
      return undefined
    }),
    onStepEnd: live(({ callId, stepNumber, text, toolCalls, model, usage }: Event<'onStepEnd'>) => {
      steps.end(callId)
      const work = find(callId)
      const called = toolCalls.map(({ toolName }) => toolName).join(', ')
      work?.say({
        role: 'assistant',
        content: text.trim() === '' && called !== '' ? `[calls ${called}]` : text,
        key: `${callId}/step/${stepNumber}`,
        model: model?.modelId,
        usage: usageOf(usage),
        isStep: toolCalls.length > 0,
        ...nameIn(callId),
      })
      return work
    }),
    onToolExecutionEnd: live(({ callId, toolCall, toolOutput }: Event<'onToolExecutionEnd'>) => {
      const work = find(callId)
      work?.record({
        tool: toolCall.toolName,
        input: toolCall.input,
        output: toolOutput.type === 'tool-error' ? undefined : toolOutput.output,
        isFailed: toolOutput.type === 'tool-error',
        key: keyOf(`${callId}/tool/${toolCall.toolCallId}`),
      })
      return work
    }),
    executeTool: ({ callId, toolCall, execute }) =>
      scope.run({ callId, tool: toolCall?.toolName ?? 'sub-agent' }, execute),
    onEnd: live((event: Event<'onEnd'>) => {
      // A stream whose model breaks off ends with an error, or within the step that the model refused.
      const isBroken = steps.end(event.callId) || ('finishReason' in event && event.finishReason === 'error')
      return end(event.callId, { end: isBroken ? 'failed' : (options.end ?? 'completed'), key: 'end' })
    }),
    onAbort: live(({ callId }: Event<'onAbort'>) => {
      steps.end(callId)
      return end(callId, { end: 'cancelled', key: 'end' })
    }),
    onError: live((event: unknown) => {
      const { callId, error } = event as Readonly<{ callId: string; error?: unknown }>
      steps.end(callId)
      return end(callId, { end: isAbort(error) ? 'cancelled' : 'failed', key: 'end' })
    }),
    flush,
    close,
  }
}
