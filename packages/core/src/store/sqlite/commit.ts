import type { Delivery, Incoming, Lane, Placed } from '../../delivery/model.ts'
import { clampTimes, place } from '../../delivery/place.ts'
import { fillPlace } from '../../delivery/transitions.ts'
import { readDescriptor } from '../../descriptor/check.ts'
import { needs } from '../../descriptor/refs.ts'
import { contentOf } from '../../descriptor/shape.ts'
import { TrackerError } from '../../session/errors.ts'
import { INIT_LANE } from '../../session/events.ts'
import type { Commit, LanePlan } from '../contract.ts'
import type { Adapters } from './adapters.ts'
import type { Client } from './client.ts'
import {
  closeLane,
  countIn,
  editLane,
  insertIn,
  insertLane,
  type LaneEdit,
  lanesNamed,
  nameAt,
  nameOf,
  touch,
} from './lane.ts'
import { recreateCard } from './move.ts'
import {
  type DeliveryRow,
  deliveryOf,
  FROM,
  type LaneRow,
  replace,
  STATES,
  stateNumber,
  WITH_DESCRIPTOR,
} from './rows.ts'
import { writeEvents } from './session.ts'

/** Another writer was faster. */
const conflict = (what: string, expected: number, found: number): TrackerError =>
  new TrackerError(
    'VERSION_CONFLICT',
    `${what} is at ${found}, not at ${expected}: load it and record again.`,
  )

/** The data of one commit. `again`: all of its events are stored already. */
type Work = Readonly<{
  client: Client
  now: number
  again: boolean
  edits: Map<number, LaneEdit>
  rows: Map<string, readonly LaneRow[]>
}>

/** A key that is stored already: the same call is skipped, a place that a hook left empty is filled, another is refused. */
const meet = (
  { client, edits, again, now }: Work,
  plan: LanePlan,
  incoming: Incoming,
): Placed | undefined => {
  const row = client.get<DeliveryRow & { descriptor: string | null }>(
    `SELECT ${WITH_DESCRIPTOR} ${FROM} WHERE d.key = ?`,
    incoming.key,
  )
  if (row === undefined) return undefined
  const { key, position } = row
  const { descriptor } = incoming
  const other =
    row.descriptor !== null &&
    descriptor !== undefined &&
    contentOf(readDescriptor(row.descriptor)) !== contentOf(descriptor)
  if (other && !again)
    throw new TrackerError('STORE', `Key ${key} is known with other content: give another call another key.`)
  const edit = edits.get(row.lane)
  const filled =
    row.descriptor === null
      ? fillPlace(deliveryOf(row, plan.adapter, plan.lane, undefined), incoming, now)
      : undefined
  if (edit === undefined || filled === undefined)
    return { key, state: STATES[row.state] as Placed['state'], position, replaced: [], known: true }
  client.run('DELETE FROM deliveries WHERE lane = ? AND position = ?', row.lane, position)
  insertIn(client, edit, filled)
  const name = nameOf(filled)
  if (name !== undefined)
    nameAt(
      edit,
      name,
      [...(edit.names[name] ?? []), position].sort((a, b) => a - b),
    )
  touch(edit, position)
  return { key, state: filled.state, position, replaced: [] }
}

const editOf = ({ client, edits, rows, now }: Work, plan: LanePlan, adapter: number): LaneEdit => {
  const { lane } = plan
  const known = rows.get(lane) ?? lanesNamed(client, lane)
  const row =
    known.find(each => each.adapter === adapter) ??
    insertLane(client, adapter, lane, JSON.stringify(plan.open?.refs ?? {}), plan.open?.target ?? '')
  rows.set(lane, known.includes(row) ? known : [...known, row])
  const begun = edits.get(row.id)
  if (begun !== undefined) return begun
  const edit = editLane(row)
  const { sent, servedAt } = clampTimes({ sent: edit.sent, servedAt: edit.served }, now)
  edit.sent = sent
  edit.served = servedAt
  edits.set(row.id, edit)
  return edit
}

