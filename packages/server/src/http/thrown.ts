import { type Refusal, Refused, refuse } from '../access/refusal.ts'
import { toProblem } from '../operations/refusal.ts'

/** Status of an error by its code; 500 for what is not here. */
const STATUS: Readonly<Record<string, number>> = {
  INVALID_INPUT: 400,
  FORBIDDEN: 403,
  NO_SESSION: 404,
  NO_SUCH_SESSION: 404,
  SESSION_CLOSED: 409,
  SESSION_ACTIVE: 409,
  VERSION_CONFLICT: 409,
  CONFIG: 400,
  ADAPTER: 502,
  STORE: 503,
  CLOSED: 503,
  STORE_CORRUPT: 500,
}

/** Any thrown value as the answer to its caller. */
export const toRefusal = (thrown: unknown): Refusal => {
  if (thrown instanceof Refused) return thrown.refusal
  const { code, message } = toProblem(thrown, true)
  const status = STATUS[code] ?? 500
  return refuse(status, code, message, status === 503 ? { 'retry-after': '1' } : undefined)
}
