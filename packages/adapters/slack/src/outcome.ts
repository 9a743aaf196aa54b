import {
  type Answer,
  httpOutcome,
  type Outcome,
  quote,
  type Reply,
  retryAfterMs,
  type SentCall,
} from '@sessionwire/core/adapter'

/** The fields of every answer of the Web API. */
type Body = Readonly<{ ok: boolean; error?: unknown }>
type Failed = Readonly<Record<string, unknown>> & Readonly<{ ok: false; error: string }>
type Kind = 'throttled' | 'unknown' | 'down' | 'again' | 'denied' | 'missing'

/** How long to wait when Slack does not say. */
const PATIENCE_MS = 30_000

const WORDS: Readonly<Record<Kind, readonly string[]>> = {
  throttled: ['ratelimited', 'rate_limited', 'too_many_requests'],
  // Documented as possibly half done (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
  unknown: ['internal_error', 'fatal_error'],
  down: ['service_unavailable'],
  again: [
    ...['request_timeout', 'team_added_to_org', 'org_login_required', 'external_channel_migrating'],
    'streaming_state_conflict',
  ],
  denied: [
    ...[
      'account_inactive',
      'enterprise_is_restricted',
      'ekm_access_denied',
      'access_denied',
      'accesslimited',
    ],
    ...['team_access_not_granted', 'two_factor_setup_required'],
  ],
  missing: ['message_not_found', 'thread_not_found'],
}
const MEANINGS = new Map(
  Object.entries(WORDS).flatMap(([kind, words]) => words.map(word => [word, kind as Kind] as const)),
)
/** Scopes, token types and rights have many names (`missing_scope`, `not_allowed_token_type`), and Slack adds some. */
const CREDENTIAL = /scope|token|(^|_)auth|permission/

/** The meaning of a word. An unknown one is final: Slack adds words, and none of them may be sent again for ever. */
const meaningOf = (word: string): Kind | undefined =>
  MEANINGS.get(word) ?? (CREDENTIAL.test(word) ? 'denied' : undefined)

/** Words that mean that it was done before. */
const DONE = new Set([
  'addReaction already_reacted',
  'pinMessage already_pinned',
  'deleteMessage message_not_found',
])
/** Words that mean that a person deleted the card. */
const GONE = new Set(['editCard message_not_found', 'postEntry thread_not_found'])

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter(item => typeof item === 'string') : []

/** The word, and what Slack says about it: the scope that is missing, the block that is wrong. */
const reasonOf = (body: Failed): string => {
  const { response_metadata: metadata, errors, needed, provided } = body
  const details = [
    ...(typeof needed === 'string' ? [`needs ${needed}`] : []),
    ...(typeof provided === 'string' ? [`has ${provided}`] : []),
    ...new Set([...texts(errors), ...texts((metadata as Readonly<{ messages?: unknown }> | null)?.messages)]),
  ]
  return quote(details.length === 0 ? body.error : `${body.error}: ${details.join('; ')}`) || 'ok is false'
}

const throttle = ({ headers }: Answer, reason: string): Outcome => ({
  kind: 'retry',
  reason,
  throttled: true,
  waitMs: retryAfterMs(headers) ?? PATIENCE_MS,
})

const judgeFailure = (reply: Answer, { action, role }: SentCall, body: Failed): Outcome => {
  const reason = reasonOf(body)
  const place = `${action} ${body.error}`
  if (role === 'call' && DONE.has(place)) return { kind: 'delivered' }
  if (role === 'call' && GONE.has(place)) return { kind: 'rejected', reason, gone: true }
  switch (meaningOf(body.error)) {
    case 'throttled':
      return throttle(reply, reason)
    case 'unknown':
      return { kind: 'unknown', reason, down: true }
    case 'down':
      return { kind: 'retry', reason, down: true }
    case 'again':
      return { kind: 'retry', reason }
    case 'denied':
      return { kind: 'denied', reason }
    case 'missing':
      return role === 'look-up'
        ? { kind: 'delivered', empty: true }
        : { kind: 'rejected', reason, missing: true }
    default:
      return { kind: 'rejected', reason }
  }
}

const isBody = (body: unknown): body is Body =>
  typeof body === 'object' && body !== null && 'ok' in body && typeof body.ok === 'boolean'
const isFailed = (body: Body): body is Failed => !body.ok && typeof body.error === 'string'

/** Every answer of the Web API says whether it is `ok`. */
export const isOwn = ({ body }: Answer): boolean => isBody(body)

/** By its status alone. A 404 of the Web API is a wrong address, never an empty list. */
const byStatus = (reply: Answer, { role }: SentCall): Outcome =>
  reply.status === 429
    ? throttle(reply, '429')
    : httpOutcome(reply, { role: role === 'look-up' ? 'call' : role })

/** The meaning of a reply of the Web API. */
export const outcome = (reply: Reply, sent: SentCall): Outcome => {
  if (reply.kind === 'failure') return httpOutcome(reply, sent)
  const { body, status } = reply
  const { action } = sent
  const isSuccess = status >= 200 && status < 300
  if (!isBody(body))
    return isSuccess
      ? { kind: 'unknown', reason: `${status}, but no answer of Slack's` }
      : byStatus(reply, sent)
  // An address is only for links in other tools: the message and its thread must not wait for it.
  if (isSuccess && body.ok && action === 'readAddress' && !('permalink' in body))
    return { kind: 'rejected', reason: 'Slack gave no address of the message' }
  if (isSuccess && body.ok) return { kind: 'delivered' }
  if (isFailed(body) && status !== 429) return judgeFailure(reply, sent, body)
  return isSuccess ? { kind: 'unknown', reason: 'ok is false, without an error' } : byStatus(reply, sent)
}

/** Words of a webhook about its address (https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks). */
const WEBHOOK_DENIED = new Set([
  ...['invalid_token', 'no_service', 'no_active_hooks', 'no_service_id', 'no_team', 'team_disabled'],
])
/** Answers to an empty message: it was refused, so the address is right. */
const WEBHOOK_EMPTY = new Set(['no_text', 'invalid_payload'])

/** The meaning of a reply of a webhook. */
export const webhookOutcome = (reply: Reply, sent: SentCall): Outcome => {
  if (reply.kind === 'failure') return httpOutcome(reply, sent)
  const word = typeof reply.body === 'string' ? reply.body.trim() : ''
  if (reply.status === 200 && word === 'ok') return { kind: 'delivered' }
  if (sent.role === 'check' && reply.status === 400 && WEBHOOK_EMPTY.has(word)) return { kind: 'delivered' }
  if (reply.status >= 200 && reply.status < 300)
    return { kind: 'unknown', reason: `${reply.status}, but not "ok"` }
  if (WEBHOOK_DENIED.has(word)) return { kind: 'denied', reason: `${reply.status} ${word}` }
  return byStatus(reply, { action: sent.action, role: 'call' })
}
