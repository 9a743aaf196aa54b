/** Exit codes. 0 to 5 are those of MSP. */
export const EXIT = {
  done: 0,
  noSession: 1,
  alreadyActive: 2,
  configuration: 3,
  integration: 4,
  damaged: 5,
  usage: 64,
  ours: 70,
} as const

/** An error for people: a word, what happened, and what to do. */
export type Failure = Readonly<{ code: string; message: string; todo?: string; exit: number }>

const BRAND = Symbol.for('sessionwire/CommandError')

/** The error that ends a command. */
export class CommandError extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure.message)
    this.name = 'CommandError'
    this.failure = failure
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** Wrong usage: an argument or option that cannot be. */
export const usage = (message: string, todo?: string): CommandError =>
  new CommandError({ code: 'USAGE', message, exit: EXIT.usage, ...(todo === undefined ? {} : { todo }) })

/** A configuration that cannot be used. */
export const configuration = (message: string, todo?: string): CommandError =>
  new CommandError({
    ...{ code: 'CONFIG', message, exit: EXIT.configuration },
    ...(todo === undefined ? {} : { todo }),
  })

/** No session to record on. */
export const noSession = (message: string, todo: string): CommandError =>
  new CommandError({ code: 'NO_SESSION', message, todo, exit: EXIT.noSession })

const CODES: Readonly<Record<string, number>> = {
  INVALID_INPUT: EXIT.usage,
  NO_SUCH_SESSION: EXIT.noSession,
  SESSION_CLOSED: EXIT.noSession,
  SESSION_ACTIVE: EXIT.alreadyActive,
  CONFIG: EXIT.configuration,
  ADAPTER: EXIT.integration,
  STORE: EXIT.damaged,
  STORE_CORRUPT: EXIT.damaged,
  VERSION_CONFLICT: EXIT.damaged,
}

/** Advice where the message itself gives none. */
const TODO: Readonly<Record<string, string>> = {
  STORE: 'Run `sessionwire doctor`.',
  STORE_CORRUPT: 'Run `sessionwire doctor`, and restore the file from a copy.',
  ADAPTER: 'Run `sessionwire doctor --live`.',
  SESSION_CLOSED: 'Reopen it with `sessionwire recover`, or begin one with `sessionwire start`.',
  VERSION_CONFLICT: 'Run the command again.',
}

/** The mark of core's errors, so that core is not loaded for an error of usage. */
const TRACKER = Symbol.for('@sessionwire/core/TrackerError')
const isTrackerError = (thrown: unknown): thrown is Readonly<{ code: string; message: string }> =>
  typeof thrown === 'object' && thrown !== null && (thrown as { [TRACKER]?: boolean })[TRACKER] === true

const isCommandError = (thrown: unknown): thrown is CommandError =>
  typeof thrown === 'object' && thrown !== null && (thrown as { [BRAND]?: boolean })[BRAND] === true

/** Errors of the platform that say that a file cannot be used. */
const FILES = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOTDIR',
  'EISDIR',
  'ENOENT',
  'EMFILE',
])

/** Any thrown value as a failure. */
export const toFailure = (thrown: unknown): Failure => {
  if (isCommandError(thrown)) return thrown.failure
  if (isTrackerError(thrown)) {
    const { code, message } = thrown
    const todo = TODO[code]
    return { code, message, exit: CODES[code] ?? EXIT.ours, ...(todo === undefined ? {} : { todo }) }
  }
  const { code, path, message } = (thrown ?? {}) as { code?: unknown; path?: unknown; message?: unknown }
  // A place of the user's that hangs on the working directory: the message says what to do.
  if (code === 'PLACE') return { code: 'CONFIG', message: String(message), exit: EXIT.configuration }
  if (typeof code === 'string' && FILES.has(code))
    return {
      code,
      message: `${typeof path === 'string' ? path : 'a file'} cannot be used (${code}).`,
      todo: 'Run `sessionwire doctor`.',
      exit: EXIT.configuration,
    }
  return {
    code: 'INTERNAL',
    message: typeof message === 'string' ? message : String(thrown),
    todo: 'This is an error of sessionwire. Run it again with SESSIONWIRE_DEBUG=1 and report what it prints.',
    exit: EXIT.ours,
  }
}
