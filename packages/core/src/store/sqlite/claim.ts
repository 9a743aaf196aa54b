import { randomBytes } from 'node:crypto'
import { isDue } from '../../delivery/lanes.ts'
import { type Claim, LONGEST_WAIT_MS } from '../../delivery/model.ts'
import { expire } from '../../delivery/settle.ts'
import {
  aliveUntil,
  drawCall,
  type FindEnd,
  hasEnded,
  openCall,
  rateOf,
  readsOf,
  roomOf,
  type Windows,
} from '../../delivery/transitions.ts'
import type { Claimed, ClaimRequest, Draw } from '../contract.ts'
import { findEnd, type Rest, readWindows, restsOf, writeWindows } from './adapters.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import {
  blockingLane,
  deliveryAt,
  dueHeads,
  give,
  type Held,
  headOf,
  type Listed,
  listBlocking,
  listHeld,
  type Ready,
  walkAgain,
} from './heads.ts'
import { closeLane, editLane, KIND, laneOf, touch } from './lane.ts'
import { STATES, update } from './rows.ts'
import { settleAll } from './settle.ts'

/** Unlike that of any other process or thread. */
const ISSUER = randomBytes(8).toString('base64url')
let issued = 0

/**
 * The token of a new claim: a proof that is never the same twice, and the place of its delivery, which `settle` reads; a
 * point before the proof says that the delivery has no coalesce name. Rows hold it, so it is short.
 */
export const makeToken = (lane: number, position: number, named: boolean): string =>
  `${lane}.${position}.${named ? '' : '.'}${ISSUER}${(++issued).toString(36)}`

type Asked = ClaimRequest['adapters'][number]

/** The work for one adapter now. */
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

/** A call of a delivery that is to be claimed. Its rank tells it from one that takes its position later. */
const callOf = ({ id, walk, rank, served }: Listed, now: number) =>
  [`${id}.${walk}.${rank}`, Math.max(now, served + 1)] as const

/** Chooses of what is due, as far as room, concurrency and rates go; `later`: when full limits have room. */
const choose = (client: Client, asked: Asked, ready: readonly Listed[], left: number, now: number) => {
  const windows = new Map<string, Windows>()
  const later = new Map<string, number>()
  const chosen: Ready[] = []
  for (const each of ready) {
    if (chosen.length >= left) break
    const rate = each.lim === '' ? undefined : rateOf(asked.rates, each.lim)
    if (rate !== undefined) {
      const mine = windows.get(each.lim)
      const known = mine ?? readWindows(client, asked.name, each.lim)
      // Calls that this claim gave a place are not held yet.
      const find = mine === undefined ? findEnd(client, now) : () => undefined
      const found = roomOf(known, rate, now, find)
      if (found.room <= 0) {
        later.set(each.lim, found.freeAt ?? now)
        if (hasEnded(known, find)) windows.set(each.lim, found.windows)
        continue
      }
      windows.set(each.lim, openCall(found.windows, callOf(each, now)))
    }
    chosen.push(each)
  }
  return { chosen, windows, later: [...later.values()] }
}

/** The rows that a claim reads of all of its adapters at once. */
type Survey = Readonly<{
  held: readonly Held[]
  rests: ReadonlyMap<string, Rest>
}>

const planOf = (
  context: Context,
  request: ClaimRequest,
  holding: ReadonlySet<string>,
  mine: string,
  asked: Asked,
  adapter: number,
  only: number | undefined,
  survey: Survey,
  now: number,
): Plan => {
  const { client } = context
  const { name, room, target, concurrency } = asked
  const rest = survey.rests.get(name) as Rest
  const held = survey.held.filter(each => each.adapter === adapter)
  const over = held.filter(each => !holding.has(each.key) && isOver(each, context, mine, now))
  const found = dueHeads(client, adapter, target, only, rest, room, request.hurry === true, now)
  const left = Math.min(room, concurrency - (held.length - over.length))
  const { chosen, windows, later } = choose(client, asked, found.ready, left, now)
  return {
    ...{ asked, over, chosen, windows, rest },
    later: [...found.later, ...held.map(each => each.due), ...later],
    others: held.filter(each => each.owner !== mine).length,
  }
}

