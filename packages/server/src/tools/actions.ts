import type { AnyAdapter } from '@sessionwire/core/adapter'
import type * as z from 'zod'
import type { Result } from '../operations/operation.ts'
import { performAction, performRead } from '../operations/perform.ts'
import { type Hints, type JsonSchema, type Tool, toJson } from './tool.ts'

/** How names of tools are written: `taiga_stories_list`, or `taiga.stories.list` as some clients expect them. */
export type ToolNames = 'snake' | 'dotted'

/** Verbs that stand behind the plural of what they work on. */
const VERBS: ReadonlySet<string> = new Set(['list', 'get', 'find', 'create', 'update', 'edit', 'delete'])
/** Longest answer of a service that is given to a model, in characters of JSON. */
const MOST = 60_000

const plural = (noun: string): string =>
  /(s|x|ch|sh)$/.test(noun)
    ? noun.endsWith('ses')
      ? noun
      : `${noun}es`
    : noun.replace(/y$/, 'ie').concat('s')

const isPlural = (noun: string): boolean => /[^s]s$/.test(noun) && !/(us|is)$/.test(noun)

/** The words of an action's name: the thing and what is done with it, as in `stories`, `list`. */
export const wordsOf = (action: string): readonly string[] => {
  const [verb = '', ...rest] = action.replace(/[A-Z]+/g, letters => `_${letters.toLowerCase()}`).split('_')
  const noun = rest.join('_')
  if (noun === '' || !VERBS.has(verb)) return [[verb, ...rest].join('_')]
  return [isPlural(noun) ? noun : plural(noun), verb]
}

/** The name of an action's tool. */
const toolName = (adapter: string, action: string, names: ToolNames): string =>
  [adapter, ...wordsOf(action)].join(names === 'dotted' ? '.' : '_').replace(/[^A-Za-z0-9_.-]/g, '_')

const CALL: Readonly<Record<string, JsonSchema>> = {
  key: { type: 'string', description: 'Any id of yours: a repeated call with it is sent once.' },
  sessionId: {
    type: 'string',
    description: 'Joins the requests of this session; "current" for the current one.',
  },
}

/** The schema of an action with the fields that every call has, but for those that the action itself has. */
const withCall = (schema: JsonSchema): JsonSchema => {
  const { properties = {} } = schema as Readonly<{ properties?: Readonly<Record<string, unknown>> }>
  return { ...schema, properties: { ...properties, ...Object.fromEntries(callFields(properties)) } }
}

const callFields = (own: object) => Object.entries(CALL).filter(([name]) => !Object.hasOwn(own, name))

/** The answer of a read as an object that is not too long for a model. */
const limitAnswer = (answer: unknown): Result => {
  if (!Array.isArray(answer)) return (answer ?? {}) as Result
  let left = MOST
  const items = answer.filter(item => {
    left -= JSON.stringify(item).length
    return left > 0
  })
  return items.length === answer.length
    ? { items }
    : { items, left: answer.length - items.length, note: 'The answer was cut: ask for less, or for a page.' }
}

const sayAnswer = (result: Result): string => {
  const text = JSON.stringify(result)
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text
}

const sayPerformed = (what: string) => (result: Result) => {
  const { key, state, reason, captures, repeated } = result as Readonly<{
    key: string
    state: string
    reason?: string
    captures: object
    repeated?: true
  }>
  if (state === 'delivered')
    return `${what}${repeated ? ' was done before' : ' is done'}. The service gave ${JSON.stringify(captures)}. Delivery ${key}.`
  if (state === 'planned')
    return `${what} is planned and not sent: the adapter only previews. Release it with key ${key}.`
  return `${what} is ${state}${reason === undefined ? '' : ` (${reason})`}; it stays in the queue. Delivery ${key}.`
}

const hintsOf = (adapter: AnyAdapter, action: AnyAdapter['actions'][string]): Hints => {
  if (action.effect === 'read') return { readOnlyHint: true }
  const isUpsert = action.guarantee(adapter.config).guarantee === 'upsert'
  return {
    destructiveHint: action.effect === 'destructive',
    ...(isUpsert ? { idempotentHint: true } : {}),
  }
}

const nameOwn = (given: unknown, own: object): readonly [Result, Result] => {
  const entries = Object.entries((given ?? {}) as object)
  const isCall = ([name]: readonly [string, unknown]) =>
    Object.hasOwn(CALL, name) && !Object.hasOwn(own, name)
  return [
    Object.fromEntries(entries.filter(isCall)),
    Object.fromEntries(entries.filter(entry => !isCall(entry))),
  ]
}

const toolOfAction = (adapter: AnyAdapter, name: string, names: ToolNames): Tool => {
  const action = adapter.actions[name] as AnyAdapter['actions'][string]
  const schema = toJson(action.input as z.ZodType)
  const { properties: own = {} } = schema as Readonly<{ properties?: object }>
  const isRead = action.effect === 'read'
  return {
    name: toolName(adapter.name, name, names),
    description: `${adapter.name}: ${action.about}`,
    input: isRead ? schema : withCall(schema),
    hints: hintsOf(adapter, action),
    run: async (context, given) => {
      if (isRead) return limitAnswer(await performRead(context, adapter.name, name, given))
      const [call, input] = nameOwn(given, own)
      return performAction(context, adapter.name, name, input, call)
    },
    say: isRead ? sayAnswer : sayPerformed(`${adapter.name}.${name}`),
  }
}

/** The tools of an adapter's actions; destructive ones only where both the server and the adapter allow them. */
export const actionTools = (
  adapter: AnyAdapter,
  { names, allowDestructive }: Readonly<{ names: ToolNames; allowDestructive: boolean }>,
): readonly Tool[] =>
  Object.entries(adapter.actions as Readonly<Record<string, Readonly<{ effect: string }>>>).flatMap(
    ([name, { effect }]) =>
      effect === 'destructive' && !(allowDestructive && adapter.allowDestructive === true)
        ? []
        : [toolOfAction(adapter, name, names)],
  )
