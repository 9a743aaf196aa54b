import {
  type Erasure,
  type KnownKey,
  type MessageFilter,
  type MessagePage,
  noSession,
  pageOf,
  readCursor,
  type SessionEvent,
  withContent,
} from '@sessionwire/core/store'
import { type Context, rowsAsked } from './context.ts'
import { writeJson } from './text.ts'

/** The columns of an event `e` with what a message keeps apart. */
export const EVENT = 'e.body AS event, m.content'
export const FROM_EVENTS =
  'FROM @.events e LEFT JOIN @.messages m ON m.session = e.session AND m.sequence = e.sequence'

export type EventRow = Readonly<{ event: string; content: string | null }>

/** An event from its row, with the content of its message, or marked as erased where that is gone. */
export const eventOf = ({ event, content }: EventRow): SessionEvent =>
  withContent(JSON.parse(event) as SessionEvent, content)

/** The event of a session that was recorded with a key. */
export const findKey = async (
  context: Context,
  sessionId: string,
  eventId: string,
): Promise<KnownKey | undefined> => {
  const [row] = await rowsAsked<EventRow & Readonly<{ digest: string }>>(
    context,
    `SELECT k.digest, ${EVENT} FROM @.sessions s JOIN @.keys k ON k.session = s.id AND k.event = $2::text
      JOIN @.events e ON e.session = s.id AND e.sequence = k.sequence
      LEFT JOIN @.messages m ON m.session = e.session AND m.sequence = e.sequence WHERE s.session = $1::text`,
    [sessionId, eventId],
  )
  return row === undefined ? undefined : { event: eventOf(row), digest: row.digest }
}

/** Messages that fit, newest first; the cursor names the last one given. */
export const messages = async (context: Context, filter: MessageFilter): Promise<MessagePage> => {
  const { sessionId, project, role, since, cursor, limit = 100 } = filter
  const place = readCursor(cursor)
  const values: (string | null)[] = []
  const conditions: string[] = []
  const addValue = (value: string): string => `$${values.push(value)}::text`
  if (sessionId !== undefined)
    conditions.push(`m.session = (SELECT id FROM @.sessions WHERE session = ${addValue(sessionId)})`)
  if (project !== undefined) conditions.push(`m.project = ${addValue(project)}`)
  if (role !== undefined) conditions.push(`m.role = ${addValue(role)}`)
  if (since !== undefined)
    conditions.push(`m.at >= to_timestamp(${addValue(String(since))}::numeric / 1000.0)`)
  if (place !== undefined) {
    const [at, sequence, id] = [place.at, String(place.sequence), place.eventId].map(addValue)
    conditions.push(`(m.at, m.sequence, m.event) < (${at}::timestamptz, ${sequence}::int, ${id})`)
  }
  const rows = await rowsAsked<EventRow>(
    context,
    `SELECT ${EVENT} FROM @.messages m JOIN @.events e ON e.session = m.session AND e.sequence = m.sequence
      ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
      ORDER BY m.at DESC, m.sequence DESC, m.event DESC LIMIT ${limit + 1}`,
    values,
  )
  return pageOf(rows.map(eventOf) as SessionEvent<'message'>[], limit)
}

/** Writes events without their texts over the stored ones. Throws `NO_SUCH_SESSION`. */
export const erase = (
  { connection, sql, where }: Context,
  sessionId: string,
  { summary, events, keys }: Erasure,
): Promise<void> =>
  connection.transaction(async query => {
    const { rows } = await query(
      sql('UPDATE @.sessions SET summary = $2::text WHERE session = $1::text RETURNING id::text AS id'),
      [sessionId, writeJson(summary)],
    )
    const [found] = rows
    if (found === undefined) throw noSession(sessionId, where)
    const session = found.id as string
    await query(sql('DELETE FROM @.words WHERE session = $1::text::bigint'), [session])
    const over = writeJson(events.map(event => ({ sequence: event.sequence, body: writeJson(event) })))
    const ON = `FROM jsonb_to_recordset($2::text::jsonb) AS x(sequence int, body text)`
    await query(
      sql(
        `DELETE FROM @.messages WHERE session = $1::text::bigint AND sequence IN (SELECT x.sequence ${ON})`,
      ),
      [session, over],
    )
    await query(
      sql(
        `UPDATE @.events e SET body = x.body ${ON} WHERE e.session = $1::text::bigint AND e.sequence = x.sequence`,
      ),
      [session, over],
    )
    await query(
      sql(`UPDATE @.deliveries SET body = NULL, reason = NULL WHERE state IN (5, 7)
        AND key IN (SELECT jsonb_array_elements_text($1::text::jsonb))`),
      [writeJson(keys)],
    )
  })
