import type { Call, HttpCall } from '../descriptor/descriptor.ts'
import type { Answer, Reply } from '../descriptor/outcome.ts'
import { notSet } from '../descriptor/refs.ts'
import type { Json } from '../session/schema.ts'
import {
  type Failure,
  failure,
  type Rim,
  type SecretSource,
  type Sending,
  type Transport,
} from './contract.ts'
import { createIssuedRedactor, type IssuedRedactor } from './issued.ts'
import { refuseUnread, refuseValue } from './ready.ts'

/** A private key in PEM form has several lines. */
const hasLines = (value: string): boolean => value.includes('-----BEGIN ')

/**
 * Reads secrets for a transport that sends them itself, by the rules for those of plain calls: their values in this order, or
 * the failure of a call that must wait for others. One with a line end would be refused by the service, and count as a wrong one.
 */
export const readSecretValues = async (
  names: readonly string[],
  source: SecretSource,
): Promise<readonly string[] | Failure> => {
  const values: string[] = []
  const missing: string[] = []
  const refused: Failure[] = []
  const readOne = async (name: string) => {
    try {
      return (await source(name)) ?? ''
    } catch (thrown) {
      return refuseUnread(name, thrown)
    }
  }
  const read = await Promise.all(names.map(readOne))
  for (const [place, name] of names.entries()) {
    const value = read[place] ?? ''
    if (value === '') missing.push(name)
    else if (typeof value !== 'string') refused.push(value.failure)
    else {
      const wrong = hasLines(value) ? undefined : refuseValue(name, value)
      if (wrong === undefined) values.push(value)
      else refused.push(wrong.failure)
    }
  }
  if (missing.length > 0) return failure('secret', 'no', notSet(...missing))
  return refused[0] ?? values
}

/** A token that a service issued to a transport. */
export type Issued = Readonly<{
  /** Sent behind `Bearer`. */
  token: string
  /** When it ends, epoch ms. Default: unknown, it is used until it is refused. */
  until?: number
  /** Another secret that renews it. Default: none. */
  refresh?: string
}>

/** How a transport gets tokens of a service. */
export type Login = Readonly<{
  /** Names of the secrets that it needs; `request` is given their values in this order. */
  secrets: readonly string[]
  /** The act in reasons, as in `log in`. */
  about: string
  /** Sends one or more requests for a token; the last reply counts. `old`: the token of these secrets so far. */
  request: (
    values: readonly string[],
    send: (call: HttpCall) => Promise<Reply>,
    old: Issued | undefined,
    redactor: IssuedRedactor,
  ) => Promise<Reply>
  /** Reads the token from a reply; `undefined` where there is none. */
  read: (reply: Answer) => Issued | undefined
  /** Whether a reply is in the service's own form: only the service itself refuses a credential. */
  isOwn: (reply: Answer) => boolean
  /** Whether a refusal is a limit, which says nothing about the credential. Default: status 429. */
  isLimit?: (reply: Answer) => boolean
  /** A body in the service's form with this reason, for the 401 that a refused login becomes. */
  refuse: (reason: string) => Json
}>

/** A token is not used in its last two minutes: a call may wait for an answer that long. */
const SPARE_MS = 120_000
/** Longest part of an answer that becomes a reason, in UTF-16 units; the worker redacts and cuts it. */
const SAID_UNITS = 16_384
/** Attempts to get a token while other credentials are used at the same time. */
const TURNS = 3

type Kept = Issued & Readonly<{ of: string }>
type Renewed = Readonly<{ token: string }> | Readonly<{ reply: Reply }>

const waitForAbort = (signal: AbortSignal | undefined, about: string): Promise<Renewed> =>
  new Promise(resolve => {
    const end = () => resolve({ reply: failure('aborted', 'no', `${about}: it was ended`) })
    if (signal?.aborted === true) end()
    else signal?.addEventListener('abort', end, { once: true })
  })

