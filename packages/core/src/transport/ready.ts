import type { Auth, Call, Encoding, HttpCall } from '../descriptor/descriptor.ts'
import type { Reply } from '../descriptor/outcome.ts'
import { notSet, slotOf, slotsIn } from '../descriptor/refs.ts'
import { percentEncoded, wireFields, wireHeaders, wireText, wrongAddress } from '../descriptor/wire.ts'
import type { Json } from '../session/schema.ts'
import { VERSION } from '../session/version.ts'
import { askOnce, type Failure, failure, type SecretSource, type Signer, type Signing } from './contract.ts'

/** A secret's value, or why there is none that can be used. */
type Secret = Readonly<{ ok: true; value: string }> | Readonly<{ ok: false; failure: Failure }>

/** The headers of a credential, or why it cannot be used. */
type Credential =
  | Readonly<{ ok: true; headers: Readonly<Record<string, string>> }>
  | Readonly<{ ok: false; failure: Failure }>

const refuse = (reason: string, code: 'secret' | 'config' = 'config') =>
  ({ ok: false, failure: failure(code, 'no', reason) }) as const

/** Looks a secret up. One that is empty is not set; one that cannot be looked up is not set for now. */
const secretOf = async (name: string, secrets: SecretSource): Promise<Secret> => {
  try {
    const value = await secrets(name)
    if (value === undefined || value === '') return refuse(notSet(name), 'secret')
    return /\p{Cc}/u.test(value)
      ? refuse(`secret ${name} holds a line end or another control character: store it without`)
      : { ok: true, value }
  } catch {
    // The message of the source could hold the value.
    return refuse(`secret ${name} could not be read`, 'secret')
  }
}

const base64 = (text: string) =>
  btoa(Array.from(new TextEncoder().encode(text), byte => String.fromCharCode(byte)).join(''))

const byHeader = async (
  { header, prefix = '', secret }: Extract<Auth, { header: string }>,
  secrets: SecretSource,
): Promise<Credential> => {
  const found = await secretOf(secret, secrets)
  if (!found.ok) return found
  return /^[\x20-\x7e\xa0-\xff]*$/.test(found.value)
    ? { ok: true, headers: { [header.toLowerCase()]: `${prefix}${found.value}` } }
    : refuse(`secret ${secret} holds a letter that a header cannot carry`)
}

const byPassword = async (
  { basic }: Extract<Auth, { basic: unknown }>,
  secrets: SecretSource,
): Promise<Credential> => {
  const [user, password] = [await secretOf(basic[0], secrets), await secretOf(basic[1], secrets)]
  if (!user.ok) return user
  if (!password.ok) return password
  // RFC 7617 section 2: the first colon ends the user.
  return user.value.includes(':')
    ? refuse(`secret ${basic[0]} holds a colon, which the name of a user cannot have`)
    : { ok: true, headers: { authorization: `Basic ${base64(`${user.value}:${password.value}`)}` } }
}

/** The header of a credential, made of the secrets it names; basic credentials are UTF-8 (RFC 7617 section 2.1). */
const credential = async (auth: Auth | undefined, secrets: SecretSource): Promise<Credential> => {
  if (auth === undefined || 'sign' in auth) return { ok: true, headers: {} }
  if ('header' in auth) return byHeader(auth, secrets)
  if ('basic' in auth) return byPassword(auth, secrets)
  return refuse(`the login "${auth.login}" needs the transport of its adapter`)
}

/** The headers that a signer of the adapter makes for exactly this request. */
const signature = async (
  auth: Extract<Auth, { sign: string }>,
  request: Omit<Signing, 'secret' | 'also' | 'with'>,
  secrets: SecretSource,
  signers: Readonly<Record<string, Signer>>,
): Promise<Credential> => {
  const signer = Object.hasOwn(signers, auth.sign) ? signers[auth.sign] : undefined
  if (signer === undefined) return refuse(`the adapter has no signer "${auth.sign}"`)
  const found = await secretOf(auth.secret, secrets)
  if (!found.ok) return found
  const also: Record<string, string> = {}
  for (const [role, name] of Object.entries(auth.also ?? {})) {
    const more = await secretOf(name, secrets)
    if (!more.ok) return more
    also[role] = more.value
  }
  try {
    const headers = await signer({ ...request, secret: found.value, also, with: auth.with ?? {} })
    return {
      ok: true,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
      ),
    }
  } catch {
    // The error of a signer could hold the secret.
    return refuse(`the signer "${auth.sign}" failed`)
  }
}

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

/** Carries a request there and its answer back; it calls `leaving` before anything may have left, and never throws. */
export type Carry = (ready: Ready, signal: AbortSignal, leaving: () => void) => Promise<Reply>

