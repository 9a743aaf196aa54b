import { isTrackerError } from '@sessionwire/core'

/** Kind of a refusal that core does not know. */
export type RefusalCode = 'FORBIDDEN' | 'NO_SESSION'

const BRAND = Symbol.for('@sessionwire/server/OperationError')

/** An operation that this caller cannot have done. */
export class OperationError extends Error {
  /** Kind of the refusal. */
  readonly code: RefusalCode
  /** Advice for the caller, as a sentence. */
  readonly todo: string
  constructor(code: RefusalCode, message: string, todo: string) {
    super(message)
    this.name = 'OperationError'
    this.code = code
    this.todo = todo
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** Makes the error of a refusal. */
export const refuse = (code: RefusalCode, message: string, todo: string): OperationError =>
  new OperationError(code, message, todo)

/** An error as the server reports it to a caller. */
export type Problem = Readonly<{
  /** Kind of the error, as a word that a program can compare. */
  code: string
  /** The problem and the advice. */
  message: string
}>

/** Words of the system around a file or connection are for the log, not for a caller. */
const INTERNAL: Problem = {
  code: 'INTERNAL',
  message: 'An error of the server. Nothing more is known to the caller; the log of the server has it.',
}

/** Kinds of errors whose messages name the place of the store: its address and role, or a path. */
const STORE: ReadonlySet<string> = new Set(['STORE', 'STORE_CORRUPT', 'CLOSED'])
const NO_STORE =
  'The store of the server cannot be used now. The log of the server has more. Call again later, with the same key.'

/** Whether an error is the server's own, which is not reported to the caller, so that its log has to have it. */
export const isOwn = ({ code }: Problem, isRemote: boolean): boolean =>
  code === INTERNAL.code || (isRemote && STORE.has(code))

/**
 * Any thrown value as the server reports it to a caller. An error of the platform is reported without its text, and to a caller
 * from outside of this machine's user (`isRemote`) one of the store without its place.
 */
export const toProblem = (thrown: unknown, isRemote: boolean): Problem => {
  if (isTrackerError(thrown))
    return { code: thrown.code, message: isRemote && STORE.has(thrown.code) ? NO_STORE : thrown.message }
  const own = thrown as OperationError & { [BRAND]?: boolean }
  if (typeof thrown === 'object' && thrown !== null && own[BRAND] === true)
    return { code: own.code, message: `${own.message} ${own.todo}` }
  return INTERNAL
}
