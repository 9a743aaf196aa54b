import type { Json, Reply } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { outcome } from '../src/outcome.ts'

const answer = (status: number, body: Json, headers = {}): Reply => ({
  kind: 'answer',
  status,
  headers,
  body,
})
const error = (code: string, status = 400, message = 'said') =>
  answer(status, { errors: [{ code, message }] })
const call = { action: 'recordProgress', role: 'call' } as const

// biome-ignore format: a table is read one line at a time
const codes = [
  ['Neo.TransientError.Transaction.DeadlockDetected', 400, { kind: 'retry' }],
  ['Neo.TransientError.Transaction.LockAcquisitionTimeout', 400, { kind: 'retry' }],
  ['Neo.TransientError.General.MemoryPoolOutOfMemoryError', 400, { kind: 'retry' }],
  ['Neo.TransientError.Request.NoThreadsAvailable', 400, { kind: 'retry' }],
  ['Neo.TransientError.General.DatabaseUnavailable', 400, { kind: 'retry', down: true }],
  ['Neo.ClientError.Security.AuthorizationExpired', 401, { kind: 'retry' }],
  ['Neo.ClientError.Security.Unauthorized', 401, { kind: 'denied' }],
  ['Neo.ClientError.Security.CredentialsExpired', 403, { kind: 'denied' }],
  ['Neo.ClientError.Security.TokenExpired', 401, { kind: 'denied' }],
  ['Neo.ClientError.Security.Forbidden', 403, { kind: 'denied' }],
  ['Neo.ClientError.Security.AuthenticationRateLimit', 429, { kind: 'retry', throttled: true, waitMs: 5_000 }],
  ['Neo.ClientError.Schema.ConstraintValidationFailed', 400, { kind: 'rejected' }],
  ['Neo.ClientError.Schema.IndexAlreadyExists', 400, { kind: 'rejected' }],
  ['Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists', 400, { kind: 'rejected' }],
  ['Neo.ClientError.Statement.SyntaxError', 400, { kind: 'rejected' }],
  ['Neo.ClientError.Statement.SemanticError', 400, { kind: 'rejected' }],
  ['Neo.ClientError.Statement.TypeError', 400, { kind: 'rejected' }],
  ['Neo.ClientError.Statement.ParameterMissing', 400, { kind: 'rejected' }],
  ['Neo.ClientError.Statement.AccessMode', 400, { kind: 'rejected' }],
  ['Neo.ClientError.Request.Invalid', 400, { kind: 'rejected' }],
  ['Neo.ClientError.Transaction.TransactionTimedOut', 400, { kind: 'retry' }],
  ['Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration', 400, { kind: 'retry' }],
  ['Neo.ClientError.Transaction.Terminated', 400, { kind: 'retry' }],
  ['Neo.ClientError.Transaction.LockClientStopped', 400, { kind: 'retry' }],
  ['Neo.ClientError.Transaction.ForbiddenDueToTransactionType', 400, { kind: 'rejected' }],
  ['Neo.ClientError.Cluster.NotALeader', 400, { kind: 'retry' }],
  ['Neo.ClientError.General.ForbiddenOnReadOnlyDatabase', 400, { kind: 'retry' }],
  ['Neo.DatabaseError.General.UnknownError', 500, { kind: 'unknown', down: true }],
  ['Neo.DatabaseError.Transaction.TransactionCommitFailed', 500, { kind: 'unknown', down: true }],
  ['Neo.DatabaseError.Statement.ExecutionFailed', 500, { kind: 'unknown', down: true }],
  ['Neo.DatabaseError.Schema.ConstraintCreationFailed', 500, { kind: 'rejected' }],
] as const

