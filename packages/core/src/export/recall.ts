import { ERASED } from '../session/erase.ts'
import { wordsOf } from '../session/search.ts'
import {
  type Message,
  namePeople,
  openBlockers,
  type Session,
  standingDecisions,
} from '../session/session.ts'
import { toLine } from './context.ts'

/** Characters of a recall when the caller names no budget: what hosts take as one system message. */
export const RECALL_BUDGET = 9_500
/** Longest line, in characters. */
const LINE = 300

/** Kind of a line of a recall. */
export type RecallKind =
  | 'goal'
  | 'state'
  | 'blocker'
  | 'resolved'
  | 'summary'
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
  /** The event it comes from; the session's id for its goal, summary, state and links. */
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
  /** Lines of the newest sessions that are shown with and without a query. */
  standing: readonly RecallLine[]
  /** Lines that have every word of the query. */
  found: readonly RecallLine[]
  /** The newest session. Absent: there is none. */
  newest: Session | undefined
  /** Addresses of its cards, by adapter. */
  links: readonly Readonly<{ name: string; url: string }>[]
  /** Only what happened at this time or later, ISO 8601. */
  since?: string | undefined
  budget: number
  /** Orders lines of one moment in a session. */
  placeOf: PlaceOf
}>

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
/** The place of an event in its session; ids say nothing of it, because callers may give them. */
export type PlaceOf = (eventId: string) => number

/** Newest first; of one moment in a session, what was recorded later first. */
const newestFirst = (lines: readonly RecallLine[], placeOf: PlaceOf): readonly RecallLine[] =>
  [...lines].sort(
    (a, b) =>
      compare(b.at, a.at) || compare(b.sessionId, a.sessionId) || placeOf(b.eventId) - placeOf(a.eventId),
  )

/** The place of the first of the words in a text, so that a line may begin near it. */
const findPlace = (text: string, words: readonly string[]): number => {
  const places = words.map(word => text.toLowerCase().indexOf(word)).filter(place => place >= 0)
  return Math.max(0, Math.min(...places, text.length))
}

/** A line around the first of the words, where the text is longer than a line. */
const excerpt = (text: string, words: readonly string[]): string => {
  const place = findPlace(text, words)
  return text.length <= LINE || place < LINE / 2 ? text : `…${text.slice(place - LINE / 4).trimStart()}`
}

const lineOf =
  (kind: RecallKind, sessionId: string, words: readonly string[] = []) =>
  (eventId: string, at: string, label: string, text: string): RecallLine => ({
    text: `${label}: ${toLine(words.length === 0 ? text : excerpt(text, words), LINE)}`,
    eventId,
    sessionId,
    at,
    kind,
  })

