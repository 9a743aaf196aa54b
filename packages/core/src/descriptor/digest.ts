import type { Json } from '../session/schema.ts'

/*
 * SHA-256 (FIPS 180-4) of short texts, for names and comparison alone: nothing secret is signed with it. Each recording call needs
 * two; a hash made for streams takes three times as long for one of a hundred bytes, and is a tenth of the main entry.
 */

/** Fractional parts of the cube roots of the first 64 primes, and of the square roots of the first 8: 32 bits of each. */
const ROUNDS = new Int32Array(64)
const INITIAL = new Int32Array(8)
for (let found = 0, candidate = 2; found < 64; candidate++) {
  let divisor = 2
  while (candidate % divisor !== 0) divisor++
  if (divisor < candidate) continue
  ROUNDS[found] = (Math.cbrt(candidate) % 1) * 2 ** 32
  if (found < 8) INITIAL[found] = (Math.sqrt(candidate) % 1) * 2 ** 32
  found++
}

const schedule = new Int32Array(64)
const state = new Int32Array(8)

const add = (place: number, word: number): void => {
  state[place] = (state[place] as number) + word
}

/** Takes one block of 64 bytes into the state. */
const compress = (bytes: Uint8Array, from: number): void => {
  const w = schedule
  const byte = (at: number): number => bytes[at] as number
  for (let t = 0, at = from; t < 16; t++, at += 4)
    w[t] = (byte(at) << 24) | (byte(at + 1) << 16) | (byte(at + 2) << 8) | byte(at + 3)
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15] as number
    const y = w[t - 2] as number
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    w[t] = ((w[t - 16] as number) + s0 + (w[t - 7] as number) + s1) | 0
  }
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  let e = state[4] as number
  let f = state[5] as number
  let g = state[6] as number
  let h = state[7] as number
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const one = (h + s1 + ((e & f) ^ (~e & g)) + (ROUNDS[t] as number) + (w[t] as number)) | 0
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  add(0, a)
  add(1, b)
  add(2, c)
  add(3, d)
  add(4, e)
  add(5, f)
  add(6, g)
  add(7, h)
}

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))
const hexOf = (value: number): string => HEX[value & 255] as string

let encoder: TextEncoder | undefined
const buffer = new Uint8Array(2_048)

/** SHA-256 of a text as UTF-8, in hex. */
const sha256 = (text: string): string => {
  // The language itself has none, and loading this module must not ask for it.
  encoder ??= new TextEncoder()
  // A UTF-16 unit takes at most three bytes. A huge text gets a buffer of its own.
  const room = text.length * 3 + 72
  const bytes = room <= buffer.length ? buffer : new Uint8Array(room)
  const length = encoder.encodeInto(text, bytes).written
  // One bit behind the text, then its length in bits at the end of the last block.
  const end = ((length + 72) >> 6) << 6
  bytes.fill(0, length, end)
  bytes[length] = 0x80
  const bits = [length / 2 ** 29, length >>> 21, length >>> 13, length >>> 5, length << 3]
  for (let n = 0; n < bits.length; n++) bytes[end - bits.length + n] = bits[n] as number
  state.set(INITIAL)
  for (let from = 0; from < end; from += 64) compress(bytes, from)
  let hex = ''
  for (let n = 0; n < 8; n++) {
    const word = state[n] as number
    hex += hexOf(word >>> 24) + hexOf(word >>> 16) + hexOf(word >>> 8) + hexOf(word)
  }
  return hex
}

const makeUuid = (key: string): string => {
  const hash = sha256(key)
  // RFC 9562 section 5.4: four bits of version, two of variant.
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 3) | 8).toString(16)
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`
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
export const digest = (value: Json): string => sha256(stable(value))
