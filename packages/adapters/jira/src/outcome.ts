import {
  type Answer,
  fieldsOf,
  isFields,
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

/** Jira may take a wrong credential for an anonymous user and answer accordingly: an empty list says nothing then. */
const isAnonymous = ({ headers }: Pick<Answer, 'headers'>): boolean =>
  headers['x-authentication-denied-reason'] !== undefined ||
  /AUTHENTICAT(ED_FAILED|ION_DENIED)/.test(headers['x-seraph-loginreason'] ?? '')

/** Whether an answer is in Jira's own form: JSON as it or its gateway writes it, or one of its known plain texts. */
export const isOwn = ({ status, headers, body }: Answer): boolean => {
  if (isAnonymous({ headers })) return true
  if (body === '' || body === null) return status >= 200 && status < 300
  if (typeof body === 'string') return /^XSRF check failed|^Client must be authenticated/.test(body)
  const type = headers['content-type'] ?? 'application/json'
  if (!/\bjson\b/i.test(type) || (status >= 300 && status < 400)) return false
  const { errorMessages, errors, message, code, 'status-code': statusCode } = fieldsOf(body)
  if (status < 300 || Array.isArray(errorMessages) || isFields(errors)) return true
  return typeof message === 'string' && [code, statusCode].includes(status)
}

/** Advice that follows Jira's words. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /\bscope\b/i,
    'the token lacks a scope: it needs read:jira-work, write:jira-work and read:jira-user, and for boards, sprints and estimates granular ones of Jira Software, such as write:sprint:jira-software',
  ],
  [/XSRF/i, 'something on the way made the request look like a browser'],
  [/labels.*cannot be set/i, 'new issues are found again by a label: put Labels on the create screen'],
  [/CHANGE-2046|null for uri/i, 'this Jira has no such API: see apiVersion and deployment'],
  [/INVALID_INPUT/, 'Jira refused the rich text'],
  [/time ?tracking/i, 'turn on time tracking in Jira, or worklog off'],
]

/** Jira's word for the limit that was met, if any. */
const limitOf = (headers: Answer['headers']): string => headers['ratelimit-reason'] ?? ''

/** Both halves of Jira's error, the messages and those of single fields, and advice. Either half may be empty. */
const reasonOf = ({ headers, body }: Answer): string => {
  const { errorMessages, errors, message } = fieldsOf(body)
  const parts = [
    limitOf(headers),
    ...(Array.isArray(errorMessages) ? errorMessages.map(quote) : []),
    ...Object.entries(fieldsOf(errors)).map(([field, why]) => `${field}: ${quote(why)}`),
    message,
  ].filter(part => typeof part === 'string' && part !== '')
  const said = quote(parts.length === 0 ? body : parts.join('; '))
  const hint = HINTS.find(([pattern]) => pattern.test(said))?.[1]
  return hint === undefined ? said : `${said} (${hint})`
}

/** From `Retry-After`, else from `X-RateLimit-Reset`, an ISO time that may lack its seconds. */
const waitOf = ({ headers }: Answer): number | undefined =>
  retryAfterMs(headers) ?? untilMs(headers, Date.parse(headers['x-ratelimit-reset'] ?? ''))

/** Look-ups that search: a 404 there is not an empty list, but an API that is not there. */
const SEARCHES = new Set(['createIssue', 'createSubIssue', 'setStatus'])

const judgeMissing: Judge = (_, { action, role }, said) => {
  const isApi = /null for uri/.test(said)
  if (role === 'look-up' && !isApi && !SEARCHES.has(action)) return { kind: 'delivered', empty: true }
  const reason = `${said} (it does not exist, or this user may not see it)`
  if (role !== 'call' || isApi) return { kind: 'rejected', reason }
  // The comment or link that was to be deleted is not there any more.
  if (action === 'removeComment' || action === 'removeLink') return { kind: 'delivered' }
  // The status comment is the card of a linked issue, and `cardLookups` finds the issue alone.
  return { kind: 'rejected', reason, ...(action === 'editCardComment' ? { gone: true } : { missing: true }) }
}

/** Calls that Jira documents without a body: nothing, or any object without an error. */
const QUIET = new Set(['setProperty', 'linkIssues', 'setStoryPoints'])
/** Calls that are answered with what they made or wrote, by its id. */
const MADE = /^(create|editComment|editCardComment|logWork|addLink)/

/** Whether a success is the answer to this call (https://developer.atlassian.com/cloud/jira/platform/rest/v3/). */
const isDone = ({ status, body }: Answer, { action, role }: SentCall): boolean => {
  const { id, key, message, error, errors, errorMessages } = fieldsOf(body)
  if (error !== undefined || (Array.isArray(errorMessages) && errorMessages.length > 0)) return false
  if (role !== 'call') return true
  const isNamed = [id, key].some(each => typeof each === 'string' || typeof each === 'number')
  // Only issues have a key: an answer with one belongs to another request than that of a comment.
  if (MADE.test(action)) return isNamed && (key === undefined || /Issue$/.test(action))
  if (body === '' || body === null) return body === '' || status === 204 || QUIET.has(action)
  const isFine = isFields(body) && message === undefined && Object.keys(errors ?? {}).length === 0
  return isNamed || (isFine && QUIET.has(action))
}

const TABLE: OutcomeTable = {
  words: ({ status, headers }) => [
    ...(isAnonymous({ headers }) ? ['anonymous'] : []),
    ...(status === 429 ? [limitOf(headers)] : []),
  ],
  meanings: {
    anonymous: 'denied',
    401: 'denied',
    404: judgeMissing,
    // Another edit was under way; values that are read before a call are read again the next time.
    409: 'retry',
    // The limit of one issue's writes holds up that issue; any other holds up all calls of its limit.
    'jira-per-issue-on-write': 'retry',
    429: 'throttled',
    // In Jira's own words it is about this one request: the service as a whole works.
    500: ({ body }, _, reason) => (isFields(body) ? { kind: 'unknown', reason } : undefined),
  },
  reason: reasonOf,
  waitMs: waitOf,
  isDone,
}

/**
 * Maps a reply of Jira to an outcome. `denied` is the credential or a missing scope: the worker asks `check` before it pauses
 * anything, and where that is accepted, this call alone is refused.
 */
export const outcome = (reply: Reply, sent: SentCall): Outcome => readOutcome(TABLE, reply, sent)
