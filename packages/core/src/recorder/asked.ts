import { TrackerError } from '../session/errors.ts'
import { invalidInput, type Problem } from '../session/message.ts'
import type { Inputs } from '../session/schema.ts'
import { instead, meant, unknownName } from '../session/words.ts'
import type { Adapters } from './calls.ts'
import type { Parts } from './parts.ts'

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

const refProblem = (
  adapter: string,
  names: Readonly<Record<string, string>>,
  adapters: Adapters,
): (Problem & { field: string }) | undefined => {
  const found = adapters.get(adapter)
  if (found === undefined)
    return meant(adapter, adapters.keys()) === undefined
      ? undefined
      : { field: `start.refs.${adapter}`, ...unknownName('adapter', adapter, adapters.keys()) }
  const wrong = Object.keys(names).find(name => found.refs?.includes(name) === false)
  return wrong === undefined
    ? undefined
    : { field: `start.refs.${adapter}.${wrong}`, ...unknownName('ref', wrong, found.refs ?? []) }
}

/**
 * Refuses names in `refs` that no adapter would ever read: one that its adapter does not take, or a misspelt adapter;
 * and values that the adapter itself refuses. Another adapter may be set up elsewhere, or later, and a parent may be kept
 * elsewhere: that is reported once for each, as `error`.
 */
export const startChecked = ({
  adapters,
  emitter,
  cache,
  store,
}: Pick<Parts, 'adapters' | 'emitter' | 'cache' | 'store'>) => {
  const reported = new Set<string>()
  const report = (about: string, problem: Problem): void => {
    if (reported.has(about)) return
    reported.add(about)
    emitter.emit('error', { error: invalidInput(problem), where: 'start' })
  }
  return async ({ refs, parentId }: Pick<Inputs['start'], 'refs' | 'parentId'>): Promise<void> => {
    for (const [adapter, names] of Object.entries(refs)) {
      const problem = refProblem(adapter, names, adapters)
      if (problem !== undefined) throw invalidInput(problem)
      const found = adapters.get(adapter)
      if (found !== undefined) (await import('./handed.ts')).checkHanded(found, refs)
      // A tracker without any adapter only records; another process delivers.
      else if (adapters.size > 0)
        report(adapter, {
          field: `start.refs.${adapter}`,
          problem: `no adapter "${adapter}" here (adapters: ${[...adapters.keys()].join(', ')})`,
          todo: 'The ref is stored; run backfill in a tracker that has the adapter.',
        })
    }
    if (parentId === undefined || cache.get(parentId) !== undefined) return
    if ((await store.load(parentId)) === undefined)
      report(`parent ${parentId}`, {
        field: 'start.parentId',
        problem: `no session "${parentId}" in ${store.where}`,
        todo: 'It is stored as given.',
      })
  }
}
