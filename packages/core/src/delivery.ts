/**
 * The pieces of delivery, for hosts that record in one process and deliver in another, and for those who write a store:
 * the worker, the HTTP transport, the store's contract, and the pure functions that define placing, order and settling.
 * @module delivery
 */

export { leaseMsOf } from './delivery/attempt.ts'
export type { DeliveryEvents, Emit, Which } from './delivery/events.ts'
export { applySettlement, type Head, head, isDue, rememberSent } from './delivery/lanes.ts'
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
  POLICY,
  type Policy,
  type Settlement,
  type State,
  type Via,
} from './delivery/model.ts'
export { acknowledge, drop, findHolder, type Moving, release, retry } from './delivery/move.ts'
export { isPaused } from './delivery/pause.ts'
export { type Placing, place, recreate, targetOf } from './delivery/place.ts'
export type { Check, ReadResult, Stats } from './delivery/runner.ts'
export { backoff, confirmAfterMs, type Ending, expire, settle } from './delivery/settle.ts'
export {
  aliveUntil,
  countCalls,
  drawCall,
  endOfCall,
  type FindEnd,
  fillPlace,
  hasEnded,
  isHeldBy,
  isOpen,
  isSentFirst,
  type Lease,
  markBegun,
  markClaimed,
  type Open,
  type Owner,
  openCall,
  rateOf,
  readsOf,
  roomOf,
  type Windows,
} from './delivery/transitions.ts'
export { type Timers, timersOf } from './delivery/waits.ts'
export { createWorker, type Drained, type Worker, type WorkerOptions } from './delivery/worker.ts'
export type { Call } from './descriptor/descriptor.ts'
export type { Reply } from './descriptor/outcome.ts'
export type {
  Captured,
  Claimed,
  ClaimRequest,
  Commit,
  Count,
  DeliveryFilter,
  Draw,
  LanePlan,
  SessionFilter,
  Store,
  StoredSession,
} from './store/contract.ts'
export type { SecretSource, Sending, Transport } from './transport/contract.ts'
export { type HttpOptions, httpTransport } from './transport/http.ts'
export { createRedactor, type Redactor } from './transport/redact.ts'
