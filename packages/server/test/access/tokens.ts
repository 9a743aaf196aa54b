import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose'

/** The shared secret of the tests. */
export const SECRET = 'a-secret-of-the-tests-with-more-than-32-bytes'
/** The accepted issuer. */
export const ISSUER = 'https://login.example.com'
/** The accepted audience. */
export const AUDIENCE = 'https://sessionwire.example.com'

/** What a token says. */
export type Claims = Readonly<Record<string, unknown>>

/** A second of epoch time, so many from now. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds

/** Claims that are accepted. */
export const claims = (more: Claims = {}): Claims => ({
  ...{ iss: ISSUER, aud: AUDIENCE, sub: 'ada', exp: inSeconds(300), scope: 'read record' },
  ...more,
})

type Key = Parameters<SignJWT['sign']>[0]

/** Signs claims; `undefined` leaves one out. */
export const sign = (given: Claims, key: Key, header: JWTHeaderParameters): Promise<string> =>
  new SignJWT(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
    .setProtectedHeader(header)
    .sign(key)

/** Signs with the shared secret. */
export const signed = (
  given: Claims = claims(),
  header: JWTHeaderParameters = { alg: 'HS256' },
  secret = SECRET,
) => sign(given, new TextEncoder().encode(secret), header)

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token whose signature is whatever is given. */
export const forged = (header: unknown, given: Claims, signature = ''): string =>
  `${part(header)}.${part(given)}.${signature}`

/** A pair of keys with the name that a set gives it. */
export const pairOf = async (alg: 'RS256' | 'ES256', kid: string) => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { publicKey, privateKey, jwk: { ...(await exportJWK(publicKey)), alg, kid, use: 'sig' } }
}
