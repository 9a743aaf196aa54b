import type { Client } from './client.ts'
import type { Context } from './context.ts'
import { inSlices } from './slices.ts'

/** Rows removed in one transaction, and sessions or lanes looked at in one: some ms. */
const STEP = 500

type Bounds = Readonly<{ before: number; keepBefore: number }>
type Row = Readonly<{ id: number; name: string }>

/**
 * Deliveries that a lane still has to do (none lies before its walk), or that died too short a time ago. One that waits
 * where a lane stands still (it has no `kind`) has nothing to do either. States are numbers of `rows.ts`.
 */
const HOLDS = `(EXISTS (SELECT 1 FROM deliveries d WHERE d.lane = l.id AND d.position >= l.walk
    AND (d.state IN (2, 3) OR d.state = 1 AND (l.kind IS NOT NULL OR d.planned_at >= :keepBefore)))
  OR EXISTS (SELECT 1 FROM deliveries d INDEXED BY deliveries_attention WHERE d.lane = l.id
    AND (d.state IN (0, 4) OR d.doubt_since IS NOT NULL) AND d.state IN (0, 4) AND d.planned_at >= :keepBefore))`

/** Sessions that ended and hold nothing back. */
const ENDED = `SELECT id, session AS name FROM sessions WHERE id > :from AND id <= :to
  AND status <> 'active' AND last_event_at < :before
  AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.lane = session AND ${HOLDS})`

/** Lanes of no session, other than the adapters' own: direct calls, and what an interrupted pruning left. */
const LOOSE = `SELECT l.id, l.lane AS name FROM lanes l WHERE l.id > :from AND l.id <= :to AND l.lane <> 'init'
  AND NOT EXISTS (SELECT 1 FROM sessions WHERE session = l.lane) AND NOT ${HOLDS}
  AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.lane = l.id AND coalesce(d.settled_at, d.planned_at) >= :before)`

const query = (sql: string, { before, keepBefore }: Bounds, from: number, to: number) => {
  const values: Readonly<Record<string, number>> = { before, keepBefore, from, to }
  const given: number[] = []
  const text = sql.replace(/:(\w+)/g, (_, name: string) => {
    given.push(values[name] as number)
    return '?'
  })
  return [text, ...given] as const
}

/** Removes some rows of a lane, and the lane with the last of them. Answers how many, and whether it is gone. */
const emptyLane = (client: Client, lane: number): Readonly<{ count: number; gone: boolean }> => {
  const rows = client.all<Readonly<{ position: number; body: number | null }>>(
    'SELECT position, body FROM deliveries WHERE lane = ? ORDER BY position LIMIT ? + 0',
    lane,
    STEP,
  )
  for (const { position, body } of rows) {
    if (body !== null) client.run('DELETE FROM bodies WHERE id = ?', body)
    client.run('DELETE FROM deliveries WHERE lane = ? AND position = ?', lane, position)
  }
  const gone = rows.length < STEP
  if (gone) {
    client.run('DELETE FROM captures WHERE lane = ?', lane)
    client.run('DELETE FROM lanes WHERE id = ?', lane)
  }
  return { count: rows.length, gone }
}

const removeLane = async ({ client, gate }: Context, lane: number): Promise<number> => {
  let deliveries = 0
  await inSlices(async () => {
    const { count, gone } = await gate.write(() => emptyLane(client, lane))
    deliveries += count
    return gone
  })
  return deliveries
}

const removeEvents = ({ client, gate }: Context, session: number): Promise<void> =>
  inSlices(() =>
    gate.write(() => {
      const last = client.get<{ sequence: number }>(
        'SELECT sequence FROM events WHERE session = ? ORDER BY sequence LIMIT 1 OFFSET ?',
        session,
        STEP,
      )?.sequence
      const below = last ?? Number.MAX_SAFE_INTEGER
      const which = 'FROM events WHERE session = ? AND sequence < ?'
      client.run(`DELETE FROM bodies WHERE id IN (SELECT body ${which})`, session, below)
      client.run(`DELETE FROM messages WHERE session = ? AND sequence < ?`, session, below)
      client.run(`DELETE ${which}`, session, below)
      if (last === undefined) client.run('DELETE FROM keys WHERE session = ?', session)
      return last === undefined
    }),
  )

