import {
  httpOutcome,
  type Outcome,
  type Reply,
  type Role,
  retryAfterMs,
  said,
} from '@sessionwire/core/adapter'

type Sent = Readonly<{ action: string; role: Role }>
type Answered = Extract<Reply, { kind: 'answer' }>
/** What Slack says beside `ok: false`. */
type Failed = Readonly<Record<string, unknown>> & Readonly<{ error: string }>

/** How long to wait when Slack asks for patience but not for how long. */
const PATIENCE_MS = 30_000

const waitOf = ({ headers }: Answered): number => retryAfterMs(headers) ?? PATIENCE_MS

const throttled = (reply: Answered, reason: string): Outcome => ({
  kind: 'retry',
  reason,
  throttled: true,
  waitMs: waitOf(reply),
})

const delivered: Outcome = { kind: 'delivered' }

/** What a word means, whatever was called. A word in none of the tables is final: Slack adds words, and none of them may loop. */
const kinds = (kind: string, words: readonly string[]) => words.map(word => [word, kind] as const)
const MEANING: ReadonlyMap<string, string> = new Map([
  ...kinds('throttled', ['ratelimited', 'rate_limited', 'too_many_requests']),
  // Documented as possibly half done (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
  ...kinds('unknown', ['internal_error', 'fatal_error']),
  ...kinds('down', ['service_unavailable']),
  ...kinds('again', [
    ...['request_timeout', 'team_added_to_org', 'org_login_required', 'external_channel_migrating'],
    'streaming_state_conflict',
  ]),
  ...kinds('denied', [
    ...['not_authed', 'invalid_auth', 'account_inactive', 'token_revoked', 'token_expired', 'no_permission'],
    ...['team_access_not_granted', 'access_denied', 'accesslimited', 'ekm_access_denied'],
    ...['enterprise_is_restricted', 'two_factor_setup_required'],
  ]),
  ...kinds('scope', ['missing_scope', 'not_allowed_token_type']),
])

/** What means that it was done before. */
const DONE: Readonly<Record<string, readonly string[]>> = {
  addReaction: ['already_reacted'],
  pinMessage: ['already_pinned'],
  deleteMessage: ['message_not_found'],
}

/** What means that a person deleted the card. */
const GONE: Readonly<Record<string, readonly string[]>> = {
  editCard: ['message_not_found'],
  postEntry: ['thread_not_found'],
}

const has = (table: Readonly<Record<string, readonly string[]>>, { action }: Sent, word: string): boolean =>
  Object.hasOwn(table, action) && table[action]?.includes(word) === true

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter(item => typeof item === 'string') : []

/** The word, and what Slack says about it: the scope that is missing, the block that is wrong. */
const reasonOf = (body: Failed): string => {
  const { response_metadata: metadata, errors, needed, provided } = body
  const messages =
    typeof metadata === 'object' && metadata !== null && 'messages' in metadata ? metadata.messages : []
  const details = [
    ...(typeof needed === 'string' ? [`needs ${needed}`] : []),
    ...(typeof provided === 'string' ? [`has ${provided}`] : []),
    ...new Set([...texts(errors), ...texts(messages)]),
  ]
  const whole = details.length === 0 ? body.error : `${body.error}: ${details.join('; ')}`
  return said(whole) || 'ok is false'
}

/** The scope everything else rests on. Without another one, only what needs that is refused. */
const basic = ({ needed }: Failed): boolean =>
  typeof needed === 'string' && needed.split(',').some(scope => scope.trim() === 'chat:write')

type Meant = (reply: Answered, sent: Sent, body: Failed, reason: string) => Outcome

const OUTCOMES: Readonly<Record<string, Meant>> = {
  throttled: (reply, _sent, _body, reason) => throttled(reply, reason),
  unknown: (_reply, _sent, _body, reason) => ({ kind: 'unknown', reason, down: true }),
  down: (_reply, _sent, _body, reason) => ({ kind: 'retry', reason, down: true }),
  again: (_reply, _sent, _body, reason) => ({ kind: 'retry', reason }),
  denied: (_reply, _sent, _body, reason) => ({ kind: 'denied', reason }),
  scope: (_reply, { role }, body, reason) =>
    role !== 'look-up' && basic(body) ? { kind: 'denied', reason } : { kind: 'rejected', reason },
}

const failed = (reply: Answered, sent: Sent, body: Failed): Outcome => {
  const reason = reasonOf(body)
  if (sent.role === 'call' && has(DONE, sent, body.error)) return delivered
  if (sent.role === 'call' && has(GONE, sent, body.error)) return { kind: 'rejected', reason, gone: true }
  const meant = OUTCOMES[MEANING.get(body.error) ?? '']
  return meant?.(reply, sent, body, reason) ?? { kind: 'rejected', reason }
}

/** By its status alone. A 404 of the Web API is a wrong address, never an empty list. */
const byStatus = (reply: Answered, sent: Sent): Outcome => {
  if (reply.status === 429) return throttled(reply, '429')
  return httpOutcome(reply, { role: sent.role === 'look-up' ? 'call' : sent.role })
}

/** What every answer of the Web API has; anything else comes from somebody else. */
type Spoken = Readonly<{ ok: boolean; error?: unknown }>
const isSpoken = (body: unknown): body is Spoken =>
  typeof body === 'object' && body !== null && 'ok' in body && typeof body.ok === 'boolean'

const isFailed = (body: Spoken): body is Spoken & Failed => !body.ok && typeof body.error === 'string'

const ofApi = (reply: Answered, sent: Sent): Outcome => {
  const { body, status } = reply
  const good = status >= 200 && status < 300
  if (!isSpoken(body))
    return good ? { kind: 'unknown', reason: `${status}, but no answer of Slack's` } : byStatus(reply, sent)
  if (good && body.ok) return delivered
  if (isFailed(body) && status !== 429) return failed(reply, sent, body)
  return good ? { kind: 'unknown', reason: 'ok is false, without an error' } : byStatus(reply, sent)
}

/** Words of a webhook that are about its address (https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks). */
const WEBHOOK_DENIED = new Set([
  ...['invalid_token', 'no_service', 'no_active_hooks', 'no_service_id', 'no_team', 'team_disabled'],
])
/** Answers to an empty message: it was refused, so the address is right. */
const WEBHOOK_EMPTY = new Set(['no_text', 'invalid_payload'])

const ofWebhook = (reply: Answered, { role }: Sent): Outcome => {
  const word = typeof reply.body === 'string' ? reply.body.trim() : ''
  if (reply.status === 200 && word === 'ok') return delivered
  if (role === 'check' && reply.status === 400 && WEBHOOK_EMPTY.has(word)) return delivered
  if (reply.status >= 200 && reply.status < 300)
    return { kind: 'unknown', reason: `${reply.status}, but not "ok"` }
  if (WEBHOOK_DENIED.has(word)) return { kind: 'denied', reason: `${reply.status} ${word}` }
  return byStatus(reply, { action: 'postWebhook', role: 'call' })
}

/** What a reply of the Web API means. */
export const outcome = (reply: Reply, sent: Sent): Outcome =>
  reply.kind === 'failure' ? httpOutcome(reply, sent) : ofApi(reply, sent)

/** What a reply of a webhook means. */
export const webhookOutcome = (reply: Reply, sent: Sent): Outcome =>
  reply.kind === 'failure' ? httpOutcome(reply, sent) : ofWebhook(reply, sent)
