import {
  INIT_LANE,
  type Json,
  type LaneState,
  type SessionEvent,
  type SessionFilter,
  type SessionSummary,
  type Store,
  type StoredSession,
  upcastSummary,
} from '@sessionwire/core/store'
import { type Context, rowsAsked } from './context.ts'
import { EVENT, type EventRow, eventOf, FROM_EVENTS } from './message.ts'

const summaryOf = (text: string): SessionSummary => upcastSummary(JSON.parse(text) as SessionSummary)

type Stored = Readonly<{
  summary: string
  lanes:
    | readonly Readonly<{
        adapter: string
        lane: string
        through: number
        sent: LaneState['sent']
        refs: Readonly<Record<string, Json>>
        gone: string | null
        target: string
      }>[]
    | null
}>

/** A session and how far its lanes are planned, by adapter. */
export const load = async (context: Context, sessionId: string): Promise<StoredSession | undefined> => {
  const [found] = await rowsAsked<Stored>(
    context,
    `SELECT s.summary, (SELECT json_agg(json_build_object('adapter', a.name, 'lane', l.lane, 'through', h.through, 'sent', l.sent,
        'refs', l.refs, 'gone', l.gone, 'target', l.target) ORDER BY a.name)
        FROM @.lanes l JOIN @.heads h ON h.lane = l.id JOIN @.adapters a ON a.id = l.adapter WHERE l.lane = s.session) AS lanes
      FROM @.sessions s WHERE s.session = $1::text`,
    [sessionId],
  )
  if (found === undefined) return undefined
  const lanes = (found.lanes ?? []).map(({ gone, target, ...lane }) => ({
    ...lane,
    ...(gone === null ? {} : { gone }),
    ...(target === '' ? {} : { target }),
  }))
  return { summary: summaryOf(found.summary), lanes }
}

/** Events read in one statement: a long session must not fill a connection's buffer at once. */
const STEP = 1_000

/** Events of a session, in order. */
export const events = async (
  context: Context,
  sessionId: string,
  after: number,
): Promise<readonly SessionEvent[]> => {
  const found: SessionEvent[] = []
  let last = after
  for (;;) {
    const rows = await rowsAsked<EventRow & Readonly<{ sequence: number }>>(
      context,
      `SELECT e.sequence, ${EVENT} ${FROM_EVENTS} WHERE e.session = ${
        sessionId === INIT_LANE
          ? '0 AND $1::text IS NOT NULL'
          : '(SELECT id FROM @.sessions WHERE session = $1::text)'
      } AND e.sequence > $2::text::int ORDER BY e.sequence LIMIT ${STEP}`,
      [sessionId, String(last)],
    )
    for (const row of rows) {
      found.push(eventOf(row))
      last = row.sequence
    }
    if (rows.length < STEP) return found
  }
}

/** Sessions that fit, newest first. */
export const sessions = async (
  context: Context,
  filter: SessionFilter,
): Promise<readonly SessionSummary[]> => {
  const { project, user, agent, status, workspace, machine, since, mirror, withoutLane, limit = 100 } = filter
  const values: (string | null)[] = []
  const conditions: string[] = []
  const only = (condition: (place: string) => string, value: string | undefined): void => {
    if (value === undefined) return
    values.push(value)
    conditions.push(condition(`$${values.length}::text`))
  }
  only(place => `s.project = ${place}`, project)
  only(place => `s.usr = ${place}`, user)
  only(place => `s.agent = ${place}`, agent)
  only(place => `s.status = ${place}`, status)
  only(place => `s.workspace = ${place}`, workspace)
  only(place => `s.machine = ${place}`, machine)
  only(place => `s.started_at >= ${place}::numeric`, since === undefined ? undefined : String(since))
  only(place => `s.mirror = ${place}::boolean`, mirror === undefined ? undefined : String(mirror))
  only(
    place =>
      `NOT EXISTS (SELECT 1 FROM @.lanes l JOIN @.adapters a ON a.id = l.adapter WHERE l.lane = s.session AND a.name = ${place})`,
    withoutLane,
  )
  const rows = await rowsAsked<Readonly<{ summary: string }>>(
    context,
    `SELECT s.summary FROM @.sessions s ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
      ORDER BY s.started_at DESC, s.id DESC LIMIT ${Math.max(0, Math.min(limit, Number.MAX_SAFE_INTEGER))}`,
    values,
  )
  return rows.map(({ summary }) => summaryOf(summary))
}

type Orphan = Awaited<ReturnType<Store['orphans']>>[number]

/** Active sessions that were left alone, and how their last writer stands. */
export const orphans = (context: Context, before: number): Promise<readonly Orphan[]> =>
  rowsAsked<Orphan>(
    context,
    `SELECT s.session AS id, CASE WHEN s.writer = $2::text::uuid THEN 'living' WHEN m.ended = 1 THEN 'closed'
        WHEN m.id IS NULL OR m.ended = 2 OR m.seen_at < @.ms() - m.silent_ms THEN 'vanished' ELSE 'living' END AS writer
      FROM @.sessions s LEFT JOIN @.members m ON m.id = s.writer
      WHERE s.status = 'active' AND s.last_event_at < $1::text::numeric ORDER BY s.id`,
    [String(before), context.owner],
  )
