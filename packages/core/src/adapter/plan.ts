import type { Descriptor } from '../descriptor/descriptor.ts'
import { digest } from '../descriptor/digest.ts'
import { atOnce, ignoreRejection } from '../session/at-once.ts'
import { TrackerError } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import { describe, message } from '../session/message.ts'
import type { Hook, Json } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import type { Adapter, AnyAdapter, Step } from './contract.ts'

/** The last word on a session is not held back: what `close` plans is due at once. */
const removePace = (descriptor: Descriptor): Descriptor =>
  descriptor.coalesce?.everyMs === undefined
    ? descriptor
    : ({ ...descriptor, coalesce: { ...descriptor.coalesce, everyMs: 0 } } as Descriptor)

/** Marks an `unsafe` call of an adapter that prefers a double to a gap (`onDoubt: 'repeat'`). */
export const repeatable = ({ onDoubt }: Pick<Adapter, 'onDoubt'>, descriptor: Descriptor): Descriptor =>
  onDoubt === 'repeat' && descriptor.repeat === 'unsafe' ? { ...descriptor, onDoubt } : descriptor

/** The key says which event and place a descriptor stands for: a `transform` that changed it would double requests. */
const keepingKey = (planned: Descriptor, changed: Descriptor): Descriptor => {
  if (changed?.key === planned.key && changed.action === planned.action) return changed
  throw new TrackerError(
    'ADAPTER',
    message({
      field: 'transform',
      problem: 'invalid result',
      expected: 'undefined or a descriptor with the same key and action',
      got:
        changed === null || typeof changed !== 'object'
          ? describe(changed)
          : `key ${changed.key}, action ${changed.action}`,
    }),
    { field: 'transform' },
  )
}

/** The refs that `start` gave to an adapter, as its calls use them, by its own names. */
export const readRefs = (
  { name, readRef }: Readonly<{ name: string }> & Pick<Adapter, 'readRef'>,
  { refs }: Pick<Session, 'refs'>,
): Readonly<Record<string, string>> => {
  const given = refs[name] ?? {}
  if (readRef === undefined) return given
  // A defect of the adapter must not refuse the recording call: the value stays as it was given.
  const read = (each: string, value: string): string => {
    try {
      return atOnce(readRef(each, value), 'readRef')
    } catch {
      return value
    }
  }
  return Object.fromEntries(Object.entries(given).map(([each, value]) => [each, read(each, value)]))
}

/**
 * All descriptors of one event for one adapter: preview mode, entire; execute mode stores what this returns. Pure: the
 * same event, session and configuration give the same value, keys included. Throws what the adapter's hook throws.
 * `suffix` ends the keys of what is planned once more.
 */
export const plan = <C, H extends Hook>(
  to: Pick<Adapter<C>, 'name' | 'config' | 'hooks' | 'when' | 'onDoubt' | 'transform' | 'readRef'>,
  event: SessionEvent<H>,
  session: Session,
  suffix = '',
): readonly Descriptor[] => {
  if (atOnce(to.when?.(event as SessionEvent, session), 'when') === false) return []
  const hook = to.hooks[event.type] as
    | ((payload: unknown, session: Session, event: unknown, config: C) => readonly Step<C>[])
    | undefined
  // A session with refs of other adapters alone stays the same value.
  const seen =
    session.refs[to.name] === undefined
      ? session
      : { ...session, refs: { ...session.refs, [to.name]: readRefs(to, session) } }
  const steps = hook?.(event.payload, seen, event, to.config) ?? []
  if (!Array.isArray(steps)) {
    ignoreRejection(steps)
    throw new TrackerError(
      'ADAPTER',
      `the ${event.type} hook must return a list of steps, and must not be async`,
    )
  }
  return (steps as readonly Step<C>[]).flatMap((step, place) => {
    const key = `${event.id}/${to.name}/${place}${suffix}`
    const descriptor = atOnce(step({ key, config: to.config }), `a step of ${event.type}`)
    const marked = repeatable(to, descriptor)
    const paced = event.type === 'close' ? removePace(marked) : marked
    if (to.transform === undefined) return [paced]
    const changed = atOnce(to.transform(paced, event as SessionEvent, session), 'transform')
    return changed === undefined ? [] : [keepingKey(paced, changed)]
  })
}

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

const known = new WeakMap<AnyAdapter, string>()

/**
 * Whose account and place an adapter writes to: a digest of its configuration, without secrets and without how it works.
 * A lane is delivered by workers with the target that it was opened with.
 */
export const targetOf = (adapter: AnyAdapter): string => {
  const before = known.get(adapter)
  if (before !== undefined) return before
  const made = digest(settingsOf(adapter.config, adapter.secrets, MANNER)).slice(0, 32)
  known.set(adapter, made)
  return made
}
