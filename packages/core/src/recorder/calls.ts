import type { AnyAdapter } from '../adapter/contract.ts'
import type { State } from '../delivery/model.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import type { TrackerError } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import type { PointInTime } from '../session/fields.ts'
import type { Hook, Json, Raw } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import type { MessageFilter, SessionFilter } from '../store/contract.ts'

/** Input of `start`. Every field may be left out where the tracker knows the user. */
export type StartInput = Raw['start']
/** Input of `update` apart from its description. */
export type UpdateInput = Omit<Raw['update'], 'description'>
/** Input of `message` apart from its role and content. */
export type MessageInput = Omit<Raw['message'], 'role' | 'content'>
/** Input of `decide` apart from the decision. */
export type DecideInput = Omit<Raw['decision'], 'content'>
/** Input of `entity`: something the work touched. */
export type EntityInput = Raw['entity']
/** Input of `block` apart from its description. */
export type BlockInput = Omit<Raw['blocker'], 'description'>
/** Input of `resolve` apart from the blocker and the resolution. */
export type ResolveInput = Omit<Raw['resolve'], 'blockerId' | 'resolution'>
/** Input of `close`. */
export type CloseInput = Raw['close']
/** Input of `resume` apart from the reason. */
export type ResumeInput = Omit<Raw['resume'], 'reason'>

/** Options of `export` apart from the format. */
export type ExportOptions = Readonly<{
  /** Longest text of the format `context`, in characters. Default 8,000. */
  budget?: number | undefined
  /** True: records the export as an event, which some adapters post. Default false: nothing is recorded. */
  publish?: boolean | undefined
}>

/** Stored: the event, the session as it was then, and the descriptors planned for it. */
export type Recorded<H extends Hook = Hook> = Readonly<{
  /** It is stored, and survives the end of this process. */
  recorded: true
  /** As stored: after redaction and filter, with its defaults. A `resume` that went before it is not given here. */
  event: SessionEvent<H>
  /** As it was right after the event. */
  session: Session
  /** Of all adapters, in the order they were planned; those of hooks that threw are left out. */
  descriptors: readonly Descriptor[]
  /** True: its `key` was recorded before, so nothing was written; `session` is as it is now. */
  repeated?: true
}>

/**
 * Nothing was stored. `error` says why (with `onError: 'report'`). Without it the filter left the event out, or there was
 * nothing to do: a `resume` of an active session, a second end of a session that was left.
 */
export type NotRecorded = Readonly<{
  /** Nothing was written, and nothing will be sent. */
  recorded: false
  /** The error that the call would have thrown. */
  error?: TrackerError
}>

/** Result of a recording call. */
export type Receipt<H extends Hook = Hook> = Recorded<H> | NotRecorded

/** A direct call on its way to the filter; `input` is what the caller gave. */
export type ActEvent = Readonly<{
  /** Tells it from the events of a session. */
  type: 'act'
  /** Absent when it belongs to no session. */
  sessionId?: string
  /** When it was asked for: ISO 8601, UTC, milliseconds. */
  time: string
  /** The call itself. A filter may change `input` and nothing else. */
  payload: Readonly<{
    /** The adapter's name in the tracker. */
    adapter: string
    /** The name of its action, as in `addWorklog`. */
    action: string
    /** As the caller gave it, before the action's schema checks it. */
    input: Json
  }>
}>

/**
 * Runs before anything is stored. It may give back the event, a changed copy (redacted, enriched), or `undefined` to
 * leave it out. Direct calls pass as events of type `act`. Ids, times and kinds stay as they are, and what comes back is
 * checked like input. When it throws, the recording call throws `CONFIG` and nothing is stored.
 */
export type Filter = (event: SessionEvent | ActEvent) => SessionEvent | ActEvent | undefined

/** Adapters of a tracker, by name. */
export type Adapters = ReadonlyMap<string, AnyAdapter>

/** Where a direct call belongs. */
export type ActOptions = Readonly<{
  /** The session whose lane the call joins, at its end. Default: a lane of its own, which waits for no other. */
  sessionId?: string | undefined
  /**
   * Makes the call once: another with the same key and content is not sent again. Default: a new one each
   * time.
   */
  key?: string | undefined
}>

/** A direct call that was stored. `known`: its key was stored before, and nothing new will be sent. */
export type Acted = Readonly<{
  /** It is stored, and survives the end of this process. */
  recorded: true
  /** Its idempotency key: what `settled`, `release`, `retry` and `drop` take. */
  key: string
  /** The call as it will be sent. */
  descriptor: Descriptor
  /** Where it went: `waiting`, or `planned` in preview mode; of a known key, where it stands. */
  state: State
  /** True: the key was stored before with this content, and nothing was written. */
  known: boolean
}>

/**
 * A descriptor as `preview` gives it: with the name of the adapter it was planned for, which a key need not
 * tell.
 */
export type Previewed = Descriptor &
  Readonly<{
    /** The adapter's name in the tracker. */
    adapter: string
  }>

