import { type Payload, textOf } from './host.ts'
import type { Task, Todo, ToolCall } from './line.ts'
import { ANSWER_BYTES, type Keep, NAME_BYTES, TEXT_BYTES } from './text.ts'

/** Tools whose answer is what a command printed. The answers of others hold files and pages, and are not kept. */
const COMMANDS: ReadonlySet<string> = new Set([
  ...['Bash', 'bash', 'shell', 'local_shell', 'exec_command', 'apply_patch', 'run_shell_command'],
  ...['powershell', 'PowerShell', 'run_in_terminal', 'runInTerminal', 'terminal', 'Shell'],
])
/** Lines of a patch that name a file; the others hold its content. */
const PATCHED = /^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$/gm
const PATCH = '*** Begin Patch'
const FILES_MAX = 200
const TODOS_MAX = 200

const isObject = (value: unknown): value is Payload =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** An object, also where a host gives it as JSON text. */
export const objectOf = (value: unknown): Payload => {
  if (isObject(value)) return value
  if (typeof value !== 'string' || !value.startsWith('{')) return {}
  try {
    const parsed: unknown = JSON.parse(value)
    return isObject(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

const todosOf = (input: Payload, keep: Keep): readonly Todo[] | undefined => {
  const list = input.todos ?? input.todoList
  if (!Array.isArray(list)) return undefined
  return list.slice(0, TODOS_MAX).flatMap(each => {
    const text = isObject(each)
      ? textOf(each, 'content', 'description', 'title', 'subject', 'text')
      : undefined
    if (!isObject(each) || text === undefined) return []
    return [{ text: keep(text, NAME_BYTES), status: keep(textOf(each, 'status') ?? 'pending', NAME_BYTES) }]
  })
}

const idText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined

/** One item of a to-do list, from a tool's input or an event's own fields. */
export const taskOf = (from: Payload, keep: Keep): Task | undefined => {
  const id = idText(from.task_id ?? from.taskId ?? from.id)
  const subject = textOf(from, 'task_subject', 'subject')
  const status = textOf(from, 'status')
  if (id === undefined && subject === undefined) return undefined
  return {
    ...(id === undefined ? {} : { id: keep(id, NAME_BYTES) }),
    ...(subject === undefined ? {} : { subject: keep(subject, NAME_BYTES) }),
    ...(status === undefined ? {} : { status: keep(status, NAME_BYTES) }),
  }
}

const listChanged = (answer: Payload): readonly unknown[] => {
  const { changedFiles: files } = objectOf(answer.bashEditDiff)
  return Array.isArray(files) ? files : []
}

/** Only tools that write name a written file by these fields; which of them write, the mapping says. */
const filesOf = (input: Payload, answer: Payload, command: string | undefined): readonly string[] => {
  const named = textOf(input, 'file_path', 'filePath', 'notebook_path', 'path')
  const patch = command ?? textOf(input, 'patch', 'input') ?? ''
  const patched = patch.includes(PATCH)
    ? [...patch.matchAll(PATCHED)].map(([, path = '']) => path.trim())
    : []
  return [...(named === undefined ? [] : [named]), ...patched, ...listChanged(answer)]
    .filter((each): each is string => typeof each === 'string' && each !== '')
    .slice(0, FILES_MAX)
}

const errorOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value || undefined : textOf(objectOf(value), 'message', 'type')

const TOOL_ERROR = '<tool_use_error>'

const outputOf = (answer: unknown): string | undefined => {
  if (typeof answer === 'string') return answer
  const { stdout, stderr, ...rest } = objectOf(answer)
  if (typeof stdout === 'string' || typeof stderr === 'string')
    return [stdout, stderr].filter(each => typeof each === 'string' && each !== '').join('\n')
  return textOf(rest, 'text_result_for_llm', 'textResultForLlm', 'llmContent', 'output', 'returnDisplay')
}

const failureOf = (given: Payload, answer: unknown): string | undefined => {
  const reported = errorOf(given.error) ?? errorOf(objectOf(answer).error)
  if (reported !== undefined) return reported
  if (typeof answer === 'string' && answer.startsWith(TOOL_ERROR))
    return answer.slice(TOOL_ERROR.length).replace('</tool_use_error>', '')
  const kind = textOf(objectOf(answer), 'result_type', 'resultType')
  return kind === undefined || kind === 'success' ? undefined : kind
}

/** A tool call of a payload, or of one entry of a batch; `undefined` without a tool's name. */
export const toolOf = (given: Payload, keep: Keep): ToolCall | undefined => {
  const name = textOf(given, 'tool_name', 'toolName')
  if (name === undefined) return undefined
  const input = objectOf(given.tool_input ?? given.toolInput ?? given.toolArgs)
  const answer =
    given.tool_response ?? given.tool_result ?? given.toolResult ?? given.tool_output ?? given.output
  const raw = textOf(input, 'command', 'cmd')
  const files = filesOf(input, objectOf(answer), raw)
  // A patch holds the files themselves: of it only the names are kept.
  const command = raw?.includes(PATCH) === true ? undefined : raw
  const output = COMMANDS.has(name) ? outputOf(answer) : undefined
  const error = failureOf(given, answer)
  const query = textOf(input, 'query')
  const todos = todosOf(input, keep)
  const task = /task/i.test(name) ? taskOf({ ...objectOf(objectOf(answer).task), ...input }, keep) : undefined
  const id = textOf(given, 'tool_use_id', 'toolUseId')
  return {
    ...(id === undefined ? {} : { id: keep(id, NAME_BYTES) }),
    name: keep(name, NAME_BYTES),
    ...(files.length === 0 ? {} : { files: files.map(each => keep(each, NAME_BYTES)) }),
    ...(command === undefined ? {} : { command: keep(command, TEXT_BYTES) }),
    ...(output === undefined ? {} : { output: keep(output, ANSWER_BYTES) }),
    ...(error === undefined ? {} : { error: keep(error, ANSWER_BYTES) }),
    ...(todos === undefined ? {} : { todos }),
    ...(query !== undefined && /\btodos\b/i.test(query) ? { query: keep(query, TEXT_BYTES) } : {}),
    ...(task === undefined ? {} : { task }),
  }
}
