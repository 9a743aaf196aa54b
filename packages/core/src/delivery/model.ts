import type { Descriptor } from '../descriptor/descriptor.ts'
import type { Json } from '../session/schema.ts'

/** States of a delivery; `delivered`, `replaced` and `dropped` are final, `dead` waits for a person. */
export type State =
  | 'planned'
  | 'waiting'
  | 'claimed'
  | 'begun'
  | 'delivered'
  | 'replaced'
  | 'dead'
  | 'dropped'

/** The mode it was planned in. */
export type Via = 'execute' | 'preview' | 'handoff'

/** A descriptor on its way. Times are epoch milliseconds. */
export type Delivery = Readonly<{
  key: string
  adapter: string
  /** The session's id, `init`, or the key of a call that belongs to no session. */
  lane: string
  /** Order within the lane. */
  position: number
  action: string
  /** Absent when the hook threw, or when a newer one took its place. */
  descriptor?: Descriptor
  via: Via
  state: State
  /** Sequence of the event it was planned for; 0 for a direct call. */
  sequence: number
  attempts: number
  /** Claims in a row of which nothing was heard again. */
  unreported: number
  plannedAt: number
  firstAt?: number
  /** The adapter's and limit's paused time, in ms, when the first attempt was claimed. */
  pausedBefore: number
  dueAt: number
  /** When the doubtful attempt can last have been alive. Present: in doubt. */
  doubtSince?: number
  token?: string
  leaseUntil?: number
  /** Who holds the lease. */
  owner?: string
  settledAt?: number
  reason?: string
  /** The key of what took its place. */
  successor?: string
}>

/** What a lane remembers beside its deliveries. */
export type LaneState = Readonly<{
  adapter: string
  lane: string
  /** Last event planned for it. */
  through: number
  /** When a delivery of each coalesce name was last delivered. */
  sent: Readonly<Record<string, number>>
  /** The card was deleted by a person: nothing moves until `restart`. */
  gone?: string
}>

/** A delivery a worker may work on now, with all it needs. */
export type Claim = Readonly<{
  delivery: Delivery & Readonly<{ token: string; leaseUntil: number; descriptor: Descriptor }>
  /** Captures of the lane and what `start` handed over. */
  refs: Readonly<Record<string, Json>>
  /** The adapter's and limit's paused time so far, in ms. */
  pausedMs: number
}>

/** What is written after an attempt, if the token still holds. Absent fields stay; `null` removes. */
export type Settlement = Readonly<{
  key: string
  token: string
  state: 'delivered' | 'waiting' | 'dead'
  attempts: number
  dueAt: number
  doubtSince: number | null
  reason: string | null
  captures?: Readonly<Record<string, Json>>
  /** Stops the lane. */
  gone?: string
}>

/** Why an adapter or one of its limits rests, and until when. */
export type Pause = Readonly<{
  adapter: string
  /** Absent: the whole adapter. */
  limit?: string
  kind: 'throttled' | 'down' | 'denied' | 'asked'
  reason: string
  since: number
  /** End by time; absent: ends by a check, a changed secret or `unpause`. */
  until?: number
  /** When to send the next `check()`, and how many failed. */
  checkAt?: number
  checks?: number
}>

/** The numbers delivery is steered by; every one an option of the worker. */
export type Policy = Readonly<{
  /** First and longest backoff, ms. Defaults 1,000 and 900,000. */
  backoffMs: number
  backoffMaxMs: number
  /** Given up this long after its first attempt, ms, and never before `giveUpAttempts`. Defaults 72 h and 5. */
  giveUpAfterMs: number
  giveUpAttempts: number
  /** When "not found" is believed, ms after the doubtful attempt's end, unless the look-up says. Default 60,000. */
  afterMs: number
  /** Longest time for one call, and for one read with all its pages, ms. Defaults 30,000 and 30,000. */
  timeoutMs: number
  readTimeoutMs: number
  /** Added to the time-outs of an attempt to make its lease, ms. Default 30,000. */
  leaseMarginMs: number
  /** Failures in a row of the service as a whole that pause its adapter. Default 5. */
  downAfter: number
  /** How often a `denied` adapter is checked, ms. Default 3,600,000. */
  deniedCheckMs: number
  /** Claims without a word that make a delivery dead. Default 3. */
  unreportedMax: number
}>

/** The defaults of section "Delivery" of the guide. */
export const POLICY: Policy = {
  backoffMs: 1_000,
  backoffMaxMs: 900_000,
  giveUpAfterMs: 72 * 3_600_000,
  giveUpAttempts: 5,
  afterMs: 60_000,
  timeoutMs: 30_000,
  readTimeoutMs: 30_000,
  leaseMarginMs: 30_000,
  downAfter: 5,
  deniedCheckMs: 3_600_000,
  unreportedMax: 3,
}
