import type * as z from 'zod/mini'
import { readInput } from './at-once.ts'
import { describe, failure, invalidInput } from './message.ts'
import { isObject } from './options.ts'
import { type Called, type HookPayloads, INPUTS, type Inputs, PAYLOADS, type RecordedHook } from './schema.ts'
import { jsonBytes } from './text.ts'
import { type Fault, faultsOf, words } from './words.ts'

/** Largest event, in bytes of its payload as JSON. */
export const EVENT_BYTES = 262_144
/** Longest array of a recording call's input, in items. */
const ITEMS = 10_000
/** Most refs of a session, adapters and names together. */
const REFS = 1_000

/** Names of the recording calls, as they stand in errors. */
const CALLS: Record<Called, string> = {
  start: 'start',
  update: 'update',
  message: 'message',
  decision: 'decide',
  entity: 'entity',
  blocker: 'block',
  resolve: 'resolve',
  close: 'close',
  resume: 'resume',
  export: 'export',
}

/** Whether refs have more names than any session needs; counting ends there. */
const isCrowded = (refs: object): boolean => {
  let count = 0
  for (const adapter in refs) {
    if (++count > REFS) return true
    const names = (refs as Readonly<Record<string, unknown>>)[adapter]
    if (typeof names === 'object') for (const _ in names) if (++count > REFS) return true
  }
  return false
}

/** Looked at before the schema, which would go through all of the items first. */
const checkLengths = (name: string, raw: unknown): void => {
  for (const key in raw as object) {
    const value = (raw as Readonly<Record<string, unknown>>)[key]
    if (key === 'refs' && typeof value === 'object' && value !== null && isCrowded(value))
      throw invalidInput({
        field: `${name}.${key}`,
        problem: 'too large',
        expected: `at most ${REFS} adapters and names`,
      })
    if (Array.isArray(value) && value.length > ITEMS)
      throw invalidInput({
        field: `${name}.${key}`,
        problem: 'too large',
        expected: `at most ${ITEMS} items`,
        got: String(value.length),
      })
  }
}

/** Checks by a strict schema; throws `INVALID_INPUT` naming the field with `name` in front. */
const parse = <T>(name: string, schema: z.ZodMiniType, raw: unknown): T => {
  const result = readInput(name, () => {
    if (raw !== null && typeof raw === 'object') checkLengths(name, raw)
    return schema.safeParse(raw, words)
  })
  if (result.success) {
    const value = result.data as Record<string, unknown>
    for (const key in value) if (value[key] === undefined) delete value[key]
    return value as T
  }
  const [first, ...others] = faultsOf(result.error)
  const problemOf = ([path, problem]: Fault) => ({ field: [name, ...path].join('.'), problem })
  throw failure('INVALID_INPUT', problemOf(first), ...others.map(problemOf))
}

const tooLarge = (name: string, payload: Readonly<Record<string, unknown>>, bytes: number) => {
  const sizes = Object.entries(payload).map(([key, value]) => [key, jsonBytes(value, 0)] as const)
  const [largest = ''] = sizes.sort((a, b) => b[1] - a[1])[0] ?? []
  return invalidInput({
    field: `${name}.${largest}`,
    problem: 'too large',
    expected: `an event of at most ${EVENT_BYTES / 1024} KiB`,
    got: `${Math.ceil(bytes / 1024)} KiB`,
  })
}

const checkSize = <T>(name: string, value: T): T => {
  const bytes = jsonBytes(value, EVENT_BYTES)
  if (bytes > EVENT_BYTES) throw tooLarge(name, value as Readonly<Record<string, unknown>>, bytes)
  return value
}

/** Checks the input of a recording call. Throws `INVALID_INPUT` naming the field, as in `update.progress`. */
export const checkInput = <H extends Called>(hook: H, raw: unknown): Inputs[H] =>
  checkSize(CALLS[hook], parse<Inputs[H]>(CALLS[hook], INPUTS[hook], raw))

/** Checks an event's whole payload again, after a filter had it. Throws `INVALID_INPUT` naming the filter and field. */
export const checkPayload = <H extends RecordedHook>(hook: H, payload: unknown): HookPayloads[H] =>
  checkSize(`filter.${hook}`, parse<HookPayloads[H]>(`filter.${hook}`, PAYLOADS[hook], payload))

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Checks the id of a session; names `session.id` when a session object was passed. */
export const idOf = (id: unknown): string => {
  if (isText(id)) return id
  throw readInput('sessionId', () =>
    invalidInput({
      field: 'sessionId',
      problem: 'invalid type',
      expected: 'a session id',
      got: describe(id),
      ...(isObject(id) && isText(id.id) ? { todo: 'Pass session.id.' } : {}),
    }),
  )
}

/** Gives keys as an array, whether one was given or several. */
export const keysOf = (keys: string | readonly string[], where: string): readonly string[] =>
  readInput(`${where}.keys`, () => {
    const list: unknown = typeof keys === 'string' ? [keys] : Array.isArray(keys) ? [...keys] : keys
    if (Array.isArray(list) && list.every(isText)) return list
    const [first] = (Array.isArray(list) ? list : [list]) as readonly unknown[]
    throw invalidInput({
      field: `${where}.keys`,
      problem: 'invalid keys',
      expected: 'a key or an array of keys',
      got: describe(keys),
      ...(isObject(first) && isText(first.key) ? { todo: 'Pass preview.map(each => each.key).' } : {}),
    })
  })

/** Checks a name that a caller gives as an argument of its own. */
export const nameOf = (field: string, name: unknown): string => {
  if (typeof name === 'string') return name
  throw invalidInput({ field, problem: 'invalid type', expected: 'a string', got: describe(name) })
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

/** The `key` of a caller's input before it is checked; `undefined` where there is none, or reading it throws. */
export const readKey = (input: unknown): string | undefined => {
  try {
    const { key } = (input ?? {}) as Readonly<{ key?: unknown }>
    return typeof key === 'string' ? key : undefined
  } catch {
    return undefined
  }
}
