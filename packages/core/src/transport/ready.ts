import type { Auth, Call, Encoding, HttpCall } from '../descriptor/descriptor.ts'
import { inLowerCase, wireFields, wireHeaders, wireText } from '../descriptor/fill.ts'
import type { Reply } from '../descriptor/outcome.ts'
import { notSet, secretsIn, slotOf, slotsIn } from '../descriptor/refs.ts'
import { percentEncoded } from '../descriptor/wire.ts'
import { isThenable } from '../session/at-once.ts'
import type { Json } from '../session/schema.ts'
import { VERSION } from '../session/version.ts'
import {
  type Failure,
  failure,
  findWrongSecret,
  problemOf,
  type SecretSource,
  type Signer,
  type Signing,
  targetIn,
} from './contract.ts'

type Refused = Readonly<{ ok: false; failure: Failure }>

/** Values of secrets by name, or why one of them cannot be used. */
type Values = Readonly<{ ok: true; values: ReadonlyMap<string, string> }> | Refused

/** The headers of a credential, or why it cannot be used. */
type Credential = Readonly<{ ok: true; headers: Readonly<Record<string, string>> }> | Refused

const refuse = (reason: string, code: 'secret' | 'config' = 'config'): Refused => ({
  ok: false,
  failure: failure(code, 'no', reason),
})

/** Refuses a secret that has no value, or one that no request can carry: what needs it waits for another value. */
export const refuseValue = (name: string, value: string | undefined): Refused | undefined => {
  if (value === undefined || value === '') return refuse(notSet(name), 'secret')
  return /\p{Cc}/u.test(value)
    ? refuse(`secret ${name} holds a line end or another control character: store it without`, 'secret')
    : undefined
}

/** The message of the source could hold the value, unless it is our own. */
export const refuseUnread = (name: string, thrown: unknown): Refused =>
  refuse(findWrongSecret(thrown) ?? `secret ${name} could not be read`, 'secret')

/** Looks secrets up, one after the other; at once where the source answers at once. */
const readSecrets = (
  [name, ...others]: readonly string[],
  source: SecretSource,
  values: Map<string, string> = new Map(),
): Values | Promise<Values> => {
  if (name === undefined) return { ok: true, values }
  const readOn = (value: string | undefined): Values | Promise<Values> => {
    const refused = refuseValue(name, value)
    if (refused !== undefined) return refused
    values.set(name, value as string)
    return readSecrets(others, source, values)
  }
  try {
    const given = source(name)
    if (isThenable(given)) return given.then(readOn, thrown => refuseUnread(name, thrown))
    return readOn(given)
  } catch (thrown) {
    return refuseUnread(name, thrown)
  }
}

const base64 = (text: string) =>
  btoa(Array.from(new TextEncoder().encode(text), byte => String.fromCharCode(byte)).join(''))

/** The value of a secret that was read before. */
type Read = (name: string) => string

/** Whether a header can carry it: RFC 9110 section 5.5, in the bytes of Latin-1. */
const fitsHeader = (value: string): boolean => /^[\x20-\x7e\xa0-\xff]*$/.test(value)

const byHeader = (
  { header, prefix = '', secret }: Extract<Auth, { header: string }>,
  read: Read,
): Credential => {
  const value = read(secret)
  return fitsHeader(value)
    ? { ok: true, headers: { [header.toLowerCase()]: `${prefix}${value}` } }
    : refuse(`secret ${secret} holds a letter that a header cannot carry`, 'secret')
}

const byPassword = ({ basic }: Extract<Auth, { basic: unknown }>, read: Read): Credential => {
  const [user, password] = [read(basic[0]), read(basic[1])]
  // RFC 7617 section 2: the first colon ends the user.
  return user.includes(':')
    ? refuse(`secret ${basic[0]} holds a colon, which the name of a user cannot have`, 'secret')
    : { ok: true, headers: { authorization: `Basic ${base64(`${user}:${password}`)}` } }
}

/** The header of a credential, made of the secrets it names; basic credentials are UTF-8 (RFC 7617 section 2.1). */
const credential = (auth: Auth | undefined, read: Read): Credential => {
  if (auth === undefined || 'sign' in auth) return { ok: true, headers: {} }
  if ('header' in auth) return byHeader(auth, read)
  if ('basic' in auth) return byPassword(auth, read)
  return refuse(`the login "${auth.login}" needs the transport of its adapter`)
}

