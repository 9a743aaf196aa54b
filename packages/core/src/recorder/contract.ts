import type { AnyAdapter } from '../adapter/contract.ts'
import type { Moved } from '../delivery/model.ts'
import type { Recall } from '../export/recall.ts'
import type { SessionEvent } from '../session/events.ts'
import type { ExportFormat, MessageRole } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import type { MessagePage, Store } from '../store/contract.ts'
import type {
  Acted,
  ActOptions,
  Backfilled,
  BackfillOptions,
  Blocked,
  BlockInput,
  CloseInput,
  DecideInput,
  EntityInput,
  Erased,
  EventsOptions,
  ExportOptions,
  Filter,
  MessageInput,
  MessagesOptions,
  MirrorOptions,
  MirrorResult,
  NotRecorded,
  Previewed,
  RecallOptions,
  Receipt,
  ResolveInput,
  ResumeInput,
  StartInput,
  Swept,
  UpdateInput,
} from './calls.ts'
import type { Emitter, Logger, RecorderEvents } from './context.ts'
import type { Applied } from './link.ts'

/** Options of a recorder. Clock and ids come from outside. */
export type RecorderOptions = Readonly<{
  /** Where sessions and deliveries are kept. Several recorders, also in other processes, may share one. */
  store: Store
  /** For whom events are planned; their names are unique. */
  adapters: readonly AnyAdapter[]
  /** The project of sessions that name none. */
  project: string
  /** The user of sessions that name none. */
  user?: string
  /** Epoch ms. */
  now: () => number
  /** Ids of sessions and events; never the same twice. */
  newId: () => string
  /** Redacts secrets in a text; every text of an event passes it before the filter. Default: none is redacted. */
  redact?: (text: string) => string
  /** The machine of sessions that name none. Default: none. */
  machine?: string
  /** Redacts, enriches or leaves out events and direct calls before they are stored. Default: all pass. */
  filter?: Filter
  /** `throw` (default), or `report`: a recording call never throws, its receipt says `recorded: false` and `error` is emitted. */
  onError?: 'throw' | 'report'
  /** Where observers listen; default one of its own. */
  emitter?: Emitter<RecorderEvents>
  /** False: no card shows the session's other cards. Default true. */
  crossLinks?: boolean
  /** Called when a stored request may be sent now. Default: none. */
  wake?: () => void
  /** A session whose writer vanished is ended this long after its last event, ms. Default 600,000. */
  crashAfterMs?: number
  /** A session whose writer closed or is alive is ended this long after its last event, ms. Default 86,400,000. */
  idleAfterMs?: number
  /** Gets one warning about a progress that looks like a share of one. Default: no warning. */
  logger?: Logger
  /** Sessions kept in memory at most. Default 200. */
  cacheSessions?: number
}>

