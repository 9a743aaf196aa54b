import type { Timers } from '../delivery/waits.ts'
import type {
  Blocked,
  BlockInput,
  CloseInput,
  DecideInput,
  EntityInput,
  ExportOptions,
  MessageInput,
  MirrorOptions,
  MirrorResult,
  NotRecorded,
  Receipt,
  ResolveInput,
  ResumeInput,
  StartInput,
  UpdateInput,
} from '../recorder/calls.ts'
import type { Recorder, RecorderOptions } from '../recorder/contract.ts'
import type { ExportFormat, MessageRole } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import type { SessionCard } from './cards.ts'
import { carefulMonotonic, carefulNow } from './host-functions.ts'

/** Redaction of recorded texts before they are stored. */
export type RedactOptions = Readonly<{
  /** Values of the adapters' secrets, as far as this process has read them. Default true. */
  known?: boolean | undefined
  /** Tokens of known services, private keys, passwords in addresses, lines of `.env` files. Default true. */
  patterns?: boolean | undefined
  /** Further patterns; each match becomes `[redacted]`. Default: none. */
  also?: readonly RegExp[] | undefined
}>

type Host = Readonly<{ getBuiltinModule?: (name: string) => { hostname?: () => string } | undefined }>

/** The host's name, where the runtime tells it without a permission that may be refused. */
const hostName = (): string | undefined => {
  try {
    const { process } = globalThis as unknown as { process?: Host }
    return process?.getBuiltinModule?.('node:os')?.hostname?.() || undefined
  } catch {
    return undefined
  }
}

/**
 * The recorder's options from `redact` and `machine`. `known` redacts the secrets that this process has read. The patterns are
 * loaded here, so that the main entry stays small where nothing is redacted.
 */
export const recordingOptions = async (
  given: Readonly<{ redact?: RedactOptions | false | undefined; machine?: string | false | undefined }>,
  known: (text: string) => string,
): Promise<Pick<RecorderOptions, 'redact' | 'machine'>> => {
  const { redact = {}, machine = hostName() } = given
  const place = machine === false || machine === undefined ? {} : { machine }
  if (redact === false) return place
  const { known: isKnown = true, patterns = true, also = [] } = redact
  if (!isKnown && !patterns && also.length === 0) return place
  const rules = { patterns, also, ...(isKnown ? { redact: known } : {}) }
  const { redactText } = await import('../session/redact-text.ts')
  return { ...place, redact: text => redactText(text, rules) }
}

/** Longest time between two looks for idle sessions, ms. */
const LOOK_MS = 3_600_000

/** Calls `sweep` again and again while the process lives; the timer never keeps it alive. Answers how to end it. */
export const sweepOften = (
  timers: Timers,
  afterMs: number,
  sweep: () => Promise<unknown>,
  report: (thrown: unknown) => void,
): (() => void) => {
  let cancel: () => void = () => undefined
  let isOver = false
  const arm = (): void => {
    cancel = timers.after(Math.min(LOOK_MS, Math.max(1_000, afterMs)), () => {
      void sweep()
        .catch(report)
        .then(() => {
          if (!isOver) arm()
        })
    })
  }
  arm()
  return () => {
    isOver = true
    cancel()
  }
}

