import { randomUUID } from 'node:crypto'
import { isDue } from '../../delivery/lanes.ts'
import { type Claim, type Delivery, LONGEST_WAIT_MS } from '../../delivery/model.ts'
import { expire } from '../../delivery/settle.ts'
import { aliveUntil, claimed, type Lease } from '../../delivery/transitions.ts'
import { needs } from '../../descriptor/refs.ts'
import type { Json } from '../../session/schema.ts'
import type { Claimed, ClaimRequest } from '../contract.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import { blockingLane, dueHeads, type Held, heldHeads, type Ready } from './heads.ts'
import { closeLane, editLane, KIND, laneOf, touch } from './lane.ts'
import { type Rest, restOf } from './pauses.ts'
import {
  type DeliveryRow,
  deliveryOf,
  descriptorOf,
  FROM,
  type LaneRow,
  update,
  WITH_DESCRIPTOR,
} from './rows.ts'

/** How long a process may deliver an adapter before it must ask again, ms; renewed when less than two thirds are left. */
const ADAPTER_LEASE_MS = 30_000
const RENEW_BELOW_MS = 20_000

/** What there is to do for one adapter now. */
type Plan = Readonly<{
  name: string
  adapter: number
  grant: 'held' | 'wanted' | 'elsewhere'
  over: readonly Held[]
  chosen: readonly Ready[]
  later: readonly number[]
  rest: Rest
}>

const grantOf = ({ client, owner, alive }: Context, adapter: number, now: number): Plan['grant'] => {
  const lease = client.get<{ owner: string | null; until: number | null }>(
    'SELECT owner, until FROM adapters WHERE id = ?',
    adapter,
  )
  const until = lease?.until ?? 0
  const running = until > now && until <= now + ADAPTER_LEASE_MS
  if (!running || lease?.owner === null || lease?.owner === undefined) return 'wanted'
  if (lease.owner === owner) return until - now > RENEW_BELOW_MS ? 'held' : 'wanted'
  return alive(lease.owner) ? 'elsewhere' : 'wanted'
}

/** Whether what is held is over: its lease ran out, or its owner is gone. */
const isOver = ({ due, owner }: Held, context: Context, now: number): boolean =>
  due <= now || due > now + LONGEST_WAIT_MS || (owner !== context.owner && !context.alive(owner ?? ''))

const planOf = (
  context: Context,
  request: ClaimRequest,
  { name, room }: ClaimRequest['adapters'][number],
  now: number,
): Plan => {
  const { client } = context
  const adapter = context.adapters.known(name) as number
  const grant = grantOf(context, adapter, now)
  const rest = restOf(client, name, now)
  const nothing = { name, adapter, grant, rest, over: [], chosen: [], later: [] }
  if (grant === 'elsewhere') return nothing
  const only = blockingLane(client, adapter)
  const held = heldHeads(client, adapter, only)
  const over = held.filter(each => request.holding?.includes(each.key) !== true && isOver(each, context, now))
  const found = dueHeads(client, adapter, only, rest, room, request.hurry === true, now)
  const later = [...found.later, ...held.map(each => each.due)]
  const chosen: Ready[] = []
  const rooms = new Map<string, number>()
  for (const each of found.ready) {
    if (chosen.length >= room) break
    const left = rooms.get(each.lim) ?? request.roomOf(name, each.lim === '' ? undefined : each.lim)
    rooms.set(each.lim, left - 1)
    // What waits for room is not due later: its room will come.
    if (left > 0) chosen.push(each)
  }
  return { ...nothing, over, chosen, later }
}

/** A delivery with its descriptor, as it stands in a lane. */
const deliveryAt = (context: Context, lane: LaneRow, position: number): Delivery | undefined => {
  const row = context.client.get<DeliveryRow>(
    `SELECT ${WITH_DESCRIPTOR} ${FROM} WHERE d.lane = ? AND d.position = ?`,
    lane.id,
    position,
  )
  return row === undefined
    ? undefined
    : deliveryOf(row, context.adapters.nameOf(lane.adapter), lane.lane, descriptorOf(row))
}

