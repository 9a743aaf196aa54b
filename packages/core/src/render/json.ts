import type { CustomCall } from '../descriptor/descriptor.ts'
import { slotOf } from '../descriptor/refs.ts'
import type { Variables } from '../descriptor/renderer.ts'
import type { Json } from '../session/schema.ts'

/** A value with each placeholder as `<name>`. */
export const fillNames = (value: Json, names: Variables): Json => {
  if (value === null || typeof value !== 'object') return value
  const slot = slotOf(value)
  if (slot !== undefined) return `<${names.of(slot)}>`
  if (Array.isArray(value)) return value.map((item: Json) => fillNames(item, names))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillNames(inner, names)]))
}

/** A custom call as JSON: its target, its address and its payload. */
export const json = ({ target, endpoint, payload }: CustomCall, names: Variables): string =>
  JSON.stringify(
    { target, ...(endpoint === undefined ? {} : { endpoint }), payload: fillNames(payload, names) },
    null,
    2,
  )
