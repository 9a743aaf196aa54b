import type { RunHookEvents } from '@openai/agents'
import { readText } from './text.ts'

/** The outputs by which the SDK reports a tool that threw or took too long. */
export const hasFailed = (_tool: string, output: string): boolean =>
  /^(?:An error occurred while running the tool\.|Tool '.{1,200}' timed out after )/.test(output)

/** The part that is read of a run's context: its class differs with the types of a program, as those of agents and tools do. */
export type Context = Readonly<{ usage: RunHookEvents['agent_start'][0]['usage'] }>
/** The part that is read of an agent or a tool. */
export type Named = Readonly<{ name: string; model?: unknown }>
/** An item of a conversation. */
export type Item = NonNullable<RunHookEvents['agent_start'][2]>[number]
/** Details of a tool call. */
export type Details = RunHookEvents['agent_tool_end'][4]
const isPrompt = (item: Item): boolean => 'role' in item && item.role === 'user'
/** The prompts since the model's last turn; earlier ones are the history. */
export const listPrompts = (items: readonly Item[]): readonly string[] =>
  items
    .slice(items.findLastIndex(item => !isPrompt(item)) + 1)
    .map(item => readText('content' in item ? item.content : undefined))

/** JSON as data, and other text as it is. */
export const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
/** The input of a tool call. */
export const inputOf = ({ toolCall: call }: Details): unknown =>
  'operation' in call ? call.operation : 'arguments' in call ? parse(String(call.arguments)) : undefined

/** Tokens of a context so far. */
export const countTokens = ({ usage }: Context) => ({
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  cacheReadTokens: (usage.inputTokensDetails ?? []).reduce((sum, each) => sum + (each.cached_tokens ?? 0), 0),
})
/** Tokens of a context that is new. */
export const NOTHING = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0 }
