import type { KyInstance } from 'ky'
import type { Call, HttpCall } from '../descriptor/descriptor.ts'
import { percentEncoded, wrongAddress } from '../descriptor/endpoint.ts'
import type { Reply } from '../descriptor/outcome.ts'
import { wireFields, wireHeaders, wireText } from '../descriptor/wire.ts'
import { answer } from './answer.ts'
import { credential, secretOf } from './auth.ts'
import type { SecretSource } from './contract.ts'
import { type Failure, failure } from './failure.ts'
import { quietDispatcher } from './quiet.ts'
import { failureOf } from './thrown.ts'
import { VERSION } from './version.ts'

/** What the HTTP transport needs. */
export type HttpOptions = Readonly<{
  secrets: SecretSource
  /** Default the global `fetch`. It must not follow redirects when told `manual`. */
  fetch?: typeof fetch
  /** Longest body of an answer, unpacked, in bytes. Default 5 MiB. */
  maxAnswerBytes?: number
}>

/** Everything of a request, ready to leave. `who` names its receiver in reasons, without the address of a webhook. */
type Ready = Readonly<{
  ok: true
  url: string
  headers: Readonly<Record<string, string>>
  body?: string
  who: string
}>

const encoded = (fields: ReturnType<typeof wireFields>) =>
  fields.map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(wireText(value))}`).join('&')

const withQuery = (address: string, { query }: HttpCall) => {
  const more = encoded(wireFields(query))
  return more === '' ? address : `${address}${address.includes('?') ? '&' : '?'}${more}`
}

const bodyOf = ({ payload, encoding }: HttpCall): Readonly<{ body?: string }> => {
  if (payload === undefined) return {}
  return { body: encoding === 'form' ? encoded(wireFields(payload)) : JSON.stringify(payload) }
}

const config = (reason: string) => ({ ok: false, failure: failure('config', 'no', reason) }) as const

const addressed = async (
  { endpoint }: HttpCall,
  secrets: SecretSource,
): Promise<
  Readonly<{ ok: true; address: string; who: string }> | Readonly<{ ok: false; failure: Failure }>
> => {
  if (typeof endpoint === 'string') {
    const wrong = wrongAddress(endpoint)
    if (wrong !== undefined) return config(`the address ${endpoint} cannot be called: ${wrong}`)
    return { ok: true, address: endpoint, who: new URL(endpoint).host }
  }
  const secret = await secretOf(endpoint.$secret, secrets)
  if (!secret.ok) return secret
  const wrong = wrongAddress(secret.value)
  const who = `the address in ${endpoint.$secret}`
  return wrong === undefined
    ? { ok: true, address: secret.value, who }
    : config(`${who} cannot be called: ${wrong}`)
}

const prepared = async (
  call: Call,
  secrets: SecretSource,
): Promise<Ready | Readonly<{ ok: false; failure: Failure }>> => {
  if (call.kind !== 'http') return config('Cypher needs the transport of its adapter')
  const target = await addressed(call, secrets)
  if (!target.ok) return target
  const proof = await credential(call.auth, secrets)
  if (!proof.ok) return proof
  return {
    ok: true,
    url: withQuery(target.address, call),
    headers: { 'user-agent': `sessionwire/${VERSION}`, ...wireHeaders(call), ...proof.headers },
    ...bodyOf(call),
    who: target.who,
  }
}

/** What is refused at once, before anything is sent. */
const begun = <T>(begin: () => T): T | undefined => {
  try {
    return begin()
  } catch {
    return undefined
  }
}

const MAX_ANSWER_BYTES = 5 * 1024 * 1024

/** Makes one attempt at a call; `leaving` is told before anything may have left. */
export type Attempt = (call: Call, signal: AbortSignal, leaving: () => void) => Promise<Reply>

/** Attempts by ky, with what the transport was made of. */
export const attempts = ({ secrets, fetch, maxAnswerBytes = MAX_ANSWER_BYTES }: HttpOptions): Attempt => {
  let client: KyInstance | undefined
  /** Loaded with the first call: to record needs no ky, and ky needs more of its platform than the language. */
  const load = async (): Promise<KyInstance> => {
    const { default: ky } = await import('ky')
    return ky.create({
      retry: 0,
      throwHttpErrors: false,
      timeout: false,
      redirect: 'manual',
      ...(fetch === undefined ? {} : { fetch }),
    })
  }

  return async (call, signal, leaving) => {
    const ready = await prepared(call, secrets)
    if (!ready.ok) return ready.failure
    const dispatcher = fetch === undefined ? await quietDispatcher() : undefined
    client ??= await load()
    if (signal.aborted) return failure('aborted', 'no', 'ended before it was sent')
    const { url, headers, body, who } = ready
    const { method } = call as HttpCall
    const send = client
    const pending = begun(() =>
      send(url, {
        method,
        headers,
        signal,
        ...(body === undefined ? {} : { body }),
        ...(dispatcher === undefined ? {} : { dispatcher }),
      }),
    )
    if (pending === undefined)
      return failure('config', 'no', `the call to ${who} has a header that fetch refuses`)
    leaving()
    try {
      return await answer(await pending, maxAnswerBytes, who)
    } catch (thrown) {
      return failureOf(thrown, who)
    }
  }
}
