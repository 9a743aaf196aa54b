import type { AnyAdapter, Rate } from '../adapter/contract.ts'
import { httpOutcome } from '../adapter/http-outcome.ts'
import type { Delivery, Policy } from '../delivery/model.ts'
import type { Lookup } from '../descriptor/descriptor.ts'
import type { Json } from '../session/schema.ts'
import { createLane, type SimulatedLane } from './simulator-lane.ts'
import type { Rule } from './simulator-rules.ts'
import { isOwn, type SimulatedService, type World } from './simulator-world.ts'

/** One adapter of a run, the service it speaks to, and its lanes by session. */
export type SimulatedAdapter = Readonly<{
  name: string
  service: SimulatedService
  sessions: readonly string[]
  rate?: Rate
}>

/** A lane of a run. */
export type Place = Readonly<{ adapter: SimulatedAdapter; session: string; lane: SimulatedLane }>

/** A claim of a worker. */
type Given = Readonly<{ place: Place; delivery: Delivery }>

/** Several lanes of several adapters as a store would keep them, with rules that can be off. */
export interface SimulatedStore {
  readonly places: readonly Place[]
  readonly claim: (
    owner: string,
    leaseMs: (delivery: Delivery) => number,
    alive: (owner: string) => boolean,
    roomOf: (adapter: string, limit: string | undefined) => number,
  ) => Given | undefined
}

const CARD: Lookup = {
  call: { kind: 'http', method: 'GET', endpoint: 'https://simulated.example/cards/{thread}' },
}

type Seen = Pick<AnyAdapter, 'name' | 'limits' | 'origins' | 'secrets' | 'outcome' | 'isOwn' | 'cardLookups'>

/** The adapter as a worker sees it. */
export const adapterOf = ({ name, rate }: SimulatedAdapter, on: (rule: Rule) => boolean): AnyAdapter => {
  const seen: Seen = {
    name,
    limits: { rates: rate === undefined ? {} : { writes: rate } },
    secrets: [],
    origins: ['https://simulated.example'],
    ...(on('a foreign answer does not count') ? { isOwn } : {}),
    ...(on('a missing card is asked for') ? { cardLookups: [CARD] } : {}),
    outcome: (reply, sent) => {
      const status = reply.kind === 'answer' ? reply.status : 0
      if (sent.action === 'edit' && status === 409)
        return { kind: 'retry', reason: 'it was edited meanwhile' }
      return status === 410
        ? { kind: 'rejected', reason: 'it is not there', missing: true }
        : httpOutcome(reply, sent)
    },
  }
  return seen as AnyAdapter
}

/** Makes the store; `on(rule)` says which rules hold. */
export const createStore = (
  world: World,
  policy: Policy,
  on: (rule: Rule) => boolean,
  adapters: readonly SimulatedAdapter[],
): SimulatedStore => {
  const everybody: Record<string, Json> = {}
  const places = adapters.flatMap(adapter =>
    adapter.sessions.map(session => {
      const refs = on('captures belong to their adapter') ? {} : everybody
      return { adapter, session, lane: createLane(world, policy, on, refs) }
    }),
  )
  return {
    places,
    claim: (owner, leaseMs, alive, roomOf) => {
      for (const place of places) {
        const { adapter, lane } = place
        const delivery = lane.claim(owner, leaseMs, alive, limit => roomOf(adapter.name, limit))
        if (delivery !== undefined) return { place, delivery }
        if (!on('an adapter waits for no other') && !lane.isDone()) return undefined
      }
      return undefined
    },
  }
}
