import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Json } from '../session/schema.ts'

const makeUuid = (key: string): string => {
  const bytes = sha256(utf8ToBytes(key)).slice(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytesToHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Ids that were made before: adapters need those of a session's card with each of its events. */
const made = new Map<string, string>()
/** So many are kept, and so long their keys may be. */
const KEPT = 500
const KEPT_CHARACTERS = 200

/**
 * An id for a service, the same each time for the same key: a UUID of version 4's shape, lower case, from the SHA-256
 * of the key. Services that check only the shape (RFC 9562 section 5.4) take it as random.
 */
export const uuidFrom = (key: string): string => {
  const before = made.get(key)
  if (before !== undefined) return before
  const id = makeUuid(key)
  if (key.length > KEPT_CHARACTERS) return id
  if (made.size >= KEPT) made.clear()
  made.set(key, id)
  return id
}

const stable = (value: Json): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`
  const object = value as Readonly<Record<string, Json | undefined>>
  const fields = Object.keys(object)
    .sort()
    .flatMap(key => {
      const field = object[key]
      return field === undefined ? [] : [`${JSON.stringify(key)}:${stable(field)}`]
    })
  return `{${fields.join(',')}}`
}

/** SHA-256 of a JSON value, in hex; the order of keys does not matter, and a field that is `undefined` is not there. */
export const digest = (value: Json): string => bytesToHex(sha256(utf8ToBytes(stable(value))))
