import { cleanText } from './text.ts'

/** Kind of an error, as a word that a program can compare. */
export type ErrorCode =
  | 'INVALID_INPUT'
  | 'NO_SUCH_SESSION'
  | 'SESSION_CLOSED'
  | 'SESSION_ACTIVE'
  | 'CONFIG'
  | 'ADAPTER'
  | 'STORE'
  | 'CLOSED'
  | 'STORE_CORRUPT'
  | 'VERSION_CONFLICT'

const BRAND = Symbol.for('@sessionwire/core/TrackerError')

/**
 * The only error this library throws. `message` says what happened, where, and what to do; `field` names the
 * input at fault when there is one (`progress`, `adapters[1].teamId`). A credential is never part of it.
 */
export class TrackerError extends Error {
  /** Kind of the error. */
  readonly code: ErrorCode
  /** The input at fault, with its path; undefined when no input is at fault. */
  readonly field: string | undefined
  /** Makes an error. `cause` is kept for debugging and must carry no secret. */
  constructor(code: ErrorCode, message: string, more: Readonly<{ field?: string; cause?: unknown }> = {}) {
    // It may quote a text from outside, which must not steer the terminal that shows the error.
    super(cleanText(message), more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'TrackerError'
    this.code = code
    this.field = more.field
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** True for a TrackerError of this or another installed copy of the library, where `instanceof` would fail. */
export const isTrackerError = (value: unknown): value is TrackerError => {
  try {
    return isError(value) && (value as Error & { [BRAND]?: boolean })[BRAND] === true
  } catch {
    return false
  }
}

/**
 * True for an error of any realm: an error of Jest or `node:vm` fails `instanceof Error` here. False where a getter or a proxy
 * throws, so that a value which cannot be inspected never throws a second time where it was caught.
 */
const isError = (value: unknown): value is Error => {
  try {
    const { message, name } = (value ?? {}) as Partial<Error>
    return typeof value === 'object' && typeof message === 'string' && typeof name === 'string'
  } catch {
    return false
  }
}

/** The thrown value as an error; never throws. Anything can be thrown, also an object that cannot be inspected or converted to a string. */
export const toError = (thrown: unknown): Error => {
  if (isError(thrown)) return thrown
  try {
    return new Error(String(thrown))
  } catch {
    return new Error('a value was thrown that cannot be converted to a string')
  }
}

/** The error of a call that uses the store, as one of ours: anything else that fails there is the store. */
export const asStoreError = (thrown: unknown): TrackerError =>
  isTrackerError(thrown)
    ? thrown
    : new TrackerError(
        'STORE',
        `The store failed; the event may or may not have been saved: ${toError(thrown).message}`,
        { cause: thrown },
      )

/** Another session of the same project, workspace and agent is active. */
export const sessionActive = (id: string): TrackerError =>
  new TrackerError(
    'SESSION_ACTIVE',
    `start.exclusive: the session "${id}" of the same project, workspace and agent is active. Close it, or start without exclusive.`,
    { field: 'start.exclusive' },
  )

/** A call came after `close`; a tracker closes its store too. `where` names the store. */
export const alreadyClosed = (where: string): TrackerError =>
  new TrackerError(
    'CLOSED',
    `The tracker or store of ${where} was closed before this call. Make a new one; a tracker closes its store too.`,
  )

/** No session of this id is stored; `where` names the store. */
export const noSession = (id: string, where?: string): TrackerError => {
  const place = where === undefined ? '' : ` in ${where}`
  return new TrackerError(
    'NO_SUCH_SESSION',
    `There is no session "${id}"${place}: start one, or open the store it was recorded in.`,
    { field: 'sessionId' },
  )
}