/** The headers that a signer of the adapter makes for exactly this request. */
const signature = async (
  auth: Extract<Auth, { sign: string }>,
  signer: Signer,
  request: Omit<Signing, 'secret' | 'also' | 'with'>,
  read: Read,
): Promise<Credential> => {
  const also = Object.fromEntries(Object.entries(auth.also ?? {}).map(([role, name]) => [role, read(name)]))
  try {
    const signed = await signer({ ...request, secret: read(auth.secret), also, with: auth.with ?? {} })
    const headers = Object.entries(signed).map(
      ([name, value]) => [name.toLowerCase(), String(value)] as const,
    )
    return headers.every(([name, value]) => fitsHeader(value) && /^[!#$%&'*+.^_`|~\w-]+$/.test(name))
      ? { ok: true, headers: Object.fromEntries(headers) }
      : refuse(`secret ${auth.secret} holds a letter that a header cannot carry`, 'secret')
  } catch (thrown) {
    // Any other error of a signer could hold the secret.
    const said = findWrongSecret(thrown) ?? `the signer "${auth.sign}" cannot use it`
    return refuse(`secret ${auth.secret}: ${said}`, 'secret')
  }
}

/**
 * Everything of a request, ready to leave; names of headers in lower case. `who` names its receiver in reasons, without
 * the address of a webhook.
 */
type Ready = Readonly<{
  ok: true
  method: HttpCall['method']
  url: string
  headers: Readonly<Record<string, string>>
  body?: string
  who: string
}>

/**
 * Carries a request there and its answer back: it calls `leaving` before anything may have left, and `done` with the reply.
 * The function that it returns ends the request. It never throws.
 */
export type Carry = (ready: Ready, leaving: () => void, done: (reply: Reply) => void) => () => void

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

/** A request ready to leave, or why it cannot be sent. */
export type Prepared = Ready | Refused

const AGENT = { 'user-agent': `sessionwire/${VERSION}` }

/** Writes a call whose secrets were read. */
const write = (
  call: HttpCall,
  values: ReadonlyMap<string, string>,
  { allowPlaintext = false, headers: more, signers = {}, now = Date.now }: Additions,
): Prepared | Promise<Prepared> => {
  const read: Read = name => values.get(name) ?? ''
  const { method, auth, endpoint } = call
  const isPublic = typeof endpoint === 'string'
  const address = isPublic ? endpoint : read(endpoint.$secret)
  const who = isPublic ? targetIn(address).host : `the address in ${endpoint.$secret}`
  const wrong = isPublic ? undefined : problemOf(address, allowPlaintext)
  // The address is the value of a secret here: another value may be called.
  if (wrong !== undefined) return refuse(`${who} cannot be called: ${wrong}`, 'secret')
  const proof = credential(auth, read)
  if (!proof.ok) return proof
  const hasSlots = values.size > 0 && slotsIn(call).some(slot => 'secret' in slot)
  const fillIn = (value: Json | undefined) =>
    value === undefined || !hasSlots ? value : fillSecrets(value, values)
  const url = withQuery(address, fillIn(call.query))
  const body = bodyOf(fillIn(call.payload), call.encoding)
  const lower = more === undefined ? undefined : inLowerCase(more)
  const headers = { ...AGENT, ...lower, ...wireHeaders(call), ...proof.headers }
  const ready: Ready = { ok: true, method, url, headers, ...body, who }
  if (auth === undefined || !('sign' in auth)) return ready
  const request = { method, url, headers, body: body.body ?? '', now: now() }
  return signature(auth, signers[auth.sign] as Signer, request, read).then(signed =>
    signed.ok ? { ...ready, headers: { ...headers, ...signed.headers } } : signed,
  )
}

/** Refuses what needs no secret to be refused. */
const refuseEarly = (
  call: Call,
  { allowPlaintext = false, signers = {} }: Additions,
): Refused | undefined => {
  if (call.kind !== 'http')
    return refuse(`a custom call to "${call.target}" needs the transport of its adapter`)
  const { auth, endpoint } = call
  const wrong = typeof endpoint === 'string' ? problemOf(endpoint, allowPlaintext) : undefined
  if (wrong !== undefined) return refuse(`the address ${endpoint} cannot be called: ${wrong}`)
  return auth !== undefined && 'sign' in auth && !Object.hasOwn(signers, auth.sign)
    ? refuse(`the adapter has no signer "${auth.sign}"`)
    : undefined
}

/** A call with its secrets, or why it cannot be sent; at once where its secrets come at once and nothing is signed. */
export const prepare = (
  call: Call,
  source: SecretSource,
  options: Additions = {},
): Prepared | Promise<Prepared> => {
  const refused = refuseEarly(call, options)
  if (refused !== undefined) return refused
  const read = readSecrets(secretsIn(call), source)
  const writeWith = (found: Values): Prepared | Promise<Prepared> =>
    found.ok ? write(call as HttpCall, found.values, options) : found
  return isThenable(read) ? read.then(writeWith) : writeWith(read)
}

/** The failure of a header that no client sends. */
export const unwritable = (who: string): Failure =>
  failure('config', 'no', `the call to ${who} has a header that cannot be sent`)
