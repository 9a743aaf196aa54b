import { rememberSent, unlessFreed } from '../../delivery/lanes.ts'
import type { Delivery, Settlement, State } from '../../delivery/model.ts'
import { isOpen } from '../../delivery/transitions.ts'
import type { Descriptor } from '../../descriptor/descriptor.ts'
import type { Json } from '../../session/schema.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import {
  addToCount,
  type Counted,
  closeLane,
  editLane,
  KIND,
  type LaneEdit,
  laneOf,
  STANDS,
  touch,
  unname,
} from './lane.ts'
import { type DeliveryRow, STATES, stateNumber, update } from './rows.ts'

/** Where a delivery stands; `isNamed`: it may have a coalesce name. */
type Place = Readonly<{ lane: number; position: number; isNamed: boolean }>

/** Where a claimed delivery stands: its token says it, else its key is looked for. */
const placeOf = (client: Client, key: string, token: string): Place => {
  const said = /^(\d+)\.(-?\d+)\.(\.?)/.exec(token)
  if (said !== null) return { lane: Number(said[1]), position: Number(said[2]), isNamed: said[3] === '' }
  const row = client.row<readonly [lane: number, position: number]>(
    'SELECT lane, position FROM deliveries WHERE key = ?',
    key,
  )
  return { lane: row?.[0] ?? 0, position: row?.[1] ?? 0, isNamed: true }
}

const BEGIN = `UPDATE deliveries SET state = ${stateNumber('begun')}, doubt_since = NULL
  WHERE lane = ? AND position = ? AND key = ? AND token = ? AND state IN (2, 3) AND lease_until > ?`

/** Marks that a request may leave, unless its lease was lost or has run out; an earlier doubt is over. */
const beginOne = (client: Client, key: string, token: string, now: number): boolean => {
  const { lane, position } = placeOf(client, key, token)
  return client.run(BEGIN, lane, position, key, token, now) === 1
}

/** All of one tick in one transaction. */
export const begin = (
  { client, gate, now }: Context,
  starts: readonly Readonly<{ key: string; token: string }>[],
): Promise<readonly boolean[]> =>
  gate.write(() => starts.map(({ key, token }) => beginOne(client, key, token, now())))

const IS_FIRST = 'NOT EXISTS (SELECT 1 FROM captures WHERE lane = ?1 AND name = ?2 AND value IS NOT NULL)'
const FILL = `UPDATE captures SET value = ?4 WHERE lane = ?1 AND name = ?2 AND position = ?3 AND ${IS_FIRST}`
const ADD = `INSERT INTO captures (lane, name, position, value) SELECT ?1, ?2, ?3, ?4 WHERE ${IS_FIRST}
  ON CONFLICT (lane, name, position) DO NOTHING`

/**
 * A ref is written once: the first value stays. A row without a value stays as well where an attempt captured less than it
 * was planned to: those of settled deliveries promise nothing.
 */
const keep = (
  client: Client,
  id: number,
  refs: string,
  position: number,
  captures: Readonly<Record<string, Json>>,
): void => {
  const given = refs === '{}' ? {} : (JSON.parse(refs) as Readonly<Record<string, Json>>)
  for (const name of Object.keys(captures)) {
    if (Object.hasOwn(given, name)) continue
    const text = JSON.stringify(captures[name])
    // The row of a planned capture is there; others are added.
    if (client.run(FILL, id, name, position, text) === 0) client.run(ADD, id, name, position, text)
  }
}

const UNDER_WAY = `SELECT d.lane, d.position, l.refs FROM deliveries d JOIN lanes l ON l.id = d.lane
  WHERE d.key = ? AND d.state IN (2, 3)`

/** Keeps what a delivery under way captured. */
export const capture = (
  { client, gate }: Context,
  key: string,
  captures: Readonly<Record<string, Json>>,
): Promise<void> =>
  gate.write(() => {
    const row = client.get<Readonly<{ lane: number; position: number; refs: string }>>(UNDER_WAY, key)
    if (row !== undefined) keep(client, row.lane, row.refs, row.position, captures)
  })

