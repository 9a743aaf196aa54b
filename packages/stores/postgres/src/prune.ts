import type { Query } from './connection.ts'
import type { Context } from './context.ts'
import { writeJson } from './text.ts'

/** Sessions or lanes looked at in one transaction, and rows removed in one. */
const STEP = 500

/**
 * Deliveries that a lane still has to do, or that died too short a time ago. One that waits where a lane stands still (its head has no
 * kind) has nothing to do either.
 */
const HOLDS = `EXISTS (SELECT 1 FROM @.heads h JOIN @.deliveries d ON d.lane = h.lane WHERE h.lane = l.id AND (d.state IN (2, 3)
  OR d.state = 1 AND (h.kind IS NOT NULL OR d.planned_at >= $2::text::numeric)
  OR d.state IN (0, 4) AND d.planned_at >= $2::text::numeric))`

type Removed = { sessions: number; deliveries: number; messages: number }

const countOf = async (query: Query, text: string, values: readonly (string | null)[]): Promise<number> => {
  const { rows } = await query(text, values)
  return Number(rows[0]?.n ?? 0)
}

/** Repeats a step, each in a transaction of its own, until it says that there is no more. */
const repeat = async (context: Context, step: (query: Query) => Promise<boolean>): Promise<void> => {
  for (;;) if (await context.connection.transaction(step)) return
}

const idsOf = async (
  query: Query,
  text: string,
  values: readonly (string | null)[],
): Promise<readonly string[]> => {
  const { rows } = await query(text, values)
  return rows.map(({ id }) => String(id))
}

/** Removes a lane's rows a slice at a time, and the lane with the last of them. */
const removeLanes = async (context: Context, lanes: readonly string[], removed: Removed): Promise<void> => {
  const { sql } = context
  for (const lane of lanes)
    await repeat(context, async query => {
      const count = await countOf(
        query,
        sql(`WITH gone AS (DELETE FROM @.deliveries WHERE lane = $1::text::bigint AND position IN (
            SELECT position FROM @.deliveries WHERE lane = $1::text::bigint ORDER BY position LIMIT ${STEP}) RETURNING 1)
          SELECT count(*) AS n FROM gone`),
        [lane],
      )
      removed.deliveries += count
      if (count === STEP) return false
      await query(
        sql(`INSERT INTO @.tallies (adapter, target, state, count) SELECT l.adapter, l.target, s.state, -1 FROM @.lanes l
          CROSS JOIN LATERAL (SELECT 100 UNION ALL SELECT 101 WHERE l.mirrors UNION ALL SELECT 102 WHERE l.gone IS NOT NULL) s(state)
          WHERE l.id = $1::text::bigint`),
        [lane],
      )
      for (const table of ['captures', 'strays', 'heads'])
        await query(sql(`DELETE FROM @.${table} WHERE lane = $1::text::bigint`), [lane])
      await query(sql('DELETE FROM @.lanes WHERE id = $1::text::bigint'), [lane])
      return true
    })
}

