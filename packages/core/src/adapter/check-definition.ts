import { describe, failure } from '../session/message.ts'
import { unknownName } from '../session/words.ts'
import type { Definition } from './definition.ts'

type Fields = Readonly<Record<string, unknown>>
type Kind = 'a string' | 'an object' | 'a function' | 'an object or a function' | 'anything'

const REQUIRED = {
  service: 'a string',
  options: 'an object',
  secrets: 'an object',
  actions: 'an object',
  hooks: 'an object or a function',
  outcome: 'a function',
  limits: 'an object or a function',
  check: 'a function',
  origins: 'a function',
} as const satisfies Readonly<Record<string, Kind>>

// biome-ignore lint/suspicious/noExplicitAny: the names of fields are the same for every definition
type Name = keyof Definition<any, any, any, any, any, any, any>

/** Total over the fields of a definition, so that a new one must be thought of here. */
const KINDS: Readonly<Record<Name, Kind>> = {
  ...REQUIRED,
  ways: 'an object',
  defaultWay: 'a function',
  mode: 'a string',
  env: 'an object',
  switches: 'an object',
  oneOf: 'an object',
  configure: 'a function',
  conflicts: 'an object or a function',
  isOwn: 'a function',
  probes: 'a function',
  cardLookups: 'a function',
  account: 'anything',
  refs: 'an object',
  removals: 'an object',
  link: 'a function',
  plaintext: 'an object',
  transport: 'a function',
  signers: 'an object',
  renderers: 'an object',
  describe: 'an object',
}

const isKind = (value: unknown, kind: Kind): boolean => {
  if (kind === 'anything') return true
  if (kind === 'a string') return typeof value === 'string' && value !== ''
  const isFunction = typeof value === 'function' && kind !== 'an object'
  return isFunction || (typeof value === 'object' && value !== null && kind !== 'a function')
}

/**
 * Checks the shape of a definition. A misspelt name is a type error of many lines, and JavaScript has none: this names the
 * field. Throws `ADAPTER`.
 */
export const checkDefinition = (given: unknown): void => {
  if (typeof given !== 'object' || given === null)
    throw failure('ADAPTER', {
      field: 'defineAdapter',
      problem: 'invalid definition',
      expected: 'an object',
      got: describe(given),
    })
  const definition = given as Fields
  const unknown = Object.keys(definition).find(name => !Object.hasOwn(KINDS, name))
  if (unknown !== undefined)
    throw failure('ADAPTER', {
      field: `defineAdapter.${unknown}`,
      ...unknownName('field', unknown, Object.keys(KINDS)),
    })
  for (const [name, expected] of Object.entries(KINDS)) {
    const value = definition[name]
    if (value === undefined && !Object.hasOwn(REQUIRED, name)) continue
    if (isKind(value, expected)) continue
    const problem = value === undefined ? 'missing' : 'invalid value'
    const got = value === undefined ? {} : { got: describe(value) }
    throw failure('ADAPTER', { field: `defineAdapter.${name}`, problem, expected, ...got })
  }
  for (const [name, made] of Object.entries(definition.actions as Fields)) {
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
