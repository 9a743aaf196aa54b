import type { Call, HttpCall } from '../descriptor/descriptor.ts'
import { percentEncoded, wrongAddress } from '../descriptor/endpoint.ts'
import type { Reply } from '../descriptor/outcome.ts'
import { wireFields, wireHeaders, wireText } from '../descriptor/wire.ts'
import { credential, secretOf } from './auth.ts'
import type { SecretSource } from './contract.ts'
import { type Failure, failure } from './failure.ts'
import { VERSION } from './version.ts'

/**
 * Everything of a request, ready to leave; names of headers in lower case. `who` names its receiver in reasons, without
 * the address of a webhook.
 */
export type Ready = Readonly<{
  ok: true
  method: HttpCall['method']
  url: string
  headers: Readonly<Record<string, string>>
  body?: string
  who: string
}>

/** Carries a request there and its answer back; `leaving` is told before anything may have left. It never throws. */
export type Carry = (ready: Ready, signal: AbortSignal, leaving: () => void) => Promise<Reply>

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

/** A call with its secrets, or why it cannot be sent. */
export const prepared = async (
  call: Call,
  secrets: SecretSource,
): Promise<Ready | Readonly<{ ok: false; failure: Failure }>> => {
  if (call.kind !== 'http')
    return config(`a custom call to "${call.target}" needs the transport of its adapter`)
  const target = await addressed(call, secrets)
  if (!target.ok) return target
  const proof = await credential(call.auth, secrets)
  if (!proof.ok) return proof
  return {
    ok: true,
    method: call.method,
    url: withQuery(target.address, call),
    headers: { 'user-agent': `sessionwire/${VERSION}`, ...wireHeaders(call), ...proof.headers },
    ...bodyOf(call),
    who: target.who,
  }
}

/** What is said of a header that no client sends. */
export const unwritable = (who: string): Failure =>
  failure('config', 'no', `the call to ${who} has a header that cannot be sent`)
