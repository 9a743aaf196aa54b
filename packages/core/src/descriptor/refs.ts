import type { Json } from '../session/schema.ts'
import type { AttemptTime, Call, Descriptor, Lookup, Ref } from './descriptor.ts'
import { filledAddress, template, unfitting } from './endpoint.ts'
import { pointerTo } from './pointer.ts'

/** A place in a descriptor that is filled when it is sent, for previews. */
export type Placeholder = Readonly<{
  /** The name of the value; `firstAt` for the time of the first attempt. */
  name: string
  /** `lane`: an earlier capture, or what `start` handed over; `before`: a read of this attempt; `attempt`: its time. */
  from: 'lane' | 'before' | 'attempt'
  /** JSON Pointers into the descriptor. */
  at: readonly string[]
}>

/** A call ready to be sent, or why it is not: `missing` names what nobody captured yet, empty when it is something else. */
export type Filling =
  | Readonly<{ ok: true; call: Call }>
  | Readonly<{ ok: false; missing: readonly string[]; reason: string }>

type Fields = Readonly<Record<string, Json>>
type More = NonNullable<Ref['with']>
/** What a placeholder asks for. */
export type Slot = Readonly<{ ref: string; with?: More } | { attempt: AttemptTime }>
type Found = Readonly<{ slot: Slot; path: readonly string[] }>

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const isMore = (value: Json | undefined): value is More => value !== null && typeof value === 'object'

/** The placeholder a value is, if it is one: `{ $ref }`, with or without `with`, or `{ $attempt: 'firstAt' }` with its options. */
export const slotOf = (value: Json): Slot | undefined => {
  if (!isFields(value)) return undefined
  const { $ref, $attempt, ...others } = value
  const names = Object.keys(others)
  if (typeof $ref === 'string' && $attempt === undefined) {
    if (names.length === 0) return { ref: $ref }
    return names.length === 1 && isMore(others.with) ? { ref: $ref, with: others.with } : undefined
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
const PARTS = { http: ['query', 'headers', 'payload'], cypher: ['parameters'] } as const

const namesInAddress = (call: Call): readonly string[] => {
  if (call.kind !== 'http' || typeof call.endpoint !== 'string') return []
  const address = template(call.endpoint)
  return typeof address === 'string' ? [] : address.names
}

const slotsOf = (call: Call, path: readonly string[]): readonly Found[] => [
  ...namesInAddress(call).map(ref => ({ slot: { ref }, path: [...path, 'endpoint'] })),
  ...PARTS[call.kind].flatMap(part => {
    const value = (call as Fields)[part]
    return value === undefined ? [] : slots(value, [...path, part])
  }),
]

/** The placeholders of a call itself, its address first. */
export const slotsIn = (call: Call): readonly Slot[] => slotsOf(call, []).map(({ slot }) => slot)

/** Names a call needs: its `{ $ref }` placeholders and the `{name}` of its address, each once, in order. */
export const refsIn = (call: Call): readonly string[] => [
  ...new Set(slotsIn(call).flatMap(slot => ('ref' in slot ? [slot.ref] : []))),
]

type Owner = Call & Pick<Descriptor, 'before' | 'repeat'>

/** Every placeholder of the call and its look-ups, with the names its own reads have captured by then. */
const everySlot = ({
  before = [],
  repeat,
  ...call
}: Owner): readonly (Found & { read: ReadonlySet<string> })[] => {
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
    ...slotsOf(call as Call, []).map(found => ({ ...found, read: all })),
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

/** What is filled in when a descriptor is sent, and from where: nothing else of a preview changes. */
export const placeholders = (descriptor: Owner): readonly Placeholder[] => {
  const all = new Map<string, { name: string; from: Placeholder['from']; at: string[] }>()
  for (const { slot, path, read } of everySlot(descriptor)) {
    const name = 'ref' in slot ? slot.ref : slot.attempt.$attempt
    const from = 'attempt' in slot ? 'attempt' : read.has(name) ? 'before' : 'lane'
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

/** What was read and what is added to it, where both are lists or both are objects. */
const joined = (value: Json, more: More | undefined): Json => {
  if (more === undefined) return value
  if (!Array.isArray(value)) return { ...(value as Fields), ...(more as Fields) }
  const known = new Set(value.map(item => JSON.stringify(item)))
  return [...value, ...(more as readonly Json[]).filter(item => !known.has(JSON.stringify(item)))]
}

/** A filled value is not looked into again: what a service answered stays data, even where it looks like a placeholder. */
const filled = (value: Json, values: Fields, firstAt: number): Json => {
  const slot = slotOf(value)
  if (slot !== undefined)
    return 'ref' in slot ? joined(values[slot.ref] as Json, slot.with) : timeOf(slot.attempt, firstAt)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item: Json) => filled(item, values, firstAt))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, filled(inner, values, firstAt)]),
  )
}

const KEPT = [
  'kind',
  'auth',
  'limit',
  'method',
  'endpoint',
  'encoding',
  'uri',
  'database',
  'statement',
  'access',
] as const

const refused = (reason: string, missing: readonly string[] = []): Filling => ({ ok: false, missing, reason })

const addressOf = (call: Call, values: Fields): Readonly<{ endpoint?: string }> | string => {
  if (call.kind !== 'http' || typeof call.endpoint !== 'string') return {}
  const address = template(call.endpoint)
  if (typeof address === 'string') return `the address ${call.endpoint} cannot be called: ${address}`
  const [unfit] = unfitting(address.names, values)
  return unfit === undefined
    ? { endpoint: filledAddress(address, values) }
    : `{${unfit}} of the address cannot be ${JSON.stringify(values[unfit]).slice(0, 60)}: ` +
        'it takes a text other than "", "." and "..", or a whole number'
}

/**
 * The call alone, with its placeholders filled: from `values` by name, and from the time of the first attempt (epoch ms). What
 * fills an address is percent-encoded and never reaches scheme or host.
 */
export const fill = (call: Call, values: Fields, firstAt: number): Filling => {
  const missing = refsIn(call).filter(name => !Object.hasOwn(values, name) || values[name] === undefined)
  if (missing.length > 0) return refused(`nothing was captured yet as ${missing.join(', ')}`, missing)
  const address = addressOf(call, values)
  if (typeof address === 'string') return refused(address)
  for (const { slot } of slotsOf(call, []))
    if ('ref' in slot && slot.with !== undefined && !alike(values[slot.ref] as Json, slot.with))
      return refused(`${slot.ref} is no ${Array.isArray(slot.with) ? 'list' : 'object'} that could be joined`)
  const from = call as Call & Fields
  const pick = (names: readonly string[], change: (value: Json) => Json) =>
    names.flatMap(name => (from[name] === undefined ? [] : [[name, change(from[name])] as const]))
  const entries = [
    ...pick(KEPT, value => value),
    ...pick(PARTS[call.kind], value => filled(value, values, firstAt)),
    ...Object.entries(address),
  ]
  return { ok: true, call: Object.fromEntries(entries) as unknown as Call }
}