/** Plans the work for all adapters: what can be read of all of them together is read once. */
const planAll = (
  context: Context,
  request: ClaimRequest,
  holding: ReadonlySet<string>,
  mine: string,
  now: number,
): readonly Plan[] => {
  const { client, adapters } = context
  const blocking = listBlocking(client)
  const asked = request.adapters.map(each => {
    const adapter = adapters.idOf(each.name) as number
    return { each, adapter, target: each.target, only: blockingLane(blocking, adapter, each.target) }
  })
  const survey: Survey = {
    held: listHeld(client),
    rests: restsOf(
      client,
      request.adapters.map(({ name }) => name),
      now,
    ),
  }
  return asked.map(({ each, adapter, only }) =>
    planOf(context, request, holding, mine, each, adapter, only, survey, now),
  )
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
  const delivery = deliveryAt(context, name, held.id, held.walk)
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
  const begins = plan.asked.begins === true
  for (const [lim, windows] of plan.windows) writeWindows(context.client, name, lim, windows, now)
  return plan.chosen.flatMap(ready => {
    const head = headOf(context, name, ready)
    if (head?.delivery.descriptor === undefined) return []
    const { baseMs, readMs } = request.lease
    const { coalesce } = head.delivery.descriptor
    const leaseUntil = now + baseMs + readsOf(head.delivery.descriptor) * readMs
    return [
      give(
        context,
        head,
        { token: makeToken(ready.id, ready.walk, coalesce !== undefined), leaseUntil, owner: mine },
        plan.rest,
        begins,
        now,
      ),
    ]
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
  const holding = new Set(request.holding)
  const plansAt = (now: number): readonly Plan[] => planAll(context, request, holding, mine, now)
  const { settlements } = request
  // A worker that was given something comes back for the next: a look before the transaction would only cost.
  if (!context.last.gave && settlements === undefined) {
    const seen = await gate.read(() => plansAt(context.now()))
    const isIdle = ({ over, chosen, windows }: Plan) => over.length + chosen.length + windows.size === 0
    if (seen.every(isIdle)) return answer(seen, [])
  }
  const claimed = await gate.write(() => {
    const now = context.now()
    const settled = settlements && settleAll(context.client, settlements, now)
    const before = plansAt(now)
    for (const plan of before)
      for (const held of plan.over) expireHead(context, plan, held, mine, request, now)
    const plans = before.some(({ over }) => over.length > 0) ? plansAt(now) : before
    const claims = plans.flatMap(plan => act(context, request, mine, plan, now))
    return { ...answer(plans, claims), ...(settled === undefined ? {} : { settled }) }
  })
  context.last.gave = claimed.claims.length > 0
  return claimed
}

/** Takes places of limits for reads. */
export const draw = ({ client, gate, now }: Context, draws: readonly Draw[]): Promise<readonly number[]> =>
  gate.write(() =>
    draws.map(({ adapter, limit, rate, read, ended }) => {
      const at = now()
      const find: FindEnd = open => (open[0] === ended ? at : findEnd(client, at)(open))
      const known = readWindows(client, adapter, limit)
      const { windows, room, freeAt = at } = roomOf(known, rate, at, find)
      const isDrawn = ended === undefined && room > 0
      if (isDrawn || hasEnded(known, find))
        writeWindows(client, adapter, limit, isDrawn ? drawCall(windows, read, at) : windows, at)
      return isDrawn || ended !== undefined ? 0 : Math.max(1, freeAt - at)
    }),
  )

/** Gives heads planned in `handoff` to a host that sends them itself. They have no lease: only `acknowledge` ends them. */
export const take = async (context: Context, name: string, limit: number): Promise<readonly Claim[]> => {
  const { client, gate } = context
  await context.adapters.ensure([name])
  const adapter = context.adapters.idOf(name) as number
  return gate.write(() => {
    const now = context.now()
    const only = blockingLane(listBlocking(client), adapter, undefined)
    const rest = restsOf(client, [name], now).get(name) as Rest
    return client
      .all<Ready>(
        `SELECT id, walk, lim, due, lane, refs FROM lanes WHERE adapter = ? AND kind = ${KIND.handoff} AND (? IS NULL OR id = ?)
          ORDER BY due, id`,
        adapter,
        only ?? null,
        only ?? null,
      )
      .filter(({ due }) => isDue(due, now))
      .slice(0, Math.max(0, limit))
      .flatMap(ready => {
        const head = headOf(context, name, ready)
        return head === undefined ? [] : [give(context, head, undefined, rest, false, now)]
      })
  })
}
