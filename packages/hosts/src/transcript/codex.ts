import { type Payload, textOf } from '../hook/host.ts'
import type { LineUsage } from '../hook/line.ts'
import { objectOf } from '../hook/tool.ts'
import {
  isObject,
  type LineUsageNames,
  listObjects,
  type Teller,
  type Told,
  textOfParts,
  timeOf,
  usageIn,
  usageSince,
} from './told.ts'

/** The transcript of a thread of Codex: a session, or one of its sub-agents. */
export type CodexSource = Readonly<{ session: string; thread: string; agent?: string }>

const TOKENS: LineUsageNames = {
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cacheReadTokens: 'cached_input_tokens',
  cacheWriteTokens: 'cache_write_input_tokens',
}
const CALLS_MAX = 1_000
const FAILED = /^Process exited with code (?!0$)\d+$/m

/** The command of `["/bin/bash", "-lc", "…"]`, or of a text. */
const commandOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  const words = Array.isArray(value) ? value.filter(each => typeof each === 'string') : []
  return words.length === 3 && /^-l?c$/.test(words[1] ?? '') ? (words[2] ?? '') : words.join(' ')
}

/** A patch that names the files and holds nothing of them. */
const patchOf = (changes: Payload): string =>
  ['*** Begin Patch', ...Object.keys(changes).map(path => `*** Update File: ${path}`)].join('\n')

type Tool = Readonly<{ name: string; input: unknown }>

/** A call as the hook names it. */
const toolOf = (name: string, namespace: string | undefined, input: Payload | string): Tool => {
  if (typeof input === 'string') return { name, input: { command: input } }
  const command = commandOf(input.cmd ?? input.command)
  if (/^(?:exec_command|shell|shell_command|local_shell)$/.test(name))
    return { name: 'Bash', input: { command } }
  if (name === 'update_plan')
    return {
      name,
      input: { todos: listObjects(input.plan).map(each => ({ content: each.step, status: each.status })) },
    }
  return { name: namespace?.startsWith('mcp__') === true ? `${namespace}__${name}` : name, input }
}

/** Items of a turn, and events of older versions, that tell of a tool: what the hook would send of it. */
const toolItem = (kind: string, item: Payload): Payload | undefined => {
  if (/^(?:CommandExecution|exec_command_end)$/.test(kind)) {
    const code = item.exit_code
    const output = textOf(item, 'aggregated_output', 'stdout') ?? ''
    return {
      ...{ tool_name: 'Bash', tool_input: { command: commandOf(item.command) }, tool_response: output },
      ...(typeof code === 'number' && code !== 0 ? { error: `Exit code ${code}` } : {}),
    }
  }
  if (/^(?:FileChange|patch_apply_end)$/.test(kind) && isObject(item.changes)) {
    const isDone = item.success === true || item.status === 'completed'
    return {
      ...{ tool_name: 'apply_patch', tool_input: { command: patchOf(item.changes) }, tool_response: '' },
      ...(isDone ? {} : { error: textOf(item, 'stderr') ?? 'failed' }),
    }
  }
  return undefined
}

