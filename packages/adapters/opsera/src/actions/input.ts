import { cleanText, type Json } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { block, plain } from '../text.ts'

/** Description of an id of a project, for messages. */
export const PROJECT_ID = 'the id of a project: 1 to 200 characters without spaces'
/** Whether a text can be the id of a project: it becomes part of an address, percent-encoded. */
export const isProjectId = (value: string): boolean =>
  /^[^\s\p{C}]{1,200}$/u.test(value) && value !== '.' && value !== '..'
/** A project's id, as Opsera has it. */
export const ProjectId = z.string().refine(isProjectId, `expected ${PROJECT_ID}`)

/** One line of text. */
export const Line = z
  .string()
  .transform(text => plain(text))
  .refine(text => text !== '', 'expected a visible character')

/** Text of several lines. */
export const Text = z
  .string()
  .transform(text => block(text))
  .refine(text => text !== '', 'expected a visible character')

/** Whether a text can be an id of ours in Opsera. */
export const isExternalId = (id: string): boolean => /^[^\p{C}]{1,200}$/u.test(id)
/** An id of ours in Opsera. */
export const ExternalId = z
  .string()
  .refine(isExternalId, 'expected an id of 1 to 200 characters without control characters')

/** An id Opsera made: 24 hexadecimal digits (https://docs.opsera.ai/api-reference/reference/pipeline-parameters). */
export const ObjectId = z
  .string()
  .regex(/^[a-zA-Z0-9]{24}$/, 'expected an id of Opsera: 24 letters and digits')

/** An e-mail address in small letters, as Opsera compares them. */
export const Email = z
  .string()
  .regex(/^[^\s\p{C}@*]{1,64}@[^\s\p{C}@*]{1,200}$/u, 'expected an e-mail address')
  .transform(text => text.toLowerCase())

/** Greatest depth of a value that is sent as it stands. */
const DEPTH = 32

const checkPlain = (value: Json, ctx: z.RefinementCtx, path: readonly (string | number)[]): Json => {
  const refuse = (message: string): Json => {
    ctx.addIssue({ code: 'custom', message, path: [...path] })
    return null
  }
  if (typeof value === 'string') return cleanText(value)
  if (value === null || typeof value !== 'object') return value
  if (path.length > DEPTH) return refuse(`expected at most ${DEPTH} levels`)
  if (Array.isArray(value)) return value.map((item: Json, place) => checkPlain(item, ctx, [...path, place]))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (/^\$|\0|\p{Surrogate}/u.test(key)) refuse(`expected no field named "${key.slice(0, 40)}"`)
      return [key, checkPlain(inner, ctx, [...path, key])]
    }),
  )
}

/** A value that is sent as it stands, without control characters. */
const keepAsIs = <T extends Json>(value: T, ctx: z.RefinementCtx): T => checkPlain(value, ctx, []) as T

/** Fields that Opsera documents nowhere: they are sent as they stand. */
export const Fields = z
  .record(z.string(), z.json('expected JSON'), 'expected an object')
  .transform((value, ctx) => keepAsIs(value as Readonly<Record<string, Json>>, ctx))

/** Assets of a project; their type is not verified. */
export const Assets = z
  .union(
    [z.record(z.string(), z.json('expected JSON')), z.array(z.json('expected JSON'))],
    'expected an object or an array',
  )
  .transform((value, ctx) => keepAsIs(value as Readonly<Record<string, Json>> | readonly Json[], ctx))

/** An answer whose form is not documented. */
export const Answer = z.json()
