import type { Incoming, Placed } from '../../delivery/model.ts'
import { fillPlace } from '../../delivery/transitions.ts'
import { readDescriptor } from '../../descriptor/check.ts'
import { TrackerError } from '../../session/errors.ts'
import { INIT_LANE } from '../../session/events.ts'
import type { Commit, LanePlan } from '../contract.ts'
import type { Adapters } from './adapters.ts'
import type { Client } from './client.ts'
import { closeLane, editLane, insertLane, type LaneEdit, lanesNamed, nameAt, touch } from './lane.ts'
import { nameOf, placeOne, startAnew } from './place.ts'
import { type DeliveryRow, deliveryOf, FROM, insert, type LaneRow, STATES, WITH_DESCRIPTOR } from './rows.ts'
import { writeEvents } from './session.ts'

/** Another writer was faster. */
const conflict = (what: string, expected: number, found: number): TrackerError =>
  new TrackerError(
    'VERSION_CONFLICT',
    `${what} is at ${found}, not at ${expected}: load it and record again.`,
  )

/** What one commit works with. `again`: all of its events are stored already. */
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
    JSON.stringify(readDescriptor(row.descriptor)) !== JSON.stringify(descriptor)
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
  insert(client, row.lane, filled)
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

const editOf = ({ client, edits, rows }: Work, plan: LanePlan, adapter: number): LaneEdit => {
  const { lane } = plan
  const known = rows.get(lane) ?? lanesNamed(client, lane)
  const row =
    known.find(each => each.adapter === adapter) ??
    insertLane(client, adapter, lane, JSON.stringify(plan.open?.refs ?? {}), plan.open?.target ?? '')
  rows.set(lane, known.includes(row) ? known : [...known, row])
  const edit = edits.get(row.id) ?? editLane(row)
  edits.set(row.id, edit)
  return edit
}

/** What is told of a known one is how it stands after the commit. */
const told = ({ client }: Work, placed: Placed): Placed => {
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
      .map(each => told(work, each))
  const met = new Map(deliveries.map(each => [each, meet(work, plan, each)] as const))
  const fresh = deliveries.filter(each => met.get(each) === undefined)
  const anew = startAnew(client, edit, plan, fresh, now)
  return deliveries.map(each => told(work, met.get(each) ?? (anew[fresh.indexOf(each)] as Placed)))
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
    planLane(work, plan, adapters.known(plan.adapter) as number, careful || again),
  )
  for (const edit of work.edits.values()) closeLane(client, edit)
  return placed
}
