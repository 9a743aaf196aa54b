import type { Rate } from '../adapter/contract.ts'
import type {
  Claim,
  Delivery,
  Incoming,
  Move,
  Moved,
  Pause,
  Placed,
  Settlement,
  State,
} from '../delivery/model.ts'
import type { SessionEvent } from '../session/events.ts'
import type { Json } from '../session/schema.ts'
import type { SessionSummary } from '../session/session.ts'
import type {
  Captured,
  Draw,
  Erasure,
  KnownKey,
  MessageFilter,
  MessagePage,
  SearchFilter,
  SearchPage,
  SessionFilter,
  StoredSession,
} from './sessions.ts'

export type { Placed } from '../delivery/model.ts'
export type * from './sessions.ts'

/** The plan of one commit for one lane. */
export type LanePlan = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** The session's id, `init`, or the key of a call that belongs to no session. */
  lane: string
  /** Opens the lane if it is not open yet, with the refs that `start` gave to this adapter. */
  open?: Readonly<{
    /** By the adapter's own names, without its name in front. */
    refs: Readonly<Record<string, Json>>
    /**
     * Whose account the lane is for: only workers with the same target are given it. The lane keeps it, but for the lane
     * `init`, which takes the newest. Absent or empty: any worker.
     */
    target?: string
  }>
  /** Moves the last event planned for; refused with `VERSION_CONFLICT` when `from` is not what is stored. */
  through?: Readonly<{
    /** Sequence the lane was planned through. */
    from: number
    /** Sequence it is planned through now. */
    to: number
  }>
  /** Placed in this order. */
  deliveries: readonly Incoming[]
  /** `recreateCard`: forgets the lane's captures and `gone`, takes other refs, drops the dead card, and puts `deliveries` before all that waits. */
  recreate?: Readonly<{
    /** Keys that become `dropped`. */
    dropping: readonly string[]
    /** Whose account the lane is for from now on. Absent: as before. */
    target?: string
    /** The lane's refs from now on. Default: none. */
    refs?: Readonly<Record<string, string>>
  }>
}>

/** Everything one recording call writes, in one transaction. */
export type Commit = Readonly<{
  /** Absent for `init` and for calls that belong to no session. `expected` is the revision before (0: a new session). */
  session?: Readonly<{
    /** As it is after the events. */
    summary: SessionSummary
    /** Refused with `VERSION_CONFLICT` when another revision is stored. */
    expected: number
    /** A new session only: refused with `SESSION_ACTIVE` while another of the same project, workspace and agent is active. */
    exclusive?: true
    /** The key of one of the events, to be found by `findKey`. */
    key?: Readonly<{
      /** The event's id, made from session and key. */
      eventId: string
      /** Digest of the input it was recorded with. */
      digest: string
    }>
  }>
  /** In order; empty for a direct call. */
  events: readonly SessionEvent[]
  /** The plans, by lane; empty when nothing is mirrored. */
  lanes: readonly LanePlan[]
}>

/** Which deliveries; by adapter, lane and position. */
export type DeliveryFilter = Readonly<{
  /** Only these; unknown keys are left out. */
  keys?: readonly string[]
  /** Only those of this adapter. */
  adapter?: string
  /** A session's id, or another lane. */
  lane?: string
  /** Only those in this state, or in one of these. */
  state?: State | readonly State[]
  /** True: only those in doubt. False: only the others. */
  inDoubt?: boolean
  /** Default 1,000. */
  limit?: number
}>

