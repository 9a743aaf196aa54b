import { TrackerError } from '../session/errors.ts'
import { message } from '../session/message.ts'
import type { Json } from '../session/schema.ts'
import type { Call, CustomCall, Descriptor, HttpCall, Lookup, Reconcile } from './descriptor.ts'
import { put } from './pointer.ts'
import { secretsIn, slotOf, slotsIn } from './refs.ts'
import { misshapen, type Path, type Problem, problem } from './shape.ts'
import { NAME, template } from './wire.ts'

/** Credentials belong in `auth`; the others are fetch's own, and it refuses them or they would split the request. */
const HEADERS_OF_OTHERS = new Set([
  ...['authorization', 'proxy-authorization', 'cookie', 'host', 'content-length', 'transfer-encoding'],
  ...['connection', 'keep-alive', 'upgrade', 'expect', 'te', 'trailer'],
])

function* findWrongPlaceholders(value: Json, path: Path): Generator<Problem> {
  if (value === null || typeof value !== 'object') return
  const slot = slotOf(value)
  if (slot !== undefined) return yield* wrongSlot(slot, path)
  for (const key of ['$ref', '$attempt', '$secret'])
    if (Object.hasOwn(value, key))
      yield* problem(
        [...path, key],
        'a placeholder must be exactly { $ref }, { $ref, with: array or object }, { $ref, between: [open, close], put: string or array }, { $attempt: "firstAt", as?, backMs? } or { $secret }',
      )
  for (const [key, inner] of Object.entries(value))
    yield* findWrongPlaceholders(inner as Json, [...path, key])
}

/** Whether there is anything to say of the placeholders in a value: nearly always nothing, and no place is written down. */
const hasWrongPlaceholder = (value: Json): boolean => {
  if (value === null || typeof value !== 'object') return false
  if (Array.isArray(value)) return value.some(hasWrongPlaceholder)
  const slot = slotOf(value)
  if (slot !== undefined) return wrongSlot(slot, []).next().done !== true
  for (const key in value) {
    if (key === '$ref' || key === '$attempt' || key === '$secret') return true
    if (hasWrongPlaceholder((value as Readonly<Record<string, Json>>)[key] as Json)) return true
  }
  return false
}

function* wrongPlaceholders(value: Json, path: Path): Generator<Problem> {
  if (hasWrongPlaceholder(value)) yield* findWrongPlaceholders(value, path)
}

const hasPlaceholder = (value: Json): boolean =>
  value !== null &&
  typeof value === 'object' &&
  (slotOf(value) !== undefined || Object.values(value).some(inner => hasPlaceholder(inner as Json)))

function* wrongSlot(slot: NonNullable<ReturnType<typeof slotOf>>, path: Path): Generator<Problem> {
  if ('secret' in slot) {
    if (slot.secret === '') yield* problem(path, 'the name of a secret is empty')
    return
  }
  if ('ref' in slot) {
    if (!NAME.test(slot.ref))
      yield* problem(path, `"${slot.ref}" is not a valid name: a name begins with a letter and has no spaces`)
    if (slot.with !== undefined) yield* findWrongPlaceholders(slot.with, [...path, 'with'])
    if (slot.block !== undefined && hasPlaceholder(slot.block.put))
      yield* problem([...path, 'put'], 'it must hold no placeholders')
    return
  }
  const { as = 'iso', backMs = 0 } = slot.attempt
  if (!['iso', 'seconds', 'milliseconds'].includes(as))
    yield* problem(path, '`as` is iso, seconds or milliseconds')
  else if (backMs < 0 || !Number.isSafeInteger(backMs))
    yield* problem(path, '`backMs` is a whole number of milliseconds')
}

const BODIES: Readonly<
  Record<'form' | 'ndjson' | 'raw', readonly [fits: (payload: Json) => boolean, expected: string]>
> = {
  form: [
    payload => payload !== null && typeof payload === 'object' && !Array.isArray(payload),
    'a form must be an object',
  ],
  ndjson: [payload => Array.isArray(payload), 'ndjson must be an array, one item for each line'],
  raw: [payload => typeof payload === 'string' || slotOf(payload) !== undefined, 'raw must be a string'],
}

