import type { Json } from '../session/schema.ts'
import type { AttemptTime, Auth, Call, Descriptor, Lookup, Ref } from './descriptor.ts'
import { pointerTo } from './pointer.ts'
import { template } from './wire.ts'

/** A place in a descriptor that is filled when it is sent, for previews. */
export type Placeholder = Readonly<{
  /** The name of the value; `firstAt` for the time of the first attempt; a secret's name. */
  name: string
  /** `lane`: an earlier capture, or a ref given to `start`; `before`: a read of this attempt; `attempt`: its time. */
  from: 'lane' | 'before' | 'attempt' | 'secret'
  /** JSON Pointers into the descriptor. */
  at: readonly string[]
}>

/** Items or fields that a placeholder adds to the value that was read. */
export type More = NonNullable<Ref['with']>
/** The block of ours that a placeholder replaces. */
export type Block = Readonly<{
  between: readonly [open: string, close: string]
  put: string | readonly Json[]
}>
/** The value a placeholder asks for. A secret is filled by the transport, all others by `fill`. */
export type Slot = Readonly<
  { ref: string; with?: More; block?: Block } | { attempt: AttemptTime } | { secret: string }
>
type Found = Readonly<{ slot: Slot; path: readonly string[] }>

/** Whether a value can be joined with another one: an array or an object. */
export const isMore = (value: Json | undefined): value is More => value !== null && typeof value === 'object'

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

/** Adds the placeholders of a value to `found`. `path` is where the walk stands, and is copied for a placeholder only. */
const addSlots = (value: Json, path: string[], found: Found[]): void => {
  if (value === null || typeof value !== 'object') return
  const slot = slotOf(value)
  if (slot !== undefined) {
    found.push({ slot, path: [...path] })
    if ('with' in slot && slot.with !== undefined) addSlots(slot.with, [...path, 'with'], found)
    return
  }
  for (const key of Object.keys(value)) {
    path.push(key)
    addSlots((value as Fields)[key] as Json, path, found)
    path.pop()
  }
}

/** The parts of a call that may hold placeholders, in addition to its address. */
export const PARTS = { http: ['query', 'headers', 'payload'], custom: ['payload'] } as const

const namesInAddress = (call: Call): readonly string[] => {
  if (call.kind !== 'http' || typeof call.endpoint !== 'string') return []
  const address = template(call.endpoint)
  return typeof address === 'string' ? [] : address.names
}

const findSlots = (call: Call): readonly Found[] => {
  const found: Found[] = namesInAddress(call).map(ref => ({ slot: { ref }, path: ['endpoint'] }))
  for (const part of PARTS[call.kind]) addSlots((call as Fields)[part] ?? null, [part], found)
  return found
}

/** Placeholders of calls that were looked at before: descriptors do not change. */
const known = new WeakMap<Call, readonly Found[]>()

/** The placeholders of a call with their places, below `path`. */
export const slotsOf = (call: Call, path: readonly string[]): readonly Found[] => {
  let found = known.get(call)
  if (found === undefined) {
    found = findSlots(call)
    known.set(call, found)
  }
  return path.length === 0 ? found : found.map(each => ({ ...each, path: [...path, ...each.path] }))
}

