import type { AnyAdapter } from '../adapter/contract.ts'
import { retryAfterMs } from '../adapter/http-outcome.ts'
import type { Call } from '../descriptor/descriptor.ts'
import type { Answer, Outcome, Reply, SentCall } from '../descriptor/outcome.ts'
import { ignoreRejection, isThenable } from '../session/at-once.ts'
import { toError } from '../session/errors.ts'
import { failure } from '../transport/contract.ts'

const KINDS: ReadonlySet<unknown> = new Set<Outcome['kind']>([
  ...(['delivered', 'rejected', 'denied', 'retry', 'unknown'] as const),
])

/** A wait that is not a number is left out, and times in the store are whole. A date that has passed is a wait of 0. */
const normalizeWait = (outcome: Outcome): Outcome => {
  if (!('waitMs' in outcome)) return outcome
  const { waitMs, ...rest } = outcome
  return typeof waitMs === 'number' && !Number.isNaN(waitMs)
    ? { ...rest, waitMs: Math.ceil(Math.max(0, waitMs)) }
    : rest
}

const describeGiven = (given: unknown): string => {
  if (isThenable(given)) return 'a promise'
  const text = JSON.stringify(given) ?? String(given)
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}

/** A value that is not an outcome says nothing of what happened; an outcome without a reason keeps its kind. */
const complete = (name: string, given: Outcome | null | undefined): Outcome => {
  if (given == null || !KINDS.has(given.kind)) {
    ignoreRejection(given)
    const wanted = `{ kind: ${[...KINDS].map(kind => `'${kind}'`).join(' | ')}, reason }`
    return { kind: 'unknown', reason: `${name}.outcome returned ${describeGiven(given)}: return ${wanted}` }
  }
  return given.kind === 'delivered' || typeof given.reason === 'string'
    ? given
    : { ...(given as Exclude<Outcome, { kind: 'delivered' }>), reason: `${name}.outcome gave no reason` }
}

/**
 * Judges a reply that is the service's own by the adapter's table. A failure of the table itself is not the service's
 * and says nothing of what happened.
 */
export const judgeOwn = (adapter: AnyAdapter, reply: Reply, sent: SentCall): Outcome => {
  try {
    return normalizeWait(complete(adapter.name, adapter.outcome(reply, sent)))
  } catch (thrown) {
    return { kind: 'unknown', reason: `${adapter.name}.outcome threw: ${toError(thrown).message}` }
  }
}

const refuseReply = (expected: string, got?: unknown, isKnown = true): Reply => {
  const seen = isKnown ? `, got ${typeof got === 'number' ? got : describeGiven(got)}` : ''
  return failure('reset', 'perhaps', `transport: invalid reply; expected ${expected}${seen}.`)
}

/**
 * The reply of a transport that core did not make. One that is not in the form of a reply says nothing of what happened: the
 * request may have left. Each field is read once, an absent body is empty, and headers that are not texts are made texts.
 */
export const readReply = (given: unknown): Reply => {
  try {
    const { kind, status, headers, body, sent, reason } = (given ?? {}) as Readonly<Record<string, unknown>>
    if (kind === 'failure') {
      if (typeof reason !== 'string') return refuseReply('a reason that is a string', reason)
      return sent === 'no' || sent === 'perhaps' ? (given as Reply) : refuseReply('sent: no or perhaps', sent)
    }
    if (kind !== 'answer')
      return refuseReply("kind: 'answer' or 'failure'", typeof given === 'object' && given ? kind : given)
    if (!Number.isInteger(status)) return refuseReply('a status that is an integer', status)
    if (typeof headers !== 'object' || headers === null)
      return refuseReply('headers that are an object', headers)
    // A body that cannot be written as JSON can be neither judged nor redacted.
    if (typeof body === 'object') JSON.stringify(body)
    const texts = Object.entries(headers).map(([name, value]) => [name, String(value)])
    return { kind, status, headers: Object.fromEntries(texts), body: body === undefined ? '' : body } as Reply
  } catch {
    return refuseReply('plain data', undefined, false)
  }
}

/** Statuses of a success that never has a body (RFC 9110 sections 15.3.5 and 15.3.6). */
const BODILESS: ReadonlySet<number> = new Set([204, 205])

/**
 * Whether an answer is not in the form that the adapter declares for its service: a proxy, a portal or another address spoke.
 * A limit is a limit, whichever part of the way sets it, and a 204 or 205 has no form to judge: only `outcome` decides about them.
 */
export const isForeign = (adapter: Pick<AnyAdapter, 'isOwn'>, reply: Reply): reply is Answer => {
  if (reply.kind !== 'answer' || reply.status === 429 || adapter.isOwn === undefined) return false
  if (BODILESS.has(reply.status) && (reply.body === '' || reply.body === null)) return false
  try {
    const own: unknown = adapter.isOwn(reply)
    ignoreRejection(own)
    return own !== true
  } catch {
    return true
  }
}

const addressOf = (call: Call | undefined): string => {
  if (call === undefined) return ''
  if (call.kind !== 'http') return call.target
  return typeof call.endpoint === 'string'
    ? call.endpoint
    : `the address in the secret ${call.endpoint.$secret}`
}

/** Failed attempts and reads of one delivery after which a foreign 404 may mean that the address is wrong. */
const HINT_AFTER = 5

/**
 * Gives the meaning of a reply. An answer that is not in the service's own form is `unknown`, whatever its status, and counts as a
 * failure of the service as a whole: the call is looked up before it is repeated, and a look-up learned nothing. `failures`
 * counts those of the delivery so far, with this one; a check gives none and gets the hint at once.
 */
export const judge = (adapter: AnyAdapter, reply: Reply, sent: SentCall, failures = HINT_AFTER): Outcome => {
  if (!isForeign(adapter, reply)) return judgeOwn(adapter, reply, sent)
  const { status, headers, body } = reply
  const waitMs = retryAfterMs(headers)
  const said = typeof body === 'string' ? body : JSON.stringify(body)
  const address = addressOf(sent.call)
  const hint = status === 404 && failures >= HINT_AFTER ? ` (is the address right? ${address})` : ''
  // A service that fails as a whole, or what stands before it, seldom keeps to the form of its answers.
  const whose =
    status >= 500 ? `${adapter.name} cannot answer now` : `not an answer of ${adapter.name}${hint}`
  return {
    kind: 'unknown',
    reason: `${whose}: ${status} ${said.slice(0, 200)}`.trim(),
    down: true,
    ...(waitMs === undefined ? {} : { waitMs }),
  }
}
