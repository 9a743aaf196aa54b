import { createVerify } from 'node:crypto'

/** An app that the hostile GitHub knows, installed once. */
export type App = Readonly<{
  /** Its number. */
  id: string
  /** Number of its installation. */
  installation: string
  /** PEM of its public key. */
  publicKey: string
}>

const decode = (part: string | undefined) =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8')) as Readonly<Record<string, unknown>>

/** Why a token does not prove an app, in GitHub's words; `undefined` where it is signed with its key, for ten minutes at most. */
export const refuseToken = (jwt: string, app: App, nowMs: number): string | undefined => {
  const [head, claims, signature] = jwt.split('.')
  const wrong = 'A JSON web token could not be decoded'
  try {
    const { iss, iat, exp } = decode(claims) as { iss: string; iat: number; exp: number }
    const now = nowMs / 1_000
    const verify = createVerify('RSA-SHA256').update(`${head}.${claims}`)
    const isOurs = decode(head).alg === 'RS256' && String(iss) === app.id
    if (!isOurs || !verify.verify(app.publicKey, signature ?? '', 'base64url')) return wrong
    if (exp - now > 600) return "'Expiration time' claim ('exp') is too far in the future"
    if (exp <= now)
      return "'Expiration time' claim ('exp') must be a numeric value representing the future time"
    return iat > now ? "'Issued at' claim ('iat') must be an Integer representing the time" : undefined
  } catch {
    return wrong
  }
}
