import {
  type Call,
  httpOutcome,
  type Json,
  type Outcome,
  type Reply,
  type Role,
  retryAfterMs,
} from '@sessionwire/core/adapter'
import { line, shorten } from './text.ts'

type Sent = Readonly<{ action: string; role: Role; call?: Call }>
type Answer = Extract<Reply, { kind: 'answer' }>
type Fields = Readonly<{ [key: string]: Json }>

const isFields = (value: Json | undefined): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
/** A reply may be of megabytes: what no reason could show is not looked at. */
const brief = (_: string, value: unknown) => (typeof value === 'string' ? shorten(value, 500) : value)
const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? shorten(value, 500) : (JSON.stringify(value, brief) ?? '')

/** Both halves of Jira's error: what it says as a whole, and field by field. Either may be empty. */
const saidBy = (body: Json): string => {
  if (!isFields(body)) return textOf(body)
  const { errorMessages, errors, message } = body as Partial<Fields>
  const parts = [
    ...(Array.isArray(errorMessages) ? errorMessages.map(textOf) : []),
    ...(isFields(errors) ? Object.entries(errors).map(([field, why]) => `${field}: ${textOf(why)}`) : []),
    ...(typeof message === 'string' ? [message] : []),
  ]
  return parts.length === 0 ? textOf(body) : parts.join('; ')
}

/** Whether Jira itself spoke, and not something between it and us. */
const isJiras = (body: Json): boolean =>
  isFields(body) && (Array.isArray(body.errorMessages) || isFields(body.errors))

/** Whether an answer is in Jira's own form: JSON as it or its gateway writes it, or one of its known plain texts. */
export const isOwn = ({ status, headers, body }: Answer): boolean => {
  // A limit is a limit, whichever part of the way sets it.
  if (status === 429 || isStranger({ headers })) return true
  if (body === '' || body === null) return status >= 200 && status < 300
  if (typeof body === 'string') return /^XSRF check failed|^Client must be authenticated/.test(body)
  const type = headers['content-type'] ?? 'application/json'
  if (!/\bjson\b/i.test(type) || (status >= 300 && status < 400)) return false
  if (status < 300 || isJiras(body)) return true
  const { message, code } = (isFields(body) ? body : {}) as Partial<Fields>
  const statusCode = isFields(body) ? body['status-code'] : undefined
  return typeof message === 'string' && [code, statusCode].includes(status)
}

/** Boards, sprints and estimates have an API and scopes of their own: only granular ones. */
const AGILE_SCOPE =
  'the token lacks a scope of Jira Software for this call, such as write:sprint:jira-software'
const isAgile = ({ call }: Sent): boolean =>
  call?.kind === 'http' && typeof call.endpoint === 'string' && call.endpoint.includes('/rest/agile/')

/** Advice that follows Jira's words. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/\bscope\b/i, 'the token lacks a scope: it needs read:jira-work, write:jira-work and read:jira-user'],
  [/XSRF/i, 'something on the way made the request look like a browser'],
  [/labels.*cannot be set/i, 'new issues are found again by a label: put Labels on the create screen'],
  [/CHANGE-2046|null for uri/i, 'this Jira has no such API: see apiVersion and deployment'],
  [/INVALID_INPUT/, 'Jira refused the rich text'],
  [/time ?tracking/i, 'turn on time tracking in Jira, or worklog off'],
]

const reasonOf = ({ status, body }: Answer): string => {
  const said = line(saidBy(body), 250)
  const hint = HINTS.find(([pattern]) => pattern.test(said))?.[1]
  return `${status} ${said}${hint === undefined ? '' : ` (${hint})`}`.trim()
}

/** From `Retry-After`, else from `X-RateLimit-Reset`, an ISO time that may lack its seconds, by the answer's own clock. */
const waitOf = ({ headers }: Answer): Readonly<{ waitMs?: number }> => {
  const asked = retryAfterMs(headers)
  const until = Date.parse(headers['x-ratelimit-reset'] ?? '') - Date.parse(headers.date ?? '')
  const waitMs = asked ?? (Number.isNaN(until) ? undefined : Math.max(0, until))
  return waitMs === undefined || !Number.isSafeInteger(waitMs) ? {} : { waitMs }
}

/** A 429 for one issue's writes holds up that issue; any other holds up all calls of its limit. */
const throttled = (answer: Answer): Outcome => {
  const why = line(answer.headers['ratelimit-reason'] ?? '', 60)
  const reason = `429 ${why === '' ? 'too many requests' : why}`
  const one = why === 'jira-per-issue-on-write'
  return { kind: 'retry', reason, ...waitOf(answer), ...(one ? {} : { throttled: true as const }) }
}

/** Actions whose 404 means that a person deleted the card. */
const CARDS = new Set(['editCard', 'editCardComment'])
/** Look-ups that search: a 404 there is no empty list, but an API that is not there. */
const SEARCHES = new Set(['createIssue', 'createSubIssue', 'setStatus'])

type Rule = (answer: Answer, sent: Sent) => Outcome

const rejected: Rule = answer => ({ kind: 'rejected', reason: reasonOf(answer) })

