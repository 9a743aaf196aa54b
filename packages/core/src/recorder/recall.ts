import {
  finderOf,
  lengthOf,
  newestOf,
  RECALL_BUDGET,
  type Recall,
  type RecallLine,
  standingLines,
  toRecall,
} from '../export/recall.ts'
import { noSession } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import { pointInTime, toEpochMs, word } from '../session/fields.ts'
import { idOf } from '../session/input.ts'
import { count, custom, filled, optional, optionsOf } from '../session/options.ts'
import { ROLES } from '../session/schema.ts'
import { narrow } from '../session/search.ts'
import type { Message, Session } from '../session/session.ts'
import type { MessagePage } from '../store/contract.ts'
import type { EventsOptions, MessagesOptions, RecallOptions } from './calls.ts'
import type { RecorderContext } from './context.ts'
import { linkOf } from './link.ts'
import { addEvent, copySession, emptySession, eventsOf } from './live-session.ts'

/** Sessions whose open blockers and valid decisions a recall shows, the newest; a query looks through all. */
const SESSIONS = 200
/** Events that one call gives when it names no limit. */
const EVENTS = 1_000
/** Messages of one page at most. */
const MESSAGES = 10_000

const RECALL = optional({
  query: custom<string>(value => typeof value === 'string', 'a string'),
  project: filled,
  sessionId: filled,
  since: pointInTime,
  budget: count(),
})

const MESSAGE_FILTER = optional({
  sessionId: filled,
  project: filled,
  role: word(ROLES),
  since: pointInTime,
  cursor: filled,
  limit: count(1, MESSAGES),
})

/** A session with its messages, and the ids of its events in order. */
type Whole = Readonly<{ session: Session; messages: readonly Message[]; ids: readonly string[] }>

const messageOf = (event: SessionEvent): readonly Message[] => {
  if (event.type !== 'message' || event.erased === true) return []
  const { id: eventId, sessionId, time, at, payload } = event
  return [{ eventId, sessionId, time, at, ...payload }]
}

const readWhole = async (parts: RecorderContext, sessionId: string): Promise<Whole | undefined> => {
  const live = emptySession()
  const events = await eventsOf(parts, sessionId)
  for (const event of events) addEvent(live, event)
  if (live.summary === undefined) return undefined
  return {
    session: copySession(live),
    messages: events.flatMap(messageOf),
    ids: events.map(({ id }) => id),
  }
}

const newestSessions = async (
  parts: RecorderContext,
  given: Readonly<{ sessionId?: string | undefined; project: string }>,
): Promise<readonly Whole[]> => {
  const { sessionId, project } = given
  const ids =
    sessionId === undefined
      ? (await parts.store.sessions({ project, limit: SESSIONS })).map(({ id }) => id)
      : [sessionId]
  const found = (await Promise.all(ids.map(id => readWhole(parts, id)))).filter(each => each !== undefined)
  if (sessionId !== undefined && found.length === 0) throw noSession(sessionId, parts.store.where)
  return found
}

/** Candidates that are read at once: a server answers several as fast as one. */
const AT_ONCE = 4

/** How far ahead of the time an event is stored at its own time may be, ms. */
const AHEAD_MS = 5 * 60_000

/**
 * Sessions of a project that may have what a query asks for, those with the newest events first, until everything that is
 * left happened before `isOver` says.
 */
async function* candidates(
  parts: RecorderContext,
  filter: Readonly<{ project: string; words: readonly string[] }>,
  read: ReadonlyMap<string, Whole>,
  isOver: (newest: string) => boolean,
): AsyncGenerator<Whole> {
  let cursor: string | undefined
  do {
    const page = await parts.store.search({ ...filter, ...(cursor === undefined ? {} : { cursor }) })
    let next: readonly (Whole | undefined)[] = []
    for (const [n, { lastEventAt }] of page.sessions.entries()) {
      if (isOver(new Date(lastEventAt + AHEAD_MS).toISOString())) return
      if (n % AT_ONCE === 0) {
        const some = page.sessions.slice(n, n + AT_ONCE)
        next = await Promise.all(some.map(({ id }) => read.get(id) ?? readWhole(parts, id)))
      }
      const each = next[n % AT_ONCE]
      if (each !== undefined) yield each
    }
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** The card of a session in each service, where it has an address. */
const linksOf = async ({ store, adapters }: RecorderContext, session: Session) => {
  const captured = await store.listCaptures(session.id)
  const names = new Set([...captured.map(({ adapter }) => adapter), ...Object.keys(session.refs)])
  return [...names].sort().flatMap(adapter => {
    const link = linkOf(adapter, adapters.get(adapter), session, captured)
    return link === undefined ? [] : [{ name: adapter, url: link.url }]
  })
}

/** Text for a prompt from what the store holds. Throws `INVALID_INPUT`, and `NO_SUCH_SESSION` for an unknown session. */
export const recall = async (parts: RecorderContext, given?: RecallOptions): Promise<Recall> => {
  const options = optionsOf('recall', given, RECALL)
  const { query = '', project = parts.project, sessionId, budget = RECALL_BUDGET } = options
  const since = options.since === undefined ? '' : new Date(options.since).toISOString()
  const read = await newestSessions(parts, { project, sessionId })
  const places = new Map<string, number>()
  const note = ({ ids }: Whole): void => ids.forEach((id, place) => void places.set(id, place))
  const placeOf = (eventId: string): number => places.get(eventId) ?? 0
  read.forEach(note)
  const standing = standingLines(
    read.map(({ session }) => session),
    placeOf,
  )
  const finder = finderOf(query, standing)
  const found: RecallLine[] = []
  if (finder !== undefined) {
    const byId = new Map(read.map(each => [each.session.id, each]))
    const isOver = (newest: string): boolean =>
      newest < since || lengthOf(found.filter(({ at }) => at > newest)) > budget
    const among =
      sessionId === undefined
        ? candidates(parts, { project, words: narrow(finder.words) }, byId, isOver)
        : read
    for await (const each of among) {
      note(each)
      found.push(...finder.find(each.session, each.messages))
    }
  }
  const newest = newestOf(read.map(({ session }) => session))
  const links = newest === undefined ? [] : await linksOf(parts, newest)
  return toRecall({ standing, found, newest, links, since, budget, placeOf })
}

const EVENTS_FILTER = optional({ after: count(), limit: count(1) })

/** Events of a session in order. Throws `INVALID_INPUT` naming an option that is wrong, and `NO_SUCH_SESSION`. */
export const listEvents = async (
  parts: RecorderContext,
  sessionId: string,
  given?: EventsOptions,
): Promise<readonly SessionEvent[]> => {
  const { after = 0, limit = EVENTS } = optionsOf('events', given, EVENTS_FILTER)
  const events = await eventsOf(parts, idOf(sessionId), after)
  if (events.length === 0 && (await parts.store.load(sessionId)) === undefined)
    throw noSession(sessionId, parts.store.where)
  return events.slice(0, limit)
}

/** A page of messages. Throws `INVALID_INPUT` naming an option that is wrong. */
export const listMessages = async (
  { store }: RecorderContext,
  given?: MessagesOptions,
): Promise<MessagePage> => {
  const { since, ...filter } = optionsOf('messages', given, MESSAGE_FILTER)
  return store.messages({ ...filter, ...(since === undefined ? {} : { since: toEpochMs(since) }) })
}
