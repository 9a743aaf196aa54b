import type { Claim, Delivery } from '../../delivery/model.ts'
import { isSentFirst, type Lease, markClaimed } from '../../delivery/transitions.ts'
import { needs } from '../../descriptor/refs.ts'
import type { Json } from '../../session/schema.ts'
import type { Rest } from './adapters.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import type { Ready } from './due.ts'
import { closeLane, editLane, KIND, laneOf, touch } from './lane.ts'
import {
  type DeliveryRow,
  deliveryOf,
  descriptorOf,
  FROM,
  HEAD_COLUMNS,
  headFrom,
  stateNumber,
  WITH_DESCRIPTOR,
} from './rows.ts'

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
  const values = ready.values ?? client.list(HEAD, id, walk)[0]
  if (values !== undefined) return { lane: id, refs, delivery: headFrom(values, adapter, lane) }
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
