import { randomUUID } from 'node:crypto'
import { isDue } from '../../delivery/lanes.ts'
import { type Claim, type Delivery, LONGEST_WAIT_MS } from '../../delivery/model.ts'
import { expire } from '../../delivery/settle.ts'
import { aliveUntil, claimed, type Lease, readsOf } from '../../delivery/transitions.ts'
import { rateOf, roomOf, takenOf, type Windows } from '../../delivery/windows.ts'
import { needs } from '../../descriptor/refs.ts'
import type { Json } from '../../session/schema.ts'
import type { Claimed, ClaimRequest, Draw } from '../contract.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import { blockingLane, dueHeads, type Held, heldOf, type Ready } from './heads.ts'
import { closeLane, editLane, KIND, laneOf, touch } from './lane.ts'
import { type Rest, restOf } from './pauses.ts'
import {
  type DeliveryRow,
  deliveryOf,
  descriptorOf,
  FROM,
  STATES,
  stateNumber,
  update,
  WITH_DESCRIPTOR,
} from './rows.ts'
import { readWindows, writeWindows } from './windows.ts'

type Asked = ClaimRequest['adapters'][number]

/** What there is to do for one adapter now. */
type Plan = Readonly<{
  asked: Asked
  over: readonly Held[]
  chosen: readonly Ready[]
  later: readonly number[]
  others: number
  rest: Rest
  windows: ReadonlyMap<string, Windows>
}>

/** Whether what is held is over: its lease ran out, its owner is gone, or the worker that asks knows nothing of it. */
const isOver = ({ due, owner, state }: Held, context: Context, mine: string, now: number): boolean => {
  if (due <= now || due > now + LONGEST_WAIT_MS || owner === mine) return true
  const is = context.ownerState(owner ?? '')
  return is === 'gone' || (is === 'silent' && STATES[state] === 'claimed')
}

/** Chooses of what is due, as far as room, concurrency and rates go; `later`: when full limits have room. */
const choose = (client: Client, asked: Asked, ready: readonly Ready[], left: number, now: number) => {
  const windows = new Map<string, Windows>()
  const later = new Map<string, number>()
  const chosen: Ready[] = []
  for (const each of ready) {
    if (chosen.length >= left) break
    const rate = each.lim === '' ? undefined : rateOf(asked.rates, each.lim)
    if (rate !== undefined) {
      const known = windows.get(each.lim) ?? readWindows(client, asked.name, each.lim)
      const found = roomOf(known, rate, now)
      if (found.room <= 0) {
        later.set(each.lim, found.freeAt ?? now)
        continue
      }
      windows.set(each.lim, takenOf(found.windows, 1))
    }
    chosen.push(each)
  }
  return { chosen, windows, later: [...later.values()] }
}

const planOf = (context: Context, request: ClaimRequest, mine: string, asked: Asked, now: number): Plan => {
  const { client } = context
  const { name, room, target, concurrency } = asked
  const adapter = context.adapters.known(name) as number
  const rest = restOf(client, name, now)
  const only = blockingLane(client, adapter, target)
  const held = heldOf(client, adapter)
  const over = held.filter(
    each => request.holding?.includes(each.key) !== true && isOver(each, context, mine, now),
  )
  const found = dueHeads(client, adapter, target, only, rest, room, request.hurry === true, now)
  const left = Math.min(room, concurrency - (held.length - over.length))
  const { chosen, windows, later } = choose(client, asked, found.ready, left, now)
  return {
    ...{ asked, over, chosen, windows, rest },
    later: [...found.later, ...held.map(each => each.due), ...later],
    others: held.filter(each => each.owner !== mine).length,
  }
}

type HeadRow = DeliveryRow & Readonly<{ lane_name: string; refs: string }>
type HeadOf = Readonly<{ lane: number; refs: string; delivery: Delivery }>

