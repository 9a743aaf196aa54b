import { isDue } from '../../delivery/lanes.ts'
import { type Claim, type Delivery, LONGEST_WAIT_MS } from '../../delivery/model.ts'
import { isSentFirst, type Lease, markClaimed } from '../../delivery/transitions.ts'
import { needs } from '../../descriptor/refs.ts'
import { INIT_LANE } from '../../session/events.ts'
import type { Json } from '../../session/schema.ts'
import type { Rest } from './adapters.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import { closeLane, editLane, KIND, laneOf, touch } from './lane.ts'
import { type DeliveryRow, deliveryOf, descriptorOf, FROM, stateNumber, WITH_DESCRIPTOR } from './rows.ts'

/** A lane whose head may be worked on, and since when. */
export type Ready = Readonly<{ id: number; walk: number; lim: string; due: number }>

/** A delivery that a worker holds: where it stands, and until when. */
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

/** Deliveries of an adapter that workers hold, whatever account they are for: no more than calls are under way, and an index has nothing else. */
export const listHeld = (client: Client, adapter: number): readonly Held[] =>
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
const findHurried = (client: Client, of: Of, now: number): Found => {
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
            add(lim, findHurried(client, of, now))
          }
        }
  ready.sort((a, b) => a.due - b.due || a.id - b.id)
  return { ready, later }
}

type HeadRow = DeliveryRow & Readonly<{ lane_name: string; refs: string }>
type HeadOf = Readonly<{ lane: number; refs: string; delivery: Delivery }>

/** The delivery at this position of a lane, with its descriptor. */
export const deliveryAt = (
  context: Context,
  adapter: string,
  lane: number,
  position: number,
): HeadOf | undefined => {
  const row = context.client.get<HeadRow>(
    `SELECT ${WITH_DESCRIPTOR}, l.lane AS lane_name, l.refs ${FROM} JOIN lanes l ON l.id = d.lane
      WHERE d.lane = ? AND d.position = ?`,
    lane,
    position,
  )
  if (row === undefined) return undefined
  return { lane, refs: row.refs, delivery: deliveryOf(row, adapter, row.lane_name, descriptorOf(row)) }
}

/** Walks a lane from its beginning. */
export const walkAgain = (client: Client, lane: number): void => {
  const edit = editLane(laneOf(client, lane))
  touch(edit, Number.MIN_SAFE_INTEGER)
  closeLane(client, edit)
}

/** The head a lane's row speaks of. Should the row be wrong, it is put right, and nothing is given twice. */
export const headOf = (context: Context, adapter: string, { id, walk }: Ready): HeadOf | undefined => {
  const found = deliveryAt(context, adapter, id, walk)
  if (found?.delivery.state === 'waiting') return found
  walkAgain(context.client, id)
  return undefined
}

/** The values of the names that a delivery needs or captures; one that `start` gave counts as first. */
const refsOf = (
  client: Client,
  { lane, refs, delivery: { descriptor } }: HeadOf,
): Readonly<Record<string, Json>> => {
  if (descriptor === undefined) return {}
  const given = refs === '{}' ? {} : (JSON.parse(refs) as Readonly<Record<string, Json>>)
  const names = [...new Set([...needs(descriptor), ...Object.keys(descriptor.captures ?? {})])]
  return Object.fromEntries(
    names.flatMap(name => {
      if (Object.hasOwn(given, name)) return [[name, given[name] as Json]]
      const found = client.get<{ value: string }>(
        'SELECT value FROM captures WHERE lane = ? AND name = ? AND value IS NOT NULL',
        lane,
        name,
      )
      return found === undefined ? [] : [[name, JSON.parse(found.value) as Json]]
    }),
  )
}

/** A name that it needs and nothing captured, with the planned or dead delivery that would capture it. */
const findOwed = (
  client: Client,
  { lane, delivery: { descriptor } }: HeadOf,
  refs: Readonly<Record<string, Json>>,
): NonNullable<Claim['owed']> =>
  Object.fromEntries(
    (descriptor === undefined ? [] : needs(descriptor)).flatMap(name => {
      if (Object.hasOwn(refs, name)) return []
      const debtor = client.get<Readonly<{ key: string; state: number }>>(
        `SELECT d.key, d.state FROM captures c JOIN deliveries d ON d.lane = c.lane AND d.position = c.position
          WHERE c.lane = ? AND c.name = ? AND c.value IS NULL AND d.state IN (0, 4) ORDER BY c.position LIMIT 1`,
        lane,
        name,
      )
      return debtor === undefined
        ? []
        : [[name, { key: debtor.key, state: debtor.state === 0 ? 'planned' : 'dead' }] as const]
    }),
  )

/** Gives a head away: the attempt is counted, the lane stands at it. `begins`: it may leave at once. */
export const give = (
  { client }: Context,
  head: HeadOf,
  lease: Lease | undefined,
  rest: Rest,
  begins: boolean,
  now: number,
): Claim => {
  const pausedMs = rest.readPausedMs(head.delivery.descriptor?.limit ?? '')
  const refs = refsOf(client, head)
  const owed = findOwed(client, head, refs)
  const starts = begins && isSentFirst(head.delivery, refs)
  const given = {
    ...markClaimed(head.delivery, lease, pausedMs, now),
    ...(starts ? { state: 'begun' as const } : {}),
  }
  const until = lease?.leaseUntil ?? null
  client.run(
    `UPDATE deliveries SET state = ?, attempts = ?, first_at = ?, clock_at = ?, paused_before = ?, lease_until = ?,
      owner = ?, token = ? WHERE lane = ? AND position = ?`,
    stateNumber(given.state),
    given.attempts,
    given.firstAt ?? null,
    given.clockAt ?? null,
    given.pausedBefore,
    until,
    given.owner ?? null,
    given.token ?? null,
    head.lane,
    given.position,
  )
  const kind = lease === undefined ? null : KIND.held
  client.run('UPDATE lanes SET kind = ?, due = ?, ready = ? WHERE id = ?', kind, until, until, head.lane)
  return {
    delivery: { token: '', leaseUntil: Number.POSITIVE_INFINITY, ...given } as Claim['delivery'],
    refs,
    ...(Object.keys(owed).length === 0 ? {} : { owed }),
    pausedMs,
  }
}
