import {
  type Answer,
  fieldsOf,
  httpOutcome,
  type Json,
  type Meaning,
  type Outcome,
  quote,
  type Reply,
  readOutcome,
  retryAfterMs,
  type SentCall,
  untilMs,
} from '@sessionwire/core/adapter'

/**
 * Meanings of `extensions.code`, `extensions.type` (the words of Linear's own SDK) and of our names for messages. Of several
 * words the first in this order counts, so that the one that forbids most decides. The status says little: errors come
 * with 200 and with 400, a rate limit with 400. https://linear.app/developers/graphql
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  RATELIMITED: 'throttled',
  ratelimited: 'throttled',
  'status 429': 'throttled',
  AUTHENTICATION_ERROR: 'denied',
  'authentication error': 'denied',
  'status 401': 'denied',
  // A scope that is missing, or a token of the wrong type. Where one team or issue is closed to a good credential, the
  // worker's check is accepted and the call is rejected.
  credential: 'denied',
  'lock timeout': 'retry',
  'status 5xx': 'broken',
  'internal error': 'unknown',
  INTERNAL_SERVER_ERROR: 'unknown',
  'not found': 'missing',
  // The thing to delete is not there any more.
  'removeComment not found': 'delivered',
  'removeLink not found': 'delivered',
  FEATURE_NOT_ACCESSIBLE: 'rejected',
  'feature not accessible': 'rejected',
  FORBIDDEN: 'denied',
  forbidden: 'denied',
  'status 403': 'denied',
  GRAPHQL_VALIDATION_FAILED: 'rejected',
  INPUT_ERROR: 'rejected',
  'graphql error': 'rejected',
  'invalid input': 'rejected',
  'user error': 'rejected',
  'usage limit exceeded': 'rejected',
  'invalid argument': 'rejected',
  'status 4xx': 'rejected',
  // An unknown error with a status of success says nothing of what was applied.
  unknown: 'unknown',
}
const ORDER = Object.keys(MEANINGS)

/** Names of messages that have no code of their own. */
const MESSAGES: readonly (readonly [word: string, says: RegExp])[] = [
  ['not found', /^Entity not found/i],
  ['invalid argument', /^Argument Validation Error/i],
  [
    'credential',
    /\b(invalid|missing|insufficient|required|lacks?)\b.{0,40}\bscopes?\b|\bscopes?\b.{0,60}\b(required|missing)\b|\b(access|oauth) token\b|\bapi key\b|\bnot authori[sz]ed\b|\bpermissions?\b/i,
  ],
]

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])

const wordsOf = (error: Json, status: number): readonly string[] => {
  const { message, extensions } = fieldsOf(error)
  const { code, type, statusCode } = fieldsOf(extensions)
  const own = [text(code), text(type).toLowerCase()]
  const named = MESSAGES.flatMap(([word, says]) => (says.test(text(message)) ? [word] : []))
  const words = [...own, ...named].filter(word => ORDER.includes(word))
  if (words.length > 0) return status >= 500 ? ['status 5xx', ...words] : words
  const given = typeof statusCode === 'number' ? statusCode : status
  return [`status ${given}`, `status ${Math.floor(given / 100)}xx`, 'unknown']
}

const reasonOf = (error: Json): string => {
  const { message, extensions } = fieldsOf(error)
  const { code, type, userPresentableMessage } = fieldsOf(extensions)
  const texts = [...new Set([text(message), text(userPresentableMessage)])].filter(part => part !== '')
  return [text(code) || text(type), texts.join(' ')].filter(part => part !== '').join(': ')
}

/** Linear names the kind of thing that is not there, not which one: the reason adds the id that was asked for. */
const subjectOf = (reason: string, { call }: SentCall): string => {
  const [, entity] = /\bEntity not found: (\w+)/i.exec(reason) ?? []
  if (entity === undefined || call?.kind !== 'http') return ''
  const variables = fieldsOf(fieldsOf(call.payload).variables)
  const kind = `${entity[0]?.toLowerCase()}${entity.slice(1)}`
  const asked = text([fieldsOf(variables.input)[`${kind}Id`], variables[kind], variables.id].find(Boolean))
  return asked === '' ? '' : ` (${kind} ${asked})`
}

const BUCKETS = ['endpoint-requests', 'requests', 'complexity'] as const

/** Until the bucket has room for the request, as it refills evenly; else until it is full, by the answer's own clock. */
const waitOf = ({ headers, body }: Answer): number | undefined => {
  const asked = retryAfterMs(headers)
  if (asked !== undefined) return asked
  for (const error of list(fieldsOf(body).errors)) {
    const meta = fieldsOf(fieldsOf(fieldsOf(error).extensions).meta)
    const { requested, remaining, duration, limit } = fieldsOf(meta.rateLimitResult)
    const ms = ((Number(requested) - Number(remaining)) * Number(duration)) / Number(limit)
    if (Number.isFinite(ms)) return Math.max(0, ms)
  }
  const empty = BUCKETS.find(bucket => headers[`x-ratelimit-${bucket}-remaining`]?.trim() === '0')
  // `*-Reset` is in epoch milliseconds.
  return untilMs(headers, Number(headers[`x-ratelimit-${empty}-reset`]))
}

/** Whether the mutation that was sent says that it was applied; `undefined` where its payload is not there. */
const successOf = (data: Json | undefined, { role, call }: SentCall): boolean | undefined => {
  if (role !== 'call') return undefined
  const query = call?.kind === 'http' ? text(fieldsOf(call.payload).query) : ''
  const name = /^mutation [^{]*\{ (\w+)/.exec(query)?.[1] ?? Object.keys(fieldsOf(data))[0] ?? ''
  const { success } = fieldsOf(fieldsOf(data)[name])
  return typeof success === 'boolean' ? success : undefined
}

/** Every answer of the API has `data`, or `errors` with messages. */
export const isOwn = ({ body }: Answer): boolean => {
  const { data, errors } = fieldsOf(body)
  const failed = list(errors)
  return data !== undefined || (failed.length > 0 && failed.every(each => 'message' in fieldsOf(each)))
}

/** Reads a reply of Linear: by its body first, by HTTP where the body says nothing. */
export const outcome = (reply: Reply, sent: SentCall): Outcome => {
  if (reply.kind === 'failure') return httpOutcome(reply, sent)
  const { status, body } = reply
  const { data, errors } = fieldsOf(body)
  const isFine = status >= 200 && status < 300
  const success = isFine ? successOf(data, sent) : undefined
  // The mutation was applied, even if part of what was asked about it could not be read.
  if (success === true) return { kind: 'delivered' }
  if (success === false)
    return { kind: 'rejected', reason: `Linear answered success: false to ${sent.action}` }
  const failed = list(errors)
  if (failed.length > 0) {
    const found = failed.map(error => wordsOf(error, status))
    const words = ORDER.filter(word => found.some(each => each.includes(word)))
    const error = failed[found.findIndex(each => each.includes(words[0] ?? ''))] ?? null
    const reason = reasonOf(error) || quote(error)
    const table = {
      words: () => words,
      meanings: MEANINGS,
      reason: () => `${reason}${subjectOf(reason, sent)}`,
      waitMs: waitOf,
    }
    return readOutcome(table, reply, sent)
  }
  if (isFine && sent.role !== 'call' && Object.keys(fieldsOf(data)).length > 0) return { kind: 'delivered' }
  if (isFine) return { kind: 'unknown', reason: `${status} ${quote(body)}` }
  // Linear answers a missing entity with 200: a plain 404 is a wrong address, never an empty list.
  return httpOutcome(reply, { role: sent.role === 'look-up' ? 'call' : sent.role })
}
