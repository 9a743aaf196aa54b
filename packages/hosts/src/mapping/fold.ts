import { isQuestion, type Line } from '../hook/line.ts'
import { LABELS, type Moment, momentOf } from './moments.ts'
import type { CapturePolicy } from './policy.ts'
import type { State } from './state.ts'
import type { Step } from './step.ts'
import { isPlanning, recordTask, recordTools, settleTodos } from './work.ts'
import {
  ASKED_MS,
  add,
  agentOf,
  lineKey,
  resumeEnded,
  say,
  settleAsked,
  show,
  type Writer,
} from './writer.ts'

/** Shortest time between two answers that become updates, ms. */
const SUMMARY_MS = 60_000

/** The result of a fold: the state after a line, and the calls it asks for. Before the first event that means something there is no state. */
export type Folded = Readonly<{ state: State | undefined; steps: readonly Step[] }>

const MAIN = /^(?:main|master|trunk|develop|HEAD)$/

/** A title without words of a prompt: the branch, else folder and date. */
const titleOf = ({ branch, workspace, t }: Line): string => {
  if (branch !== undefined && !MAIN.test(branch)) return branch
  const folder = workspace.split(/[\\/]/).findLast(part => part !== '') ?? workspace
  return `${folder}, ${new Date(t).toISOString().slice(0, 10)}`
}

const begin = (line: Line): State => ({
  host: line.host,
  session: line.session,
  workspace: line.workspace,
  lastAt: line.t,
  lastId: line.id,
  ended: false,
  prompted: false,
  seen: [],
  files: [],
  todos: {},
  share: '',
  failing: {},
  asked: {},
  agents: {},
  shown: false,
  summaryAt: 0,
})

const start = (to: Writer): void => {
  if (to.line.source !== 'resume') return
  to.state = { ...to.state, ended: false }
  // Also where the spool has no end: a person may have ended it.
  const reason = `${LABELS[to.line.host]} resumed it`
  add(to, 'root', `${lineKey(to.line)}/resume`, { kind: 'resume', reason })
}

const prompt = (to: Writer): void => {
  const { line, policy } = to
  const session = agentOf(to)
  if (session !== 'root') say(to, 'user', line.prompt, session)
  if (line.agent !== undefined) return
  resumeEnded(to)
  for (const agent of Object.keys(to.state.asked)) settleAsked(to, agent)
  // A host reports a sub-agent or a command in the background to its own model as a prompt too.
  const isOwn = /^<(?:task-notification|system_notification)>/.test(line.prompt ?? '')
  say(to, isOwn ? 'system' : 'user', line.prompt, 'root')
  if (isOwn) return
  const isFirst = !to.state.prompted
  to.state = { ...to.state, prompted: true }
  if (policy.text !== 'off' && isFirst && line.prompt !== undefined && line.prompt.trim() !== '')
    add(to, 'root', `${lineKey(line)}/goal`, {
      ...{ kind: 'update', description: 'Began.', goal: line.prompt },
      author: 'person',
    })
}

/** Tools with which a model asks a person, as the hosts name them. */
const QUESTION = /^(?:AskUserQuestion|ask_user|ask_user_question|request_user_input)$/

const ask = (to: Writer): void => {
  const agent = to.line.agent ?? 'root'
  if (to.state.asked[agent] !== undefined) return
  const what = to.line.asked === undefined ? '' : ` (${to.line.asked})`
  const asked = {
    since: to.line.t,
    key: `${lineKey(to.line)}/asked`,
    description: QUESTION.test(to.line.asked ?? '')
      ? 'Asked a question and waits for the answer.'
      : `Asked for a permission and has not gone on${what}.`,
  }
  to.state = { ...to.state, asked: { ...to.state.asked, [agent]: asked } }
}

const FIRST_SENTENCE = /^[\s\S]{1,400}?[.!?](?=\s|$)/

const answer = (to: Writer): void => {
  const { line, policy } = to
  const session = agentOf(to)
  settleAsked(to, line.agent ?? 'root')
  // A sub-agent's end has an event of its own.
  if (line.agent !== undefined) return
  if (policy.turns) say(to, 'assistant', line.answer, session)
  const text = line.answer?.trim() ?? ''
  if (policy.text !== 'summary' || text === '' || line.t - to.state.summaryAt < SUMMARY_MS) return
  to.state = { ...to.state, summaryAt: line.t }
  const description = FIRST_SENTENCE.exec(text)?.[0] ?? text.split('\n', 1)[0]?.slice(0, 400) ?? text
  add(to, 'root', `${lineKey(line)}/summary`, { kind: 'update', description })
}

const recordFailure = (to: Writer): void => {
  settleAsked(to, to.line.agent ?? 'root')
  say(to, 'system', to.line.answer ?? to.line.error, agentOf(to))
}

const agentStart = (to: Writer): void => {
  const { line, policy, state } = to
  if (line.agent === undefined || !policy.subagents) return
  if (state.agents[line.agent] === undefined)
    add(to, line.agent, `agent/${line.agent}/start`, {
      kind: 'start',
      agent: LABELS[line.host],
      goal: `Sub-agent${line.agentType ? ` ${line.agentType}` : ''}`,
      workspace: line.workspace,
      startKey: `host/${line.host}/${line.session}/${line.agent}`,
      parent: 'root',
      metadata: { host: line.host, hostSession: line.session, hostAgent: line.agent },
    })
  else
    add(to, line.agent, `${lineKey(line)}/resume`, { kind: 'resume', reason: `${LABELS[line.host]} went on` })
  to.state = { ...to.state, agents: { ...state.agents, [line.agent]: true } }
}

