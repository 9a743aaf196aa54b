import type { Json } from '../session/schema.ts'
import type { AttemptTime, Auth, Call, Descriptor, Lookup, Ref } from './descriptor.ts'
import { filledAddress, template, unfitting } from './endpoint.ts'
import { pointerTo } from './pointer.ts'

/** A place in a descriptor that is filled when it is sent, for previews. */
export type Placeholder = Readonly<{
  /** The name of the value; `firstAt` for the time of the first attempt; a secret's name. */
  name: string
  /** `lane`: an earlier capture, or a ref given to `start`; `before`: a read of this attempt; `attempt`: its time. */
  from: 'lane' | 'before' | 'attempt' | 'secret'
  /** JSON Pointers into the descriptor. */
  at: readonly string[]
}>

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

type Fields = Readonly<Record<string, Json>>
type More = NonNullable<Ref['with']>
type Block = Readonly<{ between: readonly [open: string, close: string]; put: string | readonly Json[] }>
/** The value a placeholder asks for. A secret is filled by the transport, all others by `fill`. */
export type Slot = Readonly<
  { ref: string; with?: More; block?: Block } | { attempt: AttemptTime } | { secret: string }
>
type Found = Readonly<{ slot: Slot; path: readonly string[] }>

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const isMore = (value: Json | undefined): value is More => value !== null && typeof value === 'object'

const blockOf = ({ between, put }: Fields): Block | undefined =>
  Array.isArray(between) &&
  between.length === 2 &&
  between.every(mark => typeof mark === 'string' && mark !== '') &&
  (typeof put === 'string' || Array.isArray(put))
    ? { between: between as unknown as Block['between'], put: put as Block['put'] }
    : undefined

/**
 * The placeholder that a value is, if any: `{ $ref }`, with or without `with` or `between` and `put`, `{ $attempt: 'firstAt' }` with its options,
 * or `{ $secret }`.
 */
export const slotOf = (value: Json): Slot | undefined => {
  if (!isFields(value) || !('$ref' in value || '$attempt' in value || '$secret' in value)) return undefined
  const { $ref, $attempt, $secret, ...others } = value
  const names = Object.keys(others)
  if (typeof $secret === 'string')
    return $ref === undefined && $attempt === undefined && names.length === 0
      ? { secret: $secret }
      : undefined
  if ($secret !== undefined) return undefined
  if (typeof $ref === 'string' && $attempt === undefined) {
    if (names.length === 0) return { ref: $ref }
    if (names.length === 1 && isMore(others.with)) return { ref: $ref, with: others.with }
    const block = names.length === 2 ? blockOf(others) : undefined
    return block === undefined ? undefined : { ref: $ref, block }
  }
  if ($attempt !== 'firstAt' || $ref !== undefined) return undefined
  return names.every(name => name === 'as' || name === 'backMs')
    ? { attempt: value as AttemptTime }
    : undefined
}

const slots = (value: Json, path: readonly string[]): readonly Found[] => {
  const slot = slotOf(value)
  if (slot !== undefined) return [{ slot, path }]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value as Fields).flatMap(([key, inner]) => slots(inner, [...path, key]))
}

/** The parts of a call that may hold placeholders, beside its address. */
const PARTS = { http: ['query', 'headers', 'payload'], custom: ['payload'] } as const

const namesInAddress = (call: Call): readonly string[] => {
  if (call.kind !== 'http' || typeof call.endpoint !== 'string') return []
  const address = template(call.endpoint)
  return typeof address === 'string' ? [] : address.names
}

const findSlots = (call: Call): readonly Found[] => [
  ...namesInAddress(call).map(ref => ({ slot: { ref }, path: ['endpoint'] })),
  ...PARTS[call.kind].flatMap(part => {
    const value = (call as Fields)[part]
    return value === undefined ? [] : slots(value, [part])
  }),
]

/** Placeholders of calls that were looked at before: descriptors do not change. */
const known = new WeakMap<Call, readonly Found[]>()