const wrongBody = ({ encoding = 'json', payload }: HttpCall, path: Path): readonly Problem[] => {
  if (encoding === 'json') return []
  const [fits, expected] = BODIES[encoding]
  return payload !== undefined && fits(payload) ? [] : problem([...path, 'payload'], expected)
}

function* wrongHttp(call: HttpCall, path: Path): Generator<Problem> {
  const address = typeof call.endpoint === 'string' ? template(call.endpoint) : undefined
  if (typeof address === 'string') yield* problem([...path, 'endpoint'], address)
  const own = call.auth !== undefined && 'header' in call.auth ? call.auth.header.toLowerCase() : undefined
  for (const name of Object.keys(call.headers ?? {}))
    if (HEADERS_OF_OTHERS.has(name.toLowerCase()) || name.toLowerCase() === own)
      yield* problem([...path, 'headers', name], 'it may not be set here: credentials are named in `auth`')
  if (call.query !== undefined && slotOf(call.query) !== undefined)
    yield* problem([...path, 'query'], 'its values may be placeholders, not the whole of it')
  if (call.payload !== undefined && call.method === 'GET')
    yield* problem([...path, 'payload'], 'a GET has none: use `query`')
  yield* wrongBody(call, path)
  yield* wrongPlaceholders(call.query ?? null, [...path, 'query'])
  yield* wrongPlaceholders(call.payload ?? null, [...path, 'payload'])
}

function* wrongCustom(call: CustomCall, path: Path): Generator<Problem> {
  if (call.endpoint === undefined && secretsIn(call).length > 0)
    yield* problem([...path, 'endpoint'], 'a call with a secret must name the address it goes to')
  yield* wrongPlaceholders(call.payload, [...path, 'payload'])
}

const wrongCall = (call: Call, path: Path) =>
  call.kind === 'http' ? wrongHttp(call, path) : wrongCustom(call, path)

