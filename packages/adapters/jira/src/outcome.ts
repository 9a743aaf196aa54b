import {
  type Answer,
  fieldsOf,
  httpOutcome,
  isFields,
  type Json,
  type Outcome,
  quote,
  type Reply,
  retryAfterMs,
  type SentCall,
} from '@sessionwire/core/adapter'

/** Both halves of Jira's error: the messages, and those of single fields. Either may be empty. */
const readMessages = (body: Json): string => {
  const { errorMessages, errors, message } = fieldsOf(body)
  const parts = [
    ...(Array.isArray(errorMessages) ? errorMessages.map(quote) : []),
    ...(isFields(errors) ? Object.entries(errors).map(([field, why]) => `${field}: ${quote(why)}`) : []),
    ...(typeof message === 'string' ? [message] : []),
  ]
  return quote(parts.length === 0 ? body : parts.join('; '))
}

/** Jira may take a wrong credential for an anonymous user and answer accordingly: an empty list says nothing then. */
const isAnonymous = ({ headers }: Pick<Answer, 'headers'>): boolean =>
  headers['x-authentication-denied-reason'] !== undefined ||
  /AUTHENTICAT(ED_FAILED|ION_DENIED)/.test(headers['x-seraph-loginreason'] ?? '')

/** Whether an answer is in Jira's own form: JSON as it or its gateway writes it, or one of its known plain texts. */
export const isOwn = ({ status, headers, body }: Answer): boolean => {
  // A limit is a limit, whichever part of the way sets it.
  if (status === 429 || isAnonymous({ headers })) return true
  if (body === '' || body === null) return status >= 200 && status < 300
  if (typeof body === 'string') return /^XSRF check failed|^Client must be authenticated/.test(body)
  const type = headers['content-type'] ?? 'application/json'
  if (!/\bjson\b/i.test(type) || (status >= 300 && status < 400)) return false
  const { errorMessages, errors, message, code, 'status-code': statusCode } = fieldsOf(body)
  if (status < 300 || Array.isArray(errorMessages) || isFields(errors)) return true
  return typeof message === 'string' && [code, statusCode].includes(status)
}

const SCOPE = 'the token lacks a scope: it needs read:jira-work, write:jira-work and read:jira-user'
/** Boards, sprints and estimates have an API and scopes of their own: only granular ones. */
const AGILE_SCOPE =
  'the token lacks a scope of Jira Software for this call, such as write:sprint:jira-software'

/** Advice that follows Jira's words. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/\bscope\b/i, SCOPE],
  [/XSRF/i, 'something on the way made the request look like a browser'],
  [/labels.*cannot be set/i, 'new issues are found again by a label: put Labels on the create screen'],
  [/CHANGE-2046|null for uri/i, 'this Jira has no such API: see apiVersion and deployment'],
  [/INVALID_INPUT/, 'Jira refused the rich text'],
  [/time ?tracking/i, 'turn on time tracking in Jira, or worklog off'],
]

const isAgile = ({ call }: SentCall): boolean =>
  call?.kind === 'http' && typeof call.endpoint === 'string' && call.endpoint.includes('/rest/agile/')

const reasonOf = ({ status, body }: Answer, sent: SentCall): string => {
  const said = readMessages(body)
  const found = HINTS.find(([pattern]) => pattern.test(said))?.[1]
  const hint = found === SCOPE && isAgile(sent) ? AGILE_SCOPE : found
  return `${status} ${said}${hint === undefined ? '' : ` (${hint})`}`.trim()
}

/** From `Retry-After`, else from `X-RateLimit-Reset`, an ISO time that may lack its seconds, by the answer's own clock. */
const waitOf = ({ headers }: Answer): Readonly<{ waitMs?: number }> => {
  const until = Date.parse(headers['x-ratelimit-reset'] ?? '') - Date.parse(headers.date ?? '')
  const waitMs = retryAfterMs(headers) ?? (Number.isNaN(until) ? undefined : Math.max(0, until))
  return waitMs === undefined || !Number.isSafeInteger(waitMs) ? {} : { waitMs }
}

