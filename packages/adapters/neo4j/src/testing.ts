/**
 * A hostile Neo4j for tests: it behaves like the Query API, keeps what the adapter's own statements apply, and fails
 * on order. It runs no Cypher: for that, scripts/neo4j-server starts the real one.
 * @module neo4j/testing
 */
import type { Json } from '@sessionwire/core/adapter'
import {
  type Answer,
  createHostileServer,
  type Host,
  type HostileServer,
  type Received,
  segments,
} from '@sessionwire/core/testing'
import { type Applied, type Given, graph, type SessionNode } from './testing/graph.ts'
import { READS } from './testing/reads.ts'
import { fault, STATEMENTS } from './testing/statements.ts'

export type { Given, SessionNode } from './testing/graph.ts'

/** Rows a statement of a test's own is answered with. */
export type Table = Readonly<{
  /** Names of the columns. */
  fields: readonly string[]
  /** Rows, each as long as `fields`. */
  values: readonly (readonly Json[])[]
}>

/** How the hostile Neo4j is set up. */
export type HostileNeo4jOptions = Readonly<{
  /** Default `neo4j`. */
  username?: string
  /** Default `test-password`. */
  password?: string
  /** A token that is let in as well, as a server with single sign-on does. Default: none. */
  token?: string
  /** Default `neo4j`. */
  database?: string
  /** Answers statements that the adapter does not have. Default: no rows. */
  answer?: (statement: string, parameters: Readonly<Record<string, Json>>) => Table
  /** Epoch ms; default `Date.now`. */
  now?: () => number
  /** For failures by chance. Default 1. */
  seed?: number
}>

/** A hostile Neo4j and what can be read of it. */
export interface HostileNeo4j extends HostileServer {
  /** The one it lets in. */
  readonly username: string
  /** The one it lets in. */
  readonly password: string
  /** Every session of which anything was applied. */
  sessions(): readonly SessionNode[]
  /** Parameters of what was applied by an action, once for each node, oldest first. */
  listApplied(action: string): readonly Given[]
}

/** How long a name is locked after three wrong passwords. */
const LOCKED_MS = 5_000

const table = (fields: readonly string[], values: readonly (readonly Json[])[]): Answer => ({
  status: 202,
  body: { data: { fields, values }, bookmarks: ['FB:kcwQ'] } as Json,
})

const refusal = (status: number, code: string, message: string, headers = {}): Answer => ({
  status,
  headers,
  body: { errors: [{ code: `Neo.${code}`, message }] },
})

const invalid = (status: number, message: string): Answer =>
  refusal(status, 'ClientError.Request.Invalid', message)

const KEYS = new Set([
  ...['statement', 'parameters', 'includeCounters', 'accessMode', 'maxExecutionTime', 'bookmarks'],
  'impersonatedUser',
])

type Asked = Readonly<{ statement: string; parameters: Given; reading: boolean }>

const isFields = (value: unknown): value is Given =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const readRequest = (request: Received): Asked | Answer => {
  if (!/\bapplication\/json\b/.test(request.headers['content-type'] ?? ''))
    return invalid(415, 'Unsupported Media Type')
  if (!/application\/json|\*\/\*/.test(request.headers.accept ?? '*/*')) return invalid(406, 'Not Acceptable')
  const { body } = request
  if (!isFields(body) || Object.keys(body).some(key => !KEYS.has(key))) return invalid(400, 'Bad Request')
  const { statement, parameters = {}, accessMode = 'Write' } = body
  if (!/^(read|write)$/i.test(String(accessMode)) || !isFields(parameters)) return invalid(400, 'Bad Request')
  if (typeof statement !== 'string' || statement === '')
    return invalid(400, 'statement cannot be null or empty')
  return { statement, parameters, reading: /^read$/i.test(String(accessMode)) }
}

const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

