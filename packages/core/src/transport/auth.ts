import type { Auth } from '../descriptor/descriptor.ts'
import { notSet } from '../descriptor/refs.ts'
import { type Failure, failure, type SecretSource, type Signer, type Signing } from './contract.ts'

/** A secret's value, or why there is none that can be used. */
export type Secret = Readonly<{ ok: true; value: string }> | Readonly<{ ok: false; failure: Failure }>

/** The headers of a credential, or why it cannot be used. */
export type Credential =
  | Readonly<{ ok: true; headers: Readonly<Record<string, string>> }>
  | Readonly<{ ok: false; failure: Failure }>

const refuse = (reason: string, code: 'secret' | 'config' = 'config') =>
  ({ ok: false, failure: failure(code, 'no', reason) }) as const

/** Looks a secret up. One that is empty is not set; one that cannot be looked up is not set for now. */
export const secretOf = async (name: string, secrets: SecretSource): Promise<Secret> => {
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
export const credential = async (auth: Auth | undefined, secrets: SecretSource): Promise<Credential> => {
  if (auth === undefined || 'sign' in auth) return { ok: true, headers: {} }
  if ('header' in auth) return byHeader(auth, secrets)
  if ('basic' in auth) return byPassword(auth, secrets)
  return refuse(`the login "${auth.login}" needs the transport of its adapter`)
}

/** The headers that a signer of the adapter makes for exactly this request. */
export const signature = async (
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
