import type * as z from 'zod'
import type { Draft, Lookup } from '../descriptor/descriptor.ts'
import { type Guarantee, guarantee } from '../descriptor/guarantee.ts'
import { faultOf, words } from '../session/words.ts'
import type { At, Step } from './contract.ts'
import { refuse } from './options.ts'

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

/** Checks input by a strict schema; throws `INVALID_INPUT` naming the field, with the action in front. */
export const checkInput = <S extends z.ZodType>(name: string, schema: S, raw: unknown): z.output<S> => {
  const parsed = schema.safeParse(raw, words)
  if (parsed.success) return parsed.data
  throw refuse('INVALID_INPUT', name, raw, faultOf(parsed.error))
}

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
