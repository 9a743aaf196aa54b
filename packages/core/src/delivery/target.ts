import { digest } from '../descriptor/digest.ts'
import type { Json } from '../session/schema.ts'

/**
 * The data of a configuration that decides where an adapter writes: no functions, no names of secrets, no mode; `without`
 * names more fields of its top that are left out.
 */
export const settingsOf = (
  value: unknown,
  secrets: readonly string[],
  without: readonly string[] = [],
): Json => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Array.isArray(value)) return value.map(each => settingsOf(each, secrets))
  if (typeof value !== 'object') return null
  const isKept = ([key, inner]: readonly [string, unknown]) =>
    key !== 'mode' &&
    !without.includes(key) &&
    inner !== undefined &&
    typeof inner !== 'function' &&
    !secrets.includes(inner as string)
  return Object.fromEntries(
    Object.entries(value)
      .filter(isKept)
      .map(([key, inner]) => [key, settingsOf(inner, secrets)]),
  )
}

/** Options every adapter has that say how it works, never where it writes: a change must not strand what is planned. */
const MANNER: readonly string[] = [
  ...['as', 'mode', 'when', 'updates', 'onDoubt', 'allowDestructive', 'sessionUrl', 'crossLinks'],
  ...['concurrency', 'allowPlaintext', 'headers'],
]

type Target = Readonly<{ config: unknown; secrets: readonly string[] }>

const known = new WeakMap<Target, string>()

/**
 * Whose account and place an adapter writes to: a digest of its configuration, without secrets and without how it works.
 * A lane is delivered by workers with the target that it was opened with.
 */
export const targetOf = (adapter: Target): string => {
  const before = known.get(adapter)
  if (before !== undefined) return before
  const made = digest(settingsOf(adapter.config, adapter.secrets, MANNER)).slice(0, 32)
  known.set(adapter, made)
  return made
}
