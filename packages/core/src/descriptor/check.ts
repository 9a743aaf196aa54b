import { TrackerError } from '../session/errors.ts'
import { message } from '../session/message.ts'
import type { Json } from '../session/schema.ts'
import type { Call, CustomCall, Descriptor, HttpCall, Lookup, Reconcile } from './descriptor.ts'
import { pointerTo, put } from './pointer.ts'
import { PARTS, type Slot, secretsIn, slotOf } from './refs.ts'
import { misshapen, type Path, type Problem, readMarked } from './shape.ts'
import { NAME, template } from './wire.ts'

/** Credentials belong in `auth`; the others are fetch's own, and it refuses them or they would split the request. */
const HEADERS_OF_OTHERS = new Set([
  ...['authorization', 'proxy-authorization', 'cookie', 'host', 'content-length', 'transfer-encoding'],
  ...['connection', 'keep-alive', 'upgrade', 'expect', 'te', 'trailer'],
])

/** Takes a problem and its place. */
type Report = (path: Path, wrong: string) => void

/** How a check works: where it reports, and whether it looks for wrong placeholders: nearly always there are none. */
type Check = Readonly<{ report: Report; walks: boolean }>

const reportPlaceholders = (value: Json, path: Path, report: Report): void => {
  if (value === null || typeof value !== 'object') return
  const slot = slotOf(value)
  if (slot !== undefined) {
    reportSlot(slot, path, true, report)
    return
  }
  for (const key of ['$ref', '$attempt', '$secret'])
    if (Object.hasOwn(value, key))
      report(
        [...path, key],
        'a placeholder must be exactly { $ref }, { $ref, with: array or object }, { $ref, between: [open, close], put: string or array }, { $attempt: "firstAt", as?, backMs? } or { $secret }',
      )
  for (const [key, inner] of Object.entries(value)) reportPlaceholders(inner as Json, [...path, key], report)
}

/** Whether what has a name of a placeholder, with none inside of it, is not one. */
const isWrongPlaceholder = (value: object): boolean => {
  const slot = slotOf(value as Json)
  let found = slot === undefined
  if (slot !== undefined)
    reportSlot(slot, [], false, () => {
      found = true
    })
  return found
}

const hasPlaceholder = (value: Json): boolean =>
  value !== null &&
  typeof value === 'object' &&
  (slotOf(value) !== undefined || Object.values(value).some(inner => hasPlaceholder(inner as Json)))

