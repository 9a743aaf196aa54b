import type * as z from 'zod/mini'
import { describe, message, type Problem } from './message.ts'

/** How many letters must change to make one word of the other; two that changed places count once. */
const distance = (a: string, b: string): number => {
  let before: readonly number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1
      const [left = 0, up = 0, corner = 0] = [next[j - 1], row[j], row[j - 1]]
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 9) + 1 : 99
      next.push(Math.min(left + 1, up + 1, corner + other, swapped))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 99
}

/** The name that was meant, where it is obvious: another case, or a slip of a letter or two. */
export const findMeant = (name: string, names: Iterable<string>): string | undefined => {
  const word = name.slice(0, 64).toLowerCase()
  const near = [...names].map(each => [distance(word, each.toLowerCase()), each] as const)
  const [best] = near.sort(([a], [b]) => a - b)
  return best !== undefined && best[0] <= Math.min(2, Math.floor(word.length / 3)) ? best[1] : undefined
}

/** The names there are, with the one that was probably meant: `did you mean "goal"? There is …`. */
export const instead = (name: string, names: Iterable<string>): string => {
  const all = [...names]
  if (all.length === 0) return 'there is none'
  const near = findMeant(name, all)
  const list = all.join(', ')
  return near === undefined ? `use ${list}` : `did you mean "${near}"? There is ${list}`
}

/** The problem of a name that is not among `names`: `unknown adapter "jra" (did you mean "jira"?); expected one of …`. */
export const unknownName = (what: string, name: string, names: Iterable<string>): Problem => {
  const all = [...names]
  const near = findMeant(name, all)
  const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name)
  return {
    problem: `unknown ${what} ${shown}${near === undefined ? '' : ` (did you mean "${near}"?)`}${all.length === 0 ? '; there is none here' : ''}`,
    ...(all.length === 0 ? {} : { expected: `one of ${all.join(', ')}` }),
  }
}

/** A problem as text without its field and without a full stop. */
export const sentence = (problem: Omit<Problem, 'field'>): string => message(problem).replace(/\.$/, '')

/** Descriptions of types, by zod's name of a type. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  function: 'a function',
  date: 'a Date',
}

const AFFIXES: Readonly<Record<string, string>> = { starts_with: 'begins', ends_with: 'ends' }

type Raw = z.core.$ZodRawIssue
type Shaped = Readonly<{ _zod: Readonly<{ def: Readonly<{ shape?: z.core.$ZodShape }> }> }>

const shapeOf = ({ inst }: Raw): z.core.$ZodShape => (inst as Shaped | undefined)?._zod.def.shape ?? {}

/** Names the required fields of an object that is missing. */
const kindOf = (issue: Extract<Raw, { code: 'invalid_type' }>): string => {
  const shape = shapeOf(issue)
  const needed = Object.keys(shape).filter(key => shape[key]?._zod.optin === undefined)
  const kind = KINDS[issue.expected] ?? issue.expected
  return needed.length === 0 ? kind : `${kind} with ${needed.join(', ')}`
}

const limitOf = (issue: Extract<Raw, { code: 'too_small' | 'too_big' }>): string => {
  const [limit, isLeast] =
    issue.code === 'too_small' ? [issue.minimum, true as const] : [issue.maximum, false as const]
  const most = issue.inclusive === false ? (isLeast ? 'above' : 'below') : isLeast ? 'at least' : 'at most'
  if (issue.origin === 'string')
    return isLeast && limit === 1 ? 'a string that is not empty' : `${most} ${limit} characters`
  if (issue.origin === 'array') return `${most} ${limit} ${limit === 1 ? 'item' : 'items'}`
  return `a number ${most === 'above' || most === 'below' ? most : `of ${most}`} ${limit}`
}

const formOf = (issue: Extract<Raw, { code: 'invalid_format' }>): string => {
  const verb = AFFIXES[issue.format]
  if (verb !== undefined) return `a string that ${verb} with "${issue.prefix ?? issue.suffix}"`
  return issue.format === 'regex' ? `a string like ${issue.pattern}` : `a valid ${issue.format}`
}

const list = (values: readonly unknown[]): string =>
  `${values.length > 1 ? 'one of ' : ''}${values.map(each => JSON.stringify(each)).join(', ')}`

/** The expected value, as the first branch of a union says it; the others follow with "or". */
const unionOf = (issue: Extract<Raw, { code: 'invalid_union' }>): string => {
  const { options = [] } = issue as Readonly<{ options?: readonly unknown[] }>
  // A union that chooses by a field names the values of that field.
  if (options.length > 0) return list(options)
  const all = (issue.errors ?? []).flatMap(each => each.slice(0, 1).map(({ message: text }) => text))
  const wanted = all.map(text => /; expected (.*?)(, got .*)?$/s.exec(text)?.[1] ?? text)
  return [...new Set(wanted)].join(' or ')
}

const PROBLEMS: Readonly<Record<string, string>> = {
  invalid_type: 'invalid type',
  invalid_value: 'unknown value',
  too_small: 'out of range',
  too_big: 'out of range',
  invalid_format: 'invalid format',
  not_multiple_of: 'invalid value',
  invalid_union: 'invalid value',
}

