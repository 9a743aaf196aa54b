import { TrackerError } from './errors.ts'
import { EVENT_VERSION, type SessionEvent } from './events.ts'
import type { SessionSummary } from './session.ts'

/** Lifts an event of one version to the next. */
type Lift = (event: SessionEvent) => SessionEvent

/** Refs of version 1 (`{ 'tracker.issue': 'ENG-1' }`) by adapter and name; others are left as they are. */
const nestRefs = (refs: Readonly<Record<string, unknown>>): SessionSummary['refs'] => {
  const nested: Record<string, Record<string, string>> = {}
  for (const [name, value] of Object.entries(refs)) {
    const dot = name.indexOf('.')
    if (typeof value !== 'string') nested[name] = value as Record<string, string>
    else nested[name.slice(0, dot)] = { ...nested[name.slice(0, dot)], [name.slice(dot + 1)]: value }
  }
  return nested
}

/** A stored summary as this release understands it: the first edition kept refs flat. */
export const upcastSummary = (summary: SessionSummary): SessionSummary =>
  Object.values(summary.refs).some(value => typeof value === 'string')
    ? { ...summary, refs: nestRefs(summary.refs) }
    : summary

/** Version 1 had no `at`, and kept refs flat. */
const liftFirst: Lift = event => {
  const dated = { ...event, at: event.time } as SessionEvent
  if (dated.type !== 'start') return dated
  return { ...dated, payload: { ...dated.payload, refs: nestRefs(dated.payload.refs) } }
}

/** By the version they lift from. Version 1 is the first. */
const LIFTS: Readonly<Record<number, Lift>> = { 1: liftFirst }

/** Makes the function that lifts stored events to `newest`, one version at a time. */
export const createLift =
  (lifts: Readonly<Record<number, Lift>>, newest: number) =>
  (event: SessionEvent): SessionEvent => {
    if (event.version === newest) return event
    if (event.version > newest)
      throw new TrackerError(
        'STORE',
        `Event ${event.id} has version ${event.version}, this release reads up to ${newest}: upgrade @sessionwire/core.`,
      )
    let lifted = event
    while (lifted.version < newest) {
      const lift = lifts[lifted.version]
      if (lift === undefined)
        throw new TrackerError(
          'STORE_CORRUPT',
          `Event ${event.id} has version ${event.version}, which no release wrote.`,
        )
      lifted = { ...lift(lifted), version: lifted.version + 1 }
    }
    return lifted
  }

/** A stored event as this release understands it. Throws `STORE` for one a newer release wrote. */
export const upcast: Lift = createLift(LIFTS, EVENT_VERSION)
