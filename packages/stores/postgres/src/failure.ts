import { isTrackerError, message, sessionActive, TrackerError, toError } from '@sessionwire/core/store'

/** A refusal of the database, as drivers throw it. */
type Refusal = Readonly<{ code?: unknown; message?: unknown }>

const codeOf = (thrown: unknown): string => {
  const code = (thrown as Refusal | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

/** Of a host with several addresses, where none answers, Node gives an error without words. */
const messageOf = (thrown: unknown): string => toError(thrown).message || codeOf(thrown)

/** The transaction was undone because of others: the same one again may do. */
const TRANSIENT: ReadonlySet<string> = new Set(['40001', '40P01', '55P03'])

/** The connection or the server is gone, or the server is one that takes no writes: another connection may do. */
const AWAY: ReadonlySet<string> = new Set([
  ...['57P01', '57P02', '57P03', '25006', '53300', '08000', '08001', '08003', '08004', '08006', '08P01'],
  ...[
    'ECONNRESET',
    'ECONNREFUSED',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENOTFOUND',
    'EAI_AGAIN',
  ],
])
const AWAY_WORDS =
  /connection (terminated|ended|closed|error|reset)|terminating connection|server closed|socket (hang up|closed)/i
const FULL_WORDS = /timeout exceeded when trying to connect|pool (is )?(exhausted|full|timed out)/i

/** Whether the same statement may do better at once. */
export const isTransient = (thrown: unknown): boolean => TRANSIENT.has(codeOf(thrown))

/** Whether its result is unknown: the connection broke, or could not be made. */
export const isAway = (thrown: unknown): boolean =>
  AWAY.has(codeOf(thrown)) || (codeOf(thrown) === '' && AWAY_WORDS.test(messageOf(thrown)))

/** A key that is stored already. */
export const isDuplicate = (thrown: unknown): boolean => codeOf(thrown) === '23505'

/** Whether a table or function is missing: the schema was not made, or is older than this release. */
export const isMissing = (thrown: unknown): boolean =>
  ['42P01', '42883', '3F000', '42703'].includes(codeOf(thrown))

const SIGN_IN = 'Check the user and the password in the address.'
const ANSWER = 'Check the address, and that the server runs and can be reached from here.'

const ADVICE: Readonly<Record<string, string>> = {
  '28000': SIGN_IN,
  '28P01': SIGN_IN,
  '3D000': 'Make the database, or correct its name at the end of the address.',
  ECONNREFUSED: ANSWER,
  EHOSTUNREACH: ANSWER,
  ENETUNREACH: ANSWER,
  ENOTFOUND: ANSWER,
  ETIMEDOUT: ANSWER,
  '25006': 'This server takes no writes: connect to the primary.',
  '42501':
    'Grant the role what docs/guide/from-one-machine-to-many.md lists, or migrate with one that owns the schema.',
  '42P01': 'Run `sessionwire migrate`, or leave `migrate` on.',
  '42883': 'Run `sessionwire migrate`, or leave `migrate` on.',
  '3F000': 'Run `sessionwire migrate`, or leave `migrate` on.',
  '53100': 'The disk of the database is full.',
  '53300': 'The server has no connection left: lower `connections`, or put PgBouncer in front.',
  '57014': 'The statement took longer than the `statement_timeout` of the role.',
}

/** The error of the caller for one of the driver. */
export const failure = (where: string, thrown: unknown): TrackerError => {
  if (isTrackerError(thrown)) return thrown
  const code = codeOf(thrown)
  if (code === 'SW409')
    return new TrackerError('VERSION_CONFLICT', `${messageOf(thrown)}: load it and record again.`)
  if (code === 'SW423') return sessionActive(messageOf(thrown))
  const full = FULL_WORDS.test(messageOf(thrown))
  const problem = full
    ? 'no connection of the pool became free'
    : isAway(thrown)
      ? `cannot be reached (${messageOf(thrown)})`
      : `${messageOf(thrown)}${code === '' ? '' : ` (${code})`}`
  const todo = full ? 'Raise its `max`, or look for what holds its connections.' : ADVICE[code]
  return new TrackerError(
    'STORE',
    message({ field: where, problem, ...(todo === undefined ? {} : { todo }) }),
    {
      cause: thrown,
    },
  )
}
