import type { Descriptor } from '../descriptor/descriptor.ts'
import { slotOf } from '../descriptor/refs.ts'
import type { Json } from '../session/schema.ts'

type Path = readonly string[]
type Fields = Readonly<Record<string, Json>>

const isObject = (value: Json | undefined): value is Fields | readonly Json[] =>
  value !== null && typeof value === 'object'

/** Places where two values differ; where lists differ in length, the place of the list. */
const differences = (a: Json | undefined, b: Json | undefined, path: Path = []): readonly Path[] => {
  if (isObject(a) && isObject(b) && Array.isArray(a) === Array.isArray(b)) {
    if (Array.isArray(a) && Object.keys(a).length !== Object.keys(b).length) return [path]
    const names = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...names].flatMap(name => differences((a as Fields)[name], (b as Fields)[name], [...path, name]))
  }
  return Object.is(a, b) ? [] : [path]
}

/** Whether a value sets what stands at a place of another one: itself, a placeholder or text above it. */
const sets = (value: Json | undefined, [name, ...rest]: Path): boolean => {
  if (value === undefined) return false
  if (name === undefined || !isObject(value) || slotOf(value as Json) !== undefined) return true
  return sets((value as Fields)[name], rest)
}

/** The parts of a call that a service keeps. */
const partsOf = (descriptor: Descriptor): Json =>
  ({
    payload: descriptor.payload ?? null,
    query: descriptor.kind === 'http' ? (descriptor.query ?? null) : null,
    endpoint: descriptor.kind === 'http' ? (descriptor.endpoint as Json) : null,
  }) as Json

/** Places of a sent call that are other ones when it is planned without the erased texts. */
export const textsIn = (sent: Descriptor, planned: Descriptor): readonly Path[] =>
  differences(partsOf(sent), partsOf(planned))

/** Whether edits that are planned together write over every one of these places. */
export const isCovered = (places: readonly Path[], edits: readonly Descriptor[]): boolean =>
  places.every(place => edits.some(edit => sets(partsOf(edit), place)))
