import { TrackerError } from '../session/errors.ts'
import type { Json } from '../session/schema.ts'

/** The value at a pointer; a found `null` is found. */
export type Found =
  | Readonly<{
      /** Whether the pointer leads anywhere. */
      found: true
      /** The value there. */
      value: Json
    }>
  | Readonly<{
      /** Whether the pointer leads anywhere. */
      found: false
    }>

const NOWHERE: Found = { found: false }
const INDEX = /^(0|[1-9]\d*)$/

/** Whether a text is a JSON Pointer (RFC 6901 section 3: https://www.rfc-editor.org/rfc/rfc6901#section-3). */
export const isPointer = (text: string): boolean =>
  // Most have no escape, and then only the beginning counts.
  text.includes('~') ? /^(\/([^~/]|~[01])*)*$/.test(text) : text === '' || text.startsWith('/')

const unescapeToken = (token: string) => token.replaceAll('~1', '/').replaceAll('~0', '~')
const tokens = (pointer: string): readonly string[] => {
  const steps = pointer.split('/').slice(1)
  return pointer.includes('~') ? steps.map(unescapeToken) : steps
}

/** Makes a JSON Pointer of the steps to a value, the reverse of what `at` reads. */
export const pointerTo = (steps: readonly (string | number)[]): string =>
  steps.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const child = (value: Json, token: string): Found => {
  if (value === null || typeof value !== 'object') return NOWHERE
  if (Array.isArray(value) && !INDEX.test(token)) return NOWHERE
  // Own properties only: a reply must not reach `constructor` or `__proto__` of our objects.
  if (!Object.hasOwn(value, token)) return NOWHERE
  const found = (value as Readonly<Record<string, Json | undefined>>)[token]
  return found === undefined ? NOWHERE : { found: true, value: found }
}

/** The value a JSON Pointer names; `''` is the whole. A text that is not a pointer finds nothing. Never walks a prototype. */
export const at = (value: Json, pointer: string): Found => {
  if (!isPointer(pointer)) return NOWHERE
  let found: Found = { found: true, value }
  for (const token of tokens(pointer)) {
    if (!found.found) return NOWHERE
    found = child(found.value, token)
  }
  return found
}

const refusePlace = (pointer: string, why: string) =>
  new TrackerError('ADAPTER', `nothing can be put at "${pointer}": ${why}.`, { field: pointer })

const putInto = (parent: Json | undefined, path: readonly string[], pointer: string, value: Json): Json => {
  const [token, ...rest] = path
  if (token === undefined) return value
  const inner = () => {
    const found = child(parent ?? null, token)
    return putInto(found.found ? found.value : undefined, rest, pointer, value)
  }
  if (Array.isArray(parent)) {
    const place = token === '-' ? parent.length : INDEX.test(token) ? Number(token) : Number.NaN
    if (!(place <= parent.length))
      throw refusePlace(pointer, `a list of ${parent.length} has no place "${token}"`)
    return [...parent.slice(0, place), inner(), ...parent.slice(place + 1)]
  }
  if (parent !== undefined && (parent === null || typeof parent !== 'object'))
    throw refusePlace(
      pointer,
      `"${token}" would be inside ${parent === null ? 'null' : `a ${typeof parent}`}`,
    )
  // A computed key makes an own property, whatever its name.
  return { ...(parent as Readonly<Record<string, Json>> | undefined), [token]: inner() }
}

/**
 * A copy of `value` with `newValue` at the pointer; objects missing on the way are made, `-` appends to a list (RFC
 * 6901 section 4). Throws `ADAPTER` when the pointer leads into a text, a number or past the end of a list.
 */
export const put = (value: Json, pointer: string, newValue: Json): Json => {
  if (!isPointer(pointer)) throw refusePlace(pointer, 'it is not a JSON Pointer')
  return putInto(value, tokens(pointer), pointer, newValue)
}
