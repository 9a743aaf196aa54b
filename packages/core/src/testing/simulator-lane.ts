import {
  applySettlement,
  findOwed,
  type Head,
  head,
  isDue,
  rememberSent,
  unlessFreed,
} from '../delivery/lanes.ts'
import type { Claim, Delivery, Incoming, Lane, Policy, Settlement } from '../delivery/model.ts'
import { acknowledge, release, retry } from '../delivery/move.ts'
import { place } from '../delivery/place.ts'
import { expire } from '../delivery/settle.ts'
import { aliveUntil, isHeldBy, isOpen, markBegun, markClaimed } from '../delivery/transitions.ts'
import type { Json } from '../session/schema.ts'
import { applyRules, omit, type Rule } from './simulator-rules.ts'
import type { World } from './simulator-world.ts'

/** One lane as a store would keep it, with rules that can be off. */
export interface SimulatedLane {
  readonly commit: (incoming: readonly Incoming[]) => void
  readonly claim: (
    owner: string,
    leaseMs: (delivery: Delivery) => number,
    alive: (owner: string) => boolean,
    roomOf: (limit: string | undefined) => number,
  ) => Delivery | undefined
  readonly begin: (key: string, token: string) => boolean
  readonly settle: (settlement: Settlement, claimed: Delivery) => void
  readonly retry: () => void
  /** Releases what was planned to be looked at and is wanted; gives the keys. */
  readonly release: (wanted: (delivery: Delivery) => boolean) => readonly string[]
  /** Gives the head to a person who sends it by hand, if it is planned so. */
  readonly take: () => Delivery | undefined
  /** It was sent by hand. */
  readonly acknowledge: (key: string, captures: Readonly<Record<string, Json>>) => void
  /** It was taken by hand, and not sent. */
  readonly giveBack: (key: string) => void
  readonly refs: Record<string, Json>
  /** Names that it needs and that a planned or dead one would capture. */
  readonly findOwed: (delivery: Delivery) => NonNullable<Claim['owed']>
  /** Keys that were dead once. */
  readonly died: ReadonlySet<string>
  /** Faults found while it ran. */
  readonly faults: readonly string[]
  readonly isGone: () => boolean
  /** Something waits although the card was made: a dead one holds it. */
  readonly isStuck: () => boolean
  readonly all: () => readonly Delivery[]
  /** Everything was delivered or replaced, but for what waits for its release. */
  readonly isDone: () => boolean
}