/** Remembers which placeholders a call still has that was made of another one: those of its secrets. */
export const keepSecretSlots = (made: Call, from: Call): void => {
  const found = slotsOf(from, [])
  known.set(made, found.length === 0 ? found : found.filter(({ slot }) => 'secret' in slot))
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
export const secretsIn = (call: Call): readonly string[] => {
  const names = [...namesOf(call.auth)]
  if (call.kind === 'http' && typeof call.endpoint !== 'string') names.unshift(call.endpoint.$secret)
  for (const { slot } of slotsOf(call, [])) if ('secret' in slot) names.push(slot.secret)
  return names.length < 2 ? names : [...new Set(names)]
}

/** The reason of a call whose secrets have no value, by their names: the same words everywhere. */
export const notSet = (...names: readonly string[]): string =>
  `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} not set: set ${names.length === 1 ? 'it' : 'them'} ` +
  'for the process that delivers (its environment, or the option secrets)'

type Owner = Call & Pick<Descriptor, 'before' | 'repeat' | 'instead'>

/** Every placeholder of the call and its look-ups, with the names its own reads have captured by then. */
const everySlot = (descriptor: Owner): readonly (Found & { read: ReadonlySet<string> })[] => {
  const { before = [], repeat, instead } = descriptor
  const readBy = (lookups: readonly Lookup[]) =>
    new Set(lookups.flatMap(each => Object.keys(each.captures ?? {})))
  const all = readBy(before)
  const slotsRead = (call: Call, path: readonly string[], read: ReadonlySet<string>) =>
    slotsOf(call, path).map(found => ({ ...found, read }))
  return [
    ...before.flatMap((lookup, place) =>
      slotsRead(lookup.call, ['before', String(place), 'call'], readBy(before.slice(0, place))),
    ),
    ...slotsRead(descriptor, [], all),
    ...(typeof repeat === 'string' ? [] : slotsRead(repeat.call, ['repeat', 'call'], all)),
    ...(instead === undefined
      ? []
      : [
          ...slotsRead(instead.find.call, ['instead', 'find', 'call'], all),
          ...slotsRead(instead.edit, ['instead', 'edit'], readBy([...before, instead.find])),
          ...slotsRead(instead.create, ['instead', 'create'], all),
        ]),
  ]
}

/** Adds the names that a call needs and none of these look-ups captures. */
const addNames = (call: Call, read: readonly Lookup[], names: Set<string>): void => {
  for (const { slot } of slotsOf(call, []))
    if ('ref' in slot && !read.some(({ captures = {} }) => Object.hasOwn(captures, slot.ref)))
      names.add(slot.ref)
}

const findNeeds = (descriptor: Owner): readonly string[] => {
  const { before = [], repeat, instead } = descriptor
  const names = new Set<string>()
  for (const [place, { call }] of before.entries()) addNames(call, before.slice(0, place), names)
  addNames(descriptor, before, names)
  if (typeof repeat !== 'string') addNames(repeat.call, before, names)
  if (instead !== undefined) {
    addNames(instead.find.call, before, names)
    addNames(instead.edit, [...before, instead.find], names)
    addNames(instead.create, before, names)
  }
  return [...names]
}

const NONE: readonly string[] = []

/** Names that descriptors need which were looked at before: descriptors do not change. */
const knownNeeds = new WeakMap<Owner, readonly string[]>()

/** Names that must come from the lane: those of the call and its look-ups, less the captures of its own `before`. */
export const needs = (descriptor: Owner): readonly string[] => {
  const { before, repeat, instead } = descriptor
  const isPlain = before === undefined && instead === undefined && typeof repeat === 'string'
  if (isPlain && slotsOf(descriptor, []).length === 0) return NONE
  let names = knownNeeds.get(descriptor)
  if (names === undefined) {
    names = findNeeds(descriptor)
    knownNeeds.set(descriptor, names)
  }
  return names
}

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

/** Fields of a JSON object by name. */
export type Fields = Readonly<Record<string, Json>>

/** True for a JSON object. */
export const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** The fields of a JSON object; none of another value. */
export const fieldsOf = (value: Json | undefined): Partial<Fields> => (isFields(value) ? value : {})

/** Fields without those that are `undefined`: JSON has no such value. */
export const omitUndefined = <T>(
  fields: Readonly<Record<string, T | undefined>>,
): Readonly<Record<string, T>> =>
  // Most have none and are taken as they are.
  Object.values(fields).includes(undefined)
    ? Object.fromEntries(
        Object.entries(fields).filter((entry): entry is [string, T] => entry[1] !== undefined),
      )
    : (fields as Readonly<Record<string, T>>)
