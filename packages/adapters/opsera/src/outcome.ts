import {
  type Answer,
  at,
  fieldsOf,
  httpOutcome,
  type Json,
  type Outcome,
  quote,
  type Reply,
  retryAfterMs,
  type SentCall,
} from '@sessionwire/core/adapter'
import type { OpseraConfig } from './config.ts'

type Known = Pick<OpseraConfig, 'pointers' | 'skipParameter'>
type List = 'projects' | 'users' | 'groups'

/** The list that is read before each write, or before it is sent again. */
const LISTS: ReadonlyMap<string, List> = new Map([
  ['createCard', 'projects'],
  ['editCard', 'projects'],
  ['linkTask', 'projects'],
  ['createProject', 'projects'],
  ['updateProject', 'projects'],
  ['createUser', 'users'],
  ['createGroup', 'groups'],
])
/** Calls whose object may be there already. */
const CREATES = new Set(['createCard', 'createProject', 'createUser', 'createGroup', 'createTask'])
/** Calls that write into the session's project. */
const OF_CARD = new Set(['editCard', 'linkTask'])

/** The list of a read; undefined for a call, and for reads of a person. */
const listOf = ({ action, role }: SentCall): List | undefined =>
  role === 'check' ? 'projects' : role === 'look-up' ? LISTS.get(action) : undefined

/** The message of an answer, in one of the forms that were seen. */
const messageOf = (body: Json): string => {
  const { message } = fieldsOf(body)
  return quote(typeof message === 'string' && message !== '' ? message : body)
}

/**
 * Whether an answer is in a form that Opsera was seen to give: an object, an array, a sentence, or nothing. A page, half an
 * answer and a bare number are not its own.
 */
export const isOwn = ({ headers, body }: Answer): boolean => {
  if (/\bhtml\b/i.test(headers['content-type'] ?? '')) return false
  if (typeof body === 'string') return !/^\s*[<{[]/.test(body)
  return body !== null && typeof body === 'object'
}

const EXISTS = /already exists|already in use|duplicate/i
/** About the token and not about one object (https://opsera.atlassian.net/wiki/spaces/OE/pages/1461878875/Opsera+API+Platform). */
const OF_TOKEN = /\b(token|scope|expired|deactivated|revoked)\b/i
const NOT_THERE = /\b(project|user|group|pipeline|parameter|task)s?\b.*\b(not found|not exist|no longer)\b/i
const TROUBLE = /\b(errors?|fail(ed|ure)?|denied|unauthori[sz]ed|forbidden|invalid|not found)\b/i

const isTrouble = (text: string): boolean => TROUBLE.test(text) || EXISTS.test(text)

const PATH_HINT = 'there is nothing at this address: see baseUrl and paths of opsera()'

// ── answers that are successes by their status

const readList = (body: Json, list: List, { pointers, skipParameter }: Known): Outcome => {
  const found = at(body, pointers[list])
  if (!found.found || !Array.isArray(found.value))
    return { kind: 'unknown', reason: `no list of ${list} at "${pointers[list]}": see pointers of opsera()` }
  const count = at(body, pointers.count)
  const all = list === 'projects' && count.found && typeof count.value === 'number' ? count.value : 0
  if (skipParameter === undefined && all > found.value.length)
    return {
      kind: 'unknown',
      reason: `${found.value.length} of ${all} projects came, and how to read the others is not documented: see skipParameter and paths.projects of opsera()`,
    }
  return { kind: 'delivered' }
}

/** Opsera answers some calls with a sentence, some with an object that may say it failed (`failed` in a 200). */
const readSuccess = (answer: Answer, { action, role }: SentCall): Outcome => {
  const { status, body } = answer
  const { status: word, error, success, message, errors } = fieldsOf(body)
  const reason = `${status} ${messageOf(body)}`.trim()
  const unclear = { kind: role === 'call' ? 'unknown' : 'retry', reason } as const
  if (typeof word === 'string' && /^fail(ed|ure)?$/i.test(word)) {
    const isThere = CREATES.has(action) && EXISTS.test(messageOf(body))
    return role === 'call' && !isThere ? { kind: 'rejected', reason } : unclear
  }
  if (success === false || (error !== undefined && error !== null && error !== false && error !== ''))
    return unclear
  if (typeof word === 'string' && /^error$/i.test(word)) return unclear
  if (!isOwn(answer)) return { ...unclear, reason: `${status}, but not an answer of Opsera` }
  if (role !== 'call') return { kind: 'delivered' }
  if (typeof body === 'string') return isTrouble(body) ? unclear : { kind: 'delivered' }
  if (Array.isArray(body)) return { ...unclear, reason: `${status}, but not an answer of Opsera` }
  // The answer to a change is not documented: any object means success, unless it reports trouble.
  if (Object.keys(errors ?? {}).length > 0) return unclear
  const isDone = typeof word === 'string' && /^(executed|success)$/i.test(word)
  return !isDone && typeof message === 'string' && isTrouble(message) ? unclear : { kind: 'delivered' }
}

// ── refusals

type Refusal = (answer: Answer, sent: SentCall, reason: string) => Outcome

/** The look-up of a create decides whether the object that is there is ours. */
const readConflict: Refusal = ({ status, body }, { action, role }, reason) =>
  role === 'call' && CREATES.has(action) && (status === 409 || EXISTS.test(messageOf(body)))
    ? { kind: 'unknown', reason }
    : { kind: 'rejected', reason }

const TABLE: Readonly<Record<number, Refusal>> = {
  400: readConflict,
  // One status for a token that is expired, deactivated or of the wrong scope, and for an object that is not ours.
  403: ({ body }, sent, reason) =>
    OF_TOKEN.test(messageOf(body)) || listOf(sent) === 'projects'
      ? { kind: 'denied', reason }
      : { kind: 'rejected', reason },
  404: ({ body }, { action, role }, reason) => {
    if (!NOT_THERE.test(messageOf(body))) return { kind: 'rejected', reason: `${reason}: ${PATH_HINT}` }
    if (role === 'call' && OF_CARD.has(action))
      return { kind: 'rejected', reason: `the project was deleted: ${reason}`, gone: true }
    // Only a search for one thing says so; an empty list is a list.
    return role === 'look-up' && !LISTS.has(action)
      ? { kind: 'delivered', empty: true }
      : { kind: 'rejected', reason }
  },
  409: readConflict,
  422: readConflict,
  429: ({ headers }, _, reason) => {
    const waitMs = retryAfterMs(headers)
    return { kind: 'retry', reason, throttled: true, ...(waitMs === undefined ? {} : { waitMs }) }
  },
}

/** Maps a reply of Opsera to an outcome. */
export const outcome = (reply: Reply, sent: SentCall, config: Known): Outcome => {
  if (reply.kind === 'failure')
    // A list that is larger than the limit of an answer will not be smaller next time.
    return reply.code === 'too-large' && sent.role === 'look-up'
      ? { kind: 'rejected', reason: `${reply.reason}: see paths.projects of opsera()` }
      : httpOutcome(reply, sent)
  const { status, body } = reply
  if (status < 200 || status >= 300)
    return TABLE[status]?.(reply, sent, `${status} ${messageOf(body)}`.trim()) ?? httpOutcome(reply, sent)
  const success = readSuccess(reply, sent)
  const list = listOf(sent)
  return success.kind === 'delivered' && list !== undefined ? readList(body, list, config) : success
}
