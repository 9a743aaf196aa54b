import {
  type Answer,
  fieldsOf,
  isFields,
  type Json,
  type Judge,
  type Outcome,
  type OutcomeTable,
  quote,
  type Reply,
  readOutcome,
  retryAfterMs,
  type SentCall,
  untilMs,
} from '@sessionwire/core/adapter'

/** Wait where a secondary limit does not say for how long, ms. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const SECONDARY_MS = 60_000

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

/** Whether an answer is in GitHub's own form: JSON, and an error has a message. */
export const isOwn = ({ status, headers, body }: Answer): boolean => {
  if (body === '' || body === null) return status === 204 || status === 304
  const type = headers['content-type'] ?? 'application/json'
  if (!/\bjson\b/i.test(type) || typeof body !== 'object') return false
  return status < 300 || (isFields(body) && typeof body.message === 'string')
}

/** GitHub's words: the message, and which fields are wrong and why. */
const reasonOf = ({ body }: Answer): string => {
  const { message, errors } = fieldsOf(body)
  const given = typeof errors === 'string' && errors !== '' ? [errors] : errors
  const details = (Array.isArray(given) ? given : []).map(each => {
    if (!isFields(each)) return quote(each)
    const { resource, field, code, message: why } = each
    return [text(resource), text(field), text(why) || text(code)].filter(part => part !== '').join(' ')
  })
  return text(message) === '' ? quote(body) : [text(message), ...details].join('; ')
}

/** Whether a look-up asks for one item by its number, and not for a list. */
const isItem = ({ call }: SentCall): boolean =>
  call?.kind === 'http' &&
  typeof call.endpoint === 'string' &&
  /\/(issues|issues\/comments|pulls|labels)\/[^/?]+$/.test(call.endpoint)

/** Until the primary limit is full again, by the answer's own clock. */
const resetMs = ({ headers }: Answer): number | undefined => {
  if (headers['x-ratelimit-remaining'] !== '0') return undefined
  return untilMs(headers, Number(headers['x-ratelimit-reset']) * 1_000) || SECONDARY_MS
}

/** How long a limit asks to wait; `undefined` where the answer is about none. */
const limitMs = (answer: Answer): number | undefined => {
  const { status, headers, body } = answer
  const message = text(fieldsOf(body).message)
  // Content that comes too fast is refused with 422.
  if (status === 422)
    return /submitted too quickly/i.test(message) ||
      /submitted too quickly/i.test(quote(fieldsOf(body).errors ?? ''))
      ? SECONDARY_MS
      : undefined
  if (status !== 403 && status !== 429) return undefined
  const asked = retryAfterMs(headers) ?? resetMs(answer)
  if (asked !== undefined) return asked
  return status === 429 || /secondary rate limit|abuse|rate limit exceeded/i.test(message)
    ? SECONDARY_MS
    : undefined
}

/** The answer to each call: a comment, issue, label list or check run, by a field that it has. */
const NUMBERED = /^(create(Card|Issue|PullRequest)$|requestReview)/
const IDENTIFIED =
  /^(create(CardComment|Entry|Comment|Check|CheckRun)$|edit(CardComment|Comment|Check|CheckRun)$|set(CommitStatus|CheckStatus)$)/
const EDITED = /^(editCard|updateIssue|setStatus|assign)$/

const isDone = ({ status, body }: Answer, { action, role }: SentCall): boolean => {
  if (role !== 'call') return typeof body === 'object' && body !== null
  if (action === 'deleteComment') return status === 204
  if (action === 'addLabels')
    return (
      Array.isArray(body) && body.length > 0 && body.every(each => typeof fieldsOf(each).name === 'string')
    )
  const { number, id } = fieldsOf(body)
  // The card goes on as a comment where people removed its block.
  if (action === 'editCard') return typeof number === 'number' || typeof id === 'number'
  if (NUMBERED.test(action) || EDITED.test(action)) return typeof number === 'number'
  return IDENTIFIED.test(action)
    ? typeof id === 'number' && number === undefined
    : isFields(body) && body.documentation_url === undefined
}

/** Why a 403 is about this one thing and not about the credential. */
const CLOSED =
  /(?<![a-z])locked|archived|read-only|Issues (are|has been) disabled|user is blocked|you have been blocked/i

const judgeMissing: Judge = (answer, sent, reason) => {
  if (!isOwn(answer)) return undefined
  // A list that is not there says nothing of its items: this token may not see the repository or the issue.
  if (sent.role === 'look-up')
    return isItem(sent) ? { kind: 'delivered', empty: true } : { kind: 'rejected', reason }
  if (sent.role === 'check')
    return { kind: 'denied', reason: `${reason} (no such repository, or this token may not see it)` }
  if (sent.action === 'deleteComment') return { kind: 'delivered' }
  // The comment is the card of a linked issue, and the look-up of the card finds it by its own number.
  const hint = 'it does not exist, or this token may not see or change it'
  return { kind: 'rejected', reason: `${reason} (${hint})`, missing: true }
}

const TABLE: OutcomeTable = {
  words: answer => (limitMs(answer) === undefined ? [] : ['limited']),
  meanings: {
    limited: 'throttled',
    401: 'denied',
    403: (_, __, reason) => ({ kind: CLOSED.test(reason) ? 'rejected' : 'denied', reason }),
    404: judgeMissing,
    409: 'retry',
    410: 'missing',
  },
  reason: reasonOf,
  waitMs: limitMs,
  isDone,
}

/**
 * Maps a reply of GitHub to an outcome. `denied` is the credential or a right that it lacks: the worker asks `check` before it
 * pauses anything, and where that is accepted, this call alone is refused.
 */
export const outcome = (reply: Reply, sent: SentCall): Outcome => readOutcome(TABLE, reply, sent)
