import type { AnyAdapter } from '../adapter/contract.ts'
import type { State } from '../delivery/model.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import type { TrackerError } from '../session/errors.ts'
import type { Hook, SessionEvent } from '../session/events.ts'
import type { Json, Session, Severity } from '../session/schema.ts'

/** What `start` takes. All of it may be left out where the tracker knows the user. */
export type StartInput = Readonly<{
  /** Who works; default the tracker's `user`. */
  user?: string | undefined
  /** Default the tracker's `project`. */
  project?: string | undefined
  /** What works for the user, as in `Claude`. */
  agent?: string | undefined
  /** What is to be reached. Its first line is the session's title. */
  goal?: string | undefined
  /** In percent, as in `update`; default the last progress of the project. */
  progress?: number | undefined
  /** The session this one is a part of. */
  parentId?: string | undefined
  /** The session this one follows; default the newest of the project. */
  previousId?: string | undefined
  /** What exists already, by `<adapter>.<name>`: that adapter takes it up instead of making its own. */
  refs?: Readonly<Record<string, string>> | undefined
  /** Any JSON. Keys that begin with `$` are refused. */
  metadata?: Readonly<Record<string, unknown>> | undefined
}>

/** What `update` takes beside its description. */
export type UpdateInput = Readonly<{
  /** In percent, 0 to 100, and rounded: 0.5 is half a percent, not a half. May fall. */
  progress?: number | undefined
  /** Words to find it by, each cut at 2 KiB; blank ones are left out. Default none. */
  tags?: readonly string[] | undefined
  /** What is to be done next, each cut at 64 KiB; cards show those of the newest update. */
  nextSteps?: readonly string[] | undefined
}>

/** What `decide` takes beside the decision. */
export type DecideInput = Readonly<{
  /** Why. */
  rationale?: string | undefined
  /** What else was considered. */
  alternatives?: readonly string[] | undefined
  /** What follows from it; cut at 64 KiB. */
  impact?: string | undefined
  /** A word for its kind, as in `architecture`; cut at 2 KiB. */
  category?: string | undefined
  /** The `decisionId` of an earlier decision of this session that no longer holds. */
  supersedes?: string | undefined
  /** Names of what it concerns, as `entity` recorded them; each cut at 2 KiB. Default none. */
  relatedEntities?: readonly string[] | undefined
}>

/** What `entity` takes: something the work touched. */
export type EntityInput = Readonly<{
  /** What it is called, as in `InvoiceLock`; not blank, cut at 2 KiB. */
  name: string
  /** A word for what it is: file, class, pull request, pipeline. */
  type: string
  /** Where it is: a file's path or a web address; cut at 2 KiB. */
  path?: string | undefined
  /** What it is for; cut at 64 KiB. */
  description?: string | undefined
  /** Any JSON. Keys that begin with `$` are refused. */
  properties?: Readonly<Record<string, unknown>> | undefined
}>

/** What `block` takes beside its description. */
export type BlockInput = Readonly<{
  /** A word for where it comes from; default `general`. */
  category?: string | undefined
  /** Default `medium`. */
  severity?: Severity | undefined
}>

/** What `close` takes. */
export type CloseInput = Readonly<{
  /** Default `completed`: nothing but resolutions and exports can be recorded after it. */
  end?: 'completed' | 'crashed' | 'abandoned' | undefined
  /** What came of it, shown on the card; cut at 64 KiB. */
  summary?: string | undefined
  /** In percent, as in `update`; default as it is. */
  progress?: number | undefined
}>

/** Stored: the event, the session as it was then, and the descriptors planned for it. */
export type Recorded<H extends Hook = Hook> = Readonly<{
  /** It is stored, and survives the end of this process. */
  recorded: true
  /** As stored: after the filter, with its defaults. A `resume` that went before it is not told here. */
  event: SessionEvent<H>
  /** As it was right after the event. */
  session: Session
  /** Of all adapters, in the order they were planned; those of hooks that threw are left out. */
  descriptors: readonly Descriptor[]
}>

/**
 * Nothing was stored: `error` says why (with `onError: 'report'`); without it the filter left the event out.
 */
export type NotRecorded = Readonly<{
  /** Nothing was written, and nothing will be sent. */
  recorded: false
  /** What the call would have thrown. */
  error?: TrackerError
}>

/** What a recording call answers. */
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
  /** The session in whose lane it goes, behind all that waits there. */
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

/** What `backfill` mirrors. */
export type BackfillOptions = Readonly<{
  /** One session; default all of the project that the adapter does not mirror yet. */
  sessionId?: string | undefined
  /** `summary` (default): the card and one summary. `each`: every entry too. */
  log?: 'summary' | 'each' | undefined
  /** Hears how far it is, after each session. */
  onProgress?: ((progress: BackfillProgress) => unknown) | undefined
}>

/** What was newly mirrored: sessions by id, and how many deliveries were planned for them. */
export type Backfilled = Readonly<{
  /** Ids of the sessions that were newly mirrored. */
  sessions: readonly string[]
  /** How many deliveries were planned for them. */
  deliveries: number
}>

/** A session that `sweep` ended. */
export type Swept = Readonly<{
  /** The session's id. */
  sessionId: string
  /** `crashed`: its writer vanished. `abandoned`: its writer had closed its tracker. */
  end: 'crashed' | 'abandoned'
}>
