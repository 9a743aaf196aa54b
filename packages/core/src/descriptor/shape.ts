import * as z from 'zod/mini'
import type { Json } from '../session/schema.ts'
import { findDeepest, words } from '../session/words.ts'
import type { Descriptor } from './descriptor.ts'
import { isPointer, pointerTo } from './pointer.ts'
import { ADDRESS, fitsShape, HEADER, HEADER_TEXT, NAME } from './wire.ts'

/** A problem of a descriptor, and its place as a JSON Pointer. */
export type Problem = Readonly<{ at: string; wrong: string }>

/** Steps to a place in a descriptor. */
export type Path = readonly (string | number)[]

/** Deeper than any service's documents; beyond it a walk could end the process. */
const DEPTH = 64

/** How many values a descriptor may have. */
const VALUES = 100_000
/** How many characters its keys and strings may have together: more than any text of an event, written several times. */
const CHARACTERS = 16_777_216

/** One problem, as a list. */
const problem = (path: Path, wrong: string): readonly Problem[] => [{ at: pointerTo(path), wrong }]

const isPlain = (value: object) => {
  const prototype: unknown = Object.getPrototypeOf(value)
  // An object of another realm has another prototype.
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

// ── plain JSON

const scalar = (value: unknown, path: Path): readonly Problem[] => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return []
  if (typeof value !== 'number')
    return problem(path, `${typeof value} is not JSON: leave it out or make it text`)
  return Number.isFinite(value) ? [] : problem(path, `${value} is not JSON`)
}

const DOLLAR = 36

/** The rest of the bounds, so that the work is bounded as well as its result: shared values count each time they occur. */
type Left = { values: number; characters: number }

function* notJson(value: unknown, path: Path, left: Left): Generator<Problem> {
  left.values--
  if (typeof value === 'string') left.characters -= value.length
  if (left.values < 0) return yield* problem(path, `it has more than ${VALUES} values`)
  if (left.characters < 0) return yield* problem(path, `it has more than ${CHARACTERS} characters`)
  if (value === null || typeof value !== 'object') return yield* scalar(value, path)
  if (path.length > DEPTH) return yield* problem(path, `it is nested deeper than ${DEPTH}, or holds itself`)
  if (!Array.isArray(value) && !isPlain(value))
    return yield* problem(path, 'it must be a plain object, not of a class')
  // By index, so that the gaps of a sparse list are seen.
  if (Array.isArray(value)) {
    for (let place = 0; place < value.length; place++) yield* notJson(value[place], [...path, place], left)
    return
  }
  for (const key of Object.keys(value)) {
    left.characters -= key.length
    yield* notJson((value as Record<string, unknown>)[key], [...path, key], left)
  }
}

/** Names that only a placeholder has. */
const MARKS: ReadonlySet<string> = new Set(['$ref', '$attempt', '$secret'])

/** The values with a name of a placeholder that a walk found, and whether anything of it stands inside another. */
export type Marked = { readonly all: object[]; isNested: boolean }

/**
 * The same question without the places, for nearly all values. Adds to `marked` what has a name of a placeholder, so that
 * placeholders are found by this walk too; `within`: the walk is inside one.
 */
const isJson = (value: unknown, depth: number, left: Left, marked: Marked, within: boolean): boolean => {
  left.values--
  if (left.values < 0) return false
  if (typeof value === 'string') {
    left.characters -= value.length
    return left.characters >= 0
  }
  if (value === null || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth > DEPTH) return false
  if (Array.isArray(value)) {
    for (let place = 0; place < value.length; place++)
      if (!isJson(value[place], depth + 1, left, marked, within)) return false
    return true
  }
  if (!isPlain(value)) return false
  let inside = within
  // Two lists are read faster than each field by its name.
  const keys = Object.keys(value)
  const values = Object.values(value)
  for (let place = 0; place < keys.length; place++) {
    const key = keys[place] as string
    const inner: unknown = values[place]
    left.characters -= key.length
    if (key.charCodeAt(0) === DOLLAR && MARKS.has(key)) {
      marked.all.push(value)
      // Values before the name were walked as if they were outside.
      marked.isNested ||= within || place > 0
      inside = true
    }
    // Most values are strings.
    if (typeof inner === 'string') {
      left.values--
      left.characters -= inner.length
    } else if (!isJson(inner, depth + 1, left, marked, inside)) return false
  }
  return left.values >= 0 && left.characters >= 0
}

// ── shape

const text = z.string().check(z.minLength(1, 'it must not be empty'))
const pointer = z.string().check(z.refine(isPointer, 'it must be a JSON Pointer, such as /data/id'))
const ms = z.number().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER))
const json = z.custom<Json>(() => true)
const given = z.custom<Json>(value => value !== undefined, 'it must be given')
const fields = z.record(z.string(), json, 'it must be an object')
const name = z
  .string()
  .check(z.regex(NAME, 'a name has letters, digits, ".", "_" and "-", and begins with a letter'))
const header = z.string().check(z.regex(HEADER, 'it must be the name of a header'))
const headerText = z
  .string()
  .check(z.regex(HEADER_TEXT, 'it must have no line end, control character or letter beyond Latin-1'))

