import { type Environment, hostOf, type Payload, textOf, workspaceOf } from './host.ts'
import type { HostName, Line, ToolCall } from './line.ts'
import { ANSWER_BYTES, type Keep, NAME_BYTES, TEXT_BYTES } from './text.ts'
import { objectOf, taskOf, toolOf } from './tool.ts'

/** The surroundings that a line needs in addition to the payload. */
export type Surroundings = Readonly<{
  /** The host the command was registered for. */
  hint: string | undefined
  /** The event, where the host's payload does not name it. */
  event: string | undefined
  env: Environment
  /** The working directory of the hook. */
  cwd: string
  /** Epoch ms. */
  now: number
  /** A new id. */
  id: string
  keep: Keep
}>

/** Characters that a file's name may have; a session id of others is not a host's. */
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/
const BATCH_MAX = 100

/**
 * The session as its host's root: a host that gives a sub-agent a session id of its own names the root as its parent.
 */
const sessionOf = (
  payload: Payload,
): Readonly<{ session: string | undefined; agent: string | undefined }> => {
  const agent = textOf(payload, 'agent_id', 'agentId')
  const session = textOf(payload, 'session_id', 'sessionId', 'conversation_id')
  const parent = textOf(payload, 'parent_agent_id', 'parentAgentId')
  return { session: session !== undefined && session === agent ? (parent ?? session) : session, agent }
}

const toolsOf = (payload: Payload, keep: Keep): readonly ToolCall[] => {
  const batch: readonly unknown[] = Array.isArray(payload.tool_calls) ? payload.tool_calls : [payload]
  return batch.slice(0, BATCH_MAX).flatMap(each => toolOf(objectOf(each), keep) ?? [])
}

/** Files and commands of an editor's own events, which name no tool. */
const readEditorEvent = (event: string, payload: Payload, keep: Keep): readonly ToolCall[] => {
  const file = textOf(payload, 'file_path')
  const command = textOf(payload, 'command')
  if (event === 'afterFileEdit' && file !== undefined)
    return [{ name: event, files: [keep(file, NAME_BYTES)] }]
  if (event === 'afterShellExecution' && command !== undefined) {
    const output = textOf(payload, 'output') ?? ''
    return [{ name: event, command: keep(command, TEXT_BYTES), output: keep(output, ANSWER_BYTES) }]
  }
  return []
}

const [CONTEXT, CONTEXT_END] = ['<hook_context>', '</hook_context>'] as const

/** A prompt without the context of hooks that some hosts put in front of it. A mark that is never closed stays. */
const dropContext = (prompt: string): string => {
  let kept = ''
  let from = 0
  for (;;) {
    const begin = prompt.indexOf(CONTEXT, from)
    const end = begin < 0 ? -1 : prompt.indexOf(CONTEXT_END, begin)
    if (end < 0) return kept + prompt.slice(from)
    kept += prompt.slice(from, begin)
    from = end + CONTEXT_END.length
    while (/\s/.test(prompt[from] ?? '')) from++
  }
}

/** Texts of an event: its field in the line, the host's names for it, and how much of it is kept. */
const TEXTS = [
  ['prompt', ['prompt', 'user_prompt'], TEXT_BYTES],
  ['answer', ['last_assistant_message', 'prompt_response', 'response', 'text'], TEXT_BYTES],
  ['model', ['model'], NAME_BYTES],
  ['source', ['source'], NAME_BYTES],
  ['reason', ['reason', 'status'], NAME_BYTES],
  ['notification', ['notification_type', 'notificationType'], NAME_BYTES],
  ['agentType', ['agent_type', 'agentType', 'agentName', 'subagent_type'], NAME_BYTES],
] as const satisfies readonly (readonly [keyof Line, readonly string[], number])[]

const textsOf = (payload: Payload, keep: Keep): Partial<Line> =>
  Object.fromEntries(
    TEXTS.flatMap(([field, names, bytes]) => {
      const raw = textOf(payload, ...names)
      // Gemini's answer is its prompt's neighbour in one payload; both pass here.
      const text = field === 'prompt' && raw !== undefined ? dropContext(raw) : raw
      return text === undefined || text === '' ? [] : [[field, keep(text, bytes)]]
    }),
  )

const isAsking = (event: string): boolean => /^permissionrequest$/i.test(event)
const isTask = (event: string): boolean => /^Task(Created|Completed)$/.test(event)

/**
 * The line of a payload: fields that are named here, each string redacted and cut; nothing else of it is kept. `undefined`
 * where the host or the session cannot be known.
 */
export const lineOf = (payload: Payload, around: Surroundings): Line | undefined => {
  const { env, cwd, now, id, keep } = around
  const host: HostName | undefined = hostOf(payload, env, around.hint)
  const event = textOf(payload, 'hook_event_name', 'hookEventName', 'hookName') ?? around.event
  const { session, agent } = sessionOf(payload)
  if (host === undefined || event === undefined || session === undefined || !FILE_NAME.test(session))
    return undefined
  const isPermission = isAsking(event)
  const asked = isPermission ? textOf(payload, 'tool_name', 'toolName') : undefined
  const tools = isPermission ? [] : [...toolsOf(payload, keep), ...readEditorEvent(event, payload, keep)]
  const task = isTask(event) ? taskOf(payload, keep) : undefined
  const error = tools.length > 0 ? undefined : payload.error
  const failed = typeof error === 'string' ? error : textOf(objectOf(error), 'message')
  return {
    v: 1,
    id,
    t: now,
    host,
    event: keep(event, NAME_BYTES),
    session,
    workspace: workspaceOf(host, payload, env, cwd),
    ...(agent === undefined ? {} : { agent: keep(agent, 100) }),
    ...textsOf(payload, keep),
    ...(asked === undefined ? {} : { asked: keep(asked, NAME_BYTES) }),
    ...(failed === undefined || failed === '' ? {} : { error: keep(failed, ANSWER_BYTES) }),
    ...(task === undefined ? {} : { task }),
    ...(tools.length === 0 ? {} : { tools }),
  }
}

/** Events at which a session starts, and those at which it ends. */
export const isStart = (event: string): boolean => /^sessionstart$/i.test(event)
/** Whether an event ends a session. */
export const isEnd = (event: string): boolean => /^sessionend$/i.test(event)
