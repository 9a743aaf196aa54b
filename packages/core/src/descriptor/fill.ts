import type { Json } from '../session/schema.ts'
import { blockInItems, blockInText } from './block.ts'
import type { AttemptTime, Call, HttpCall } from './descriptor.ts'
import {
  type Block,
  isMore,
  keepSecretSlots,
  type More,
  PARTS,
  refsIn,
  type Slot,
  slotOf,
  slotsOf,
} from './refs.ts'
import { fillAddress, template } from './wire.ts'

type Fields = Readonly<Record<string, Json>>

/** A call ready to be sent, or why it is not: `missing` names values that were not captured yet, empty for another reason. */
export type Filling =
  | Readonly<{ ok: true; call: Call }>
  | Readonly<{
      ok: false
      missing: readonly string[]
      reason: string
      /** The block that the call replaces is gone: there is nothing to send. */
      needless?: true
    }>

const TIMES: Readonly<Record<NonNullable<AttemptTime['as']>, (ms: number) => Json>> = {
  iso: ms => new Date(ms).toISOString(),
  seconds: ms => `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}000`,
  milliseconds: ms => ms,
}

const timeOf = ({ as = 'iso', backMs = 0 }: AttemptTime, firstAt: number) =>
  TIMES[as](Math.max(0, Math.floor(firstAt - backMs)))

const alike = (value: Json, more: More): boolean =>
  isMore(value) && Array.isArray(value) === Array.isArray(more)

/** Joins a value that was read and `more`, where both are arrays or both are objects. */
const join = (value: Json, more: More | undefined): Json => {
  if (more === undefined) return value
  if (!Array.isArray(value)) return { ...(value as Fields), ...(more as Fields) }
  const present = new Set(value.map(item => JSON.stringify(item)))
  return [...value, ...(more as readonly Json[]).filter(item => !present.has(JSON.stringify(item)))]
}

/** A text or array with the block between two marks replaced; an empty one takes the block; `undefined` where a mark is missing. */
const replaceBlock = (value: Json, { between: [open, close], put }: Block): Json | undefined => {
  if (typeof value === 'string') {
    if (value.trim() === '') return put as string
    const found = blockInText(value, open, close)
    return found === undefined
      ? undefined
      : value.slice(0, found.from) + put + value.slice(found.to + close.length)
  }
  const items = value as readonly Json[]
  if (items.length === 0) return put as readonly Json[]
  const found = blockInItems(items, open, close)
  if (found === undefined) return undefined
  return [...items.slice(0, found.from), ...(put as readonly Json[]), ...items.slice(found.to + 1)]
}

const fillRef = (value: Json, { with: more, block }: Extract<Slot, { ref: string }>): Json =>
  block === undefined ? join(value, more) : (replaceBlock(value, block) ?? value)

/** A filled value is not searched again: an answer of a service stays data, even where it looks like a placeholder. */
const fillIn = (value: Json, values: Fields, firstAt: number): Json => {
  if (value === null || typeof value !== 'object') return value
  const slot = slotOf(value)
  if (slot !== undefined) {
    if ('secret' in slot) return value
    if ('attempt' in slot) return timeOf(slot.attempt, firstAt)
    const more = slot.with === undefined ? {} : { with: fillIn(slot.with, values, firstAt) as More }
    return fillRef(values[slot.ref] as Json, { ...slot, ...more })
  }
  if (Array.isArray(value)) return value.map((item: Json) => fillIn(item, values, firstAt))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, fillIn(inner, values, firstAt)]),
  )
}

/** The transport fills `{ $secret }`, so a value of a service must not be able to name one. */
const namesSecret = (value: Json): boolean =>
  value !== null &&
  typeof value === 'object' &&
  (Object.hasOwn(value, '$secret') || Object.values(value).some(inner => namesSecret(inner as Json)))

const KEPT = ['kind', 'auth', 'limit', 'method', 'endpoint', 'encoding', 'target'] as const

const refuse = (reason: string, missing: readonly string[] = []): Filling => ({ ok: false, missing, reason })

const fits = (value: Json): value is string | number =>
  typeof value === 'string'
    ? !['', '.', '..'].includes(value) && !/\p{Surrogate}/u.test(value)
    : Number.isSafeInteger(value)

