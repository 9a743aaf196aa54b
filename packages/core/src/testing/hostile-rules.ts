import type { Failure, Received } from './hostile-failures.ts'

/** When to fail. Every given condition must hold. */
export type FailureRule = Readonly<{
  /** As in `POST`. Default: any. */
  method?: string
  /** The whole path, or a pattern for it. */
  path?: string | RegExp
  /** Chooses among the requests that fit so far. */
  when?: (request: Received) => boolean
  /** Only this one of those that fit fails, counted from 1 since the rule was made, whichever rule fails it. */
  nth?: number
  /** How many that fit pass first. Default 0; not together with `nth`. */
  skip?: number
  /** How many fail at most. Default 1, with `chance` without end. */
  times?: number
  /** Chance of each to fail, 0 to 1, by the server's seed. Default: it fails. */
  chance?: number
  /** The failure instead of an answer. */
  failure: Failure
}>

const fits = (rule: FailureRule, request: Received): boolean =>
  (rule.method === undefined || rule.method === request.method) &&
  (rule.path === undefined ||
    (typeof rule.path === 'string' ? rule.path === request.path : rule.path.test(request.path))) &&
  rule.when?.(request) !== false

/** A rule at work. `due` counts what fits and says whether it is to fail; `spend` says that it did. */
export type Working = Readonly<{ rule: FailureRule; due: (request: Received) => boolean; spend: () => void }>

/** Puts a rule to work; `random` throws its dice. */
export const working = (rule: FailureRule, random: () => number): Working => {
  let seen = 0
  let left = rule.times ?? (rule.chance === undefined ? 1 : Number.POSITIVE_INFINITY)
  return {
    rule,
    due: request => {
      if (!fits(rule, request)) return false
      seen += 1
      const wanted = rule.nth === undefined ? seen > (rule.skip ?? 0) : seen === rule.nth
      return wanted && left > 0 && (rule.chance === undefined || random() < rule.chance)
    },
    spend: () => {
      left -= 1
    },
  }
}

/** The failure of a request, if one is due. Every rule counts it, whichever of them fails it. */
export const chooseFailure = (rules: readonly Working[], request: Received): Failure | undefined => {
  const [first] = rules.filter(({ due }) => due(request))
  first?.spend()
  return first?.rule.failure
}
