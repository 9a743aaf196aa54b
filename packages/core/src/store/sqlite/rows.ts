import type { Delivery, LaneState, State, Via } from '../../delivery/model.ts'
import { readDescriptor, writeDescriptor } from '../../descriptor/check.ts'
import type { Descriptor } from '../../descriptor/descriptor.ts'
import type { Client } from './client.ts'

/** States as they are stored: a number is a place in this list. Those in no final state come first. */
export const STATES: readonly State[] = [
  'planned',
  'waiting',
  'claimed',
  'begun',
  'dead',
  'delivered',
  'replaced',
  'dropped',
]
const VIAS: readonly Via[] = ['execute', 'preview', 'handoff']

export const stateNumber = (state: State): number => STATES.indexOf(state)

/** A row of `lanes`. */
export type LaneRow = Readonly<{
  id: number
  adapter: number
  lane: string
  through: number
  next: number
  walk: number
  names: string
  sent: string
  gone: string | null
  refs: string
  served: number
  target: string
}>

/** The columns of a delivery `d`: all by name, since a newer version of this library may add some under our feet. */
const COLUMNS = `d.lane, d.position, d.key, d.state, d.rank, d.action, d.via, d.sequence, d.holds, d.body, d.name,
  d.every_ms, d.lim, d.planned_at, d.due_at, d.attempts, d.misses, d.unreported, d.paused_before,
  d.first_at, d.clock_at, d.doubt_since, d.exposed, d.lease_until, d.settled_at, d.owner, d.token,
  d.reason, d.rejected, d.successor, d.waits_for`

/** The same with the descriptor, and where both come from. */
export const WITH_DESCRIPTOR = `${COLUMNS}, b.text AS descriptor`
export const FROM = 'FROM deliveries d LEFT JOIN bodies b ON b.id = d.body'

/** A waiting head, without its position, which its lane has too, and the columns that are empty while it waits. */
export const HEAD_COLUMNS = `d.key, d.rank, d.action, d.via, d.sequence, d.holds, d.planned_at, d.due_at, d.attempts, d.misses,
  d.unreported, d.paused_before, d.first_at, d.clock_at, d.doubt_since, d.exposed, d.reason, d.rejected, b.text AS descriptor`

/** How many they are. */
export const HEAD_SIZE = 19

/** A row of `deliveries`, with its descriptor where it was asked for. */
export type DeliveryRow = Readonly<{
  lane: number
  position: number
  key: string
  state: number
  rank: number
  action: string
  via: number
  sequence: number
  holds: number
  body: number | null
  name: string | null
  every_ms: number | null
  lim: string | null
  planned_at: number
  due_at: number
  attempts: number
  misses: number
  unreported: number
  paused_before: number
  first_at: number | null
  clock_at: number | null
  doubt_since: number | null
  exposed: number | null
  lease_until: number | null
  settled_at: number | null
  owner: string | null
  token: string | null
  reason: string | null
  rejected: string | null
  successor: string | null
  waits_for: string | null
  descriptor?: string | null
}>

const optional = <K extends string, V>(name: K, value: V | null | undefined): { readonly [N in K]?: V } =>
  value === null || value === undefined ? {} : ({ [name]: value } as { readonly [N in K]: V })

/** Fields of a delivery that are absent where their column is NULL, or was not read. */
const OPTIONAL = [
  ['firstAt', 'first_at'],
  ['clockAt', 'clock_at'],
  ['rejected', 'rejected'],
  ['doubtSince', 'doubt_since'],
  ['token', 'token'],
  ['leaseUntil', 'lease_until'],
  ['owner', 'owner'],
  ['settledAt', 'settled_at'],
  ['reason', 'reason'],
  ['successor', 'successor'],
  ['waitsFor', 'waits_for'],
] as const

/** A delivery from its row; its descriptor is the stored one, or what is known of it without reading that. */
export const deliveryOf = (
  row: DeliveryRow,
  adapter: string,
  lane: string,
  descriptor: Descriptor | undefined,
): Delivery => {
  const delivery: Delivery = {
    key: row.key,
    adapter,
    lane,
    position: row.position,
    rank: row.rank,
    action: row.action,
    via: VIAS[row.via] as Via,
    state: STATES[row.state] as State,
    sequence: row.sequence,
    holds: row.holds === 1,
    attempts: row.attempts,
    misses: row.misses,
    unreported: row.unreported,
    plannedAt: row.planned_at,
    pausedBefore: row.paused_before,
    dueAt: row.due_at,
    ...(descriptor === undefined ? {} : { descriptor }),
    ...(row.exposed === 1 ? { exposed: true as const } : {}),
  }
  const more = delivery as Record<string, unknown>
  for (const [field, column] of OPTIONAL) {
    const value = row[column]
    if (value !== null && value !== undefined) more[field] = value
  }
  return delivery
}

/** The values of `HEAD_COLUMNS`; without a key no head was found. */
export type HeadValues = Readonly<
  [
    ...[key: string | null, rank: number, action: string, via: number, sequence: number, holds: number],
    ...[plannedAt: number, dueAt: number, attempts: number, misses: number, unreported: number],
    ...[pausedBefore: number, firstAt: number | null, clockAt: number | null, doubtSince: number | null],
    ...[exposed: number | null, reason: string | null, rejected: string | null, descriptor: string | null],
  ]
>

/**
 * A waiting head from its values: what `deliveryOf` makes, in a third of its time. They are read by their places, since
 * naming them all, or spreading the rare ones, would make several objects of each.
 */
