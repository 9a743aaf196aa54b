import type { Json } from '@sessionwire/core/adapter'
import { documentFault } from './faults.ts'

type Fields = Readonly<Record<string, Json>>
type Argument = Readonly<
  | { variable: string }
  | { value: Json }
  | { list: readonly Argument[] }
  | { fields: Readonly<Record<string, Argument>> }
>

/** One field of a document, with what is selected inside it. */
export type Selected = Readonly<{
  name: string
  shown: string
  args: Readonly<Record<string, Argument>>
  inside: readonly Selected[] | undefined
}>

/** A document of one operation, its fragments put in their places. */
export type Operation = Readonly<{
  kind: 'query' | 'mutation'
  variables: readonly Readonly<{ name: string; required: boolean }>[]
  fields: readonly Selected[]
}>

const TOKEN = /[A-Za-z_]\w*|-?\d+(?:\.\d+)?|"(?:[^"\\\n]|\\.)*"|\.\.\.|[{}()[\]:!$=]/g
const LITERALS: Readonly<Record<string, Json>> = { true: true, false: false, null: null }

interface Reader {
  readonly peek: () => string | undefined
  readonly take: (expected?: string) => string
}

const readerOf = (source: string): Reader => {
  const text = source.replace(/#[^\n]*/g, '')
  const rest = text.replace(TOKEN, '').replace(/[\s,\ufeff]/g, '')
  if (rest !== '') throw documentFault(`Syntax Error: Unexpected character: "${rest.charAt(0)}".`)
  const tokens = text.match(TOKEN) ?? []
  let place = 0
  return {
    peek: () => tokens[place],
    take: expected => {
      const token = tokens[place]
      if (token === undefined || (expected !== undefined && token !== expected))
        throw documentFault(`Syntax Error: Expected "${expected ?? 'a token'}", found ${token ?? '<EOF>'}.`)
      place += 1
      return token
    },
  }
}

const argument = (read: Reader): Argument => {
  const token = read.take()
  if (token === '$') return { variable: read.take() }
  if (token === '[') {
    const list: Argument[] = []
    while (read.peek() !== ']') list.push(argument(read))
    read.take(']')
    return { list }
  }
  if (token === '{') return { fields: readFields(read, '}') }
  if (token.startsWith('"') || /^-?\d/.test(token)) return { value: JSON.parse(token) as Json }
  return { value: token in LITERALS ? (LITERALS[token] ?? null) : token }
}

const readFields = (read: Reader, end: string): Readonly<Record<string, Argument>> => {
  const found: Record<string, Argument> = {}
  while (read.peek() !== end) {
    const name = read.take()
    read.take(':')
    found[name] = argument(read)
  }
  read.take(end)
  return found
}

type Part = Readonly<
  { spread: string } | (Omit<Selected, 'inside'> & { inside: readonly Part[] | undefined })
>

const field = (read: Reader): Part => {
  const first = read.take()
  const aliased = read.peek() === ':'
  if (aliased) read.take(':')
  const name = aliased ? read.take() : first
  let args: Selected['args'] = {}
  if (read.peek() === '(') {
    read.take('(')
    args = readFields(read, ')')
  }
  return { name, shown: first, args, inside: read.peek() === '{' ? selection(read) : undefined }
}

const spread = (read: Reader): readonly Part[] => {
  read.take('...')
  const name = read.take()
  if (name !== 'on') return [{ spread: name }]
  read.take()
  return selection(read)
}

const selection = (read: Reader): readonly Part[] => {
  read.take('{')
  const parts: Part[] = []
  while (read.peek() !== '}') parts.push(...(read.peek() === '...' ? spread(read) : [field(read)]))
  read.take('}')
  return parts
}

const variables = (read: Reader): Operation['variables'] => {
  if (read.peek() !== '(') return []
  const found: { name: string; required: boolean }[] = []
  read.take('(')
  while (read.peek() !== ')') {
    read.take('$')
    const name = read.take()
    read.take(':')
    let type = ''
    while (read.peek() !== '$' && read.peek() !== ')') type += read.take()
    found.push({ name, required: type.endsWith('!') })
  }
  read.take(')')
  return found
}

const resolveParts = (
  parts: readonly Part[],
  fragments: ReadonlyMap<string, readonly Part[]>,
): readonly Selected[] =>
  parts.flatMap((part): readonly Selected[] => {
    if (!('spread' in part))
      return [
        { ...part, inside: part.inside === undefined ? undefined : resolveParts(part.inside, fragments) },
      ]
    const named = fragments.get(part.spread)
    if (named === undefined) throw documentFault(`Unknown fragment "${part.spread}".`)
    return resolveParts(named, fragments)
  })

/** Reads a document as far as ours and Linear's own client need it. Throws a fault where it cannot. */
export const parse = (text: string): Operation => {
  const read = readerOf(text)
  const fragments = new Map<string, readonly Part[]>()
  const found: (Pick<Operation, 'kind' | 'variables'> & { parts: readonly Part[] })[] = []
  while (read.peek() !== undefined) {
    const kind = read.take()
    const name = read.peek() === '{' || read.peek() === '(' ? '' : read.take()
    if (kind === 'fragment') {
      read.take('on')
      read.take()
      fragments.set(name, selection(read))
    } else if (kind === 'query' || kind === 'mutation')
      found.push({ kind, variables: variables(read), parts: selection(read) })
    else throw documentFault(`Syntax Error: Unexpected Name "${kind}".`)
  }
  const [only, ...more] = found
  if (only === undefined || more.length > 0) throw documentFault('Must provide exactly one operation.')
  return { kind: only.kind, variables: only.variables, fields: resolveParts(only.parts, fragments) }
}

/** The value of an argument; a variable that was not given is not there. */
const fillArgument = (given: Argument, from: Fields): Json | undefined => {
  if ('variable' in given) return from[given.variable]
  if ('value' in given) return given.value
  if ('list' in given) return given.list.flatMap(each => fillArgument(each, from) ?? [])
  return argsOf(given.fields, from)
}

/** Arguments with their variables filled in. */
const argsOf = (given: Readonly<Record<string, Argument>>, from: Fields): Fields =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, each]) => {
      const value = fillArgument(each, from)
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** The cost of a document: 0.1 for a property, 1 for an object, for a connection its page size times that of its items. */
export const complexity = (fields: readonly Selected[], from: Fields): number =>
  fields.reduce((sum, { args, inside }) => {
    if (inside === undefined) return sum + 0.1
    const given = argsOf(args, from)
    const size = inside.some(({ name }) => name === 'nodes' || name === 'edges')
      ? Number(given.first ?? given.last ?? 50)
      : 1
    return sum + 1 + size * complexity(inside, from)
  }, 0)

/** The fields of an object; one that takes arguments, or leads to another object, is a function. */
export type Shown = Readonly<Record<string, unknown>>

/** Gives the selected fields; throws for one that the object does not have. */
export const pick = (value: unknown, fields: readonly Selected[] | undefined, from: Fields): Json => {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.map(each => pick(each, fields, from))
  if (typeof value !== 'object') return value as Json
  if (fields === undefined) throw documentFault('An object must have a selection of subfields.')
  const shown = value as Shown
  return Object.fromEntries(
    fields.map(field => {
      if (!Object.hasOwn(shown, field.name))
        throw documentFault(
          `Cannot query field "${field.name}" on type "${String(shown.__typename ?? 'Query')}".`,
        )
      const found = shown[field.name]
      const own = typeof found === 'function' ? found(argsOf(field.args, from)) : found
      return [field.shown, pick(own, field.inside, from)]
    }),
  )
}
