import type { Json, Reply } from '@sessionwire/core/adapter'

export const answer = (
  status: number,
  body: Json,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  kind: 'answer',
  status,
  headers,
  body,
})

const words = [
  ...['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable', 'invalid_auth', 'missing_scope'],
  ...['channel_not_found', 'is_archived', 'not_in_channel', 'invalid_blocks', 'msg_too_long', 'no_text'],
  ...['message_not_found', 'already_reacted', 'a_word_of_next_year', '', 'constructor', '__proto__'],
]

/** What the Web API says when it did not do what it was asked. */
export const apiFailures: readonly Reply[] = [
  ...words.filter(word => word !== 'already_reacted').map(error => answer(200, { ok: false, error })),
  ...[{}, { ok: false }, { ok: 'true' }, { ok: 1 }, [], [true], null, '', 'ok', 7].map(body =>
    answer(200, body),
  ),
]

/** What a webhook says when it did not. */
export const webhookFailures: readonly Reply[] = [
  ...['', 'OK', 'ok?', 'no_text', 'invalid_payload', { ok: true }, true, null].map(body => answer(200, body)),
  ...['no_text', 'invalid_payload', 'invalid_blocks', 'ok'].map(body => answer(400, body)),
  ...['action_prohibited', 'invalid_token'].map(body => answer(403, body)),
  ...['no_service', 'channel_not_found'].map(body => answer(404, body)),
  answer(410, 'channel_is_archived'),
  answer(500, 'rollup_error'),
]