/** What stands in a lane at this position, with its descriptor. */
const deliveryAt = (
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
const walkAgain = (client: Client, lane: number): void => {
  const edit = editLane(laneOf(client, lane))
  touch(edit, Number.MIN_SAFE_INTEGER)
  closeLane(client, edit)
}

/** The head a lane's row speaks of. Should the row be wrong, it is put right, and nothing is given twice. */
const headOf = (context: Context, adapter: string, { id, walk }: Ready): HeadOf | undefined => {
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
  const given = JSON.parse(refs) as Readonly<Record<string, Json>>
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

/** Gives a head away: the attempt is counted, the lane stands at it. */
const give = (
  { client }: Context,
  head: HeadOf,
  lease: Lease | undefined,
  rest: Rest,
  now: number,
): Claim => {
  const pausedMs = rest.pausedMs(head.delivery.descriptor?.limit ?? '')
  const given = claimed(head.delivery, lease, pausedMs, now)
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
  const refs = refsOf(client, head)
  const owed = owedOf(client, head, refs)
  return {
    delivery: { token: '', leaseUntil: Number.POSITIVE_INFINITY, ...given } as Claim['delivery'],
    refs,
    ...(Object.keys(owed).length === 0 ? {} : { owed }),
    pausedMs,
  }
}

const expireHead = (
  context: Context,
  { asked: { name } }: Plan,
  held: Held,
  mine: string,
  request: ClaimRequest,
  now: number,
): void => {
  const { client } = context
  const delivery = deliveryAt(context, name, held.id, held.walk)?.delivery
  if (delivery?.token === undefined) {
    walkAgain(client, held.id)
    return
  }
  const is = delivery.owner === mine ? 'gone' : context.ownerState(delivery.owner ?? '')
  const over = aliveUntil(delivery, is, now)
  if (over === undefined) return
  update(client, held.id, expire(delivery, over, request))
  const edit = editLane(laneOf(client, held.id))
  touch(edit, held.walk)
  closeLane(client, edit)
}

const act = (
  context: Context,
  request: ClaimRequest,
  mine: string,
  plan: Plan,
  now: number,
): readonly Claim[] => {
  const { name } = plan.asked
  for (const [lim, windows] of plan.windows) writeWindows(context.client, name, lim, windows, now)
  return plan.chosen.flatMap(ready => {
    const head = headOf(context, name, ready)
    if (head?.delivery.descriptor === undefined) return []
    const { baseMs, readMs } = request.lease
    const leaseUntil = now + baseMs + readsOf(head.delivery.descriptor) * readMs
    return [give(context, head, { token: randomUUID(), leaseUntil, owner: mine }, plan.rest, now)]
  })
}

const answer = (plans: readonly Plan[], claims: readonly Claim[]): Claimed => {
  const next = Math.min(...plans.flatMap(plan => plan.later))
  const others = plans.reduce((sum, plan) => sum + plan.others, 0)
  return {
    claims,
    ...(Number.isFinite(next) ? { nextDueAt: next } : {}),
    ...(others > 0 ? { others } : {}),
  }
}

/** Gives heads that are due to a worker of this store. Nothing is written when there is nothing to give. */
export const claim = async (context: Context, request: ClaimRequest): Promise<Claimed> => {
  const { gate, owner } = context
  const mine = request.worker === undefined ? owner : `${owner}/${request.worker}`
  await context.adapters.ensure(request.adapters.map(({ name }) => name))
  const plansAt = (now: number): readonly Plan[] =>
    request.adapters.map(each => planOf(context, request, mine, each, now))
  // Who was given something comes back for the next: there, a look before the transaction would only cost.
  if (!context.last.gave) {
    const seen = await gate.read(() => plansAt(context.now()))
    if (seen.every(({ over, chosen }) => over.length === 0 && chosen.length === 0)) return answer(seen, [])
  }
  const claimed = await gate.write(() => {
    const now = context.now()
    const before = plansAt(now)
    for (const plan of before)
      for (const held of plan.over) expireHead(context, plan, held, mine, request, now)
    const plans = before.some(({ over }) => over.length > 0) ? plansAt(now) : before
    return answer(
      plans,
      plans.flatMap(plan => act(context, request, mine, plan, now)),
    )
  })
  context.last.gave = claimed.claims.length > 0
  return claimed
}

/** Takes places of limits for reads. */
export const draw = ({ client, gate, now }: Context, draws: readonly Draw[]): Promise<readonly number[]> =>
  gate.write(() =>
    draws.map(({ adapter, limit, rate }) => {
      const at = now()
      const { windows, room, freeAt = at } = roomOf(readWindows(client, adapter, limit), rate, at)
      if (room <= 0) return Math.max(1, freeAt - at)
      writeWindows(client, adapter, limit, takenOf(windows, 1), at)
      return 0
    }),
  )

/** Gives heads planned in `handoff` to somebody else. They have no lease: only `acknowledge` ends them. */
export const take = async (context: Context, name: string, limit: number): Promise<readonly Claim[]> => {
  const { client, gate } = context
  await context.adapters.ensure([name])
  const adapter = context.adapters.known(name) as number
  return gate.write(() => {
    const now = context.now()
    const only = blockingLane(client, adapter, undefined)
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
      .flatMap(ready => {
        const head = headOf(context, name, ready)
        return head === undefined ? [] : [give(context, head, undefined, rest, now)]
      })
  })
}
