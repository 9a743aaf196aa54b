import type { Hook, HookPayloads } from './schema.ts'

/** Every hook with its place in a session's life. */
const ORDER: Record<Hook, number> = {
  init: 0,
  start: 1,
  update: 2,
  message: 3,
  decision: 4,
  entity: 5,
  blocker: 6,
  resolve: 7,
  close: 8,
  resume: 9,
  export: 10,
}
/** Every hook, in the order of a session's life. */
export const HOOKS: readonly Hook[] = (Object.keys(ORDER) as Hook[]).sort((a, b) => ORDER[a] - ORDER[b])

/** Newest version of the payloads; older stored events are lifted to it by `upcast`. */
export const EVENT_VERSION = 2

/**
 * One stored fact. `sequence` counts from 1 within its session; an `init` event has the lane `init` and no
 * session.
 */
export type SessionEvent<H extends Hook = Hook> = {
  [K in H]: Readonly<{
    /** Unique in the store; keys of what it plans begin with it. */
    id: string
    /** The session's id, or `init`. */
    sessionId: string
    /** Counts from 1 within its session, without gaps. */
    sequence: number
    /** When it was stored: ISO 8601, UTC, milliseconds. */
    time: string
    /** When it happened: ISO 8601, UTC, milliseconds; `time` unless the caller gave another. */
    at: string
    /** Version of the payload; `EVENT_VERSION` once it was read. */
    version: number
    /** The hook it belongs to. */
    type: K
    /** The recorded data, with defaults filled in. */
    payload: HookPayloads[K]
    /** True once `tracker.forget` or `prune` erased its texts. */
    erased?: true
  }>
}[H]

/** The lane and `sessionId` of an adapter's own `init` events. */
export const INIT_LANE = 'init'
