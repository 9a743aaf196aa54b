import type { Json } from '../session/schema.ts'
import type { HttpCall } from './descriptor.ts'

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

const fits = (value: Json): value is string | number =>
  typeof value === 'string'
    ? !['', '.', '..'].includes(value) && !/\p{Surrogate}/u.test(value)
    : Number.isSafeInteger(value)

/** Names of the places of an address that this value may not fill. */
export const findUnfit = (
  names: readonly string[],
  values: Readonly<Record<string, Json>>,
): readonly string[] => names.filter(name => !fits(values[name] as Json))

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

/** The headers of a call without its credential, names in lower case; the call's own replace ours. */
export const wireHeaders = ({
  headers = {},
  payload,
  encoding = 'json',
}: HttpCall): Readonly<Record<string, string>> => ({
  accept: 'application/json',
  ...(payload === undefined ? {} : { 'content-type': TYPES[encoding] }),
  ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
})
