/**
 * Records the runs of the OpenAI Agents SDK as sessions: listeners of a runner.
 * @module openai-agents
 */
import type { Runner } from '@openai/agents'
import {
  type Context,
  countTokens,
  type Details,
  hasFailed,
  type Item,
  inputOf,
  listPrompts,
  type Named,
  NOTHING,
  parse,
} from './openai-events.ts'
import { listenToSubAgents, type SubAgent } from './openai-sub-agents.ts'
import type { Recording, RecordOptions, Target } from './options.ts'
import { createRecorder } from './recorder.ts'
import type { Work } from './work.ts'

export type { SubAgent } from './openai-sub-agents.ts'
export type { Recording, RecordOptions, SessionStarter, Target, ToolUse } from './options.ts'

/** Options of `recordRuns`. */
export type RunOptions = RecordOptions &
  Readonly<{
    /**
     * Whether a tool failed, by the output that the model gets: the runner does not say it otherwise. Default: the SDK's own texts
     * for a tool that threw or timed out, so that a tool with an `errorFunction` needs this.
     */
    isFailed?: ((tool: string, output: string) => boolean) | undefined
    /**
     * Agents that are tools of others (`asTool`): their work is recorded in the session that they work for, under their names. The
     * runner tells nothing of it, so name them here. Default: none, and only the call of the tool is seen.
     */
    subAgents?: readonly SubAgent[] | undefined
  }>

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
  const { isFailed = hasFailed, subAgents = [] } = options
  const { open, find, end, guard, flush, close } = createRecorder(to, options)
  // Its usage tells a run from others: sub-agents may have a context of their own, which shares it.
  /** Tokens before a run: a context that the caller made may have served others. */
  const before = new WeakMap<Context['usage'], typeof NOTHING>()
  /** Items and tool calls that the runner reported: their agent reports them too. */
  const reported = new WeakSet<object>()
  const workOf = ({ usage }: Context, agent: string) => open(usage, { framework: 'openai-agents', agent })
  const recordTool = (work: Work, { name: tool }: Named, result: string, details: Details) => {
    const [text, input] = [String(result), inputOf(details)]
    work.record({ tool, input, output: parse(text), isFailed: isFailed(tool, text) })
  }
  const onStart = guard((context: Context, agent: Named, items: Item[] = []) => {
    reported.add(items)
    const isNew = !before.has(context.usage)
    const work = workOf(context, agent.name)
    if (!isNew) return work
    before.set(context.usage, countTokens(context))
    for (const content of listPrompts(items)) work.say({ role: 'user', content })
    return work
  })
  const onHandoff = guard((context: Context, from: Named, next: Named) => {
    const work = workOf(context, from.name)
    work.say({ role: 'system', content: `Handoff from ${from.name} to ${next.name}.` })
    return work
  })
  const onTool = guard((context: Context, agent: Named, tool: Named, result: string, details: Details) => {
    reported.add(details.toolCall)
    const work = workOf(context, agent.name)
    recordTool(work, tool, result, details)
    return work
  })
  const onEnd = guard((context: Context, agent: Named, output: string) => {
    const start = before.get(context.usage) ?? NOTHING
    const now = countTokens(context)
    before.delete(context.usage)
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
    return end(context.usage, { end: options.end ?? 'completed' })
  })
  runner.on('agent_start', onStart)
  runner.on('agent_handoff', onHandoff)
  runner.on('agent_tool_end', onTool)
  runner.on('agent_end', onEnd)
  const isOwn = (each: object) => reported.has(each)
  const stop = listenToSubAgents(subAgents, { find, guard, isOwn, record: recordTool })
  return {
    flush,
    close: async () => {
      stop()
      runner.off('agent_start', onStart)
      runner.off('agent_handoff', onHandoff)
      runner.off('agent_tool_end', onTool)
      runner.off('agent_end', onEnd)
      await close()
    },
  }
}
