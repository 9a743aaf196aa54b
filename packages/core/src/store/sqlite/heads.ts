import { isDue } from '../../delivery/lanes.ts'
import { LONGEST_WAIT_MS } from '../../delivery/model.ts'
import { INIT_LANE } from '../../session/events.ts'
import type { Client } from './client.ts'
import { KIND } from './lane.ts'
import type { Rest } from './pauses.ts'

/** A lane whose head may be worked on, and since when. */
export type Ready = Readonly<{ id: number; walk: number; lim: string; due: number }>

/** What a worker holds: where it stands, and until when. */
export type Held = Readonly<{
  id: number
  walk: number
  due: number
  key: string
  state: number
  owner: string | null
}>

const READY = 'SELECT id, walk, lim, due, ready FROM lanes'

/** The adapter's own lane, while that has anything to do or anything dead: no other lane of the adapter moves then. */
export const blockingLane = (
  client: Client,
  adapter: number,
  target: string | undefined,
): number | undefined =>
  client.get<{ id: number }>(
    `SELECT l.id FROM lanes l WHERE l.lane = ?1 AND l.adapter = ?2 AND (?3 IS NULL OR l.target IN ('', ?3))
      AND EXISTS (SELECT 1 FROM deliveries d WHERE d.lane = l.id AND d.state IN (1, 2, 3, 4))`,
    INIT_LANE,
    adapter,
    target ?? null,
  )?.id

/** What workers hold of an adapter, whatever it is for: no more than calls are under way, and an index has nothing else. */
export const heldOf = (client: Client, adapter: number): readonly Held[] =>
  client.all<Held>(
    `SELECT d.lane AS id, d.position AS walk, d.lease_until AS due, d.key, d.state, d.owner
      FROM deliveries d INDEXED BY deliveries_held CROSS JOIN lanes l ON l.id = d.lane
      WHERE d.token IS NOT NULL AND d.state IN (2, 3) AND l.adapter = ? ORDER BY d.lane, d.position`,
    adapter,
  )

/** Heads of one adapter, kind, target and limit: an index has them in the order of their due time. */
const OF = 'adapter = ? AND kind = ? AND target = ? AND lim = ?'
type Of = readonly [adapter: number, kind: number, target: string, lim: string]

/** The limits heads of this kind draw on, by jumps over the index: the backlog is not read. */
const limitsOf = (client: Client, adapter: number, kind: number, target: string): readonly string[] => {
  const limits: string[] = []
  const first = 'SELECT min(lim) AS lim FROM lanes WHERE adapter = ? AND kind = ? AND target = ?'
  const next = (after: string | undefined) =>
    after === undefined
      ? client.get<{ lim: string | null }>(first, adapter, kind, target)
      : client.get<{ lim: string | null }>(`${first} AND lim > ?`, adapter, kind, target, after)
  for (let lim = next(undefined)?.lim; typeof lim === 'string'; lim = next(lim)?.lim) limits.push(lim)
  return limits
}

type Found = Readonly<{ ready: readonly Ready[]; later: number | undefined }>
type Row = Ready & Readonly<{ ready: number }>

/** The first heads of one kind and limit that are due, and when the next one is. */
const dueOf = (client: Client, of: Of, room: number, now: number): Found => {
  const far = now + LONGEST_WAIT_MS
  const due = client.all<Row>(`${READY} WHERE ${OF} AND due <= ? ORDER BY due, id LIMIT ?`, ...of, now, room)
  const left = room - due.length
  // Written before the clock was set back.
  const odd =
    left > 0
      ? client.all<Row>(`${READY} WHERE ${OF} AND due > ? ORDER BY due, id LIMIT ?`, ...of, far, left)
      : []
  const next = client.get<{ due: number | null }>(
    `SELECT min(due) AS due FROM lanes WHERE ${OF} AND due > ? AND due <= ?`,
    ...of,
    now,
    far,
  )
  return { ready: [...due, ...odd], later: next?.due ?? undefined }
}

/** Paced heads whose own time has come: for a worker in a hurry. Few are paced at a time. */
const hurriedOf = (client: Client, of: Of, now: number): Found => {
  const rows = client.all<Row>(`${READY} WHERE ${OF} AND due > ? ORDER BY due, id`, ...of, now)
  const later = rows.filter(row => !isDue(row.ready, now)).map(row => row.ready)
  return {
    ready: rows.filter(row => isDue(row.ready, now)),
    later: later.length === 0 ? undefined : Math.min(...later),
  }
}

/** One lane alone, as if it were all. */
const oneOf = (
  client: Client,
  id: number,
  hurry: boolean,
  now: number,
): Found & Readonly<{ lim: string }> => {
  const row = client.get<Row & Readonly<{ kind: number | null }>>(
    'SELECT id, walk, lim, due, ready, kind FROM lanes WHERE id = ?',
    id,
  )
  if (row === undefined || (row.kind !== KIND.waiting && row.kind !== KIND.paced))
    return { ready: [], later: undefined, lim: '' }
  const at = hurry ? row.ready : row.due
  return isDue(at, now)
    ? { ready: [row], later: undefined, lim: row.lim }
    : { ready: [], later: at, lim: row.lim }
}

/** Heads that are due and may move, the lane that has waited longest first, and times when others may be. */
export const dueHeads = (
  client: Client,
  adapter: number,
  target: string,
  only: number | undefined,
  rest: Rest,
  room: number,
  hurry: boolean,
  now: number,
): Readonly<{ ready: readonly Ready[]; later: readonly number[] }> => {
  const ready: Ready[] = []
  const later: number[] = []
  const add = (lim: string, found: Found): void => {
    const until = rest.until(lim)
    if (until === undefined) ready.push(...found.ready)
    else if (found.ready.length > 0) later.push(Math.max(now, until))
    if (found.later !== undefined) later.push(Math.max(found.later, until ?? 0))
  }
  if (only !== undefined) {
    const found = oneOf(client, only, hurry, now)
    add(found.lim, found)
  } else
    for (const kind of [KIND.waiting, KIND.paced])
      for (const wanted of target === '' ? [''] : ['', target])
        for (const lim of limitsOf(client, adapter, kind, wanted)) {
          const of: Of = [adapter, kind, wanted, lim]
          // A paused limit is only asked whether anything is due.
          const found = dueOf(client, of, Math.max(1, room), now)
          if (kind === KIND.waiting || !hurry) add(lim, found)
          else {
            add(lim, { ready: found.ready.filter(row => row.due <= now), later: undefined })
            add(lim, hurriedOf(client, of, now))
          }
        }
  ready.sort((a, b) => a.due - b.due || a.id - b.id)
  return { ready, later }
}