/** The request of a worker. Lanes are given, never adapters: any number of workers deliver one adapter side by side. */
export type ClaimRequest = Readonly<{
  /** Which worker asks; unique over all workers of all processes. Default: the store is one worker. */
  worker?: string
  /** Those to claim for. */
  adapters: readonly Readonly<{
    /** The adapter's name in the tracker. */
    name: string
    /** Whose account the worker delivers to: lanes that were opened for another one are not given to it. */
    target: string
    /** How many claims of it at most. */
    room: number
    /** Calls of it under way at once, over all workers of this store. */
    concurrency: number
    /**
     * The rates that the adapter declares in `limits.rates`. The store keeps the windows, over all workers; where they declare
     * different rates for one limit, each of them holds.
     */
    rates: Readonly<Record<string, Rate>>
    /** Marks with the claim what `begin` marks, where the request is the first thing that an attempt does. */
    begins?: boolean
  }>[]
  /** Written first, in the same transaction, as by `settle`: an attempt that ended frees its lane for the next claim. */
  settlements?: readonly Settlement[]
  /** How long an attempt may take. */
  lease: Readonly<{
    /** For every attempt, ms. */
    baseMs: number
    /** Added for each read the attempt may need, ms. */
    readMs: number
  }>
  /** How long after an unreported end a `safe` call waits, ms. */
  afterMs: number
  /** Claims in a row that were never reported that make a delivery dead. */
  unreportedMax: number
  /** Ignores `everyMs` (drain, close). */
  hurry?: boolean
  /**
   * Keys this worker still works on: never given to it again, whatever their lease says. A delivery that it was given and does
   * not name here is given back before anything else.
   */
  holding?: readonly string[]
}>

/** The answer to a worker. */
export type Claimed = Readonly<{
  /** Deliveries that may be sent now, the lane that has waited longest first within an adapter: one just served stands last. */
  claims: readonly Claim[]
  /**
   * When, at the earliest, there may be something, by the store's clock: a due time, room in a full limit, the end of a
   * pause or of a lease.
   */
  nextDueAt?: number
  /** How many lanes of the asked adapters other workers hold; absent when there are none. */
  others?: number
  /** As `settle` answers, one for each of `settlements`; absent where none were given. */
  settled?: readonly boolean[]
}>

/** How much there is of what, per adapter. */
export type Count = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** How many deliveries are in each state; states without any are left out. */
  states: Readonly<Partial<Record<State, number>>>
  /** How many of them are in doubt, in whatever state. */
  inDoubt: number
  /** When the oldest of those whose turn it is was planned, epoch ms: waiting, claimed or begun, not taken by hand. */
  oldestAt?: number
  /** Lanes stopped because a person deleted the card. */
  gone: number
  /** Lanes opened so far, and not pruned. */
  lanes: number
  /** Stored sessions that have no lane of this adapter. */
  unmirrored: number
  /** Deliveries on their way in lanes that were opened for another target than `counts` was given; 0 without one. */
  foreign: number
}>

