import type * as z from 'zod'
import { TrackerError } from '../session/errors.ts'
import { faultOf, words } from '../session/words.ts'

/**
 * Checks the options of an adapter by a schema, for the factory to call first. Throws `CONFIG` with the field and what to
 * give, in front of it `name`, as in `board.list: is missing: give a text`; a field that is not known is answered with
 * those there are. What a schema says in words of its own stays.
 */
export const checkedOptions = <S extends z.ZodType>(name: string, schema: S, raw: unknown): z.output<S> => {
  const parsed = schema.safeParse(raw, words)
  if (parsed.success) return parsed.data
  const [path, problem] = faultOf(parsed.error)
  const field = path.join('.')
  throw new TrackerError('CONFIG', `${[name, ...path].join('.')}: ${problem}`, { field })
}