const slotsOf = (call: Call, path: readonly string[]): readonly Found[] => {
  const found = known.get(call) ?? findSlots(call)
  known.set(call, found)
  return path.length === 0 ? found : found.map(each => ({ ...each, path: [...path, ...each.path] }))
}

/** The placeholders of a call itself, its address first. */
export const slotsIn = (call: Call): readonly Slot[] => slotsOf(call, []).map(({ slot }) => slot)

/** Names a call needs: its `{ $ref }` placeholders and the `{name}` of its address, each once, in order. */
export const refsIn = (call: Call): readonly string[] => [
  ...new Set(slotsIn(call).flatMap(slot => ('ref' in slot ? [slot.ref] : []))),
]

const namesOf = (auth: Auth | undefined): readonly string[] => {
  if (auth === undefined || 'login' in auth) return []
  if ('basic' in auth) return auth.basic
  return 'sign' in auth ? [auth.secret, ...Object.values(auth.also ?? {})] : [auth.secret]
}

/** Names of the secrets a call is sent with, each once. A `login` is not among them: its transport knows which it needs. */
export const secretsIn = (call: Call): readonly string[] => [
  ...new Set([
    ...(call.kind === 'http' && typeof call.endpoint !== 'string' ? [call.endpoint.$secret] : []),
    ...namesOf(call.auth),
    ...slotsIn(call).flatMap(slot => ('secret' in slot ? [slot.secret] : [])),
  ]),
]

type Owner = Call & Pick<Descriptor, 'before' | 'repeat'>

/** Every placeholder of the call and its look-ups, with the names its own reads have captured by then. */
const everySlot = (descriptor: Owner): readonly (Found & { read: ReadonlySet<string> })[] => {
  const { before = [], repeat } = descriptor
  const readBy = (lookups: readonly Lookup[]) =>
    new Set(lookups.flatMap(each => Object.keys(each.captures ?? {})))
  const all = readBy(before)
  return [
    ...before.flatMap((lookup, place) =>
      slotsOf(lookup.call, ['before', String(place), 'call']).map(found => ({
        ...found,
        read: readBy(before.slice(0, place)),
      })),
    ),
    ...slotsOf(descriptor, []).map(found => ({ ...found, read: all })),
    ...(typeof repeat === 'string' ? [] : slotsOf(repeat.call, ['repeat', 'call'])).map(found => ({
      ...found,
      read: all,
    })),
  ]
}

/** Names that must come from the lane: those of the call and its look-ups, less what its own `before` reads. */
export const needs = (descriptor: Owner): readonly string[] => [
  ...new Set(
    everySlot(descriptor).flatMap(({ slot, read }) =>
      'ref' in slot && !read.has(slot.ref) ? [slot.ref] : [],
    ),
  ),
]

/** The values that are filled in when a descriptor is sent, and their sources: nothing else of a preview changes. */
export const placeholders = (descriptor: Owner): readonly Placeholder[] => {
  const all = new Map<string, { name: string; from: Placeholder['from']; at: string[] }>()
  for (const { slot, path, read } of everySlot(descriptor)) {
    const name = 'ref' in slot ? slot.ref : 'secret' in slot ? slot.secret : slot.attempt.$attempt
    const from =
      'attempt' in slot ? 'attempt' : 'secret' in slot ? 'secret' : read.has(name) ? 'before' : 'lane'
    const placeholder = all.get(`${from}/${name}`) ?? { name, from, at: [] }
    placeholder.at.push(pointerTo(path))
    all.set(`${from}/${name}`, placeholder)
  }
  return [...all.values()]
}

const TIMES: Readonly<Record<NonNullable<AttemptTime['as']>, (ms: number) => Json>> = {
  iso: ms => new Date(ms).toISOString(),
  seconds: ms => `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}000`,
  milliseconds: ms => ms,
}

const timeOf = ({ as = 'iso', backMs = 0 }: AttemptTime, firstAt: number) =>
  TIMES[as](Math.max(0, Math.floor(firstAt - backMs)))

