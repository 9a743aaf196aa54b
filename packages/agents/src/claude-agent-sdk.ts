/**
 * Records the sessions of the Claude Agent SDK: callbacks for its hooks.
 * @module claude-agent-sdk
 */
import type { HookCallbackMatcher, HookInput, SDKResultMessage } from '@anthropic-ai/claude-agent-sdk'
import { claimSession, releaseSession } from './captured.ts'
import { createSubAgents } from './claude-sub-agents.ts'
import type { Recording, RecordOptions, Target } from './options.ts'
import { createRecorder } from './recorder.ts'
import type { Ended, Work } from './work.ts'

export type { Recording, RecordOptions, SessionStarter, Target, ToolUse } from './options.ts'

/** The hooks and their recording. */
export type HookRecording = Recording &
  Readonly<{
    /** For `query({ options: { hooks } })`; a new object, to which hooks of your own may be added. */
    hooks: { [E in keyof Listeners]: HookCallbackMatcher[] }
    /** Ends the session of a result as `completed` (option `end`), `failed` or `cancelled`, with its tokens. Its next prompt resumes it. */
    end(result: Result): Promise<void>
  }>

/** The part of a result that is read. */
type Result = Pick<SDKResultMessage, 'session_id' | 'subtype' | 'usage'> &
  Partial<Pick<SDKResultMessage, 'is_error' | 'terminal_reason'>>

type Input<E extends HookInput['hook_event_name']> = Extract<HookInput, { hook_event_name: E }>
type Listeners = { readonly [E in (typeof EVENTS)[number]]: (input: Input<E>) => Work | undefined }

/**
 * The hooks that are listened to; none of them can hold a tool back. Claude Code 2.1.332 calls no callback for SessionStart and
 * SessionEnd, so the end is known from a result.
 */
const EVENTS = [
  ...(['UserPromptSubmit', 'PostToolUse', 'PostToolUseFailure', 'PostToolBatch'] as const),
  ...(['SubagentStart', 'SubagentStop', 'Stop'] as const),
] as const
/** The answer of a call that was refused before it ran; only a batch has it. */
const REFUSED = /^<tool_use_error>/
/** Most calls that are remembered, so that those of a batch are not counted again. */
const SEEN_MAX = 1_000

/** How a query ended. The SDK calls it a success too where the API refused: `is_error` alone tells that. */
const endOf = (
  { subtype, is_error, terminal_reason = 'completed' }: Result,
  well: Ended['end'],
): Ended['end'] => {
  if (String(terminal_reason).startsWith('aborted_')) return 'cancelled'
  return subtype === 'success' && is_error !== true ? well : 'failed'
}

/**
 * Makes the hooks of `query`. With a tracker each session of the SDK becomes a session, which goes on when the SDK resumes it;
 * with a session everything is recorded on that one. Prompts and the last answer of a turn become messages, which stay in the
 * store; files that tools wrote become entities; a tool that fails three times in a row becomes a blocker. Work of sub-agents
 * is recorded in the session, their answers under their names. Pass the result of the query to `end`: no hook reports the end. The hooks answer nothing, and nothing that goes wrong here reaches the query.
 */
export const createHooks = (to: Target, options: RecordOptions = {}): HookRecording => {
  const { open, find, end, guard, flush, close } = createRecorder(to, options)
  const seen = new Set<string>()
  const remember = (id: string) => {
    if (seen.size >= SEEN_MAX) seen.clear()
    seen.add(id)
  }
  const workOf = ({ session_id: key, cwd: workspace }: HookInput) => {
    const isKnown = find(key) !== undefined
    if (!isKnown) claimSession('claude', key)
    const work = open(key, { framework: 'claude-agent-sdk', agent: 'Claude', key, workspace })
    // It may have ended before, in another process too; a session that is active records nothing.
    if (!isKnown) work.resume('Claude goes on')
    return work
  }
  const onTool = (isFailed: boolean) => (input: Input<'PostToolUse'> | Input<'PostToolUseFailure'>) => {
    const { tool_name: tool, tool_input, tool_use_id: id, cwd: workspace } = input
    const [work, output] = [workOf(input), 'tool_response' in input ? input.tool_response : undefined]
    remember(id)
    work.record({ tool, input: tool_input, output, isFailed, workspace, key: `tool/${id}` })
    return work
  }
  const listeners: Listeners = {
    UserPromptSubmit: input => {
      // The SDK reports the end of a task in the background as a prompt.
      if (input.prompt.startsWith('<task-notification>')) return undefined
      const work = workOf(input)
      work.say({ role: 'user', content: input.prompt })
      return work
    },
    PostToolUse: onTool(false),
    PostToolUseFailure: onTool(true),
    PostToolBatch: input => {
      const work = workOf(input)
      for (const { tool_name: tool, tool_input, tool_use_id: id, tool_response: answer } of input.tool_calls)
        if (!seen.has(id) && REFUSED.test(String(answer))) {
          remember(id)
          work.record({ tool, input: tool_input, isFailed: true, key: `tool/${id}` })
        }
      return work
    },
    ...createSubAgents(workOf),
    Stop: input => {
      const work = workOf(input)
      work.say({ role: 'assistant', content: input.last_assistant_message })
      return work
    },
  }
  const hookOf = (listen: (input: never) => Work | undefined): HookCallbackMatcher[] => {
    const listening = guard(listen as (input: HookInput) => Work | undefined)
    return [{ hooks: [input => listening(input).then(() => ({}))] }]
  }
  const hooks = Object.fromEntries(EVENTS.map(event => [event, hookOf(listeners[event])]))
  return {
    hooks: hooks as HookRecording['hooks'],
    end: guard((result: Result) => {
      const { session_id: id, usage } = result
      releaseSession('claude', id)
      return end(id, {
        end: endOf(result, options.end ?? 'completed'),
        usage: {
          inputTokens: usage.input_tokens,
          outputTokens: usage.output_tokens,
          cacheReadTokens: usage.cache_read_input_tokens,
          cacheWriteTokens: usage.cache_creation_input_tokens,
        },
      })
    }),
    flush,
    close,
  }
}
