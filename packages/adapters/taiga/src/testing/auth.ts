import type { Json } from '@sessionwire/core/adapter'
import type { Answer, Host, Received } from '@sessionwire/core/testing'
import { answerThrottled, type Fields, type StoredUser, type World } from './world.ts'

const HOUR_MS = 3_600_000
const ACCESS_MS = 24 * HOUR_MS
const REFRESH_MS = 8 * 24 * HOUR_MS

type Token = Readonly<{ user: StoredUser; kind: 'access' | 'refresh'; until: number }>

/** Lets users in. */
export interface Door {
  /** The user of a request's credential, or the answer that refuses it. */
  readonly user: (request: Received, host: Host) => StoredUser | Answer
  /** `POST /auth` and `POST /auth/refresh`. */
  readonly login: (request: Received, host: Host) => Answer
  readonly refresh: (request: Received, host: Host) => Answer
  /** Ends every access token, as a day later. */
  readonly expireAccess: () => void
  /** Ends every refresh token too, as eight days later. */
  readonly expireAll: () => void
}

const refuse = (code: string, detail: string): Answer => ({
  status: 401,
  headers: { 'www-authenticate': 'Bearer realm="api"' },
  body: { detail, code },
})
const stale = (): Answer => refuse('token_not_valid', 'Given token not valid for any token type')
const unknown = (message: string): Answer => ({
  status: 401,
  body: { _error_message: message, _error_type: 'taiga.base.exceptions.NotAuthenticated' },
})

const field = (body: Json, name: string): Json =>
  body !== null && typeof body === 'object' && !Array.isArray(body) ? ((body as Fields)[name] ?? null) : null

/** Tokens of users, and application tokens; after `failures` refused logins even right ones are throttled. */
export const createDoor = (
  world: World,
  applicationTokens: Readonly<Record<string, string>>,
  failures: number,
  loginTypes: readonly string[],
): Door => {
  const tokens = new Map<string, Token>()
  let failed = 0

  const issue = (user: StoredUser, host: Host) => {
    const token = (kind: Token['kind'], lifeMs: number) => {
      const value = `ey.${kind}.${host.uuid()}`
      tokens.set(value, { user, kind, until: host.now() + lifeMs })
      return value
    }
    return { auth_token: token('access', ACCESS_MS), refresh: token('refresh', REFRESH_MS) }
  }

  const bearer = (value: string, kind: Token['kind'], host: Host): StoredUser | undefined => {
    const token = tokens.get(value)
    return token?.kind === kind && token.until > host.now() ? token.user : undefined
  }

  const user: Door['user'] = ({ headers }, host) => {
    const [scheme, ...rest] = (headers.authorization ?? '').split(' ')
    const value = rest.join(' ')
    if (scheme === '') return unknown('Authentication credentials were not provided.')
    if (scheme === 'Application') {
      const name = Object.hasOwn(applicationTokens, value) ? applicationTokens[value] : undefined
      return world.users.find(({ username }) => username === name) ?? unknown('Invalid token')
    }
    if (scheme !== 'Bearer') return unknown('Authentication credentials were not provided.')
    if (rest.length !== 1)
      return refuse(
        'bad_authorization_header',
        'Authorization header must contain two space-delimited values',
      )
    return bearer(value, 'access', host) ?? stale()
  }

  /** An invalid credential is refused even where none is needed. */
  const guard = (request: Received, host: Host, answer: () => Answer): Answer => {
    if (request.headers.authorization !== undefined) {
      const found = user(request, host)
      if ('status' in found) return found
    }
    if (failed > failures) return answerThrottled(60)
    const given = answer()
    if (given.status === 400 || given.status === 401) failed += 1
    return given
  }

  return {
    user,
    login: (request, host) =>
      guard(request, host, () => {
        const { body } = request
        if (!loginTypes.includes(String(field(body, 'type'))))
          return {
            status: 400,
            body: { _error_message: 'invalid login type', _error_type: 'taiga.base.exceptions.BadRequest' },
          }
        const found = world.users.find(
          ({ username, password }) =>
            username === field(body, 'username') && password === field(body, 'password'),
        )
        if (found === undefined)
          return refuse('invalid_credentials', 'No active account found with the given credentials')
        host.effect('login')
        const { id, username, fullName } = found
        return {
          status: 200,
          body: {
            id,
            username,
            full_name: fullName,
            email: `${username}@example.com`,
            ...issue(found, host),
          },
        }
      }),
    refresh: (request, host) =>
      guard(request, host, () => {
        const old = String(field(request.body, 'refresh'))
        const found = bearer(old, 'refresh', host)
        if (found === undefined) return stale()
        // A second use of it is refused.
        tokens.delete(old)
        host.effect('refresh')
        return { status: 200, body: issue(found, host) }
      }),
    expireAccess: () => {
      for (const [value, { kind }] of tokens) if (kind === 'access') tokens.delete(value)
    },
    expireAll: () => tokens.clear(),
  }
}
