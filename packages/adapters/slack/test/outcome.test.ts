import type { Json, Outcome, Role } from '@sessionwire/core/adapter'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { outcome, webhookOutcome } from '../src/outcome.ts'
import { answer } from './replies.ts'

const meant = (
  body: Json,
  more: Partial<{ action: string; role: Role; status: number; headers: Record<string, string> }> = {},
): Outcome => {
  const { action = 'createMessage', role = 'call', status = 200, headers = {} } = more
  return outcome(answer(status, body, headers), { action, role })
}
const no = (error: string, more: Readonly<Record<string, Json>> = {}) => ({ ok: false, error, ...more })

describe('the Web API', () => {
  test('an answer that is ok is delivered, with warnings too', () => {
    expect(meant({ ok: true, ts: '1.2' })).toEqual({ kind: 'delivered' })
    expect(meant({ ok: true, warning: 'missing_charset' })).toEqual({ kind: 'delivered' })
  })

  test('the address of a message is given or not: nothing waits for it', () => {
    const action = 'readAddress'
    expect(meant({ ok: true, permalink: 'https://work.example/p1' }, { action })).toEqual({
      kind: 'delivered',
    })
    const reason = 'Slack gave no address of the message'
    expect(meant({ ok: true }, { action })).toEqual({ kind: 'rejected', reason })
    expect(meant(no('message_not_found'), { action })).toMatchObject({ kind: 'rejected' })
  })

  test.for([
    ['ratelimited', { kind: 'retry', reason: 'ratelimited', throttled: true, waitMs: 30_000 }],
    ['rate_limited', { kind: 'retry', reason: 'rate_limited', throttled: true, waitMs: 30_000 }],
    ['too_many_requests', { kind: 'retry', reason: 'too_many_requests', throttled: true, waitMs: 30_000 }],
    ['internal_error', { kind: 'unknown', reason: 'internal_error', down: true }],
    ['fatal_error', { kind: 'unknown', reason: 'fatal_error', down: true }],
    ['service_unavailable', { kind: 'retry', reason: 'service_unavailable', down: true }],
    ['request_timeout', { kind: 'retry', reason: 'request_timeout' }],
    ['team_added_to_org', { kind: 'retry', reason: 'team_added_to_org' }],
    ['org_login_required', { kind: 'retry', reason: 'org_login_required' }],
    ['external_channel_migrating', { kind: 'retry', reason: 'external_channel_migrating' }],
    ['streaming_state_conflict', { kind: 'retry', reason: 'streaming_state_conflict' }],
    ...[
      ...[
        'not_authed',
        'invalid_auth',
        'account_inactive',
        'token_revoked',
        'token_expired',
        'no_permission',
      ],
      ...['team_access_not_granted', 'access_denied', 'accesslimited', 'ekm_access_denied'],
      ...['enterprise_is_restricted', 'two_factor_setup_required'],
    ].map(word => [word, { kind: 'denied', reason: word }] as const),
    ...[
      ...[
        'channel_not_found',
        'is_archived',
        'not_in_channel',
        'restricted_action',
        'message_limit_exceeded',
      ],
      ...['no_text', 'invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long'],
      ...['metadata_too_large', 'invalid_arguments', 'invalid_json'],
      ...[
        'already_reacted',
        'cant_update_message',
        'edit_window_closed',
        'is_inactive',
        'a_word_of_next_year',
      ],
    ].map(word => [word, { kind: 'rejected', reason: word }] as const),
  ] as const)('%s', ([word, expected]) => expect(meant(no(word))).toEqual(expected))

  test('what was done before is done', () => {
    expect(meant(no('already_reacted'), { action: 'addReaction' }).kind).toBe('delivered')
    expect(meant(no('already_pinned'), { action: 'pinMessage' }).kind).toBe('delivered')
    expect(meant(no('message_not_found'), { action: 'deleteMessage' }).kind).toBe('delivered')
    expect(meant(no('already_pinned'), { action: 'addReaction' }).kind).toBe('rejected')
    expect(meant(no('already_reacted'), { action: 'addReaction', role: 'look-up' }).kind).toBe('rejected')
  })

  test('a card that is not there was deleted by a person; another message is only not there', () => {
    const gone = { kind: 'rejected', reason: 'message_not_found', gone: true }
    expect(meant(no('message_not_found'), { action: 'editCard' })).toEqual(gone)
    expect(meant(no('thread_not_found'), { action: 'postEntry' })).toMatchObject({
      kind: 'rejected',
      gone: true,
    })
    expect(meant(no('message_not_found'), { action: 'editMessage' })).not.toHaveProperty('gone')
    expect(meant(no('thread_not_found'), { action: 'postEntry', role: 'look-up' })).not.toHaveProperty('gone')
  })

  test.for([
    'missing_scope',
    'missing_scopes',
    'not_allowed_token_type',
    'invalid_token_type',
    'no_permission',
  ])('%s waits until the credential is mended, whatever was asked', word => {
    const needed = { needed: 'chat:write:bot', provided: 'channels:read' }
    for (const role of ['call', 'look-up', 'check'] as const)
      expect(meant(no(word, needed), { role })).toEqual({
        kind: 'denied',
        reason: `${word}: needs chat:write:bot; has channels:read`,
      })
  })

  test('something that is not there is missing for a call, and nothing for a look-up', () => {
    expect(meant(no('message_not_found'), { action: 'addReaction' })).toEqual({
      kind: 'rejected',
      reason: 'message_not_found',
      missing: true,
    })
    expect(meant(no('thread_not_found'), { action: 'postEntry', role: 'look-up' })).toEqual({
      kind: 'delivered',
      empty: true,
    })
  })

  test('says what is wrong with blocks, once', () => {
    const message = '[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'
    const body = no('invalid_blocks', { errors: [message], response_metadata: { messages: [message] } })
    expect(meant(body)).toEqual({ kind: 'rejected', reason: `invalid_blocks: ${message}` })
  })

  test('waits as long as it is told', () => {
    const wait = (headers: Record<string, string>) => meant(no('ratelimited'), { status: 429, headers })
    expect(wait({ 'retry-after': '7' })).toEqual({
      kind: 'retry',
      reason: '429',
      throttled: true,
      waitMs: 7_000,
    })
    expect(wait({})).toMatchObject({ throttled: true, waitMs: 30_000 })
    expect(meant('Too Many', { status: 429 })).toMatchObject({ kind: 'retry', throttled: true })
  })

  test('an answer that is not of Slack proves nothing', () => {
    for (const body of ['<html>', {}, { ok: 'true' }, [], null, { ok: false }, { ok: false, error: 7 }])
      expect(meant(body).kind).toBe('unknown')
    expect(meant('<html>', { status: 404 }).kind).toBe('rejected')
    expect(meant('<html>', { status: 404, role: 'look-up' })).toMatchObject({ kind: 'rejected' })
    expect(meant('<html>', { status: 502 })).toMatchObject({ kind: 'unknown', down: true })
    expect(meant({ ok: true }, { status: 500 })).toMatchObject({ kind: 'unknown' })
    expect(meant('', { status: 302 }).kind).toBe('rejected')
    expect(meant(no('invalid_auth'), { status: 401 }).kind).toBe('denied')
    expect(meant('no', { status: 401 }).kind).toBe('denied')
  })

  test('no failure without an error is ever delivered', () =>
    void fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 100, max: 599 }), (body, status) => {
        const { kind } = meant(body as Json, { status })
        const good = status >= 200 && status < 300 && (body as { ok?: unknown } | null)?.ok === true
        expect(kind === 'delivered').toBe(good)
      }),
    ))
})

