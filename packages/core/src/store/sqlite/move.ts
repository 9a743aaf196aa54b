import type { Delivery, Incoming, Lane, Move, Moved, Placed } from '../../delivery/model.ts'
import {
  acknowledge,
  describeMove,
  drop,
  isOnItsWay,
  type Moving,
  release,
  retry,
  stranger,
} from '../../delivery/move.ts'
import { recreate } from '../../delivery/place.ts'
import { needs } from '../../descriptor/refs.ts'
import type { LanePlan } from '../contract.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import {
  closeLane,
  editLane,
  insertIn,
  type LaneEdit,
  laneOf,
  nameAt,
  nameOf,
  touch,
  unname,
} from './lane.ts'
import {
  type DeliveryRow,
  deliveryOf,
  descriptorOf,
  FROM,
  laneStateOf,
  STATES,
  stateNumber,
  WITH_DESCRIPTOR,
} from './rows.ts'
import { COUNT_MOVE } from './schema.ts'
import { rewrite } from './settle.ts'

type Row = DeliveryRow & Readonly<{ descriptor: string | null }>

const rowOf = (client: Client, key: string): Row | undefined =>
  client.get<Row>(`SELECT ${WITH_DESCRIPTOR} ${FROM} WHERE d.key = ?`, key)

/** The delivery that stands in the place of a replaced one now. */
const standing = (client: Client, row: DeliveryRow): DeliveryRow => {
  const next = row.successor === null ? undefined : rowOf(client, row.successor)
  return next === undefined ? row : STATES[next.state] === 'replaced' ? standing(client, next) : next
}

const isCaptured = (client: Client, edit: LaneEdit, name: string): boolean =>
  Object.hasOwn(JSON.parse(edit.refs), name) ||
  client.get(
    'SELECT 1 FROM captures WHERE lane = ? AND name = ? AND value IS NOT NULL',
    edit.row.id,
    name,
  ) !== undefined

/** Planned ones before this one that capture what it needs: all that releasing looks at. */
const holders = (client: Client, edit: LaneEdit, { descriptor, position }: Delivery): readonly Delivery[] =>
  (descriptor === undefined ? [] : needs(descriptor))
    .flatMap(name =>
      client
        .all<Readonly<{ key: string; position: number }>>(
          `SELECT d.key, d.position FROM captures c JOIN deliveries d ON d.lane = c.lane AND d.position = c.position
          WHERE c.lane = ? AND c.name = ? AND c.position < ? AND c.value IS NULL AND d.state = 0 ORDER BY d.position`,
          edit.row.id,
          name,
          position,
        )
        .map(
          row =>
            ({ ...row, state: 'planned', descriptor: { captures: { [name]: '' } } }) as unknown as Delivery,
        ),
    )
    .sort((a, b) => a.position - b.position)

/** The newest open one of its coalesce name that is not a preview: retrying reads nothing else. */
const newest = (client: Client, edit: LaneEdit, { descriptor, rank }: Delivery): readonly Delivery[] => {
  const coalesce = descriptor?.coalesce
  if (coalesce === undefined) return []
  const row = client.get<Readonly<{ key: string; rank: number }>>(
    `SELECT key, rank FROM deliveries WHERE lane = ? AND name = ? AND state BETWEEN 1 AND 4 AND rank > ?
      ORDER BY rank DESC LIMIT 1`,
    edit.row.id,
    coalesce.name,
    rank,
  )
  return row === undefined ? [] : [{ ...row, descriptor: { coalesce } } as unknown as Delivery]
}

const moveTo = (asked: string, { key, state }: DeliveryRow, how: Move['kind']): Moved =>
  describeMove(asked, { key, state: STATES[state] as Delivery['state'] }, how)