/** Reads a known one again: its answer is its state after the commit. */
const refresh = ({ client }: Work, placed: Placed): Placed => {
  if (placed.known !== true) return placed
  const row = client.get<Pick<DeliveryRow, 'state' | 'position'>>(
    'SELECT state, position FROM deliveries WHERE key = ?',
    placed.key,
  ) as DeliveryRow
  return { ...placed, state: STATES[row.state] as Placed['state'], position: row.position }
}

const planLane = (work: Work, plan: LanePlan, adapter: number, careful: boolean): readonly Placed[] => {
  const { client, now } = work
  const { deliveries, through } = plan
  const edit = editOf(work, plan, adapter)
  if (plan.lane === INIT_LANE) edit.target = plan.open?.target ?? edit.target
  if (through !== undefined) {
    const { from, to } = through
    if (from !== edit.through) throw conflict(`Lane ${plan.adapter} of ${plan.lane}`, from, edit.through)
    edit.through = to
  }
  if (plan.recreate === undefined)
    return deliveries
      .map(
        each =>
          (careful ? meet(work, plan, each) : undefined) ??
          placeOne(client, edit, plan, each, now) ??
          (meet(work, plan, each) as Placed),
      )
      .map(each => refresh(work, each))
  const met = new Map(deliveries.map(each => [each, meet(work, plan, each)] as const))
  const fresh = deliveries.filter(each => met.get(each) === undefined)
  const recreated = recreateCard(client, edit, plan, fresh, now)
  return deliveries.map(each => refresh(work, met.get(each) ?? (recreated[fresh.indexOf(each)] as Placed)))
}

/**
 * Writes all of a commit, or throws, and then all of it is undone. Keys are taken to be new: one that is not throws a
 * duplicate, and the whole is done again with `careful`.
 */
export const commit = (
  client: Client,
  adapters: Adapters,
  owner: string,
  given: Commit,
  careful: boolean,
  now: number,
): readonly Placed[] => {
  const again = writeEvents(client, owner, given)
  const work: Work = { client, now, again, edits: new Map(), rows: new Map() }
  const placed = given.lanes.flatMap(plan =>
    planLane(work, plan, adapters.idOf(plan.adapter) as number, careful || again),
  )
  for (const edit of work.edits.values()) closeLane(client, edit)
  return placed
}

type Row = Pick<
  DeliveryRow,
  'position' | 'key' | 'rank' | 'state' | 'attempts' | 'due_at' | 'exposed' | 'doubt_since' | 'body'
>

/** The fields that the rules of placing read, of an open delivery of this coalesce name. */
const namesake = (row: Row, name: string): Delivery =>
  ({
    key: row.key,
    position: row.position,
    rank: row.rank,
    state: STATES[row.state],
    attempts: row.attempts,
    dueAt: row.due_at,
    ...(row.exposed === 1 ? { exposed: true } : {}),
    ...(row.doubt_since === null ? {} : { doubtSince: row.doubt_since }),
    descriptor: { coalesce: { name } },
  }) as Delivery

/** The fields that the rules of placing read, of an open delivery of another name; `token`: a worker holds it. */
const other = (position: number, token?: string): Delivery =>
  ({ key: '', position, state: 'waiting', token }) as unknown as Delivery

const HELD = `SELECT position FROM deliveries INDEXED BY deliveries_held WHERE lane = ? AND position > ?
  AND token IS NOT NULL LIMIT 1`

/** A delivery behind a position that a worker holds. */
const findHeldBehind = (client: Client, lane: number, position: number): readonly Delivery[] =>
  client.list(HELD, lane, position).map(([held]) => other(held as number, 'held'))

/** The fields that the rules of placing read, of an open delivery that will capture this name. */
const capturer = (position: number, name: string): Delivery =>
  ({ key: '', position, state: 'waiting', descriptor: { captures: { [name]: '' } } }) as unknown as Delivery

/** The part of a lane that placing may depend on, and the rows of those that may be replaced. */
type Part = Readonly<{ deliveries: readonly Delivery[]; rows: readonly Row[] }>