/** Records sessions: one durable append for each call, without network. */
export interface Recorder {
  /** Calls `listener` each time; returns the function that ends it. */
  readonly on: Emitter<RecorderEvents>['on']
  /**
   * Begins a session and gives its id, which exists even where nothing was recorded: `again` is that id and the time of the
   * first try, for a start that is tried again.
   */
  start(
    input?: StartInput,
    again?: Readonly<{ id: string; at: string }>,
  ): Promise<
    Readonly<{
      /** The session's id. */
      id: string
      /** When it was asked for: ISO 8601. */
      at: string
      /** The receipt of the recorded event. */
      receipt: Receipt<'start'>
    }>
  >
  /** Records work that was done. */
  update(sessionId: string, description: string, input?: UpdateInput): Promise<Receipt<'update'>>
  /** Records a message of the conversation. It is stored and searchable, and mirrored nowhere unless an adapter asks. */
  message(
    sessionId: string,
    role: MessageRole,
    content: string,
    input?: MessageInput,
  ): Promise<Receipt<'message'>>
  /** Records a decision, and why it was made. */
  decide(sessionId: string, content: string, input?: DecideInput): Promise<Receipt<'decision'>>
  /** Records something that the work touched. */
  entity(sessionId: string, input: EntityInput): Promise<Receipt<'entity'>>
  /** Records a blocker. Its id is in the answer, whatever was recorded. */
  block(sessionId: string, description: string, input?: BlockInput): Promise<Blocked>
  /** A blocker is gone: named by its id, or by words that only one open blocker has. Allowed after `close`; once for each. */
  resolve(
    sessionId: string,
    blocker: string,
    resolution?: string,
    input?: ResolveInput,
  ): Promise<Receipt<'resolve'>>
  /** Reopens a session, however it ended. Records nothing where it is active. */
  resume(sessionId: string, reason?: string, input?: ResumeInput): Promise<Receipt<'resume'>>
  /** Ends a session. */
  close(sessionId: string, input?: CloseInput): Promise<Receipt<'close'>>
  /** Ends a session as `abandoned` if it is active, else does nothing. */
  abandon(sessionId: string): Promise<Receipt<'close'> | undefined>
  /** The session as it is. Throws `NO_SUCH_SESSION`. */
  load(sessionId: string): Promise<Session>
  /** Descriptors stored for a session and not sent yet, in their order. Throws `NO_SUCH_SESSION`. */
  preview(sessionId: string, filter?: Readonly<{ adapter?: string }>): Promise<readonly Previewed[]>
  /** The session as text; with `publish: true` the export is recorded too, for adapters that post it. */
  export(sessionId: string, format?: ExportFormat, options?: ExportOptions): Promise<string>
  /** Text for a prompt from what the store holds, within a hard budget. */
  recall(options?: RecallOptions): Promise<Recall>
  /** Messages, newest first. */
  messages(filter?: MessagesOptions): Promise<MessagePage>
  /** Events of a session in order, from the oldest on. Throws `INVALID_INPUT` and `NO_SUCH_SESSION`. */
  events(sessionId: string, options?: EventsOptions): Promise<readonly SessionEvent[]>
  /**
   * Erases the texts of a session or of one of its events, and plans edits of cards that show them. It waits for nothing: what
   * is under way stays as it is, and is erased by a later call, which is given `rewritten` of the one before.
   */
  erase(sessionId: string, eventId?: string, rewritten?: readonly string[]): Promise<Erased>
  /** Mirrors a session into adapters that have no lane for it: a card and one summary each. */
  mirror(sessionId: string, adapters?: readonly string[], options?: MirrorOptions): Promise<MirrorResult>
  /** Plans, stores and so delivers one call of an action, with the given input. */
  act(adapter: string, action: string, input: unknown, options?: ActOptions): Promise<Acted | NotRecorded>
  /** Mirrors sessions that an adapter was not there for. */
  backfill(adapter: string, options?: BackfillOptions): Promise<Backfilled>
  /** Makes a new card where a person deleted the old one, or where it could not be made. */
  recreateCard(sessionId: string, adapter: string): Promise<Backfilled>
  /** Takes dead deliveries up again; `resend` says that those in doubt did not happen. */
  retry(keys: readonly string[], options?: Readonly<{ resend?: boolean }>): Promise<readonly Moved[]>
  /** Ends sessions whose writer is gone. */
  sweep(): Promise<readonly Swept[]>
  /** Plans what the adapters set up in their services, once per configuration. */
  init(): Promise<void>
  /**
   * Plans what a delivery that was applied makes known: links to its card in the session's other cards. Call it before the
   * delivery is settled. `undefined`: it makes nothing known.
   */
  linkApplied(applied: Applied): Promise<void> | undefined
  /** Looks again at the links of a session when a card of it was written. */
  linkSettled(delivered: Readonly<{ key: string; lane: string }>): void
  /** Plans links of a session in the background. */
  link(sessionId: string): void
  /** Resolves when no link is being planned in the background. */
  finishLinks(): Promise<void>
  /** Empties the memory of sessions: needed after something was removed from the store. */
  clear(): void
  /** Takes no more recording calls, and resolves when those under way are done. The store stays open. */
  stop(): Promise<void>
}
