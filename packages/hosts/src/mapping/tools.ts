import { type Commit, listCommits } from '@sessionwire/core/capture'
import type { Todo, ToolCall } from '../hook/line.ts'

/** Tools that write the files they name, in any host. */
const WRITING: ReadonlySet<string> = new Set([
  ...['Write', 'Edit', 'MultiEdit', 'NotebookEdit', 'apply_patch', 'write_file', 'replace', 'create', 'edit'],
  ...['str_replace_editor', 'create_file', 'replace_string_in_file', 'multi_replace_string_in_file'],
  ...['insert_edit_into_file', 'edit_notebook_file', 'afterFileEdit', 'Bash', 'bash'],
])

/** Exit codes as the hosts write them into the text, where they give no field. */
const EXITS = [
  /^Exit code:? (\d+)/,
  /^Exit Code: (\d+)$/m,
  /<shellId: \d+ completed with exit code (\d+)>\s*$/,
]

/** Whether a call failed, as far as the host lets one know. */
export const isFailed = ({ error, output = '' }: ToolCall): boolean => {
  if (error !== undefined) return true
  return EXITS.some(exit => (exit.exec(output)?.[1] ?? '0') !== '0')
}

const toSlashes = (path: string): string => path.replaceAll('\\', '/')

/** A file's name for people: below the workspace its path in there, elsewhere its last two parts behind `…/`. */
const fileName = (path: string, workspace: string): string => {
  const [file, root] = [toSlashes(path), toSlashes(workspace)]
  if (file.startsWith(`${root}/`)) return file.slice(root.length + 1)
  const isAbsolute = file.startsWith('/') || /^[A-Za-z]:\//.test(file)
  return isAbsolute ? `…/${file.split('/').slice(-2).join('/')}` : file.replace(/^\.\//, '')
}

/** Names of the files that a call wrote. */
export const listWritten = (call: ToolCall, workspace: string): readonly string[] =>
  WRITING.has(call.name) && !isFailed(call)
    ? [...new Set((call.files ?? []).map(each => fileName(each, workspace)))]
    : []

/** A commit or a pull request that a command made. */
export type Landed =
  | (Readonly<{ kind: 'commit' }> & Commit)
  | Readonly<{ kind: 'pull request'; name: string; url: string }>

const OPENED = /https:\/\/[^\s"'<>]{1,200}\/(?:pull|merge_requests)\/(\d{1,9})/

/** The commits and pull requests in the output of a command. */
export const findLanded = ({ command = '', output = '' }: ToolCall): readonly Landed[] => {
  const commits = listCommits(command, output).map(each => ({ kind: 'commit' as const, ...each }))
  const opened = /\b(?:gh pr|glab mr) create\b/.test(command) ? OPENED.exec(output) : null
  return opened === null
    ? commits
    : [...commits, { kind: 'pull request', name: `#${opened[1]}`, url: opened[0] }]
}

const DONE = /^(?:completed|complete|done)$/i
const GONE = /^(?:deleted|cancelled|canceled)$/i

/** Items of a to-do list by id, in their order. */
export type Todos = Readonly<{ [id: string]: Readonly<{ text: string; status: string }> }>

/** Most items of a list. */
const ITEMS_MAX = 1_000

type Change = Readonly<{ id: string; text?: string | undefined; status?: string | undefined }>

/** The list with some items changed or added, in one step: a statement may have thousands of rows. */
const merge = (todos: Todos, changes: readonly Change[]): Todos => {
  const items = new Map(Object.entries(todos))
  for (const { id, text, status } of changes) {
    const before = items.get(id)
    if (before === undefined && items.size >= ITEMS_MAX) continue
    items.set(id, { text: text ?? before?.text ?? id, status: status ?? before?.status ?? 'pending' })
  }
  return Object.fromEntries(items)
}

const VALUE = /'((?:[^']|'')*)'/g
const plain = (quoted: string): string => quoted.replaceAll("''", "'")
/** A row in brackets. A doubled quote counts as an end and a begin: then there is one way to read a text, and not 2^n. */
const ROW = /\(((?:'[^']*'|[^()'])*)\)/g