const NOTHING: Part = { deliveries: [], rows: [] }

/** Open ones of other names behind the first of these positions: some, the last, one that is held, and who captures what it needs. */
const othersBehind = (
  client: Client,
  edit: LaneEdit,
  positions: readonly number[],
  descriptor: NonNullable<Incoming['descriptor']>,
): readonly Delivery[] => {
  const first = Math.min(...positions)
  // Nothing was ever placed behind the newest.
  if (first === edit.next - 1) return []
  const others = client
    .all<{ position: number }>(
      'SELECT position FROM deliveries WHERE lane = ? AND position > ? AND state < 5 ORDER BY position DESC LIMIT ? + 0',
      edit.row.id,
      first,
      positions.length,
    )
    .filter(({ position }) => !positions.includes(position))
  if (others.length === 0 || descriptor.coalesce?.place === 'after')
    return others.map(({ position }) => other(position))
  const capturers = needs(descriptor).flatMap(needed =>
    client
      .all<{ position: number }>(
        `SELECT c.position FROM captures c JOIN deliveries d ON d.lane = c.lane AND d.position = c.position
          WHERE c.lane = ? AND c.name = ? AND c.position > ? AND c.value IS NULL AND d.state < 5`,
        edit.row.id,
        needed,
        first,
      )
      .map(({ position }) => capturer(position, needed)),
  )
  return [
    ...others.map(({ position }) => other(position)),
    ...findHeldBehind(client, edit.row.id, first),
    ...capturers,
  ]
}

/** The part of a lane that placing may depend on: open ones of its name, and what else is open behind them. */
const partOf = (client: Client, edit: LaneEdit, incoming: Incoming): Part => {
  const { descriptor } = incoming
  const name = nameOf(incoming)
  const positions = name === undefined ? [] : (edit.names[name] ?? [])
  if (descriptor === undefined || name === undefined || positions.length === 0) return NOTHING
  const rows = positions.flatMap(
    position =>
      client.get<Row>(
        `SELECT position, key, rank, state, attempts, due_at, exposed, doubt_since, body FROM deliveries
          WHERE lane = ? AND position = ?`,
        edit.row.id,
        position,
      ) ?? [],
  )
  const deliveries = [
    ...rows.map(row => namesake(row, name)),
    ...othersBehind(client, edit, positions, descriptor),
  ]
  if (deliveries.length > 1) deliveries.sort((a, b) => a.position - b.position)
  return { deliveries, rows }
}

/** Places one at the end of its lane, or where one of its name stood; `undefined`: that one is itself. */
const placeOne = (
  client: Client,
  edit: LaneEdit,
  { adapter, lane }: LanePlan,
  incoming: Incoming,
  now: number,
): Placed | undefined => {
  const { deliveries, rows } = partOf(client, edit, incoming)
  if (rows.some(each => each.key === incoming.key)) return undefined
  const part: Lane = { adapter, lane, through: 0, sent: {}, next: edit.next, deliveries }
  const { written, placed } = place(part, [incoming], now)
  const name = nameOf(incoming)
  let stay = name === undefined ? [] : (edit.names[name] ?? [])
  // The newcomer takes over the body of the first that it replaces: one row is written where two would change.
  let free: number | undefined
  for (const delivery of written) {
    const old = rows.find(({ key }) => key === delivery.key)
    if (old === undefined) insertIn(client, edit, delivery, free)
    else {
      replace(client, edit.row.id, old.position, delivery)
      // Only what is planned or waiting gives way: it was counted under its own state.
      countIn(edit, old.state, -1)
      countIn(edit, stateNumber('replaced'), 1)
      if (free === undefined) free = old.body ?? undefined
      else if (old.body !== null) client.run('DELETE FROM bodies WHERE id = ?', old.body)
      touch(edit, old.position)
      stay = stay.filter(position => position !== old.position)
    }
  }
  const [one] = placed as readonly [Placed]
  edit.next += 1
  touch(edit, one.position)
  if (name !== undefined) nameAt(edit, name, [...stay, one.position])
  return one
}
