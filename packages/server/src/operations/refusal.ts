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

/** Any thrown value as the server reports it to a caller. An error of the platform is reported without its text. */
export const toProblem = (thrown: unknown): Problem => {
  if (isTrackerError(thrown)) return { code: thrown.code, message: thrown.message }
  const own = thrown as OperationError & { [BRAND]?: boolean }
  if (typeof thrown === 'object' && thrown !== null && own[BRAND] === true)
    return { code: own.code, message: `${own.message} ${own.todo}` }
  return INTERNAL
}
