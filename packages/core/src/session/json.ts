import { toError } from './errors.ts'
import { describe, type Problem } from './message.ts'
import type { Json } from './schema.ts'
import { clean } from './text.ts'

/** How deep JSON may be nested. */
const DEPTH = 32
/** How many values JSON may have, those in arrays and shared ones counted each time they occur. */
const NODES = 100_000
/** How many characters its keys and strings may have together. */
const CHARACTERS = 4_194_304

/** A checked copy of a JSON value, or where it is not one. */
export type Checked =
  | Readonly<{ ok: true; value: Json }>
  | Readonly<{ ok: false; path: Path; problem: Omit<Problem, 'field'> }>

type Path = readonly (string | number)[]
type Left = { nodes: number; characters: number }

class Unfit extends Error {
  readonly path: Path
  readonly problem: Omit<Problem, 'field'>
  constructor(path: Path, problem: Omit<Problem, 'field'>) {
    super(problem.problem)
    this.path = path
    this.problem = problem
  }
}

const kindOf = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return describe(value)
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name !== 'Object' && name !== '' ? `an instance of ${name}` : 'an object'
}

const notJson = (path: Path, value: unknown): Unfit =>
  new Unfit(path, { problem: 'not JSON', expected: 'plain data', got: kindOf(value) })

const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

/** Counted before it is copied, so that the work is bounded and not only its result. */
const count = (left: Left, path: Path, characters: number): void => {
  left.nodes--
  left.characters -= characters
  if (left.nodes < 0) throw new Unfit(path, { problem: 'too large', expected: `at most ${NODES} values` })
  if (left.characters < 0)
    throw new Unfit(path, { problem: 'too large', expected: `at most ${CHARACTERS} characters` })
}

const copy = (value: unknown, path: Path, left: Left): Json => {
  count(left, path, typeof value === 'string' ? value.length : 0)
  if (typeof value === 'string') return clean(value)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    throw new Unfit(path, { problem: 'not JSON', expected: 'a finite number or null', got: describe(value) })
  }
  if (typeof value !== 'object') throw notJson(path, value)
  if (path.length >= DEPTH)
    throw new Unfit(path, { problem: 'nested too deep or in a circle', expected: `at most ${DEPTH} levels` })
  if (Array.isArray(value)) {
    const items: Json[] = []
    for (let place = 0; place < value.length; place++) items.push(copy(value[place], [...path, place], left))
    return items
  }
  if (!isPlain(value)) throw notJson(path, value)
  // `fromEntries` makes own properties, whatever their names.
  const entries: [string, Json][] = []
  for (const key of Object.keys(value)) {
    const inner = (value as Readonly<Record<string, unknown>>)[key]
    if (key.startsWith('$'))
      throw new Unfit([...path, key], {
        problem: 'reserved name',
        expected: 'a name that does not begin with "$"',
      })
    if (inner === undefined) continue
    left.characters -= key.length
    entries.push([clean(key), copy(inner, [...path, key], left)])
  }
  return Object.fromEntries(entries)
}

/**
 * A clean copy of JSON from outside: fields that are `undefined` are left out. Refused are functions, dates, circles,
 * numbers that are not finite, keys beginning with `$` (which would read as placeholders of a call), and what exceeds the
 * bounds of depth, values and characters, and objects with a getter or a proxy that throws.
 */
export const checkJson = (value: unknown): Checked => {
  try {
    return { ok: true, value: copy(value, [], { nodes: NODES, characters: CHARACTERS }) }
  } catch (thrown) {
    if (thrown instanceof Unfit) return { ok: false, path: thrown.path, problem: thrown.problem }
    return { ok: false, path: [], problem: { problem: `cannot be read (${toError(thrown).message})` } }
  }
}
