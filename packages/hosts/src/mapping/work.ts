import type { Line, ToolCall } from '../hook/line.ts'
import { findLanded, isFailed, listWritten, shareOf, type Todos, todosAfter, todosWith } from './tools.ts'
import { add, resumeEnded, settleAsked, show, toolKey, type Writer } from './writer.ts'

/** Failures in a row that make a blocker. */
const FAILURES = 3
/** How long after the end of a session its last calls may be heard of, ms. */
const LATE_MS = 10_000
const SEEN_MAX = 500
const FILES_MAX = 2_000
const TODOS_MAX = 200

const recordFiles = (to: Writer, call: ToolCall, key: string): void => {
  if (!to.policy.files) return
  for (const name of listWritten(call, to.state.workspace)) {
    if (to.state.files.includes(name)) continue
    to.state = { ...to.state, files: [...to.state.files, name].slice(-FILES_MAX) }
    show(to, key)
    add(to, 'root', `file/${name}`, { kind: 'entity', name, type: 'file', path: name })
  }
}

const recordLanded = (to: Writer, call: ToolCall): void => {
  if (!to.policy.commits || isFailed(call)) return
  for (const landed of findLanded(call)) {
    const isCommit = landed.kind === 'commit'
    const name = isCommit ? landed.hash : landed.name
    const key = `${landed.kind}/${isCommit ? landed.hash : landed.url}`
    const description = isCommit
      ? `Commit ${landed.hash}: ${landed.subject}`
      : `Opened pull request ${landed.name}: ${landed.url}`
    show(to, key)
    add(to, 'root', `${key}/update`, { kind: 'update', description })
    add(to, 'root', `${key}/entity`, {
      kind: 'entity',
      name,
      type: landed.kind,
      ...(isCommit ? { description: landed.subject } : { path: landed.url }),
    })
  }
}

/** Keeps a change of the list until something else happens: a list that grows item by item is one step. */
const planTodos = (to: Writer, after: Todos, key: string): void => {
  if (after === to.state.todos) return
  const todos = Object.fromEntries(Object.entries(after).slice(-TODOS_MAX))
  to.state = { ...to.state, todos, planned: { key, at: to.line.t } }
}

/** Records the list as it is now, where its share changed. */
export const settleTodos = (to: Writer): void => {
  const { planned, ...state } = to.state
  if (planned === undefined) return
  const { done, all, open } = shareOf(state.todos)
  const share = `${done}/${all}`
  const isChanged = share !== state.share && all > 0
  to.state = { ...state, share }
  if (!isChanged || to.policy.todos === false) return
  const { key, at } = planned
  const nextSteps = open.slice(0, 20)
  const record = {
    kind: 'update',
    description: `${done} of ${all} to-do items done.`,
    progress: Math.round((100 * done) / all),
    ...(to.policy.todos === 'steps' ? { nextSteps } : {}),
  } as const
  add(to, 'root', `${key}/todos`, record, at)
  if (to.policy.todos === 'steps' || to.policy.messages !== 'local') return
  // Kept as a message, for the recall on this machine: a card shows the next steps of an update.
  const content = JSON.stringify(nextSteps)
  add(to, 'root', `${key}/steps`, { kind: 'message', role: 'tool', name: 'to-do', content }, at)
}

/** Tools that say something of the list, or find the tools that do. */
const PLANNING = /^(?:Task(?:Create|Update|Get|List)|TodoWrite|write_todos|ToolSearch)$/

/** Whether a line is about the to-do list alone. */
export const isPlanning = ({ event, tools = [] }: Line): boolean =>
  /^Task(?:Created|Completed)$/.test(event) ||
  (tools.length > 0 &&
    tools.every(call => PLANNING.test(call.name) || call.todos !== undefined || call.query !== undefined))

const countFailure = (to: Writer, call: ToolCall, key: string): void => {
  const { [call.name]: before, ...others } = to.state.failing
  if (isFailed(call)) {
    const count = (before?.count ?? 0) + 1
    const isNew = to.policy.failures && count >= FAILURES && before?.blockedAt === undefined
    const blockedAt = isNew ? to.line.t : before?.blockedAt
    const failing = { count, ...(blockedAt === undefined ? {} : { blockedAt }) }
    to.state = { ...to.state, failing: { ...others, [call.name]: failing } }
    if (!isNew) return
    show(to, key)
    add(to, 'root', `${key}/failing`, {
      kind: 'block',
      description: failingText(call.name),
      category: 'tool',
    })
    return
  }
  if (before === undefined) return
  to.state = { ...to.state, failing: others }
  if (before.blockedAt !== undefined)
    add(to, 'root', `${key}/works`, {
      kind: 'resolve',
      description: failingText(call.name),
      blockedAt: before.blockedAt,
      resolution: `${call.name} works again.`,
    })
}

const failingText = (tool: string): string => `${tool} failed ${FAILURES} times in a row.`

/** Records what tools wrote, committed and planned, and counts those that fail. */
export const recordTools = (to: Writer): void => {
  const { line } = to
  settleAsked(to, line.agent ?? 'root')
  // Hooks run side by side: a call may be heard of right after the end. Later, it shows that the session goes on.
  if (line.t - to.state.lastAt > LATE_MS) resumeEnded(to)
  for (const [place, call] of (line.tools ?? []).entries()) {
    const key = toolKey(line, call, place)
    if (call.id !== undefined) {
      if (to.state.seen.includes(call.id)) continue
      // A batch may be heard of before its calls, which say more: only its failures are final.
      if (line.event !== 'PostToolBatch' || isFailed(call))
        to.state = { ...to.state, seen: [...to.state.seen, call.id].slice(-SEEN_MAX) }
    }
    recordFiles(to, call, key)
    recordLanded(to, call)
    if (line.event !== 'PostToolBatch') planTodos(to, todosAfter(to.state.todos, call), key)
    countFailure(to, call, key)
  }
}

/** Records the change of one to-do item that has an event of its own. */
export const recordTask = (to: Writer): void => {
  const { id, subject, status } = to.line.task ?? {}
  if (id === undefined) return
  const done = to.line.event === 'TaskCompleted' ? 'completed' : status
  planTodos(to, todosWith(to.state.todos, id, subject, done), `task/${to.line.event}/${id}`.slice(0, 200))
}
