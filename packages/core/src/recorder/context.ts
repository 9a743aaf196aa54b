import type { AnyAdapter } from '../adapter/contract.ts'
import type { Placed, Via } from '../delivery/model.ts'
import { uuidFrom } from '../descriptor/digest.ts'
import { ignoreRejection, notifyOf } from '../session/at-once.ts'
import { toError } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import { nameOf } from '../session/input.ts'
import { type Command, isResumable } from '../session/machine.ts'
import { describe, invalidInput } from '../session/message.ts'
import type { Called, Inputs } from '../session/schema.ts'
import { openBlockers, type Session } from '../session/session.ts'
import { unknownName } from '../session/words.ts'
import type { Store } from '../store/contract.ts'
import type { Adapters, Filter } from './calls.ts'
import type { Cache } from './live-session.ts'

/** Values that the parts of a recorder share. */
export type RecorderContext = Readonly<{
  store: Store
  adapters: Adapters
  project: string
  user: string | undefined
  now: () => number
  newId: () => string
  filter: Filter | undefined
  /** Redacts secrets in a text before it is stored. */
  redact: ((text: string) => string) | undefined
  machine: string | undefined
  emitter: Emitter<RecorderEvents>
  /** Says that something may be sent now. */
  wake: () => void
  cache: Cache
  queue: Queue
  /** Whether cards show the session's other cards. */
  crossLinks: boolean
  /** Plans links of a session in the background. */
  link: (sessionId: string) => void
}>

/** Runs the calls of one name one after the other, and those of different names side by side. */
export interface Queue {
  run<T>(name: string, call: () => Promise<T>): Promise<T>
}

/** Makes a queue by name. A call that fails does not stop those behind it. */
export const createQueue = (): Queue => {
  const tails = new Map<string, Promise<unknown>>()
  return {
    run: (name, call) => {
      const before = tails.get(name)
      const result = before === undefined ? call() : before.then(call, call)
      const tail = result
        .catch(() => undefined)
        .then(() => {
          if (tails.get(name) === tail) tails.delete(name)
        })
      tails.set(name, tail)
      return result
    },
  }
}

/** Completes a command with what depends on the session. */
export type CompleteCommand = (input: Command['input'], session: Session | undefined) => Command

let lastMs = Number.NaN
let lastIso = ''

