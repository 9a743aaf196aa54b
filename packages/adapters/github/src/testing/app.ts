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

/** Whether a token proves an app: signed with its key, and for ten minutes at most. */
export const isSigned = (jwt: string, app: App, nowMs: number): boolean => {
  const [head, claims, signature] = jwt.split('.')
  try {
    const { iss, iat, exp } = decode(claims) as { iss: string; iat: number; exp: number }
    const now = nowMs / 1_000
    const fits =
      decode(head).alg === 'RS256' && String(iss) === app.id && iat <= now && exp > now && exp - now <= 600
    const verify = createVerify('RSA-SHA256').update(`${head}.${claims}`)
    return fits && verify.verify(app.publicKey, signature ?? '', 'base64url')
  } catch {
    return false
  }
}
