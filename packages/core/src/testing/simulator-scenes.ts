import type { Policy, Via } from '../delivery/model.ts'
import type { SimulatedLane } from './simulator-lane.ts'
import { startHand, startReviewer, startVandal } from './simulator-people.ts'
import { carefulPlanOf, findBursts, hasty, judge, planOf, workflowPlanOf } from './simulator-plan.ts'
import type { Place, SimulatedAdapter, SimulatedStore } from './simulator-store.ts'
import { createService, type World } from './simulator-world.ts'

/** Parts of a run in addition to the one adapter that all runs have. */
export const SCENES = ['alone', 'beside', 'preview', 'handoff', 'workflow', 'deleted'] as const
type Scene = (typeof SCENES)[number]

/** The adapters of a run, what is recorded, and what must be so in the end. */
export type Cast = Readonly<{
  adapters: readonly SimulatedAdapter[]
  /** Plans all that is recorded from a time on; gives when the last of it is. */
  play: (store: SimulatedStore, from: number, over: () => boolean) => number
  judge: (store: SimulatedStore, stalls: readonly number[]) => readonly string[]
}>

/** The card of the second adapter is edited in peace, and its service allows few writes. */
const EVERY_MS = 5_000
const RATE = { count: 4, perMs: 20_000 }
/** Between the claim, which counts, and the arrival lie look-ups and reads: the service counts over less time, ms. */
const SERVICE_MS = 10_000

/** Makes the cast of a scene. `ids`: the first service knows our ids. */
export const castOf = (world: World, policy: Policy, scene: Scene, ids: boolean): Cast => {
  const { random } = world
  const first: SimulatedAdapter = {
    name: 'first',
    service: createService(world, ids, policy.timeoutMs),
    sessions: ['s'],
  }
  const second = (): SimulatedAdapter => ({
    name: 'second',
    service: createService(world, false, policy.timeoutMs),
    // Keys are unique in a store.
    sessions: scene === 'beside' ? ['t', 'u'] : ['t'],
    ...(scene === 'beside' ? { rate: RATE } : {}),
  })
  const adapters = scene === 'alone' ? [first] : [first, second()]
  const counts = new Map<SimulatedLane, number>()
  let withheld: ReadonlySet<string> = new Set()
  let released: ReadonlySet<string> = new Set()

  /** How each event of the second adapter is planned: the mode may change while a session goes on. */
  const vias = new Map<string, Via>()
  const viaOf = ({ adapter, session }: Place, event: number): Via => {
    if (scene === 'handoff' && adapter !== first) return 'handoff'
    if (scene !== 'preview' || adapter === first) return 'execute'
    const which = `${session}/${event}`
    const via = vias.get(which) ?? (random() < 0.6 ? 'preview' : 'execute')
    vias.set(which, via)
    return via
  }
  const plan = (place: Place, event: number) => {
    const { adapter, session } = place
    const steps =
      adapter === first
        ? planOf(session, event, ids ? 'id' : 'mark')
        : scene === 'beside'
          ? carefulPlanOf(session, event, EVERY_MS)
          : scene === 'workflow'
            ? workflowPlanOf(session, event)
            : planOf(session, event, 'mark')
    const via = viaOf(place, event)
    return steps.map(each => ({ ...each, via }))
  }

  return {
    adapters,
    play: (store, from, over) => {
      // Half of the time the first one's service never makes anything, which has no effect on the other.
      if (scene === 'beside' && random() < 0.5) first.service.closed = true
      let last = from
      for (const place of store.places) {
        const { lane } = place
        const events = 2 + Math.floor(random() * (place.adapter === first ? 7 : 5))
        counts.set(lane, events)
        let time = from
        for (let event = 1; event <= events; event++) {
          // Some come at once, some while the last is under way, some when it is long delivered.
          const chance = random()
          time += random() * (chance < 0.4 ? 500 : chance < 0.7 ? 20_000 : 120_000)
          const planned = plan(place, event)
          world.at(time, () => {
            lane.commit(planned)
            // The recorder died before it knew, and repeats itself.
            if (random() < 0.1) lane.commit(planned)
          })
        }
        last = Math.max(last, time)
        if (place.adapter === first) continue
        if (scene === 'deleted') startVandal(world, lane, place.adapter.service, over)
        if (scene === 'handoff') startHand(world, lane, place.adapter.service, over)
        if (scene !== 'preview') continue
        const kept = viaOf(place, events) === 'preview' && random() < 0.5 ? events : undefined
        released = startReviewer(world, lane, time, kept)
      }
      return last
    },
    judge: (store, stalls) => {
      const wrong: string[] = []
      for (const { adapter, session, lane } of store.places) {
        const { service } = adapter
        if (service.closed) continue
        const deliveries = lane.all()
        wrong.push(...lane.faults)
        if (service.deleted.size > 0 && adapter !== first) {
          const dead = deliveries.filter(({ state }) => state === 'dead')
          if (!lane.isGone() && dead.length > 0) wrong.push('a deleted card was not noticed')
          continue
        }
        if (scene === 'workflow' && adapter !== first) {
          // A retried delivery goes out later than its place says.
          if (deliveries.some(({ key, action }) => action !== 'entry' && lane.died.has(key))) continue
          const last = (counts.get(lane) as number) % 2 === 0 ? 'done' : 'open'
          const stands = service.states.get(String(lane.refs.thread))
          if (stands !== last) wrong.push(`the card is ${String(stands)}, not ${last}`)
        }
        withheld = new Set(
          deliveries.flatMap(({ key, via }) => (via === 'preview' && !released.has(key) ? [key] : [])),
        )
        const events = counts.get(lane) as number
        wrong.push(
          ...judge(
            { name: session, events, deliveries, refs: lane.refs, withheld, died: lane.died },
            service,
          ),
        )
      }
      for (const { service, rate } of adapters) {
        // A service that refuses a repeated id is asked twice when it applied far too late; the other never is.
        const refused = service.refusedRepeats
        if (!(service === first.service && ids) && refused > 0) wrong.push(`${refused} repeats were refused`)
        if (rate === undefined) continue
        wrong.push(...hasty(service, EVERY_MS))
        // One that stood still sends later than it counted.
        for (const at of findBursts(service, rate.count, SERVICE_MS))
          if (!stalls.some(time => time <= at && at - time < rate.perMs))
            wrong.push(`more than ${rate.count} writes came within ${SERVICE_MS} ms`)
      }
      return wrong
    },
  }
}