/** A 429 for one issue's writes holds up that issue; any other holds up all calls of its limit. */
const waitForLimit = (answer: Answer): Outcome => {
  const why = quote(answer.headers['ratelimit-reason'] ?? '')
  const reason = `429 ${why === '' ? 'too many requests' : why}`
  const isOne = why === 'jira-per-issue-on-write'
  return { kind: 'retry', reason, ...waitOf(answer), ...(isOne ? {} : { throttled: true as const }) }
}

/** Look-ups that search: a 404 there is no empty list, but an API that is not there. */
const SEARCHES = new Set(['createIssue', 'createSubIssue', 'setStatus'])

const notFound = (answer: Answer, sent: SentCall): Outcome => {
  const said = reasonOf(answer, sent)
  const isApi = /null for uri/.test(said)
  if (sent.role === 'look-up' && !isApi && !SEARCHES.has(sent.action))
    return { kind: 'delivered', empty: true }
  const reason = `${said} (it does not exist, or this user may not see it)`
  if (sent.role !== 'call' || isApi) return { kind: 'rejected', reason }
  // The status comment is the card of a linked issue, and `cardLookups` finds the issue alone.
  return {
    kind: 'rejected',
    reason,
    ...(sent.action === 'editCardComment' ? { gone: true } : { missing: true }),
  }
}

/** Calls that Jira documents without a body: nothing, or any object without an error. */
const QUIET = new Set(['setProperty', 'linkIssues', 'setStoryPoints'])
/** Calls that are answered with what they made or wrote, by its id. */
const MADE = /^(create|editComment|editCardComment|logWork|addLink)/
/** Of those, the calls that make an issue. */
const ISSUES = new Set(['createIssue', 'createSubIssue'])

/** Whether a success is the answer to this call (https://developer.atlassian.com/cloud/jira/platform/rest/v3/). */
const isDone = ({ status, body }: Answer, action: string): boolean => {
  const { id, key, message, errors } = fieldsOf(body)
  const isNamed = [id, key].some(each => typeof each === 'string' || typeof each === 'number')
  // Only issues have a key: an answer with one belongs to another request than that of a comment.
  if (MADE.test(action)) return isNamed && (key === undefined || ISSUES.has(action))
  if (!QUIET.has(action)) return body === '' || (status === 204 && body === null) || isNamed
  return (
    body === '' ||
    body === null ||
    (isFields(body) && message === undefined && Object.keys(errors ?? {}).length === 0)
  )
}

const judgeSuccess = (answer: Answer, { action, role }: SentCall): Outcome => {
  const { error, errorMessages } = fieldsOf(answer.body)
  const hasError = error !== undefined || (Array.isArray(errorMessages) && errorMessages.length > 0)
  if (!hasError && (role !== 'call' || isDone(answer, action))) return { kind: 'delivered' }
  const odd = hasError ? 'with an error inside' : 'but not the answer to this call'
  const reason = `${answer.status} ${odd}: ${readMessages(answer.body) || 'nothing'}`
  return { kind: role === 'call' ? 'unknown' : 'retry', reason }
}

/**
 * Maps a reply of Jira to an outcome. `denied` is the credential or a missing scope: the worker asks `check` before it pauses
 * anything, and where that is accepted, this call alone is refused.
 */
export const outcome = (reply: Reply, sent: SentCall): Outcome => {
  if (reply.kind === 'failure') return httpOutcome(reply, sent)
  const { status } = reply
  const reason = reasonOf(reply, sent)
  if (status === 401 || isAnonymous(reply)) return { kind: 'denied', reason }
  if (status >= 200 && status < 300) return judgeSuccess(reply, sent)
  if (status === 404) return notFound(reply, sent)
  if (status === 429) return waitForLimit(reply)
  // Another edit was under way; what is read before a call is read again the next time.
  if (status === 409) return { kind: 'retry', reason }
  // In Jira's own words it is about this one request: the service as a whole works.
  if (status === 500 && isFields(reply.body)) return { kind: 'unknown', reason }
  const general = httpOutcome({ ...reply, body: null }, sent)
  if (general.kind === 'delivered') return general
  const wait = general.kind === 'unknown' || general.kind === 'retry' ? waitOf(reply) : {}
  return { ...general, ...wait, reason } as Outcome
}