/** `NaN` and a fraction are wrong values of the right type; a string or an array has a length. */
const problemWord = (issue: Raw): string => {
  const { input, code } = issue
  if (input === undefined) return 'missing'
  if (code === 'too_small' && input === '') return 'empty'
  const hasLength = typeof input === 'string' || Array.isArray(input)
  if (hasLength && (code === 'too_small' || code === 'too_big'))
    return code === 'too_small' ? 'too short' : 'too long'
  const isNumber = code === 'invalid_type' && /^(number|int)$/.test(issue.expected)
  return isNumber && typeof input === 'number' ? 'invalid value' : (PROBLEMS[code] ?? 'invalid value')
}

/**
 * The text of a string that has the right type is not repeated: it may be long, or a credential in the wrong place. A
 * union that chooses by a field is given the whole object.
 */
const isShown = (issue: Raw): boolean =>
  issue.input !== undefined &&
  issue.code !== 'invalid_format' &&
  !(typeof issue.input === 'string' && /^too_/.test(issue.code)) &&
  !(issue.code === 'invalid_union' && 'options' in issue)

const withGot = (issue: Raw, expected: string): Problem => ({
  problem: problemWord(issue),
  expected,
  ...(isShown(issue) ? { got: describe(issue.input) } : {}),
})

const problemOf = (issue: Raw): Problem => {
  switch (issue.code) {
    case 'invalid_type':
      return withGot(issue, kindOf(issue))
    case 'invalid_value':
      return withGot(issue, list(issue.values))
    case 'too_small':
    case 'too_big':
      return withGot(issue, limitOf(issue))
    case 'invalid_format':
      return withGot(issue, formOf(issue))
    case 'not_multiple_of':
      return withGot(issue, `a multiple of ${issue.divisor}`)
    case 'unrecognized_keys': {
      const [name = ''] = issue.keys
      const names = Object.keys(shapeOf(issue))
      return {
        problem: unknownOption(name, names),
        expected: names.length === 0 ? 'no options' : `one of ${names.join(', ')}`,
      }
    }
    case 'invalid_key':
    case 'invalid_element':
      return { problem: issue.issues[0]?.message ?? 'invalid value' }
    case 'invalid_union':
      return withGot(issue, unionOf(issue))
    default:
      return { problem: 'invalid value' }
  }
}

/** Gives a schema its own description of what it expects. */
export const expecting = (expected: string) => ({
  error: (issue: Raw): string | undefined =>
    issue.code === 'unrecognized_keys' || issue.code === 'invalid_key'
      ? undefined
      : sentence(withGot(issue, expected)),
})

/** Maps zod's issues to our messages. It is passed with each call, so that the host's own zod settings stay as they are. */
export const words = { error: (issue: Raw): string => sentence(problemOf(issue)) }

/** A place in a value, outermost first. */
export type Path = readonly (string | number)[]

/** Finds, in a union, the branch that got furthest: probably the one that was meant. */
export const findDeepest = (issue: z.core.$ZodIssue, above: Path = []): readonly [Path, string] => {
  const extra = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const steps = [...issue.path, ...extra].map(step => (typeof step === 'number' ? step : String(step)))
  const here: Path = [...above, ...steps]
  const inner = issue.code === 'invalid_union' ? issue.errors.flatMap(each => each.slice(0, 1)) : []
  const [best] = inner.map(each => findDeepest(each, here)).sort(([a], [b]) => b.length - a.length)
  return best !== undefined && best[0].length > here.length ? best : [here, issue.message]
}

/** Most faults that one error names: a value of another kind altogether has one for each of its fields. */
const MOST_FAULTS = 5

/** A place in a value, and what is wrong there, without a full stop. */
export type Fault = readonly [Path, string]

/** The problem of an unknown key. */
const unknownOption = (name: string, names: readonly string[]): string => {
  const near = findMeant(name, names)
  return `unknown option${near === undefined ? '' : ` (did you mean "${near}"?)`}`
}

/** The faults of one issue: each unknown key is one. The message of the first of them names the keys that are known. */
const faultsIn = (issue: z.core.$ZodIssue): readonly Fault[] => {
  if (issue.code !== 'unrecognized_keys') return [findDeepest(issue)]
  const above = issue.path.map(step => (typeof step === 'number' ? step : String(step)))
  const known = /expected one of (.*)$/.exec(issue.message)?.[1]?.split(', ') ?? []
  return issue.keys.map((key, n) => [[...above, key], n === 0 ? issue.message : unknownOption(key, known)])
}

/**
 * Where the faults are and what they are, without full stops; at least one, at most five. Unknown keys stand first: a missing
 * key is often a misspelt one, and then it is left out.
 */
export const faultsOf = ({ issues }: z.core.$ZodError): readonly [Fault, ...Fault[]] => {
  const isUnknown = ({ code }: z.core.$ZodIssue): boolean => code === 'unrecognized_keys'
  const all = [...issues.filter(isUnknown), ...issues.filter(each => !isUnknown(each))].flatMap(faultsIn)
  const meant = new Set(all.flatMap(([, problem]) => /\(did you mean "(.*?)"\?\)/.exec(problem)?.[1] ?? []))
  // Each field is named once.
  const byField = new Map(all.toReversed().map(fault => [fault[0].join('.'), fault]))
  const [first = [[], 'invalid value'] as const, ...others] = all.filter(
    fault =>
      byField.get(fault[0].join('.')) === fault &&
      // A schema with words of its own says only what it expects.
      !(/^(missing|expected )/.test(fault[1]) && meant.has(String(fault[0].at(-1)))),
  )
  return [first, ...others.slice(0, MOST_FAULTS - 1)]
}