/** Starts a hostile Neo4j. */
export const hostileNeo4j = async (options: HostileNeo4jOptions = {}): Promise<HostileNeo4j> => {
  const {
    username = 'neo4j',
    password = 'test-password',
    token,
    database = 'neo4j',
    now = Date.now,
  } = options
  const kept = graph()
  let wrong: readonly number[] = []

  /** Refuses a request without valid credentials. */
  const refuse = (request: Received): Answer | undefined => {
    const { authorization = '' } = request.headers
    const [scheme, proof = ''] = authorization.split(' ')
    const refuse401 = (message: string) =>
      refusal(401, 'ClientError.Security.Unauthorized', message, {
        'www-authenticate': 'Basic realm="Neo4j"',
      })
    if (authorization === '') return refuse401('No authentication header supplied.')
    if (scheme === 'Bearer')
      return token !== undefined && decode(proof) === token ? undefined : refuse401('Invalid credential.')
    wrong = wrong.filter(time => now() - time < LOCKED_MS)
    if (wrong.length >= 3)
      return refusal(
        429,
        'ClientError.Security.AuthenticationRateLimit',
        'Too many failed authentication requests. Please wait 5 seconds and try again.',
      )
    if (scheme === 'Basic' && decode(proof) === `${username}:${password}`) {
      wrong = []
      return undefined
    }
    wrong = [...wrong, now()]
    return refuse401('Invalid credential.')
  }

  const run = ({ statement, parameters, reading }: Asked, host: Host): Answer => {
    const problem = fault(statement, parameters, reading)
    if (problem !== undefined)
      return { status: problem.code.startsWith('Neo.Database') ? 500 : 400, body: { errors: [problem] } }
    const known = STATEMENTS.get(statement)
    if (known?.action === 'ensureRule') kept.rule(/^CREATE \w+ (\w+)/.exec(statement)?.[1] ?? '')
    if (known === undefined) {
      host.effect('statement', undefined, parameters)
      const { fields, values } = options.answer?.(statement, parameters) ?? { fields: [], values: [] }
      return table(fields, values)
    }
    if (known.action === 'check') return table(['one'], [[1]])
    if (known.action === 'version') return table(['supported'], [[true]])
    if (known.action === 'constraints')
      return table(
        ['name'],
        kept.rules().map(name => [name]),
      )
    if (known.effect === 'read')
      return table(
        ['row'],
        (READS[known.action]?.(kept, parameters) ?? []).map(row => [row]),
      )
    if (known.action === 'forgetSession') kept.forget(parameters.sessionId)
    if (known.action === 'unrelateEntities') kept.unrelate(parameters)
    if (known.action === 'unlinkCard') kept.unlink(parameters)
    // A merge that finds its node is not a second effect.
    if (kept.apply(known.action, parameters)) host.effect(known.action, undefined, parameters)
    const returns = /\bRETURN \S+ AS (\w+)$/.exec(statement)?.[1]
    return returns === undefined
      ? table([], [])
      : table([returns], [[parameters.sessionId ?? parameters.project ?? null]])
  }

  const handle = (request: Received, host: Host): Answer => {
    const { db } = segments('/db/:db/query/v2', request.path) ?? {}
    if (db === undefined) return invalid(404, 'Not Found')
    const away = refuse(request)
    if (away !== undefined) return away
    if (request.method !== 'POST') return invalid(405, 'Method Not Allowed')
    const question = readRequest(request)
    if (!('statement' in question)) return question
    if (db !== database)
      return refusal(404, 'ClientError.Database.DatabaseNotFound', `Graph not found: ${db}`)
    return run(question, host)
  }

  const server = await createHostileServer({
    name: 'Neo4j',
    handle,
    now,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    voice: {
      tooManyRequests: () =>
        refusal(
          429,
          'ClientError.Security.AuthenticationRateLimit',
          'Too many failed authentication requests.',
        ),
      broken: () => refusal(500, 'DatabaseError.General.UnknownError', 'An unknown error occurred.'),
      // While rows are sent the status has gone already; the transaction is rolled back.
      inside: (_, word = 'TransientError.Transaction.DeadlockDetected') => ({
        status: 202,
        body: {
          data: { fields: ['id'], values: [] },
          errors: [{ code: `Neo.${word.replace(/^Neo\./, '')}`, message: 'A test ordered this failure.' }],
        },
      }),
    },
  })

  return {
    ...server,
    username,
    password,
    sessions: kept.sessions,
    listApplied: action => kept.all(action).map(({ given }: Applied) => given),
  }
}
