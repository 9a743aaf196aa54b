import type { Json } from '@sessionwire/core/adapter'
import type { Answer } from '@sessionwire/core/testing'

type Words = Readonly<{
  code: string
  type: string
  statusCode: number
  userError: boolean
  shown?: string
  meta?: Json
}>

/** An error in Linear's words, with the HTTP status it comes with. */
export class Fault extends Error {
  readonly status: number
  readonly extensions: Json
  /** Makes a fault. */
  constructor(status: number, message: string, { shown, ...words }: Words) {
    super(message)
    this.status = status
    this.extensions = { ...words, userPresentableMessage: shown ?? message }
  }
}

const input = { code: 'INPUT_ERROR', type: 'invalid input', statusCode: 400, userError: true }

/** The document does not fit the schema. */
export const documentFault = (message: string): Fault =>
  new Fault(400, message, {
    code: 'GRAPHQL_VALIDATION_FAILED',
    type: 'graphql error',
    statusCode: 400,
    userError: true,
  })

/** Nothing of that id, or nothing this key can see. */
export const notFound = (entity: string): Fault =>
  new Fault(200, `Entity not found: ${entity}`, { ...input, shown: `Could not find referenced ${entity}.` })

/** A value is of the wrong kind. */
export const invalid = (why: string): Fault =>
  new Fault(200, `Argument Validation Error - ${why}`, { ...input, shown: why })

/** A value cannot be used here. */
export const unfit = (message: string): Fault => new Fault(200, message, input)

/** No credential, or one that does not hold. */
export const callerFault = (): Fault =>
  new Fault(401, 'Authentication required, not authenticated', {
    code: 'AUTHENTICATION_ERROR',
    type: 'authentication error',
    statusCode: 401,
    userError: true,
    shown: 'You need to authenticate to access this operation.',
  })

/** A scope that the credential lacks, or something that is closed to it. Its status and words were not seen, and are guesses. */
export const forbidden = (message: string): Fault =>
  new Fault(403, message, { code: 'FORBIDDEN', type: 'forbidden', statusCode: 403, userError: true })

/** The query costs too much, always. */
export const tooComplex = (cost: number): Fault =>
  new Fault(400, 'Query too complex', {
    ...input,
    shown: `The query is too complex. Complexity: ${cost}. Maximum allowed complexity: 10000.`,
  })

/** The bucket is empty. `waitMs`: until there is room for one request again. */
export const rateFault = (limit: number, waitMs: number | undefined): Fault =>
  new Fault(400, 'Rate limit exceeded', {
    code: 'RATELIMITED',
    type: 'ratelimited',
    statusCode: 429,
    userError: true,
    shown: `Rate limit exceeded. Only ${limit} requests are allowed per 1 hour.`,
    ...(waitMs === undefined
      ? {}
      : {
          meta: {
            rateLimitResult: { allowed: false, requested: 1, remaining: 0, duration: waitMs * limit, limit },
          },
        }),
  })

/** Something broke inside. */
export const broken = (): Fault =>
  new Fault(500, 'Internal server error', {
    code: 'INTERNAL_SERVER_ERROR',
    type: 'internal error',
    statusCode: 500,
    userError: false,
  })

/** A fault as an answer. */
export const answerOf = (fault: Fault, path: readonly string[] = []): Answer => ({
  status: fault.status,
  body: { errors: [{ message: fault.message, path, extensions: fault.extensions }], data: null },
})
