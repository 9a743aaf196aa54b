import {
  type Answer,
  fieldsOf,
  httpOutcome,
  type Json,
  type Outcome,
  quote,
  type Reply,
  type SentCall,
} from '@sessionwire/core/adapter'

type Meaning = (reason: string, sent: SentCall) => Outcome

const again: Meaning = reason => ({ kind: 'retry', reason })
const away: Meaning = reason => ({ kind: 'retry', reason, down: true })
/** On Aura a database is named like its instance, and there is none named `neo4j`. */
const notFound: Meaning = reason => ({
  kind: 'retry',
  reason: `${reason} (see the option database or NEO4J_DATABASE: on Aura it is the id of the instance)`,
  down: true,
})
const never: Meaning = reason => ({ kind: 'rejected', reason })
const deny: Meaning = reason => ({ kind: 'denied', reason })
const broken: Meaning = reason => ({ kind: 'unknown', reason, down: true })
/** After three wrong passwords the server refuses that user for five seconds. */
const wait: Meaning = reason => ({ kind: 'retry', reason, throttled: true, waitMs: 5_000 })

/** Actions that run statements of a person: a right that one lacks says nothing about the others. */
const CUSTOM = new Set(['queryCypher', 'runCypher'])
/** Without the right to write nothing of ours can be delivered, so all of it waits for a person. */
const forbidden: Meaning = (reason, sent) => (CUSTOM.has(sent.action) ? never : deny)(reason, sent)
/** Another process made the same rule at the same moment. */
const there: Meaning = (reason, sent) =>
  sent.action === 'ensureRule' ? { kind: 'delivered' } : never(reason, sent)
/** A text that is too long for an index is at fault, not the server. */
const judgeFailure: Meaning = (reason, sent) =>
  (/too large to index/.test(reason) ? never : broken)(reason, sent)

/**
 * Meanings of codes by their beginning: the first row that fits. A call is one statement in a transaction of its own, so a
 * failed one was rolled back (https://neo4j.com/docs/status-codes/current/); only a database error leaves that open.
 */
const MEANING: readonly (readonly [code: string, meaning: Meaning])[] = [
  ['Neo.ClientError.Security.AuthorizationExpired', again],
  ['Neo.ClientError.Security.AuthenticationRateLimit', wait],
  ['Neo.ClientError.Security.Forbidden', forbidden],
  ['Neo.ClientError.Security.', deny],
  // A wrong name, a stopped database and a server that is still starting look alike: wait, and lose nothing.
  ['Neo.ClientError.Database.DatabaseNotFound', notFound],
  ['Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists', there],
  ['Neo.ClientError.Cluster.NotALeader', again],
  ['Neo.ClientError.General.ForbiddenOnReadOnlyDatabase', again],
  // Time ran out, or an administrator ended it; also `TransactionTimedOutClientConfiguration`.
  ['Neo.ClientError.Transaction.TransactionTimedOut', again],
  ['Neo.ClientError.Transaction.Terminated', again],
  ['Neo.ClientError.Transaction.LockClientStopped', again],
  ['Neo.ClientError.', never],
  ['Neo.TransientError.General.DatabaseUnavailable', away],
  ['Neo.TransientError.', again],
  ['Neo.DatabaseError.Schema.', never],
  ['Neo.DatabaseError.Statement.ExecutionFailed', judgeFailure],
  ['Neo.DatabaseError.', broken],
]

/** The first error of an answer. Early servers named its code `error`. */
const errorOf = (body: Json): Readonly<{ code: string; message: string }> | undefined => {
  const { errors } = fieldsOf(body)
  const [first] = Array.isArray(errors) ? (errors as readonly Json[]) : []
  const { code, error, message } = fieldsOf(first)
  const word = code ?? error
  if (typeof word !== 'string' || !word.startsWith('Neo.')) return undefined
  return { code: word, message: typeof message === 'string' ? message : '' }
}

/** A table of rows, and nothing that went wrong while they were made. */
const isTable = (body: Json): boolean => {
  const { data, errors } = fieldsOf(body)
  const { fields, values } = fieldsOf(data)
  const sound = errors === undefined || (Array.isArray(errors) && errors.length === 0)
  return sound && Array.isArray(fields) && Array.isArray(values)
}

const NO_API =
  'there is no Query API at this address: it needs Neo4j 5.26 or later, and the address before /db/<database>'

/** Whether an answer is in the form of the Query API, which the Bolt transport gives too: rows, or errors. */
export const isOwn = ({ body }: Answer): boolean => {
  const { data, errors } = fieldsOf(body)
  return data !== undefined || errors !== undefined
}

const readAnswer = (reply: Answer, sent: SentCall): Outcome => {
  const { status, body } = reply
  const error = errorOf(body)
  const good = status >= 200 && status < 300
  if (status === 404 && !error?.code.includes('.Database.')) return away(`404 ${NO_API}`, sent)
  if (error !== undefined) {
    const [, meaning = never] = MEANING.find(([code]) => error.code.startsWith(code)) ?? []
    return meaning(quote(`${error.code}: ${error.message}`), sent)
  }
  if (good)
    return isTable(body)
      ? { kind: 'delivered' }
      : { kind: 'unknown', reason: `${status}, but no table of rows` }
  return httpOutcome(reply, { role: 'call' })
}

/** Maps a reply over Bolt or HTTP to an outcome: by the server's own code first, by the status only where there is none. */
export const outcome = (reply: Reply, sent: SentCall): Outcome => {
  if (reply.kind === 'answer') return readAnswer(reply, sent)
  // A read that brings too much will do so again, and the server is well.
  if (reply.code === 'too-large' && sent.role === 'look-up') return { kind: 'rejected', reason: reply.reason }
  return httpOutcome(reply, sent)
}