export const headFrom = (values: HeadValues, adapter: string, lane: string, position: number): Delivery => {
  const head: { -readonly [K in keyof Delivery]: Delivery[K] } = {
    key: values[0] as string,
    adapter,
    lane,
    position,
    rank: values[1],
    action: values[2],
    via: VIAS[values[3]] as Via,
    state: 'waiting',
    sequence: values[4],
    holds: values[5] === 1,
    attempts: values[8],
    misses: values[9],
    unreported: values[10],
    plannedAt: values[6],
    pausedBefore: values[11],
    dueAt: values[7],
  }
  if (values[18] !== null) head.descriptor = readDescriptor(values[18])
  if (values[12] !== null) head.firstAt = values[12]
  if (values[13] !== null) head.clockAt = values[13]
  if (values[14] !== null) head.doubtSince = values[14]
  if (values[15] === 1) head.exposed = true
  if (values[16] !== null) head.reason = values[16]
  if (values[17] !== null) head.rejected = values[17]
  return head
}

export const descriptorOf = (row: DeliveryRow): Descriptor | undefined =>
  typeof row.descriptor === 'string' ? readDescriptor(row.descriptor) : undefined

/** The state of a lane from its row. */
export const laneStateOf = (row: LaneRow, adapter: string): LaneState => ({
  adapter,
  lane: row.lane,
  through: row.through,
  sent: JSON.parse(row.sent) as LaneState['sent'],
  refs: JSON.parse(row.refs) as NonNullable<LaneState['refs']>,
  ...optional('gone', row.gone),
  ...(row.target === '' ? {} : { target: row.target }),
})

/** Writes the JSON of an event or a descriptor where all of them are; answers its number. */
export const insertBody = (client: Client, text: string): number =>
  client.insert('INSERT INTO bodies (text) VALUES (?)', text)

const writeBody = (client: Client, text: string, free: number | undefined): number => {
  if (free === undefined) return insertBody(client, text)
  client.run('UPDATE bodies SET text = ? WHERE id = ?', text, free)
  return free
}

const WAITING = `INSERT INTO deliveries (lane, position, key, rank, action, sequence, body, planned_at, due_at, state, via, holds)
  VALUES (?,?,?,?,?,?,?,?,?,1,0,0)`
const ANY = `INSERT INTO deliveries (lane, position, key, rank, action, sequence, body, planned_at, due_at, state, via, holds,
  name, every_ms, lim, reason) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`

/**
 * Writes a new delivery with its descriptor, over the text of `free` where one is given. Throws a duplicate when its key is
 * there already.
 */
export const insert = (client: Client, lane: number, delivery: Delivery, free?: number): void => {
  const { position, key, rank, action, sequence, descriptor, plannedAt, dueAt, state, via, holds, reason } =
    delivery
  const { coalesce, limit, captures = {} } = descriptor ?? {}
  const body = descriptor === undefined ? null : writeBody(client, writeDescriptor(descriptor), free)
  const usual =
    state === 'waiting' && via === 'execute' && !holds && coalesce === undefined && limit === undefined
  const values = [lane, position, key, rank, action, sequence, body, plannedAt, dueAt] as const
  // Each value costs as much as its column does: most deliveries need few.
  if (usual && reason === undefined) client.run(WAITING, ...values)
  else
    client.run(
      ANY,
      ...values,
      stateNumber(state),
      VIAS.indexOf(via),
      holds ? 1 : 0,
      coalesce?.name ?? null,
      coalesce?.everyMs === undefined ? null : Math.ceil(coalesce.everyMs),
      limit ?? null,
      reason ?? null,
    )
  for (const name of Object.keys(captures))
    client.run('INSERT INTO captures (lane, name, position) VALUES (?,?,?)', lane, name, position)
}

const REPLACED = `state = ${stateNumber('replaced')}, successor = ?, settled_at = ?, body = NULL, token = NULL,
  lease_until = NULL, owner = NULL WHERE lane = ? AND position = ?`
const REPLACE = `UPDATE deliveries SET ${REPLACED}`
const REPLACE_AND_MOVE = `UPDATE deliveries SET position = ?, ${REPLACED}`

/** Empties one whose place was taken, forgets what it captured, and gives it the newcomer's number where that stands in its place now. */
export const replace = (client: Client, lane: number, from: number, old: Delivery): void => {
  const { position, successor = null, settledAt = null } = old
  client.run('DELETE FROM captures WHERE lane = ? AND position = ?', lane, from)
  if (position === from) client.run(REPLACE, successor, settledAt, lane, from)
  else client.run(REPLACE_AND_MOVE, position, successor, settledAt, lane, from)
}

/** Writes what may change in a delivery's life; its place and its descriptor stay. */
export const update = (client: Client, lane: number, delivery: Delivery): void => {
  client.run(
    `UPDATE deliveries SET state = ?, due_at = ?, attempts = ?, misses = ?, unreported = ?, paused_before = ?,
      first_at = ?, clock_at = ?, doubt_since = ?, exposed = ?, lease_until = ?, settled_at = ?, owner = ?, token = ?,
      reason = ?, rejected = ?, successor = ?, waits_for = ? WHERE lane = ? AND position = ?`,
    stateNumber(delivery.state),
    delivery.dueAt,
    delivery.attempts,
    delivery.misses,
    delivery.unreported,
    delivery.pausedBefore,
    delivery.firstAt ?? null,
    delivery.clockAt ?? null,
    delivery.doubtSince ?? null,
    delivery.exposed === true ? 1 : null,
    delivery.leaseUntil ?? null,
    delivery.settledAt ?? null,
    delivery.owner ?? null,
    delivery.token ?? null,
    delivery.reason ?? null,
    delivery.rejected ?? null,
    delivery.successor ?? null,
    delivery.waitsFor ?? null,
    lane,
    delivery.position,
  )
}
