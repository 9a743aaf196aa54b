import { indexWords, type SearchFilter, type SearchPage } from '@sessionwire/core/store'
import { type Context, rowsAsked } from './context.ts'
import { EVENT, type EventRow, eventOf, FROM_EVENTS } from './message.ts'
import { writeJson } from './text.ts'

/** Events whose words are added in one transaction, of all of its sessions. */
const EVENTS = 500
/** Sessions of one transaction: it holds their rows, and what is recorded in them waits meanwhile. */
const SESSIONS = 50

type Unread = Readonly<{ id: string; fresh: number }>
type Locked = Readonly<{ id: string; revision: number; at: number; title: string | null }>
type Kept = Readonly<{ id: string; words: readonly string[] }>
type Fresh = EventRow & Readonly<{ id: string; sequence: number }>

/** Sessions whose words are added together: a long one is alone. */
const groupsOf = (unread: readonly Unread[]): readonly (readonly string[])[] => {
  const groups: string[][] = []
  let room = 0
  for (const { id, fresh } of unread) {
    const last = groups.at(-1)
    if (last !== undefined && last.length < SESSIONS && fresh <= room) last.push(id)
    else {
      groups.push([id])
      room = EVENTS
    }
    room -= fresh
  }
  return groups
}

const KEPT = `SELECT w.session::text AS id, w.words FROM @.words w WHERE w.session = ANY ($1::text::bigint[])`
const FRESH = `SELECT x.id::text AS id, f.* FROM unnest($1::text::bigint[]) AS x(id) LEFT JOIN @.words w ON w.session = x.id
  CROSS JOIN LATERAL (SELECT e.sequence, ${EVENT} ${FROM_EVENTS} WHERE e.session = x.id AND e.sequence > coalesce(w.through, 0)
    ORDER BY e.sequence LIMIT ${EVENTS}) f ORDER BY x.id, f.sequence`
const WRITE = `WITH x AS (
    SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS x(session bigint, through int, words jsonb, at bigint, whole boolean)
  ), s AS (UPDATE @.sessions s SET unread = false FROM x WHERE s.id = x.session AND x.whole)
  INSERT INTO @.words (session, through, words, at)
    SELECT x.session, x.through, ARRAY(SELECT jsonb_array_elements_text(x.words)), x.at FROM x
    ON CONFLICT (session) DO UPDATE SET through = excluded.through, words = excluded.words, at = excluded.at`

/** Adds the words of the next events of sessions; answers those that have more. */
const addWords = (context: Context, ids: readonly string[]): Promise<readonly string[]> =>
  context.connection.transaction(async query => {
    // A call that erases a text changes this row first. A statement that waits for a row sees all others as they were before its wait,
    // so words and events are read by the next ones: none of them has a text that was erased meanwhile.
    const locked = await rowsAsked<Locked>(
      context,
      `SELECT s.id::text AS id, s.revision, s.last_event_at AS at, s.summary::json ->> 'title' AS title FROM @.sessions s
        WHERE s.id = ANY ($1::text::bigint[]) ORDER BY s.id FOR UPDATE`,
      [`{${ids.join(',')}}`],
      query,
    )
    if (locked.length === 0) return []
    const which = [`{${locked.map(({ id }) => id).join(',')}}`]
    const rowsKept = await rowsAsked<Kept>(context, KEPT, which, query)
    const kept = new Map(rowsKept.map(({ id, words }) => [id, words]))
    const fresh = Map.groupBy(await rowsAsked<Fresh>(context, FRESH, which, query), ({ id }) => id)
    const rows = locked.map(({ id, revision, at, title }) => {
      const events = fresh.get(id) ?? []
      const words = indexWords(new Set(kept.get(id)), title ?? '', events.map(eventOf))
      const whole = events.length < EVENTS
      const through = whole ? revision : (events.at(-1)?.sequence ?? 0)
      return { session: id, through, words: [...words], at, whole }
    })
    await query(context.sql(WRITE), [writeJson(rows)])
    return rows.filter(({ whole }) => !whole).map(({ session }) => session)
  })

/** Brings the words up to what is recorded, by a search: a commit writes nothing for it. */
const update = async (context: Context): Promise<void> => {
  const unread = await rowsAsked<Unread>(
    context,
    `SELECT s.id::text AS id, s.revision - coalesce(w.through, 0) AS fresh FROM @.sessions s
      LEFT JOIN @.words w ON w.session = s.id WHERE s.unread ORDER BY s.id`,
  )
  for (const group of groupsOf(unread))
    for (let ids = group; ids.length > 0; ) ids = await addWords(context, ids)
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