/** The reply to a call that was not sent, because the login failed. */
const explain = (reply: Reply, { about, isOwn, isLimit, refuse }: Login): Reply => {
  if (reply.kind === 'failure')
    return {
      ...reply,
      sent: 'no',
      reason: reply.code === 'config' ? reply.reason : `${about}: ${reply.reason}`,
    }
  const { status, headers, body } = reply
  if (isLimit?.(reply) ?? status === 429) return reply
  const said = (typeof body === 'string' ? body : JSON.stringify(body)).slice(0, SAID_UNITS)
  const reason = `${about}: ${status} ${said}`
  return status >= 400 && status < 500 && isOwn(reply)
    ? { kind: 'answer', status: 401, headers, body: refuse(reason) }
    : failure('refused', 'no', status < 300 ? `${about}: the answer has no token` : reason)
}

/**
 * Makes the `send` of a transport whose calls with `auth: { login }` carry a token that the service issued. It keeps one token
 * in memory, gets and renews it one request at a time, and sends a call that was refused with 401 (and so not done) once more
 * with a new one. Tokens are redacted in every reply.
 */
export const createLogin = ({ http, secrets, now }: Rim, login: Login): Transport['send'] => {
  const { about, request, read, secrets: names } = login
  const redactor = createIssuedRedactor()
  const { learn, redactReply } = redactor
  let kept: Kept | undefined
  let renewing: Promise<Renewed> | undefined

  const renew = async (values: readonly string[], { timeoutMs }: Sending): Promise<Renewed> => {
    const endsAt = now() + timeoutMs
    const of = values.join('\n')
    const old = kept?.of === of ? kept : undefined
    // A service may end a token while it renews it, also where its answer is lost.
    kept = undefined
    const send = (call: HttpCall) => http.send(call, { timeoutMs: Math.max(1, endsAt - now()) })
    const reply = await request(values, send, old, redactor)
    const made = reply.kind === 'answer' ? read(reply) : undefined
    if (made === undefined) return { reply: explain(redactReply(reply), login) }
    const { token, refresh } = made
    // The header as a whole, too: in base64 it does not hold what the token alone is there.
    await learn({ token, authorization: `Bearer ${token}`, ...(refresh === undefined ? {} : { refresh }) })
    kept = { ...made, of }
    return { token }
  }

  /** Gives a token other than `stale`. */
  const getToken = async (stale: string | undefined, sending: Sending): Promise<Renewed> => {
    const source = sending.secrets ?? secrets
    const values = await readSecretValues(names, source)
    if ('kind' in values) return { reply: values }
    const of = values.join('\n')
    for (let turn = 0; turn < TURNS; turn++) {
      const usable = kept
      const isLasting = usable?.until === undefined || usable.until - SPARE_MS > now()
      if (usable?.of === of && usable.token !== stale && isLasting) return { token: usable.token }
      renewing ??= renew(values, sending).finally(() => {
        renewing = undefined
      })
      const renewed = await Promise.race([renewing, waitForAbort(sending.signal, about)])
      if ('reply' in renewed) return renewed
      if (kept?.of === of) return { token: renewed.token }
    }
    return { reply: failure('aborted', 'no', 'other credentials were used at the same time') }
  }

  const sendWithToken = async ({ auth: _, ...call }: HttpCall, sending: Sending): Promise<Reply> => {
    const endsAt = now() + sending.timeoutMs
    let stale: string | undefined
    let last: Reply = failure('aborted', 'no', about)
    for (let turn = 0; turn < 2; turn++) {
      const renewed = await getToken(stale, { ...sending, timeoutMs: Math.max(1, endsAt - now()) })
      if ('reply' in renewed) return renewed.reply
      stale = renewed.token
      const leftMs = endsAt - now()
      // A call cut short would be in doubt; the next attempt finds the token ready.
      if (leftMs < sending.timeoutMs / 2) return failure('aborted', 'no', `${about}: it took too long`)
      const headers = { ...call.headers, authorization: `Bearer ${stale}` }
      last = redactReply(await http.send({ ...call, headers }, { ...sending, timeoutMs: leftMs }))
      if (last.kind !== 'answer' || last.status !== 401) return last
    }
    return last
  }

  return (call: Call, sending) =>
    call.kind === 'http' && call.auth !== undefined && 'login' in call.auth
      ? sendWithToken(call, sending)
      : http.send(call, sending)
}
