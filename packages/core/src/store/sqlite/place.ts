import type { Delivery, Incoming, Lane, Placed } from '../../delivery/model.ts'
import { place, recreate } from '../../delivery/place.ts'
import { needs } from '../../descriptor/refs.ts'
import type { LanePlan } from '../contract.ts'
import type { Client } from './client.ts'
import { type LaneEdit, nameAt, touch, unname } from './lane.ts'
import { type DeliveryRow, insert, STATES, stateNumber } from './rows.ts'

type Row = Pick<
  DeliveryRow,
  'position' | 'key' | 'rank' | 'state' | 'attempts' | 'due_at' | 'exposed' | 'doubt_since'
>

/** What the rules of placing look at, of an open delivery of this coalesce name. */
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

/** What the rules of placing look at, of an open delivery of another name: only that it stands there. */
const other = (position: number): Delivery => ({ key: '', position, state: 'waiting' }) as unknown as Delivery

/** What the rules of placing look at, of an open delivery that will capture this name. */
const capturer = (position: number, name: string): Delivery =>
  ({ key: '', position, state: 'waiting', descriptor: { captures: { [name]: '' } } }) as unknown as Delivery

/** The name under which others give way to it, if they do. */
export const nameOf = ({ descriptor }: Pick<Incoming, 'descriptor'>): string | undefined =>
  descriptor?.coalesce?.keep === true ? undefined : descriptor?.coalesce?.name

/** The part of a lane that placing may depend on: open ones of its name, and who captures after them what it needs. */
const partOf = (client: Client, edit: LaneEdit, incoming: Incoming): readonly Delivery[] => {
  const { descriptor } = incoming
  const name = nameOf(incoming)
  const positions = name === undefined ? [] : (edit.names[name] ?? [])
  if (descriptor === undefined || name === undefined || positions.length === 0) return []
  const namesakes = positions.flatMap(position => {
    const row = client.get<Row>(
      `SELECT position, key, rank, state, attempts, due_at, exposed, doubt_since FROM deliveries
        WHERE lane = ? AND position = ?`,
      edit.row.id,
      position,
    )
    return row === undefined ? [] : [namesake(row, name)]
  })
  if (descriptor.coalesce?.place === 'after') {
    const last = client.get<{ position: number }>(
      'SELECT position FROM deliveries WHERE lane = ? AND position > ? AND state < 5 ORDER BY position DESC LIMIT 1',
      edit.row.id,
      Math.max(...positions),
    )
    return last === undefined ? namesakes : [...namesakes, other(last.position)]
  }
  const capturers = needs(descriptor).flatMap(needed =>
    client
      .all<{ position: number }>(
        `SELECT c.position FROM captures c JOIN deliveries d ON d.lane = c.lane AND d.position = c.position
          WHERE c.lane = ? AND c.name = ? AND c.position > ? AND c.value IS NULL AND d.state < 5`,
        edit.row.id,
        needed,
        Math.min(...positions),
      )
      .map(({ position }) => capturer(position, needed)),
  )
  return [...namesakes, ...capturers].sort((a, b) => a.position - b.position)
}

/** Empties one whose place was taken, and gives it the newcomer's number where that stands in its place now. */
const replace = (client: Client, lane: number, from: number, old: Delivery): void => {
  client.run(
    'DELETE FROM bodies WHERE id = (SELECT body FROM deliveries WHERE lane = ? AND position = ?)',
    lane,
    from,
  )
  const sets = `state = ${stateNumber('replaced')}, successor = ?, settled_at = ?, body = NULL, token = NULL,
    lease_until = NULL, owner = NULL WHERE lane = ? AND position = ?`
  const values = [old.successor ?? null, old.settledAt ?? null, lane, from] as const
  if (old.position === from) client.run(`UPDATE deliveries SET ${sets}`, ...values)
  else client.run(`UPDATE deliveries SET position = ?, ${sets}`, old.position, ...values)
}

/** Places one at the end of its lane, or where one of its name stood; `undefined`: that one is itself. */
export const placeOne = (
  client: Client,
  edit: LaneEdit,
  { adapter, lane }: LanePlan,
  incoming: Incoming,
  now: number,
): Placed | undefined => {
  const deliveries = partOf(client, edit, incoming)
  if (deliveries.some(each => each.key === incoming.key)) return undefined
  const part: Lane = { adapter, lane, through: 0, sent: {}, next: edit.next, deliveries }
  const { written, placed } = place(part, [incoming], now)
  const before = new Map(deliveries.map(each => [each.key, each.position]))
  const gone = new Set<number>()
  for (const delivery of written) {
    const from = before.get(delivery.key)
    if (from === undefined) insert(client, edit.row.id, delivery)
    else {
      replace(client, edit.row.id, from, delivery)
      touch(edit, from)
      gone.add(from)
    }
  }
  const [one] = placed as readonly [Placed]
  const name = nameOf(incoming)
  edit.next += 1
  touch(edit, one.position)
  if (name !== undefined) {
    const stay = (edit.names[name] ?? []).filter(position => !gone.has(position))
    nameAt(edit, name, [...stay, one.position])
  }
  return one
}

const dropOne = (client: Client, edit: LaneEdit, key: string, now: number): void => {
  const lane = edit.row.id
  const row = client.get<Pick<DeliveryRow, 'position' | 'name'>>(
    'SELECT position, name FROM deliveries WHERE key = ? AND lane = ? AND state < 5',
    key,
    lane,
  )
  if (row === undefined) return
  const dropped = stateNumber('dropped')
  client.run('UPDATE deliveries SET state = ?, settled_at = ? WHERE key = ?', dropped, now, key)
  client.run('DELETE FROM captures WHERE lane = ? AND position = ?', lane, row.position)
  unname(edit, row.name, row.position)
}

/** Forgets what the lane captured of the old card, drops it, and puts the new one before all that waits. */
export const startAnew = (
  client: Client,
  edit: LaneEdit,
  plan: LanePlan,
  incoming: readonly Incoming[],
  now: number,
): readonly Placed[] => {
  const { adapter, lane } = plan
  edit.refs = '{}'
  edit.target = plan.recreate?.target ?? edit.target
  edit.gone = undefined
  client.run('DELETE FROM captures WHERE lane = ? AND value IS NOT NULL', edit.row.id)
  for (const key of plan.recreate?.dropping ?? []) dropOne(client, edit, key, now)
  const part: Lane = { adapter, lane, through: 0, sent: {}, next: edit.next, deliveries: [] }
  const { written, placed } = recreate(part, incoming, [], now)
  for (const delivery of written) {
    insert(client, edit.row.id, delivery)
    const name = nameOf(delivery)
    if (name !== undefined) nameAt(edit, name, [delivery.position, ...(edit.names[name] ?? [])])
  }
  edit.next += incoming.length
  touch(edit, Number.MIN_SAFE_INTEGER)
  return placed
}
