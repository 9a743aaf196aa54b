import { TrackerError } from '@sessionwire/core'
import type { Scope } from '../operations/operation.ts'
import type { JwtSettings } from './jwt.ts'
import { KEY_SCOPES, parseScopes, SCOPES } from './scopes.ts'

/** The accepted callers, hosts and origins. */
export type AccessSettings = Readonly<{
  /** The key that `X-Api-Key` is compared with. Absent: no key is accepted. */
  apiKey?: Readonly<{
    /** The key itself. */
    value: string
    /** The rights of everyone who has it. */
    scopes: readonly Scope[]
  }>
  /** Absent: no bearer token is accepted. */
  jwt?: JwtSettings
  /** Names that `Host` may have besides those of this machine and the address that is bound. */
  hosts: readonly string[]
  /** Origins (`https://app.example.com`) that browsers may call from, besides the server's own. */
  origins: readonly string[]
}>

type Environment = Readonly<Record<string, string | undefined>>

const SECRET_BYTES = 32
const KEY_CHARACTERS = 16
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|::1|\[::1\])$/

/** True for an address or name that only this machine reaches. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host.toLowerCase())

const fail = (field: string, problem: string, todo: string): TrackerError =>
  new TrackerError('CONFIG', `${field}: ${problem}. ${todo}`, { field })

const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '').split(/[\s,]+/).filter(word => word !== '')

const readKey = (env: Environment, isPublic: boolean): AccessSettings['apiKey'] => {
  const { SESSIONWIRE_API_KEY: value = '', SESSIONWIRE_API_KEY_SCOPES: given } = env
  if (value === '') return undefined
  if (/[^\x21-\x7e]/.test(value))
    throw fail(
      'SESSIONWIRE_API_KEY',
      'invalid value; expected printable ASCII without spaces',
      'Make one with: openssl rand -hex 32',
    )
  if (isPublic && value.length < KEY_CHARACTERS)
    throw fail(
      'SESSIONWIRE_API_KEY',
      `too short; expected at least ${KEY_CHARACTERS} characters where other machines can call, got ${value.length}`,
      'Make one with: openssl rand -hex 32',
    )
  if (given === undefined) return { value, scopes: KEY_SCOPES }
  const { scopes, unknown } = parseScopes(given)
  if (unknown.length > 0 || scopes.length === 0)
    throw fail(
      'SESSIONWIRE_API_KEY_SCOPES',
      `invalid value; expected words of ${SCOPES.join(', ')}, got ${JSON.stringify(given)}`,
      'Leave it out for read record act.',
    )
  return { value, scopes }
}

const keysOf = (env: Environment, allowsLoopback: boolean): JwtSettings['keys'] => {
  const { SESSIONWIRE_JWT_SECRET: secret = '', SESSIONWIRE_JWT_JWKS_URL: address = '' } = env
  if (secret !== '' && address !== '')
    throw fail(
      'SESSIONWIRE_JWT_SECRET',
      'set together with SESSIONWIRE_JWT_JWKS_URL',
      'Keep one of them: the kind of key decides the algorithms.',
    )
  if (secret !== '') {
    const bytes = Buffer.byteLength(secret)
    if (bytes >= SECRET_BYTES) return { secret }
    throw fail(
      'SESSIONWIRE_JWT_SECRET',
      `too short; expected at least ${SECRET_BYTES} bytes, got ${bytes}`,
      'Make one with: openssl rand -hex 32',
    )
  }
  const url = URL.parse(address)
  const isLocal = url?.protocol === 'http:' && allowsLoopback && isLoopback(url.hostname)
  if (url !== null && url.username === '' && url.password === '' && (url.protocol === 'https:' || isLocal))
    return { jwks: url }
  throw fail(
    'SESSIONWIRE_JWT_JWKS_URL',
    `invalid address; expected https without a user name, got ${address === '' ? 'none' : JSON.stringify(address.slice(0, 80))}`,
    'Give the address of the JWK set of your identity provider, or SESSIONWIRE_JWT_SECRET.',
  )
}

const JWT_NAMES = [
  'SESSIONWIRE_JWT_SECRET',
  'SESSIONWIRE_JWT_JWKS_URL',
  'SESSIONWIRE_JWT_ISSUER',
  'SESSIONWIRE_JWT_AUDIENCE',
] as const

const readJwt = (env: Environment, allowsLoopback: boolean): JwtSettings | undefined => {
  if (JWT_NAMES.every(name => (env[name] ?? '') === '')) return undefined
  const { SESSIONWIRE_JWT_ISSUER: issuer = '', SESSIONWIRE_JWT_AUDIENCE: audience = '' } = env
  const keys = keysOf(env, allowsLoopback)
  for (const [name, value] of [
    ['SESSIONWIRE_JWT_ISSUER', issuer],
    ['SESSIONWIRE_JWT_AUDIENCE', audience],
  ] as const)
    if (value === '')
      throw fail(
        name,
        'missing; expected the only value that tokens may have',
        'Tokens of other issuers or for other services would be accepted without it.',
      )
  return { issuer, audience, keys }
}

/** Options of `readAccess`. */
export type AccessOptions = Readonly<{
  /** The address that the server listens on. */
  host: string
  /** True: a JWK set may be read by plain http from this machine; for tests. Default false. */
  allowLoopbackJwks?: boolean
}>

/** Reads the accepted callers, hosts and origins from the environment. Throws `CONFIG` with the name at fault. */
export const readAccess = (
  env: Environment,
  { host, allowLoopbackJwks = false }: AccessOptions,
): AccessSettings => {
  const apiKey = readKey(env, !isLoopback(host))
  const jwt = readJwt(env, allowLoopbackJwks)
  const origins = listOf(env.SESSIONWIRE_ALLOWED_ORIGINS)
  const wrong = origins.find(each => URL.parse(each)?.origin !== each)
  if (wrong !== undefined)
    throw fail(
      'SESSIONWIRE_ALLOWED_ORIGINS',
      `invalid origin; expected scheme, host and port as in https://app.example.com, got ${JSON.stringify(wrong.slice(0, 80))}`,
      'Separate several with spaces.',
    )
  const hosts = listOf(env.SESSIONWIRE_ALLOWED_HOSTS).map(each => each.toLowerCase())
  const odd = hosts.find(each => !/^[a-z0-9.-]+$|^\[[0-9a-f:]+\]$/.test(each))
  if (odd !== undefined)
    throw fail(
      'SESSIONWIRE_ALLOWED_HOSTS',
      `invalid name; expected names without scheme and port, got ${JSON.stringify(odd.slice(0, 80))}`,
      'Separate several with spaces.',
    )
  return {
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(jwt === undefined ? {} : { jwt }),
    hosts,
    origins,
  }
}
