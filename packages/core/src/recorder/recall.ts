import { type Recall, toRecall } from '../export/recall.ts'
import { noSession } from '../session/errors.ts'
import { pointInTime, toEpochMs, word } from '../session/fields.ts'
import { count, custom, filled, optional, optionsOf } from '../session/options.ts'
import { ROLES } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import type { MessagePage } from '../store/contract.ts'
import type { MessagesOptions, RecallOptions } from './calls.ts'
import type { RecorderContext } from './context.ts'
import { linkOf } from './link.ts'
import { addEvent, copySession, emptySession, eventsOf } from './live-session.ts'

/** Sessions that one recall reads at most, the newest. */
const SESSIONS = 200
/** Messages that one query reads at most, the newest. */
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

const whole = async (parts: RecorderContext, sessionId: string): Promise<Session | undefined> => {
  const live = emptySession()
  for (const event of await eventsOf(parts, sessionId)) addEvent(live, event)
  return live.summary === undefined ? undefined : copySession(live)
}

const sessionsOf = async (
  parts: RecorderContext,
  given: Readonly<{ sessionId?: string; project: string }>,
) => {
  const { sessionId, project } = given
  const ids =
    sessionId === undefined
      ? (await parts.store.sessions({ project, limit: SESSIONS })).map(({ id }) => id)
      : [sessionId]
  const sessions: Session[] = []
  for (const id of ids) {
    const session = await whole(parts, id)
    if (session !== undefined) sessions.push(session)
    else if (sessionId !== undefined) throw noSession(sessionId, parts.store.where)
  }
  return sessions
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
  const { query, project = parts.project, sessionId, since, budget } = optionsOf('recall', given, RECALL)
  const sessions = await sessionsOf(parts, { project, ...(sessionId === undefined ? {} : { sessionId }) })
  const [newest] = sessions
  const where = sessionId === undefined ? { project } : { sessionId }
  const { messages } =
    query === undefined || query.trim() === ''
      ? { messages: [] }
      : await parts.store.messages({ ...where, limit: MESSAGES })
  const links = newest === undefined ? [] : await linksOf(parts, newest)
  return toRecall({
    sessions,
    messages,
    links,
    query,
    since: since === undefined ? undefined : new Date(since).toISOString(),
    budget,
  })
}

/** A page of messages. Throws `INVALID_INPUT` naming an option that is wrong. */
export const listMessages = async (
  { store }: RecorderContext,
  given?: MessagesOptions,
): Promise<MessagePage> => {
  const { since, ...filter } = optionsOf('messages', given, MESSAGE_FILTER)
  return store.messages({ ...filter, ...(since === undefined ? {} : { since: toEpochMs(since) }) })
}