const takesCursor = (call: Call, into: string) => {
  if (!/^\/(query|payload)\//.test(into)) return false
  try {
    put(call, into, '')
    return true
  } catch {
    return false
  }
}

function* wrongLookup(lookup: Lookup | Reconcile, path: Path): Generator<Problem> {
  const { call, where, next } = lookup
  yield* wrongCall(call, [...path, 'call'])
  if (call.kind === 'http' && call.method !== 'GET' && call.method !== 'POST')
    yield* problem(
      [...path, 'call', 'method'],
      'a look-up changes nothing: it is a GET, or a POST that only asks',
    )
  if (where !== undefined && 'equals' in where && slotOf(where.equals) !== undefined)
    yield* problem([...path, 'where', 'equals'], 'placeholders are filled in calls only')
  const into = next === undefined || 'link' in next ? undefined : 'page' in next ? 'page' : 'into'
  if (into !== undefined && !takesCursor(call, (next as Readonly<Record<string, string>>)[into] ?? ''))
    yield* problem([...path, 'next', into], 'it must point into the query or the payload of the call')
  if (next !== undefined && 'link' in next && call.kind !== 'http')
    yield* problem([...path, 'next', 'link'], 'only an HTTP call has headers in its reply')
}

const names = (captures: object | undefined) => Object.keys(captures ?? {}).sort()
const joinNames = (each: readonly string[]) => (each.length === 0 ? 'nothing' : each.join(', '))

function* wrongNames({ captures, coalesce, repeat, before = [] }: Descriptor): Generator<Problem> {
  if (captures !== undefined && coalesce !== undefined)
    yield* problem(
      ['coalesce'],
      'a call that a newer one may replace cannot capture values: choose `coalesce` or `captures`',
    )
  if (typeof repeat !== 'string' && joinNames(names(repeat.captures)) !== joinNames(names(captures)))
    yield* problem(
      ['repeat', 'captures'],
      `they name ${joinNames(names(repeat.captures))}, and the draft captures ${joinNames(names(captures))}: name the same`,
    )
  const read = before.flatMap(lookup => names(lookup.captures))
  for (const [place, name] of read.entries())
    if (read.indexOf(name) !== place) yield* problem(['before'], `two reads capture "${name}"`)
}

function* wrongInstead({ instead, repeat, captures, ...call }: Descriptor): Generator<Problem> {
  if (instead === undefined) return
  const replacesBlock = slotsIn(call as Call).some(slot => 'ref' in slot && slot.block !== undefined)
  if (!replacesBlock || repeat !== 'safe' || captures !== undefined)
    yield* problem(
      ['instead'],
      'only a `safe` call without captures that replaces a block (`between` and `put`) has one',
    )
  yield* wrongLookup(instead.find, ['instead', 'find'])
  yield* wrongCall(instead.edit, ['instead', 'edit'])
  yield* wrongCall(instead.create, ['instead', 'create'])
}

function* wrongIn(descriptor: Descriptor): Generator<Problem> {
  yield* misshapen(descriptor)
  yield* wrongCall(descriptor, [])
  yield* wrongNames(descriptor)
  yield* wrongInstead(descriptor)
  for (const [place, lookup] of (descriptor.before ?? []).entries())
    yield* wrongLookup(lookup, ['before', place])
  if (typeof descriptor.repeat !== 'string') yield* wrongLookup(descriptor.repeat, ['repeat'])
}

/**
 * Checks a descriptor against its type and against the rules its type cannot express, for adapters in plain JavaScript. Throws
 * `ADAPTER` for the first problem; `field` is its JSON Pointer. A descriptor that passes is plain JSON, can be stored and
 * sent, and keeps scheme and host whatever fills its placeholders.
 */
export const checkDescriptor = (descriptor: Descriptor): void => {
  const [found] = wrongIn(descriptor)
  if (found === undefined) return
  const { action = 'a descriptor', key = 'without key' } = (descriptor ?? {}) as Partial<Descriptor>
  const message = `${String(action)} (${String(key)}): ${found.at || 'the whole'}: ${found.wrong}.`
  throw new TrackerError('ADAPTER', message, { field: found.at })
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** The first edition had a kind of call of its own for statements of a database; they are custom calls now. */
const liftCall = (call: Fields): Fields => {
  if (call.kind !== 'cypher') return call
  const { uri, database, statement, parameters, access, ...rest } = call
  return {
    ...rest,
    kind: 'custom',
    target: 'bolt',
    endpoint: uri,
    payload: { database, statement, parameters, ...(access === undefined ? {} : { access }) },
  }
}

const liftLookup = (lookup: unknown): unknown => {
  if (!isFields(lookup) || !isFields(lookup.call) || lookup.call.kind !== 'cypher') return lookup
  const { next } = lookup
  const into =
    isFields(next) && typeof next.into === 'string' ? { next: { ...next, into: `/payload${next.into}` } } : {}
  return { ...lookup, ...into, call: liftCall(lookup.call) }
}

/** Version of the descriptors that this release stores. The first edition stored none, which stands for 1. */
const DESCRIPTOR_VERSION = 2

/** Lifts a descriptor of the first edition. Descriptors without its kind of call are the same in both. */
const liftFirst = (stored: Fields): Fields => {
  if (stored.kind !== 'cypher') return stored
  const { before, repeat } = stored
  return {
    ...liftCall(stored),
    ...(Array.isArray(before) ? { before: before.map(liftLookup) } : {}),
    ...(repeat === undefined ? {} : { repeat: liftLookup(repeat) }),
  }
}

const BEGINNING = `{"version":${DESCRIPTOR_VERSION},`

/**
 * The text under which a store keeps a descriptor: with its version, which adapters and previews do not see. The version is
 * put before the text, because a copy of the descriptor takes longer to write.
 */
export const writeDescriptor = (descriptor: Descriptor): string =>
  BEGINNING + JSON.stringify(descriptor).slice(1)

/** A stored descriptor as this release understands it. Throws `STORE` for one that a newer release wrote. */
export const readDescriptor = (text: string): Descriptor => {
  if (text.startsWith(BEGINNING)) return JSON.parse(`{${text.slice(BEGINNING.length)}`) as Descriptor
  const { version = 1, ...stored } = JSON.parse(text) as Fields
  if (version === DESCRIPTOR_VERSION) return stored as unknown as Descriptor
  if (typeof version === 'number' && version > DESCRIPTOR_VERSION)
    throw new TrackerError(
      'STORE',
      message({
        field: `descriptor ${String(stored.key)}`,
        problem: 'written by a newer release',
        expected: `version ${DESCRIPTOR_VERSION} or older`,
        got: String(version),
        todo: 'Upgrade @sessionwire/core.',
      }),
    )
  return liftFirst(stored) as unknown as Descriptor
}
