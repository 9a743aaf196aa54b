import { isObject } from '../recorder/asked.ts'
import { HOOKS } from '../session/events.ts'
import { instead } from '../session/words.ts'

const isFunction = (value: unknown) => typeof value === 'function'
const isMost = (value: unknown) => typeof value === 'number' && value >= 1

type Part = readonly [holds: (value: unknown) => boolean, kind: string]

/** What every adapter has, and of which kind it is. */
const PARTS: Readonly<Record<string, Part>> = {
  name: [value => typeof value === 'string', 'a text'],
  config: [value => value !== undefined, 'what actions and hooks are given, such as {}'],
  hooks: [isObject, 'an object of functions (payload, session) => steps'],
  actions: [isObject, 'an object of what action() and read() made'],
  limits: [value => isObject(value) && isObject(value.rates), '{ rates: {} }'],
  secrets: [Array.isArray, 'a list of names'],
  check: [value => isObject(value) && isObject(value.call), '{ call } of a cheap read'],
  outcome: [isFunction, 'a function (reply, sent) => Outcome'],
}

/** Hooks by the names of the calls that lead to them. */
const CALLED: Readonly<Record<string, string>> = { decide: 'decision', block: 'blocker' }

const wrongHook = ([hook, made]: readonly [string, unknown]): string | undefined => {
  // Nobody would ever call it, and what it should have told would be missed by nobody.
  if (!(HOOKS as readonly string[]).includes(hook))
    return `there is no hook "${hook}": ${instead(CALLED[hook] ?? hook, HOOKS)}`
  return made === undefined || isFunction(made) ? undefined : `its hook "${hook}" is no function`
}

const wrongAction = ([name, made]: readonly [string, unknown]): string | undefined => {
  const { effect, build } = (made ?? {}) as Readonly<{ effect?: unknown; build?: unknown }>
  const holds = effect === 'read' ? isFunction(build) : isFunction(made) && typeof effect === 'string'
  return holds ? undefined : `its action "${name}" is none: make it with action() or read()`
}

const wrongRate = ([name, rate]: readonly [string, unknown]): string | undefined =>
  isObject(rate) && isMost(rate.count) && isMost(rate.perMs)
    ? undefined
    : `its rate "${name}" must be { count, perMs }, numbers from 1: so many calls in so many milliseconds`

/** What is wrong with what should be an adapter, and what to give instead; `undefined` when nothing is. */
export const notAdapter = (value: unknown): string | undefined => {
  if (isFunction(value)) return 'it is a function: call it with its options'
  if (isObject(value) && isFunction(value.then)) return 'it is a promise: await it'
  if (!isObject(value)) return 'it is no adapter'
  const { name, mode, hooks, actions, limits } = value
  const missing = Object.entries(PARTS).filter(([part, [holds]]) => !holds(value[part]))
  if (missing.length === Object.keys(PARTS).length) return 'it is no adapter'
  if (typeof name !== 'string' || missing.length > 0) {
    const each = missing.map(([part, [, kind]]) => `${part}, ${kind}`)
    return `it is no whole adapter: it must have ${each.join('; ')}`
  }
  // Keys are written with "/", and what `start` hands over with "."
  if (!/^[A-Za-z][\w-]{0,63}$/.test(name)) return `its name "${name}" must be letters, digits, "_" and "-"`
  if (mode !== 'execute' && mode !== 'preview' && mode !== 'handoff')
    return `its mode "${String(mode)}" must be execute, preview or handoff`
  const { rates } = limits as Readonly<{ rates: object }>
  const wrong = [
    ...Object.entries(hooks as object).map(wrongHook),
    ...Object.entries(actions as object).map(wrongAction),
    ...Object.entries(rates).map(wrongRate),
  ]
  return wrong.find(each => each !== undefined)
}
