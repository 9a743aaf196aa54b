import { readFileSync } from 'node:fs'
import type { Logged } from '@sessionwire/core/testing'
import { Ajv, type ValidateFunction } from 'ajv'

/*
 * The operations that this adapter uses, from the OpenAPI document that GitHub publishes (npm `@octokit/openapi`, of which
 * `pnpm openapi` takes the part that is needed, without descriptions). Its version 3.0 has `nullable`, which JSON
 * Schema has not.
 */
type Schema = Readonly<Record<string, unknown>>
type Operation = Readonly<{
  query: Readonly<Record<string, Readonly<{ required: boolean; schema: Schema }>>>
  body?: Schema
  responses: Readonly<Record<string, Schema | null>>
}>
const document = JSON.parse(
  readFileSync(new URL('fixtures/openapi.json', import.meta.url), 'utf8'),
) as Readonly<{
  operations: Readonly<Record<string, Operation>>
  $defs: Readonly<Record<string, Schema>>
}>

/** Translates `nullable`, and closes the objects that a request sends: an unknown field would be ignored in silence. */
const translate = (value: unknown, close: boolean): unknown => {
  if (Array.isArray(value)) return value.map(each => translate(each, close))
  if (value === null || typeof value !== 'object') return value
  const { nullable, format: _, ...rest } = value as Schema
  const made = Object.fromEntries(
    Object.entries(rest).map(([name, inner]) => [
      name,
      name === 'properties'
        ? Object.fromEntries(Object.entries(inner as Schema).map(([key, of]) => [key, translate(of, close)]))
        : translate(inner, close),
    ]),
  )
  const closed =
    close && made.properties !== undefined && made.additionalProperties === undefined
      ? { ...made, additionalProperties: false }
      : made
  return nullable === true ? { anyOf: [{ type: 'null' }, closed] } : closed
}

const ajv = new Ajv({ strict: false, allErrors: true })
ajv.addSchema({ $id: 'answers', $defs: translate(document.$defs, false) as Schema })
const compiled = new Map<string, ValidateFunction>()
const compile = (name: string, schema: Schema, close: boolean): ValidateFunction => {
  const known = compiled.get(name)
  if (known !== undefined) return known
  const text = JSON.stringify(translate(schema, close)).replaceAll('"#/$defs/', '"answers#/$defs/')
  const made = ajv.compile(JSON.parse(text) as Schema)
  compiled.set(name, made)
  return made
}

const patterns = Object.keys(document.operations).map(name => {
  const [method, path = ''] = name.split(' ')
  const pattern = path.replace('{path}', '.+').replace(/\{[^}]+\}/g, '[^/]+')
  // Fixed parts win: `/issues/comments/1` is no comment list of an issue called `comments`.
  return { name, method, regex: new RegExp(`^${pattern}$`), variables: path.split('{').length }
})

/** The operation of a request. */
const operationOf = ({ method, path }: Pick<Logged, 'method' | 'path'>): string | undefined =>
  patterns
    .filter(each => each.method === method && each.regex.test(path))
    .sort((left, right) => left.variables - right.variables)[0]?.name

/** What is wrong with a request and its answer by GitHub's own document; nothing where all is well. */
export const problemsOf = (request: Logged): readonly string[] => {
  const name = operationOf(request)
  const operation = name === undefined ? undefined : document.operations[name]
  if (name === undefined || operation === undefined)
    return [`${request.method} ${request.path}: no such operation`]
  const wrong = (validate: ValidateFunction, value: unknown, what: string) =>
    validate(value) ? [] : [`${name} ${what}: ${ajv.errorsText(validate.errors)}`]
  const asked = Object.entries(request.query).flatMap(([key, value]) => {
    const known = operation.query[key]
    if (known === undefined) return [`${name}: unknown query ${key}`]
    const { type } = known.schema
    const typed = type === 'integer' ? Number(value) : value
    return wrong(compile(`${name}?${key}`, known.schema, true), typed, `query ${key}`)
  })
  const sent =
    operation.body === undefined || request.body === null
      ? operation.body === undefined && request.body !== null
        ? [`${name}: takes no body`]
        : []
      : wrong(compile(`${name} body`, operation.body, true), request.body, 'body')
  const { answer, failed } = request
  if (answer === undefined || failed !== undefined) return [...asked, ...sent]
  const documented = operation.responses[String(answer.status)]
  if (documented === undefined && answer.status !== 401)
    return [...asked, ...sent, `${name}: answers no ${answer.status}`]
  const answered =
    documented === undefined || documented === null
      ? []
      : wrong(compile(`${name} ${answer.status}`, documented, false), answer.body, `answer ${answer.status}`)
  return [...asked, ...sent, ...answered]
}
