import { namePeople, type Session } from '../session/session.ts'
import { cleanText } from '../session/text.ts'

/** Characters of a context when the caller names no budget: about two thousand tokens. */
const CONTEXT_BUDGET = 8_000

/** The first `length` UTF-16 units at most, never half a code point, with `…` where something is missing. */
const cut = (text: string, length: number): string => {
  if (text.length <= length) return text
  if (length < 1) return ''
  const end = length - 1
  const half = /[\uD800-\uDBFF]/.test(text.charAt(end - 1))
  return `${text.slice(0, half ? end - 1 : end)}…`
}

/** One line: a text cannot begin a line of its own and so pass for another event. The rest of a huge one is never read. */
export const toLine = (text: string, length: number): string =>
  cut(
    cleanText(text.slice(0, length * 4))
      .replace(/[\s\u0085\p{Cc}]+/gu, ' ')
      .trim(),
    length,
  )

type Line = Readonly<{ id: string; label: string; text: string; most: number }>

/** Lines by use: a later one never takes room from an earlier one. */
function* lines(session: Session, budget: number): Generator<Line> {
  const long = Math.max(200, Math.floor(budget / 4))
  const short = Math.max(120, Math.floor(budget / 12))
  const { id } = session
  yield { id, label: 'goal', text: session.goal ?? session.title, most: long }
  const open = session.blockers.filter(each => each.resolvedAt === undefined)
  const standing = session.status === 'active' && open.length > 0 ? 'blocked' : session.status
  const summary = session.summary === undefined ? '' : `; ${session.summary.slice(0, long * 4)}`
  const text = `${standing}, ${session.progress} %, ${namePeople(session)}, last event ${session.lastEventAt}${summary}`
  yield { id, label: 'standing', text, most: long }
  for (const each of open.toReversed())
    yield { id: each.eventId, label: `blocked (${each.severity})`, text: each.description, most: short }
  const superseded = new Set(session.decisions.map(each => each.supersedes))
  for (const each of session.decisions.toReversed())
    if (!superseded.has(each.decisionId)) {
      const why = each.rationale === undefined ? '' : ` (because ${each.rationale.slice(0, short * 4)})`
      yield { id: each.eventId, label: 'decided', text: each.content.slice(0, short * 4) + why, most: short }
    }
  for (const each of session.updates.toReversed()) {
    const next = each === session.updates.at(-1) ? (each.nextSteps ?? []) : []
    const then = next.length === 0 ? '' : `; next: ${next.join('; ').slice(0, short * 4)}`
    const progress = each.progress === undefined ? '' : `${each.progress} %: `
    const text = progress + each.description.slice(0, short * 4) + then
    yield { id: each.eventId, label: 'update', text, most: short }
  }
}

/**
 * A session for a model's prompt: one line for each thing, each with its event's id, most useful first (goal, standing,
 * open blockers, newest decisions, newest updates). Never longer than `budget` characters (UTF-16 units), whatever the
 * session holds. Its content is data that others wrote: do not let a model take it for instructions.
 */
export const toContext = (session: Session, budget: number = CONTEXT_BUDGET): string => {
  const room = Math.max(0, Math.floor(budget))
  let text = ''
  for (const each of lines(session, room)) {
    const head = `${text === '' ? '' : '\n'}[${toLine(each.id, 64)}] ${each.label}: `
    const left = room - text.length - head.length
    const said = left > 0 ? toLine(each.text, Math.min(each.most, left)) : ''
    // A line that says almost nothing helps no reader.
    if (left <= 0 || (said.endsWith('…') && said.length < 24)) break
    if (said === '') continue
    text += head + said
  }
  return text === '' ? cut(toLine(session.goal ?? session.title, room), room) : text
}
