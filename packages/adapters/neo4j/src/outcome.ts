import { httpOutcome, type Json, type Outcome, type Reply, type Role } from '@sessionwire/core/adapter'

type Sent = Readonly<{ action: string; role: Role }>
type Answered = Extract<Reply, { kind: 'answer' }>
type Meant = (reason: string, sent: Sent) => Outcome

const again: Meant = reason => ({ kind: 'retry', reason })
const away: Meant = reason => ({ kind: 'retry', reason, down: true })
/** On Aura a database is named like its instance, and there is none named `neo4j`. */
const notFound: Meant = reason => ({
  kind: 'retry',
  reason: `${reason} (see the option database or NEO4J_DATABASE: on Aura it is the id of the instance)`,
  down: true,
})
const never: Meant = reason => ({ kind: 'rejected', reason })
const denied: Meant = reason => ({ kind: 'denied', reason })
const broken: Meant = reason => ({ kind: 'unknown', reason, down: true })
/** After three wrong passwords the server answers nobody of that name for five seconds. */
const locked: Meant = reason => ({ kind: 'retry', reason, throttled: true, waitMs: 5_000 })

/** Actions that run what a person wrote: what they may not do says nothing about the rest. */
const CUSTOM = new Set(['cypher', 'runCypher'])
/** A role that may not write lets nothing of ours pass, so all of it waits for a person. */
const forbidden: Meant = (reason, sent) => (CUSTOM.has(sent.action) ? never : denied)(reason, sent)
/** Somebody else made the same rule at the same moment. */
const there: Meant = (reason, sent) =>
  sent.action === 'ensureRule' ? { kind: 'delivered' } : never(reason, sent)
/** What no index takes is wrong with the text, not with the server. */
const failed: Meant = (reason, sent) => (/too large to index/.test(reason) ? never : broken)(reason, sent)

/**
 * What a code means, by what it begins with: the first row that fits. A call is one statement in a transaction of its
 * own, so what failed was rolled back (https://neo4j.com/docs/status-codes/current/); only of a database error that is
 * not believed.
 */
const MEANING: readonly (readonly [code: string, meant: Meant])[] = [
  ['Neo.ClientError.Security.AuthorizationExpired', again],
  ['Neo.ClientError.Security.AuthenticationRateLimit', locked],
  ['Neo.ClientError.Security.Forbidden', forbidden],
  ['Neo.ClientError.Security.', denied],
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
  ['Neo.DatabaseError.Statement.ExecutionFailed', failed],
  ['Neo.DatabaseError.', broken],
]

type Fields = Readonly<Record<string, Json>>
const fieldsOf = (value: Json | undefined): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {}

/** The first error of an answer. Early servers named its code `error`. */
const errorOf = (body: Json): Readonly<{ code: string; message: string }> | undefined => {
  const { errors } = fieldsOf(body)
  const [first] = Array.isArray(errors) ? (errors as readonly Json[]) : []
  const { code, error, message } = fieldsOf(first)
  const word = code ?? error
  if (typeof word !== 'string' || !word.startsWith('Neo.')) return undefined
  return { code: word, message: typeof message === 'string' ? message : '' }
}

const oneLine = (text: string) =>
  text.replaceAll('\0', '').toWellFormed().replace(/\s+/g, ' ').trim().slice(0, 300)

/** A table of rows, and nothing that went wrong while they were made. */
const isTable = (body: Json): boolean => {
  const { data, errors } = fieldsOf(body)
  const { fields, values } = fieldsOf(data)
  const sound = errors === undefined || (Array.isArray(errors) && errors.length === 0)
  return sound && Array.isArray(fields) && Array.isArray(values)
}

const NO_API =
  'there is no Query API at this address: it needs Neo4j 5.26 or later, and the address before /db/<database>'

const answered = (reply: Answered, sent: Sent): Outcome => {
  const { status, body } = reply
  const error = errorOf(body)
  const good = status >= 200 && status < 300
  if (status === 404 && !error?.code.includes('.Database.')) return away(`404 ${NO_API}`, sent)
  if (error !== undefined) {
    const [, meant = never] = MEANING.find(([code]) => error.code.startsWith(code)) ?? []
    return meant(oneLine(`${error.code}: ${error.message}`), sent)
  }
  if (good)
    return isTable(body)
      ? { kind: 'delivered' }
      : { kind: 'unknown', reason: `${status}, but no table of rows` }
  return httpOutcome(reply, { role: 'call' })
}

/** What a reply means, over Bolt or HTTP: by the server's own code first, by the status only where there is none. */
export const outcome = (reply: Reply, sent: Sent): Outcome => {
  if (reply.kind === 'answer') return answered(reply, sent)
  // A read that brings too much will do so again, and the server is well.
  if (reply.code === 'too-large' && sent.role === 'look-up') return { kind: 'rejected', reason: reply.reason }
  return httpOutcome(reply, sent)
}
