/**
 * The parts of a store, for those who write one: its contract, and the pure functions that define what becomes of a
 * delivery, of a lane and of a limit's window.
 * @module store
 */
export type { Rate } from './adapter/contract.ts'
export {
  applySettlement,
  findOwed,
  type Head,
  head,
  isDue,
  rememberSent,
  unlessFreed,
} from './delivery/lanes.ts'
export {
  type Claim,
  type Delivery,
  type Incoming,
  type Lane,
  type LaneState,
  LONGEST_WAIT_MS,
  type Move,
  type Moved,
  type Pause,
  type Placed,
  type Settlement,
  type State,
  type Via,
} from './delivery/model.ts'
export {
  acknowledge,
  describeMove,
  drop,
  findHolder,
  isOnItsWay,
  type Moving,
  release,
  retry,
  stranger,
} from './delivery/move.ts'
export { isPaused } from './delivery/pause.ts'
export { type Placing, place, recreate } from './delivery/place.ts'
export { expire } from './delivery/settle.ts'
export {
  aliveUntil,
  fillPlace,
  isHeldBy,
  isOpen,
  isSentFirst,
  type Lease,
  markBegun,
  markClaimed,
  type Owner,
  readsOf,
} from './delivery/transitions.ts'
export { readDescriptor, writeDescriptor } from './descriptor/check.ts'
export type { Descriptor } from './descriptor/descriptor.ts'
export { needs } from './descriptor/refs.ts'
export { contentOf } from './descriptor/shape.ts'
export {
  alreadyClosed,
  isTrackerError,
  noSession,
  sessionActive,
  TrackerError,
  toError,
} from './session/errors.ts'
export { INIT_LANE, type SessionEvent } from './session/events.ts'
export { describe, invalidConfig, message } from './session/message.ts'
export type { Json, MessageRole, SessionStatus } from './session/schema.ts'
export { indexWords, narrow, wordsOf } from './session/search.ts'
export type { Message, SessionSummary } from './session/session.ts'
export { upcast, upcastSummary } from './session/upcast.ts'
export type {
  Captured,
  Claimed,
  ClaimRequest,
  Commit,
  Count,
  DeliveryFilter,
  Draw,
  Erasure,
  KnownKey,
  LanePlan,
  MessageFilter,
  MessagePage,
  SearchFilter,
  SearchPage,
  SessionFilter,
  Store,
  StoredSession,
} from './store/contract.ts'
export { type MessagePlace, pageOf, readCursor, withContent } from './store/messages.ts'
