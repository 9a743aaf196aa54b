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
  /** Order of planning within the lane: the position it was born with. A greater one is newer. */
  rank: number
  action: string
  /** Absent when the hook threw, or when a newer one took its place. */
  descriptor?: Descriptor
  via: Via
  state: State
  /** Sequence of the event it was planned for; 0 for a direct call. */
  sequence: number
  /** The lane stops at it while it is planned or dead: others need what it captures. */
  holds: boolean
  attempts: number
  /** Failures in a row that do not count as attempts (look-ups, `before` reads); only for the backoff. */
  misses: number
  /** Claims in a row of which nothing was heard again. */
  unreported: number
  plannedAt: number
  /** When the first attempt was claimed, ever: the bound of look-ups. */
  firstAt?: number
  /** When the clock of giving up began: the first attempt, or the first since it was revived. */
  clockAt?: number
  /** The adapter's and limit's paused time, in ms, at `clockAt`. */
  pausedBefore: number
  dueAt: number
  /** An attempt may have reached the service: it may be applied late, so nothing takes its place until it is due again. */
  exposed?: true
  /** Rejected or given up while it might have been applied earlier: one more look-up has the last word. */
  rejected?: string
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
  /** What was last delivered of each coalesce name. */
  sent: Readonly<Record<string, Readonly<{ at: number; rank: number; key: string }>>>
  /** The card was deleted by a person: nothing moves until `restart`. */
  gone?: string
  /** What `start` handed over and still holds: nothing after a `restart`. Told by a store's `load`. */
  refs?: Readonly<Record<string, Json>>
}>

/** A lane as the pure rules see it: `deliveries` are those in no final state, by position. */
export type Lane = LaneState & Readonly<{ next: number; deliveries: readonly Delivery[] }>

/** A delivery to be, at the end of its lane unless it takes the place of a waiting one of its `coalesce` name. */
export type Incoming = Readonly<{
  key: string
  action: string
  via: Via
  sequence: number
  /** Absent: the hook threw; it is stored dead with `reason`. */
  descriptor?: Descriptor
  reason?: string
  /** The lane stops at it while it is planned or dead: it captures something, or it was a `start` or `init` that threw. */
  holds: boolean
}>

/** Where an incoming delivery went. `known`: its key was stored before, nothing was written for it. */
export type Placed = Readonly<{
  key: string
  state: State
  position: number
  replaced: readonly string[]
  known?: true
}>

/** How to move deliveries by hand. */
export type Move =
  | Readonly<{ kind: 'release' }>
  | Readonly<{ kind: 'revive'; resend?: boolean }>
  | Readonly<{ kind: 'drop' }>
  | Readonly<{ kind: 'acknowledge'; captures: Readonly<Record<string, Json>> }>

/**
 * What became of one key. `refused` says why nothing was done. `key` is the successor's where it was
 * replaced. A key that is not known is refused, and has no `state`.
 */
export type Moved = Readonly<{
  /** The delivery that stands for it now: itself, or its successor where it was replaced. */
  key: string
  /** The key that was given. */
  asked: string
}> &
  (
    | Readonly<{
        /** State of the delivery that was asked for, after the move; `replaced` where `key` is its successor. */
        state: State
        /** Why nothing was done, beginning with the key. Absent: it was done, or had been done before. */
        refused?: string
      }>
    | Readonly<{
        /** Absent where no delivery has this key. */
        state?: never
        /** That the key is not known. */
        refused: string
      }>
  )

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
  misses: number
  exposed?: true
  rejected: string | null
  captures?: Readonly<Record<string, Json>>
  /** Delivered because a look-up found it; nothing was sent in this attempt. */
  lookedUp?: true
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

/**
 * No wait is longer than this, ms: a service that asks for more is asked again after a day. A due time or lease further
 * away was written before the clock was set back, and counts as due.
 */
export const LONGEST_WAIT_MS = 24 * 3_600_000

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
