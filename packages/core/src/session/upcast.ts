import { TrackerError } from './errors.ts'
import { EVENT_VERSION, type SessionEvent } from './events.ts'

/** Lifts an event of one version to the next. */
type Lift = (event: SessionEvent) => SessionEvent

/** By the version they lift from. Version 1 is the first. */
const LIFTS: Readonly<Record<number, Lift>> = {}

/** Makes the function that lifts stored events to `newest`, one version at a time. */
export const lifting =
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
          `Event ${event.id} has version ${event.version}, which no release ever wrote.`,
        )
      lifted = { ...lift(lifted), version: lifted.version + 1 }
    }
    return lifted
  }

/** A stored event as this release understands it. Throws `STORE` for one a newer release wrote. */
export const upcast: Lift = lifting(LIFTS, EVENT_VERSION)
