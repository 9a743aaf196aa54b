import type {
  Call,
  HttpCall,
  Json,
  Reply,
  Rim,
  Sending,
  Transport,
  TransportFactory,
} from '@sessionwire/core/adapter'
import { notSet, said } from '@sessionwire/core/adapter'
import type { TaigaConfig } from './config.ts'
import { createStriker } from './strike.ts'

/** Tokens of one login. Taiga ends a refresh token the moment it is used. */
type Tokens = Readonly<{ user: string; password: string; access: string; refresh: string }>
type Renewed = Readonly<{ tokens: Tokens }> | Readonly<{ reply: Reply }>
type Fields = Readonly<Record<string, Json>>

const failure = (code: 'secret' | 'aborted' | 'refused', reason: string): Reply => ({
  kind: 'failure',
  sent: 'no',
  code,
  reason,
})

const isSuccess = (reply: Reply): boolean =>
  reply.kind === 'answer' && reply.status >= 200 && reply.status < 300

/** A text of a successful answer; empty when there is none. */
const textOf = (reply: Reply, field: string): string => {
  const body: Json = reply.kind === 'answer' && isSuccess(reply) ? reply.body : null
  const value =
    body !== null && typeof body === 'object' && !Array.isArray(body) ? (body as Fields)[field] : undefined
  return typeof value === 'string' ? value : ''
}

/** What a login that failed means for the call it was for: it never left. */
const notLoggedIn = (reply: Reply): Reply => {
  if (reply.kind === 'failure') return { ...reply, sent: 'no', reason: `log in: ${reply.reason}` }
  const { status, body } = reply
  const reason = `log in: ${status} ${said(body)}`.slice(0, 300)
  if (status === 429) return reply
  // What Taiga refuses here is the credential or the address: deliveries wait, and nothing is lost.
  if (status >= 300 && status < 500 && status !== 408) return { ...reply, status: 401, body: reason }
  return failure('refused', isSuccess(reply) ? `log in: the answer has no tokens` : reason)
}

const post = (config: TaigaConfig, path: string, payload: Json): HttpCall => ({
  kind: 'http',
  method: 'POST',
  endpoint: `${config.baseUrl}/${path}`,
  // No credential here: with a stale one in the header Taiga refuses the login itself.
  headers: { 'accept-language': 'en' },
  payload,
})

const aborted = (signal: AbortSignal | undefined): Promise<Renewed> =>
  new Promise(resolve => {
    const end = () => resolve({ reply: failure('aborted', 'ended while logging in') })
    if (signal?.aborted === true) end()
    else signal?.addEventListener('abort', end, { once: true })
  })

/** Logs in, keeps the tokens in memory, renews them one at a time. Gives tokens other than `stale`. */
const session = ({ http, secrets: source, now }: Rim, config: TaigaConfig) => {
  const { secrets, learn, struck } = createStriker(source)
  let tokens: Tokens | undefined
  let renewing: Promise<Renewed> | undefined

  const take = async (reply: Reply, user: string, password: string): Promise<Renewed> => {
    const [access, refresh] = [textOf(reply, 'auth_token'), textOf(reply, 'refresh')]
    if (access === '') return { reply: notLoggedIn(struck(reply)) }
    await learn({ access, refresh })
    tokens = { user, password, access, refresh }
    return { tokens }
  }

  const renew = async (user: string, password: string, { timeoutMs }: Sending): Promise<Renewed> => {
    const old = tokens
    const endsAt = now() + timeoutMs
    // Whatever comes of it, this refresh token is used up.
    tokens = undefined
    if (old !== undefined && old.refresh !== '' && old.user === user && old.password === password) {
      const reply = await http.send(post(config, 'auth/refresh', { refresh: old.refresh }), { timeoutMs })
      if (textOf(reply, 'auth_token') !== '') return take(reply, user, password)
      if (reply.kind === 'failure') return { reply: notLoggedIn(struck(reply)) }
    }
    const login = post(config, 'auth', { type: 'normal', username: user, password })
    return take(await http.send(login, { timeoutMs: Math.max(1, endsAt - now()) }), user, password)
  }

  const valid = (user: string, password: string, stale: string | undefined): Tokens | undefined =>
    tokens !== undefined && tokens.user === user && tokens.password === password && tokens.access !== stale
      ? tokens
      : undefined

  const tokensFor = async (stale: string | undefined, sending: Sending): Promise<Renewed> => {
    const [user, password] = await Promise.all([
      secrets(config.usernameSecret),
      secrets(config.passwordSecret),
    ])
    if (!user) return { reply: failure('secret', notSet(config.usernameSecret)) }
    if (!password) return { reply: failure('secret', notSet(config.passwordSecret)) }
    for (let turn = 0; turn < 3; turn++) {
      const held = valid(user, password, stale)
      if (held !== undefined) return { tokens: held }
      renewing ??= renew(user, password, sending).finally(() => {
        renewing = undefined
      })
      const renewed = await Promise.race([renewing, aborted(sending.signal)])
      if ('reply' in renewed) return renewed
    }
    return { reply: failure('aborted', 'other credentials were used at the same time') }
  }
  return { tokensFor, struck }
}

