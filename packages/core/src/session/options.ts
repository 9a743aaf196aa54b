import * as z from 'zod/mini'
import { readInput } from './at-once.ts'
import type { ErrorCode, TrackerError } from './errors.ts'
import { describe, failure, type Problem } from './message.ts'
import { expecting, type Fault, faultsOf, type Path, words } from './words.ts'

/** Longest time that an option may give, ms: some 100 years. Dates computed from it stay valid. */
const LONGEST_MS = 3_153_600_000_000

/** Largest whole number of an option without a bound of its own. */
const MOST = 1_000_000_000

/** True for an object that is not an array. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** A value that no schema of JSON describes: a function, a store, a signal. */
export const custom = <T>(isValid: (value: unknown) => boolean, expected: string) =>
  z.custom<T>(isValid, {
    error: ({ input }) =>
      input === undefined
        ? `missing; expected ${expected}`
        : `invalid value; expected ${expected}, got ${describe(input)}`,
  })

const TEXT = expecting('one line of 1 to 256 characters that is not blank')
/** One line of 1 to 256 characters that is not blank: a name, which files, addresses and lines of a log repeat. */
export const text = z
  .string(TEXT)
  .check(z.regex(/\S/, TEXT), z.regex(/^[^\p{Cc}]*$/u, TEXT), z.maxLength(256, TEXT))
/** A string that is not empty. */
export const filled = z
  .string(expecting('a string that is not empty'))
  .check(z.minLength(1, expecting('a string that is not empty')))
/** True or false. */
export const flag = z.boolean(expecting('true or false'))
/** A function of the caller. */
export const call = custom<(...given: never[]) => unknown>(value => typeof value === 'function', 'a function')

const limitNumber = (isWhole: boolean, expected: string, least: number, most: number) =>
  z
    .number({
      // zod takes Infinity for no number at all.
      error: ({ input }) =>
        input === undefined
          ? `missing; expected ${expected}`
          : `${typeof input === 'number' ? 'out of range' : 'invalid type'}; expected ${expected}, got ${describe(input)}`,
    })
    .check(
      z.gte(least, expecting(expected)),
      z.lte(most, expecting(expected)),
      z.refine(value => !isWhole || Number.isInteger(value), {
        error: ({ input }) => `invalid value; expected ${expected}, got ${describe(input)}`,
      }),
    )

/** A time in ms, whole or not. */
export const duration = (least = 0, most = LONGEST_MS) =>
  limitNumber(
    false,
    `a number of milliseconds from ${least} to ${most}${most === LONGEST_MS ? ' (100 years)' : ''}`,
    least,
    most,
  )

/** A whole number. */
export const count = (least = 0, most = MOST) =>
  limitNumber(true, `a whole number from ${least}${most === MOST ? '' : ` to ${most}`}`, least, most)

/** A time to wait in ms, also `Infinity`: as long as it takes. */
export const patience = custom<number>(
  value => typeof value === 'number' && value >= 0,
  'a number of milliseconds from 0, or Infinity',
)

/** A strict schema of options that may all be left out. */
export const optional = <S extends z.core.$ZodShape>(shape: S) =>
  z.strictObject(
    Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, z.optional(schema)])) as {
      [K in keyof S]: z.ZodMiniOptional<S[K]>
    },
    expecting('an object of options'),
  )

/** Joins a path as code would: `adapters[1].teamId`. */
export const fieldOf = (path: Path): string =>
  path.reduce<string>(
    (field, step) =>
      typeof step === 'number' ? `${field}[${step}]` : field === '' ? step : `${field}.${step}`,
    '',
  )

/** Checks a value by a schema; throws the error of the first problem, which names the field below `where`. */
export const checkBy = <S extends z.core.$ZodType>(
  schema: S,
  value: unknown,
  where: Path,
  code: ErrorCode = 'INVALID_INPUT',
): z.output<S> => {
  const parsed = readInput(fieldOf(where), () => z.safeParse(schema, value, words))
  if (parsed.success) return parsed.data
  const [first, ...others] = faultsOf(parsed.error)
  const problemOf = ([path, problem]: Fault): Problem => ({ field: fieldOf([...where, ...path]), problem })
  throw failure(code, problemOf(first), ...others.map(problemOf))
}

/** Names of fields whose values may be credentials. */
export const CREDENTIAL = /token|key|password|secret|credential/i

/** Finds the value at a path. */
const valueAt = (value: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inner, step) =>
      inner !== null && typeof inner === 'object' && Object.hasOwn(inner, step)
        ? (inner as Readonly<Record<string, unknown>>)[step]
        : undefined,
    value,
  )

/**
 * The error of a value that a schema refused: for each fault `name` and the path of the field, the problem and what is
 * expected. A message of a schema that begins with `expected ` is completed with what was given, unless that may be a
 * credential.
 */
export const refuse = (
  code: 'CONFIG' | 'INVALID_INPUT',
  name: string,
  raw: unknown,
  [first, ...others]: readonly [Fault, ...Fault[]],
): TrackerError => {
  const problemOf = ([path, said]: Fault): Problem => {
    const own = /^expected (.*)$/s.exec(said)?.[1]
    const field = [name, ...path].join('.')
    if (own === undefined) return { field, problem: said }
    const value = valueAt(raw, path)
    if (value === undefined) return { field, problem: 'missing', expected: own }
    const isPrivate = path.some(step => CREDENTIAL.test(String(step)))
    return {
      ...{ field, problem: 'invalid value', expected: own },
      ...(isPrivate ? {} : { got: describe(value) }),
    }
  }
  return failure(code, problemOf(first), ...others.map(problemOf))
}

/** The options of a call, as they were given; throws `INVALID_INPUT` naming one that is wrong or unknown. */
export const optionsOf = <T extends object>(
  where: string,
  given: T | undefined,
  schema: z.core.$ZodType,
): Partial<T> => {
  if (given === undefined || given === null) return {}
  // Read once, as a getter may give something else the next time.
  const own = readInput(where, () => (isObject(given) ? ({ ...given } as T) : given))
  checkBy(schema, own, [where])
  return own
}
