import type { Json } from '@sessionwire/core/adapter'

/** The value that a driver gives for one of Cypher, as far as it is read here. */
type Given = Readonly<Record<string, unknown>>

/** Numbers JavaScript would round are kept as text. */
const wholeOf = (value: bigint): Json =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value)

const numberOf = (value: number): Json => (Number.isFinite(value) ? value : String(value))

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const mapOf = (value: object): Json =>
  Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))

/** Bytes as base64. */
export const base64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))

/** A path as the Query API writes it: nodes and relations in turn. */
const pathOf = ({ start, segments }: Given): Json => [
  plain(start),
  ...(segments as readonly Given[]).flatMap(({ relationship, end }) => [plain(relationship), plain(end)]),
]

const pointOf = ({ srid, x, y, z }: Given): Json => {
  const write = (value: unknown) => (Number.isInteger(value) ? `${String(value)}.0` : String(value))
  const places = [x, y, ...(z === undefined || z === null ? [] : [z])].map(write).join(' ')
  return `SRID=${String(srid)};POINT ${z === undefined || z === null ? '' : 'Z '}(${places})`
}

/**
 * Dates, times and durations write themselves as ISO 8601, but with nine digits of a fraction, the name of a zone, and a
 * `T` with nothing behind it.
 */
const momentOf = (text: string): string =>
  text
    .replace(/\[.*\]$/, '')
    .replace(/(\.\d*?)0+(?=\D|$)/, '$1')
    .replace(/\.(?=\D|$)|T$/, '')

/** By what they have: nodes and relations carry an element id, a path its segments, a point its system. */
const objectOf = (value: object): Json => {
  const given = value as Given
  if ('elementId' in given && 'labels' in given)
    return {
      elementId: String(given.elementId),
      labels: plain(given.labels),
      properties: plain(given.properties),
    }
  if ('elementId' in given && 'type' in given)
    return {
      elementId: String(given.elementId),
      startNodeElementId: String(given.startNodeElementId),
      endNodeElementId: String(given.endNodeElementId),
      type: String(given.type),
      properties: plain(given.properties),
    }
  if ('segments' in given) return pathOf(given)
  if ('srid' in given) return pointOf(given)
  return momentOf(String(value))
}

/**
 * A value from the driver as plain JSON, in the form the Query API has for it
 * (https://neo4j.com/docs/query-api/current/result-formats/), so that both transports answer alike.
 */
export const plain = (value: unknown): Json => {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return wholeOf(value)
  if (typeof value === 'number') return numberOf(value)
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Uint8Array || value instanceof Int8Array)
    return base64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  if (typeof value !== 'object') return String(value)
  return isPlain(value) ? mapOf(value) : objectOf(value)
}

/**
 * A parameter for the driver: whole numbers become integers, as they are in the JSON of the Query API; the driver would
 * send every number as a float.
 */
export const parameter = (value: Json): unknown => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return (value as readonly Json[]).map(parameter)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, parameter(inner)]))
}
