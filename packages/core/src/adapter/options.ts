import * as z from 'zod/mini'
import type { TrackerError } from '../session/errors.ts'
import { describe, failure } from '../session/message.ts'
import { faultOf, words } from '../session/words.ts'

const CREDENTIAL = /token|key|password|secret|credential/i

/** Adds to the problem of a credential among the options, which are stored and shown, where credentials belong. */
const addAdvice = (path: readonly unknown[], problem: string, secrets: readonly string[]): string => {
  const isOption = path.length !== 1 || !problem.startsWith('unknown option')
  if (isOption || problem.includes('did you mean') || !CREDENTIAL.test(String(path[0]))) return problem
  if (secrets.length === 0) return problem
  return `unknown option; credentials are read from the environment: set ${secrets.join(' or ')}`
}

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
 * The error of a value that a schema refused: `name` and the path of the field, the problem and what is expected. A message
 * of a schema that begins with `expected ` is completed with what was given, unless that may be a credential.
 */
export const refuse = (
  code: 'CONFIG' | 'INVALID_INPUT',
  name: string,
  raw: unknown,
  [path, said]: ReturnType<typeof faultOf>,
): TrackerError => {
  const own = /^expected (.*)$/s.exec(said)?.[1]
  const value = valueAt(raw, path)
  const isPrivate = path.some(step => CREDENTIAL.test(String(step)))
  const problem = {
    field: [name, ...path].join('.'),
    ...(own === undefined
      ? { problem: said }
      : {
          problem: value === undefined ? 'missing' : 'invalid value',
          expected: own,
          ...(isPrivate || value === undefined ? {} : { got: describe(value) }),
        }),
  }
  return failure(code, problem)
}

/**
 * Checks the options of an adapter by a schema. Throws `CONFIG` with the path of the option below `name`; an unknown
 * option that looks like a credential is answered with the place where it belongs.
 */
export const parseOptions = <S extends z.core.$ZodType>(
  name: string,
  schema: S,
  raw: unknown,
  secrets: readonly string[] = [],
): z.output<S> => {
  const parsed = z.safeParse(schema, raw, words)
  if (parsed.success) return parsed.data
  const [path, problem] = faultOf(parsed.error)
  throw refuse('CONFIG', name, raw, [path, addAdvice(path, problem, secrets)])
}