describe('by code', () => {
  test.for(codes)('%s', ([code, status, meant]) => {
    expect(outcome(error(code, status), call)).toEqual({ ...meant, reason: `${code}: said` })
  })
  test('a code counts whatever the status says', () => {
    expect(outcome(error('Neo.TransientError.Transaction.DeadlockDetected', 202), call).kind).toBe('retry')
    expect(outcome(error('Neo.ClientError.Security.Unauthorized', 500), call).kind).toBe('denied')
  })
  test('early servers called it error', () => {
    const body = { errors: [{ error: 'Neo.TransientError.Transaction.Outdated', message: 'later' }] }
    expect(outcome(answer(400, body), call)).toEqual({
      kind: 'retry',
      reason: 'Neo.TransientError.Transaction.Outdated: later',
    })
  })
  test('a database that is not there may have another name', () =>
    expect(outcome(error('Neo.ClientError.Database.DatabaseNotFound', 404), call)).toEqual({
      kind: 'retry',
      down: true,
      reason:
        'Neo.ClientError.Database.DatabaseNotFound: said (see the option database or NEO4J_DATABASE: on Aura it is the id of the instance)',
    }))
  test('rows with an error after them are no success', () => {
    const body = {
      data: { fields: ['n'], values: [[1]] },
      errors: [{ code: 'Neo.ClientError.Statement.ArithmeticError', message: '/ by zero' }],
    }
    expect(outcome(answer(202, body), call)).toEqual({
      kind: 'rejected',
      reason: 'Neo.ClientError.Statement.ArithmeticError: / by zero',
    })
  })
  test('a custom statement that may not do something says nothing about the rest', () => {
    const forbidden = error('Neo.ClientError.Security.Forbidden')
    expect(outcome(forbidden, { action: 'runCypher', role: 'call' }).kind).toBe('rejected')
    expect(outcome(forbidden, { action: 'queryCypher', role: 'look-up' }).kind).toBe('rejected')
    expect(outcome(forbidden, { action: 'check', role: 'check' }).kind).toBe('denied')
  })
  test('a rule that somebody else made at the same moment is there', () => {
    const same = error('Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists')
    expect(outcome(same, { action: 'ensureRule', role: 'call' })).toEqual({ kind: 'delivered' })
  })
  test('what no index takes is final', () => {
    const large = error(
      'Neo.DatabaseError.Statement.ExecutionFailed',
      500,
      'Property value is too large to index',
    )
    expect(outcome(large, call).kind).toBe('rejected')
  })
  test('a reason is on one line, and whole: the worker redacts and cuts it', () => {
    const long = outcome(
      error('Neo.ClientError.Statement.SyntaxError', 400, `a\n\u0000b ${'x'.repeat(900)}`),
      call,
    )
    expect(long).toMatchObject({ reason: expect.stringMatching(/^.{900,}$/) })
  })
})

describe('without a code', () => {
  const rows = { data: { fields: [], values: [] } }
  test('rows are a success, whatever the service adds', () => {
    expect(outcome(answer(202, rows), call)).toEqual({ kind: 'delivered' })
    expect(outcome(answer(200, { ...rows, bookmarks: ['x'], notifications: [{}] }), call)).toEqual({
      kind: 'delivered',
    })
  })
  test.for([
    null,
    'OK',
    {},
    { data: {} },
    { data: { fields: [] } },
    { ...rows, errors: [{}] },
    { ...rows, errors: 'x' },
  ])('a success of another shape is in doubt: %j', body =>
    expect(outcome(answer(202, body), call).kind).toBe('unknown'),
  )
  test('a server without the Query API is waited for, and never an empty list', () => {
    for (const role of ['call', 'look-up', 'check'] as const)
      expect(outcome(answer(404, 'Not Found'), { action: 'x', role })).toEqual({
        kind: 'retry',
        down: true,
        reason:
          '404 there is no Query API at this address: it needs Neo4j 5.26 or later, and the address before /db/<database>',
      })
    expect(outcome(error('Neo.ClientError.Request.Invalid', 404), call).kind).toBe('retry')
  })
  test('a read that brings too much is final, and says nothing against the server', () => {
    const large = { kind: 'failure', sent: 'perhaps', code: 'too-large', reason: 'more than 5 MB' } as const
    expect(outcome(large, { action: 'listDecisions', role: 'look-up' })).toEqual({
      kind: 'rejected',
      reason: 'more than 5 MB',
    })
    expect(outcome(large, call).kind).toBe('unknown')
  })
  test('a status speaks where nothing else does', () => {
    expect(outcome(answer(401, ''), call).kind).toBe('denied')
    expect(outcome(answer(503, '', { 'retry-after': '7' }), call)).toMatchObject({
      kind: 'unknown',
      waitMs: 7_000,
    })
    expect(outcome(answer(302, ''), call).kind).toBe('rejected')
    expect(outcome({ kind: 'failure', sent: 'no', code: 'refused', reason: 'refused' }, call)).toEqual({
      kind: 'retry',
      reason: 'refused',
      down: true,
    })
  })
})
