import { EventEmitter } from 'eventemitter3'
import type { Placed, Via } from '../delivery/model.ts'
import { ignoreRejection, notifyOf } from '../session/at-once.ts'
import { toError } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import { describe, invalidInput } from '../session/message.ts'
import type { Session } from '../session/session.ts'
import { unknownName } from '../session/words.ts'

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
 * Makes an emitter over eventemitter3. Without a listener for `error`, errors go to the logger. With `names`, listening
 * for another one throws `INVALID_INPUT`.
 */
export const createEmitter = <E extends Readonly<{ error: RecorderEvents['error'] }>>(
  logger?: Logger,
  names?: readonly (keyof E & string)[],
): Emitter<E> => {
  const events = new EventEmitter<string>()
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
    if (!events.emit(name, payload) && name === 'error') quietly('There is no listener for "error".', payload)
  }
  return {
    emit,
    on: (name, listener) => {
      if (names !== undefined && !names.includes(name))
        throw invalidInput({ field: 'on.name', ...unknownName('event', name, names) })
      if (typeof listener !== 'function')
        throw invalidInput({
          field: 'on.listener',
          problem: 'invalid type',
          expected: 'a function',
          got: describe(listener),
        })
      const hear = (payload: E[typeof name]) => notifyOf(listener, payload, thrown => report(name, thrown))
      events.on(name, hear)
      return () => void events.off(name, hear)
    },
    hasListeners: name => events.listenerCount(name) > 0,
  }
}
