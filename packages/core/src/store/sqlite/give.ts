import type { Claim, Delivery } from '../../delivery/model.ts'
import { isSentFirst, type Lease, markClaimed } from '../../delivery/transitions.ts'
import { needs } from '../../descriptor/refs.ts'
import type { Json } from '../../session/schema.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import type { Ready } from './heads.ts'
import { closeLane, editLane, KIND, laneOf, touch } from './lane.ts'
import type { Rest } from './pauses.ts'
import { type DeliveryRow, deliveryOf, descriptorOf, FROM, stateNumber, WITH_DESCRIPTOR } from './rows.ts'

type HeadRow = DeliveryRow & Readonly<{ lane_name: string; refs: string }>
type HeadOf = Readonly<{ lane: number; refs: string; delivery: Delivery }>

/** What stands in a lane at this position, with its descriptor. */
export const deliveryAt = (
  context: Context,
  adapter: string,
  lane: number,
  position: number,
): HeadOf | undefined => {
  const row = context.client.get<HeadRow>(
    `SELECT ${WITH_DESCRIPTOR}, l.lane AS lane_name, l.refs ${FROM} JOIN lanes l ON l.id = d.lane
      WHERE d.lane = ? AND d.position = ?`,
    lane,
    position,
  )
  if (row === undefined) return undefined
  return { lane, refs: row.refs, delivery: deliveryOf(row, adapter, row.lane_name, descriptorOf(row)) }
}

/** Walks a lane from its beginning. */
export const walkAgain = (client: Client, lane: number): void => {
  const edit = editLane(laneOf(client, lane))
  touch(edit, Number.MIN_SAFE_INTEGER)
  closeLane(client, edit)
}

/** The head a lane's row speaks of. Should the row be wrong, it is put right, and nothing is given twice. */
export const headOf = (context: Context, adapter: string, { id, walk }: Ready): HeadOf | undefined => {
  const found = deliveryAt(context, adapter, id, walk)
  if (found?.delivery.state === 'waiting') return found
  walkAgain(context.client, id)
  return undefined
}

/** What the lane knows of the names a delivery needs or captures; what `start` handed over counts as first. */
const refsOf = (
  client: Client,
  { lane, refs, delivery: { descriptor } }: HeadOf,
): Readonly<Record<string, Json>> => {
  if (descriptor === undefined) return {}
  const given = refs === '{}' ? {} : (JSON.parse(refs) as Readonly<Record<string, Json>>)
  const names = [...new Set([...needs(descriptor), ...Object.keys(descriptor.captures ?? {})])]
  return Object.fromEntries(
    names.flatMap(name => {
      if (Object.hasOwn(given, name)) return [[name, given[name] as Json]]
      const found = client.get<{ value: string }>(
        'SELECT value FROM captures WHERE lane = ? AND name = ? AND value IS NOT NULL',
        lane,
        name,
      )
      return found === undefined ? [] : [[name, JSON.parse(found.value) as Json]]
    }),
  )
}

/** What it needs and nothing captured, with the planned or dead delivery that would capture it. */
const owedOf = (
  client: Client,
  { lane, delivery: { descriptor } }: HeadOf,
  refs: Readonly<Record<string, Json>>,
): NonNullable<Claim['owed']> =>
  Object.fromEntries(
    (descriptor === undefined ? [] : needs(descriptor)).flatMap(name => {
      if (Object.hasOwn(refs, name)) return []
      const debtor = client.get<Readonly<{ key: string; state: number }>>(
        `SELECT d.key, d.state FROM captures c JOIN deliveries d ON d.lane = c.lane AND d.position = c.position
          WHERE c.lane = ? AND c.name = ? AND c.value IS NULL AND d.state IN (0, 4) ORDER BY c.position LIMIT 1`,
        lane,
        name,
      )
      return debtor === undefined
        ? []
        : [[name, { key: debtor.key, state: debtor.state === 0 ? 'planned' : 'dead' }] as const]
    }),
  )

/** Gives a head away: the attempt is counted, the lane stands at it. `begins`: it may leave at once. */
export const give = (
  { client }: Context,
  head: HeadOf,
  lease: Lease | undefined,
  rest: Rest,
  begins: boolean,
  now: number,
): Claim => {
  const pausedMs = rest.pausedMs(head.delivery.descriptor?.limit ?? '')
  const refs = refsOf(client, head)
  const owed = owedOf(client, head, refs)
  const starts = begins && isSentFirst(head.delivery, refs)
  const given = {
    ...markClaimed(head.delivery, lease, pausedMs, now),
    ...(starts ? { state: 'begun' as const } : {}),
  }
  const until = lease?.leaseUntil ?? null
  client.run(
    `UPDATE deliveries SET state = ?, attempts = ?, first_at = ?, clock_at = ?, paused_before = ?, lease_until = ?,
      owner = ?, token = ? WHERE lane = ? AND position = ?`,
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
  return {
    delivery: { token: '', leaseUntil: Number.POSITIVE_INFINITY, ...given } as Claim['delivery'],
    refs,
    ...(Object.keys(owed).length === 0 ? {} : { owed }),
    pausedMs,
  }
}