/** `walks`: what the placeholder holds is looked through as well. */
const reportSlot = (slot: Slot, path: Path, walks: boolean, report: Report): void => {
  if ('secret' in slot) {
    if (slot.secret === '') report(path, 'the name of a secret is empty')
    return
  }
  if ('ref' in slot) {
    if (!NAME.test(slot.ref))
      report(path, `"${slot.ref}" is not a valid name: a name begins with a letter and has no spaces`)
    if (!walks) return
    if (slot.with !== undefined) reportPlaceholders(slot.with, [...path, 'with'], report)
    if (slot.block !== undefined && hasPlaceholder(slot.block.put))
      report([...path, 'put'], 'it must hold no placeholders')
    return
  }
  const { as = 'iso', backMs = 0 } = slot.attempt
  if (!['iso', 'seconds', 'milliseconds'].includes(as)) report(path, '`as` is iso, seconds or milliseconds')
  else if (backMs < 0 || !Number.isSafeInteger(backMs))
    report(path, '`backMs` is a whole number of milliseconds')
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

const reportHttp = (call: HttpCall, path: Path, { report, walks }: Check): void => {
  const { endpoint, auth, headers, query, payload, encoding = 'json' } = call
  const address = typeof endpoint === 'string' ? template(endpoint) : undefined
  if (typeof address === 'string') report([...path, 'endpoint'], address)
  if (headers !== undefined) {
    const own = auth !== undefined && 'header' in auth ? auth.header.toLowerCase() : undefined
    for (const name of Object.keys(headers))
      if (HEADERS_OF_OTHERS.has(name.toLowerCase()) || name.toLowerCase() === own)
        report([...path, 'headers', name], 'it may not be set here: credentials are named in `auth`')
  }
  if (query !== undefined && slotOf(query) !== undefined)
    report([...path, 'query'], 'its values may be placeholders, not the whole of it')
  if (payload !== undefined && call.method === 'GET')
    report([...path, 'payload'], 'a GET has none: use `query`')
  if (encoding !== 'json') {
    const [fits, expected] = BODIES[encoding]
    if (payload === undefined || !fits(payload)) report([...path, 'payload'], expected)
  }
  if (!walks) return
  reportPlaceholders(query ?? null, [...path, 'query'], report)
  reportPlaceholders(payload ?? null, [...path, 'payload'], report)
}

const reportCustom = (call: CustomCall, path: Path, { report, walks }: Check): void => {
  if (call.endpoint === undefined && secretsIn(call).length > 0)
    report([...path, 'endpoint'], 'a call with a secret must name the address it goes to')
  if (walks) reportPlaceholders(call.payload, [...path, 'payload'], report)
}

const reportCall = (call: Call, path: Path, check: Check): void =>
  call.kind === 'http' ? reportHttp(call, path, check) : reportCustom(call, path, check)

const takesCursor = (call: Call, into: string) => {
  if (!/^\/(query|payload)\//.test(into)) return false
  try {
    put(call, into, '')
    return true
  } catch {
    return false
  }
}

const reportLookup = (lookup: Lookup | Reconcile, path: Path, check: Check): void => {
  const { call, where, next } = lookup
  const { report } = check
  reportCall(call, [...path, 'call'], check)
  if (call.kind === 'http' && call.method !== 'GET' && call.method !== 'POST')
    report([...path, 'call', 'method'], 'a look-up changes nothing: it is a GET, or a POST that only asks')
  if (where !== undefined && 'equals' in where && slotOf(where.equals) !== undefined)
    report([...path, 'where', 'equals'], 'placeholders are filled in calls only')
  if (next === undefined) return
  const into = 'link' in next ? undefined : 'page' in next ? 'page' : 'into'
  if (into !== undefined && !takesCursor(call, (next as Readonly<Record<string, string>>)[into] ?? ''))
    report([...path, 'next', into], 'it must point into the query or the payload of the call')
  if ('link' in next && call.kind !== 'http')
    report([...path, 'next', 'link'], 'only an HTTP call has headers in its reply')
}

const names = (captures: object | undefined) => Object.keys(captures ?? {}).sort()
const joinNames = (each: readonly string[]) => (each.length === 0 ? 'nothing' : each.join(', '))

const reportNames = ({ captures, coalesce, repeat, before }: Descriptor, report: Report): void => {
  if (captures !== undefined && coalesce !== undefined)
    report(
      ['coalesce'],
      'a call that a newer one may replace cannot capture values: choose `coalesce` or `captures`',
    )
  if (typeof repeat !== 'string' && joinNames(names(repeat.captures)) !== joinNames(names(captures)))
    report(
      ['repeat', 'captures'],
      `they name ${joinNames(names(repeat.captures))}, and the draft captures ${joinNames(names(captures))}: name the same`,
    )
  if (before === undefined || before.length < 2) return
  const read = before.flatMap(lookup => names(lookup.captures))
  for (const [place, name] of read.entries())
    if (read.indexOf(name) !== place) report(['before'], `two reads capture "${name}"`)
}

/** Whether a call replaces a block of ours. */
const replacesBlock = (value: Json | undefined): boolean => {
  if (value === null || typeof value !== 'object') return false
  const slot = slotOf(value)
  if (slot !== undefined) return 'ref' in slot && (slot.block !== undefined || replacesBlock(slot.with))
  return Object.values(value).some(inner => replacesBlock(inner as Json))
}

const reportInstead = (descriptor: Descriptor, check: Check): void => {
  const { instead, repeat, captures } = descriptor
  if (instead === undefined) return
  const parts = PARTS[descriptor.kind].map(part => (descriptor as Fields)[part] as Json | undefined)
  if (!parts.some(replacesBlock) || repeat !== 'safe' || captures !== undefined)
    check.report(
      ['instead'],
      'only a `safe` call without captures that replaces a block (`between` and `put`) has one',
    )
  reportLookup(instead.find, ['instead', 'find'], check)
  reportCall(instead.edit, ['instead', 'edit'], check)
  reportCall(instead.create, ['instead', 'create'], check)
}

const findProblem = (descriptor: Descriptor): Problem | undefined => {
  const marked = readMarked(descriptor)
  let [first] = marked === undefined ? misshapen(descriptor) : []
  if (first !== undefined) return first
  const report: Report = (path, wrong) => {
    first ??= { at: pointerTo(path), wrong }
  }
  const walks = marked === undefined || marked.isNested || marked.all.some(isWrongPlaceholder)
  const check: Check = { report, walks }
  reportCall(descriptor, [], check)
  reportNames(descriptor, report)
  reportInstead(descriptor, check)
  const { before = [], repeat } = descriptor
  for (const [place, lookup] of before.entries()) reportLookup(lookup, ['before', place], check)
  if (typeof repeat !== 'string') reportLookup(repeat, ['repeat'], check)
  return first
}

/**
 * Checks a descriptor against its type and against the rules its type cannot express, for adapters in plain JavaScript. Throws
 * `ADAPTER` for the first problem; `field` is its JSON Pointer. A descriptor that passes is plain JSON, can be stored and
 * sent, and keeps scheme and host whatever fills its placeholders.
 */
export const checkDescriptor = (descriptor: Descriptor): void => {
  const found = findProblem(descriptor)
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
