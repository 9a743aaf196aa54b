import type * as z from 'zod/mini'

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
export const meant = (name: string, names: Iterable<string>): string | undefined => {
  const word = name.slice(0, 64).toLowerCase()
  const near = [...names].map(each => [distance(word, each.toLowerCase()), each] as const)
  const [best] = near.sort(([a], [b]) => a - b)
  return best !== undefined && best[0] <= Math.min(2, Math.floor(word.length / 3)) ? best[1] : undefined
}

/** What there is instead of a name that is not known, the one that was meant first: `did you mean "goal"? There is …`. */
export const instead = (name: string, names: Iterable<string>): string => {
  const all = [...names]
  if (all.length === 0) return 'there is none'
  const near = meant(name, all)
  const list = all.join(', ')
  return near === undefined ? `use ${list}` : `did you mean "${near}"? There is ${list}`
}

/** What is asked for, by zod's name of a type. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  function: 'a function',
}

const ARTICLES: Readonly<Record<string, string>> = { starts_with: 'begin', ends_with: 'end' }

type Raw = z.core.$ZodRawIssue
type Shaped = Readonly<{ _zod: Readonly<{ def: Readonly<{ shape?: z.core.$ZodShape }> }> }>

const shapeOf = ({ inst }: Raw): z.core.$ZodShape => (inst as Shaped | undefined)?._zod.def.shape ?? {}

/** An object that is not there is asked for by what it must have. */
const kindOf = (issue: Extract<Raw, { code: 'invalid_type' }>): string => {
  const shape = shapeOf(issue)
  const needed = Object.keys(shape).filter(key => shape[key]?._zod.optin === undefined)
  const kind = KINDS[issue.expected] ?? issue.expected
  return needed.length === 0 ? kind : `${kind} with ${needed.join(', ')}`
}

const bound = (issue: Extract<Raw, { code: 'too_small' | 'too_big' }>): string => {
  const [limit, least] =
    issue.code === 'too_small' ? [issue.minimum, true as const] : [issue.maximum, false as const]
  const most = issue.inclusive === false ? (least ? 'above' : 'below') : least ? 'at least' : 'at most'
  if (issue.origin === 'string')
    return least && limit === 1 ? 'it is empty: give a text' : `give ${most} ${limit} characters`
  if (issue.origin === 'array') return `give ${most} ${limit} ${limit === 1 ? 'item' : 'items'}`
  return `give a number ${most === 'above' || most === 'below' ? most : `of ${most}`} ${limit}`
}

const form = (issue: Extract<Raw, { code: 'invalid_format' }>): string => {
  const verb = ARTICLES[issue.format]
  if (verb !== undefined) return `${verb} it with "${issue.prefix ?? issue.suffix}"`
  return issue.format === 'regex' ? `give a text like ${issue.pattern}` : `give a valid ${issue.format}`
}

const asked = (issue: Raw): string => {
  switch (issue.code) {
    case 'invalid_type':
      return `give ${kindOf(issue)}`
    case 'invalid_value':
      return `give ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(each => JSON.stringify(each)).join(', ')}`
    case 'too_small':
    case 'too_big':
      return bound(issue)
    case 'invalid_format':
      return form(issue)
    case 'not_multiple_of':
      return `give a multiple of ${issue.divisor}`
    case 'unrecognized_keys':
      return `it is not known: ${instead(issue.keys[0] ?? '', Object.keys(shapeOf(issue)))}`
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues[0]?.message ?? 'it is not valid'
    case 'invalid_union': {
      // One that chooses by a field names the values of that field.
      const { options = [] } = issue as Readonly<{ options?: readonly unknown[] }>
      const said = (issue.errors ?? []).flatMap(each => each.slice(0, 1).map(({ message }) => message))
      if (options.length > 0) return `give one of ${options.map(each => JSON.stringify(each)).join(', ')}`
      return [...new Set(said)].map((each, n) => (n === 0 ? each : each.replace(/^give /, ''))).join(' or ')
    }
    default:
      return 'it is not valid'
  }
}

/** Our words for what zod found, where a schema has none of its own: given with each call, the host's zod keeps its own. */
export const words = {
  error: (issue: Raw): string => {
    const missing = issue.input === undefined && issue.code !== 'unrecognized_keys'
    return `${missing ? 'is missing: ' : ''}${asked(issue)}`
  },
}

/** A place in a value, outermost first. */
export type Path = readonly (string | number)[]

/** Of a union, the branch that came furthest: the one somebody meant. */
export const deepest = (issue: z.core.$ZodIssue, above: Path = []): readonly [Path, string] => {
  const extra = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const steps = [...issue.path, ...extra].map(step => (typeof step === 'number' ? step : String(step)))
  const here: Path = [...above, ...steps]
  const inner = issue.code === 'invalid_union' ? issue.errors.flatMap(each => each.slice(0, 1)) : []
  const [best] = inner.map(each => deepest(each, here)).sort(([a], [b]) => b.length - a.length)
  return best !== undefined && best[0].length > here.length ? best : [here, issue.message]
}

/** Where the fault is and what it is, in our words when it was found with `words`. A name that is not known comes first: what is missing is often what it was meant to be. */
export const faultOf = ({ issues }: z.core.$ZodError): readonly [Path, string] => {
  const [issue] = [...issues.filter(({ code }) => code === 'unrecognized_keys'), ...issues]
  const [path, problem] = issue === undefined ? [[], 'it is not valid'] : deepest(issue)
  // Of the whole, its name stands where a field's would.
  return [path, path.length === 0 ? problem.replace(/^is missing: /, '') : problem]
}
