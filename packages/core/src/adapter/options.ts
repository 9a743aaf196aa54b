import type * as z from 'zod'
import { TrackerError } from '../session/errors.ts'
import { faultOf, words } from '../session/words.ts'

/** Defaults of the names of secrets, by the option that gives another one. */
export type SecretOptions = Readonly<Record<string, string | readonly string[]>>

const CREDENTIAL = /token|key|password|secret|credential/i

/** What to do instead of giving a credential where options are: those are kept and shown. */
const notHere = (path: readonly unknown[], problem: string, secrets: SecretOptions): string => {
  const isOption = path.length !== 1 || !problem.startsWith('it is not known')
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

/**
 * Checks the options of an adapter by a schema, for the factory to call first. Throws `CONFIG` with the field and what to
 * give, in front of it `name`, as in `board.list: is missing: give a text`; a field that is not known is answered with
 * those there are, and one that looks like a credential with where it belongs, when `secrets` says. What a schema says in
 * words of its own stays.
 */
export const checkedOptions = <S extends z.ZodType>(
  name: string,
  schema: S,
  raw: unknown,
  secrets: SecretOptions = {},
): z.output<S> => {
  const parsed = schema.safeParse(raw, words)
  if (parsed.success) return parsed.data
  const [path, problem] = faultOf(parsed.error)
  const field = path.join('.')
  throw new TrackerError('CONFIG', `${[name, ...path].join('.')}: ${notHere(path, problem, secrets)}`, {
    field,
  })
}