const where = z.union([
  z.strictObject({ pointer, equals: json, anyCase: z.optional(z.literal(true)) }),
  z.strictObject({
    pointer,
    oneOf: z.array(text).check(z.minLength(1, 'it must name something')),
    anyCase: z.optional(z.literal(true)),
  }),
  z.strictObject({ pointer, contains: text }),
])
const captures = z
  .record(
    name,
    z.union([
      pointer,
      z.strictObject({ list: pointer, where, pick: pointer }),
      z.strictObject({ pick: pointer, otherwise: given }),
    ]),
  )
  .check(z.refine(each => Object.keys(each).length > 0, 'it must name something, or be left out'))
const auth = z.union([
  z.strictObject({ header, prefix: z.optional(headerText), secret: text }),
  z.strictObject({ basic: z.tuple([text, text]) }),
  z.strictObject({ login: text }),
  z.strictObject({
    sign: text,
    secret: text,
    also: z.optional(z.record(z.string(), text)),
    with: z.optional(fields),
  }),
])
const sent = { auth: z.optional(auth), limit: z.optional(text) }
const http = {
  ...sent,
  kind: z.literal('http'),
  method: z.literal(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  endpoint: z.union([z.string(), z.strictObject({ $secret: text })]),
  query: z.optional(fields),
  headers: z.optional(z.record(header, headerText)),
  payload: z.optional(json),
  encoding: z.optional(z.literal(['json', 'form', 'ndjson', 'raw'])),
}
const custom = {
  ...sent,
  kind: z.literal('custom'),
  target: text,
  endpoint: z.optional(
    z.string().check(z.regex(ADDRESS, 'it must be an address without user, query or braces')),
  ),
  payload: given,
}
const call = z.discriminatedUnion('kind', [z.strictObject(http), z.strictObject(custom)])
const read = {
  call,
  list: z.optional(pointer),
  where: z.optional(where),
  captures: z.optional(captures),
  next: z.optional(
    z.union([
      z.strictObject({
        cursor: pointer,
        into: pointer,
        more: z.optional(pointer),
        counted: z.optional(z.literal(true)),
      }),
      z.strictObject({ link: text }),
      z.strictObject({
        page: pointer,
        first: z.optional(ms),
        size: z.optional(ms.check(z.gte(1))),
        last: z.optional(pointer),
      }),
    ]),
  ),
  noun: z.optional(text),
  offer: z.optional(pointer),
}
const lookup = z.strictObject({
  ...read,
  cacheMs: z.optional(ms),
  gone: z.optional(z.literal(true)),
  otherwise: z.optional(fields),
})
const reconcile = z.strictObject({
  ...read,
  by: z.literal(['id', 'mark']),
  afterMs: z.optional(ms),
  againMs: z.optional(ms),
  first: z.optional(z.literal(true)),
})
const draft = {
  key: text,
  action: text,
  repeat: z.union([z.literal(['safe', 'unsafe']), reconcile]),
  before: z.optional(z.array(lookup)),
  instead: z.optional(z.strictObject({ find: lookup, edit: call, create: call })),
  asterisk: z.optional(text),
  holds: z.optional(z.literal(true)),
  links: z.optional(z.array(z.strictObject({ adapter: text, name: z.string(), url: text }))),
  onDoubt: z.optional(z.literal('repeat')),
  captures: z.optional(captures),
  coalesce: z.optional(
    z.strictObject({
      name: text,
      everyMs: z.optional(ms),
      place: z.optional(z.literal(['first', 'after'])),
      keep: z.optional(z.literal(true)),
    }),
  ),
}
/** The shape of a descriptor, with the words of each problem. */
export const shape = z.discriminatedUnion('kind', [
  z.strictObject({ ...http, ...draft }),
  z.strictObject({ ...custom, ...draft }),
])

const bounds = (): Left => ({ values: VALUES, characters: CHARACTERS })

/**
 * Objects of a descriptor that have the name of a placeholder, wherever they stand; `undefined` for a value that is not sound at
 * first sight: `misshapen` decides on it.
 */
export const readMarked = (value: unknown): Readonly<Marked> | undefined => {
  const marked: Marked = { all: [], isNested: false }
  return isJson(value, 0, bounds(), marked, false) && fitsShape(value) ? marked : undefined
}

/** Problems that keep a value from being a descriptor at all: not plain JSON, a field too many, missing or of another kind. */
export function* misshapen(value: unknown): Generator<Problem> {
  const left = bounds()
  for (const found of notJson(value, [], left)) {
    yield found
    if (left.values < 0 || left.characters < 0) return
  }
  const parsed = shape.safeParse(value, words)
  for (const issue of parsed.error?.issues ?? []) {
    yield* problem(...findDeepest(issue))
  }
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Whether it names a span: https://www.w3.org/TR/trace-context/#traceparent-header, version 00. */
export const isTraceparent = (given: unknown): given is string =>
  typeof given === 'string' && TRACEPARENT.test(given)

/**
 * The JSON of what a descriptor does, to compare two of the same key: the same call may be planned again in another trace.
 */
export const contentOf = (descriptor: Descriptor): string => {
  if (descriptor.traceparent === undefined) return JSON.stringify(descriptor)
  const { traceparent: _, ...content } = descriptor
  return JSON.stringify(content)
}
