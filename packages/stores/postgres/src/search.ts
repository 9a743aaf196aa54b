import { indexWords, type SearchFilter, type SearchPage, type SessionEvent } from '@sessionwire/core/store'
import { type Context, rowsAsked } from './context.ts'
import { EVENT, type EventRow, eventOf, FROM_EVENTS } from './message.ts'

/** Events whose words are added in one transaction. */
const EVENTS = 500

type Session = Readonly<{
  revision: number
  at: number
  title: string | null
  through: number
  words: readonly string[]
}>

/** Adds the words of the next events of a session; true: there are more. */
const addWords = (context: Context, id: string): Promise<boolean> =>
  context.connection.transaction(async query => {
    // A call that erases a text changes this row first: no words are written after that from a text that was read before.
    const [session] = await rowsAsked<Session>(
      context,
      `SELECT s.revision, s.last_event_at AS at, s.summary::json ->> 'title' AS title, coalesce(w.through, 0) AS through,
        coalesce(w.words, '{}') AS words FROM @.sessions s LEFT JOIN @.words w ON w.session = s.id
        WHERE s.id = $1::text::bigint FOR UPDATE OF s`,
      [id],
      query,
    )
    if (session === undefined) return false
    const rows = await rowsAsked<EventRow & Readonly<{ sequence: number }>>(
      context,
      `SELECT e.sequence, ${EVENT} ${FROM_EVENTS} WHERE e.session = $1::text::bigint AND e.sequence > $2::text::int
        ORDER BY e.sequence LIMIT ${EVENTS}`,
      [id, String(session.through)],
      query,
    )
    const events: readonly SessionEvent[] = rows.map(eventOf)
    const words = indexWords(new Set(session.words), session.title ?? '', events)
    const isMore = rows.length === EVENTS
    if (!isMore)
      await query(context.sql('UPDATE @.sessions SET unread = false WHERE id = $1::text::bigint'), [id])
    await query(
      context.sql(`INSERT INTO @.words (session, through, words, at)
        SELECT $1::text::bigint, $2::text::int, ARRAY(SELECT jsonb_array_elements_text($3::text::jsonb)), $4::text::bigint
        ON CONFLICT (session) DO UPDATE SET through = excluded.through, words = excluded.words, at = excluded.at`),
      [
        id,
        String(isMore ? (rows.at(-1)?.sequence ?? 0) : session.revision),
        JSON.stringify([...words]),
        String(session.at),
      ],
    )
    return isMore
  })

/** Brings the words up to what is recorded, by a search: a commit writes nothing for it. */
const update = async (context: Context): Promise<void> => {
  const unread = await rowsAsked<Readonly<{ id: string }>>(
    context,
    'SELECT s.id::text AS id FROM @.sessions s WHERE s.unread ORDER BY s.id',
  )
  for (const { id } of unread) while (await addWords(context, id));
}

type Row = Readonly<{ id: string; at: number; number: string }>

/** Sessions that have all these words, newest first; the cursor names the last one given. */
export const search = async (context: Context, filter: SearchFilter): Promise<SearchPage> => {
  const { words, project, cursor, limit = 100 } = filter
  if (cursor === undefined) await update(context)
  // A cast of the whole list lets the planner see how rare its words are.
  const values: string[] = [`{${words.map(word => `"${word.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`]
  const conditions = ['w.words @> $1::text::text[]']
  const addValue = (value: string): string => `$${values.push(value)}::text`
  if (project !== undefined) conditions.push(`s.project = ${addValue(project)}`)
  const [at, number] = cursor?.split('/') ?? []
  if (at !== undefined && number !== undefined)
    conditions.push(`(w.at, w.session) < (${addValue(at)}::bigint, ${addValue(number)}::bigint)`)
  const rows = await rowsAsked<Row>(
    context,
    `SELECT s.session AS id, w.at, s.id::text AS number FROM @.words w JOIN @.sessions s ON s.id = w.session
      WHERE ${conditions.join(' AND ')} ORDER BY w.at DESC, w.session DESC LIMIT ${limit + 1}`,
    values,
  )
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    sessions: page.map(({ id, at: lastEventAt }) => ({ id, lastEventAt })),
    ...(rows.length > limit && last !== undefined ? { cursor: `${last.at}/${last.number}` } : {}),
  }
}
