import * as z from 'zod'
import type { Operation, OperationContext, Result } from '../operations/operation.ts'
import { operationOf } from '../operations/operations.ts'

/** A JSON Schema as tools show it. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Hints for a client besides the description. A client need not trust them. */
export type Hints = Readonly<{
  /** It changes nothing. Default false. */
  readOnlyHint?: boolean
  /** It may remove something. Default true. */
  destructiveHint?: boolean
  /** A second call with the same arguments changes nothing more. Default false. */
  idempotentHint?: boolean
  /** It reaches beyond this machine. Default true. */
  openWorldHint?: boolean
}>

/** A tool as a client is shown it, and what it does. */
export type Tool = Readonly<{
  /** Its name: letters, digits, `_`, `-` and `.`. */
  name: string
  /** A sentence about it, for a model. */
  description: string
  /** JSON Schema of its arguments. */
  input: JsonSchema
  /** Hints for the client. */
  hints: Hints
  /** Does it. Throws `TrackerError` and `OperationError`. */
  run: (context: OperationContext, input: unknown) => Promise<Result>
  /** The result in sentences. */
  say: (result: Result) => string
  /** The result as data. Some hosts give a model only this, so it says everything. Default: the whole result. */
  show?: (result: Result) => Result
}>

/** Parts of a schema that cost a model's attention and tell it nothing: the check itself says what it expects. */
const NOISE: ReadonlySet<string> = new Set(['$schema', 'minLength', 'maxLength', 'pattern', 'default'])

/** A schema without what only the check needs. */
const compact = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(compact)
  if (typeof schema !== 'object' || schema === null) return schema
  const kept = Object.entries(schema).filter(
    ([key, value]) =>
      !(NOISE.has(key) && typeof value !== 'object') &&
      !(key === 'maximum' && value === Number.MAX_SAFE_INTEGER) &&
      !(key === 'minimum' && value === Number.MIN_SAFE_INTEGER),
  )
  return Object.fromEntries(kept.map(([key, value]) => [key, compact(value)]))
}

/** The JSON Schema of an input; parts that JSON Schema has no word for take any value. */
export const toJson = (input: z.ZodType): JsonSchema =>
  compact(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })) as JsonSchema

/** Chosen fields of an operation's input, in this order, with shorter words where they are given. */
const pick = (schema: JsonSchema, fields: Readonly<Record<string, string>>): JsonSchema => {
  const { properties, required = [] } = schema as Readonly<{
    properties: Readonly<Record<string, JsonSchema>>
    required?: readonly string[]
  }>
  const chosen = Object.entries(fields).map(([name, words]) => {
    const { description, ...rest } = properties[name] ?? {}
    return [name, { ...rest, ...(words === '' ? {} : { description: words }) }] as const
  })
  const needed = required.filter(name => name in fields)
  return {
    type: 'object',
    properties: Object.fromEntries(chosen),
    ...(needed.length === 0 ? {} : { required: needed }),
    additionalProperties: false,
  }
}

type Naming = Readonly<{
  name: string
  /** Default: that of the operation. */
  description?: string
  /** Fields that are shown, each with its words for a model; the operation takes its others too. Default: all. */
  fields?: Readonly<Record<string, string>>
  hints?: Hints
  say: (result: Result) => string
  show?: (result: Result) => Result
}>

const hintsOf = ({ scope }: Operation): Hints =>
  scope === 'read' ? { readOnlyHint: true } : { destructiveHint: false }

/** A tool of an operation. */
export const toolOf = (operation: string, { name, description, fields, hints, say, show }: Naming): Tool => {
  const found = operationOf(operation)
  const schema = toJson(found.input)
  return {
    name,
    description: description ?? found.about,
    input: fields === undefined ? schema : pick(schema, fields),
    hints: hints ?? hintsOf(found),
    run: (context, input) => found.run(context, input),
    say,
    ...(show === undefined ? {} : { show }),
  }
}
