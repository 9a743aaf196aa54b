import * as z from 'zod/mini'
import { CREDENTIAL, refuse } from '../session/options.ts'
import { type Fault, faultsOf, words } from '../session/words.ts'

/** Adds to the problem of a credential among the options, which are stored and shown, where credentials belong. */
const addAdvice = (path: readonly unknown[], problem: string, secrets: readonly string[]): string => {
  const isOption = path.length !== 1 || !problem.startsWith('unknown option')
  if (isOption || problem.includes('did you mean') || !CREDENTIAL.test(String(path[0]))) return problem
  if (secrets.length === 0) return problem
  return `unknown option; credentials are read from the environment: set ${secrets.join(' or ')}`
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
  const [first, ...others] = faultsOf(parsed.error)
  const advise = ([path, problem]: Fault): Fault => [path, addAdvice(path, problem, secrets)]
  throw refuse('CONFIG', name, raw, [advise(first), ...others.map(advise)])
}
