import { usage } from './failure.ts'

type Schema = Readonly<{
  safeParse?: (value: unknown) => Readonly<{ success: boolean }>
  shape?: Readonly<Record<string, Schema>>
}>

/** The readings of a text, the plainest first: itself, a list at its commas, JSON. */
const readingsOf = (text: string): readonly unknown[] => {
  try {
    return [text, JSON.parse(text), text.split(',')]
  } catch {
    return [text, text.split(',')]
  }
}

/** A text as the value that the schema of its field accepts; the text itself where none fits. */
const readValue = (schema: Schema | undefined, text: string): unknown => {
  const fits = schema?.safeParse
  return fits === undefined ? text : (readingsOf(text).find(each => fits(each).success) ?? text)
}

/** The schema of an action's input; `undefined` where the adapter has no such action. */
export const schemaOf = (
  adapters: readonly Readonly<{ name: string; actions?: unknown }>[],
  adapter: string,
  action: string,
): unknown => {
  const actions = adapters.find(({ name }) => name === adapter)?.actions
  return (actions as Readonly<Record<string, Readonly<{ input?: unknown }>>> | undefined)?.[action]?.input
}

/** Input of an action from `key=value` words, after a JSON object where there is one. */
export const parseInput = (
  words: readonly string[],
  json: string | undefined,
  input: unknown,
): Readonly<Record<string, unknown>> => {
  let base: unknown = {}
  try {
    base = json === undefined ? {} : JSON.parse(json)
  } catch {
    throw usage('--input: not valid JSON.')
  }
  if (typeof base !== 'object' || base === null || Array.isArray(base))
    throw usage('--input: expected a JSON object.')
  const { shape = {} } = (input ?? {}) as Schema
  const values = words.map(word => {
    const at = word.indexOf('=')
    if (at < 1) throw usage(`input: expected key=value, got ${JSON.stringify(word.slice(0, 80))}.`)
    const key = word.slice(0, at)
    return [key, readValue(Object.hasOwn(shape, key) ? shape[key] : undefined, word.slice(at + 1))] as const
  })
  return { ...base, ...Object.fromEntries(values) }
}
