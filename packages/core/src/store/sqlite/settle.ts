import type { Delivery, Settlement, State } from '../../delivery/model.ts'
import { applySettlement, isHeldBy, isOpen, rememberSent, unlessFreed } from '../../delivery/transitions.ts'
import type { Descriptor } from '../../descriptor/descriptor.ts'
import type { Json } from '../../session/schema.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import { closeLane, editLane, type LaneEdit, laneOf, touch, unname } from './lane.ts'
import { COLUMNS, type DeliveryRow, deliveryOf, STATES, stateNumber, update } from './rows.ts'

/** Marks that a request may leave, unless its lease was lost or has run out; doubt that was believed away is over. */
const beginOne = (client: Client, key: string, token: string, now: number): boolean =>
  client.run(
    `UPDATE deliveries SET state = ${stateNumber('begun')}, doubt_since = NULL
      WHERE key = ? AND token = ? AND state IN (2, 3) AND lease_until > ?`,
    key,
    token,
    now,
  ) === 1

/** All of one tick in one transaction. */
export const begin = (
  { client, gate, now }: Context,
  starts: readonly Readonly<{ key: string; token: string }>[],
): Promise<readonly boolean[]> =>
  gate.write(() => starts.map(({ key, token }) => beginOne(client, key, token, now())))

/** A ref is written once: what was handed over or captured before stays. */
const keep = (
  client: Client,
  edit: LaneEdit,
  position: number,
  captures: Readonly<Record<string, Json>>,
): void => {
  const { id } = edit.row
  const given = JSON.parse(edit.refs) as Readonly<Record<string, Json>>
  client.run('DELETE FROM captures WHERE lane = ? AND position = ? AND value IS NULL', id, position)
  for (const [name, value] of Object.entries(captures)) {
    const known =
      Object.hasOwn(given, name) ||
      client.get('SELECT 1 FROM captures WHERE lane = ? AND name = ? AND value IS NOT NULL', id, name) !==
        undefined
    if (!known)
      client.run(
        'INSERT INTO captures (lane, name, position, value) VALUES (?,?,?,?)',
        id,
        name,
        position,
        JSON.stringify(value),
      )
  }
}

/**
 * Writes a delivery that changed by hand or by an attempt, and what that means for its lane. Its descriptor need not be
 * read: of that only the coalesce name counts here.
 */
export const rewrite = (
  client: Client,
  edit: LaneEdit,
  delivery: Delivery,
  name: string | null,
  captures: Readonly<Record<string, Json>>,
  now: number,
): void => {
  const { position, state } = delivery
  update(client, edit.row.id, delivery)
  touch(edit, position)
  if (isOpen(delivery)) return
  unname(edit, name, position)
  if (state === 'delivered') {
    keep(client, edit, position, captures)
    edit.sent = rememberSent(edit.sent, delivery, now)
  } else client.run('DELETE FROM captures WHERE lane = ? AND position = ?', edit.row.id, position)
}

/** A delivery without its descriptor: only the coalesce name is known of that. */
const lean = (row: DeliveryRow, adapter: string, lane: string): Delivery =>
  deliveryOf(
    row,
    adapter,
    lane,
    row.name === null ? undefined : ({ coalesce: { name: row.name } } as unknown as Descriptor),
  )

const stateOf = (client: Client, key: string | undefined): State | undefined => {
  const row =
    key === undefined
      ? undefined
      : client.get<{ state: number }>('SELECT state FROM deliveries WHERE key = ?', key)
  return row === undefined ? undefined : STATES[row.state]
}

const settleOne = (client: Client, given: Settlement, now: number): boolean => {
  const settlement = unlessFreed(given, stateOf(client, given.waitsFor))
  const row = client.get<DeliveryRow>(`SELECT ${COLUMNS} FROM deliveries d WHERE d.key = ?`, settlement.key)
  const held = row === undefined ? undefined : lean(row, '', '')
  if (row === undefined || !isHeldBy(held, settlement.token)) return false
  const edit = editLane(laneOf(client, row.lane))
  edit.served = now
  if (settlement.gone !== undefined) edit.gone = settlement.gone
  rewrite(client, edit, applySettlement(held, settlement, now), row.name, settlement.captures ?? {}, now)
  closeLane(client, edit)
  return true
}

/** Writes what attempts ended in, in one transaction, each only if its token still holds. */
export const settle = (
  { client, gate, now }: Context,
  settlements: readonly Settlement[],
): Promise<readonly boolean[]> =>
  gate.write(() => settlements.map(settlement => settleOne(client, settlement, now())))
