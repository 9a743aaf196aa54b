import { isDue } from '../../delivery/lanes.ts'
import { type Claim, type Delivery, LONGEST_WAIT_MS } from '../../delivery/model.ts'
import { isSentFirst, type Lease, markClaimed } from '../../delivery/transitions.ts'
import { INIT_LANE } from '../../session/events.ts'
import type { Rest } from './adapters.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import { closeLane, editLane, findOwed, KIND, laneOf, refsOf, touch } from './lane.ts'
import {
  type DeliveryRow,
  deliveryOf,
  descriptorOf,
  FROM,
  HEAD_COLUMNS,
  HEAD_SIZE,
  type HeadValues,
  headFrom,
  stateNumber,
  WITH_DESCRIPTOR,
} from './rows.ts'
import { COUNT_MOVE } from './schema.ts'

/** A lane whose head may be worked on, and since when; its name and refs; the values of its head, where they were read with it. */
export type Ready = Readonly<{
  id: number
  walk: number
  lim: string
  due: number
  lane: string
  refs: string
  values?: HeadValues
}>

/** A delivery that a worker holds: where it stands, and until when. */
export type Held = Readonly<{
  adapter: number
  id: number
  walk: number
  due: number
  key: string
  state: number
  owner: string | null
}>

/** A lane that holds back all others of its adapter, those of this account or, where its target is empty, of any. */
export type Blocking = Readonly<{ adapter: number; id: number; target: string }>

/** The own lanes of adapters, while they have anything to do or anything dead: no other lane of the adapter moves then. */
export const listBlocking = (client: Client): readonly Blocking[] =>
  client.all<Blocking>(
    `SELECT l.adapter, l.id, l.target FROM lanes l WHERE l.lane = ?
      AND EXISTS (SELECT 1 FROM deliveries d WHERE d.lane = l.id AND d.state BETWEEN 1 AND 4)`,
    INIT_LANE,
  )

/** The lane that holds back the others of an adapter; without a target, those of any account. */
export const blockingLane = (
  all: readonly Blocking[],
  adapter: number,
  target: string | undefined,
): number | undefined =>
  all.find(
    each =>
      each.adapter === adapter && (target === undefined || each.target === '' || each.target === target),
  )?.id

/** Deliveries that workers hold, whatever account they are for: no more than calls are under way, and an index has nothing else. */
export const listHeld = (client: Client): readonly Held[] =>
  client
    .list(
      `SELECT l.adapter, d.lane, d.position, d.lease_until, d.key, d.state, d.owner
        FROM deliveries d INDEXED BY deliveries_held CROSS JOIN lanes l ON l.id = d.lane
        WHERE d.token IS NOT NULL AND d.state IN (2, 3) ORDER BY d.lane, d.position`,
    )
    .map(
      ([adapter, id, walk, due, key, state, owner]) =>
        ({ adapter, id, walk, due, key, state, owner }) as Held,
    )

/** The heads of one adapter, kind, account and limit: an index has them in the order of their due time. */
type Group = Readonly<{ adapter: number; kind: number; target: string; lim: string }>
type Of = readonly [adapter: number, kind: number, target: string, lim: string]

const FIRST = (kind: number, target: string): string =>
  `(SELECT min(lim) FROM lanes WHERE adapter = ?1 AND kind = ${kind} AND target = ${target})`
const OF_ANY = `SELECT ${FIRST(KIND.waiting, "''")}, ${FIRST(KIND.paced, "''")}`
const OF_OWN = `${OF_ANY}, ${FIRST(KIND.waiting, '?2')}, ${FIRST(KIND.paced, '?2')}`
type Lim = string | null
type Firsts = readonly [waiting: Lim, paced: Lim, own?: Lim, ownPaced?: Lim]

/** The first limit that heads of each kind and account draw on, by jumps over the index: the backlog is not read. */
const firstGroups = (client: Client, adapter: number, target: string): readonly Group[] => {
  const found =
    target === '' ? client.row<Firsts>(OF_ANY, adapter) : client.row<Firsts>(OF_OWN, adapter, target)
  const [waiting, paced, own = null, ownPaced = null] = found as Firsts
  const groups: Group[] = []
  const add = (kind: number, of: string, lim: Lim): void => {
    if (lim !== null) groups.push({ adapter, kind, target: of, lim })
  }
  add(KIND.waiting, '', waiting)
  add(KIND.paced, '', paced)
  add(KIND.waiting, target, own)
  add(KIND.paced, target, ownPaced)
  return groups
}

/** The same with when its lane was last served, and the rank of its head. */
export type Listed = Ready & Readonly<{ served: number; rank: number }>

type Found = Readonly<{ ready: readonly Listed[]; later: number | undefined }>
/** The due heads of a group, and the next limit of its kind and account. */
type FoundIn = Found & Readonly<{ next: Group | undefined }>
type Row = Listed & Readonly<{ ready: number }>

/** A lane with its head: a claim gives nearly all that it finds. */
const WITH_HEAD = `SELECT ${HEAD_COLUMNS}, l.id, l.walk, l.lim, l.due, l.lane, l.refs, l.ready, l.served FROM lanes l
  LEFT JOIN deliveries d ON d.lane = l.id AND d.position = l.walk AND d.state = ${stateNumber('waiting')}
  LEFT JOIN bodies b ON b.id = d.body`

const readRow = (found: readonly unknown[]): Row => ({
  id: found[HEAD_SIZE] as number,
  walk: found[HEAD_SIZE + 1] as number,
  lim: found[HEAD_SIZE + 2] as string,
  due: found[HEAD_SIZE + 3] as number,
  lane: found[HEAD_SIZE + 4] as string,
  refs: found[HEAD_SIZE + 5] as string,
  ready: found[HEAD_SIZE + 6] as number,
  served: found[HEAD_SIZE + 7] as number,
  rank: (found[1] as number | null) ?? 0,
  values: found as unknown as HeadValues,
})
const listRows = (client: Client, sql: string, ...values: readonly (string | number)[]) =>
  client.list(sql, ...values).map(readRow)