/** How far a back-fill is: `sessions` of so many are looked at, and `deliveries` were planned for them. */
export type BackfillProgress = Readonly<{
  /** Sessions looked at so far. */
  sessions: number
  /** Sessions to look at in all. */
  of: number
  /** Deliveries planned so far. */
  deliveries: number
}>

/** Selection of sessions for `backfill`. */
export type BackfillOptions = Readonly<{
  /**
   * One session. Default: all of the project that the adapter does not mirror yet, without those that were started with
   * `mirror: false`.
   */
  sessionId?: string | undefined
  /** Only sessions that started at this time or later: a Date, ISO 8601 text or epoch ms. Default: all. */
  since?: PointInTime | undefined
  /** At most so many sessions, the newest. Default: all. */
  limit?: number | undefined
  /** True: counts what would be planned and stores nothing. Default false. */
  dryRun?: boolean | undefined
  /** `summary` (default): the card and one summary. `each`: every entry too. */
  log?: 'summary' | 'each' | undefined
  /** Receives the progress after each session. Default: none. */
  onProgress?: ((progress: BackfillProgress) => unknown) | undefined
}>

/** Newly mirrored sessions by id, and how many deliveries were planned for them. */
export type Backfilled = Readonly<{
  /** Ids of the sessions that were newly mirrored. */
  sessions: readonly string[]
  /** How many deliveries were planned for them. */
  deliveries: number
}>

/** Options of `session.mirror`. */
export type MirrorOptions = Readonly<{
  /**
   * Items that exist, by adapter and its own name, as `start` takes them: the adapter takes them up while the session goes
   * on, and records them as entities. Refused with `INVALID_INPUT` where it made a card already. Default: none.
   */
  refs?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined
}>

/** Result of `session.mirror`. */
export type MirrorResult = Readonly<{
  /** Names of the adapters that mirror the session from now on. */
  adapters: readonly string[]
  /** How many deliveries were planned for them. */
  deliveries: number
}>

/** Result of `block`: its receipt, and the blocker's id whatever was recorded. */
export type Blocked = Receipt<'blocker'> &
  Readonly<{
    /** The id to pass to `resolve`. */
    id: string
  }>

/** Selection of `tracker.sessions`. */
export type SessionsOptions = Readonly<
  Omit<SessionFilter, 'since'> & {
    /** Only those that started at this time or later: a Date, ISO 8601 text or epoch ms. Default: no limit. */
    since?: PointInTime | undefined
  }
>

/** Selection of `tracker.messages`. */
export type MessagesOptions = Readonly<
  Omit<MessageFilter, 'since'> & {
    /** Only those that happened at this time or later: a Date, ISO 8601 text or epoch ms. Default: no limit. */
    since?: PointInTime | undefined
  }
>

/** Which events of a session. */
export type EventsOptions = Readonly<{
  /** Only those with a higher `sequence`: that of the last event of the page before. Default 0: from the first. */
  after?: number | undefined
  /** At most so many. Default 1,000. */
  limit?: number | undefined
}>

/** Filter and bounds of `recall`. */
export type RecallOptions = Readonly<{
  /** Words that a line must all have, in any case. Default: none are asked for. */
  query?: string | undefined
  /** The project; default the tracker's. */
  project?: string | undefined
  /** Limits it to one session. Default: all sessions of the project. */
  sessionId?: string | undefined
  /** Leaves out everything that happened earlier: a Date, ISO 8601 text or epoch ms. Default: no limit. */
  since?: PointInTime | undefined
  /** Longest text, in characters (UTF-16 units). Default 9,500. */
  budget?: number | undefined
}>

/** Result of `forget`, with the work that is left for a person. */
export type Forgotten = Readonly<{
  /** How many events lost their texts. */
  events: number
  /** Adapters whose card is edited, so that it no longer shows them. */
  edited: readonly string[]
  /** Keys that were dropped before they were sent. */
  dropped: readonly string[]
  /** Keys of calls that were sent with the texts and whose deletion in the service is planned. */
  deleting: readonly string[]
  /** Calls that were sent with the texts and that neither an edit nor a deletion of ours takes back. */
  remaining: readonly Readonly<{
    /** The adapter's name in the tracker. */
    adapter: string
    /** The key of the delivery. */
    key: string
    /** The name of the adapter's action. */
    action: string
    /** Advice for the person. */
    todo: string
  }>[]
  /**
   * Keys of deliveries that were still under way at the end, or that a person took. They keep the texts, and may be sent again
   * with them: call `forget` again when they have settled.
   */
  underWay: readonly string[]
}>

/** Result of `erase`, with the keys of what it planned. */
export type Erased = Forgotten &
  Readonly<{
    /** Keys of edits, deletions and rewrites that were planned. */
    planned: readonly string[]
    /** Keys of calls that set a value again without the texts, those of earlier calls too. */
    rewritten: readonly string[]
  }>

/** A session that `sweep` ended. */
export type Swept = Readonly<{
  /** The session's id. */
  sessionId: string
  /** `crashed`: its writer vanished. `abandoned`: its writer closed its tracker, or recorded nothing for `idleAfterMs`. */
  end: 'crashed' | 'abandoned'
}>
