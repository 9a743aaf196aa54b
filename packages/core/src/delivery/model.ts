import type { Descriptor } from '../descriptor/descriptor.ts'
import type { Json } from '../session/schema.ts'

export { POLICY, type Policy } from './policy.ts'

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
  /** Idempotency key: made of the event, the adapter and the place in its plan, or given to `act`. */
  key: string
  /** The adapter's name in the tracker. */
  adapter: string
  /** The session's id, `init`, or the key of a call that belongs to no session. */
  lane: string
  /** Order within the lane. */
  position: number
  /** Order of planning within the lane: the position it was born with. A greater one is newer. */
  rank: number
  /** The name of the adapter's action; for a hook that threw, the hook. */
  action: string
  /** Absent when the hook threw, or when a newer one took its place. */
  descriptor?: Descriptor
  /** The adapter's mode when it was planned; a later change of mode does not touch it. */
  via: Via
  /** Where it stands. Only `state` and what goes with it changes; the descriptor never does. */
  state: State
  /** Sequence of the event it was planned for; 0 for a direct call. */
  sequence: number
  /** The lane stops at it while it is planned or dead: others need what it captures. */
  holds: boolean
  /** Claims that count towards giving up. Look-ups that said nothing and `denied` ones are taken back. */
  attempts: number
  /** Failures in a row that do not count as attempts (look-ups, `before` reads); only for the backoff. */
  misses: number
  /** Claims in a row of which nothing was heard again. */
  unreported: number
  /** When it was stored. */
  plannedAt: number
  /** When the first attempt was claimed, ever: the bound of look-ups. */
  firstAt?: number
  /** When the clock of giving up began: the first attempt, or the first since it was retried. */
  clockAt?: number
  /** The adapter's and limit's paused time, in ms, at `clockAt`. */
  pausedBefore: number
  /** Not claimed before this. */
  dueAt: number
  /**
   * An attempt may have reached the service: it may be applied late, so nothing takes its place until it is
   * due again.
   */
  exposed?: true
  /** Rejected or out of attempts while it might have been applied earlier: one more look-up decides. */
  rejected?: string
  /** When the doubtful attempt can last have been alive. Present: in doubt. */
  doubtSince?: number
  /** Proof of the current claim; settling needs it. Absent while the delivery is not claimed. */
  token?: string
  /** When that claim ends by itself. Absent too for one taken by hand, which ends only by hand. */
  leaseUntil?: number
  /** The store that has the lease. */
  owner?: string
  /** When it became `delivered`, `replaced` or `dropped`. */
  settledAt?: number
  /** Why it is not delivered; the words of a service are redacted and cut at 500 characters. */
  reason?: string
  /** The key of what took its place. */
  successor?: string
  /** Dead because it needs a capture of this one, which was planned or dead: it goes back with it. */
  waitsFor?: string
}>

/** State of a lane apart from its deliveries. */
export type LaneState = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** The session's id, `init`, or the key of a call that belongs to no session. */
  lane: string
  /** Last event planned for it. */
  through: number
  /** The last delivery of each coalesce name. */
  sent: Readonly<
    Record<
      string,
      Readonly<{
        /** When it was delivered, epoch ms: `everyMs` counts from here. */
        at: number
        /** The greatest rank delivered: what is older has been overtaken. */
        rank: number
        /** Key of the delivery with that rank. */
        key: string
      }>
    >
  >
  /** The card was deleted by a person: nothing moves until `recreateCard`. */
  gone?: string
  /** Refs that `start` linked and that still count: none after a `recreateCard`. A store's `load` gives them. */
  refs?: Readonly<Record<string, Json>>
  /** Whose account and place it was opened for. A store's `load` gives it; absent: any. */
  target?: string
}>

/** A lane as the pure rules see it: `deliveries` are those in no final state, by position. */
export type Lane = LaneState &
  Readonly<{
    /** Rank of the next delivery, and its position unless it takes the place of another. */
    next: number
    /** Those in no final state, by position. */
    deliveries: readonly Delivery[]
    /** When a worker last settled one of it, epoch ms: it stands behind lanes that have waited longer. */
    servedAt?: number
  }>

/** A delivery to be, at the end of its lane unless it takes the place of a waiting one of its `coalesce` name. */
export type Incoming = Readonly<{
  /** Idempotency key. A known one with the same content is skipped; with other content it is an error `STORE`. */
  key: string
  /** The name of the adapter's action; for a hook that threw, the hook. */
  action: string
  /** The adapter's mode now: `preview` makes it `planned`, the others `waiting`. */
  via: Via
  /** Sequence of the event it is planned for; 0 for a direct call. */
  sequence: number
  /** Absent: the hook threw; it is stored dead with `reason`. */
  descriptor?: Descriptor
  /** Message of the error that the hook threw; only without `descriptor`. */
  reason?: string
  /** The lane stops at it while it is planned or dead: its draft says `holds`, or it is a `start` or `init` that threw. */
  holds: boolean
}>

