import * as z from 'zod/mini'
import { describe, failure } from '../session/message.ts'
import { call, checkBy, custom, isObject } from '../session/options.ts'
import { expecting, unknownName } from '../session/words.ts'
import type { Definition } from './definition.ts'

const text = custom<string>(value => typeof value === 'string' && value !== '', 'a string')
const names = z.array(text, expecting('an array of strings'))
const recordOf = <S extends z.core.$ZodType>(each: S, what: string) =>
  z.record(z.string(), each, expecting(`an object of ${what}`))
const functions = recordOf(call, 'functions')
const mode = z.optional(z.literal(['execute', 'preview', 'handoff']))
const either = (schema: z.core.$ZodType, expected: string) =>
  z.optional(z.union([call, schema], expecting(expected)))
const lookup = z.looseObject({ call: z.looseObject({}) }, expecting('{ call } of a read'))
const isSchema = (value: unknown) => isObject(value) && isObject(value._zod)
const isConflict = (value: unknown) =>
  Array.isArray(value) &&
  ['string', 'function', 'string'].every((kind, place) => typeof value[place] === kind)

// biome-ignore lint/suspicious/noExplicitAny: the names of fields are the same for every definition
type Name = keyof Definition<any, any, any, any, any, any, any>

/** Total over the fields of a definition, so that a new one must be thought of here. */
const FIELDS: Readonly<Record<Name, z.core.$ZodType>> = {
  service: text,
  options: recordOf(custom(isSchema, 'a schema of zod'), 'schemas'),
  secrets: recordOf(z.literal(['secret', 'public']), "'secret' or 'public' by name"),
  actions: custom(isObject, 'an object'),
  hooks: z.union([call, functions], expecting('an object of functions, or a function')),
  outcome: call,
  limits: z.union([call, z.looseObject({})], expecting('an object or a function')),
  check: call,
  origins: call,
  ways: z.optional(recordOf(names, 'arrays of names of secrets')),
  defaultWay: z.optional(call),
  mode,
  env: z.optional(recordOf(text, 'names of variables')),
  switches: z.optional(recordOf(z.looseObject({ mode }), 'objects { mode }')),
  oneOf: z.optional(z.array(names, expecting('an array of arrays of names'))),
  configure: z.optional(call),
  conflicts: z.optional(z.array(custom(isConflict, '[option, function, advice]'))),
  isOwn: z.optional(call),
  probes: z.optional(call),
  cardLookups: z.optional(call),
  account: either(text, 'a string or a function'),
  refs: z.optional(z.union([names, functions], expecting('an array of names, or an object of functions'))),
  removals: z.optional(functions),
  link: z.optional(call),
  plaintext: z.optional(names),
  transport: z.optional(call),
  signers: z.optional(functions),
  renderers: z.optional(recordOf(z.looseObject({ format: text, write: call, comment: call }), 'renderers')),
  describe: z.optional(functions),
}
const definition = z.looseObject(FIELDS)

type Named = Readonly<Record<string, unknown>>
type Names = Readonly<Record<string, readonly string[]>>

/** Names in one member that another member must have: where each is, what it names, and the names there are. */
const references = ({ ways = {}, env = {}, oneOf = [], options, secrets }: Named) => [
  ...Object.entries(ways as Names).flatMap(([way, all]) =>
    all.map(name => [`ways.${way}`, 'secret', name, secrets] as const),
  ),
  ...Object.keys(env as Named).map(name => [`env.${name}`, 'option', name, options] as const),
  ...(oneOf as readonly (readonly string[])[])
    .flat()
    .map(name => ['oneOf', 'option', name, options] as const),
]

/**
 * Checks the shape of a definition. A misspelt name is a type error of many lines, and JavaScript has none: this names the
 * field. Throws `ADAPTER`.
 */
export const checkDefinition = (given: unknown): void => {
  if (!isObject(given))
    throw failure('ADAPTER', {
      field: 'defineAdapter',
      problem: 'invalid definition',
      expected: 'an object',
      got: describe(given),
    })
  const unknown = Object.keys(given).find(name => !Object.hasOwn(FIELDS, name))
  if (unknown !== undefined)
    throw failure('ADAPTER', {
      field: `defineAdapter.${unknown}`,
      ...unknownName('field', unknown, Object.keys(FIELDS)),
    })
  checkBy(definition, given, ['defineAdapter'], 'ADAPTER')
  for (const [field, what, name, all] of references(given))
    if (!Object.hasOwn(all as Named, name))
      throw failure('ADAPTER', {
        field: `defineAdapter.${field}`,
        ...unknownName(what, name, Object.keys(all as Named)),
      })
  for (const [name, made] of Object.entries(given.actions as Named)) {
    const { action } = (made ?? {}) as Readonly<{ action?: unknown }>
    if (action === name) continue
    throw failure('ADAPTER', {
      field: `defineAdapter.actions.${name}`,
      problem: 'invalid action',
      expected: `one made by action('${name}', …) or read('${name}', …)`,
      got: typeof action === 'string' ? `the action "${action}"` : describe(made),
    })
  }
}

const isOrigin = (value: unknown) => typeof value === 'string' && URL.canParse(value)
const sentence = custom(value => typeof value === 'string', 'a string')

/** Results of the functions of a definition that are called with a configuration. */
const RESULTS = z.looseObject({
  configure: custom(isObject, 'an object'),
  hooks: functions,
  limits: z.looseObject({ rates: z.looseObject({}) }, expecting('an object with rates')),
  check: lookup,
  origins: z.array(custom(isOrigin, 'a whole address'), expecting('an array of addresses')),
  probes: z.optional(z.array(z.looseObject({ about: sentence, lookup, todo: sentence }))),
  cardLookups: z.optional(z.array(lookup)),
  account: z.optional(z.string()),
  transport: z.optional(call),
})

/** Checks what the functions of a definition made of a configuration. Throws `ADAPTER` naming the field of the service. */
export const checkResults = (service: string, made: unknown): void => {
  checkBy(RESULTS, made, [service], 'ADAPTER')
}
