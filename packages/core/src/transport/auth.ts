import type { Auth } from '../descriptor/descriptor.ts'
import { notSet } from '../descriptor/not-set.ts'
import type { SecretSource } from './contract.ts'
import { type Failure, failure } from './failure.ts'

/** A secret's value, or why there is none that can be used. */
export type Secret = Readonly<{ ok: true; value: string }> | Readonly<{ ok: false; failure: Failure }>

/** The header that proves who we are, if any. */
export type Credential =
  | Readonly<{ ok: true; headers: Readonly<Record<string, string>> }>
  | Readonly<{ ok: false; failure: Failure }>

const refused = (reason: string, code: 'secret' | 'config' = 'config') =>
  ({ ok: false, failure: failure(code, 'no', reason) }) as const

/** Looks a secret up. One that is empty is not set; one that cannot be looked up is not set for now. */
export const secretOf = async (name: string, secrets: SecretSource): Promise<Secret> => {
  try {
    const value = await secrets(name)
    if (value === undefined || value === '') return refused(notSet(name), 'secret')
    return /\p{Cc}/u.test(value)
      ? refused(`secret ${name} holds a line end or another control character: store it without`)
      : { ok: true, value }
  } catch {
    // What the source says of its failure could hold the value.
    return refused(`secret ${name} could not be read`, 'secret')
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
    : refused(`secret ${secret} holds a letter that a header cannot carry`)
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
    ? refused(`secret ${basic[0]} holds a colon, which the name of a user cannot have`)
    : { ok: true, headers: { authorization: `Basic ${base64(`${user.value}:${password.value}`)}` } }
}

/** The header of a credential, made of the secrets it names; basic credentials are UTF-8 (RFC 7617 section 2.1). */
export const credential = async (auth: Auth | undefined, secrets: SecretSource): Promise<Credential> => {
  if (auth === undefined) return { ok: true, headers: {} }
  if ('header' in auth) return byHeader(auth, secrets)
  if ('basic' in auth) return byPassword(auth, secrets)
  return 'sign' in auth
    ? refused(`the signer "${auth.sign}" is not one of its adapter`)
    : refused(`the login "${auth.login}" needs the transport of its adapter`)
}