/** Tells what the hooks of Codex would have sent. */
export const codexTeller = ({ session, thread, agent }: CodexSource): Teller =>
  function* (rows) {
    const calls = new Map<string, Tool>()
    let answer: string | undefined
    let model: string | undefined
    let cwd: string | undefined
    let isBegun = false
    let prompted: string | undefined
    let end: Told | undefined
    /** Tokens of the session so far, and those of the turns that are counted. */
    let [total, counted]: (LineUsage | undefined)[] = []
    let last: readonly [place: number, at: number] | undefined

    const tell = (place: number, at: number, event: string, more: Payload): Told => ({
      id: `import/${thread}/${place}`,
      at,
      payload: {
        ...{ session_id: session, hook_event_name: event },
        ...(cwd === undefined ? {} : { cwd }),
        ...(agent === undefined ? {} : { agent_id: agent }),
        ...more,
      },
    })
    function* endTurn(place: number, at: number, event: string, text = answer): Generator<Told> {
      prompted = undefined
      // The answer of a sub-agent comes with its end.
      if (agent !== undefined) return
      answer = undefined
      const usage = total === undefined || event !== 'Stop' ? undefined : usageSince(total, counted)
      if (usage !== undefined) counted = total
      yield {
        ...tell(place, at, event, {
          ...(text === undefined || event !== 'Stop' ? {} : { last_assistant_message: text }),
          ...(model === undefined ? {} : { model }),
        }),
        ...(usage === undefined ? {} : { usage }),
      }
    }
    function* prompt(place: number, at: number, text: string): Generator<Told> {
      // Some versions tell of a prompt by an item and by an event.
      if (text.trim() === '' || text === prompted) return
      if (answer !== undefined) yield* endTurn(place, at, 'Stop')
      prompted = text
      yield tell(place, at, 'UserPromptSubmit', { prompt: text })
    }

    for (const { place, value: row } of rows) {
      const at = row === undefined ? undefined : timeOf(row)
      if (row === undefined || at === undefined || !isObject(row.payload)) continue
      const { payload } = row
      last = [place, at]
      if (row.type === 'session_meta' || row.type === 'turn_context') {
        cwd ??= textOf(payload, 'cwd')
        model = textOf(payload, 'model') ?? model
        if (row.type === 'turn_context' || isBegun) continue
        isBegun = true
        yield tell(place, at, agent === undefined ? 'SessionStart' : 'SubagentStart', {})
        continue
      }
      const inner = payload.type === 'item_completed' && isObject(payload.item) ? payload.item : payload
      const kind = textOf(inner, 'type') ?? ''
      if (row.type === 'event_msg') {
        const done = toolItem(kind, inner)
        const id = textOf(inner, 'id', 'call_id')
        if (done !== undefined)
          yield tell(place, at, 'PostToolUse', { ...done, ...(id === undefined ? {} : { tool_use_id: id }) })
        else if (kind === 'UserMessage') yield* prompt(place, at, textOfParts(inner.content))
        else if (kind === 'user_message') yield* prompt(place, at, textOf(inner, 'message') ?? '')
        else if (kind === 'AgentMessage') answer = textOfParts(inner.content)
        else if (kind === 'agent_message') answer = textOf(inner, 'message')
        else if (kind === 'task_complete')
          yield* endTurn(place, at, 'Stop', textOf(inner, 'last_agent_message') ?? answer)
        else if (kind === 'token_count' && isObject(inner.info))
          total = usageIn(inner.info.total_token_usage, TOKENS) ?? total
        else if (kind === 'turn_aborted') yield* endTurn(place, at, 'Interrupt')
      } else if (row.type === 'response_item') {
        const id = textOf(inner, 'call_id') ?? ''
        const name = textOf(inner, 'name')
        if (/^(?:custom_tool|function|local_shell)_call$/.test(kind) && name !== undefined) {
          const input =
            kind === 'custom_tool_call' ? (textOf(inner, 'input') ?? '') : objectOf(inner.arguments)
          answer = undefined
          calls.set(id, toolOf(name, textOf(inner, 'namespace'), input))
          const [oldest] = calls.size > CALLS_MAX ? calls.keys() : []
          if (oldest !== undefined) calls.delete(oldest)
        }
        const call = /_call_output$/.test(kind) ? calls.get(id) : undefined
        if (call !== undefined) {
          calls.delete(id)
          const output = textOf(inner, 'output') ?? textOf(objectOf(inner.output), 'content', 'output') ?? ''
          const failed = FAILED.exec(output)?.[0]
          // A tool that has an item of its own is known by its id, and this row adds nothing.
          yield tell(place, at, 'PostToolUse', {
            ...{ tool_name: call.name, tool_input: call.input, tool_response: output, tool_use_id: id },
            ...(failed === undefined ? {} : { error: failed }),
          })
        }
      }
      if (agent !== undefined)
        end = tell(place, at, 'SubagentStop', {
          ...(answer === undefined ? {} : { last_assistant_message: answer }),
        })
    }
    // Older versions do not tell of the end of a turn.
    if (answer !== undefined && last !== undefined) yield* endTurn(...last, 'Stop')
    if (end !== undefined) yield { ...end, id: `${end.id}/end` }
  }
