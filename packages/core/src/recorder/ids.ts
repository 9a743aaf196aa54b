import type { AnyAdapter } from '../adapter/contract.ts'
import { describe, invalidInput } from '../session/message.ts'
import { isObject } from '../session/options.ts'
import { unknownName } from '../session/words.ts'
import type { RecorderContext } from './context.ts'

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Checks the id of a session; names `session.id` when a session object was passed. */
export const idOf = (id: unknown): string => {
  if (isText(id)) return id
  throw invalidInput({
    field: 'sessionId',
    problem: 'invalid type',
    expected: 'a session id',
    got: describe(id),
    ...(isObject(id) && isText(id.id) ? { todo: 'Pass session.id.' } : {}),
  })
}

/** Gives keys as an array, whether one was given or several. */
export const keysOf = (keys: string | readonly string[], where: string): readonly string[] => {
  const list = typeof keys === 'string' ? [keys] : keys
  if (Array.isArray(list) && list.every(isText)) return list
  const [first] = (Array.isArray(list) ? list : [list]) as readonly unknown[]
  throw invalidInput({
    field: `${where}.keys`,
    problem: 'invalid keys',
    expected: 'a key or an array of keys',
    got: describe(keys),
    ...(isObject(first) && isText(first.key) ? { todo: 'Pass preview.map(each => each.key).' } : {}),
  })
}

/** The adapter of a name. Throws `INVALID_INPUT` naming those there are. */
export const adapterOf = (
  { adapters }: Pick<RecorderContext, 'adapters'>,
  name: string,
  where: string,
): AnyAdapter => {
  const found = adapters.get(name)
  if (found !== undefined) return found
  throw invalidInput({ field: `${where}.adapter`, ...unknownName('adapter', String(name), adapters.keys()) })
}