/** Names of the places of an address that their values may not fill. */
const findUnfit = (names: readonly string[], values: Readonly<Record<string, Json>>): readonly string[] =>
  names.filter(name => !fits(values[name] as Json))

const addressOf = (call: Call, values: Fields): Readonly<{ endpoint?: string }> | string => {
  if (call.kind !== 'http' || typeof call.endpoint !== 'string') return {}
  const address = template(call.endpoint)
  if (typeof address === 'string') return `the address ${call.endpoint} cannot be called: ${address}`
  if (address.names.length === 0) return {}
  const [unfit] = findUnfit(address.names, values)
  return unfit === undefined
    ? { endpoint: fillAddress(address, values) }
    : `{${unfit}} of the address cannot be ${JSON.stringify(values[unfit]).slice(0, 60)}: ` +
        'it takes a string other than "", "." and "..", or a whole number'
}

/**
 * The call alone, with its placeholders filled: from `values` by name, and from the time of the first attempt (epoch ms). A
 * value in an address is percent-encoded and never reaches scheme or host. `{ $secret }` is left to the transport.
 */
export const fill = (call: Call, values: Fields, firstAt: number): Filling => {
  const found = slotsOf(call, [])
  const missing =
    found.length === 0
      ? []
      : refsIn(call).filter(name => !Object.hasOwn(values, name) || values[name] === undefined)
  if (missing.length > 0) return refuse(`nothing was captured yet as ${missing.join(', ')}`, missing)
  const address = addressOf(call, values)
  if (typeof address === 'string') return refuse(address)
  for (const { slot } of found) {
    if (!('ref' in slot)) continue
    const value = values[slot.ref] as Json
    if (slot.with !== undefined && !alike(value, slot.with))
      return refuse(
        `"${slot.ref}" is not ${Array.isArray(slot.with) ? 'an array' : 'an object'} and cannot be joined`,
      )
    const { block } = slot
    if (block !== undefined) {
      const isKind = typeof block.put === 'string' ? typeof value === 'string' : Array.isArray(value)
      if (!isKind)
        return refuse(`"${slot.ref}" is not ${typeof block.put === 'string' ? 'a string' : 'an array'}`)
      if (replaceBlock(value, block) === undefined)
        return {
          ok: false,
          missing: [],
          reason: `"${slot.ref}" has no block between our marks any more`,
          needless: true,
        }
    }
    if (namesSecret(value)) return refuse(`"${slot.ref}" holds a key named $secret and cannot be sent`)
  }
  const from = call as Call & Fields
  const isFixed = found.every(({ path }) => path[0] === 'endpoint')
  const made: Record<string, Json> = {}
  for (const name of KEPT) if (from[name] !== undefined) made[name] = from[name]
  for (const name of PARTS[call.kind]) {
    const value = from[name]
    if (value !== undefined) made[name] = isFixed ? value : fillIn(value, values, firstAt)
  }
  if (address.endpoint !== undefined) made.endpoint = address.endpoint
  const filled = made as unknown as Call
  keepSecretSlots(filled, call)
  return { ok: true, call: filled }
}

/** The fields of a query or a form that are written; `null` is left out. */
export const wireFields = (value: Json | undefined): readonly (readonly [name: string, value: Json])[] =>
  value === null || typeof value !== 'object'
    ? []
    : Object.entries(value as Readonly<Record<string, Json>>).filter(([, field]) => field !== null)

/** One field as text: objects and lists become JSON. */
export const wireText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

const TYPES = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  ndjson: 'application/x-ndjson',
  raw: 'text/plain; charset=utf-8',
} as const

/** Headers by their names in lower case. */
export const inLowerCase = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** The headers of a call without its credential, names in lower case; the call's own replace ours. */
export const wireHeaders = ({
  headers,
  payload,
  encoding = 'json',
}: HttpCall): Readonly<Record<string, string>> => {
  const ours =
    payload === undefined
      ? { accept: 'application/json' }
      : { accept: 'application/json', 'content-type': TYPES[encoding] }
  return headers === undefined ? ours : { ...ours, ...inLowerCase(headers) }
}
