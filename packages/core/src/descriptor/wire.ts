import type { Json } from '../session/schema.ts'
import { isPointer } from './pointer.ts'

/** An address taken apart: scheme and host, which never change, and the path and query that may hold `{name}`. */
export type Template = Readonly<{ base: string; rest: string; names: readonly string[] }>

const PARTS = /^(https?:\/\/[^/?#]*)(.*)$/s
const PLACE = /\{([A-Za-z][\w.-]*)\}/g
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/
const PRIVATE =
  /^(10(\.\d{1,3}){3}|192\.168(\.\d{1,3}){2}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|169\.254(\.\d{1,3}){2}|\[f[cd][0-9a-f:]*\]|[a-z0-9-]+|[a-z0-9.-]+\.(local|internal|lan|svc|home\.arpa))$/i

/** Where an address leads: `machine` for this one, `private` for a network without public names, else `public`. */
export const reachOf = (hostname: string): 'machine' | 'private' | 'public' =>
  LOOPBACK.test(hostname) ? 'machine' : PRIVATE.test(hostname) ? 'private' : 'public'

const parseAddress = (address: string): URL | undefined =>
  URL.canParse(address) ? new URL(address) : undefined

/** The problem of an address without places; `undefined` when it may be called. */
export const wrongAddress = (address: string, allowPlaintext = false): string | undefined => {
  const url = parseAddress(address)
  if (url === undefined || !PARTS.test(address)) return 'it must be a whole address that begins with https://'
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(address))
    return 'it must hold no user and no password'
  if (/[\s\\#{}]/.test(address) || /\p{Cc}/u.test(address))
    return 'it must hold no space, control character, backslash, brace or #'
  if (url.protocol === 'https:' || reachOf(url.hostname) === 'machine') return undefined
  if (reachOf(url.hostname) === 'public')
    return 'it must begin with https:// (http:// is for this machine only)'
  return allowPlaintext
    ? undefined
    : 'it must begin with https:// (http:// is for this machine, or with allowPlaintext for a private network)'
}

const parse = (address: string): Template | string => {
  const [, base = '', rest = ''] = PARTS.exec(address) ?? []
  if (base.includes('{') || /^\{|^[^/]*\{/.test(address))
    return 'a place such as {name} may stand in the path or the query, never in the scheme or host'
  const wrong = wrongAddress(base + rest.replace(PLACE, 'x'), true)
  if (wrong !== undefined) return wrong
  return { base, rest, names: [...new Set([...rest.matchAll(PLACE)].map(([, name = '']) => name))] }
}

/** Addresses that were taken apart before: an adapter has few, and uses them again and again. */
const parsed = new Map<string, Template | string>()
/** So many are kept, and so long they may be. */
const KEPT = 500
const KEPT_CHARACTERS = 1_000

/**
 * Takes an address apart; a string is the problem that it has. Plain `http` to a private network passes here: the transport knows
 * whether the adapter allows it.
 */
export const template = (address: string): Template | string => {
  const before = parsed.get(address)
  if (before !== undefined) return before
  const made = parse(address)
  if (address.length > KEPT_CHARACTERS) return made
  if (parsed.size >= KEPT) parsed.clear()
  parsed.set(address, made)
  return made
}

/** An address as its fixed parts and the names of its places, in order. */
export const addressParts = (address: string): readonly (string | Readonly<{ ref: string }>)[] =>
  address.split(PLACE).map((part, place) => (place % 2 === 1 ? { ref: part } : part))

/** Percent-encodes, beyond encodeURIComponent, so that a value means the same to every parser of paths and forms. */
export const percentEncoded = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /[!'()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** The address with its places filled, percent-encoded; every name must have a value that fits. */
export const fillAddress = ({ base, rest }: Template, values: Readonly<Record<string, Json>>): string =>
  base + rest.replace(PLACE, (_, name: string) => percentEncoded(String(values[name])))

/**
 * Scheme, host and port of an address, as `adapter.origins` has them: `https://api.example.com`, `bolt://localhost:7687`. Throws
 * `TypeError` for text that is not an address.
 */
export const originOf = (address: string): string => {
  const { origin, protocol, host } = new URL(address)
  return origin === 'null' ? `${protocol}//${host}` : origin
}

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
  const all = new Map<string, Readonly<{ fits: Fits; isNeeded: boolean }>>([
    ...Object.entries(others).map(([name, fits]) => [name, { fits, isNeeded: false }] as const),
    ...Object.entries(needed).map(([name, fits]) => [name, { fits, isNeeded: true }] as const),
  ])
  const count = Object.keys(needed).length
  return value => {
    if (!isObject(value)) return false
    let found = 0
    for (const name in value) {
      const field = all.get(name)
      if (field === undefined) return false
      const inner = value[name]
      if (inner === undefined && !field.isNeeded) continue
      if (!field.fits(inner)) return false
      if (field.isNeeded) found++
    }
    return found === count
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
    links: list(object({ adapter: isText, name: isString, url: isText }, {})),
    onDoubt: oneOf('repeat'),
    captures,
    coalesce: object({ name: isText }, { everyMs: isMs, place: oneOf('first', 'after'), keep: isTrue }),
  },
)
