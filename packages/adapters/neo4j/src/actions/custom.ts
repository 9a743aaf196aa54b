import { action, type Json, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { clean } from '../text.ts'
import { cypher, type Parameters, statementCall } from './statement.ts'

/** Deeper than any sensible parameter; beyond it a walk could end the process. */
const DEPTH = 32

/** A value as a parameter. Keys that begin with `$` would be placeholders of ours. */
const plain = (value: unknown, depth: number): Json | undefined => {
  if (typeof value === 'string') return clean(value)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'object' || depth > DEPTH) return undefined
  const entries = Object.entries(value).map(([key, inner]) => [clean(key), plain(inner, depth + 1)] as const)
  if (entries.some(([key, inner]) => inner === undefined || key.startsWith('$'))) return undefined
  return Array.isArray(value)
    ? entries.map(([, inner]) => inner as Json)
    : Object.fromEntries(entries as readonly (readonly [string, Json])[])
}

const Values = z.unknown().transform((raw, context): Parameters => {
  const value = raw === undefined ? {} : plain(raw, 0)
  if (value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value))
    return value as Parameters
  context.issues.push({
    code: 'custom',
    message: 'expected an object of JSON values without keys that begin with $',
    input: raw,
  })
  return z.NEVER
})

/** The statement runs as the caller wrote it: never build it from text of others. */
const Statement = z
  .string('expected a Cypher statement')
  .transform(clean)
  .refine(text => text.trim() !== '', 'expected a Cypher statement')

const Custom = z.strictObject({ statement: Statement, parameters: Values.optional() })

const Cell: z.ZodType<Json> = z.custom<Json>(() => true)

/** The rows of an answer as objects, by the names the statement returns. */
const Rows = z
  .looseObject({ data: z.looseObject({ fields: z.array(z.string()), values: z.array(z.array(Cell)) }) })
  .transform(({ data: { fields, values } }) =>
    values.map(row => Object.fromEntries(fields.map((field, place) => [field, row[place] ?? null]))),
  )

/** Runs a statement of the caller's that only reads. */
export const queryCypher = read(
  'queryCypher',
  Custom,
  Rows,
  ({ statement, parameters }, { config }: Here) => ({
    call: statementCall(config, statement, parameters ?? {}, 'read'),
  }),
  {
    about: 'Runs a statement of yours that only reads; the server refuses one that writes.',
    example: {
      statement: cypher`
        MATCH (s:Session {project: $project})-[:MADE_DECISION]->(d:Decision)
        RETURN s.user AS user, count(d) AS decisions ORDER BY decisions DESC`,
      parameters: { project: 'billing' },
    },
  },
)

/** Runs a statement of the caller's that may do anything. */
export const runCypher = action(
  'runCypher',
  z.strictObject({ ...Custom.shape, repeatable: z.boolean().default(false) }),
  ({ statement, parameters, repeatable }, { config }: Here) => ({
    ...statementCall(config, statement, parameters ?? {}),
    repeat: repeatable ? ('safe' as const) : ('unsafe' as const),
  }),
  {
    about: 'Runs a statement of yours; say `repeatable` when running it twice does no harm, as with MERGE.',
    example: {
      statement: 'MATCH (s:Session {id: $id}) SET s.reviewedBy = $by RETURN s.id AS id',
      parameters: { id: '01990000-0000-7000-8000-00000000a001', by: 'ada' },
    },
    effect: 'destructive',
  },
)
