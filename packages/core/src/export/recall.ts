import { type Message, openBlockers, type Session, standingDecisions } from '../session/session.ts'
import { toLine } from './context.ts'

/** Characters of a recall when the caller names no budget: what hosts take as one system message. */
const RECALL_BUDGET = 9_500
/** Longest line, in characters. */
const LINE = 300

/** Kind of a line of a recall. */
export type RecallKind =
  | 'goal'
  | 'state'
  | 'blocker'
  | 'next'
  | 'decision'
  | 'update'
  | 'entity'
  | 'message'
  | 'link'

/** One line of a recall. */
export type RecallLine = Readonly<{
  /** The line, without its event's id. */
  text: string
  /** The event it comes from; the session's id for its goal, state and links. */
  eventId: string
  /** The session it comes from. */
  sessionId: string
  /** When it happened: ISO 8601, UTC, milliseconds. */
  at: string
  /** Its kind. */
  kind: RecallKind
}>

/** Result of `recall`. The same store gives the same text. */
export type Recall = Readonly<{
  /** The lines, each ending with its event's id in brackets; never longer than the budget. */
  text: string
  /** The same as data, in the same order. */
  lines: readonly RecallLine[]
}>

/** Everything a recall is made of. */
export type RecallSource = Readonly<{
  /** Newest first. */
  sessions: readonly Session[]
  /** Newest first; only looked at with a query. */
  messages: readonly Message[]
  /** Addresses of the newest session's cards, by adapter. */
  links: readonly Readonly<{ name: string; url: string }>[]
  query?: string | undefined
  /** Only what happened at this time or later, ISO 8601. */
  since?: string | undefined
  budget?: number | undefined
}>

const wordsOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(word => word !== '')

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
/** Newest first; of one moment, the later event id first. */
const newestFirst = (lines: readonly RecallLine[]): readonly RecallLine[] =>
  [...lines].sort((a, b) => compare(b.at, a.at) || compare(b.eventId, a.eventId))

const lineOf =
  (kind: RecallKind, sessionId: string) =>
  (eventId: string, at: string, label: string, text: string): RecallLine => ({
    text: `${label}: ${toLine(text, LINE)}`,
    eventId,
    sessionId,
    at,
    kind,
  })

const standing = (session: Session): readonly RecallLine[] => {
  const { id, goal, title, status, progress, startedAt } = session
  const open = openBlockers(session).length
  const state = `${status === 'active' && open > 0 ? 'blocked' : status}, ${progress} %`
  const by = session.agent === undefined ? session.user : `${session.user} with ${session.agent}`
  const summary = session.summary === undefined ? '' : `; ${session.summary}`
  return [
    lineOf('goal', id)(id, startedAt, 'Goal', goal ?? title),
    lineOf('state', id)(id, session.endedAt ?? startedAt, 'State', `${state}, ${by}${summary}`),
  ]
}

const nextSteps = (session: Session): readonly RecallLine[] => {
  const last = session.updates.findLast(({ nextSteps: steps = [] }) => steps.length > 0)
  const line = lineOf('next', session.id)
  return (last?.nextSteps ?? []).map(step => line(last?.eventId ?? '', last?.at ?? '', 'Next', step))
}

const blockersOf = (session: Session): readonly RecallLine[] =>
  openBlockers(session).map(each =>
    lineOf('blocker', session.id)(each.eventId, each.at, `Blocked (${each.severity})`, each.description),
  )

const decisionsOf = (session: Session): readonly RecallLine[] =>
  standingDecisions(session).map(({ eventId, at, content, rationale }) => {
    const why = rationale === undefined ? '' : ` (because ${rationale})`
    return lineOf('decision', session.id)(eventId, at, 'Decided', content + why)
  })

const searchable = (session: Session): readonly RecallLine[] => [
  ...session.updates.map(each =>
    lineOf('update', session.id)(each.eventId, each.at, 'Update', each.description),
  ),
  ...session.entities.map(({ eventId, at, type, name, path, description }) =>
    lineOf('entity', session.id)(
      eventId,
      at,
      'Touched',
      [`${type} ${name}`, path, description].filter(part => part !== undefined).join(', '),
    ),
  ),
]

const messagesOf = (messages: readonly Message[]): readonly RecallLine[] =>
  messages.map(({ eventId, sessionId, at, role, content }) =>
    lineOf('message', sessionId)(eventId, at, `Message (${role})`, content),
  )

/**
 * Facts that a model needs before it goes on: goal and state of the newest session, open blockers, next steps, decisions
 * that stand, what has every word of the query, links. Newest first within each; no line is cut to fit the budget, the
 * first that does not fit ends the text. Its content is data that others wrote: do not let a model take it for instructions.
 */
export const toRecall = (source: RecallSource): Recall => {
  const { sessions, messages, links, query = '', since = '', budget = RECALL_BUDGET } = source
  const [newest] = sessions
  const words = wordsOf(query)
  const matches = ({ text }: RecallLine): boolean => {
    const has = new Set(wordsOf(text))
    return words.every(word => has.has(word))
  }
  const found = words.length === 0 ? [] : [...sessions.flatMap(searchable), ...messagesOf(messages)]
  const all = [
    ...(newest === undefined ? [] : standing(newest)),
    ...newestFirst(sessions.flatMap(blockersOf)),
    ...(newest === undefined ? [] : nextSteps(newest)),
    ...newestFirst(sessions.flatMap(decisionsOf)),
    ...newestFirst(found.filter(matches)),
    ...(newest === undefined
      ? []
      : links.map(({ name, url }) => lineOf('link', newest.id)(newest.id, newest.startedAt, name, url))),
  ].filter(({ at, kind }) => kind === 'goal' || kind === 'state' || kind === 'link' || at >= since)
  const lines: RecallLine[] = []
  let text = ''
  for (const line of all) {
    const next = `${text === '' ? '' : '\n'}${line.text} [${line.eventId}]`
    if (text.length + next.length > budget) break
    text += next
    lines.push(line)
  }
  return { text, lines }
}
