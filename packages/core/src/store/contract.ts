import type {
  Claim,
  Delivery,
  Incoming,
  LaneState,
  Move,
  Moved,
  Pause,
  Placed,
  Settlement,
  State,
} from '../delivery/model.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import type { SessionEvent } from '../session/events.ts'
import type { Json, SessionStatus, SessionSummary } from '../session/schema.ts'

export type { Incoming, Placed } from '../delivery/model.ts'

/** What one commit plans for one lane. */
export type LanePlan = Readonly<{
  adapter: string
  lane: string
  /** Opens the lane if it is not open yet, with what `start` handed over to this adapter. */
  open?: Readonly<{ refs: Readonly<Record<string, Json>> }>
  /** Moves the last event planned for; refused with `VERSION_CONFLICT` when `from` is not what is stored. */
  through?: Readonly<{ from: number; to: number }>
  deliveries: readonly Incoming[]
  /** `restart`: forgets the lane's captures, what was handed over and `gone`, drops the dead card, and puts `deliveries` before all that waits. */
  restart?: Readonly<{ dropping: readonly string[] }>
}>

/** Everything one recording call writes, in one transaction. */
export type Commit = Readonly<{
  /** Absent for `init` and for calls that belong to no session. `expected` is the revision before (0: a new session). */
  session?: Readonly<{ summary: SessionSummary; expected: number }>
  events: readonly SessionEvent[]
  lanes: readonly LanePlan[]
}>

/** A session as stored, and how far each of its open lanes is planned. */
export type StoredSession = Readonly<{ summary: SessionSummary; lanes: readonly LaneState[] }>

/** Which sessions; newest first. */
export type SessionFilter = Readonly<{
  project?: string
  user?: string
  status?: SessionStatus
  /** Only those that have no open lane of this adapter. */
  withoutLane?: string
  /** Default 100. */
  limit?: number
}>

/** Which deliveries; by adapter, lane and position. */
export type DeliveryFilter = Readonly<{
  keys?: readonly string[]
  adapter?: string
  /** A session's id, or another lane. */
  lane?: string
  state?: State | readonly State[]
  inDoubt?: boolean
  /** Default 1,000. */
  limit?: number
}>

/** What a worker asks for. The store grants an adapter only to one process at a time, by a lease it renews here. */
export type ClaimRequest = Readonly<{
  adapters: readonly Readonly<{ name: string; room: number }>[]
  /** How many more calls of this limit (`undefined`: of no limit) may begin now. */
  roomOf: (adapter: string, limit: string | undefined) => number
  /** How long an attempt of this descriptor may take, ms. */
  leaseMs: (descriptor: Descriptor) => number
  /** How long after an unreported end a `safe` call waits, ms. */
  afterMs: number
  unreportedMax: number
  /** Ignores `everyMs` (drain, close). */
  hurry?: boolean
  /** Keys this worker still works on: never given to it again, whatever their lease says. */
  holding?: readonly string[]
}>

/** What a worker gets. */
export type Claimed = Readonly<{
  claims: readonly Claim[]
  /** When, at the earliest, what is not due now may be, by the store's clock. What is due and waits for room is not told. */
  nextDueAt?: number
  /** Adapters another process delivers at the moment. */
  elsewhere: readonly string[]
}>

/** A captured value. */
export type Captured = Readonly<{ adapter: string; lane: string; name: string; value: Json; key: string }>

/** How much there is of what, per adapter. */
export type Count = Readonly<{
  adapter: string
  states: Readonly<Partial<Record<State, number>>>
  inDoubt: number
  /** `plannedAt` of the oldest delivery that is waiting, claimed or begun. */
  oldestAt?: number
  /** Lanes stopped because a person deleted the card. */
  gone: number
  lanes: number
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
  /** Active sessions without an event since `before` (epoch ms) whose last writer no longer holds its lock. */
  orphans(before: number): Promise<readonly Readonly<{ id: string; writer: 'vanished' | 'closed' }>[]>
  /** Throws `VERSION_CONFLICT` when another writer was faster; `STORE` for a known key with other content. */
  commit(commit: Commit): Promise<readonly Placed[]>
  // ── deliveries
  /** Gives a worker the heads of lanes whose turn it is, each with a token and a lease, and counts their attempts. */
  claim(request: ClaimRequest): Promise<Claimed>
  /** Claims heads planned in `handoff` for somebody else: begun, without a lease. */
  take(adapter: string, limit: number): Promise<readonly Claim[]>
  /** Marks that the request may leave; false: the lease was lost. Clears doubt that was believed away. */
  begin(starts: readonly Readonly<{ key: string; token: string }>[]): Promise<readonly boolean[]>
  /** Writes settlements whose token still holds; false for the others. */
  settle(settlements: readonly Settlement[]): Promise<readonly boolean[]>
  /** Deliveries by adapter, lane and position; at most `limit` (default 1,000). */
  list(filter: DeliveryFilter): Promise<readonly Delivery[]>
  /** What the deliveries of a lane captured, by adapter and name. */
  captured(lane: string): Promise<readonly Captured[]>
  /** Releases, revives, drops or acknowledges by hand; one answer for each key. Those refused say why, and one that is not known has no state. */
  move(keys: readonly string[], move: Move): Promise<readonly Moved[]>
  /** Every pause, also of adapters this process does not have. */
  pauses(): Promise<readonly Pause[]>
  /** Begins a pause, in place of one of the same adapter and limit. */
  pause(pause: Pause): Promise<void>
  /** Ends the pause of an adapter, or of one of its limits; nothing when there is none. */
  unpause(adapter: string, limit?: string): Promise<void>
  /** How many deliveries there are in each state, for each adapter that ever had any. */
  counts(): Promise<readonly Count[]>
  /** Gives an adapter's lease back, so that another process may deliver it at once. */
  yield(adapters: readonly string[]): Promise<void>
  // ── both
  /** Removes closed sessions, ended before `before`, with everything settled; planned and dead older than `keepBefore` go with theirs. */
  prune(before: number, keepBefore: number): Promise<Readonly<{ sessions: number; deliveries: number }>>
  /** The store's clock, epoch ms. */
  now(): number
  /** A short text for people: the file's path, or `memory`. */
  readonly where: string
  /** Frees its lock and its leases. Every call after it throws `STORE`; a second `close` does nothing. */
  close(): Promise<void>
}
