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

/** A lane whose head may be worked on, and since when; its name and refs. */
export type Ready = Readonly<{
  id: number
  walk: number
  lim: string
  due: number
  lane: string
  refs: string
}>

/** A delivery that a worker holds: where it stands, and until when. */
export type Held = Readonly<{
  id: number
  walk: number
  due: number
  key: string
  state: number
  owner: string | null
}>

/** The columns of `Ready`, and when the head is due by itself. */
export const READY = 'id, walk, lim, due, lane, refs, ready'

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
const OF = 'FROM lanes WHERE adapter = ? AND kind = ? AND target = ? AND lim = ?'
type Of = readonly [adapter: number, kind: number, target: string, lim: string]

const FIRST_LIMIT = 'SELECT min(lim) AS lim FROM lanes WHERE adapter = ? AND kind = ? AND target = ?'
const NEXT_LIMIT = `${FIRST_LIMIT} AND lim > ?`

/** The limits heads of this kind draw on, by jumps over the index: the backlog is not read. */
const limitsOf = (client: Client, adapter: number, kind: number, target: string): readonly string[] => {
  const limits: string[] = []
  type Limit = Readonly<{ lim: string | null }>
  let lim = client.get<Limit>(FIRST_LIMIT, adapter, kind, target)?.lim
  for (; typeof lim === 'string'; lim = client.get<Limit>(NEXT_LIMIT, adapter, kind, target, lim)?.lim)
    limits.push(lim)
  return limits
}

type Found = Readonly<{ ready: readonly Ready[]; later: number | undefined }>
type Row = Ready & Readonly<{ ready: number }>

// SQLite compiles a statement again for each value that stands alone behind LIMIT: https://www.sqlite.org/c3ref/bind_blob.html
const DUE = `SELECT ${READY} ${OF} AND due <= ? ORDER BY due, id LIMIT ? + 0`
const FAR = `SELECT ${READY} ${OF} AND due > ? ORDER BY due, id LIMIT ? + 0`
const LATER = `SELECT min(due) AS due ${OF} AND due > ? AND due <= ?`
const HURRIED = `SELECT ${READY} ${OF} AND due > ? ORDER BY due, id`

/** The first heads of one kind and limit that are due, and when the next one is. */
const dueOf = (client: Client, of: Of, room: number, now: number): Found => {
  const far = now + LONGEST_WAIT_MS
  const due = client.all<Row>(DUE, ...of, now, room)
  const left = room - due.length
  // Written before the clock was set back.
  const odd = left > 0 ? client.all<Row>(FAR, ...of, far, left) : []
  const next = client.get<{ due: number | null }>(LATER, ...of, now, far)
  return { ready: odd.length === 0 ? due : [...due, ...odd], later: next?.due ?? undefined }
}

/** Paced heads whose own time has come: for a worker in a hurry. Few are paced at a time. */
const findHurried = (client: Client, of: Of, now: number): Found => {
  const rows = client.all<Row>(HURRIED, ...of, now)
  const later = rows.filter(row => !isDue(row.ready, now)).map(row => row.ready)
  return {
    ready: rows.filter(row => isDue(row.ready, now)),
    later: later.length === 0 ? undefined : Math.min(...later),
  }
}

const ALONE = `SELECT ${READY}, kind FROM lanes WHERE id = ?`

