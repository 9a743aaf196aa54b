import {
  at,
  httpOutcome,
  type Json,
  type Outcome,
  type Reply,
  type Role,
  retryAfterMs,
  said,
} from '@sessionwire/core/adapter'
import type { OpseraConfig } from './config.ts'

type Sent = Readonly<{ action: string; role: Role }>
type Answer = Extract<Reply, { kind: 'answer' }>
type Fields = Readonly<Record<string, Json>>
type Known = Pick<OpseraConfig, 'pointers' | 'skipParameter'>
type List = 'projects' | 'users' | 'groups'

/** The list each write looks into before it is sent, or before it is sent again. */
const LISTS: ReadonlyMap<string, List> = new Map([
  ['createCard', 'projects'],
  ['editCard', 'projects'],
  ['createProject', 'projects'],
  ['updateProject', 'projects'],
  ['createUser', 'users'],
  ['createGroup', 'groups'],
])
/** What may be there already. */
const CREATES = new Set(['createCard', 'createProject', 'createUser', 'createGroup'])

/** The list a read is of; undefined for a call, and for reads that are a person's own. */
const listOf = ({ action, role }: Sent): List | undefined =>
  role === 'check' ? 'projects' : role === 'look-up' ? LISTS.get(action) : undefined

const fieldsOf = (body: Json): Fields =>
  body !== null && typeof body === 'object' && !Array.isArray(body) ? (body as Fields) : {}

/** What Opsera says in its answer, in one of the shapes it was seen in. */
const told = (body: Json): string => {
  const { message } = fieldsOf(body)
  return said(typeof message === 'string' && message !== '' ? message : body)
}

const EXISTS = /already exists|already in use|duplicate/i
/** Said of the token, not of one object (https://opsera.atlassian.net/wiki/spaces/OE/pages/1461878875/Opsera+API+Platform). */
const OF_TOKEN = /\b(token|scope|expired|deactivated|revoked)\b/i
const NOT_THERE = /\b(project|user|group|pipeline|parameter|task)s?\b.*\b(not found|not exist|no longer)\b/i
const TROUBLE = /\b(errors?|fail(ed|ure)?|denied|unauthori[sz]ed|forbidden|invalid|not found)\b/i

const isTrouble = (text: string): boolean => TROUBLE.test(text) || EXISTS.test(text)

const PATH_HINT = 'there is nothing at this address: see baseUrl and paths of opsera()'

// ── answers that are successes by their status

const wholeList = (body: Json, list: List, { pointers, skipParameter }: Known): Outcome => {
  const found = at(body, pointers[list])
  if (!found.found || !Array.isArray(found.value))
    return { kind: 'unknown', reason: `no list of ${list} at "${pointers[list]}": see pointers of opsera()` }
  const count = at(body, pointers.count)
  const all = list === 'projects' && count.found && typeof count.value === 'number' ? count.value : 0
  if (skipParameter === undefined && all > found.value.length)
    return {
      kind: 'unknown',
      reason: `${found.value.length} of ${all} projects came, and how to ask for the rest is not documented: see skipParameter and paths.projects of opsera()`,
    }
  return { kind: 'delivered' }
}

/** Opsera answers some calls with a sentence, some with an object that may say it failed (`failed` in a 200). */
const spoken = ({ status, body }: Answer, { action, role }: Sent): Outcome => {
  const { status: word, error, success } = fieldsOf(body)
  const reason = `${status} ${told(body)}`.trim()
  const unclear = { kind: role === 'call' ? 'unknown' : 'retry', reason } as const
  const foreign = { ...unclear, reason: `${status}, but no answer of Opsera's` }
  if (typeof word === 'string' && /^fail(ed|ure)?$/i.test(word)) {
    const there = CREATES.has(action) && EXISTS.test(told(body))
    return role === 'call' && !there ? { kind: 'rejected', reason } : unclear
  }
  if (success === false || (error !== undefined && error !== null && error !== false && error !== ''))
    return unclear
  if (typeof word === 'string' && /^error$/i.test(word)) return unclear
  // A page of a proxy, half an answer.
  const isText = typeof body === 'string'
  if (isText && /^\s*[<{[]/.test(body)) return foreign
  if (role !== 'call') return { kind: 'delivered' }
  if (isText) return isTrouble(body) ? unclear : { kind: 'delivered' }
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return foreign
  // What a change is answered with is not documented: an object will do, unless it speaks of trouble.
  const { message, errors } = body as Partial<Fields>
  if (Object.keys(errors ?? {}).length > 0) return unclear
  const done = typeof word === 'string' && /^(executed|success)$/i.test(word)
  return !done && typeof message === 'string' && isTrouble(message) ? unclear : { kind: 'delivered' }
}

// ── refusals

type Refused = (answer: Answer, sent: Sent, reason: string) => Outcome

/** Its own look-up decides whether what is said to be there is what we made. */
const there: Refused = ({ body }, { action, role }, reason) =>
  role === 'call' && CREATES.has(action) && EXISTS.test(told(body))
    ? { kind: 'unknown', reason }
    : { kind: 'rejected', reason }

const TABLE: Readonly<Record<number, Refused>> = {
  400: there,
  // One status for a token that is expired, deactivated or of the wrong scope, and for an object that is not ours.
  403: ({ body }, sent, reason) =>
    OF_TOKEN.test(told(body)) || listOf(sent) === 'projects'
      ? { kind: 'denied', reason }
      : { kind: 'rejected', reason },
  404: ({ body }, { action, role }, reason) => {
    const missing = NOT_THERE.test(told(body))
    if (!missing) return { kind: 'rejected', reason: `${reason}: ${PATH_HINT}` }
    if (role === 'call' && action === 'editCard')
      return { kind: 'rejected', reason: `the project was deleted: ${reason}`, gone: true }
    // Only a search for one thing says so; a list of none is an empty one.
    return role === 'look-up' && !LISTS.has(action)
      ? { kind: 'delivered', empty: true }
      : { kind: 'rejected', reason }
  },
  409: (_, { action, role }, reason) =>
    role === 'call' && CREATES.has(action) ? { kind: 'unknown', reason } : { kind: 'rejected', reason },
  422: there,
  429: ({ headers }, _, reason) => {
    const waitMs = retryAfterMs(headers)
    return { kind: 'retry', reason, throttled: true, ...(waitMs === undefined ? {} : { waitMs }) }
  },
}

/** What a reply of Opsera means. */
export const outcomeOf =
  (config: Known) =>
  (reply: Reply, sent: Sent): Outcome => {
    if (reply.kind === 'failure')
      // A list that is larger than what is taken in will not be smaller next time.
      return reply.code === 'too-large' && sent.role === 'look-up'
        ? { kind: 'rejected', reason: `${reply.reason}: see paths.projects of opsera()` }
        : httpOutcome(reply, sent)
    const { status, body } = reply
    if (status < 200 || status >= 300)
      return TABLE[status]?.(reply, sent, `${status} ${told(body)}`.trim()) ?? httpOutcome(reply, sent)
    const spoke = spoken(reply, sent)
    const list = listOf(sent)
    return spoke.kind === 'delivered' && list !== undefined ? wholeList(body, list, config) : spoke
  }
