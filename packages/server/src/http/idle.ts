import { isTrackerError, type Tracker } from '@sessionwire/core'
import { OWNER } from '../operations/session-of.ts'

/** Sessions that are looked at. */
const LOOKED_AT = 10_000

/**
 * Ends the active sessions that callers of a server began and that had no event since `before` (epoch ms). A client that goes
 * away says nothing over HTTP, and a caller's forgotten sessions would stand in the way of the one without an id.
 */
export const endIdle = async (tracker: Tracker, before: number): Promise<void> => {
  for (const { id, metadata, lastEventAt } of await tracker.sessions({
    status: 'active',
    limit: LOOKED_AT,
  })) {
    if (metadata[OWNER] === undefined || Date.parse(lastEventAt) >= before) continue
    try {
      await tracker.session(id).close({ end: 'left' })
    } catch (thrown) {
      // Another server on the same store was faster.
      if (!isTrackerError(thrown) || thrown.code !== 'SESSION_CLOSED') throw thrown
    }
  }
}