/** Keeps sessions, events and deliveries, and moves them by the rules of `delivery/`. Verbs are atomic. */
export interface Store {
  // ── sessions
  /** A session and how far its lanes are planned; `undefined` for one that is not stored. */
  load(sessionId: string): Promise<StoredSession | undefined>
  /** Events of a session with a sequence above `after` (default 0), in order. */
  events(sessionId: string, after?: number): Promise<readonly SessionEvent[]>
  /** Sessions without their lists, newest first; at most `limit` (default 100). */
  sessions(filter: SessionFilter): Promise<readonly SessionSummary[]>
  /** The id of this store: of the file, not of the process; never changes. */
  identity(): Promise<string>
  /** The event of a session with this id, where it was recorded with a key. */
  findKey(sessionId: string, eventId: string): Promise<KnownKey | undefined>
  /** Messages that fit, newest first by `at`. */
  messages(filter: MessageFilter): Promise<MessagePage>
  /** Sessions whose title and events have all these words; it may give others too, and leaves out none. */
  search(filter: SearchFilter): Promise<SearchPage>
  /** Writes events without their texts over the stored ones, and leaves no earlier copy. Throws `NO_SUCH_SESSION`. */
  erase(sessionId: string, erasure: Erasure): Promise<void>
  /** Active sessions without an event since `before` (epoch ms), and how their last writer stands. */
  orphans(before: number): Promise<
    readonly Readonly<{
      /** The session's id. */
      id: string
      /** `closed`: its last writer closed its store. `vanished`: its process ended without. `living`: it has its lock still. */
      writer: 'vanished' | 'closed' | 'living'
    }>[]
  >
  /** Throws `VERSION_CONFLICT` when another writer was faster; `STORE` for a known key with other content. */
  commit(commit: Commit): Promise<readonly Placed[]>
  // ── deliveries
  /** Gives a worker the heads of lanes whose turn it is, each with a token and a lease, and counts their attempts. */
  claim(request: ClaimRequest): Promise<Claimed>
  /** Claims heads planned in `handoff` for a host that sends them itself: begun, without a lease. */
  take(adapter: string, limit: number): Promise<readonly Claim[]>
  /** Marks that the request may leave; false: the lease was lost. Clears earlier doubt. */
  begin(starts: readonly Readonly<{ key: string; token: string }>[]): Promise<readonly boolean[]>
  /**
   * Keeps what a delivery under way captured, before it is settled: from then on other processes may count on it, also where
   * this one ends before it settles. A name that the lane has keeps its value. Nothing for a delivery that is not under way.
   */
  capture(key: string, captures: Readonly<Record<string, Json>>): Promise<void>
  /** Writes settlements whose token still holds; false for the others. */
  settle(settlements: readonly Settlement[]): Promise<readonly boolean[]>
  /** Deliveries by adapter, lane and position; at most `limit` (default 1,000). */
  list(filter: DeliveryFilter): Promise<readonly Delivery[]>
  /** The values that the deliveries of a lane captured, by adapter and name. */
  listCaptures(lane: string): Promise<readonly Captured[]>
  /** Releases, retries, drops or acknowledges by hand; one answer for each key. A refusal has its reason, and an unknown key has no state. */
  move(keys: readonly string[], move: Move): Promise<readonly Moved[]>
  /**
   * Takes places of limits for reads that are sent outside of a claim; for each 0, or how many ms until there is one. Reads and
   * claims share one window.
   */
  draw(draws: readonly Draw[]): Promise<readonly number[]>
  /** Every pause, also of adapters this process does not have, by adapter, limit and owner. */
  pauses(): Promise<readonly Pause[]>
  /**
   * Begins a pause, in place of one of the same adapter, limit and owner. One with an owner is that worker's own: it is
   * there for people and for other workers to see, and holds no lane back.
   */
  pause(pause: Pause): Promise<void>
  /**
   * Ends the pause of an adapter, or of one of its limits; nothing when there is none. With `owner`: only that worker's
   * own. Without, the own pauses of all workers go with the adapter's.
   */
  unpause(adapter: string, limit?: string, owner?: string): Promise<void>
  /**
   * Moves the next check of a pause to `checkAt`, if nothing of it changed since it was read; false: another worker was
   * faster, and this one sends no check.
   */
  takeCheck(pause: Pause, checkAt: number): Promise<boolean>
  /**
   * How many deliveries there are in each state, for each adapter that ever had any and each that `targets` names: by
   * adapter, what its lanes must have been opened for; those of another target are `foreign`.
   */
  counts(targets?: Readonly<Record<string, string>>): Promise<readonly Count[]>
  /** Calls `hear` when others may have recorded something; answers how to end it. A hint: it may be missed, doubled or late. */
  watch?(hear: () => void): () => void
  // ── both
  /**
   * Removes sessions that ended, without an event since `before`, with everything settled; planned and dead older than
   * `keepBefore` go with theirs. The content of messages stored before `messagesBefore` goes too; left out, it stays.
   */
  prune(
    before: number,
    keepBefore: number,
    messagesBefore?: number,
  ): Promise<
    Readonly<{
      /** Sessions removed. */
      sessions: number
      /** Messages whose content was removed; their events stay. */
      messages: number
      /** Deliveries removed. */
      deliveries: number
    }>
  >
  /** Writes a copy of everything to a new file, while the store is in use. Throws `STORE` where there is one already. */
  backup?(path: string): Promise<void>
  /** The store's clock, epoch ms. */
  now(): number
  /** A short text for people: the file's path, or `memory`. */
  readonly where: string
  /** Frees its lock and its leases. Every call after it throws `STORE`; a second `close` does nothing. */
  close(): Promise<void>
}