/** The clocks of a tracker: epoch ms as whole numbers, and ms that always rise at the same speed. */
export const createClocks = (
  given: Readonly<{ now?: (() => number) | undefined; monotonic?: (() => number) | undefined }>,
) => {
  const now = given.now === undefined ? () => Date.now() : carefulNow(given.now)
  return {
    now: () => Math.floor(now()),
    monotonic: given.monotonic === undefined ? () => performance.now() : carefulMonotonic(given.monotonic),
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Makes ids that sort by time: UUIDs of version 7 (RFC 9562 section 5.7), rising within a millisecond too. */
export const createIds = (
  now: () => number,
  fill: (bytes: Uint8Array<ArrayBuffer>) => void,
): (() => string) => {
  // Random bytes are drawn for many ids at once: drawing them costs more than all the rest.
  const pool = new Uint8Array(1_280)
  let used = pool.length
  let last = -1
  let count = 0
  let head = ''
  const begin = (time: number, from: number) => {
    const ms = time.toString(16).padStart(12, '0')
    head = `${ms.slice(0, 8)}-${ms.slice(8)}-7`
    last = time
    count = from
  }
  const chance = (place: number) => pool[used + place] ?? 0
  const hex = (place: number) => HEX[chance(place)] ?? ''
  return () => {
    if (used + 10 > pool.length) {
      fill(pool)
      used = 0
    }
    const time = Math.max(0, Math.floor(now()))
    // Begins low, so that there is room to count in the 12 bits after the version.
    if (time > last) begin(time, ((chance(0) << 8) | chance(1)) & 0x7ff)
    else if (count === 0xfff) begin(last + 1, 0)
    else count++
    const counted = (HEX[count >> 4] ?? '') + (count & 0xf).toString(16)
    const variant = HEX[(chance(2) & 0x3f) | 0x80] ?? ''
    const id = `${head}${counted}-${variant}${hex(3)}-${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`
    used += 10
    return id
  }
}

/** A blocker's receipt, with the way to resolve it. */
export type BlockReceipt = Blocked &
  Readonly<{
    /** Resolves this blocker; allowed after `close` too. */
    resolve: (resolution?: string) => Promise<Receipt<'resolve'>>
  }>

/** A session to record on. Every call is one durable append; none waits for a service. */
export interface SessionHandle {
  /** The session's id, for `tracker.session(id)` in any process. */
  readonly id: string
  /** Records work that was done. Throws `INVALID_INPUT`, `SESSION_CLOSED` and `STORE` unless errors are reported. */
  update(description: string, input?: UpdateInput): Promise<Receipt<'update'>>
  /** Records a decision, and why it was made. */
  decide(content: string, input?: DecideInput): Promise<Receipt<'decision'>>
  /** Records something that the work touched. */
  entity(input: EntityInput): Promise<Receipt<'entity'>>
  /** Records a blocker; its receipt has the blocker's id and resolves it. */
  block(description: string, input?: BlockInput): Promise<BlockReceipt>
  /**
   * Resolves a blocker, named by its id or by words that only one open blocker has, in any case. Allowed after `close` too.
   * Throws `INVALID_INPUT` where no open blocker, or several, have them.
   */
  resolve(blocker: string, resolution?: string, input?: ResolveInput): Promise<Receipt<'resolve'>>
  /** Records a message of the conversation. It stays in the store unless an adapter asks for messages; any status will do. */
  message(role: MessageRole, content: string, input?: MessageInput): Promise<Receipt<'message'>>
  /** Ends the session. After `completed`, `failed` and `cancelled` only messages, entities and resolutions can follow. */
  close(input?: CloseInput): Promise<Receipt<'close'>>
  /** Reopens the session, however it ended. Records nothing where it is active. */
  resume(reason?: string, input?: ResumeInput): Promise<Receipt<'resume'>>
  /**
   * Mirrors the session into these adapters, default all, where it was started with `mirror: false`: a card and a summary.
   * With `refs` the adapters that they name take up items that exist, and without `adapters` only those are mirrored to.
   */
  mirror(adapters?: readonly string[], options?: MirrorOptions): Promise<MirrorResult>
  /**
   * The session as text, default `markdown`; of `context` at most `budget` characters. Nothing is recorded, unless `publish`
   * is true: then the export is an event, which adapters with an `export` hook post.
   */
  export(format?: ExportFormat, options?: ExportOptions): Promise<string>
  /** The session as it is. */
  load(): Promise<Session>
  /** Its card in each service, with its address where it is known. Sends nothing. Throws `NO_SUCH_SESSION`. */
  cards(): Promise<readonly SessionCard[]>
  /** Ends a session as `abandoned` if this handle started it and it is still active. An attached one is left as it is. */
  [Symbol.asyncDispose](): Promise<void>
}

/** The handle that `start` gives. */
export interface StartedSession extends SessionHandle {
  /**
   * The receipt of `start`. `recorded: false` with an `error`: the next call of the handle starts the session again, and each
   * call that cannot answers `recorded: false` and emits `error`. Without one the filter left the start out, and the
   * handle's calls record nothing.
   */
  readonly receipt: Receipt<'start'>
}

/** Functions that a handle calls. */
export type HandleParts = Readonly<{
  recorder: Recorder
  cards: (sessionId: string) => Promise<readonly SessionCard[]>
}>

/** How a handle began: a start that failed may be tried again. */
type Beginning = Readonly<{
  /** Absent: another handle started the session. */
  receipt?: Receipt<'start'>
  /** Starts the session once more. */
  again?: () => Promise<Receipt<'start'>>
}>

const handleOf = (
  { recorder, cards }: HandleParts,
  id: string,
  { receipt, again }: Beginning,
): SessionHandle => {
  let closed = false
  let refused: NotRecorded | undefined = receipt?.recorded === false ? receipt : undefined
  let starting: Promise<Receipt<'start'>> | undefined

  /** The store may have been busy for a moment only: a start that failed is tried again, once for all calls that wait. */
  const isStarted = async (): Promise<boolean> => {
    if (refused === undefined) return true
    if (refused.error === undefined || again === undefined) return false
    starting ??= again()
    const answer = await starting
    starting = undefined
    refused = answer.recorded ? undefined : answer
    return refused === undefined
  }
  const unless = async <R>(call: () => Promise<R>): Promise<R | NotRecorded> =>
    refused === undefined || (await isStarted()) ? call() : (refused as NotRecorded)
  const resolve: SessionHandle['resolve'] = (blocker, resolution, input) =>
    unless(() => recorder.resolve(id, blocker, resolution, input))
  return {
    id,
    update: (description, input) => unless(() => recorder.update(id, description, input)),
    message: (role, content, input) => unless(() => recorder.message(id, role, content, input)),
    decide: (content, input) => unless(() => recorder.decide(id, content, input)),
    entity: input => unless(() => recorder.entity(id, input)),
    block: async (description, input) => {
      const answer = await unless(() => recorder.block(id, description, input))
      const receipt: Blocked = 'id' in answer ? answer : { ...answer, id: '' }
      const resolving = async (resolution?: string): Promise<Receipt<'resolve'>> =>
        receipt.recorded ? resolve(receipt.id, resolution) : receipt
      // Added to the receipt itself: a copy of it would look at its session.
      return Object.assign(receipt, { resolve: resolving })
    },
    resolve,
    resume: (reason, input) => unless(() => recorder.resume(id, reason, input)),
    close: async input => {
      const receipt = await unless(() => recorder.close(id, input))
      if (receipt.recorded) closed = true
      return receipt
    },
    mirror: async (adapters, options) =>
      (await isStarted()) ? recorder.mirror(id, adapters, options) : { adapters: [], deliveries: 0 },
    export: async (format, options) => ((await isStarted()) ? recorder.export(id, format, options) : ''),
    load: () => recorder.load(id),
    cards: async () => (refused === undefined ? cards(id) : []),
    [Symbol.asyncDispose]: async () => {
      if (receipt !== undefined && !closed && refused === undefined) await recorder.abandon(id)
    },
  }
}

/** Makes a handle on a session that was started before, perhaps by another process. */
export const attachSession = (parts: HandleParts, id: string): SessionHandle => handleOf(parts, id, {})

/** Starts a session and makes its handle. */
export const openSession = async (
  parts: HandleParts,
  input: StartInput | undefined,
): Promise<StartedSession> => {
  const { id, at, receipt } = await parts.recorder.start(input)
  const again = async () => (await parts.recorder.start(input, { id, at })).receipt
  return Object.assign(handleOf(parts, id, { receipt, again }), { receipt })
}
