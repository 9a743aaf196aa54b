import { sessionActive, TrackerError } from '../../session/errors.ts'
import { INIT_LANE, type SessionEvent } from '../../session/events.ts'
import type { SessionSummary } from '../../session/session.ts'
import { upcastSummary } from '../../session/upcast.ts'
import type { Commit, SessionFilter, StoredSession } from '../contract.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import { lanesNamed } from './lane.ts'
import { EVENT, eventOf, FROM_EVENTS, insertKey } from './message.ts'
import { insertBody, laneStateOf } from './rows.ts'
import { inSlices } from './slices.ts'

type Known = Readonly<{ id: number; revision: number; status: string }>

/** Events of no session (`init`) are stored under this number. */
const NO_SESSION = 0

/** The number of a session; `undefined`: it is not stored. */
const sessionNumber = (client: Client, sessionId: string): number | undefined =>
  sessionId === INIT_LANE
    ? NO_SESSION
    : client.get<{ id: number }>('SELECT id FROM sessions WHERE session = ?', sessionId)?.id

const time = (iso: string | undefined): number | null => (iso === undefined ? null : Date.parse(iso))

/** A status that stays is not written, so that the index of active sessions is left alone. */
const writeSession = (
  client: Client,
  owner: string,
  summary: SessionSummary,
  stored: Known | undefined,
): number => {
  const { id, revision, project, user, status, startedAt, endedAt, lastEventAt } = summary
  const text = JSON.stringify(summary)
  if (stored === undefined)
    return client.insert(
      `INSERT INTO sessions (session, revision, project, user, status, started_at, ended_at, last_event_at, writer, summary)
        VALUES (?,?,?,?,?,?,?,?,?,?)`,
      id,
      revision,
      project,
      user,
      status,
      time(startedAt),
      time(endedAt),
      time(lastEventAt),
      owner,
      text,
    )
  const sets = 'revision = ?, ended_at = ?, last_event_at = ?, writer = ?, writer_closed = 0, summary = ?'
  const values = [revision, time(endedAt), time(lastEventAt), owner, text] as const
  if (status === stored.status) client.run(`UPDATE sessions SET ${sets} WHERE id = ?`, ...values, stored.id)
  else client.run(`UPDATE sessions SET ${sets}, status = ? WHERE id = ?`, ...values, status, stored.id)
  return stored.id
}

const isKnown = (client: Client, event: SessionEvent): boolean =>
  client.get(
    "SELECT 1 FROM events e JOIN bodies b ON b.id = e.body WHERE e.session = 0 AND b.text ->> 'id' = ?",
    event.id,
  ) !== undefined

/** Writes the content of a message into its table; answers the event as it is written without it. */
const splitMessage = (client: Client, session: number, event: SessionEvent): SessionEvent => {
  if (event.type !== 'message') return event
  const { content, role } = event.payload
  client.run(
    'INSERT INTO messages (session, sequence, event, time, at, role, content) VALUES (?,?,?,?,?,?,?)',
    session,
    event.sequence,
    event.id,
    Date.parse(event.time),
    Date.parse(event.at),
    role,
    content,
  )
  return { ...event, payload: { ...event.payload, content: '' } }
}

/** Writes a new event. */
const insertEvent = (client: Client, session: number, sequence: number, event: SessionEvent): void => {
  client.run(
    'INSERT INTO events (session, sequence, body) VALUES (?,?,?)',
    session,
    sequence,
    insertBody(client, JSON.stringify(splitMessage(client, session, event))),
  )
}

/** Refuses a session while another one of the same project, workspace and agent is active. */
const checkExclusive = (client: Client, summary: SessionSummary): void => {
  const other = client.get<{ session: string }>(
    `SELECT session FROM sessions INDEXED BY sessions_active WHERE status = 'active' AND project = ?
      AND summary ->> 'workspace' IS ? AND summary ->> 'agent' IS ? ORDER BY id DESC LIMIT 1`,
    summary.project,
    summary.workspace ?? null,
    summary.agent ?? null,
  )
  if (other !== undefined) throw sessionActive(other.session)
}

/**
 * Writes a session and its events, or those of no session that are not stored yet. True: all of them were, so this commit
 * was made before.
 */
export const writeEvents = (client: Client, owner: string, { session, events }: Commit): boolean => {
  if (session !== undefined) {
    const { summary, expected, key, exclusive } = session
    const stored = client.get<Known>(
      'SELECT id, revision, status FROM sessions WHERE session = ?',
      summary.id,
    )
    const found = stored?.revision ?? 0
    if (found !== expected)
      throw new TrackerError(
        'VERSION_CONFLICT',
        `Session ${summary.id} is at ${found}, not at ${expected}: load it and record again.`,
      )
    if (exclusive === true) checkExclusive(client, summary)
    const number = writeSession(client, owner, summary, stored)
    for (const event of events) insertEvent(client, number, event.sequence, event)
    if (key !== undefined) insertKey(client, number, key, events)
    return false
  }
  const unknown = events.filter(event => !isKnown(client, event))
  for (const event of unknown) {
    const last = client.get<{ last: number | null }>(
      'SELECT max(sequence) AS last FROM events WHERE session = 0',
    )
    insertEvent(client, NO_SESSION, (last?.last ?? 0) + 1, event)
  }
  return events.length > 0 && unknown.length === 0
}

