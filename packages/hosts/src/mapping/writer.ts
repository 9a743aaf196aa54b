import type { Line, ToolCall } from '../hook/line.ts'
import { LABELS } from './moments.ts'
import type { CapturePolicy } from './policy.ts'
import type { State } from './state.ts'
import type { Local, Recording, Step } from './step.ts'

/** How long a permission may be asked for before it is a blocker, ms. */
export const ASKED_MS = 60_000

/** Collects the steps of one line; the state is replaced, never changed. */
export type Writer = {
  state: State
  readonly steps: Step[]
  readonly line: Line
  readonly policy: CapturePolicy
}

export const lineKey = ({ id }: Line): string => id
export const toolKey = (line: Line, call: ToolCall, place: number): string =>
  call.id === undefined ? `${lineKey(line)}/${place}` : `tool/${call.id.slice(-150)}`

export const add = (to: Writer, session: Local, key: string, record: Recording, at = to.line.t): void => {
  to.steps.push({ key: key.slice(0, 256), at, session, record })
}

/** From now on there is something to show: before it is recorded, so that it is an entry below the card and not in it alone. */
export const show = (to: Writer, key: string): void => {
  if (to.state.shown) return
  to.state = { ...to.state, shown: true }
  add(to, 'root', `${key}/mirror`, { kind: 'mirror' })
}

export const agentOf = (to: Writer): Local => {
  const { agent } = to.line
  return agent !== undefined && to.state.agents[agent] !== undefined ? agent : 'root'
}

export const say = (
  to: Writer,
  role: 'user' | 'assistant' | 'system',
  content: string | undefined,
  session: Local,
): void => {
  if (to.policy.messages === 'off' || content === undefined || content.trim() === '') return
  const { model, usage } = to.line
  add(to, session, `${lineKey(to.line)}/message`, {
    kind: 'message',
    role,
    content,
    ...(role === 'assistant' && model !== undefined ? { model } : {}),
    ...(role === 'assistant' && usage !== undefined ? { usage } : {}),
  })
}

/** Ends the wait for a permission: the agent went on. */
export const settleAsked = (to: Writer, agent: string): void => {
  const { [agent]: asked, ...others } = to.state.asked
  if (asked === undefined) return
  to.state = { ...to.state, asked: others }
  // The clock records a blocker during the wait; after a lost state only its own text finds it again.
  if (to.line.t - asked.since > ASKED_MS)
    add(to, 'root', `${asked.key}/answered`, {
      kind: 'resolve',
      description: asked.description,
      blockedAt: asked.since + ASKED_MS,
      resolution: 'It went on.',
    })
}

export const resumeEnded = (to: Writer): void => {
  if (!to.state.ended) return
  to.state = { ...to.state, ended: false }
  add(to, 'root', `${lineKey(to.line)}/resume`, { kind: 'resume', reason: `${LABELS[to.line.host]} went on` })
}
