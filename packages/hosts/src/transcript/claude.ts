import { type Payload, textOf } from '../hook/host.ts'
import type { LineUsage } from '../hook/line.ts'
import {
  isObject,
  type LineUsageNames,
  listObjects,
  sumUsage,
  type Teller,
  type Told,
  textOfParts,
  timeOf,
  usageIn,
} from './told.ts'

/** The transcript of a session of Claude Code, or of one of its sub-agents. */
export type ClaudeSource = Readonly<{
  session: string
  agent?: Readonly<{ id: string; type?: string }>
  /** Rows that another session's transcript holds: a fork begins with a copy of them. */
  copied: ReadonlySet<string>
}>

/** Calls whose answers are waited for at most; one that never came is forgotten. */
const CALLS_MAX = 1_000

/** Texts that Claude Code writes into a transcript as the user's, and that no hook sends. */
const NOT_A_PROMPT = /^\s*(?:<(?:command-|local-command-|bash-|user-memory-)|\[Request interrupted)/

const TOKENS: LineUsageNames = {
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cacheReadTokens: 'cache_read_input_tokens',
  cacheWriteTokens: 'cache_creation_input_tokens',
}

type Call = Readonly<{ name: string; input: unknown }>
type Text = Readonly<{ message: string; text: string; at: number; id: string; model?: string }>

/** Rows that are not a part of the conversation as it was. */
const isAside = (row: Payload): boolean =>
  row.isMeta === true || row.isCompactSummary === true || row.isVisibleInTranscriptOnly === true

/** Tells what the hooks of Claude Code would have sent. */
export const claudeTeller = ({ session, agent, copied }: ClaudeSource): Teller =>
  function* (rows) {
    const calls = new Map<string, Call>()
    /** Tokens of the turn by message: each part of a message is a row that has them. */
    const used = new Map<string, LineUsage>()
    let last: Text | undefined
    let end: Told | undefined
    let isBegun = false

    const tell = (id: string, at: number, event: string, more: Payload, row?: Payload): Told => ({
      id: `import/${id}`,
      at,
      payload: {
        ...{ session_id: session, hook_event_name: event },
        ...(row?.cwd === undefined ? {} : { cwd: row.cwd }),
        ...(agent === undefined ? {} : { agent_id: agent.id }),
        ...(agent?.type === undefined ? {} : { agent_type: agent.type }),
        ...more,
      },
    })
    /** The text that nothing followed is the answer of the turn. */
    function* endTurn(): Generator<Told> {
      if (last === undefined) return
      const { id, at, text, model } = last
      last = undefined
      const usage = sumUsage(used.values())
      used.clear()
      if (agent === undefined)
        yield {
          ...tell(`${id}/answer`, at, 'Stop', {
            last_assistant_message: text,
            ...(model === undefined ? {} : { model }),
          }),
          ...(usage === undefined ? {} : { usage }),
        }
    }
    const answerOf = (row: Payload, part: Payload, isOnly: boolean): Payload => {
      const text = textOfParts(part.content)
      if (part.is_error === true) return { error: text === '' ? 'failed' : text }
      return { tool_response: isOnly && row.toolUseResult !== undefined ? row.toolUseResult : text }
    }

    for (const { value: row } of rows) {
      const at = row === undefined ? undefined : timeOf(row)
      const uuid = row === undefined ? undefined : textOf(row, 'uuid')
      if (row === undefined || at === undefined || uuid === undefined) continue
      if (copied.has(uuid) || isAside(row)) continue
      const message = isObject(row.message) ? row.message : {}
      if (row.type !== 'user' && row.type !== 'assistant') continue
      if (!isBegun) {
        isBegun = true
        yield tell(`${uuid}/start`, at, agent === undefined ? 'SessionStart' : 'SubagentStart', {}, row)
      }
      if (row.type === 'user') {
        const answers = listObjects(message.content).filter(({ type }) => type === 'tool_result')
        for (const [place, part] of answers.entries()) {
          const id = textOf(part, 'tool_use_id') ?? ''
          const call = calls.get(id)
          if (call === undefined) continue
          calls.delete(id)
          yield tell(
            `${uuid}/${place}`,
            at,
            part.is_error === true ? 'PostToolUseFailure' : 'PostToolUse',
            {
              ...{ tool_name: call.name, tool_input: call.input, tool_use_id: id },
              ...answerOf(row, part, answers.length === 1),
            },
            row,
          )
        }
        const text = textOfParts(message.content)
        if (answers.length === 0 && agent === undefined && text.trim() !== '' && !NOT_A_PROMPT.test(text)) {
          yield* endTurn()
          yield tell(uuid, at, 'UserPromptSubmit', { prompt: text }, row)
        }
      } else if (row.isApiErrorMessage === true) {
        yield tell(uuid, at, 'StopFailure', { error: textOfParts(message.content) }, row)
      } else {
        const parts = listObjects(message.content)
        const text = textOfParts(parts)
        const id = textOf(message, 'id') ?? uuid
        const model = textOf(message, 'model')
        const usage = usageIn(message.usage, TOKENS)
        if (usage !== undefined) used.set(id, usage)
        if (text.trim() !== '')
          last = {
            message: id,
            // Each part of a message is a row of its own.
            text: last?.message === id ? `${last.text}\n${text}` : text,
            ...{ at, id: uuid },
            ...(model === undefined ? {} : { model }),
          }
        for (const part of parts) {
          const [call, name] = [textOf(part, 'id'), textOf(part, 'name')]
          if (part.type !== 'tool_use' || call === undefined || name === undefined) continue
          last = undefined
          calls.set(call, { name, input: part.input })
          const [oldest] = calls.size > CALLS_MAX ? calls.keys() : []
          if (oldest !== undefined) calls.delete(oldest)
        }
      }
      if (agent !== undefined)
        end = tell(`${uuid}/end`, at, 'SubagentStop', {
          ...(last === undefined ? {} : { last_assistant_message: last.text }),
        })
    }
    yield* endTurn()
    if (end !== undefined) yield end
  }
