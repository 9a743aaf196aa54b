import type { Json, Reply } from '@sessionwire/core/adapter'

/** An answer, as the transport gives it. */
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

/** Replies that are no success in Opsera's own words. */
export const failures: readonly Reply[] = [
  answer(200, { status: 'failed', message: 'Pipeline is paused' }),
  answer(200, { status: 'Failed', message: 'Invalid request' }),
  answer(200, { status: 'error', message: 'Something went wrong' }),
  answer(200, { error: 'Something went wrong' }),
  answer(200, { success: false }),
  answer(200, 'Error: group creation failed'),
  answer(200, 'Group already exists'),
  answer(200, 'User not found'),
  answer(200, '{"half":'),
  answer(200, '[1, 2'),
  answer(200, null),
  answer(200, 7),
  answer(200, true),
  answer(200, []),
  answer(400, { message: 'Invalid projectId format' }),
  answer(403, { message: 'Access token is expired or deactivated' }),
  answer(404, { message: 'Project not found' }),
  answer(409, { message: 'Project already exists' }),
  answer(422, { message: 'Missing or invalid required data' }),
  answer(500, { message: 'Internal server error' }),
]