const alike = (value: Json, more: More): boolean =>
  isMore(value) && Array.isArray(value) === Array.isArray(more)

/** Joins a value that was read and what is added to it, where both are lists or both are objects. */
const join = (value: Json, more: More | undefined): Json => {
  if (more === undefined) return value
  if (!Array.isArray(value)) return { ...(value as Fields), ...(more as Fields) }
  const present = new Set(value.map(item => JSON.stringify(item)))
  return [...value, ...(more as readonly Json[]).filter(item => !present.has(JSON.stringify(item)))]
}

/**
 * A text or array with the block between two marks replaced; an empty one takes the block; `undefined` where a mark is missing. The last closing mark ends
 * the block, so that a block that people copied inside it leaves nothing behind.
 */
const replaceBlock = (value: Json, { between: [open, close], put }: Block): Json | undefined => {
  if (typeof value === 'string') {
    if (value.trim() === '') return put as string
    const from = value.indexOf(open)
    const end = value.lastIndexOf(close)
    return from < 0 || end < from ? undefined : value.slice(0, from) + put + value.slice(end + close.length)
  }
  const items = (value as readonly Json[]).map(item => JSON.stringify(item))
  if (items.length === 0) return put as readonly Json[]
  const holds = (mark: string) => (item: string) => item.includes(JSON.stringify(mark).slice(1, -1))
  const from = items.findIndex(holds(open))
  const end = items.findLastIndex(holds(close))
  if (from < 0 || end < from) return undefined
  return [
    ...(value as readonly Json[]).slice(0, from),
    ...(put as readonly Json[]),
    ...(value as readonly Json[]).slice(end + 1),
  ]
}

const fillRef = (value: Json, { with: more, block }: Extract<Slot, { ref: string }>): Json =>
  block === undefined ? join(value, more) : (replaceBlock(value, block) ?? value)

/** A filled value is not searched again: an answer of a service stays data, even where it looks like a placeholder. */
const fillIn = (value: Json, values: Fields, firstAt: number): Json => {
  if (value === null || typeof value !== 'object') return value
  const slot = slotOf(value)
  if (slot !== undefined) {
    if ('secret' in slot) return value
    return 'ref' in slot ? fillRef(values[slot.ref] as Json, slot) : timeOf(slot.attempt, firstAt)
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

const addressOf = (call: Call, values: Fields): Readonly<{ endpoint?: string }> | string => {
  if (call.kind !== 'http' || typeof call.endpoint !== 'string') return {}
  const address = template(call.endpoint)
  if (typeof address === 'string') return `the address ${call.endpoint} cannot be called: ${address}`
  const [unfit] = unfitting(address.names, values)
  return unfit === undefined
    ? { endpoint: filledAddress(address, values) }
    : `{${unfit}} of the address cannot be ${JSON.stringify(values[unfit]).slice(0, 60)}: ` +
        'it takes a string other than "", "." and "..", or a whole number'
}

/**
 * The call alone, with its placeholders filled: from `values` by name, and from the time of the first attempt (epoch ms). A
 * value in an address is percent-encoded and never reaches scheme or host. `{ $secret }` is left to the transport.
 */
export const fill = (call: Call, values: Fields, firstAt: number): Filling => {
  const found = slotsOf(call, [])
  const missing = refsIn(call).filter(name => !Object.hasOwn(values, name) || values[name] === undefined)
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
  const pick = (names: readonly string[], change: (value: Json) => Json) =>
    names.flatMap(name => (from[name] === undefined ? [] : [[name, change(from[name])] as const]))
  const isFixed = found.every(({ path }) => path[0] === 'endpoint')
  const entries = [
    ...pick(KEPT, value => value),
    ...pick(PARTS[call.kind], value => (isFixed ? value : fillIn(value, values, firstAt))),
    ...Object.entries(address),
  ]
  return { ok: true, call: Object.fromEntries(entries) as unknown as Call }
}
