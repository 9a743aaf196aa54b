import { OPERATIONS } from './source.ts'

type Schema = Readonly<Record<string, unknown>>
type Media = Readonly<{ content?: Readonly<Record<string, Readonly<{ schema?: Schema }>>>; $ref?: string }>
type Parameter = Readonly<{ in: string; name: string; required?: boolean; schema: Schema; $ref?: string }>
type Documented = Readonly<{
  parameters?: readonly Parameter[]
  requestBody?: Media
  responses: Readonly<Record<string, Media>>
}>

/** GitHub's document, as far as it is read. */
export type Published = Readonly<{
  openapi: string
  paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>
  components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}>

/** Members of a schema that no validator needs. */
const LEFT_OUT = new Set([
  'discriminator',
  'description',
  'example',
  'examples',
  'title',
  'externalDocs',
  'default',
  'deprecated',
])
const SCHEMAS = '#/components/schemas/'

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A schema without words for people; `properties` are names, and stay. Calls `refer` with each schema that it names. */
const reduce = (value: unknown, refer: (name: string) => void, areNames = false): unknown => {
  if (Array.isArray(value)) return value.map(each => reduce(each, refer))
  if (!isObject(value)) return value
  if (!areNames && typeof value.$ref === 'string') {
    const name = value.$ref.replace(SCHEMAS, '')
    refer(name)
    return { $ref: `#/$defs/${name}` }
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      !areNames && (LEFT_OUT.has(name) || name.startsWith('x-'))
        ? []
        : [[name, reduce(inner, refer, !areNames && name === 'properties')]],
    ),
  )
}

/** The used operations of the document, and the schemas that they name. Throws for an operation that it has not. */
export const extract = ({ openapi, paths, components }: Published, of: string, version: string) => {
  const defs: Record<string, unknown> = {}
  const refer = (name: string): void => {
    if (Object.hasOwn(defs, name)) return
    defs[name] = null
    defs[name] = reduce(components.schemas?.[name], refer)
  }
  const resolve = <T extends Readonly<{ $ref?: string }>>(value: T): T => {
    const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(.+)$/.exec(value.$ref ?? '') ?? []
    return value.$ref === undefined ? value : (components[kind]?.[name] as T)
  }
  const schemaOf = (media: Media): unknown => {
    const { schema } =
      Object.entries(resolve(media).content ?? {}).find(([type]) => /json/.test(type))?.[1] ?? {}
    return schema === undefined ? null : reduce(schema, refer)
  }
  const operations = Object.fromEntries(
    OPERATIONS.map(name => {
      const [method = '', path = ''] = name.split(' ')
      const found = paths[path]?.[method.toLowerCase()]
      if (found === undefined) throw new Error(`${of} has no ${name}.`)
      const query = (found.parameters ?? [])
        .map(resolve)
        .filter(each => each.in === 'query')
        .map(each => [each.name, { required: each.required === true, schema: reduce(each.schema, refer) }])
      const body = found.requestBody === undefined ? null : schemaOf(found.requestBody)
      return [
        name,
        {
          query: Object.fromEntries(query),
          ...(body === null ? {} : { body }),
          responses: Object.fromEntries(
            Object.entries(found.responses).map(([status, media]) => [status, schemaOf(media)]),
          ),
        },
      ]
    }),
  )
  return {
    source: `${of}, generated/api.github.com.json (MIT, Copyright Octokit contributors): the operations this adapter uses, without descriptions and examples`,
    version,
    openapi,
    operations,
    $defs: defs,
  }
}
