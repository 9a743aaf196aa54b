import type { Json, Reply } from '@sessionwire/core/adapter'

/** An answer of Taiga. */
export const answer = (
  status: number,
  body: Json,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({ kind: 'answer', status, headers: { 'content-type': 'application/json', ...headers }, body })

const type = (name: string) => `taiga.base.exceptions.${name}`

/** An error in the words it was seen with. */
export const failed = (status: number, name: string, message: string, headers = {}): Reply =>
  answer(status, { _error_message: message, _error_type: type(name) }, headers)

/** Every error whose words are known. */
export const failures: readonly Reply[] = [
  answer(400, { subject: ['This field is required.'] }),
  answer(400, { version: "The version doesn't match with the current one" }),
  answer(400, { version: 'The version parameter is not valid' }),
  answer(400, { version: ['Enter a whole number.'] }),
  answer(400, { non_field_errors: ['Invalid data'] }),
  answer(400, { error: "deleted comments can't be edited" }),
  failed(400, 'BadRequest', 'Wrong arguments.'),
  answer(401, { detail: 'Given token not valid for any token type', code: 'token_not_valid' }),
  answer(401, { detail: 'No active account found with the given credentials', code: 'invalid_credentials' }),
  failed(401, 'NotAuthenticated', 'Authentication credentials were not provided.'),
  failed(403, 'PermissionDenied', 'You do not have permission to perform this action.'),
  failed(403, 'PermissionDenied', 'Archived element'),
  failed(405, 'MethodNotAllowed', "Method 'PUT' not allowed."),
  failed(415, 'UnsupportedMediaType', "Unsupported media type 'text/plain' in request."),
  failed(429, 'Throttled', 'Request was throttled.Expected available in 59 seconds.', {
    'x-throttle-wait-seconds': '60',
  }),
  failed(451, 'Blocked', 'Blocked element'),
  answer(500, { error: 'Server application error' }),
  answer(500, '<h1>Server Error (500)</h1>', { 'content-type': 'text/html' }),
  answer(200, '<html><title>Log in to the guest network</title></html>', { 'content-type': 'text/html' }),
]
