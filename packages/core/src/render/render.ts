import type { Descriptor } from '../descriptor/descriptor.ts'
import { TrackerError } from '../session/errors.ts'
import { instead } from '../session/words.ts'
import { curl } from './curl.ts'
import { comment, cypher } from './cypher.ts'
import { graphql, operationOf } from './graphql.ts'
import { heading } from './heading.ts'
import { http } from './http.ts'
import { type Variables, variables } from './pieces.ts'

/** `curl` for a POSIX shell, `http` for the REST clients of editors, `graphql` and `cypher` for their own tools. */
export type RenderFormat = 'curl' | 'http' | 'graphql' | 'cypher'

/** `comments: false` leaves out what stands above each request: key, guarantee, captures, reads, placeholders. Default true. */
export type RenderOptions = Readonly<{
  /** Default true. */
  comments?: boolean
}>

type Format = Readonly<{
  /** The request itself; `undefined` when this format cannot say it. */
  write: (descriptor: Descriptor, names: Variables) => string | undefined
  comment: (text: string) => string
  /** How a variable is shown. */
  shown: (variable: string) => string
}>

const hash = (text: string) => (text === '' ? '#' : `# ${text}`)
const FORMATS: Readonly<Record<RenderFormat, Format>> = {
  curl: {
    write: (descriptor, names) => (descriptor.kind === 'http' ? curl(descriptor, names) : undefined),
    comment: hash,
    shown: name => `$${name}`,
  },
  http: {
    write: (descriptor, names) => (descriptor.kind === 'http' ? http(descriptor, names) : undefined),
    comment: hash,
    shown: name => `{{${name}}}`,
  },
  graphql: {
    write: (descriptor, names) => {
      const operation = operationOf(descriptor)
      return operation === undefined ? undefined : graphql(operation, names)
    },
    comment: hash,
    shown: name => `<${name}>`,
  },
  cypher: {
    write: (descriptor, names) => (descriptor.kind === 'cypher' ? cypher(descriptor, names) : undefined),
    comment,
    shown: name => `<${name}>`,
  },
}

const one = (descriptor: Descriptor, asked: RenderFormat, { comments = true }: RenderOptions): string => {
  const names = variables(descriptor)
  const { write, comment: mark } = FORMATS[asked]
  const text = write(descriptor, names)
  // What a format cannot say is shown in its own, as a comment.
  const own = descriptor.kind === 'http' ? 'curl' : 'cypher'
  const used = text === undefined ? own : asked
  const head = comments ? heading(descriptor, names, FORMATS[used].shown).map(mark) : []
  const instead = [
    `no ${asked} call; as ${own}:`,
    ...(FORMATS[own].write(descriptor, names) ?? '').split(/\r\n?|\n/),
  ]
  const body = text ?? instead.map(mark).join('\n')
  return [...(asked === 'http' ? [`### ${names.secret(descriptor.action)}`] : []), ...head, body].join('\n')
}

const wrong = (field: string, problem: string): TrackerError =>
  new TrackerError('INVALID_INPUT', `render.${field}: ${problem}.`, { field: `render.${field}` })

const isObject = (value: unknown): value is object => value !== null && typeof value === 'object'

const listed = (given: unknown): readonly Descriptor[] => {
  if (isObject(given) && 'then' in given)
    throw wrong('descriptors', 'it is a promise: await it, as in render(await tracker.preview(id), format)')
  const all: readonly unknown[] = Array.isArray(given) ? given : [given]
  // `undefined` of a list is what a slip of a place gives: planned[7].
  if (all.every(each => isObject(each) && 'kind' in each && 'action' in each))
    return all as readonly Descriptor[]
  throw wrong('descriptors', 'give a descriptor or a list of them, as tracker.preview gives it')
}

/**
 * Descriptors as text that runs: secrets and placeholders are variables, named in the comments above each request, and no text
 * of a session can become anything else. A call that a format cannot say (Cypher as curl, REST as GraphQL) is shown in
 * its own format, as a comment. Ends with a line end; nothing is the empty text. Throws `INVALID_INPUT` for a format that
 * is not known, and for what is no descriptor.
 */
export const render = (
  descriptors: readonly Descriptor[] | Descriptor,
  format: RenderFormat,
  options: RenderOptions = {},
): string => {
  const all = listed(descriptors)
  if (!Object.hasOwn(FORMATS, format))
    throw wrong(
      'format',
      `"${String(format)}" is not known: ${instead(String(format), Object.keys(FORMATS))}`,
    )
  return all.map(descriptor => `${one(descriptor, format, options)}\n`).join('\n')
}