/** Updates the lane of a delivery that ended. */
const endIn = (
  client: Client,
  edit: LaneEdit,
  delivery: Pick<Delivery, 'key' | 'position' | 'rank' | 'state' | 'descriptor'>,
  name: string | null,
  captures: Readonly<Record<string, Json>>,
  now: number,
): void => {
  const { position, state } = delivery
  unname(edit, name, position)
  if (state === 'delivered') {
    keep(client, edit.row.id, edit.refs, position, captures)
    edit.sent = rememberSent(edit.sent, delivery, now)
  } else client.run('DELETE FROM captures WHERE lane = ? AND position = ?', edit.row.id, position)
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
  update(client, edit.row.id, delivery)
  touch(edit, delivery.position)
  if (!isOpen(delivery)) endIn(client, edit, delivery, name, captures, now)
}

/** A descriptor of which only the coalesce name is known. */
const leanOf = (name: string | null): Pick<Delivery, 'descriptor'> =>
  name === null ? {} : { descriptor: { coalesce: { name } } as unknown as Descriptor }

const stateOf = (client: Client, key: string | undefined): State | undefined => {
  const row =
    key === undefined
      ? undefined
      : client.get<{ state: number }>('SELECT state FROM deliveries WHERE key = ?', key)
  return row === undefined ? undefined : STATES[row.state]
}

/** `applySettlement` of `delivery/lanes.ts` as one statement, for a delivery that this token still holds. */
const SETTLE = `UPDATE deliveries SET state = ?, due_at = ?, attempts = ?, misses = ?,
  unreported = CASE WHEN ? < attempts THEN unreported ELSE 0 END, doubt_since = ?, exposed = ifnull(?, exposed),
  lease_until = NULL, owner = NULL, token = NULL, reason = ?, rejected = ?, waits_for = ?, settled_at = ifnull(?, settled_at)
  WHERE lane = ? AND position = ? AND key = ? AND token = ? AND state IN (2, 3)`
/** The same for the usual end: delivered, nothing to be forgotten. Each column that is not written saves time. */
const DELIVER = `UPDATE deliveries SET state = ${stateNumber('delivered')}, due_at = ?, settled_at = ?, misses = 0, unreported = 0,
  lease_until = NULL, owner = NULL, token = NULL WHERE lane = ? AND position = ? AND key = ? AND token = ? AND attempts = ?
  AND state IN (2, 3) AND doubt_since IS NULL AND reason IS NULL AND rejected IS NULL AND waits_for IS NULL`
const SETTLE_NAMED = `${SETTLE} RETURNING rank, name`

type Settled = Pick<DeliveryRow, 'rank' | 'name'>

/** A delivery without a coalesce name: its rank counts for nothing. */
const NAMELESS: Settled = { rank: 0, name: null }

/** Writes a settlement, and answers the rank and name of its delivery; they are read only where its token does not say them. */
const settleRow = (
  client: Client,
  isNamed: boolean,
  values: Parameters<Client['get']>[1][],
): Settled | undefined => {
  if (isNamed) return client.get<Settled>(SETTLE_NAMED, ...values)
  return client.run(SETTLE, ...values) === 1 ? NAMELESS : undefined
}

/** A lane's adapter and account, where it goes on, and what stands there: nothing, where it is at its end. */
type Next = readonly [
  ...[adapter: number, target: string, next: number, position: number | null, isPlain: number | null],
  ...[lim: string | null, dueAt: number],
]
const NEXT = `SELECT l.adapter, l.target, l.next, d.position, d.state = 1 AND d.via <> 2 AND d.every_ms IS NULL, d.lim, d.due_at
  FROM lanes l LEFT JOIN deliveries d ON d.lane = l.id AND d.position > l.walk AND ${STANDS}
  WHERE l.id = ? AND l.walk = ? AND l.gone IS NULL AND l.refs = '{}' ORDER BY d.position LIMIT 1`