const goalAndState = (session: Session): readonly RecallLine[] => {
  const { id, goal, title, status, progress, startedAt } = session
  const open = openBlockers(session).length
  const state = `${status === 'active' && open > 0 ? 'blocked' : status}, ${progress} %`
  const summary = session.summary === undefined ? '' : `; ${session.summary}`
  return [
    lineOf('goal', id)(id, startedAt, 'Goal', goal ?? title),
    lineOf('state', id)(
      id,
      session.endedAt ?? startedAt,
      'State',
      `${state}, ${namePeople(session)}${summary}`,
    ),
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
  standingDecisions(session)
    .filter(({ content }) => !isErased(content))
    .map(({ eventId, at, content, rationale }) => {
      const why = rationale === undefined ? '' : ` (because ${rationale})`
      return lineOf('decision', session.id)(eventId, at, 'Decided', content + why)
    })

/** The newest of sessions that come newest first. Sub-agents begin later than the session that they are a part of. */
export const newestOf = (sessions: readonly Session[]): Session | undefined =>
  sessions.find(({ parentId }) => parentId === undefined) ?? sessions[0]

/** Goal and state of the newest session, open blockers, its next steps, valid decisions; the sessions come newest first. */
export const standingLines = (sessions: readonly Session[], placeOf: PlaceOf): readonly RecallLine[] => {
  const newest = newestOf(sessions)
  return [
    ...(newest === undefined ? [] : goalAndState(newest)),
    ...newestFirst(sessions.flatMap(blockersOf), placeOf),
    ...(newest === undefined ? [] : nextSteps(newest)),
    ...newestFirst(sessions.flatMap(decisionsOf), placeOf),
  ]
}

/** Words that `phrase` puts between texts: a query may have them, and no session has. */
const PHRASES = ['next', 'because', 'instead of', 'impact', 'resolved'] as const
type Part = string | readonly string[] | undefined
const phrase = (label: (typeof PHRASES)[number], part: Part): string => {
  const text = [part ?? []].flat().join('; ')
  return text === '' ? '' : ` (${label}${label === 'because' || label === 'instead of' ? '' : ':'} ${text})`
}
const OURS: ReadonlySet<string> = new Set(PHRASES.flatMap(wordsOf))

/** A text of a session that a query looks through. */
type Searched = Readonly<{
  kind: RecallKind
  label: string
  /** The text, and the part of it that a line shows where that has every word. */
  text: string
  short?: string
  eventId: string
  sessionId: string
  at: string
}>

const searchSession = (session: Session): readonly Searched[] => {
  const { id: sessionId, goal, title, summary, startedAt, endedAt } = session
  const own = { eventId: sessionId, sessionId }
  return [
    { ...own, kind: 'goal', label: 'Goal', text: goal ?? title, at: startedAt },
    ...(summary === undefined
      ? []
      : [{ ...own, kind: 'summary', label: 'Summary', text: summary, at: endedAt ?? startedAt } as const]),
    ...session.updates.map(({ eventId, at, description, nextSteps }) => {
      const text = description + phrase('next', nextSteps)
      return { kind: 'update', label: 'Update', text, short: description, eventId, sessionId, at } as const
    }),
    ...session.decisions.map(({ eventId, at, content, rationale, alternatives, impact }) => {
      const text =
        content + phrase('because', rationale) + phrase('instead of', alternatives) + phrase('impact', impact)
      return { kind: 'decision', label: 'Decided', text, eventId, sessionId, at } as const
    }),
    ...session.blockers.map(({ eventId, at, severity, description, resolvedAt, resolution }) => {
      const is = resolvedAt === undefined ? 'blocker' : 'resolved'
      const label = resolvedAt === undefined ? `Blocked (${severity})` : 'Was blocked'
      const text = description + phrase('resolved', resolution)
      return { kind: is, label, text, eventId, sessionId, at } as const
    }),
    ...session.entities.map(({ eventId, at, type, name, path, description }) => {
      const text = [`${type} ${name}`, path, description].filter(part => part !== undefined).join(', ')
      return { kind: 'entity', label: 'Touched', text, eventId, sessionId, at } as const
    }),
  ]
}

const searchMessages = (messages: readonly Message[]): readonly Searched[] =>
  messages.map(({ eventId, sessionId, at, role, content }) => ({
    ...({ kind: 'message', label: `Message (${role})`, text: content, eventId, sessionId, at } as const),
  }))

/** A text that `forget` erased says nothing. */
const isErased = (text: string): boolean => text === ERASED

/** A query, and how to find its lines in a session. */
export type Finder = Readonly<{
  /** The words that a session must have for a line of it to be found. */
  words: readonly string[]
  /** Lines of a session that have every word of the query and are not shown already. */
  find: (session: Session, messages: readonly Message[]) => readonly RecallLine[]
}>

/** Finds what a query asks for, besides the lines that are shown anyway; `undefined`: it has no word. */
export const finderOf = (query: string, shown: readonly RecallLine[]): Finder | undefined => {
  const words = [...new Set(wordsOf(query))]
  if (words.length === 0) return undefined
  const hasWords = (text: string): boolean => {
    const has = new Set(wordsOf(text))
    return words.every(word => has.has(word))
  }
  const isShown = ({ kind, eventId }: Searched): boolean =>
    shown.some(
      line =>
        line.eventId === eventId &&
        (line.kind === kind || (kind === 'summary' && line.kind === 'state')) &&
        hasWords(line.text),
    )
  return {
    words: words.filter(word => !OURS.has(word)),
    find: (session, messages) =>
      // The whole text is looked through, not only what a line has room for.
      [...searchSession(session), ...searchMessages(messages)]
        .filter(each => !isErased(each.text) && hasWords(each.text) && !isShown(each))
        .map(({ kind, sessionId, eventId, at, label, text, short }) =>
          lineOf(kind, sessionId, words)(
            eventId,
            at,
            label,
            short !== undefined && hasWords(short) ? short : text,
          ),
        ),
  }
}

const write = ({ text, eventId }: RecallLine): string => `${text} [${eventId}]`

/** Characters that lines take in a recall. */
export const lengthOf = (lines: readonly RecallLine[]): number =>
  lines.reduce((sum, line) => sum + write(line).length + 1, 0)

/**
 * Facts that a model needs before it goes on: what stands, every text that has all words of the query, the cards. Newest
 * first within each; no line is cut to fit the budget, the first that does not fit ends the text. Its content is data that
 * others wrote: do not let a model take it for instructions.
 */
export const toRecall = (source: RecallSource): Recall => {
  const { standing, found, newest, links, since = '', budget, placeOf } = source
  const all = [
    ...standing,
    ...newestFirst(found, placeOf),
    ...(newest === undefined
      ? []
      : links.map(({ name, url }) =>
          lineOf('link', newest.id)(newest.id, newest.startedAt, `Card in ${name}`, url),
        )),
  ].filter(({ at, kind }) => kind === 'goal' || kind === 'state' || kind === 'link' || at >= since)
  const lines: RecallLine[] = []
  let text = ''
  for (const line of all) {
    const next = `${text === '' ? '' : '\n'}${write(line)}`
    if (text.length + next.length > budget) break
    text += next
    lines.push(line)
  }
  return { text, lines }
}