/** Where an incoming delivery went. */
export type Placed = Readonly<{
  /** Of the delivery that came in. */
  key: string
  /** `waiting`, `planned`, or `dead` where the hook threw; of a known key, where it stands. */
  state: State
  /** Its order in the lane. */
  position: number
  /** Keys of those whose place it took. */
  replaced: readonly string[]
  /** Its key was stored before, and nothing was written. */
  known?: true
}>

/** How to move deliveries by hand. */
export type Move =
  /** Sends what was planned in preview mode, in its old place. */
  | Readonly<{ kind: 'release' }>
  /** Takes up again what is dead, in its old place, with attempts at 0. */
  | Readonly<{
      kind: 'retry'
      /** True: what is in doubt did not happen, or what was taken by hand was not sent. Default false. */
      resend?: boolean
    }>
  /** Gives up what is planned, waiting or dead, for good. */
  | Readonly<{ kind: 'drop' }>
  /** Says that it happened: delivered, whatever token is out. The first one counts. */
  | Readonly<{
      kind: 'acknowledge'
      /** Values of the reply, by the names that the descriptor captures. */
      captures: Readonly<Record<string, Json>>
    }>

/** Result of a move for one key. */
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
        /** A sentence that the key is unknown. */
        refused: string
      }>
  )

/** A delivery a worker may work on now, with all it needs. */
export type Claim = Readonly<{
  /** As claimed: this attempt is counted already. */
  delivery: Delivery &
    Readonly<{
      /** Proof for `begin` and `settle`; void once the lease is lost. */
      token: string
      /** Until when no other worker gets it, epoch ms; infinite for one taken by hand. */
      leaseUntil: number
      /** Always there: a delivery without one is never claimed. */
      descriptor: Descriptor
    }>
  /** Captures of the lane and refs that `start` linked. */
  refs: Readonly<Record<string, Json>>
  /** Names it needs that nothing captured, with the planned or dead delivery of its lane that would capture each. */
  owed?: Readonly<Record<string, Readonly<{ key: string; state: 'planned' | 'dead' }>>>
  /** The adapter's and limit's paused time so far, in ms. */
  pausedMs: number
}>

/** Written after an attempt, if the token is still valid. Absent fields stay; `null` removes. */
export type Settlement = Readonly<{
  /** Of the delivery that was claimed. */
  key: string
  /** From its claim. When it is no longer valid, nothing is written. */
  token: string
  /** `waiting`: it is tried again, or looked up, from `dueAt` on. */
  state: 'delivered' | 'waiting' | 'dead'
  /** Those of the claim, or one less when this one does not count. */
  attempts: number
  /** Not claimed before this, epoch ms. Means nothing once delivered or dead. */
  dueAt: number
  /** When the doubtful attempt can last have been alive, epoch ms; null: it is not in doubt. */
  doubtSince: number | null
  /** Why it is not delivered; null removes what stood there. */
  reason: string | null
  /** Failures in a row of look-ups and reads, only for the backoff. */
  misses: number
  /** This attempt may have reached the service; never taken back. */
  exposed?: true
  /** The rejection that one more look-up has to confirm; null removes it. */
  rejected: string | null
  /** Values captured from the reply or the found item, by name; only with `delivered`. A name the lane has keeps its value. */
  captures?: Readonly<Record<string, Json>>
  /** Delivered because a look-up found it; nothing was sent in this attempt. */
  lookedUp?: true
  /** Stops the lane, and says why: a person deleted the card. */
  gone?: string
  /** With `dead`: the key of the delivery whose capture it needs. */
  waitsFor?: string
}>

/** Why an adapter or one of its limits is paused, and until when. */
export type Pause = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** Absent: the whole adapter. */
  limit?: string
  /**
   * `throttled`: the service asked for it. `down`: it cannot be reached. `denied`: it refused the credential.
   * `asked`: a person's wish.
   */
  kind: 'throttled' | 'down' | 'denied' | 'asked'
  /** For people: the service's words, with secrets redacted, or the reason given to `pause`. */
  reason: string
  /** When it began, epoch ms. */
  since: number
  /** When it ends by itself, epoch ms; absent: by a check, a changed secret or `unpause`. */
  until?: number
  /** The worker whose credential was refused, only for `denied`: it alone stops. Absent: all workers stop. */
  owner?: string
  /** When the next `check()` is sent, epoch ms; only for `down` and `denied`. */
  checkAt?: number
  /** How many checks failed since it began. */
  checks?: number
}>

/**
 * No wait is longer than this, ms: a service that asks for more is asked again after a day. A due time or lease further
 * away was written before the clock was set back, and counts as due.
 */
export const LONGEST_WAIT_MS = 24 * 3_600_000
