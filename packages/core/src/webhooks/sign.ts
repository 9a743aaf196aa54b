import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** HMAC-SHA256. */
export const mac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array => {
  const made = hmac.create(sha256, key)
  for (const part of parts) made.update(part)
  return made.digest()
}

/** Bytes as base64 with padding. */
export const toBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))

const decode = (text: string): Uint8Array | undefined => {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  try {
    return Uint8Array.from(atob(text), each => each.charCodeAt(0))
  } catch {
    // Too many or too few letters for its padding: a password that looks like base64.
    return undefined
  }
}

/** Before a key; blanks around a secret come from copying it. */
const PREFIX = /^\s*whsec_/

/** Whether a secret holds a key: an empty one lets every sender sign. */
export const hasKey = (secret: string): boolean =>
  typeof secret === 'string' && secret.replace(PREFIX, '').trim() !== ''

/** The key of a Standard Webhooks secret: the bytes behind `whsec_`, or of the text itself where it is not base64. */
export const standardKey = (secret: string): Uint8Array => {
  const text = PREFIX.test(secret) ? secret.replace(PREFIX, '').trim() : secret
  return decode(text) ?? utf8ToBytes(text)
}

/** A webhook that is ready to be signed. */
export type SignedWebhook = Readonly<{
  /** The same for every attempt of one event, without a dot: the receiver drops repeats by it. */
  id: string
  /** Epoch ms of this attempt. */
  now: number
  /** Exactly as it is sent. */
  body: string
  /** `whsec_` and base64. Several while a secret is rotated, the new one first. */
  secrets: readonly string[]
}>

/**
 * The three headers of Standard Webhooks 1.0, by lower-case name. Throws `TypeError` for a secret that holds no key, for an id
 * with a dot or a line end, and for a time that is not a number.
 */
export const signStandardWebhook = ({
  id,
  now,
  body,
  secrets,
}: SignedWebhook): Readonly<{
  /** `id`, unchanged. */
  'webhook-id': string
  /** Epoch seconds. */
  'webhook-timestamp': string
  /** One signature for each secret. */
  'webhook-signature': string
}> => {
  if (id === '' || /[.\p{Cc}]/u.test(id))
    throw new TypeError('id: expected a string without dots and line ends')
  if (!Number.isFinite(now)) throw new TypeError(`now: expected epoch milliseconds, got ${now}`)
  if (secrets.length === 0 || !secrets.every(hasKey))
    throw new TypeError('secrets: empty; expected `whsec_` and base64, or another string that is not blank')
  const timestamp = String(Math.floor(now / 1_000))
  const content = utf8ToBytes(`${id}.${timestamp}.${body}`)
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map(secret => `v1,${toBase64(mac(standardKey(secret), content))}`).join(' '),
  }
}
