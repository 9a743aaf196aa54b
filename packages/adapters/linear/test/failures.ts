import type { Json, Reply } from '@sessionwire/core/adapter'

/** An error of Linear as an answer, in the words it was seen with. */
export const failed = (
  status: number,
  message: string,
  extensions: Readonly<Record<string, Json>>,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: { data: null, errors: [{ message, path: ['issueCreate'], extensions }] },
})

/** Every error of which the words are known. */
export const failures: readonly Reply[] = [
  failed(400, 'Rate limit exceeded', { code: 'RATELIMITED', type: 'ratelimited', statusCode: 429 }),
  failed(401, 'Authentication required, not authenticated', {
    code: 'AUTHENTICATION_ERROR',
    type: 'authentication error',
  }),
  failed(400, 'Forbidden', { code: 'FORBIDDEN', type: 'forbidden' }),
  failed(403, 'Feature not accessible', {
    code: 'FEATURE_NOT_ACCESSIBLE',
    type: 'feature not accessible',
  }),
  failed(200, 'Entity not found: Issue', {
    code: 'INPUT_ERROR',
    type: 'invalid input',
    statusCode: 400,
  }),
  failed(400, 'Query too complex', { code: 'INPUT_ERROR', type: 'invalid input' }),
  failed(200, 'Argument Validation Error - stateId must be a UUID.', {
    code: 'INPUT_ERROR',
    validationErrors: [{ property: 'stateId', constraints: { isUuid: 'stateId must be a UUID' } }],
  }),
  failed(400, 'Cannot query field "x" on type "Issue".', {
    code: 'GRAPHQL_VALIDATION_FAILED',
    type: 'graphql error',
  }),
  failed(200, 'Usage limit exceeded', { type: 'usage limit exceeded', userError: true }),
  failed(200, 'Lock timeout', { type: 'lock timeout' }),
  failed(500, 'Internal server error', { code: 'INTERNAL_SERVER_ERROR', type: 'internal error' }),
  failed(200, 'Something else', {}),
]
