/**
 * Records the runs of the OpenAI Agents SDK as sessions: listeners of a runner.
 * @module openai-agents
 */
import type { RunHookEvents, Runner } from '@openai/agents'
import type { Recording, RecordOptions, Target } from './options.ts'
import { createRecorder } from './recorder.ts'
import { readText } from './text.ts'

export type { Recording, RecordOptions, SessionStarter, Target, ToolUse } from './options.ts'

/** Options of `recordRuns`. */
export type RunOptions = RecordOptions &
  Readonly<{
    /**
     * Whether a tool failed, by the output that the model gets: the runner does not say it otherwise. Default: the SDK's own texts
     * for a tool that threw or timed out, so that a tool with an `errorFunction` needs this.
     */
    isFailed?: ((tool: string, output: string) => boolean) | undefined
  }>

/** The outputs by which the SDK reports a tool that threw or took too long. */
const hasFailed = (_tool: string, output: string): boolean =>
  /^(?:An error occurred while running the tool\.|Tool '.{1,200}' timed out after )/.test(output)

/** The parts that are read of a run's context, of an agent and of a tool: their classes differ with the types of a program. */
type Context = Readonly<{ usage: RunHookEvents['agent_start'][0]['usage'] }>
type Named = Readonly<{ name: string; model?: unknown }>
type Item = NonNullable<RunHookEvents['agent_start'][2]>[number]
type Details = RunHookEvents['agent_tool_end'][4]
const isPrompt = (item: Item): boolean => 'role' in item && item.role === 'user'
/** The prompts since the model's last turn; earlier ones are the history. */
const listPrompts = (items: readonly Item[]): readonly string[] =>
  items
    .slice(items.findLastIndex(item => !isPrompt(item)) + 1)
    .map(item => readText('content' in item ? item.content : undefined))

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
const inputOf = ({ toolCall: call }: Details): unknown =>
  'operation' in call ? call.operation : 'arguments' in call ? parse(String(call.arguments)) : undefined

const countTokens = ({ usage }: Context) => ({
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  cacheReadTokens: usage.inputTokensDetails.reduce((sum, each) => sum + (each.cached_tokens ?? 0), 0),
})
const NOTHING = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0 }

/**
 * Listens to a runner. With a tracker each run becomes a session; with a session everything is recorded on that one. Prompts,
 * handoffs and the final answer become messages, which stay in the store; files that tools wrote become entities; a tool that
 * fails three times in a row becomes a blocker. The SDK does not report a run that throws: its session stays open until
 * `close`. Nothing that goes wrong here reaches the runner. `close` also stops listening.
 */
export const recordRuns = (
  runner: Pick<Runner, 'on' | 'off'>,
  to: Target,
  options: RunOptions = {},
): Recording => {
  const { isFailed = hasFailed } = options
  const { open, end, guard, flush, close } = createRecorder(to, options)
  /** Tokens before a run: a context that the caller made may have served others. */
  const before = new WeakMap<Context, typeof NOTHING>()
  const workOf = (context: Context, agent: string) => open(context, { framework: 'openai-agents', agent })
  const onStart = guard((context: Context, agent: Named, items: Item[] = []) => {
    const isNew = !before.has(context)
    const work = workOf(context, agent.name)
    if (!isNew) return work
    before.set(context, countTokens(context))
    for (const content of listPrompts(items)) work.say({ role: 'user', content })
    return work
  })
  const onHandoff = guard((context: Context, from: Named, next: Named) => {
    const work = workOf(context, from.name)
    work.say({ role: 'system', content: `Handoff from ${from.name} to ${next.name}.` })
    return work
  })
  const onTool = guard((context: Context, agent: Named, tool: Named, result: string, details: Details) => {
    const work = workOf(context, agent.name)
    const failed = isFailed(tool.name, String(result))
    work.record({ tool: tool.name, input: inputOf(details), output: parse(String(result)), isFailed: failed })
    return work
  })
  const onEnd = guard((context: Context, agent: Named, output: string) => {
    const start = before.get(context) ?? NOTHING
    const now = countTokens(context)
    before.delete(context)
    workOf(context, agent.name).say({
      role: 'assistant',
      content: output,
      model: typeof agent.model === 'string' ? agent.model : undefined,
      usage: {
        inputTokens: now.inputTokens - start.inputTokens,
        outputTokens: now.outputTokens - start.outputTokens,
        cacheReadTokens: now.cacheReadTokens - start.cacheReadTokens,
      },
    })
    return end(context, { end: options.end ?? 'completed' })
  })
  runner.on('agent_start', onStart)
  runner.on('agent_handoff', onHandoff)
  runner.on('agent_tool_end', onTool)
  runner.on('agent_end', onEnd)
  return {
    flush,
    close: async () => {
      runner.off('agent_start', onStart)
      runner.off('agent_handoff', onHandoff)
      runner.off('agent_tool_end', onTool)
      runner.off('agent_end', onEnd)
      await close()
    },
  }
}
