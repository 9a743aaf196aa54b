import type * as z from 'zod'
import type { Descriptor, Draft, Link, Lookup } from '../descriptor/descriptor.ts'
import { type Guarantee, guarantee } from '../descriptor/guarantee.ts'
import { atOnce } from '../session/at-once.ts'
import type { SessionEvent } from '../session/events.ts'
import { checkInput } from '../session/fields.ts'
import { describe, failure } from '../session/message.ts'
import type { Hook } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import type { Adapter, At, Step } from './contract.ts'

/** The last word on a session is not held back: what `close` and `forget` plan is due at once. */
export const removePace = (descriptor: Descriptor): Descriptor =>
  descriptor.coalesce?.everyMs === undefined
    ? descriptor
    : ({ ...descriptor, coalesce: { ...descriptor.coalesce, everyMs: 0 } } as Descriptor)

/** Marks an `unsafe` call of an adapter that prefers a double to a gap (`onDoubt: 'repeat'`). */
export const repeatable = ({ onDoubt }: Pick<Adapter, 'onDoubt'>, descriptor: Descriptor): Descriptor =>
  onDoubt === 'repeat' && descriptor.repeat === 'unsafe' ? { ...descriptor, onDoubt } : descriptor

/** The key says which event and place a descriptor stands for: a `transform` that changed it would double requests. */
const keepingKey = (planned: Descriptor, changed: Descriptor): Descriptor => {
  if (changed?.key === planned.key && changed.action === planned.action) return changed
  throw failure('ADAPTER', {
    field: 'transform',
    problem: 'invalid result',
    expected: 'undefined or a descriptor with the same key and action',
    got:
      changed === null || typeof changed !== 'object'
        ? describe(changed)
        : `key ${changed.key}, action ${changed.action}`,
  })
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

const NO_STEPS = { problem: 'invalid result', expected: 'an array of steps' } as const
const NO_STEP = { problem: 'invalid step', expected: 'one made by an action or by step(…)' } as const

/** The members of an adapter that planning reads. */
export type Planning<C> = Pick<
  Adapter<C>,
  'name' | 'config' | 'hooks' | 'when' | 'onDoubt' | 'transform' | 'readRef'
>

/** The session with the refs that `start` gave to an adapter as its calls use them. */
export const showTo = <C>(to: Planning<C>, session: Session): Session =>
  // A session with refs of other adapters alone stays the same value.
  session.refs[to.name] === undefined
    ? session
    : { ...session, refs: { ...session.refs, [to.name]: readRefs(to, session) } }

/** Steps of a hook as descriptors, each with the key of its place. */
export const finish = <C>(
  to: Planning<C>,
  hook: string,
  steps: unknown,
  event: SessionEvent,
  session: Session,
  keyOf: (place: number) => string,
): readonly Descriptor[] => {
  const field = `${to.name}.hooks.${hook}`
  if (!Array.isArray(atOnce(steps, field)))
    throw failure('ADAPTER', { field, ...NO_STEPS, got: describe(steps) })
  return (steps as readonly Step<C>[]).flatMap((step, place) => {
    if (typeof step !== 'function')
      throw failure('ADAPTER', { field: `${field}[${place}]`, ...NO_STEP, got: describe(step) })
    const descriptor = atOnce(step({ key: keyOf(place), config: to.config }), `${field}[${place}]`)
    const marked = repeatable(to, descriptor)
    const paced = hook === 'close' ? removePace(marked) : marked
    if (to.transform === undefined) return [paced]
    const changed = atOnce(to.transform(paced, event, session), 'transform')
    return changed === undefined ? [] : [keepingKey(paced, changed)]
  })
}

/**
 * All descriptors of one event for one adapter: preview mode, entire; execute mode stores what this returns. Pure: the
 * same event, session, links and configuration give the same value, keys included. Throws what the adapter's hook throws.
 * `suffix` ends the keys of what is planned once more.
 */
export const plan = <C, H extends Hook>(
  to: Planning<C>,
  event: SessionEvent<H>,
  session: Session,
  suffix = '',
  links: readonly Link[] = [],
): readonly Descriptor[] => {
  if (atOnce(to.when?.(event as SessionEvent, session), 'when') === false) return []
  const hook = to.hooks[event.type] as
    | ((payload: unknown, session: Session, event: unknown, config: C, links: unknown) => readonly Step<C>[])
    | undefined
  const steps = hook?.(event.payload, showTo(to, session), event, to.config, links) ?? []
  const keyOf = (place: number) => `${event.id}/${to.name}/${place}${suffix}`
  return finish(to, event.type, steps, event as SessionEvent, session, keyOf)
}

/** `read` changes nothing; `destructive` removes something a person may miss, and needs `allowDestructive`. */
export type Effect = 'read' | 'write' | 'destructive'

/** A write: called with its input it checks it and gives a step, and it can be asked what it is. */
export type Action<S extends z.ZodType, C, N extends string = string> = ((raw: z.input<S>) => Step<C>) &
  Readonly<{
    /** Its name in the adapter, as in `addWorklog`. */
    action: string
    /** Strict schema of what it takes; what does not fit is `INVALID_INPUT`, naming the field. */
    input: S
    /** The step of a value that is what `input` makes of one already: for hooks, whose values are the adapter's own. */
    step: (value: z.output<S>) => Step<C>
    /** `destructive` ones run only with `allowDestructive: true` in the adapter's options. */
    effect: Exclude<Effect, 'read'>
    /** One sentence for people. */
    about: string
    /** A valid input; the suite and the docs use it. */
    example: z.input<S>
    /** Names of what its call captures, derived from the draft of `example`: the fields that `act(…, { wait: true })` gives. */
    captures: (config: C) => readonly N[]
    /** Derived from the draft of `example`. `asterisk` gives the reason where it depends on behaviour that was never observed. */
    guarantee: (config: C) => Readonly<{
      /** The effect of repeating the call at the service. */
      guarantee: Guarantee
      /** Why it depends on behaviour that was never observed. Absent: it does not. */
      asterisk?: string
    }>
  }>

/** A read: run at once by `tracker.read`, never stored. */
export type Read<S extends z.ZodType, O extends z.ZodType, C> = Readonly<{
  /** Its name in the adapter, as in `listActiveIssues`. */
  action: string
  /** Strict schema of what it takes; what does not fit is `INVALID_INPUT`, naming the field. */
  input: S
  /** Schema of what it gives, as tolerant as can be: a list when the look-up has a `list`. */
  output: O
  /** Tells it from a write. */
  effect: 'read'
  /** One sentence for people. */
  about: string
  /** A valid input; the suite and the docs use it. */
  example: z.input<S>
  /** From checked input to the look-up. Its pages are read to the end, at most 20; its captures are not used. */
  build: (value: z.output<S>, at: At<C>) => Lookup
}>

/** The description of an action. `effect` defaults to `write`; `example` is a valid input. */
export type About<S extends z.ZodType> = Readonly<{
  /** One sentence for people. */
  about: string
  /** A valid input; the suite and the docs use it, and the guarantee is derived from its draft. */
  example: z.input<S>
  /** Default `write`. `destructive`: removes something a person may miss. */
  effect?: Exclude<Effect, 'read'>
}>

/** Names of what a draft captures. */
export type CaptureNames<D> = D extends { captures: infer Named } ? keyof Named & string : never

type Names<T> = T extends { captures: infer Named } ? keyof Named : never
type Matches<A, B> = [A, B] extends [B, A]
  ? unknown
  : Readonly<{ repeat: 'its captures must name exactly what the draft captures' }>

/**
 * Holds a draft to it that its look-up captures the very names the draft captures: literals in a return are not checked
 * for what is too much. Anything when it does; otherwise a type that no draft has.
 */
export type Matched<D> = D extends { repeat: infer R }
  ? R extends object
    ? Matches<Names<R>, Names<D>>
    : unknown
  : unknown

/** Makes a write of a service: input schema, and the pure function from checked input to draft. */
export const action = <S extends z.ZodType, C, const D extends Draft>(
  name: string,
  input: S,
  build: (value: z.output<S>, at: At<C>) => D & Matched<D>,
  { about, example, effect = 'write' }: About<S>,
): Action<S, C, CaptureNames<D>> => {
  const draftOf: (value: z.output<S>, at: At<C>) => Draft = build
  const step =
    (value: z.output<S>): Step<C> =>
    at => ({ key: at.key, action: name, ...draftOf(value, at) })
  const exampleDraft = (config: C) => draftOf(checkInput(name, input, example), { key: 'example', config })
  return Object.assign((raw: z.input<S>) => step(checkInput(name, input, raw)), {
    action: name,
    input,
    step,
    effect,
    about,
    example,
    captures: (config: C) => Object.keys(exampleDraft(config).captures ?? {}) as CaptureNames<D>[],
    guarantee: (config: C) => {
      const draft = exampleDraft(config)
      return {
        guarantee: guarantee(draft),
        ...(draft.asterisk === undefined ? {} : { asterisk: draft.asterisk }),
      }
    },
  })
}

/** Makes a step of a hook from a function that builds its call: for calls that are not actions of the adapter. */
export const step =
  <C>(name: string, build: (at: At<C>) => Draft): Step<C> =>
  at => ({ key: at.key, action: name, ...build(at) })

/** Makes a read of a service: input and output schemas, and the pure function from checked input to look-up. */
export const read = <S extends z.ZodType, O extends z.ZodType, C>(
  name: string,
  input: S,
  output: O,
  build: (value: z.output<S>, at: At<C>) => Lookup,
  { about, example }: Omit<About<S>, 'effect'>,
): Read<S, O, C> => ({ action: name, input, output, effect: 'read', about, example, build })
