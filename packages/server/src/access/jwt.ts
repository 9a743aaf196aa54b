import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import type { Subject } from '../operations/operation.ts'
import { challengeOf } from './metadata.ts'
import { type Refusal, refuse } from './refusal.ts'
import { parseScopes } from './scopes.ts'

/** How bearer tokens are checked: with a secret (HS256 alone) or with a set of public keys (RS256 and ES256 alone). */
export type JwtSettings = Readonly<{
  /** The only accepted `iss`. */
  issuer: string
  /** The only accepted `aud`. */
  audience: string
  /** A shared secret of at least 32 bytes, or the address of a JWK set. */
  keys:
    | Readonly<{
        /** At least 32 bytes; only HS256 is accepted. */
        secret: string
      }>
    | Readonly<{
        /** Where the public keys are, by https; only RS256 and ES256 are accepted. */
        jwks: URL
      }>
  /** The current time in epoch ms. Default `Date.now`. */
  now?: () => number
}>

/** Gives the caller of a token, or the reason why it is refused. */
export type VerifyToken = (token: string) => Promise<Subject | Refusal>

/** Longest token that is looked at, in characters. */
const MOST = 8_192
/** How far the clocks of issuer and server may differ, in seconds. */
const TOLERANCE = 10

/** The reason why a token is refused, for its owner. It repeats nothing of the token. */
const reasonOf = (thrown: unknown): string => {
  if (thrown instanceof errors.JWTExpired) return 'The token has expired. Get a new one.'
  if (thrown instanceof errors.JWTClaimValidationFailed)
    return `The claim "${thrown.claim}" of the token is missing or not the expected one.`
  if (thrown instanceof errors.JOSEAlgNotAllowed) return 'The algorithm of the token is not allowed here.'
  return 'The token is not valid here.'
}

/** Errors that say nothing about the token: the set of keys could not be read. */
const isOurs = (thrown: unknown): boolean =>
  thrown instanceof errors.JWKSTimeout ||
  thrown instanceof errors.JWKSInvalid ||
  !(thrown instanceof errors.JOSEError) ||
  thrown.code === 'ERR_JOSE_GENERIC'

const wordsOf = (value: unknown): string =>
  Array.isArray(value) ? value.filter(each => typeof each === 'string').join(' ') : String(value ?? '')

/** Identity providers write scopes as `scope` (RFC 8693) or as `scp`. */
const callerOf = ({ sub = '', scope, scp }: JWTPayload): Subject => ({
  id: `jwt:${sub}`,
  scopes: new Set([...parseScopes(wordsOf(scope)).scopes, ...parseScopes(wordsOf(scp)).scopes]),
})

/** Makes the check of bearer tokens. Each kind of key pins its algorithms, so that no token chooses one. */
export const createTokenCheck = (settings: JwtSettings): VerifyToken => {
  const { issuer, audience, keys, now = Date.now } = settings
  const challenge = { 'www-authenticate': challengeOf(settings, 'invalid_token') }
  const invalid = (message: string): Refusal => refuse(401, 'UNAUTHORIZED', message, challenge)
  const options = (algorithms: string[]): JWTVerifyOptions => ({
    algorithms,
    issuer,
    audience,
    clockTolerance: TOLERANCE,
    requiredClaims: ['exp', 'iss', 'aud', 'sub'],
    currentDate: new Date(now()),
  })
  const verify =
    'secret' in keys
      ? (token: string) => jwtVerify(token, new TextEncoder().encode(keys.secret), options(['HS256']))
      : (() => {
          const set = createRemoteJWKSet(keys.jwks, { timeoutDuration: 5_000, cooldownDuration: 30_000 })
          return (token: string) => jwtVerify(token, set, options(['RS256', 'ES256']))
        })()
  return async token => {
    if (token.length > MOST) return invalid('The token is too long.')
    try {
      const { payload } = await verify(token)
      if (payload.sub === '') return invalid('The claim "sub" of the token is empty.')
      return callerOf(payload)
    } catch (thrown) {
      if (isOurs(thrown))
        return refuse(
          503,
          'UNAVAILABLE',
          'The keys that tokens are checked with cannot be read now. Try again later.',
          {
            'retry-after': '5',
          },
        )
      return invalid(reasonOf(thrown))
    }
  }
}
