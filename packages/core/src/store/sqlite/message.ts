import { noSession } from '../../session/errors.ts'
import type { SessionEvent } from '../../session/events.ts'
import type { Erasure, KnownKey, MessageFilter, MessagePage } from '../contract.ts'
import { pageOf, readCursor, withContent } from '../messages.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import { stateNumber } from './rows.ts'

type Body = Readonly<{ event: string; content: string | null }>

/** The columns of an event `e` with what a message keeps apart. */
export const EVENT = `b.text AS event, m.content`
export const FROM_EVENTS = `FROM events e JOIN bodies b ON b.id = e.body
  LEFT JOIN messages m ON m.session = e.session AND m.sequence = e.sequence`

/** An event from its row, with the content of its message, or marked as erased where that is gone. */
export const eventOf = ({ event, content }: Body): SessionEvent =>
  withContent(JSON.parse(event) as SessionEvent, content)

/** The event of a session that was recorded with a key. */
export const findKey = (
  { client, gate }: Context,
  sessionId: string,
  eventId: string,
): Promise<KnownKey | undefined> =>
  gate.read(() => {
    const row = client.get<Body & Readonly<{ digest: string }>>(
      `SELECT k.digest, ${EVENT} FROM sessions s JOIN keys k ON k.session = s.id AND k.event = ?2
        JOIN events e ON e.session = s.id AND e.sequence = k.sequence JOIN bodies b ON b.id = e.body
        LEFT JOIN messages m ON m.session = e.session AND m.sequence = e.sequence WHERE s.session = ?1`,
      sessionId,
      eventId,
    )
    return row === undefined ? undefined : { event: eventOf(row), digest: row.digest }
  })

/** Remembers with which input an event was recorded. */
export const insertKey = (
  client: Client,
  session: number,
  { eventId, digest }: Readonly<{ eventId: string; digest: string }>,
  events: readonly SessionEvent[],
): void => {
  const sequence = events.find(({ id }) => id === eventId)?.sequence
  if (sequence === undefined) return
  client.run(
    'INSERT INTO keys (session, event, sequence, digest) VALUES (?,?,?,?)',
    session,
    eventId,
    sequence,
    digest,
  )
}

/** Messages that fit, newest first; the cursor names the last one given. */
export const messages = ({ client, gate }: Context, filter: MessageFilter): Promise<MessagePage> =>
  gate.read(() => {
    const { sessionId, project, role, since, cursor, limit = 100 } = filter
    const place = readCursor(cursor)
    const rows = client.all<Body>(
      `SELECT ${EVENT} FROM messages m
        JOIN sessions s ON s.id = m.session
        JOIN events e ON e.session = m.session AND e.sequence = m.sequence JOIN bodies b ON b.id = e.body
        WHERE (?1 IS NULL OR s.session = ?1) AND (?2 IS NULL OR s.project = ?2) AND (?3 IS NULL OR m.role = ?3)
          AND (?4 IS NULL OR m.at >= ?4) AND (?5 IS NULL OR (m.at, m.sequence, m.event) < (?5, ?6, ?7))
        ORDER BY m.at DESC, m.sequence DESC, m.event DESC LIMIT ?8 + 0`,
      sessionId ?? null,
      project ?? null,
      role ?? null,
      since ?? null,
      place === undefined ? null : Date.parse(place.at),
      place?.sequence ?? null,
      place?.eventId ?? null,
      limit + 1,
    )
    return pageOf(rows.map(eventOf) as SessionEvent<'message'>[], limit)
  })

/** Writes events without their texts over the stored ones. Throws `NO_SUCH_SESSION`. */
export const erase = async (
  { client, gate, emptyWal }: Context,
  sessionId: string,
  { summary, events, keys }: Erasure,
): Promise<void> => {
  await gate.write(() => {
    const session = client.get<{ id: number }>('SELECT id FROM sessions WHERE session = ?', sessionId)?.id
    if (session === undefined) throw noSession(sessionId)
    client.run('UPDATE sessions SET summary = ? WHERE id = ?', JSON.stringify(summary), session)
    client.run('DELETE FROM words WHERE session = ?', session)
    for (const event of events) {
      client.run('DELETE FROM messages WHERE session = ? AND sequence = ?', session, event.sequence)
      client.run(
        'UPDATE bodies SET text = ? WHERE id = (SELECT body FROM events WHERE session = ? AND sequence = ?)',
        JSON.stringify(event),
        session,
        event.sequence,
      )
    }
    for (const key of keys) {
      const row = client.get<{ lane: number; position: number; body: number | null }>(
        `SELECT lane, position, body FROM deliveries WHERE key = ?
          AND state IN (${stateNumber('delivered')}, ${stateNumber('dropped')})`,
        key,
      )
      if (row === undefined) continue
      if (row.body !== null) client.run('DELETE FROM bodies WHERE id = ?', row.body)
      // A reason may quote the text that the service refused.
      client.run(
        'UPDATE deliveries SET body = NULL, reason = NULL WHERE lane = ? AND position = ?',
        row.lane,
        row.position,
      )
    }
  })
  await emptyWal()
}