/** Removes sessions that ended; a session goes first and whole, and what belonged to it follows in slices. */
const removeSessions = async (
  context: Context,
  before: string,
  keep: string,
  removed: Removed,
): Promise<void> => {
  const { sql } = context
  let from = '0'
  for (;;) {
    const ended = await idsOf(
      context.connection.query,
      sql(`SELECT s.id::text AS id FROM @.sessions s WHERE s.id > $3::text::bigint AND s.status <> 'active'
        AND s.last_event_at < $1::text::numeric AND NOT EXISTS (SELECT 1 FROM @.lanes l WHERE l.lane = s.session AND ${HOLDS})
        ORDER BY s.id LIMIT ${STEP}`),
      [before, keep, from],
    )
    for (const id of ended) {
      const lanes = await context.connection.transaction(async query => {
        // A caller may have gone on with it meanwhile.
        const { rows } = await query(
          sql(`DELETE FROM @.sessions s WHERE s.id = $3::text::bigint AND s.status <> 'active' AND s.last_event_at < $1::text::numeric
            AND NOT EXISTS (SELECT 1 FROM @.lanes l WHERE l.lane = s.session AND ${HOLDS}) RETURNING s.session`),
          [before, keep, id],
        )
        const [gone] = rows
        if (gone === undefined) return undefined
        await query(sql(`INSERT INTO @.tallies (adapter, target, state, count) VALUES (0, '', 104, -1)`), [])
        for (const table of ['events', 'messages', 'keys', 'words'])
          await query(sql(`DELETE FROM @.${table} WHERE session = $1::text::bigint`), [id])
        return idsOf(query, sql('SELECT id::text AS id FROM @.lanes WHERE lane = $1::text'), [
          gone.session as string,
        ])
      })
      if (lanes === undefined) continue
      removed.sessions++
      await removeLanes(context, lanes, removed)
    }
    if (ended.length < STEP) return
    from = ended.at(-1) as string
  }
}

/** Lanes of no session, other than the adapters' own: direct calls, and what an interrupted pruning left. */
const removeLoose = async (
  context: Context,
  before: string,
  keep: string,
  removed: Removed,
): Promise<void> => {
  let from = '0'
  for (;;) {
    const loose = await idsOf(
      context.connection.query,
      context.sql(`SELECT l.id::text AS id FROM @.lanes l WHERE l.id > $3::text::bigint AND l.lane <> 'init'
        AND NOT EXISTS (SELECT 1 FROM @.sessions s WHERE s.session = l.lane) AND NOT ${HOLDS}
        AND NOT EXISTS (SELECT 1 FROM @.deliveries d WHERE d.lane = l.id AND coalesce(d.settled_at, d.planned_at) >= $1::text::numeric)
        ORDER BY l.id LIMIT ${STEP}`),
      [before, keep, from],
    )
    await removeLanes(context, loose, removed)
    if (loose.length < STEP) return
    from = loose.at(-1) as string
  }
}

/** Removes what is over, in short transactions. */
export const prune = async (
  context: Context,
  before: number,
  keepBefore: number,
  messagesBefore = 0,
): Promise<Readonly<Removed>> => {
  const { sql } = context
  const removed: Removed = { sessions: 0, deliveries: 0, messages: 0 }
  await removeSessions(context, String(before), String(keepBefore), removed)
  await removeLoose(context, String(before), String(keepBefore), removed)
  await repeat(context, async query => {
    // A search that has read these messages holds their session's row until it has written their words.
    const held = await idsOf(
      query,
      sql(`SELECT id::text AS id FROM @.sessions WHERE id IN (SELECT session FROM @.messages
        WHERE stored_at < $1::text::numeric ORDER BY stored_at LIMIT ${STEP}) ORDER BY id FOR UPDATE`),
      [String(messagesBefore)],
    )
    await query(
      sql(
        `DELETE FROM @.words WHERE session IN (SELECT x::bigint FROM jsonb_array_elements_text($1::text::jsonb) x)`,
      ),
      [writeJson(held)],
    )
    const count = await countOf(
      query,
      sql(`WITH gone AS (DELETE FROM @.messages WHERE (session, sequence) IN (SELECT session, sequence FROM @.messages
          WHERE stored_at < $1::text::numeric ORDER BY stored_at LIMIT ${STEP}) RETURNING 1) SELECT count(*) AS n FROM gone`),
      [String(messagesBefore)],
    )
    removed.messages += count
    return count < STEP
  })
  // Members that ended or were not heard of for a day, and that no active session was written by.
  await context.connection.query(
    sql(`DELETE FROM @.members m WHERE m.seen_at < @.ms() - 86400000
      AND NOT EXISTS (SELECT 1 FROM @.sessions s WHERE s.status = 'active' AND s.writer = m.id)`),
    [],
  )
  return removed
}