const ADVANCE = 'UPDATE lanes SET served = ?, walk = ?, kind = ?, lim = ?, due = ?, ready = ? WHERE id = ?'

/**
 * Moves a lane on whose head was delivered, as `closeLane` does, in less time. `undefined`: nothing was written, since the
 * lane was linked, its card is gone, or its next head is paced, planned or dead.
 */
const advanceLane = (client: Client, lane: number, position: number, now: number): Counted | undefined => {
  const found = client.row<Next>(NEXT, lane, position)
  if (found === undefined) return undefined
  const [adapter, target, next, head, isPlain, lim, dueAt] = found
  if (head === null) client.write(ADVANCE, now, next, null, null, null, null, lane)
  else if (isPlain !== 1) return undefined
  else {
    // A lane that was just served stands behind those that were due before.
    const due = Math.max(dueAt, now)
    client.write(ADVANCE, now, head, KIND.waiting, lim ?? '', due, due, lane)
  }
  return { adapter, target }
}

/** Usual ends of one transaction by adapter and account: no trigger counts them. */
type Ends = Map<string, Counted & { count: number }>

const countEnd = (ends: Ends, { adapter, target }: Counted): void => {
  const key = `${adapter} ${target}`
  const known = ends.get(key)
  if (known === undefined) ends.set(key, { adapter, target, count: 1 })
  else known.count++
}

const writeEnds = (client: Client, ends: Ends): void => {
  for (const { count, ...of } of ends.values()) {
    addToCount(client, of, stateNumber('waiting'), -count)
    addToCount(client, of, stateNumber('delivered'), count)
  }
}

const settleOne = (client: Client, given: Settlement, ends: Ends, now: number): boolean => {
  const settlement = unlessFreed(given, stateOf(client, given.waitsFor))
  const { key, token, state, attempts } = settlement
  const { lane, position, isNamed } = placeOf(client, key, token)
  const isUsual =
    state === 'delivered' &&
    !isNamed &&
    settlement.misses === 0 &&
    settlement.reason === null &&
    settlement.exposed !== true &&
    settlement.waitsFor === undefined
  const delivered =
    isUsual && client.run(DELIVER, settlement.dueAt, now, lane, position, key, token, attempts) === 1
  const row = delivered
    ? NAMELESS
    : settleRow(client, isNamed, [
        stateNumber(state),
        settlement.dueAt,
        attempts,
        settlement.misses,
        attempts,
        settlement.doubtSince,
        settlement.exposed === true ? 1 : null,
        settlement.reason,
        settlement.rejected,
        settlement.waitsFor ?? null,
        state === 'delivered' ? now : null,
        lane,
        position,
        key,
        token,
      ])
  if (row === undefined) return false
  const { rank, name } = row
  const { gone, captures = {} } = settlement
  const isPlain = state === 'delivered' && name === null && gone === undefined
  const advanced = isPlain ? advanceLane(client, lane, position, now) : undefined
  if (advanced !== undefined) {
    if (delivered) countEnd(ends, advanced)
    keep(client, lane, '{}', position, captures)
    return true
  }
  const edit = editLane(laneOf(client, lane))
  if (delivered) countEnd(ends, edit.row)
  edit.served = now
  if (gone !== undefined) edit.gone = gone
  touch(edit, position)
  const delivery = { key, position, rank, state, ...leanOf(name) }
  if (!isOpen(delivery)) endIn(client, edit, delivery, name, captures, now)
  closeLane(client, edit)
  return true
}

/** Writes what attempts ended in, each only if its token still holds. */
export const settleAll = (
  client: Client,
  settlements: readonly Settlement[],
  now: number,
): readonly boolean[] => {
  const ends: Ends = new Map()
  const settled = settlements.map(each => settleOne(client, each, ends, now))
  writeEnds(client, ends)
  return settled
}

/** The same in one transaction. */
export const settle = (
  { client, gate, now }: Context,
  settlements: readonly Settlement[],
): Promise<readonly boolean[]> => gate.write(() => settleAll(client, settlements, now()))