type Stored = Readonly<{ id: number; session: string; summary: string }>

const summaryOf = (row: Pick<Stored, 'summary'>): SessionSummary =>
  upcastSummary(JSON.parse(row.summary) as SessionSummary)

/** A session and how far its lanes are planned, by adapter. */
export const load = (
  { client, gate, adapters }: Context,
  sessionId: string,
): Promise<StoredSession | undefined> =>
  gate.read(() => {
    const row = client.get<Stored>('SELECT summary FROM sessions WHERE session = ?', sessionId)
    if (row === undefined) return undefined
    const lanes = lanesNamed(client, sessionId).map(lane => laneStateOf(lane, adapters.nameOf(lane.adapter)))
    return { summary: summaryOf(row), lanes: lanes.sort((a, b) => (a.adapter < b.adapter ? -1 : 1)) }
  })

/** Rows read in one step of a long reading. */
const STEP = 250

/** Events of a session, in order. */
export const events = async (
  { client, gate }: Context,
  sessionId: string,
  after: number,
): Promise<readonly SessionEvent[]> => {
  const found: SessionEvent[] = []
  let last = after
  await inSlices(async () => {
    const rows = await gate.read(() => {
      const session = sessionNumber(client, sessionId)
      return session === undefined
        ? []
        : client.all<Readonly<{ sequence: number; event: string; content: string | null }>>(
            `SELECT e.sequence, ${EVENT} ${FROM_EVENTS}
              WHERE e.session = ? AND e.sequence > ? ORDER BY e.sequence LIMIT ? + 0`,
            session,
            last,
            STEP,
          )
    })
    for (const row of rows) {
      found.push(eventOf(row))
      last = row.sequence
    }
    return rows.length < STEP
  })
  return found
}

/** Sessions that fit, newest first. */
export const sessions = async (
  { client, gate, adapters }: Context,
  filter: SessionFilter,
): Promise<readonly SessionSummary[]> => {
  const { project, user, agent, status, workspace, machine, since, mirror, withoutLane, limit = 100 } = filter
  const found: SessionSummary[] = []
  let start = Number.MAX_SAFE_INTEGER
  let id = Number.MAX_SAFE_INTEGER
  await inSlices(async () => {
    const rows = await gate.read(() => {
      const without = withoutLane === undefined ? undefined : adapters.idOf(withoutLane)
      return client.all<Stored & Readonly<{ started_at: number; fits: number }>>(
        `SELECT id, session, started_at, summary, (?1 IS NULL OR user = ?1) AND (?2 IS NULL OR status = ?2) AND
          (?3 IS NULL OR NOT EXISTS (SELECT 1 FROM lanes WHERE lanes.lane = session AND adapter = ?3)) AND
          (?8 IS NULL OR summary ->> 'agent' = ?8) AND (?9 IS NULL OR summary ->> 'workspace' = ?9) AND
          (?10 IS NULL OR summary ->> 'machine' = ?10) AND (?11 IS NULL OR started_at >= ?11) AND
          (?12 IS NULL OR coalesce(summary ->> 'mirror', 1) = ?12) AS fits
          FROM sessions WHERE ${project === undefined ? '?4 IS NULL' : 'project = ?4'}
          AND (started_at, id) < (?5, ?6) ORDER BY started_at DESC, id DESC LIMIT ?7 + 0`,
        user ?? null,
        status ?? null,
        without ?? null,
        project ?? null,
        start,
        id,
        STEP,
        agent ?? null,
        workspace ?? null,
        machine ?? null,
        since ?? null,
        mirror === undefined ? null : mirror ? 1 : 0,
      )
    })
    for (const row of rows) {
      if (row.fits === 1 && found.length < limit) found.push(summaryOf(row))
      start = row.started_at
      id = row.id
    }
    return rows.length < STEP || found.length >= limit
  })
  return found
}

type Orphan = Readonly<{ id: string; writer: 'vanished' | 'closed' | 'living' }>
type Left = Readonly<{ session: string; writer: string; writer_closed: number }>

/** Active sessions that were left alone, and how their last writer stands. */
export const orphans = (
  { client, gate, owner, ownerState }: Context,
  before: number,
): Promise<readonly Orphan[]> =>
  gate.read(() => {
    const living = new Map<string, boolean>([[owner, true]])
    const left = client.all<Left>(
      `SELECT session, writer, writer_closed FROM sessions INDEXED BY sessions_active
        WHERE status = 'active' AND last_event_at < ? ORDER BY id`,
      before,
    )
    return left.flatMap(({ session, writer, writer_closed }): readonly Orphan[] => {
      if (writer_closed === 1) return [{ id: session, writer: 'closed' }]
      const lives = living.get(writer) ?? ownerState(writer) !== 'gone'
      living.set(writer, lives)
      return [{ id: session, writer: lives ? 'living' : 'vanished' }]
    })
  })
