import { type Line, parseLine } from '../hook/line.ts'
import { fold, tick } from './fold.ts'
import { type CapturePolicy, DEFAULT_CAPTURE } from './policy.ts'
import type { Step } from './step.ts'

/** The records that a stream would make. */
export type Replayed = Readonly<{
  /** Every call, in order, with the session of the host it belongs to. */
  steps: readonly (Step & Readonly<{ hostSession: string }>)[]
  /** Lines that could not be read. */
  unreadable: number
}>

/** Makes the line of a payload, as the hook does. */
export type ToLine = (payload: Readonly<Record<string, unknown>>, place: number) => Line | undefined

/**
 * The records that lines of a spool, or payloads of a host one a line, would make under a policy. Nothing is recorded. `until` is the
 * time at the end, epoch ms, by which open questions and idle sessions are judged; default: they stay open.
 */
export const replayLines = (
  text: string,
  toLine: ToLine,
  given: Partial<CapturePolicy> = {},
  until?: number,
): Replayed => {
  const policy = { ...DEFAULT_CAPTURE, ...given }
  const states = new Map<string, ReturnType<typeof fold>['state']>()
  const steps: (Step & { hostSession: string })[] = []
  let unreadable = 0
  for (const [place, each] of text.split('\n').entries()) {
    if (each.trim() === '') continue
    const line = parseLine(each) ?? fromPayload(each, toLine, place)
    if (line === undefined) {
      unreadable++
      continue
    }
    const name = `${line.host}/${line.session}`
    const folded = fold(states.get(name), line, policy)
    states.set(name, folded.state)
    steps.push(...folded.steps.map(step => ({ ...step, hostSession: name })))
  }
  if (until !== undefined)
    for (const [name, state] of states)
      if (state !== undefined)
        steps.push(...tick(state, until, policy).steps.map(step => ({ ...step, hostSession: name })))
  return { steps, unreadable }
}

const fromPayload = (text: string, toLine: ToLine, place: number): Line | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
    // A recorded run keeps the payload in a field.
    const { payload } = value as { payload?: unknown }
    const own = payload !== null && typeof payload === 'object' ? payload : value
    return toLine(own as Readonly<Record<string, unknown>>, place)
  } catch {
    return undefined
  }
}