const OF = 'l.adapter = ? AND l.kind = ? AND l.target = ? AND l.lim = ?'

// SQLite compiles a statement again for each value that stands alone behind LIMIT: https://www.sqlite.org/c3ref/bind_blob.html
const DUE = `${WITH_HEAD} WHERE ${OF} AND l.due <= ? ORDER BY l.due, l.id LIMIT ? + 0`
const FAR = `${WITH_HEAD} WHERE ${OF} AND l.due > ? ORDER BY l.due, l.id LIMIT ? + 0`
const HURRIED = `${WITH_HEAD} WHERE ${OF} AND l.due > ? ORDER BY l.due, l.id`
const SAME = 'adapter = ?1 AND kind = ?2 AND target = ?3'
const AFTER = `SELECT (SELECT min(due) FROM lanes WHERE ${SAME} AND lim = ?4 AND due > ?5 AND due <= ?6),
  (SELECT min(lim) FROM lanes WHERE ${SAME} AND lim > ?4)`
type After = readonly [due: number | null, lim: string | null]
const keysOf = ({ adapter, kind, target, lim }: Group): Of => [adapter, kind, target, lim]

/** The first heads of a group that are due, and when the next one is. */
const dueOf = (client: Client, group: Group, room: number, now: number): FoundIn => {
  const far = now + LONGEST_WAIT_MS
  const due = listRows(client, DUE, ...keysOf(group), now, room)
  const left = room - due.length
  // Written before the clock was set back.
  const odd = left > 0 ? listRows(client, FAR, ...keysOf(group), far, left) : []
  const [later, lim] = client.row<After>(AFTER, ...keysOf(group), now, far) as After
  return {
    ready: odd.length === 0 ? due : [...due, ...odd],
    later: later ?? undefined,
    next: lim === null ? undefined : { ...group, lim },
  }
}

/** Paced heads whose own time has come: for a worker in a hurry. Few are paced at a time. */
const findHurried = (client: Client, group: Group, now: number): Found => {
  const rows = listRows(client, HURRIED, ...keysOf(group), now)
  const later = rows.filter(row => !isDue(row.ready, now)).map(row => row.ready)
  return {
    ready: rows.filter(row => isDue(row.ready, now)),
    later: later.length === 0 ? undefined : Math.min(...later),
  }
}

const ALONE = `${WITH_HEAD} WHERE l.id = ? AND l.kind IN (${KIND.waiting}, ${KIND.paced})`

/** One lane alone, as if it were all. */
const oneOf = (
  client: Client,
  id: number,
  hurry: boolean,
  now: number,
): Found & Readonly<{ lim: string }> => {
  const [row] = listRows(client, ALONE, id)
  if (row === undefined) return { ready: [], later: undefined, lim: '' }
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
): Readonly<{ ready: readonly Listed[]; later: readonly number[] }> => {
  const ready: Listed[] = []
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
    for (const first of firstGroups(client, adapter, target))
      for (let group: Group | undefined = first; group !== undefined; ) {
        const { kind, lim } = group
        // A paused limit is only asked whether anything is due.
        const found = dueOf(client, group, Math.max(1, room), now)
        if (kind === KIND.waiting || !hurry) add(lim, found)
        else {
          add(lim, { ready: found.ready.filter(row => row.due <= now), later: undefined })
          add(lim, findHurried(client, group, now))
        }
        group = found.next
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

const HEAD = `SELECT ${HEAD_COLUMNS} ${FROM}
  WHERE d.lane = ? AND d.position = ? AND d.state = ${stateNumber('waiting')}`

/** The head a lane's row speaks of. Should the row be wrong, it is put right, and nothing is given twice. */
export const headOf = ({ client }: Context, adapter: string, ready: Ready): HeadOf | undefined => {
  const { id, walk, lane, refs } = ready
  const values = ready.values ?? client.row<HeadValues>(HEAD, id, walk)
  if (values !== undefined && values[0] !== null)
    return { lane: id, refs, delivery: headFrom(values, adapter, lane, walk) }
  walkAgain(client, id)
  return undefined
}

const GIVE = `UPDATE deliveries SET state = ?, attempts = ?, first_at = ?, clock_at = ?, paused_before = ?, lease_until = ?,
  owner = ?, token = ? WHERE lane = ? AND position = ?`
const TAKE = GIVE.replace('token = ?', `token = ?, ${COUNT_MOVE}`)

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
  const { descriptor } = head.delivery
  const refs = refsOf(client, head.lane, head.refs, descriptor)
  const owed = findOwed(client, head.lane, refs, descriptor)
  const starts = begins && isSentFirst(head.delivery, refs)
  const given = markClaimed(head.delivery, lease, pausedMs, now, starts)
  client.write(
    lease === undefined ? TAKE : GIVE,
    stateNumber(given.state),
    given.attempts,
    given.firstAt ?? null,
    given.clockAt ?? null,
    given.pausedBefore,
    lease?.leaseUntil ?? null,
    given.owner ?? null,
    given.token ?? null,
    head.lane,
    given.position,
  )
  client.write('UPDATE lanes SET kind = NULL WHERE id = ?', head.lane)
  const held = lease === undefined ? { ...given, token: '', leaseUntil: Number.POSITIVE_INFINITY } : given
  const delivery = held as Claim['delivery']
  return owed === undefined ? { delivery, refs, pausedMs } : { delivery, refs, owed, pausedMs }
}