/** Makes a lane; `on(rule)` says which rules hold, `refs` is where it keeps what it captures. */
export const createLane = (
  world: World,
  policy: Policy,
  on: (rule: Rule) => boolean,
  refs: Record<string, Json> = {},
): SimulatedLane => {
  const known = new Map<string, Delivery>()
  let lane: Lane = { adapter: 'simulated', lane: 's', through: 0, sent: {}, next: 0, deliveries: [] }
  let tokens = 0
  const died = new Set<string>()
  const faults: string[] = []

  const write = (delivery: Delivery): void => {
    known.set(delivery.key, delivery)
    if (delivery.state === 'dead') died.add(delivery.key)
    const others = lane.deliveries.filter(each => each.key !== delivery.key)
    const deliveries = isOpen(delivery)
      ? [...others, delivery].sort((a, b) => a.position - b.position)
      : others
    lane = { ...lane, deliveries }
  }

  const impatient = (delivery: Delivery): Delivery =>
    on('a safe call is repeated after a wait') ||
    delivery.descriptor?.repeat !== 'safe' ||
    delivery.exposed !== true
      ? delivery
      : { ...delivery, dueAt: world.now() }

  /** Whose turn it is; with its pace, which only the head of a lane keeps. */
  const turn = (): Pick<Head, 'delivery' | 'pacedUntil'> | undefined => {
    let passing = lane
    if (!on('what others need stops the lane'))
      passing = { ...passing, deliveries: passing.deliveries.map(each => ({ ...each, holds: false })) }
    if (!on('a preview waits for its release'))
      passing = {
        ...passing,
        deliveries: passing.deliveries.map(each =>
          each.state === 'planned' ? { ...each, state: 'waiting' } : each,
        ),
      }
    if (on('the head of a lane goes first')) return head(passing)
    const moving = passing.deliveries.filter(each => each.state !== 'planned' && each.state !== 'dead')
    const delivery = moving[Math.floor(world.random() * moving.length)]
    return delivery === undefined ? undefined : { delivery, pacedUntil: 0 }
  }

  const capture = (captures: Readonly<Record<string, Json>>): void => {
    for (const [name, value] of Object.entries(captures)) if (!Object.hasOwn(refs, name)) refs[name] = value
  }

  /** Those that died for want of its captures go back with it, and those that wait for them. */
  const retryWaiting = (key: string): void => {
    if (!on('what waits for a dead one goes back with it')) return
    for (const each of lane.deliveries) if (each.state === 'dead' && each.waitsFor === key) retryOne(each)
  }

  const retryOne = (delivery: Delivery): void => {
    const blind = on('an overtaken card is not retried')
      ? lane
      : { ...lane, sent: {}, deliveries: [delivery] }
    const { written } = retry(blind, delivery, false, world.now())
    if (written === undefined) return
    write(written)
    retryWaiting(delivery.key)
  }

  /** A preview that was placed as if it were to be sent still waits for its release. */
  const asPlanned = (delivery: Delivery): Delivery =>
    delivery.via === 'preview' && delivery.state === 'waiting' && delivery.attempts === 0
      ? { ...delivery, state: 'planned' }
      : delivery

  /** The claim as a worker gets it: with a rule off, it lacks the field that the rule needs. */
  const viewFor = (delivery: Delivery): Delivery => {
    let seen = delivery
    if (!on('what is in doubt is looked up')) seen = omit(seen, 'doubtSince', 'rejected')
    if (!on('a look-up begins at the first attempt')) seen = { ...seen, firstAt: world.now() }
    const { before, repeat } = seen.descriptor ?? {}
    if (seen.descriptor === undefined) return seen
    if (!on('reads before a call are repeated') && before !== undefined) {
      const forever = before.map(each => ({ ...each, cacheMs: Number.MAX_SAFE_INTEGER }))
      seen = { ...seen, descriptor: { ...seen.descriptor, before: forever } }
    }
    if (typeof repeat !== 'object') return seen
    let changed = repeat
    if (!on('not found is confirmed late')) changed = { ...changed, afterMs: 0 }
    if (!on('a success carries our id')) changed = { ...changed, by: 'mark' }
    if (!on('a look-up reads to the end')) {
      const { next: _, ...first } = changed
      changed = first as typeof changed
    }
    return {
      ...seen,
      descriptor: { ...seen.descriptor, repeat: changed } as NonNullable<Delivery['descriptor']>,
    }
  }

  return {
    refs,
    all: () => [...known.values()],
    died,
    faults,
    findOwed: delivery => findOwed(delivery, lane.deliveries, name => Object.hasOwn(refs, name)),
    isGone: () => lane.gone !== undefined,
    isStuck: () =>
      Object.hasOwn(refs, 'thread') &&
      lane.gone === undefined &&
      head(lane) === undefined &&
      lane.deliveries.some(({ state }) => state === 'waiting'),
    isDone: () => lane.gone !== undefined || lane.deliveries.every(each => each.state === 'planned'),
    commit: incoming => {
      const fresh = incoming.flatMap(each =>
        !known.has(each.key)
          ? [each]
          : on('a known key is skipped')
            ? []
            : [{ ...each, key: `${each.key}/again` }],
      )
      const before = on('what may be applied late keeps its place')
        ? lane
        : {
            ...lane,
            deliveries: lane.deliveries.map(each =>
              each.state === 'waiting' ? omit(each, 'exposed') : each,
            ),
          }
      const bold = !on('a preview replaces previews only')
      const placed = bold ? fresh.map(each => ({ ...each, via: 'execute' as const })) : fresh
      const placing = place(
        before,
        placed.map(each => applyRules(on, each)),
        world.now(),
      )
      lane = { ...lane, next: placing.lane.next }
      for (const each of placing.written) {
        const { via = each.via } = fresh.find(({ key }) => key === each.key) ?? {}
        write(bold ? asPlanned({ ...each, via }) : each)
      }
    },
    claim: (owner, leaseMs, alive, roomOf) => {
      const found = turn()
      if (found === undefined) return undefined
      let delivery = known.get(found.delivery.key) as Delivery
      if (delivery.state === 'claimed' || delivery.state === 'begun') {
        const stolen = !on('what was taken by hand has no lease') && delivery.leaseUntil === undefined
        const ended = stolen
          ? world.now()
          : aliveUntil(delivery, alive(delivery.owner ?? '') ? 'alive' : 'gone', world.now())
        if (ended === undefined) return undefined
        delivery = impatient(expire(delivery, ended, policy))
        write(delivery)
      }
      // Only with a rule off.
      if (delivery.state === 'planned') delivery = { ...delivery, state: 'waiting' }
      if (delivery.state !== 'waiting' || !isDue(delivery.dueAt, world.now())) return undefined
      if (on('a handoff is left to the hand') && delivery.via === 'handoff') return undefined
      if (on('edits of a card keep their distance') && !isDue(found.pacedUntil, world.now())) return undefined
      if (roomOf(delivery.descriptor?.limit) <= 0) return undefined
      const lease = { token: `token-${tokens++}`, owner, leaseUntil: world.now() + leaseMs(delivery) }
      const mine = markClaimed(delivery, lease, 0, world.now())
      write(mine)
      return viewFor(mine)
    },
    begin: (key, token) => {
      const delivery = known.get(key)
      if (!isHeldBy(delivery, token)) return !on('only the token settles')
      if (on('begin is durable before the first byte')) write(markBegun(delivery))
      return true
    },
    settle: (given, mine) => {
      const settlement = unlessFreed(given, known.get(given.waitsFor ?? '')?.state)
      const delivery = known.get(settlement.key)
      if (delivery === undefined) return
      if (on('only the token settles') && !isHeldBy(delivery, settlement.token)) return
      if (known.get(settlement.waitsFor ?? '')?.holds === true)
        faults.push(`${settlement.key} died for ${settlement.waitsFor ?? ''}, which the lane stops at`)
      if (settlement.gone !== undefined) lane = { ...lane, gone: settlement.gone }
      let { state, doubtSince, reason, rejected } = settlement
      let captures = settlement.captures ?? {}
      const uncounted = settlement.attempts < mine.attempts
      if (!on('doubt outlives a failed look-up') && state === 'waiting' && uncounted) doubtSince = null
      if (!on('a rejection after doubt is looked up') && rejected !== null && state === 'waiting') {
        state = 'dead'
        doubtSince = null
      }
      if (!on('a success carries its captures') && reason?.startsWith('the answer has no') === true) {
        state = 'delivered'
        captures = {}
      }
      write(
        impatient(
          applySettlement(delivery, { ...settlement, state, doubtSince, reason, rejected }, world.now()),
        ),
      )
      capture(captures)
      if (state === 'delivered') lane = { ...lane, sent: rememberSent(lane.sent, delivery, world.now()) }
    },
    retry: () => {
      for (const delivery of lane.deliveries) {
        // A person fixes the cause and retries it; one that died because another's capture was missing is a loss.
        if (delivery.state === 'dead' && delivery.reason?.startsWith('needs') !== true) retryOne(delivery)
      }
    },
    release: wanted => {
      const asked = lane.deliveries.filter(each => each.state === 'planned' && wanted(each))
      const releasing = new Set(asked.map(each => each.key))
      return asked.flatMap(({ key }) => {
        const { written } = release(
          lane,
          known.get(key) as Delivery,
          name => Object.hasOwn(refs, name),
          releasing,
          world.now(),
        )
        if (written === undefined) return []
        write(written)
        retryWaiting(key)
        return [key]
      })
    },
    take: () => {
      const found = head(lane)?.delivery
      const due = found?.state === 'waiting' && found.via === 'handoff' && isDue(found.dueAt, world.now())
      if (!due) return undefined
      const mine = markClaimed(found, undefined, 0, world.now())
      write(mine)
      return mine
    },
    acknowledge: (key, captures) => {
      const delivery = known.get(key) as Delivery
      const { written } = acknowledge(delivery, captures, world.now())
      if (written === undefined) return
      write(written)
      capture(captures)
      lane = { ...lane, sent: rememberSent(lane.sent, delivery, world.now()) }
      retryWaiting(key)
    },
    giveBack: key => {
      const { written } = retry(lane, known.get(key) as Delivery, true, world.now())
      if (written !== undefined) write(written)
    },
  }
}