const withToken = (call: HttpCall, token: string): HttpCall => {
  const { auth: _, ...rest } = call
  return { ...rest, headers: { ...call.headers, authorization: `Bearer ${token}` } }
}

const isRefused = (reply: Reply, call: Call): boolean =>
  reply.kind === 'answer' &&
  reply.status === 403 &&
  call.kind === 'http' &&
  (call.method === 'PATCH' || call.method === 'DELETE')

/**
 * Sends by plain HTTP, and does the two things Taiga needs beyond it. With user name and password it logs in without a
 * credential in the header, keeps the tokens in memory, renews them one at a time, and sends a call that was refused
 * with 401 (and so not done) once more. And it asks whether an object is there at all when changing it was forbidden:
 * Taiga says 403 to both, and only reading it says 404.
 */
export const transport =
  (config: TaigaConfig): TransportFactory =>
  (rim: Rim): Transport => {
    const { http, now } = rim
    const { tokensFor, struck } = session(rim, config)

    const logged = async (call: HttpCall, sending: Sending): Promise<Reply> => {
      const endsAt = now() + sending.timeoutMs
      let stale: string | undefined
      let last: Reply = failure('aborted', 'not logged in')
      for (let turn = 0; turn < 2; turn++) {
        const renewed = await tokensFor(stale, { ...sending, timeoutMs: Math.max(1, endsAt - now()) })
        if ('reply' in renewed) return renewed.reply
        const { access } = renewed.tokens
        const leftMs = endsAt - now()
        // A call cut short would be in doubt; the next attempt finds the tokens ready.
        if (leftMs < sending.timeoutMs / 2) return failure('aborted', 'logging in took too long')
        last = struck(await http.send(withToken(call, access), { ...sending, timeoutMs: leftMs }))
        if (last.kind !== 'answer' || last.status !== 401) return last
        stale = access
      }
      return last
    }

    const send = (call: Call, sending: Sending): Promise<Reply> =>
      call.kind === 'http' && call.auth !== undefined && 'login' in call.auth
        ? logged(call, sending)
        : http.send(call, sending)

    return {
      send: async (call, sending) => {
        const beganAt = now()
        const reply = await send(call, sending)
        const leftMs = sending.timeoutMs - (now() - beganAt)
        if (!isRefused(reply, call) || leftMs < 1) return reply
        const { payload: _, ...read } = call as HttpCall
        const there = await send({ ...read, method: 'GET' }, { ...sending, timeoutMs: leftMs })
        return there.kind === 'answer' && there.status === 404 ? there : reply
      },
      ...(http.close === undefined ? {} : { close: http.close }),
    }
  }