describe('a webhook', () => {
  const hook = (status: number, body: Json, role: Role = 'call', headers: Record<string, string> = {}) =>
    webhookOutcome(answer(status, body, headers), { action: 'createMessage', role })
  test.for([
    [200, 'ok', { kind: 'delivered' }],
    [200, 'fine', { kind: 'unknown', reason: '200, but not "ok"' }],
    [200, { ok: true }, { kind: 'unknown', reason: '200, but not "ok"' }],
    [400, 'invalid_payload', { kind: 'rejected', reason: '400 invalid_payload' }],
    [400, 'no_text', { kind: 'rejected', reason: '400 no_text' }],
    [403, 'action_prohibited', { kind: 'rejected', reason: '403 action_prohibited' }],
    [403, 'invalid_token', { kind: 'denied', reason: '403 invalid_token' }],
    [404, 'no_service', { kind: 'denied', reason: '404 no_service' }],
    [404, 'no_team', { kind: 'denied', reason: '404 no_team' }],
    [404, 'channel_not_found', { kind: 'rejected', reason: '404 channel_not_found' }],
    [410, 'channel_is_archived', { kind: 'rejected', reason: '410 channel_is_archived' }],
    [429, 'rate_limited', { kind: 'retry', reason: '429', throttled: true, waitMs: 30_000 }],
    [500, 'rollup_error', { kind: 'unknown', reason: '500 rollup_error', down: true }],
    [302, '', { kind: 'rejected', reason: 'redirected: 302' }],
  ] as const)('%i %j', ([status, body, expected]) => expect(hook(status, body)).toEqual(expected))

  test('an empty message that is refused proves the address', () => {
    expect(hook(400, 'no_text', 'check').kind).toBe('delivered')
    expect(hook(400, 'invalid_payload', 'check').kind).toBe('delivered')
    expect(hook(404, 'no_service', 'check').kind).toBe('denied')
    expect(hook(400, 'bad', 'check').kind).toBe('rejected')
  })
})

test('what was not answered is judged by what was sent', () => {
  const lost = (sent: 'no' | 'perhaps', code: 'reset' | 'secret' | 'config') =>
    [outcome, webhookOutcome].map(
      each => each({ kind: 'failure', sent, code, reason: 'x' }, { action: 'a', role: 'call' }).kind,
    )
  expect(lost('no', 'reset')).toEqual(['retry', 'retry'])
  expect(lost('perhaps', 'reset')).toEqual(['unknown', 'unknown'])
  expect(lost('no', 'secret')).toEqual(['denied', 'denied'])
  expect(lost('no', 'config')).toEqual(['rejected', 'rejected'])
})