/** Walks a lane from its beginning. */
const walkAnew = (client: Client, lane: LaneRow): void => {
  const edit = editLane(lane)
  touch(edit, Number.MIN_SAFE_INTEGER)
  closeLane(client, edit)
}

/** The head a lane's row speaks of. Should the row be wrong, it is put right, and nothing is given twice. */
const headOf = (context: Context, lane: LaneRow, walk: number): Delivery | undefined => {
  const delivery = deliveryAt(context, lane, walk)
  if (delivery?.state === 'waiting') return delivery
  walkAnew(context.client, lane)
  return undefined
}

/** What the lane knows of the names a delivery needs or captures; what `start` handed over counts as first. */
const refsOf = (client: Client, lane: LaneRow, { descriptor }: Delivery): Readonly<Record<string, Json>> => {
  if (descriptor === undefined) return {}
  const given = JSON.parse(lane.refs) as Readonly<Record<string, Json>>
  const names = [...new Set([...needs(descriptor), ...Object.keys(descriptor.captures ?? {})])]
  return Object.fromEntries(
    names.flatMap(name => {
      if (Object.hasOwn(given, name)) return [[name, given[name] as Json]]
      const found = client.get<{ value: string }>(
        'SELECT value FROM captures WHERE lane = ? AND name = ? AND value IS NOT NULL',
        lane.id,
        name,
      )
      return found === undefined ? [] : [[name, JSON.parse(found.value) as Json]]
    }),
  )
}

/** What it needs and nothing captured, with the planned or dead delivery that would capture it. */
const owedOf = (
  client: Client,
  lane: LaneRow,
  { descriptor }: Delivery,
  refs: Readonly<Record<string, Json>>,
): NonNullable<Claim['owed']> =>
  Object.fromEntries(
    (descriptor === undefined ? [] : needs(descriptor)).flatMap(name => {
      if (Object.hasOwn(refs, name)) return []
      const debtor = client.get<Readonly<{ key: string; state: number }>>(
        `SELECT d.key, d.state FROM captures c JOIN deliveries d ON d.lane = c.lane AND d.position = c.position
          WHERE c.lane = ? AND c.name = ? AND c.value IS NULL AND d.state IN (0, 4) ORDER BY c.position LIMIT 1`,
        lane.id,
        name,
      )
      return debtor === undefined
        ? []
        : [[name, { key: debtor.key, state: debtor.state === 0 ? 'planned' : 'dead' }] as const]
    }),
  )

/** Gives a head away: the attempt is counted, the lane stands at it. */
const give = (
  context: Context,
  lane: LaneRow,
  delivery: Delivery,
  lease: Lease | undefined,
  rest: Rest,
  now: number,
): Claim => {
  const { client } = context
  const pausedMs = rest.pausedMs(delivery.descriptor?.limit ?? '')
  const given = claimed(delivery, lease, pausedMs, now)
  update(client, lane.id, given)
  const until = lease?.leaseUntil ?? null
  const kind = lease === undefined ? null : KIND.held
  client.run('UPDATE lanes SET kind = ?, due = ?, ready = ? WHERE id = ?', kind, until, until, lane.id)
  const refs = refsOf(client, lane, given)
  const owed = owedOf(client, lane, given, refs)
  return {
    delivery: { token: '', leaseUntil: Number.POSITIVE_INFINITY, ...given } as Claim['delivery'],
    refs,
    ...(Object.keys(owed).length === 0 ? {} : { owed }),
    pausedMs,
  }
}

