import type { AnyAdapter } from '../adapter/contract.ts'
import { describe, invalidInput } from '../session/message.ts'
import { isObject } from '../session/options.ts'
import { unknownName } from '../session/words.ts'
import type { RecorderContext } from './context.ts'
import type { Logger } from './emitter.ts'

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

const EXAMPLES = {
  update: '{ progress: 35 }',
  decide: '{ rationale: "why" }',
  block: '{ severity: "high" }',
  message: '{ turnId: "7" }',
  resolve: '{ key: "k1" }',
  resume: '{ key: "k1" }',
} as const

/** Merges caller options with our own fields; ours win, but unknown keys stay visible to validation. */
export const mergeInput = (
  hook: keyof typeof EXAMPLES,
  options: unknown,
  own: Readonly<Record<string, unknown>>,
) => {
  if (options !== undefined && options !== null && (typeof options !== 'object' || Array.isArray(options)))
    throw invalidInput({
      field: hook,
      problem: 'invalid options',
      expected: `an object such as ${EXAMPLES[hook]}`,
      got: describe(options),
    })
  return { ...own, ...(options as object | undefined), ...own }
}

/**
 * Makes what passes input through, and tells a logger once of a progress between 0 and 1: it may be meant, and more
 * likely is a share of one.
 */
export const createPercentHint = (logger: Logger | undefined) => {
  let isReported = logger === undefined
  return (where: string, raw: unknown): unknown => {
    const progress = (raw as Readonly<{ progress?: unknown }> | null | undefined)?.progress
    if (isReported || typeof progress !== 'number' || !(progress > 0 && progress < 1)) return raw
    isReported = true
    const meant = Number((progress * 100).toPrecision(3))
    logger?.warn(`${where}.progress: ${progress} means ${progress} %; for ${meant} % give ${meant}`)
    return raw
  }
}