/** Finds rows of a table step by step and does something with each. */
const forEach = async (
  { client, gate }: Context,
  table: 'sessions' | 'lanes',
  sql: string,
  bounds: Bounds,
  act: (row: Row) => Promise<void>,
): Promise<void> => {
  let from = 0
  await inSlices(async () => {
    const { rows, last } = await gate.read(() => {
      const end = client.get<{ id: number }>(
        `SELECT id FROM ${table} WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?`,
        from,
        STEP,
      )?.id
      const to = end ?? Number.MAX_SAFE_INTEGER
      return { rows: client.all<Row>(...query(sql, bounds, from, to)), last: end }
    })
    for (const row of rows) await act(row)
    from = last ?? from
    return last === undefined
  })
}

/** Removes the content of messages stored before a time; answers of how many. */
const removeMessages = async ({ client, gate }: Context, before: number): Promise<number> => {
  let count = 0
  await inSlices(async () => {
    const removed = await gate.write(() => {
      const which = 'FROM messages WHERE time < ? ORDER BY time LIMIT ? + 0'
      client.run(`DELETE FROM words WHERE session IN (SELECT session ${which})`, before, STEP)
      return client.run(`DELETE FROM messages WHERE id IN (SELECT id ${which})`, before, STEP)
    })
    count += removed
    return removed < STEP
  })
  return count
}

/** Events whose session is gone: an interrupted pruning left them. */
const removeLeftovers = async (context: Context): Promise<void> => {
  const { client, gate } = context
  let last = 0
  await inSlices(async () => {
    const next = await gate.read(() => {
      for (let n = 0; n < STEP; n++) {
        const found = client.get<{ session: number | null }>(
          'SELECT min(session) AS session FROM events WHERE session > ?',
          last,
        )?.session
        if (typeof found !== 'number') return undefined
        last = found
        if (client.get('SELECT 1 FROM sessions WHERE id = ?', found) === undefined) return found
      }
      return 0
    })
    if (next !== undefined && next > 0) await removeEvents(context, next)
    return next === undefined
  })
}

/**
 * Removes what is over, a little at a time. A session goes first and whole, so that no caller goes on with half of one; what
 * belonged to it follows.
 */
export const prune = async (
  context: Context,
  before: number,
  keepBefore: number,
  messagesBefore = 0,
): Promise<Readonly<{ sessions: number; deliveries: number; messages: number }>> => {
  const { client, gate, emptyWal } = context
  const bounds = { before, keepBefore }
  const removed = { sessions: 0, deliveries: 0, messages: 0 }
  await forEach(context, 'sessions', ENDED, bounds, async ({ id, name }) => {
    const lanes = await gate.write(() => {
      // A caller may have gone on with it meanwhile.
      if (client.get(...query(ENDED, bounds, id - 1, id)) === undefined) return undefined
      client.run('DELETE FROM sessions WHERE id = ?', id)
      client.run('DELETE FROM words WHERE session = ?', id)
      return client.all<{ id: number }>('SELECT id FROM lanes WHERE lane = ?', name)
    })
    if (lanes === undefined) return
    removed.sessions++
    for (const lane of lanes) removed.deliveries += await removeLane(context, lane.id)
    await removeEvents(context, id)
  })
  await forEach(context, 'lanes', LOOSE, bounds, async ({ id }) => {
    removed.deliveries += await removeLane(context, id)
  })
  await removeLeftovers(context)
  removed.messages = await removeMessages(context, messagesBefore)
  if (removed.sessions + removed.deliveries + removed.messages > 0) await emptyWal()
  return removed
}