const notFound: Rule = (answer, { action, role }) => {
  if (role === 'look-up' && !isJiras(answer.body) && !/null for uri/.test(textOf(answer.body)))
    return { kind: 'retry', reason: reasonOf(answer) }
  if (role === 'look-up' && isJiras(answer.body) && !SEARCHES.has(action))
    return { kind: 'delivered', empty: true }
  return {
    kind: 'rejected',
    reason: `${reasonOf(answer)} (it is not there, or this user may not see it)`,
    ...(role === 'call' && CARDS.has(action) && isJiras(answer.body) ? { gone: true as const } : {}),
  }
}

const STATUSES: Readonly<Record<number, Rule>> = {
  400: rejected,
  403: rejected,
  404: notFound,
  // Somebody else's edit was under way; what is read before a call is read anew the next time.
  409: answer => ({ kind: 'retry', reason: reasonOf(answer) }),
  410: rejected,
  413: rejected,
  422: rejected,
  429: throttled,
}

/** Jira may take a wrong credential for nobody and answer as to a stranger: an empty list is no answer then. */
const isStranger = ({ headers }: Pick<Answer, 'headers'>): boolean =>
  headers['x-authentication-denied-reason'] !== undefined ||
  /AUTHENTICAT(ED_FAILED|ION_DENIED)/.test(headers['x-seraph-loginreason'] ?? '')

type Shape = (answer: Answer) => boolean
const isNamed = (body: Json, ...names: readonly string[]): boolean =>
  isFields(body) && names.some(name => /^(string|number)$/.test(typeof body[name]))
/** Nothing, or the issue: what an edit of one is answered with. */
const isEdited: Shape = ({ status, body }) =>
  body === '' || (status === 204 && body === null) || isNamed(body, 'id', 'key')
/** What was made or written, by its id. */
const isMade: Shape = ({ body }) => isNamed(body, 'id')
/** Documented without a word on its body: nothing, or any object that tells of no trouble. */
const isQuiet: Shape = ({ body }) =>
  body === '' ||
  body === null ||
  (isFields(body) && typeof body.message !== 'string' && Object.keys(body.errors ?? {}).length === 0)

/** What each write is answered with when it was done (https://developer.atlassian.com/cloud/jira/platform/rest/v3/). */
const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ...['editCard', 'updateIssue', 'assign', 'addLabels', 'removeLabels', 'setStatus', 'addToSprint'].map(
    name => [name, isEdited] as const,
  ),
  ...['createIssue', 'createSubIssue', 'createComment', 'updateComment', 'editCardComment'].map(
    name => [name, isMade] as const,
  ),
  ...['addWorklog', 'setRemoteLink', 'createVersion'].map(name => [name, isMade] as const),
  ...['setProperty', 'linkIssues', 'setStoryPoints'].map(name => [name, isQuiet] as const),
])

/** What is odd about a success: text where JSON belongs is a portal or proxy speaking, and an error is no success. */
const oddity = (answer: Answer, { action, role }: Sent): string | undefined => {
  const { status, body } = answer
  if (status < 200 || status >= 300) return undefined
  if (typeof body === 'string' && body !== '') return 'with text instead of JSON'
  const { error, errorMessages } = (isFields(body) ? body : {}) as Partial<Fields>
  if (error !== undefined || (Array.isArray(errorMessages) && errorMessages.length > 0))
    return 'with an error inside'
  return role === 'call' && SHAPES.get(action)?.(answer) === false ? "but not Jira's answer" : undefined
}

/**
 * The credential was refused, or it lacks a scope. The worker asks `check` before it pauses anything: where that is accepted,
 * this call alone is refused.
 */
const denied: Rule = (answer, sent) => {
  const reason = reasonOf(answer)
  const [, advice = ''] = HINTS[0] ?? []
  return { kind: 'denied', reason: isAgile(sent) ? reason.replace(advice, AGILE_SCOPE) : reason }
}

/** Maps a reply of Jira to an outcome. */
export const outcome = (reply: Reply, sent: Sent): Outcome => {
  if (reply.kind === 'failure') return httpOutcome(reply, sent)
  if (reply.status === 401 || isStranger(reply)) return denied(reply, sent)
  const odd = oddity(reply, sent)
  if (odd !== undefined)
    return {
      kind: sent.role === 'call' ? 'unknown' : 'retry',
      reason: `${reply.status} ${odd}: ${line(saidBy(reply.body), 200) || 'nothing'}`,
    }
  const rule = STATUSES[reply.status]
  if (rule !== undefined) return rule(reply, sent)
  const general = httpOutcome({ ...reply, body: null }, sent)
  if (general.kind === 'delivered') return general
  const { reason: _, ...rest } = general
  const said = { ...rest, ...(general.kind === 'unknown' || general.kind === 'retry' ? waitOf(reply) : {}) }
  // A 500 in Jira's own words is about this one request: the service as a whole is up.
  if (reply.status === 500 && isJiras(reply.body)) return { kind: 'unknown', reason: reasonOf(reply) }
  return { ...said, reason: reasonOf(reply) } as Outcome
}
