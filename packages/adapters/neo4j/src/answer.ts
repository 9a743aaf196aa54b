import { type FailureCode, type Json, quote, type Reply } from '@sessionwire/core/adapter'
import type { Statement } from './config.ts'
import { parameter, plain } from './plain.ts'

/** A record of a driver's result. */
type BoltRecord = Readonly<{ keys: readonly PropertyKey[]; get: (key: string) => unknown }>

/** A running statement of a driver: awaited it gives its records, iterated one after another. */
type BoltResult = PromiseLike<Readonly<{ records: readonly BoltRecord[] }>> &
  AsyncIterable<BoltRecord> &
  Readonly<{ keys: () => Promise<readonly PropertyKey[]> }>

/** A session of a driver: one statement at a time. */
export interface BoltSession {
  run(statement: string, parameters: object, settings: Readonly<{ timeout: number }>): BoltResult
  close(): Promise<void>
}

/** Messages of the driver for a statement that was not sent, as there was no connection yet. */
const NOT_SENT = [
  /Caused by: (connect|getaddrinfo|Failed to establish connection|Server certificate|Secure connection) /,
  /Caused by: .*(certificate|before secure TLS connection|SSL routines|wrong version number)/,
  /^Could not perform discovery|^Connection acquisition timed out|^Server responded HTTP|^Pool is closed/,
  // Under neo4j:// the driver says so in place of the server's NotALeader.
  /^No longer possible to write to server/,
]

/** The statuses the Query API has for these codes. */
const STATUSES: readonly (readonly [code: string, status: number])[] = [
  ['Neo.ClientError.Security.AuthenticationRateLimit', 429],
  ['Neo.ClientError.Security.Forbidden', 403],
  ['Neo.ClientError.Security.', 401],
  ['Neo.ClientError.Database.DatabaseNotFound', 404],
  ['Neo.DatabaseError.', 500],
]

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** No answer. */
export const failure = (sent: 'no' | 'perhaps', code: FailureCode, reason: string): Reply => ({
  kind: 'failure',
  sent,
  code,
  reason,
})

/** An error of the driver as a reply: the server's own words in the shape the Query API has for them. */
export const replyOf = (error: unknown): Reply => {
  const { code, message } = (error ?? {}) as Readonly<{ code?: unknown; message?: unknown }>
  const [word, said] = [textOf(code), textOf(message) || String(error)]
  if (word.startsWith('Neo.')) {
    const status = STATUSES.find(([each]) => word.startsWith(each))?.[1] ?? 400
    return { kind: 'answer', status, headers: {}, body: { errors: [{ code: word, message: said }] } }
  }
  const reason = quote(said.replace(/^Failed to connect to server\..*?(?=Caused by: |$)/s, 'no connection. '))
  return NOT_SENT.some(pattern => pattern.test(said))
    ? failure('no', 'refused', reason)
    : failure('perhaps', 'reset', reason)
}

const rowOf = (record: BoltRecord): readonly Json[] => record.keys.map(key => plain(record.get(String(key))))

const table = (fields: readonly PropertyKey[], values: readonly (readonly Json[])[]): Reply => ({
  kind: 'answer',
  status: 202,
  headers: {},
  body: { data: { fields: fields.map(String), values } },
})

/** As much as a read may bring, in characters of JSON: what core takes of any answer by HTTP. */
const MAX = 5 * 1_048_576

/** Rows of a read as they come, so that one that brings too much is ended and not kept. */
const readOf = async (result: BoltResult): Promise<Reply> => {
  const values: (readonly Json[])[] = []
  let size = 0
  for await (const record of result) {
    const row = rowOf(record)
    size += JSON.stringify(row).length
    if (size > MAX)
      return failure('perhaps', 'too-large', `the server answered with more than ${MAX} characters`)
    values.push(row)
  }
  return table(await result.keys(), values)
}

/** Runs a statement in a session; rejects with what the driver throws. `timeout` (ms) is the server's. */
export const answerOf = async (session: BoltSession, call: Statement, timeout: number): Promise<Reply> => {
  const result = session.run(call.statement, parameter(call.parameters as Json) as object, { timeout })
  if (call.access === 'read') return readOf(result)
  const { records } = await result
  return table(records[0]?.keys ?? (await result.keys()), records.map(rowOf))
}
