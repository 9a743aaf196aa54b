import type { Descriptor } from '../descriptor/descriptor.ts'
import type { Renderer, Renderers, Variables } from '../descriptor/renderer.ts'
import { isTrackerError, TrackerError, toError } from '../session/errors.ts'
import { instead } from '../session/words.ts'
import { curl } from './curl.ts'
import { graphql, operationOf } from './graphql.ts'
import { heading } from './heading.ts'
import { http } from './http.ts'
import { json } from './json.ts'
import { variables } from './pieces.ts'
import { type Describe, textLine } from './text.ts'

/**
 * `curl` for a POSIX shell, `http` for the REST clients of editors, `graphql` for its own tools, `text` for people: one
 * line for each request. Renderers of adapters add formats of their own, such as `cypher`.
 */
export type RenderFormat = 'curl' | 'http' | 'graphql' | 'text'

/** Options of `render`. */
export type RenderOptions = Readonly<{
  /** False leaves out the comments above each request: key, guarantee, captures, reads, placeholders. Default true. */
  comments?: boolean
  /** Writes custom calls, by their target; adapters have them. Default: none, and custom calls are shown as JSON. */
  renderers?: Renderers
  /** A line for people in the format `text`; adapters have it for their actions. Default: action and address. */
  describe?: Describe
}>

type Format = Readonly<{
  /** The request itself; `undefined` when this format cannot express it. */
  write: (descriptor: Descriptor, names: Variables) => string | undefined
  comment: (text: string) => string
  /** How a variable is shown. */
  show: (variable: string) => string
}>

const hash = (text: string) => (text === '' ? '#' : `# ${text}`)
const FORMATS: Readonly<Record<Exclude<RenderFormat, 'text'>, Format>> = {
  curl: {
    write: (descriptor, names) => (descriptor.kind === 'http' ? curl(descriptor, names) : undefined),
    comment: hash,
    show: name => `$${name}`,
  },
  http: {
    write: (descriptor, names) => (descriptor.kind === 'http' ? http(descriptor, names) : undefined),
    comment: hash,
    show: name => `{{${name}}}`,
  },
  graphql: {
    write: (descriptor, names) => {
      const operation = operationOf(descriptor)
      return operation === undefined ? undefined : graphql(operation, names)
    },
    comment: hash,
    show: name => `<${name}>`,
  },
}
const JSON_FORMAT: Format = {
  write: (descriptor, names) => (descriptor.kind === 'custom' ? json(descriptor, names) : undefined),
  comment: text => `// ${text}`,
  show: name => `<${name}>`,
}

const own = (renderers: Renderers, target: string): Renderer | undefined =>
  Object.hasOwn(renderers, target) ? renderers[target] : undefined

/** The format in which every descriptor of its kind can be written. */
const nativeFormat = (descriptor: Descriptor, renderers: Renderers): readonly [name: string, Format] => {
  if (descriptor.kind === 'http') return ['curl', FORMATS.curl]
  const renderer = own(renderers, descriptor.target)
  if (renderer === undefined) return ['JSON', JSON_FORMAT]
  const { format, write, comment, show = JSON_FORMAT.show } = renderer
  return [
    format,
    {
      write: (each, names) => (each.kind === 'custom' ? write(each, names) : undefined),
      comment,
      show,
    },
  ]
}

/** One request in a format, or, commented out, in its native one where the format cannot express it. */
const renderOne = (
  descriptor: Descriptor,
  asked: string,
  { comments = true, renderers = {} }: RenderOptions,
): string => {
  const names = variables(descriptor)
  const [native, nativeWriter] = nativeFormat(descriptor, renderers)
  const format = native === asked ? nativeWriter : FORMATS[asked as keyof typeof FORMATS]
  const text = format?.write(descriptor, names)
  // JSON is nothing that runs, so it needs no comment signs.
  const isBare = text === undefined && native === 'JSON'
  const used = text === undefined || format === undefined ? nativeWriter : format
  const foreign = Object.values(renderers).find(each => each.format === asked)
  const { comment } = isBare ? JSON_FORMAT : (format ?? foreign ?? { comment: hash })
  const head = comments ? heading(descriptor, names, used.show, renderers).map(line => comment(line)) : []
  const written = nativeWriter.write(descriptor, names) ?? ''
  const note = [`cannot be written as ${asked}; as ${native}:`, ...written.split(/\r\n?|\n/)]
  const body = text ?? (isBare ? written : note.map(line => comment(line)).join('\n'))
  return [...(asked === 'http' ? [`### ${names.secret(descriptor.action)}`] : []), ...head, body].join('\n')
}

const wrong = (field: string, problem: string): TrackerError =>
  new TrackerError('INVALID_INPUT', `render.${field}: ${problem}.`, { field: `render.${field}` })

const isObject = (value: unknown): value is object => value !== null && typeof value === 'object'

/** A getter or a proxy of the caller that throws is a fault of what it gave. */
const readable = <T>(field: string, read: () => T): T => {
  try {
    return read()
  } catch (thrown) {
    if (isTrackerError(thrown)) throw thrown
    throw wrong(field, `cannot be read (${toError(thrown).message})`)
  }
}

const listOf = (given: unknown): readonly Descriptor[] => {
  if (isObject(given) && 'then' in given)
    throw wrong('descriptors', 'got a promise: await it, as in render(await tracker.preview(id), format)')
  const all: readonly unknown[] = Array.isArray(given) ? given : [given]
  // A wrong index gives `undefined`: planned[7].
  if (all.every(each => isObject(each) && 'kind' in each && 'action' in each))
    return all as readonly Descriptor[]
  throw wrong('descriptors', 'expected a descriptor or an array of them, as tracker.preview returns it')
}

/**
 * Descriptors as text that runs: secrets and placeholders are variables, named in the comments above each request, and no text
 * of a session can become anything else. A call that a format cannot express (REST as GraphQL) is shown in its native
 * format, as a comment; a custom call without a renderer as JSON with its target. The format `text` has one line for each
 * request. Ends with a line end; an empty list gives the empty text. Throws `INVALID_INPUT` for an unknown format, and for
 * values that are not descriptors.
 */
export const render = (
  descriptors: readonly Descriptor[] | Descriptor,
  format: RenderFormat | (string & {}),
  options: RenderOptions = {},
): string => {
  const all = readable('descriptors', () => listOf(descriptors))
  const formats = new Set([
    ...Object.keys(FORMATS),
    'text',
    ...readable('options', () => Object.values(options.renderers ?? {}).map(each => each.format)),
  ])
  // Anything may be given where types are not checked, also an object that cannot be a string.
  const asked = typeof format === 'string' ? format : typeof format
  if (!formats.has(asked)) throw wrong('format', `unknown format "${asked}"; ${instead(asked, formats)}`)
  return readable('descriptors', () =>
    format === 'text'
      ? all.map(each => `${textLine(each, options.describe)}\n`).join('')
      : all.map(descriptor => `${renderOne(descriptor, format, options)}\n`).join('\n'),
  )
}
