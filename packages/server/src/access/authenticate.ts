import type { Scope, Subject } from '../operations/operation.ts'
import { isSameSecret } from './api-key.ts'
import type { Headers } from './headers.ts'
import { createTokenCheck } from './jwt.ts'
import { challengeOf } from './metadata.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { AccessSettings } from './settings.ts'

/** The request as `verify` sees it: without its body, which the server reads only for callers it accepts. */
export type VerifyRequest = Readonly<{
  /** The method, as in `POST`. */
  method: string
  /** The path, without the query. */
  path: string
  /** Headers by their names in lower case. */
  headers: Headers
}>

/** A check of one's own. `undefined` refuses the request with 401; the subject is prefixed with `own:`. */
export type Verify = (request: VerifyRequest) => Promise<
  | Readonly<{
      /** The name of the caller, not empty. */
      subject: string
      /** The rights of the caller. */
      scopes: readonly Scope[]
    }>
  | undefined
>

/** Gives the caller of a request, or why it is refused. */
export type Authenticate = (request: VerifyRequest) => Promise<Subject | Refusal>

/** True for a refusal. */
export const isRefusal = (value: Subject | Refusal): value is Refusal => 'status' in value

const refuseCredential = (message: string, headers?: Readonly<Record<string, string>>): Refusal =>
  refuse(401, 'UNAUTHORIZED', message, headers)

const byOwn =
  (verify: Verify): Authenticate =>
  async request => {
    const known = await verify(request)
    if (known === undefined || known.subject === '')
      return refuseCredential('The request was not accepted as one of a known caller.')
    return { id: `own:${known.subject}`, scopes: new Set(known.scopes) }
  }

/** Makes the check of callers: by `verify` alone where there is one, else by API key and bearer token. */
export const createAuthenticate = (
  { apiKey, jwt }: Pick<AccessSettings, 'apiKey' | 'jwt'>,
  verify?: Verify,
): Authenticate => {
  if (verify !== undefined) return byOwn(verify)
  const checkToken = jwt === undefined ? undefined : createTokenCheck(jwt)
  const keyScopes: ReadonlySet<Scope> = new Set(apiKey?.scopes)
  const challenge: Readonly<Record<string, string>> =
    jwt === undefined ? {} : { 'www-authenticate': challengeOf(jwt) }
  return async ({ headers }) => {
    if (apiKey === undefined && checkToken === undefined)
      return refuse(
        503,
        'NOT_CONFIGURED',
        'No API key is configured. Set SESSIONWIRE_API_KEY where the server runs, and start it again.',
      )
    const { 'x-api-key': key, authorization } = headers
    if (key !== undefined && authorization !== undefined)
      return refuseCredential('Send one credential: X-Api-Key or Authorization.', challenge)
    if (key !== undefined) {
      // Compared in any case, so that the time does not tell whether a key is configured.
      const isKey = isSameSecret(key, apiKey?.value ?? '') && apiKey !== undefined
      return isKey
        ? { id: 'key:default', scopes: keyScopes }
        : refuseCredential('Invalid API key.', challenge)
    }
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1]
    if (token !== undefined && checkToken !== undefined) return checkToken(token)
    return refuseCredential(
      apiKey === undefined
        ? 'Missing bearer token: send the header Authorization: Bearer <token>.'
        : 'Missing X-Api-Key header.',
      challenge,
    )
  }
}

/** Refuses a caller without a scope. */
export const checkScope = (caller: Subject, scope: Scope): Refusal | undefined =>
  caller.scopes.has(scope)
    ? undefined
    : refuse(403, 'FORBIDDEN', `The scope "${scope}" is needed for this, and this caller has it not.`, {
        'www-authenticate': `Bearer realm="sessionwire", error="insufficient_scope", scope="${scope}"`,
      })