const endAgent = (to: Writer, agent: string, key: string, at: number): void => {
  if (to.state.agents[agent] !== true) return
  to.state = { ...to.state, agents: { ...to.state.agents, [agent]: false } }
  add(to, agent, `${key}/end/${agent}`, { kind: 'close', end: 'left' }, at)
}

const agentEnd = (to: Writer): void => {
  const { agent } = to.line
  // Hosts end sub-agents of their own that never started, such as one that compacts.
  if (agent === undefined || to.state.agents[agent] === undefined) return
  settleAsked(to, agent)
  if (to.policy.turns) say(to, 'assistant', to.line.answer, agent)
  endAgent(to, agent, lineKey(to.line), to.line.t)
}

/** Ends the session with all that is open in it. */
const end = (to: Writer, key: string, at: number, how: 'left' | 'completed'): void => {
  for (const agent of Object.keys(to.state.asked)) settleAsked(to, agent)
  for (const agent of Object.keys(to.state.agents)) endAgent(to, agent, key, at)
  if (to.state.ended) return
  to.state = { ...to.state, ended: true }
  add(to, 'root', `${key}/end`, { kind: 'close', end: how }, at)
}

const RULES: Readonly<Record<Moment, (to: Writer) => void>> = {
  start,
  prompt,
  tools: recordTools,
  asks: ask,
  notice: to => {
    if (isQuestion(to.line)) ask(to)
  },
  answer,
  failed: recordFailure,
  task: recordTask,
  'agent-start': agentStart,
  'agent-end': agentEnd,
  interrupt: to => settleAsked(to, to.line.agent ?? 'root'),
  end: to => {
    if (to.line.agent === undefined) end(to, lineKey(to.line), to.line.t, to.policy.end)
  },
}

const open = (to: Writer): void => {
  const { line } = to
  add(to, 'root', 'start', {
    kind: 'start',
    agent: LABELS[line.host],
    goal: titleOf(line),
    workspace: line.workspace,
    startKey: `host/${line.host}/${line.session}`,
    metadata: {
      host: line.host,
      hostSession: line.session,
      ...(line.branch === undefined ? {} : { branch: line.branch }),
    },
  })
  // Its earlier lines may have been recorded and removed.
  add(to, 'root', `${lineKey(line)}/again`, { kind: 'resume', reason: `${LABELS[line.host]} went on` })
}

/** The state after a line, and what it records. Pure: the times are those of the lines. */
export const fold = (before: State | undefined, line: Line, policy: CapturePolicy): Folded => {
  const moment = momentOf(line)
  // An event that means nothing begins no session.
  if (moment === undefined || (before === undefined && moment === 'end')) return { state: before, steps: [] }
  const to: Writer = { state: before ?? begin(line), steps: [], line, policy }
  if (before === undefined) open(to)
  else if (line.t - before.lastAt > policy.idleMs) closeIdle(to, before)
  const wasEnded = to.state.ended
  if (!isPlanning(line)) settleTodos(to)
  RULES[moment](to)
  // Nothing comes after a line that was late.
  if (wasEnded && to.state.ended) settleTodos(to)
  // A late line of a hook that ran side by side is recorded, and the session is ended again.
  if (wasEnded && to.state.ended && to.steps.some(({ record }) => REOPENING.has(record.kind)))
    add(to, 'root', `${lineKey(line)}/end`, { kind: 'close', end: policy.end })
  return {
    state: { ...to.state, lastAt: Math.max(line.t, to.state.lastAt), lastId: line.id },
    steps: to.steps,
  }
}

const closeIdle = (to: Writer, { lastAt, lastId }: State): void => {
  settleTodos(to)
  end(to, `idle/${lastId}`, lastAt, 'left')
}

/** Steps that resume a session which was left. */
const REOPENING: ReadonlySet<string> = new Set(['update', 'block', 'resolve'])

/** The steps that time alone causes: a permission is asked for too long, or a session is idle. */
export const tick = (before: State, now: number, policy: CapturePolicy): Folded => {
  const line = { id: before.lastId, t: now, host: before.host } as Line
  const to: Writer = { state: before, steps: [], line, policy }
  if (policy.permissions && now - before.lastAt <= policy.idleMs)
    for (const { since, key, description } of Object.values(before.asked))
      if (now - since > ASKED_MS) {
        show(to, key)
        add(to, 'root', key, { kind: 'block', description, category: 'person' }, since + ASKED_MS)
      }
  if (now - before.lastAt > policy.idleMs) closeIdle(to, before)
  return { state: to.state, steps: to.steps }
}

/** When a permission was asked for last that is still open, epoch ms. */
export const findAsked = ({ asked, ended }: State): number | undefined => {
  const times = ended ? [] : Object.values(asked).map(({ since }) => since)
  return times.length === 0 ? undefined : Math.max(...times)
}