/** The ids that the condition of a statement names; without a condition, all. */
const idsIn = (todos: Todos, condition: string | undefined): ReadonlySet<string> =>
  new Set(
    condition === undefined
      ? Object.keys(todos)
      : [...condition.matchAll(VALUE)].map(([, id = '']) => plain(id)),
  )

const changeOf = (names: readonly string[], row: string): readonly Change[] => {
  const values = [...row.matchAll(/'((?:[^']|'')*)'|([^,\s']+)/g)].map(([, text, word = '']) =>
    text === undefined ? word : plain(text),
  )
  const readColumn = (name: string): string | undefined => values[names.indexOf(name)]
  const id = readColumn('id') ?? readColumn('title')
  if (id === undefined) return []
  return [{ id, text: readColumn('title') ?? readColumn('description'), status: readColumn('status') }]
}

/** Rows of `INSERT INTO todos (…) VALUES (…), (…)`, and what `UPDATE todos SET … WHERE id = …` sets. Other SQL is passed over. */
const afterQuery = (todos: Todos, query: string): Todos => {
  const inserted = /^\s*insert\s+(?:or\s+\w+\s+)?into\s+todos\s*\(([^)]*)\)\s*values\s*([\s\S]*)$/i.exec(
    query,
  )
  if (inserted !== null) {
    const names = (inserted[1] ?? '').split(',').map(each => each.trim().toLowerCase())
    const rows = [...(inserted[2] ?? '').matchAll(ROW)]
    return merge(
      todos,
      rows.flatMap(([, row = '']) => changeOf(names, row)),
    )
  }
  const set = /^\s*update\s+todos\s+set\s([\s\S]*)$/i.exec(query)?.[1]
  const where = set?.search(/\swhere\s/i) ?? -1
  const status = /\bstatus\s*=\s*'([^']*)'/i.exec(where < 0 ? (set ?? '') : (set ?? '').slice(0, where))?.[1]
  if (set !== undefined && status !== undefined) {
    const named = [...idsIn(todos, where < 0 ? undefined : set.slice(where))]
    return merge(
      todos,
      named.filter(id => Object.hasOwn(todos, id)).map(id => ({ id, status })),
    )
  }
  const removed = /^\s*delete\s+from\s+todos(?:\s+where\s+([\s\S]*))?$/i.exec(query)
  if (removed === null) return todos
  const gone = idsIn(todos, removed[1])
  return Object.fromEntries(Object.entries(todos).filter(([id]) => !gone.has(id)))
}

const ofList = (list: readonly Todo[]): Todos =>
  Object.fromEntries(list.map(({ text, status }, place) => [String(place + 1), { text, status }]))

/** The to-do list after a call; the same object where the call changed none. */
export const todosAfter = (todos: Todos, call: ToolCall): Todos => {
  if (isFailed(call)) return todos
  if (call.todos !== undefined) return ofList(call.todos)
  if (call.query !== undefined) return afterQuery(todos, call.query)
  const { id, subject, status } = call.task ?? {}
  if (id === undefined || !/^Task(Create|Update)$/.test(call.name)) return todos
  return merge(todos, [{ id, text: subject, status }])
}

/** The to-do list after an event of one item. */
export const todosWith = (
  todos: Todos,
  id: string,
  subject: string | undefined,
  status: string | undefined,
): Todos => merge(todos, [{ id, text: subject, status }])

/** How far a list is, and what is still to do. */
export const shareOf = (todos: Todos): Readonly<{ done: number; all: number; open: readonly string[] }> => {
  const items = Object.values(todos).filter(({ status }) => !GONE.test(status))
  const open = items.filter(({ status }) => !DONE.test(status)).map(({ text }) => text)
  return { done: items.length - open.length, all: items.length, open }
}
