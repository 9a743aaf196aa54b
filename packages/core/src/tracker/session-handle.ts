import type {
  BlockInput,
  CloseInput,
  DecideInput,
  EntityInput,
  NotRecorded,
  Receipt,
  UpdateInput,
} from '../recorder/calls.ts'
import type { Recorder } from '../recorder/recorder.ts'
import type { ExportFormat } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import type { SessionCard } from './cards.ts'

/** A blocker's receipt, with the way to resolve it. */
export type BlockReceipt = Receipt<'blocker'> &
  Readonly<{
    /** Resolves this blocker; allowed after `close` too. */
    resolve: (resolution?: string) => Promise<Receipt<'resolve'>>
  }>

/** A session to record on. Every call is one durable append; none waits for a service. */
export interface SessionHandle {
  /** The session's id, for `tracker.session(id)` in any process. */
  readonly id: string
  /** What was done. Throws `INVALID_INPUT`, `SESSION_CLOSED` and `STORE` unless errors are reported. */
  update(description: string, input?: UpdateInput): Promise<Receipt<'update'>>
  /** What was chosen, and why. */
  decide(content: string, input?: DecideInput): Promise<Receipt<'decision'>>
  /** What the work touched. */
  entity(input: EntityInput): Promise<Receipt<'entity'>>
  /** What is in the way; its receipt resolves it. */
  block(description: string, input?: BlockInput): Promise<BlockReceipt>
  /** Resolves a blocker by its id; allowed after `close` too. */
  resolve(blockerId: string, resolution?: string): Promise<Receipt<'resolve'>>
  /** Ends the session; nothing but resolutions, exports and direct calls can follow. */
  close(input?: CloseInput): Promise<Receipt<'close'>>
  /**
   * Writes an export event and gives the text: default `markdown`; of `context` at most `budget` characters. Adapters
   * with an `export` hook post it, each time: a comment in Linear. To look without posting, take `load` or `tracker.report`.
   */
  export(format?: ExportFormat, options?: Readonly<{ budget?: number }>): Promise<string>
  /** The session as it is. */
  load(): Promise<Session>
  /** Its card in each service, with its address where it is known. Sends nothing. Throws `NO_SUCH_SESSION`. */
  cards(): Promise<readonly SessionCard[]>
  /** Ends a session that this handle started and nobody closed as `abandoned`. An attached one is left as it is. */
  [Symbol.asyncDispose](): Promise<void>
}

/** The handle that `start` gives. */
export interface StartedSession extends SessionHandle {
  /** What `start` recorded. `recorded: false`: there is no session, and the handle's calls answer the same. */
  readonly receipt: Receipt<'start'>
}

/** What a handle calls. */
export type HandleParts = Readonly<{
  recorder: Recorder
  cards: (sessionId: string) => Promise<readonly SessionCard[]>
}>

const handleOf = (
  { recorder, cards }: HandleParts,
  id: string,
  refused: NotRecorded | undefined,
  started: boolean,
): SessionHandle => {
  let closed = false
  /** A session whose start was not recorded does not exist: its calls say so without asking the store. */
  const unless = <R>(call: () => Promise<R>): Promise<R | NotRecorded> =>
    refused === undefined ? call() : Promise.resolve(refused)
  const resolve = (blockerId: string, resolution?: string) =>
    unless(() => recorder.resolve(id, blockerId, resolution))
  return {
    id,
    update: (description, input) => unless(() => recorder.update(id, description, input)),
    decide: (content, input) => unless(() => recorder.decide(id, content, input)),
    entity: input => unless(() => recorder.entity(id, input)),
    block: async (description, input) => {
      const receipt = await unless(() => recorder.block(id, description, input))
      const resolving = async (resolution?: string): Promise<Receipt<'resolve'>> =>
        receipt.recorded ? resolve(receipt.event.payload.blockerId, resolution) : receipt
      // Added to the receipt itself: a copy of it would look at its session.
      return Object.assign(receipt.recorded ? receipt : { ...receipt }, { resolve: resolving })
    },
    resolve,
    close: async input => {
      const receipt = await unless(() => recorder.close(id, input))
      if (receipt.recorded) closed = true
      return receipt
    },
    export: async (format, options) => (refused === undefined ? recorder.export(id, format, options) : ''),
    load: () => recorder.load(id),
    cards: async () => (refused === undefined ? cards(id) : []),
    [Symbol.asyncDispose]: async () => {
      if (started && !closed && refused === undefined) await recorder.abandon(id)
    },
  }
}

/** Makes a handle on a session that was started before, perhaps by another process. */
export const attachSession = (parts: HandleParts, id: string): SessionHandle =>
  handleOf(parts, id, undefined, false)

/** Makes the handle of a session that was just started. */
export const openSession = (parts: HandleParts, id: string, receipt: Receipt<'start'>): StartedSession =>
  Object.assign(handleOf(parts, id, receipt.recorded ? undefined : receipt, true), { receipt })