/** A time as text; many calls fall into one millisecond. */
const isoTime = (ms: number): string => {
  if (ms !== lastMs) {
    lastIso = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastIso
}

/** How far ahead of the clock a caller's `at` may be, ms: clocks of two machines differ. */
const AHEAD_MS = 300_000

/** Fields that tell one command from others of its kind. */
type Identity = Readonly<{
  /** The name of the call, for errors. */
  where?: string
  /** The event's id; default a new one. */
  id?: string
  /** When it happened; default now. */
  at?: string | undefined
}>

/** The event id of a key in a session: the same for every process. */
export const eventIdOf = (sessionId: string, key: string): string => uuidFrom(`key/${sessionId}/${key}`)

/**
 * Begins a command: its id and time are those of the call, however often it must be tried. Throws `INVALID_INPUT` for an
 * `at` more than 5 minutes ahead of the clock.
 */
export const createCommand = (
  { newId, now }: RecorderContext,
  type: Called,
  sessionId: string,
  { where = type, at, ...given }: Identity = {},
): CompleteCommand => {
  // The start of a session has its id, so that each identifies the other.
  const id = given.id ?? (type === 'start' ? sessionId : newId())
  const ms = now()
  const time = isoTime(ms)
  if (at !== undefined && Date.parse(at) > ms + AHEAD_MS)
    throw invalidInput({
      field: `${where}.at`,
      problem: 'in the future',
      expected: `a time at most 5 minutes after ${time}`,
      got: at,
    })
  let resumeId: string | undefined
  return (input, session) => {
    if (session !== undefined && isResumable(session.status)) resumeId ??= newId()
    return { type, sessionId, id, resumeId: resumeId ?? id, time, at: at ?? time, input } as Command
  }
}

/** Longest part of a description that an error repeats, in characters. */
const SHOWN = 80

/**
 * Replaces words by the id of the one open blocker whose description has them, in any case. An id stays as it is. Throws
 * `INVALID_INPUT` where several have them, naming each.
 */
export const resolveId = (input: Inputs['resolve'], session: Session | undefined): Inputs['resolve'] => {
  const { blockerId: given } = input
  if (session === undefined || session.blockers.some(({ blockerId }) => blockerId === given)) return input
  const words = given.toLowerCase().trim()
  const found = openBlockers(session).filter(({ description }) => description.toLowerCase().includes(words))
  const [first, ...others] = found
  if (first === undefined) return input
  if (others.length === 0) return { ...input, blockerId: first.blockerId }
  throw invalidInput({
    field: 'resolve.blockerId',
    problem: `${found.length} open blockers contain ${JSON.stringify(given)}`,
    expected: `one of ${found.map(each => `${each.blockerId} (${each.description.slice(0, SHOWN)})`).join(', ')}`,
  })
}

/** The adapter of a name. Throws `INVALID_INPUT` naming those there are. */
export const adapterOf = (
  { adapters }: Pick<RecorderContext, 'adapters'>,
  name: string,
  where: string,
): AnyAdapter => {
  const found = adapters.get(nameOf(`${where}.adapter`, name))
  if (found !== undefined) return found
  throw invalidInput({ field: `${where}.adapter`, ...unknownName('adapter', name, adapters.keys()) })
}

/**
 * Makes what passes input through, and tells a logger once of a progress between 0 and 1: it may be meant, and more
 * likely is a share of one.
 */
export const createPercentHint = (logger: Logger | undefined) => {
  let isReported = logger === undefined
  return (where: string, raw: unknown): unknown => {
    const progress = (raw as Readonly<{ progress?: unknown }> | null | undefined)?.progress
    if (isReported || typeof progress !== 'number' || !(progress > 0 && progress < 1)) return raw
    isReported = true
    const meant = Number((progress * 100).toPrecision(3))
    ignoreRejection(
      logger?.warn(`${where}.progress: ${progress} means ${progress} %; for ${meant} % give ${meant}`),
    )
    return raw
  }
}

/** Receives what goes wrong outside of the calls made to the library. Default: none. */
export type Logger = Readonly<{
  /** Something an operator would want to know: a dead letter, doubt, a pause. */
  warn: (message: string, details?: unknown) => void
  /** Something that should not be. */
  error: (message: string, details?: unknown) => void
}>

/** Payloads of the events of recording, by event name. */
export type RecorderEvents = Readonly<{
  /** Stored. The session is as it was after the event. */
  event: Readonly<{
    /** As stored. */
    event: SessionEvent
    /** As it was after it. */
    session: Session
  }>
  /** A delivery was stored with its event. */
  planned: Placed &
    Readonly<{
      /** The adapter's name in the tracker. */
      adapter: string
      /** The session's id, `init`, or the key of a call that belongs to no session. */
      lane: string
      /** The name of the adapter's action. */
      action: string
      /** The adapter's mode when it was planned. */
      via: Via
    }>
  /** A hook threw: its delivery is dead until `retry` plans it again. */
  dead: Readonly<{
    /** The adapter's name in the tracker. */
    adapter: string
    /** The session's id, or `init`. */
    lane: string
    /** Key to pass to `retry`. */
    key: string
    /** The hook that threw. */
    action: string
    /** 0: nothing was sent. */
    attempts: number
    /** Message of the error, cut at 300 characters. */
    reason: string
    /** False: nothing was sent. */
    inDoubt: boolean
  }>
  /** An error that was not thrown to any caller: of a listener, a reported call, work in the background. */
  error: Readonly<{
    /** The error that was thrown. */
    error: Error
    /** In what, for people. */
    where: string
  }>
}>

/** Calls observers. An error that one throws or rejects with is reported as `error` and never passed on. */
export interface Emitter<E extends Readonly<{ error: RecorderEvents['error'] }>> {
  /** Calls `listener` each time; returns the function that ends it. */
  on<N extends keyof E & string>(name: N, listener: (payload: E[N]) => unknown): () => void
  /** Tells those who listen; never throws. */
  emit<N extends keyof E & string>(name: N, payload: E[N]): void
  /** Whether there is a listener: without one, a payload that costs something need not be made. */
  hasListeners(name: keyof E & string): boolean
}

/** The thrown value as an error. */
export const asError = (thrown: unknown): Error => toError(thrown)

/**
 * Makes an emitter. Without a listener for `error`, errors go to the logger. With `names`, listening
 * for another one throws `INVALID_INPUT`.
 */
export const createEmitter = <E extends Readonly<{ error: RecorderEvents['error'] }>>(
  logger?: Logger,
  names?: readonly (keyof E & string)[],
): Emitter<E> => {
  // An array is never changed, so that a listener may end itself or another one while it is called.
  const listeners = new Map<string, readonly ((payload: never) => void)[]>()
  const listenersOf = (name: string) => listeners.get(name) ?? []
  const quietly = (message: string, details: unknown) => {
    try {
      // A logger that ships its lines may reject, which must not end the process.
      ignoreRejection(logger?.error(message, details))
    } catch {
      // There is no one left to report a logger's own failure to.
    }
  }
  const report = (name: string, thrown: unknown) => {
    const error = asError(thrown)
    // A failing `error` listener must not hear of its own failure.
    if (name === 'error') quietly('A listener of "error" threw.', error)
    else emit('error', { error, where: `listener of "${name}"` } as E['error'])
  }
  const emit = <N extends keyof E & string>(name: N, payload: E[N]) => {
    const all = listenersOf(name)
    for (const hear of all) hear(payload as never)
    if (all.length === 0 && name === 'error') quietly('There is no listener for "error".', payload)
  }
  return {
    emit,
    on: (name, listener) => {
      if (names !== undefined && !(names as readonly string[]).includes(nameOf('on.name', name)))
        throw invalidInput({ field: 'on.name', ...unknownName('event', name, names) })
      if (typeof listener !== 'function')
        throw invalidInput({
          field: 'on.listener',
          problem: 'invalid type',
          expected: 'a function',
          got: describe(listener),
        })
      const hear = (payload: E[typeof name]) => notifyOf(listener, payload, thrown => report(name, thrown))
      listeners.set(name, [...listenersOf(name), hear])
      return () => {
        const left = listenersOf(name).filter(each => each !== hear)
        listeners.set(name, left)
      }
    },
    hasListeners: name => listenersOf(name).length > 0,
  }
}
