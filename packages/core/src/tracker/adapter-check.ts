import * as z from 'zod/mini'
import { HOOKS } from '../session/events.ts'
import { describe, message } from '../session/message.ts'
import { call, count, custom, duration, isObject } from '../session/options.ts'
import { expecting, sentence, unknownName } from '../session/words.ts'

/** Hooks by the names of the calls that lead to them. */
const CALLED: Readonly<Record<string, string>> = { decide: 'decision', block: 'blocker' }

// Keys are written with "/", and refs with ".".
const NAME = 'a letter, then up to 63 letters, digits, "_" or "-"'
const HOOK = 'a function (payload, session) => steps'

const isFunction = (value: unknown) => typeof value === 'function'
const isAction = (made: unknown): boolean => {
  const { effect, build } = (made ?? {}) as Readonly<{ effect?: unknown; build?: unknown }>
  return effect === 'read' ? isFunction(build) : isFunction(made) && typeof effect === 'string'
}

const hook = z.string().check(
  z.refine(name => name === 'linked' || name === 'located' || (HOOKS as readonly string[]).includes(name), {
    error: ({ input }) => {
      const meant = CALLED[String(input)]
      const { problem, ...rest } = unknownName('hook', String(input), HOOKS)
      return sentence({
        problem: meant === undefined ? problem : `unknown hook "${input}" (did you mean "${meant}"?)`,
        ...rest,
      })
    },
  }),
)
const rate = z.looseObject({ count: count(1), perMs: duration(1) }, expecting('{ count, perMs }'))

/** The parts an adapter must have. Code that uses an optional part checks it. */
const PARTS = {
  name: z.string(expecting('a string')).check(z.regex(/^[A-Za-z][\w-]{0,63}$/, expecting(NAME))),
  config: custom(value => value !== undefined, 'the value that actions and hooks are given, such as {}'),
  mode: z.literal(['execute', 'preview', 'handoff'], expecting('"execute", "preview" or "handoff"')),
  hooks: z.record(
    hook,
    z.optional(custom(isFunction, HOOK)),
    expecting('an object of functions (payload, session) => steps'),
  ),
  actions: z.record(
    z.string(),
    z.custom(isAction, { error: 'invalid action; expected one made by action() or read()' }),
    expecting('an object of actions made by action() and read()'),
  ),
  limits: z.looseObject(
    {
      concurrency: z.optional(count(1)),
      rates: z.record(z.string(), rate, expecting('an object of rates by limit')),
    },
    expecting('{ rates: {} }'),
  ),
  secrets: z.array(z.string(expecting('a string')), expecting('an array of names of secrets')),
  check: z.looseObject({ call: z.looseObject({}) }, expecting('{ call } of a cheap read')),
  outcome: call,
} as const

/** The problem of a value that is not an adapter at all, and what to pass. */
const strangeness = (value: unknown): string | undefined => {
  const expected = 'an adapter'
  const say = (todo: string) =>
    message({ problem: 'invalid adapter', expected, got: describe(value), todo }).replace(/\.$/, '')
  if (isFunction(value)) return say('Call it with its options.')
  if (isObject(value) && isFunction(value.then))
    return message({ problem: 'invalid adapter', expected, got: 'a promise', todo: 'Await it.' }).slice(0, -1)
  const isAdapter = isObject(value) && Object.keys(PARTS).some(part => value[part] !== undefined)
  return isAdapter ? undefined : sentence({ problem: 'invalid adapter', expected, got: describe(value) })
}

const incomplete = (value: unknown): string | undefined => {
  if (!isObject(value)) return undefined
  const missing = Object.keys(PARTS).filter(part => value[part] === undefined)
  return missing.length < 2 ? undefined : `incomplete adapter; missing: ${missing.join(', ')}`
}

const wrongness = (value: unknown): string | undefined => strangeness(value) ?? incomplete(value)

/** An adapter as the tracker needs it. */
export const adapterSchema = z.pipe(
  z.custom<unknown>(value => wrongness(value) === undefined, {
    error: ({ input }) => wrongness(input) ?? 'invalid adapter',
  }),
  z.looseObject(PARTS),
)
