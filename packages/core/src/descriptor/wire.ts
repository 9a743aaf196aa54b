import type { Json } from '../session/schema.ts'
import type { HttpCall } from './descriptor.ts'

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