/** One lane alone, as if it were all. */
const oneOf = (
  client: Client,
  id: number,
  hurry: boolean,
  now: number,
): Found & Readonly<{ lim: string }> => {
  const row = client.get<Row & Readonly<{ kind: number | null }>>(ALONE, id)
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

type HeadOf = Readonly<{ lane: number; refs: string; delivery: Delivery }>

const AT = `SELECT ${WITH_DESCRIPTOR}, l.lane AS lane_name ${FROM} JOIN lanes l ON l.id = d.lane
  WHERE d.lane = ? AND d.position = ?`

/** The delivery that stands in a lane at this position, with its descriptor. */
export const deliveryAt = (
  { client }: Context,
  adapter: string,
  lane: number,
  position: number,
): Delivery | undefined => {
  const row = client.get<DeliveryRow & Readonly<{ lane_name: string }>>(AT, lane, position)
  return row === undefined ? undefined : deliveryOf(row, adapter, row.lane_name, descriptorOf(row))
}

/** Walks a lane from its beginning. */
export const walkAgain = (client: Client, lane: number): void => {
  const edit = editLane(laneOf(client, lane))
  touch(edit, Number.MIN_SAFE_INTEGER)
  closeLane(client, edit)
}

/** A waiting head, without the columns that are empty while it waits. */
const HEAD = `SELECT d.position, d.key, d.state, d.rank, d.action, d.via, d.sequence, d.holds, d.planned_at, d.due_at,
  d.attempts, d.misses, d.unreported, d.paused_before, d.first_at, d.clock_at, d.doubt_since, d.exposed, d.reason,
  d.rejected, b.text AS descriptor ${FROM} WHERE d.lane = ? AND d.position = ? AND d.state = ${stateNumber('waiting')}`

/** The head a lane's row speaks of. Should the row be wrong, it is put right, and nothing is given twice. */
export const headOf = ({ client }: Context, adapter: string, ready: Ready): HeadOf | undefined => {
  const { id, walk, lane, refs } = ready
  const row = client.get<DeliveryRow>(HEAD, id, walk)
  if (row !== undefined)
    return { lane: id, refs, delivery: deliveryOf(row, adapter, lane, descriptorOf(row)) }
  walkAgain(client, id)
  return undefined
}

type Values = Readonly<Record<string, Json>>
const NOTHING: Values = {}

const CAPTURED = 'SELECT value FROM captures WHERE lane = ? AND name = ? AND value IS NOT NULL'

/** The values of the names that a delivery needs or captures; one that `start` gave counts as first. */
const refsOf = (client: Client, { lane, refs, delivery: { descriptor } }: HeadOf): Values => {
  if (descriptor === undefined) return NOTHING
  const names = new Set([...needs(descriptor), ...Object.keys(descriptor.captures ?? NOTHING)])
  if (names.size === 0) return NOTHING
  const given = refs === '{}' ? NOTHING : (JSON.parse(refs) as Values)
  const found: [string, Json][] = []
  for (const name of names) {
    if (Object.hasOwn(given, name)) found.push([name, given[name] as Json])
    else {
      const row = client.get<{ value: string }>(CAPTURED, lane, name)
      if (row !== undefined) found.push([name, JSON.parse(row.value) as Json])
    }
  }
  return found.length === 0 ? NOTHING : Object.fromEntries(found)
}

const OWED = `SELECT d.key, d.state FROM captures c JOIN deliveries d ON d.lane = c.lane AND d.position = c.position
  WHERE c.lane = ? AND c.name = ? AND c.value IS NULL AND d.state IN (0, 4) ORDER BY c.position LIMIT 1`

/** A name that it needs and nothing captured, with the planned or dead delivery that would capture it. */
const findOwed = (
  client: Client,
  { lane, delivery: { descriptor } }: HeadOf,
  refs: Values,
): Claim['owed'] => {
  const missing = (descriptor === undefined ? [] : needs(descriptor)).filter(
    name => !Object.hasOwn(refs, name),
  )
  const owed = missing.flatMap(name => {
    const debtor = client.get<Readonly<{ key: string; state: number }>>(OWED, lane, name)
    return debtor === undefined
      ? []
      : [[name, { key: debtor.key, state: debtor.state === 0 ? 'planned' : 'dead' }] as const]
  })
  return owed.length === 0 ? undefined : Object.fromEntries(owed)
}

const GIVE = `UPDATE deliveries SET state = ?, attempts = ?, first_at = ?, clock_at = ?, paused_before = ?, lease_until = ?,
  owner = ?, token = ? WHERE lane = ? AND position = ?`

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
  const given = markClaimed(head.delivery, lease, pausedMs, now, starts)
  const until = lease?.leaseUntil ?? null
  client.run(
    GIVE,
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
  const held = lease === undefined ? { ...given, token: '', leaseUntil: Number.POSITIVE_INFINITY } : given
  const delivery = held as Claim['delivery']
  return owed === undefined ? { delivery, refs, pausedMs } : { delivery, refs, owed, pausedMs }
}
