import type { AnyAdapter } from '../adapter/contract.ts'
import type { DeliveryEvents } from '../delivery/events.ts'
import type { Delivery, Moved } from '../delivery/model.ts'
import type { Drained } from '../delivery/worker.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import type { Recall } from '../export/recall.ts'
import type {
  ActOptions,
  Backfilled,
  BackfillOptions,
  EventsOptions,
  ExportOptions,
  Forgotten,
  MessagesOptions,
  NotRecorded,
  Previewed,
  RecallOptions,
  SessionsOptions,
  Swept,
} from '../recorder/calls.ts'
import type { RecorderEvents } from '../recorder/context.ts'
import type { RenderFormat, RenderOptions } from '../render/render.ts'
import type { SessionEvent } from '../session/events.ts'
import type { ExportFormat } from '../session/schema.ts'
import type { SessionSummary } from '../session/session.ts'
import type { DeliveryFilter, MessagePage } from '../store/contract.ts'
import type { ActedAction, DeliveredAction, WaitOptions } from './act.ts'
import type { HandReply, PauseInput, Taken } from './by-hand.ts'
import type { DrainOptions, ForgetOptions } from './call-options.ts'
import type { AdapterCheck } from './check.ts'
import type { SessionHandle, StartedSession } from './recording.ts'
import type { Settled } from './settled.ts'
import type { Status } from './status.ts'
import type {
  AdapterName,
  CaptureOf,
  InputOf,
  Listed,
  OutputOf,
  ReadName,
  StartOf,
  WriteName,
} from './typed.ts'

/** Payloads of the tracker's events, by event name. */
export type TrackerEvents = RecorderEvents & DeliveryEvents

