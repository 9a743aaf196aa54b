import * as z from 'zod/mini'
import { type Called, INPUTS } from './schema.ts'
import { SENTENCES } from './sentences.ts'

/** Parts of a JSON Schema that zod cannot see: what a function checks. */
const JSON_TYPES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  metadata: { type: 'object', additionalProperties: true },
  properties: { type: 'object', additionalProperties: true },
  at: { type: 'string', format: 'date-time' },
}

/** A copy of a field with its sentence: one field may stand in several calls. */
const describeField = (name: string, field: z.ZodMiniType, sentence: string): z.ZodMiniType => {
  const copy = field.clone()
  z.globalRegistry.add(copy, { description: sentence, ...JSON_TYPES[name] })
  return copy
}

/** The input schema of a call, where it and each of its fields carry a description. */
export const describeInput = <H extends Called>(hook: H): (typeof INPUTS)[H] => {
  const { about, fields } = SENTENCES[hook]
  const shape = INPUTS[hook].shape as Readonly<Record<string, z.ZodMiniType>>
  const described = Object.entries(shape).map(
    ([name, field]) =>
      [name, describeField(name, field, (fields as Readonly<Record<string, string>>)[name] ?? '')] as const,
  )
  const schema = z.strictObject(Object.fromEntries(described))
  z.globalRegistry.add(schema, { description: about })
  return schema as unknown as (typeof INPUTS)[H]
}

/** A JSON Schema (draft 2020-12) of what a schema takes. */
export const toInputJson = (schema: z.ZodMiniType): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
