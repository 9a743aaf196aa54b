import { type Refusal, refuse } from './refusal.ts'
import { isLoopback } from './settings.ts'

/** Headers by their names in lower case; each stands once. */
export type Headers = Readonly<Record<string, string | undefined>>

/** Headers that decide something: two of one name could be read one way here and another way by a proxy. */
const ONCE = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'origin',
  'sec-fetch-site',
  'transfer-encoding',
  'x-api-key',
])

/** Names and values in turn, as Node gives them, as a map; `twice` names a header that stands there more than once. */
export const readHeaders = (raw: readonly string[]): Readonly<{ headers: Headers; twice?: string }> => {
  const headers: Record<string, string> = Object.create(null)
  let twice: string | undefined
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase()
    const value = raw[at + 1] ?? ''
    const known = headers[name]
    if (known !== undefined && ONCE.has(name)) twice ??= name
    headers[name] = known === undefined ? value : `${known}, ${value}`
  }
  return { headers, ...(twice === undefined ? {} : { twice }) }
}

/** The names and origins of this server. */
export type Site = Readonly<{
  /** The address that the server listens on. */
  bound: string
  /** Further names that `Host` may have. */
  hosts: readonly string[]
  /** Further origins that browsers may call from. */
  origins: readonly string[]
}>

const ANY = new Set(['0.0.0.0', '::', '[::]', ''])

/** The host's name without its port, in lower case; `undefined` where the header is not a name. */
const nameOf = (host: string): string | undefined =>
  /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.exec(host.toLowerCase())?.[1]

const isAddressed = ({ bound, hosts }: Site, host: string): boolean => {
  const name = nameOf(host)
  if (name === undefined) return false
  if (isLoopback(name) || hosts.includes(name)) return true
  return !ANY.has(bound) && (name === bound.toLowerCase() || name === `[${bound.toLowerCase()}]`)
}

/**
 * Refuses what a page in a browser may send without its user knowing: a foreign name that was made to point here (DNS
 * rebinding), a foreign or opaque origin, and headers that stand twice. `isOpen` leaves out the check of the name, for probes
 * of the machine's health.
 */
export const checkHeaders = (
  site: Site,
  { headers, twice }: Readonly<{ headers: Headers; twice?: string }>,
  isOpen: boolean,
): Refusal | undefined => {
  if (twice !== undefined) return refuse(400, 'BAD_REQUEST', `The header "${twice}" stands more than once.`)
  const { host = '', origin } = headers
  if (!isOpen && !isAddressed(site, host))
    return refuse(
      403,
      'FORBIDDEN_HOST',
      'The Host header names another server. Set SESSIONWIRE_ALLOWED_HOSTS to the names that this one has.',
    )
  if (origin === undefined || site.origins.includes(origin)) return undefined
  const parsed = URL.parse(origin)
  if (parsed !== null && parsed.origin === origin && parsed.host === host.toLowerCase()) return undefined
  return refuse(
    403,
    'FORBIDDEN_ORIGIN',
    'Pages of this origin may not call. Set SESSIONWIRE_ALLOWED_ORIGINS to those that may.',
  )
}

/** Headers that callers send, and methods, for the pages of an allowed origin. */
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers':
    'content-type, accept, x-api-key, authorization, idempotency-key, mcp-protocol-version, mcp-method, mcp-name',
  'access-control-max-age': '600',
} as const

/** Headers that let a browser give the answer to a page of an allowed origin (CORS); none for other callers. */
export const corsOf = (
  { origins }: Site,
  { origin }: Headers,
): Readonly<Record<string, string>> | undefined =>
  origin === undefined || !origins.includes(origin)
    ? undefined
    : {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'x-request-id, retry-after, www-authenticate',
        vary: 'origin',
      }

/** Whether a browser asks if a page may call, before it does: it sends no credential with that. */
export const preflightOf = (
  method: string,
  headers: Headers,
): Readonly<Record<string, string>> | undefined =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined ? PREFLIGHT : undefined

/** Refuses what a form or an image of a foreign page could send, for paths that take JSON. `isAllowed`: of a page that may call. */
export const checkFetch = (headers: Headers, hasBody: boolean, isAllowed: boolean): Refusal | undefined => {
  if (headers['sec-fetch-site'] === 'cross-site' && !isAllowed)
    return refuse(403, 'FORBIDDEN_SITE', 'A page of another site may not call.')
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return refuse(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body without compression (no Content-Encoding).')
  const type = headers['content-type'] ?? ''
  if (hasBody && !/^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i.test(type))
    return refuse(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send JSON with the header Content-Type: application/json.')
  return undefined
}
