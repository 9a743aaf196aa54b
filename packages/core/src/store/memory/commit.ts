import type { Delivery, Placed } from '../../delivery/model.ts'
import { clampTimes, place, recreate } from '../../delivery/place.ts'
import { fillPlace } from '../../delivery/transitions.ts'
import type { Descriptor } from '../../descriptor/descriptor.ts'
import { contentOf } from '../../descriptor/shape.ts'
import { sessionActive, TrackerError } from '../../session/errors.ts'
import { INIT_LANE } from '../../session/events.ts'
import type { Commit, LanePlan } from '../contract.ts'
import { copy, dropCaptures, id, laneOf, type Memory, put } from './data.ts'
import { addEvent } from './message.ts'

const conflict = (what: string, expected: number, found: number): TrackerError =>
  new TrackerError(
    'VERSION_CONFLICT',
    `${what} is at ${found}, not at ${expected}: load it and record again.`,
  )

const textOf = (descriptor: Descriptor | undefined): string | undefined =>
  descriptor === undefined ? undefined : contentOf(descriptor)

/** Everything that can be refused is refused before anything is written. */
const check = (memory: Memory, commit: Commit, again: boolean): void => {
  if (commit.session !== undefined) {
    const { summary, expected, exclusive } = commit.session
    const found = memory.sessions.get(summary.id)?.summary.revision ?? 0
    if (found !== expected) throw conflict(`Session ${summary.id}`, expected, found)
    const other = [...memory.sessions.values()]
      .reverse()
      .find(
        ({ summary: each }) =>
          each.status === 'active' &&
          each.project === summary.project &&
          each.workspace === summary.workspace &&
          each.agent === summary.agent,
      )
    if (exclusive === true && other !== undefined) throw sessionActive(other.summary.id)
  }
  const texts = new Map<string, string | undefined>()
  for (const { adapter, lane, through, deliveries } of commit.lanes) {
    const found = memory.lanes.get(id(adapter, lane))?.lane.through ?? 0
    if (through !== undefined && through.from !== found)
      throw conflict(`Lane ${adapter} of ${lane}`, through.from, found)
    for (const { key, descriptor } of deliveries) {
      const stored = memory.deliveries.get(key)
      const before = stored === undefined ? texts.get(key) : textOf(stored.descriptor)
      const text = textOf(descriptor)
      if (!again && before !== undefined && text !== undefined && before !== text)
        throw new TrackerError(
          'STORE',
          `Key ${key} is known with other content: give another call another key.`,
        )
      texts.set(key, before ?? text)
    }
  }
}

const plan = (
  memory: Memory,
  { adapter, lane, open, through, deliveries, recreate: renewal }: LanePlan,
  now: number,
) => {
  const isNew = !memory.lanes.has(id(adapter, lane))
  const kept = laneOf(memory, adapter, lane, open?.refs)
  if (isNew || lane === INIT_LANE) kept.target = open?.target ?? kept.target
  kept.lane = clampTimes(kept.lane, now)
  if (through !== undefined) kept.lane = { ...kept.lane, through: through.to }
  const placed = new Map<string, Placed>()
  const unknown = new Set(deliveries.flatMap(({ key }) => (memory.deliveries.has(key) ? [] : [key])))
  const incoming = deliveries.filter(({ key }) => unknown.delete(key)).map(copy)
  for (const each of deliveries) {
    const filled = fillPlace(memory.deliveries.get(each.key), copy(each), now)
    if (filled === undefined) continue
    put(memory, filled)
    placed.set(filled.key, { key: filled.key, state: filled.state, position: filled.position, replaced: [] })
  }
  if (renewal !== undefined) {
    kept.captures.clear()
    kept.target = renewal.target ?? kept.target
    kept.refs = { ...renewal.refs }
  }
  const placing =
    renewal === undefined
      ? place(kept.lane, incoming, now)
      : recreate(kept.lane, incoming, renewal.dropping, now)
  for (const delivery of placing.written) {
    put(memory, delivery)
    if (delivery.state === 'replaced') dropCaptures(kept, delivery.key)
  }
  kept.lane = placing.lane
  for (const each of placing.placed) placed.set(each.key, each)
  return deliveries.map(({ key }): Placed => {
    const first = placed.get(key)
    placed.delete(key)
    const { state, position } = memory.deliveries.get(key) as Delivery
    return first ?? { key, state, position, replaced: [], known: true }
  })
}

/** Writes all of a commit, or nothing. */
export const commit = (memory: Memory, owner: string, now: number, given: Commit): readonly Placed[] => {
  const { session, events, lanes } = given
  const eventsOf = (of: string) => memory.events.get(of) ?? []
  const isStored = (each: Commit['events'][number]) =>
    eventsOf(each.sessionId).some(({ id }) => id === each.id)
  const again = session === undefined && events.length > 0 && events.every(isStored)
  check(memory, given, again)
  if (session !== undefined)
    memory.sessions.set(session.summary.id, { summary: copy(session.summary), writer: owner })
  for (const event of events) if (session !== undefined || !isStored(event)) addEvent(memory, event)
  if (session?.key !== undefined)
    memory.keys.set(`${session.summary.id}\n${session.key.eventId}`, session.key.digest)
  return lanes.flatMap(each => plan(memory, each, now))
}
