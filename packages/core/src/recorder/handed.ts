import type { AnyAdapter } from '../adapter/contract.ts'
import { plan } from '../adapter/plan.ts'
import { isTrackerError } from '../session/errors.ts'
import { EVENT_VERSION, type SessionEvent } from '../session/events.ts'
import type { Session } from '../session/session.ts'
import { blankSession } from './init.ts'

const EPOCH = new Date(0).toISOString()

/**
 * Lets an adapter look at what is handed over to it, before anything is stored: an error of its `start` hook whose field
 * begins with `refs.` is the caller's, and is thrown. What else it throws for a session without words says nothing.
 */
export const checkHanded = ({ name, config, hooks, readRef }: AnyAdapter, refs: Session['refs']): void => {
  const event = {
    ...{
      id: 'start',
      sessionId: 'start',
      sequence: 1,
      time: EPOCH,
      at: EPOCH,
      version: EVENT_VERSION,
      type: 'start',
    },
    payload: { project: '', user: '', progress: 0, refs, metadata: {} },
  } as SessionEvent<'start'>
  try {
    plan({ name, config, hooks, ...(readRef === undefined ? {} : { readRef }) }, event, {
      ...blankSession('', EPOCH),
      id: 'start',
      refs,
    })
  } catch (thrown) {
    if (!isTrackerError(thrown) || thrown.code !== 'INVALID_INPUT') return
    if (thrown.field?.startsWith('refs.') === true) throw thrown
  }
}
