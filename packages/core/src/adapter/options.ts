import * as z from 'zod/mini'
import { TrackerError } from '../session/errors.ts'
import { describe, message } from '../session/message.ts'
import { faultOf, words } from '../session/words.ts'

/** Defaults of the names of secrets, by the option that gives another one. */
export type SecretOptions = Readonly<Record<string, string | readonly string[]>>

const CREDENTIAL = /token|key|password|secret|credential/i

/** Replaces the problem of a credential among the options, which are stored and shown, by where it belongs. */
const notHere = (path: readonly unknown[], problem: string, secrets: SecretOptions): string => {
  const isOption = path.length !== 1 || !problem.startsWith('unknown option')
  if (isOption || problem.includes('did you mean') || !CREDENTIAL.test(String(path[0]))) return problem
  const names = [...new Set(Object.values(secrets).flat())]
  const options = Object.keys(secrets).map(each => `\`${each}\``)
  if (names.length === 0) return problem
  const set =
    names.length === 1
      ? `set ${names[0]} in the environment; ${options[0]} is its name`
      : `set what it needs of ${names.join(', ')} in the environment; other names are given as ${options.join(', ')}`
  return `credentials are no options: ${set}`
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
  return new TrackerError(code, message(problem), { field: path.join('.') })
}

/**
 * Checks the options of an adapter by a schema. Throws `CONFIG` with the path of the option below `name`; an unknown
 * option that looks like a credential is answered with the place where it belongs.
 */
export const checkedOptions = <S extends z.core.$ZodType>(
  name: string,
  schema: S,
  raw: unknown,
  secrets: SecretOptions = {},
): z.output<S> => {
  const parsed = z.safeParse(schema, raw, words)
  if (parsed.success) return parsed.data
  const [path, problem] = faultOf(parsed.error)
  throw refuse('CONFIG', name, raw, [path, notHere(path, problem, secrets)])
}
