import type { Delivery, LaneState, State, Via } from '../../delivery/model.ts'
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
}>

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
  descriptor?: string | null
}>

const given = <K extends string, V>(name: K, value: V | null | undefined): { readonly [N in K]?: V } =>
  value === null || value === undefined ? {} : ({ [name]: value } as { readonly [N in K]: V })

/** A delivery from its row; its descriptor is the stored one, or what is known of it without reading that. */
export const deliveryOf = (
  row: DeliveryRow,
  adapter: string,
  lane: string,
  descriptor: Descriptor | undefined,
): Delivery => ({
  key: row.key,
  adapter,
  lane,
  position: row.position,
  rank: row.rank,
  action: row.action,
  ...given('descriptor', descriptor),
  via: VIAS[row.via] as Via,
  state: STATES[row.state] as State,
  sequence: row.sequence,
  holds: row.holds === 1,
  attempts: row.attempts,
  misses: row.misses,
  unreported: row.unreported,
  plannedAt: row.planned_at,
  ...given('firstAt', row.first_at),
  ...given('clockAt', row.clock_at),
  pausedBefore: row.paused_before,
  dueAt: row.due_at,
  ...(row.exposed === 1 ? { exposed: true as const } : {}),
  ...given('rejected', row.rejected),
  ...given('doubtSince', row.doubt_since),
  ...given('token', row.token),
  ...given('leaseUntil', row.lease_until),
  ...given('owner', row.owner),
  ...given('settledAt', row.settled_at),
  ...given('reason', row.reason),
  ...given('successor', row.successor),
})

export const descriptorOf = (row: DeliveryRow): Descriptor | undefined =>
  typeof row.descriptor === 'string' ? (JSON.parse(row.descriptor) as Descriptor) : undefined

/** What a lane's row says of it. */
export const laneStateOf = (row: LaneRow, adapter: string): LaneState => ({
  adapter,
  lane: row.lane,
  through: row.through,
  sent: JSON.parse(row.sent) as LaneState['sent'],
  refs: JSON.parse(row.refs) as NonNullable<LaneState['refs']>,
  ...given('gone', row.gone),
})

/** Writes an event or a descriptor where all of them are; answers its number. */
export const insertBody = (client: Client, value: unknown): number =>
  client.insert('INSERT INTO bodies (text) VALUES (?)', JSON.stringify(value))

/** Writes a new delivery with its descriptor. Throws a duplicate when its key is there already. */
export const insert = (client: Client, lane: number, delivery: Delivery): void => {
  const { descriptor } = delivery
  const body = descriptor === undefined ? null : insertBody(client, descriptor)
  client.run(
    `INSERT INTO deliveries (lane, position, key, state, rank, action, via, sequence, holds, body, name, every_ms, lim,
      planned_at, due_at, reason) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
    lane,
    delivery.position,
    delivery.key,
    stateNumber(delivery.state),
    delivery.rank,
    delivery.action,
    VIAS.indexOf(delivery.via),
    delivery.sequence,
    delivery.holds ? 1 : 0,
    body,
    descriptor?.coalesce?.name ?? null,
    descriptor?.coalesce?.everyMs ?? null,
    descriptor?.limit ?? null,
    delivery.plannedAt,
    delivery.dueAt,
    delivery.reason ?? null,
  )
  for (const name of Object.keys(descriptor?.captures ?? {}))
    client.run('INSERT INTO captures (lane, name, position) VALUES (?,?,?)', lane, name, delivery.position)
}

/** Writes what may change in a delivery's life; its place and its descriptor stay. */
export const update = (client: Client, lane: number, delivery: Delivery): void => {
  client.run(
    `UPDATE deliveries SET state = ?, due_at = ?, attempts = ?, misses = ?, unreported = ?, paused_before = ?,
      first_at = ?, clock_at = ?, doubt_since = ?, exposed = ?, lease_until = ?, settled_at = ?, owner = ?, token = ?,
      reason = ?, rejected = ?, successor = ? WHERE lane = ? AND position = ?`,
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
    lane,
    delivery.position,
  )
}
