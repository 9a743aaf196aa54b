import { TrackerError } from '../session/errors.ts'
import { instead } from '../session/words.ts'

/** What a value must be, and what to say when it is not. */
export type Rule = readonly [holds: (value: unknown) => boolean, problem: string]

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value)

/** Rules that several calls share. */
export const RULES = {
  text: [isText, 'give a text'],
  flag: [value => typeof value === 'boolean', 'give true or false'],
  call: [value => typeof value === 'function', 'give a function'],
  object: [isObject, 'give an object'],
  duration: [value => isNumber(value) && Number(value) >= 0, 'give a number of milliseconds from 0'],
  count: [value => Number.isInteger(value) && Number(value) >= 1, 'give a whole number from 1'],
} as const satisfies Readonly<Record<string, Rule>>

/** A wrong value of a call's input: what was called, the field, what to do. */
export const wrongInput = (field: string, problem: string): TrackerError =>
  new TrackerError('INVALID_INPUT', `${field}: ${problem}.`, { field })

/**
 * The options of a call, held to a rule for each name; what is `undefined` is left out. Throws `INVALID_INPUT` naming the
 * option, those there are, and the one that was meant where it is obvious.
 */
export const asked = <T extends object>(
  where: string,
  given: T | undefined,
  rules: Readonly<Record<string, Rule>>,
): Partial<T> => {
  if (given === undefined || given === null) return {}
  if (!isObject(given)) throw wrongInput(where, 'give its options as an object')
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined)
      throw wrongInput(`${where}.${name}`, `it is not known: ${instead(name, Object.keys(rules))}`)
    if (value !== undefined && !rule[0](value)) throw wrongInput(`${where}.${name}`, rule[1])
  }
  return given
}

/** The id of a session; who hands in the session itself is told. */
export const idOf = (id: unknown): string => {
  if (typeof id === 'string' && id !== '') return id
  throw wrongInput(
    'sessionId',
    `give ${isObject(id) && isText(id.id) ? 'session.id' : 'the id of a session'}`,
  )
}

/** Keys as a list, whether one was given or several. */
export const keysOf = (keys: string | readonly string[], where: string): readonly string[] => {
  const list = typeof keys === 'string' ? [keys] : keys
  if (Array.isArray(list) && list.every(isText)) return list
  const [first] = (Array.isArray(list) ? list : [list]) as readonly unknown[]
  const like = isObject(first) && isText(first.key) ? ', as in preview.map(each => each.key)' : ''
  throw wrongInput(`${where}.keys`, `give a key or a list of keys${like}`)
}

/** One of these words. */
export const oneOf = (words: readonly string[]): Rule => [
  value => words.includes(value as string),
  `give one of ${words.join(', ')}`,
]
