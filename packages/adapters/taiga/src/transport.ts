import {
  type Call,
  createIssuedRedactor,
  type HttpCall,
  type Json,
  notSet,
  quote,
  type Reply,
  type Rim,
  type Sending,
  type Transport,
  type TransportFactory,
} from '@sessionwire/core/adapter'
import type { TaigaConfig } from './config.ts'
import { isOwn } from './outcome.ts'

/** Tokens of one login. Taiga ends a refresh token the moment it is used. */
type Tokens = Readonly<{ user: string; password: string; access: string; refresh: string }>
type Renewed = Readonly<{ tokens: Tokens }> | Readonly<{ reply: Reply }>

const failure = (code: 'secret' | 'aborted' | 'refused', reason: string): Reply => ({
  kind: 'failure',
  sent: 'no',
  code,
  reason,
})

/** A string of a successful answer; empty where there is none. */
const textOf = (reply: Reply, field: string): string => {
  if (reply.kind !== 'answer' || reply.status < 200 || reply.status > 299) return ''
  const value = (reply.body as Readonly<Record<string, Json>> | null)?.[field]
  return typeof value === 'string' ? value : ''
}

/** The reply to a call whose login failed: the call was not sent. */
const notLoggedIn = (reply: Reply): Reply => {
  if (reply.kind === 'failure') return { ...reply, sent: 'no', reason: `log in: ${reply.reason}` }
  const { status, headers, body } = reply
  if (status === 429) return reply
  const reason = `log in: ${status} ${quote(body)}`
  // Only Taiga itself refuses a credential; a proxy's page says nothing about it.
  return status >= 400 && status < 500 && isOwn(reply)
    ? { kind: 'answer', status: 401, headers, body: { _error_message: reason } }
    : failure('refused', status < 300 ? 'log in: the answer has no tokens' : reason)
}

const waitForAbort = (signal: AbortSignal | undefined): Promise<Renewed> =>
  new Promise(resolve => {
    const end = () => resolve({ reply: failure('aborted', 'ended while logging in') })
    if (signal?.aborted === true) end()
    else signal?.addEventListener('abort', end, { once: true })
  })

/** Logs in, keeps the tokens in memory, renews them one at a time. Gives tokens other than `stale`. */
const createLogin = ({ http, secrets, now }: Rim, { baseUrl, loginType, ...config }: TaigaConfig) => {
  const { learn, redactReply } = createIssuedRedactor()
  const { TAIGA_USERNAME: userName, TAIGA_PASSWORD: passwordName } = config.secrets
  let tokens: Tokens | undefined
  let renewing: Promise<Renewed> | undefined

  const post = async (path: string, payload: Json, endsAt: number): Promise<Reply> =>
    http.send(
      // No credential here: with a stale one in the header Taiga refuses the login itself.
      {
        kind: 'http',
        method: 'POST',
        endpoint: `${baseUrl}/${path}`,
        headers: { 'accept-language': 'en' },
        payload,
      },
      { timeoutMs: Math.max(1, endsAt - now()) },
    )
  const take = async (reply: Reply, user: string, password: string): Promise<Renewed> => {
    const [access, refresh] = [textOf(reply, 'auth_token'), textOf(reply, 'refresh')]
    if (access === '') return { reply: notLoggedIn(redactReply(reply)) }
    // The header as a whole, too: in base64 it does not hold what the token alone is there.
    await learn({ access, refresh, authorization: `Bearer ${access}` })
    tokens = { user, password, access, refresh }
    return { tokens }
  }
  const renew = async (user: string, password: string, { timeoutMs }: Sending): Promise<Renewed> => {
    const old = tokens
    const endsAt = now() + timeoutMs
    // Taiga ends this refresh token, also where its answer is lost.
    tokens = undefined
    if (old !== undefined && old.refresh !== '' && old.user === user && old.password === password) {
      const reply = await post('auth/refresh', { refresh: old.refresh }, endsAt)
      if (reply.kind === 'failure' || textOf(reply, 'auth_token') !== '') return take(reply, user, password)
    }
    return take(await post('auth', { type: loginType, username: user, password }, endsAt), user, password)
  }

  const tokensFor = async (stale: string | undefined, sending: Sending): Promise<Renewed> => {
    const source = sending.secrets ?? secrets
    const [user, password] = await Promise.all([source(userName), source(passwordName)])
    if (!user) return { reply: failure('secret', notSet(userName)) }
    if (!password) return { reply: failure('secret', notSet(passwordName)) }
    for (let turn = 0; turn < 3; turn++) {
      if (tokens?.user === user && tokens.password === password && tokens.access !== stale) return { tokens }
      renewing ??= renew(user, password, sending).finally(() => {
        renewing = undefined
      })
      const renewed = await Promise.race([renewing, waitForAbort(sending.signal)])
      if ('reply' in renewed) return renewed
    }
    return { reply: failure('aborted', 'other credentials were used at the same time') }
  }
  return { tokensFor, redactReply }
}

/**
 * Sends by plain HTTP, and does the two things that Taiga needs beyond it. With user name and password it logs in, renews the
 * tokens, and sends a call that was refused with 401 (and so not done) once more. And after a delete that was forbidden it
 * reads the object: Taiga answers 403 to a delete of what is not there, and only a read says 404.
 */
export const transport =
  (config: TaigaConfig): TransportFactory =>
  (rim: Rim): Transport => {
    const { http, now } = rim
    const { tokensFor, redactReply } = createLogin(rim, config)

    const sendLoggedIn = async ({ auth: _, ...call }: HttpCall, sending: Sending): Promise<Reply> => {
      const endsAt = now() + sending.timeoutMs
      let stale: string | undefined
      let last: Reply = failure('aborted', 'not logged in')
      for (let turn = 0; turn < 2; turn++) {
        const renewed = await tokensFor(stale, { ...sending, timeoutMs: Math.max(1, endsAt - now()) })
        if ('reply' in renewed) return renewed.reply
        stale = renewed.tokens.access
        const leftMs = endsAt - now()
        // A call cut short would be in doubt; the next attempt finds the tokens ready.
        if (leftMs < sending.timeoutMs / 2) return failure('aborted', 'logging in took too long')
        const headers = { ...call.headers, authorization: `Bearer ${stale}` }
        last = redactReply(await http.send({ ...call, headers }, { ...sending, timeoutMs: leftMs }))
        if (last.kind !== 'answer' || last.status !== 401) return last
      }
      return last
    }
    const send = (call: Call, sending: Sending): Promise<Reply> =>
      call.kind === 'http' && call.auth !== undefined && 'login' in call.auth
        ? sendLoggedIn(call, sending)
        : http.send(call, sending)

    return {
      ...http,
      send: async (call, sending) => {
        const endsAt = now() + sending.timeoutMs
        const reply = await send(call, sending)
        const timeoutMs = endsAt - now()
        const isForbidden = reply.kind === 'answer' && reply.status === 403
        if (!isForbidden || call.kind !== 'http' || call.method !== 'DELETE' || timeoutMs < 1) return reply
        const there = await send({ ...call, method: 'GET' }, { ...sending, timeoutMs })
        return there.kind === 'answer' && there.status === 404 && isOwn(there) ? there : reply
      },
    }
  }
