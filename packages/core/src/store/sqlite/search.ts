import { indexWords } from '../../session/search.ts'
import type { SearchFilter, SearchPage } from '../contract.ts'
import type { Client, Value } from './client.ts'
import type { Context } from './context.ts'
import { EVENT, eventOf, FROM_EVENTS } from './message.ts'
import { inSlices } from './slices.ts'

/** Sessions looked at in one step: some ms. */
const STEP = 200
/** Events whose words are added in one transaction, at most. */
const EVENTS = 500

type Body = Parameters<typeof eventOf>[0]

/** Adds the words of the next events of a session; answers how many events it read, and whether there are more. */
const addWords = (client: Client, id: number): Readonly<{ read: number; more: boolean }> => {
  const session = client.get<{ revision: number; last: number; title: string | null }>(
    "SELECT revision, last_event_at AS last, summary ->> 'title' AS title FROM sessions WHERE id = ?",
    id,
  )
  if (session === undefined) return { read: 0, more: false }
  const kept = client.get<{ through: number; words: string }>(
    'SELECT through, words FROM words WHERE session = ?',
    id,
  )
  const rows = client.all<Body & Readonly<{ sequence: number }>>(
    `SELECT e.sequence, ${EVENT} ${FROM_EVENTS} WHERE e.session = ? AND e.sequence > ? ORDER BY e.sequence LIMIT ? + 0`,
    id,
    kept?.through ?? 0,
    EVENTS,
  )
  const words = new Set((kept?.words ?? '').split('\n'))
  indexWords(words, session.title ?? '', rows.map(eventOf))
  words.delete('')
  const more = rows.length === EVENTS
  client.run(
    `INSERT INTO words (session, through, last_at, words) VALUES (?,?,?,?)
      ON CONFLICT (session) DO UPDATE SET through = excluded.through, last_at = excluded.last_at, words = excluded.words`,
    id,
    more ? (rows.at(-1)?.sequence ?? 0) : session.revision,
    session.last,
    `\n${[...words].join('\n')}\n`,
  )
  return { read: rows.length, more }
}

/**
 * Brings the words up to what is recorded. A search does it: a commit writes nothing for it, and events of
 * earlier versions are found like the rest.
 */
const update = async ({ client, gate }: Context): Promise<void> => {
  let from = 0
  await inSlices(async () => {
    const { stale, last } = await gate.read(() => {
      const end = client.get<{ id: number }>(
        'SELECT id FROM sessions WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?',
        from,
        STEP,
      )?.id
      return {
        stale: client.all<{ id: number }>(
          `SELECT s.id FROM sessions s LEFT JOIN words w ON w.session = s.id
            WHERE s.id > ? AND s.id <= ? AND w.through IS NOT s.revision ORDER BY s.id`,
          from,
          end ?? Number.MAX_SAFE_INTEGER,
        ),
        last: end,
      }
    })
    const waiting = stale.map(({ id }) => id)
    await inSlices(async () => {
      if (waiting.length === 0) return true
      await gate.write(() => {
        for (let room = EVENTS; room > 0; ) {
          const [id] = waiting
          if (id === undefined) return
          const { read, more } = addWords(client, id)
          room -= read + 1
          if (!more) waiting.shift()
        }
      })
      return false
    })
    from = last ?? from
    return last === undefined
  })
}

type Row = Readonly<{ id: string; at: number; number: number }>

/** Sessions that have all these words, newest first; the cursor names the last one given. */
export const search = async (context: Context, filter: SearchFilter): Promise<SearchPage> => {
  const { words, project, cursor, limit = 100 } = filter
  const { client, gate } = context
  if (cursor === undefined) await update(context)
  const has = words.map(() => ' AND instr(w.words, ?) > 0').join('')
  const sql = `SELECT s.session AS id, w.last_at AS at, w.session AS number FROM words w CROSS JOIN sessions s ON s.id = w.session
    WHERE (w.last_at, w.session) < (?, ?) AND (w.last_at, w.session) >= (?, ?)
      ${project === undefined ? '' : ' AND s.project = ?'}${has} ORDER BY w.last_at DESC, w.session DESC`
  const more: readonly Value[] = [
    ...(project === undefined ? [] : [project]),
    ...words.map(word => `\n${word}\n`),
  ]
  const found: Row[] = []
  let [at = Number.MAX_SAFE_INTEGER, number = Number.MAX_SAFE_INTEGER] = cursor?.split('/').map(Number) ?? []
  await inSlices(() =>
    gate.read(() => {
      const end = client.get<{ at: number; number: number }>(
        `SELECT last_at AS at, session AS number FROM words WHERE (last_at, session) < (?, ?)
          ORDER BY last_at DESC, session DESC LIMIT 1 OFFSET ?`,
        at,
        number,
        STEP - 1,
      )
      found.push(...client.all<Row>(sql, at, number, end?.at ?? 0, end?.number ?? 0, ...more))
      at = end?.at ?? 0
      number = end?.number ?? 0
      return end === undefined || found.length > limit
    }),
  )
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    sessions: page.map(({ id, at: lastEventAt }) => ({ id, lastEventAt })),
    ...(found.length > limit && last !== undefined ? { cursor: `${last.at}/${last.number}` } : {}),
  }
}