const expireHead = (context: Context, held: Held, request: ClaimRequest, now: number): void => {
  const { client, owner, alive } = context
  const lane = laneOf(client, held.id)
  const delivery = deliveryAt(context, lane, held.walk)
  if (delivery?.token === undefined) {
    walkAnew(client, lane)
    return
  }
  const over = aliveUntil(delivery, delivery.owner === owner || alive(delivery.owner ?? ''), now)
  if (over === undefined) return
  update(client, lane.id, expire(delivery, over, request))
  const edit = editLane(lane)
  touch(edit, held.walk)
  closeLane(client, edit)
}

const act = (context: Context, request: ClaimRequest, plan: Plan, now: number): readonly Claim[] => {
  const { client, owner } = context
  return plan.chosen.flatMap(({ id, walk }) => {
    const lane = laneOf(client, id)
    const delivery = headOf(context, lane, walk)
    if (delivery?.descriptor === undefined) return []
    const lease = { token: randomUUID(), leaseUntil: now + request.leaseMs(delivery.descriptor), owner }
    return [give(context, lane, delivery, lease, plan.rest, now)]
  })
}

const answer = (plans: readonly Plan[], claims: readonly Claim[]): Claimed => {
  const next = Math.min(...plans.flatMap(plan => plan.later))
  return {
    claims,
    ...(Number.isFinite(next) ? { nextDueAt: next } : {}),
    elsewhere: plans.filter(plan => plan.grant === 'elsewhere').map(plan => plan.name),
  }
}

/** Gives heads that are due to the worker of this store. Nothing is written when there is nothing to give. */
export const claim = async (context: Context, request: ClaimRequest): Promise<Claimed> => {
  const { gate, client, owner } = context
  await context.adapters.ensure(request.adapters.map(({ name }) => name))
  const plansAt = (now: number): readonly Plan[] =>
    request.adapters.map(each => planOf(context, request, each, now))
  // Who was given something comes back for the next: there, a look before the transaction would only cost.
  if (!context.last.gave) {
    const seen = await gate.read(() => plansAt(context.now()))
    const idle = ({ grant, over, chosen }: Plan): boolean =>
      grant === 'elsewhere' || (grant === 'held' && over.length === 0 && chosen.length === 0)
    if (seen.every(idle)) return answer(seen, [])
  }
  const claimed = await gate.write(() => {
    const now = context.now()
    const before = plansAt(now)
    for (const plan of before) {
      if (plan.grant === 'elsewhere') continue
      const until = now + ADAPTER_LEASE_MS
      if (plan.grant === 'wanted')
        client.run('UPDATE adapters SET owner = ?, until = ? WHERE id = ?', owner, until, plan.adapter)
      for (const held of plan.over) expireHead(context, held, request, now)
    }
    const plans = before.some(({ over }) => over.length > 0) ? plansAt(now) : before
    return answer(
      plans,
      plans.flatMap(plan => act(context, request, plan, now)),
    )
  })
  context.last.gave = claimed.claims.length > 0
  return claimed
}

/** Gives heads planned in `handoff` to somebody else. They have no lease: only `acknowledge` ends them. */
export const take = async (context: Context, name: string, limit: number): Promise<readonly Claim[]> => {
  const { client, gate } = context
  await context.adapters.ensure([name])
  const adapter = context.adapters.known(name) as number
  return gate.write(() => {
    const now = context.now()
    const only = blockingLane(client, adapter)
    const rest = restOf(client, name, now)
    return client
      .all<Ready>(
        `SELECT id, walk, due FROM lanes WHERE adapter = ? AND kind = ${KIND.handoff} AND (? IS NULL OR id = ?)
          ORDER BY due, id`,
        adapter,
        only ?? null,
        only ?? null,
      )
      .filter(({ due }) => isDue(due, now))
      .slice(0, Math.max(0, limit))
      .flatMap(({ id, walk }) => {
        const lane = laneOf(client, id)
        const delivery = headOf(context, lane, walk)
        return delivery === undefined ? [] : [give(context, lane, delivery, undefined, rest, now)]
      })
  })
}