const moveOne = (context: Context, key: string, how: Move, keys: ReadonlySet<string>, now: number): Moved => {
  const { client, adapters } = context
  const row = rowOf(client, key)
  if (row === undefined) return stranger(key)
  if (STATES[row.state] === 'replaced' && how.kind !== 'drop')
    return moveTo(key, standing(client, row), how.kind)
  const lane = laneOf(client, row.lane)
  const edit = editLane(lane)
  const adapter = adapters.nameOf(lane.adapter)
  const delivery = deliveryOf(row, adapter, lane.lane, descriptorOf(row))
  const part = (deliveries: readonly Delivery[]): Lane => ({
    ...laneStateOf(lane, adapter),
    next: lane.next,
    deliveries,
  })
  const hasCapture = (name: string): boolean => isCaptured(client, edit, name)
  const moves: { readonly [K in Move['kind']]: (how: Extract<Move, { kind: K }>) => Moving } = {
    release: () => release(part(holders(client, edit, delivery)), delivery, hasCapture, keys, now),
    retry: ({ resend = false }) => retry(part(newest(client, edit, delivery)), delivery, resend, now),
    drop: () => drop(delivery, now),
    acknowledge: ({ captures }) => acknowledge(delivery, captures, now),
  }
  const { written, moved } = (moves[how.kind] as (how: Move) => Moving)(how)
  if (written === undefined) return moved
  if (written.descriptor === undefined) empty(client, row)
  rewrite(client, edit, written, row.name, how.kind === 'acknowledge' ? how.captures : {}, now)
  closeLane(client, edit)
  return moved
}

/** Retries those that died because they need a capture of this one, and those that wait for them. */
const retryWaiting = (context: Context, moved: Moved, now: number): void => {
  if (!isOnItsWay(moved)) return
  const waiting = context.client.all<Readonly<{ key: string }>>(
    `SELECT key FROM deliveries WHERE lane = (SELECT lane FROM deliveries WHERE key = ?) AND state = 4 AND waits_for = ?
      ORDER BY position`,
    moved.asked,
    moved.asked,
  )
  for (const { key } of waiting)
    retryWaiting(context, moveOne(context, key, { kind: 'retry' }, new Set(), now), now)
}

/** The payload of one that was overtaken goes; its key stays known. */
const empty = (client: Client, { lane, position, body }: DeliveryRow): void => {
  client.run('DELETE FROM bodies WHERE id = ?', body)
  client.run('UPDATE deliveries SET body = NULL WHERE lane = ? AND position = ?', lane, position)
}

/** Moves deliveries by hand, and with them those that wait for their captures, all in one transaction. */
export const move = (context: Context, keys: readonly string[], how: Move): Promise<readonly Moved[]> =>
  context.gate.write(() => {
    const all = new Set(keys)
    const now = context.now()
    const moved = keys.map(key => moveOne(context, key, how, all, now))
    for (const each of moved) retryWaiting(context, each, now)
    return moved
  })

const dropOne = (client: Client, edit: LaneEdit, key: string, now: number): void => {
  const lane = edit.row.id
  const row = client.get<Pick<DeliveryRow, 'position' | 'name'>>(
    'SELECT position, name FROM deliveries WHERE key = ? AND lane = ? AND state < 5',
    key,
    lane,
  )
  if (row === undefined) return
  const dropped = stateNumber('dropped')
  client.run(
    `UPDATE deliveries SET state = ?, settled_at = ?, ${COUNT_MOVE} WHERE key = ?`,
    dropped,
    now,
    key,
  )
  client.run('DELETE FROM captures WHERE lane = ? AND position = ?', lane, row.position)
  unname(edit, row.name, row.position)
}

/** Forgets what the lane captured of the old card, drops it, and puts the new one before all that waits. */
export const recreateCard = (
  client: Client,
  edit: LaneEdit,
  plan: LanePlan,
  incoming: readonly Incoming[],
  now: number,
): readonly Placed[] => {
  const { adapter, lane } = plan
  edit.refs = JSON.stringify(plan.recreate?.refs ?? {})
  edit.target = plan.recreate?.target ?? edit.target
  edit.gone = undefined
  client.run('DELETE FROM captures WHERE lane = ? AND value IS NOT NULL', edit.row.id)
  for (const key of plan.recreate?.dropping ?? []) dropOne(client, edit, key, now)
  const part: Lane = { adapter, lane, through: 0, sent: {}, next: edit.next, deliveries: [] }
  const { written, placed } = recreate(part, incoming, [], now)
  for (const delivery of written) {
    insertIn(client, edit, delivery)
    const name = nameOf(delivery)
    if (name !== undefined) nameAt(edit, name, [delivery.position, ...(edit.names[name] ?? [])])
  }
  edit.next += incoming.length
  touch(edit, Number.MIN_SAFE_INTEGER)
  return placed
}