/** Records sessions and mirrors them, in one process. */
export interface Tracker<A extends Listed = readonly AnyAdapter[]> {
  /** Begins a session. Throws `INVALID_INPUT` and `STORE` unless errors are reported. */
  start(input?: StartOf<A>): Promise<StartedSession>
  /** A handle on a session that any process started. The store is read when something is recorded. */
  session(id: string): SessionHandle
  /** Sessions, newest first; default 100. Throws `INVALID_INPUT` for an unknown filter or status. */
  sessions(filter?: SessionsOptions): Promise<readonly SessionSummary[]>
  /**
   * Stores one call of an action; the worker delivers it like a hook's. Resolves when it is stored; `settled()` of the
   * result waits for the service. With `wait: true` it resolves when the service has answered, with what the action
   * captures, and throws `ADAPTER` with the reason when the call is not delivered within `timeoutMs` (default 10,000).
   * Throws `INVALID_INPUT`, also for a `key` that was used for a different call, and `CONFIG` for a destructive action
   * that is not allowed.
   */
  act<N extends AdapterName<A>, K extends WriteName<A, N>>(
    adapter: N,
    action: K,
    input: InputOf<A, N, K>,
    options: WaitOptions,
  ): Promise<DeliveredAction<CaptureOf<A, N, K>> | NotRecorded>
  act<N extends AdapterName<A>, K extends WriteName<A, N>>(
    adapter: N,
    action: K,
    input: InputOf<A, N, K>,
    options?: ActOptions,
  ): Promise<ActedAction<CaptureOf<A, N, K>> | NotRecorded>
  /** Runs a read at once. Throws `ADAPTER` when the service does not answer it. */
  read<N extends AdapterName<A>, K extends ReadName<A, N>>(
    adapter: N,
    action: K,
    input: InputOf<A, N, K>,
  ): Promise<OutputOf<A, N, K>>
  /** Waits until one delivery moves no more by itself, at most `timeoutMs` (default 10,000; `Infinity` is allowed), and gives its state. */
  settled(key: string, options?: Readonly<{ timeoutMs?: number }>): Promise<Settled>
  /** Deliveries by adapter, lane and position; default 1,000. Throws `INVALID_INPUT` for an unknown filter, state or adapter. */
  deliveries(filter?: DeliveryFilter): Promise<readonly Delivery[]>
  /** Descriptors of a session that are not sent yet, in their order, each with its adapter. Throws `NO_SUCH_SESSION`. */
  preview(sessionId: string, filter?: Readonly<{ adapter?: AdapterName<A> }>): Promise<readonly Previewed[]>
  /**
   * Descriptors as text, with the renderers and the lines for people of this tracker's adapters; see `render` of
   * `@sessionwire/core/render`. Throws `INVALID_INPUT` for an unknown format.
   */
  render(
    descriptors: readonly Descriptor[] | Descriptor,
    format: RenderFormat | (string & {}),
    options?: Pick<RenderOptions, 'comments'>,
  ): string
  /** Sends what was planned in mode `preview`, in its old place. */
  release(keys: string | readonly string[]): Promise<readonly Moved[]>
  /** Takes deliveries planned in mode `handoff`, for the caller to send; default one. */
  take(adapter: AdapterName<A>, options?: Readonly<{ limit?: number }>): Promise<readonly Taken[]>
  /** Marks a delivery as sent by hand. Throws `INVALID_INPUT` naming the values that later calls need from `reply`, or for a reply of a failed call. */
  acknowledge(key: string, reply?: HandReply): Promise<Moved>
  /** Sends dead letters again; with `resend` also those in doubt, because the caller knows that they were not applied, and those taken and not sent. */
  retry(keys: string | readonly string[], options?: Readonly<{ resend?: boolean }>): Promise<readonly Moved[]>
  /** Removes planned, waiting or dead deliveries from the queue for good. */
  drop(keys: string | readonly string[]): Promise<readonly Moved[]>
  /** Pauses an adapter or one of its limits. */
  pause(adapter: AdapterName<A>, input?: PauseInput): Promise<void>
  /** Ends a pause of any kind. */
  unpause(adapter: AdapterName<A>, options?: Readonly<{ limit?: string }>): Promise<void>
  /** State of every adapter. Sends nothing. */
  status(): Promise<Status>
  /**
   * Proves an adapter's address and credential with one cheap read, then each target its hooks write to (team, channel,
   * issue type, rights), and gives what to do about what failed. Changes nothing in the service.
   */
  check(adapter: AdapterName<A>): Promise<AdapterCheck>
  /** A session as text, default `markdown`. Records nothing unless `publish` is true: then adapters may post it. */
  export(sessionId: string, format?: ExportFormat, options?: ExportOptions): Promise<string>
  /**
   * Text for a prompt, within a hard budget, and the same as data: goal and state of the newest session, open blockers, next
   * steps, decisions that stand, what has every word of `query`, links. The same store gives the same text.
   */
  recall(options?: RecallOptions): Promise<Recall>
  /** Messages of a session or project, newest first, paged by cursor; default 100. */
  messages(filter?: MessagesOptions): Promise<MessagePage>
  /**
   * Events of a session as they are stored, oldest first, at most `limit` (default 1,000). `after` is the `sequence` of the
   * last event of the page before. Throws `INVALID_INPUT`, and `NO_SUCH_SESSION` for an unknown session.
   */
  events(sessionId: string, options?: EventsOptions): Promise<readonly SessionEvent[]>
  /**
   * Erases the texts of a session, or of one of its events, from the store; drops what was not sent, edits and renames the
   * cards, deletes comments where the adapter can, and lists what was sent and stays in the services. Waits for deliveries of
   * the session that are under way, in any process, for up to `timeoutMs` (default 30,000), and erases them when they have
   * settled: one that failed is not sent again. Keys that are still under way then are in `underWay`. Throws `INVALID_INPUT`
   * for an unknown event, and `NO_SUCH_SESSION`.
   */
  forget(sessionId: string, eventId?: string, options?: ForgetOptions): Promise<Forgotten>
  /** A session as one self-contained HTML page to look at. Records nothing. Throws `NO_SUCH_SESSION`. */
  report(sessionId: string): Promise<string>
  /** Mirrors older sessions of the project that an adapter was not there for. */
  backfill(adapter: AdapterName<A>, options?: BackfillOptions): Promise<Backfilled>
  /** Makes a new card, as things are set up now, where a person deleted the old one or it died or was dropped. Throws `INVALID_INPUT` for a card that is fine. */
  recreateCard(sessionId: string, adapter: AdapterName<A>): Promise<Backfilled>
  /** Ends sessions whose writer is gone; `createTracker` does it too. */
  sweep(): Promise<readonly Swept[]>
  /** Delivers what can go within `timeoutMs` (default 10,000; `Infinity` is allowed), and gives what is left; `onProgress` receives progress. */
  drain(options?: DrainOptions): Promise<Drained>
  /**
   * Writes a copy of the store to a new file while it is in use. Throws `CONFIG` for a store that has no copy of its own,
   * `STORE` where the file exists or cannot be written.
   */
  backup(path: string): Promise<void>
  /** Removes sessions that ended `olderThanMs` ago (default 30 days) with all that is settled; sessions with planned, dead or blocked deliveries are kept for `keepMs` (default 90 days). The content of messages older than `messagesMs` (default `olderThanMs`) goes too. */
  prune(options?: Readonly<{ olderThanMs?: number; keepMs?: number; messagesMs?: number }>): Promise<
    Readonly<{
      /** Messages whose content was removed. */
      messages: number
      /** Sessions removed. */
      sessions: number
      /** Deliveries removed. */
      deliveries: number
    }>
  >
  /** Calls `listener` each time; returns the function that ends it. An error that a listener throws is reported as `error`. Throws `INVALID_INPUT` for an unknown name. */
  on<N extends keyof TrackerEvents>(name: N, listener: (payload: TrackerEvents[N]) => unknown): () => void
  /**
   * Waits for requests under way, begins none, and closes the store. Sessions stay as they are. It waits a minute for a store
   * that gives no answer, then ends with an `error` event.
   */
  close(): Promise<void>
  /**
   * Ends an `await using` scope: delivers what can go within `drainOnClose` (default 2,000 ms), writes what is left to the
   * logger, then closes. With `deliver: false` it only closes.
   */
  [Symbol.asyncDispose](): Promise<void>
}