const encode = (fields: ReturnType<typeof wireFields>) =>
  fields.map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(wireText(value))}`).join('&')

const withQuery = (address: string, query: Json | undefined) => {
  const more = encode(wireFields(query))
  return more === '' ? address : `${address}${address.includes('?') ? '&' : '?'}${more}`
}

const ndjson = (payload: Json): string =>
  (Array.isArray(payload) ? payload : [payload]).map(item => `${JSON.stringify(item)}\n`).join('')

const bodyOf = (payload: Json | undefined, encoding: Encoding = 'json'): Readonly<{ body?: string }> => {
  if (payload === undefined) return {}
  if (encoding === 'form') return { body: encode(wireFields(payload)) }
  if (encoding === 'ndjson') return { body: ndjson(payload) }
  return { body: encoding === 'raw' && typeof payload === 'string' ? payload : JSON.stringify(payload) }
}

/** A value with each `{ $secret }` replaced by its value. */
const fillSecrets = (value: Json, values: ReadonlyMap<string, string>): Json => {
  if (value === null || typeof value !== 'object') return value
  const slot = slotOf(value)
  if (slot !== undefined && 'secret' in slot) return values.get(slot.secret) ?? ''
  if (Array.isArray(value)) return value.map((item: Json) => fillSecrets(item, values))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillSecrets(inner, values)]))
}

type Values =
  | Readonly<{ ok: true; values: ReadonlyMap<string, string> }>
  | Readonly<{ ok: false; failure: Failure }>

const readSecrets = async (call: HttpCall, secrets: SecretSource): Promise<Values> => {
  const values = new Map<string, string>()
  for (const slot of slotsIn(call)) {
    if (!('secret' in slot) || values.has(slot.secret)) continue
    const found = await secretOf(slot.secret, secrets)
    if (!found.ok) return found
    values.set(slot.secret, found.value)
  }
  return { ok: true, values }
}

const config = (reason: string) => ({ ok: false, failure: failure('config', 'no', reason) }) as const

const addressOf = async (
  { endpoint }: HttpCall,
  secrets: SecretSource,
  allowPlaintext: boolean,
): Promise<
  Readonly<{ ok: true; address: string; who: string }> | Readonly<{ ok: false; failure: Failure }>
> => {
  if (typeof endpoint === 'string') {
    const wrong = wrongAddress(endpoint, allowPlaintext)
    if (wrong !== undefined) return config(`the address ${endpoint} cannot be called: ${wrong}`)
    return { ok: true, address: endpoint, who: new URL(endpoint).host }
  }
  const secret = await secretOf(endpoint.$secret, secrets)
  if (!secret.ok) return secret
  const wrong = wrongAddress(secret.value, allowPlaintext)
  const who = `the address in ${endpoint.$secret}`
  return wrong === undefined
    ? { ok: true, address: secret.value, who }
    : config(`${who} cannot be called: ${wrong}`)
}

/** The options of an adapter that change its HTTP calls. */
export type Additions = Readonly<{
  /** Plain `http` is allowed to hosts of a private network. Default false. */
  allowPlaintext?: boolean
  /** Headers sent with every call, unless the call has its own of that name. Default: none. */
  headers?: Readonly<Record<string, string>>
  /** Signers by the name that `auth.sign` gives. Default: none. */
  signers?: Readonly<Record<string, Signer>>
  /** Epoch ms, for signers. Default: the system's clock. */
  now?: () => number
}>

/** A call with its secrets, or why it cannot be sent. */
export const prepare = async (
  call: Call,
  source: SecretSource,
  { allowPlaintext = false, headers: more = {}, signers = {}, now = Date.now }: Additions = {},
): Promise<Ready | Readonly<{ ok: false; failure: Failure }>> => {
  if (call.kind !== 'http')
    return config(`a custom call to "${call.target}" needs the transport of its adapter`)
  const secrets = askOnce(source)
  const target = await addressOf(call, secrets, allowPlaintext)
  if (!target.ok) return target
  const found = await readSecrets(call, secrets)
  if (!found.ok) return found
  const proof = await credential(call.auth, secrets)
  if (!proof.ok) return proof
  const fillIn = (value: Json | undefined) =>
    value === undefined || found.values.size === 0 ? value : fillSecrets(value, found.values)
  const { method, auth } = call
  const url = withQuery(target.address, fillIn(call.query))
  const body = bodyOf(fillIn(call.payload), call.encoding)
  const lower = Object.fromEntries(Object.entries(more).map(([name, value]) => [name.toLowerCase(), value]))
  const headers = {
    'user-agent': `sessionwire/${VERSION}`,
    ...lower,
    ...wireHeaders(call),
    ...proof.headers,
  }
  if (auth === undefined || !('sign' in auth))
    return { ok: true, method, url, headers, ...body, who: target.who }
  const request = { method, url, headers, body: body.body ?? '', now: now() }
  const signed = await signature(auth, request, secrets, signers)
  if (!signed.ok) return signed
  return { ok: true, method, url, headers: { ...headers, ...signed.headers }, ...body, who: target.who }
}

/** The failure of a header that no client sends. */
export const unwritable = (who: string): Failure =>
  failure('config', 'no', `the call to ${who} has a header that cannot be sent`)
