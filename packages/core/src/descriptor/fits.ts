import { isPointer } from './pointer.ts'

/** Names that a captured value may have. */
export const NAME = /^[A-Za-z][\w.-]*$/

/** Names of headers. */
export const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/

/**
 * The characters that HTTP allows in a header (RFC 9110 section 5.5) and fetch can send: no line ends, nothing beyond
 * Latin-1.
 */
export const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/

/** Address of a custom call: without user, query or braces. */
export const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@{}\\]+(\/[^\s?#{}\\]*)?$/

/** Whether a value has a shape. */
type Fits = (value: unknown) => boolean
type Fields = Readonly<Record<string, Fits>>
type Values = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Values =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** An object with all of `needed`, any of `others`, and nothing else. */
const object = (needed: Fields, others: Fields = {}): Fits => {
  const required = Object.entries(needed)
  const optional = Object.entries(others)
  const known = new Set([...required, ...optional].map(([name]) => name))
  return value => {
    if (!isObject(value)) return false
    for (const [name, fits] of required) if (!fits(value[name])) return false
    for (const [name, fits] of optional) {
      const inner = value[name]
      if (inner !== undefined && !fits(inner)) return false
    }
    for (const name in value) if (!known.has(name)) return false
    return true
  }
}

/** An object of any names that `names` accepts. One of another prototype or with symbols is left to the schema. */
const record =
  (names: (name: string) => boolean, fits: Fits): Fits =>
  value => {
    if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return false
    for (const name of Reflect.ownKeys(value))
      if (typeof name !== 'string' || !names(name) || !fits(value[name])) return false
    return true
  }

const list =
  (fits: Fits): Fits =>
  value =>
    Array.isArray(value) && value.every(fits)

const any =
  (...all: readonly Fits[]): Fits =>
  value =>
    all.some(fits => fits(value))

const oneOf =
  (...all: readonly string[]): Fits =>
  value =>
    all.includes(value as string)

const isTrue: Fits = value => value === true
const isGiven: Fits = value => value !== undefined
const isText: Fits = value => typeof value === 'string' && value !== ''
const isString: Fits = value => typeof value === 'string'
const isMs: Fits = value => typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
const isSize: Fits = value => isMs(value) && (value as number) >= 1
const isPlace: Fits = value => typeof value === 'string' && isPointer(value)
const isHeader: Fits = value => typeof value === 'string' && HEADER.test(value)
const isHeaderText: Fits = value => typeof value === 'string' && HEADER_TEXT.test(value)
const isAddress: Fits = value => typeof value === 'string' && ADDRESS.test(value)
const isFields = record(() => true, isGiven)

const where = any(
  object({ pointer: isPlace, equals: isGiven }, { anyCase: isTrue }),
  object(
    { pointer: isPlace, oneOf: value => list(isText)(value) && (value as readonly unknown[]).length > 0 },
    { anyCase: isTrue },
  ),
  object({ pointer: isPlace, contains: isText }),
)
const captured = any(
  isPlace,
  object({ pick: isPlace, otherwise: isGiven }),
  object({ list: isPlace, where, pick: isPlace }),
)
const capturedByName = record(name => NAME.test(name), captured)
const captures: Fits = value => capturedByName(value) && Object.keys(value as object).length > 0
const auth = any(
  object({ header: isHeader, secret: isText }, { prefix: isHeaderText }),
  object({ basic: value => list(isText)(value) && (value as readonly unknown[]).length === 2 }),
  object({ login: isText }),
  object({ sign: isText, secret: isText }, { also: record(() => true, isText), with: isFields }),
)
const sent = { auth, limit: isText }
const http = {
  needed: {
    kind: oneOf('http'),
    method: oneOf('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
    endpoint: any(isString, object({ $secret: isText })),
  },
  others: {
    ...sent,
    query: isFields,
    headers: record(name => HEADER.test(name), isHeaderText),
    payload: isGiven,
    encoding: oneOf('json', 'form', 'ndjson', 'raw'),
  },
}
const custom = {
  needed: { kind: oneOf('custom'), target: isText, payload: isGiven },
  others: { ...sent, endpoint: isAddress },
}

/** One of both kinds of calls, with what else belongs to it. */
const callWith = (needed: Fields, others: Fields): Fits => {
  const byHttp = object({ ...http.needed, ...needed }, { ...http.others, ...others })
  const byCustom = object({ ...custom.needed, ...needed }, { ...custom.others, ...others })
  return value => isObject(value) && (value.kind === 'http' ? byHttp(value) : byCustom(value))
}

const call = callWith({}, {})
const next = any(
  object({ cursor: isPlace, into: isPlace }, { more: isPlace, counted: isTrue }),
  object({ link: isText }),
  object({ page: isPlace }, { first: isMs, size: isSize, last: isPlace }),
)
const read = { list: isPlace, where, captures, next, noun: isText, offer: isPlace }
const lookup = object({ call }, { ...read, cacheMs: isMs, gone: isTrue, otherwise: isFields })
const reconcile = object(
  { call, by: oneOf('id', 'mark') },
  { ...read, afterMs: isMs, againMs: isMs, first: isTrue },
)

/**
 * Whether plain JSON has the shape of a descriptor, in a fraction of the time the schema takes. A value that passes here passes
 * the schema too. The schema checks every other value, decides on it, and words its problem.
 */
export const fitsShape = callWith(
  { key: isText, action: isText, repeat: any(oneOf('safe', 'unsafe'), reconcile) },
  {
    before: list(lookup),
    instead: object({ find: lookup, edit: call, create: call }),
    asterisk: isText,
    holds: isTrue,
    onDoubt: oneOf('repeat'),
    captures,
    coalesce: object({ name: isText }, { everyMs: isMs, place: oneOf('first', 'after'), keep: isTrue }),
  },
)
