import { type Json, TrackerError } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { lines, plain } from '../text.ts'

/** A project's id, as Opsera has it: it becomes part of an address, percent-encoded. */
export const ProjectId = z
  .string()
  .refine(
    value => /^[^\s\p{C}]{1,200}$/u.test(value) && value !== '.' && value !== '..',
    'must be the id of a project: 1 to 200 characters without spaces',
  )

/** One line of text. */
export const Line = z
  .string()
  .transform(text => plain(text))
  .refine(text => text !== '', 'must not be empty')

/** Text of several lines. */
export const Text = z
  .string()
  .transform(text => lines(text))
  .refine(text => text !== '', 'must not be empty')

const ID = /^[^\p{C}]{1,200}$/u
const NO_ID = 'must be an id: 1 to 200 characters, none of them a control'
/** An id of ours in Opsera. */
export const ExternalId = z.string().regex(ID, NO_ID)

/** The id of a session, if it can be one in Opsera: ids of a host's own making may hold anything. */
export const externalId = (session: string): string => {
  if (!ID.test(session)) throw refuse('editCard', 'externalId', NO_ID)
  return session
}

/** An id Opsera made: 24 hexadecimal digits (https://docs.opsera.ai/api-reference/reference/pipeline-parameters). */
export const ObjectId = z
  .string()
  .regex(/^[a-zA-Z0-9]{24}$/, 'must be an id of Opsera: 24 letters and digits')

/** An e-mail address, in small letters: Opsera compares them so. */
export const Email = z
  .string()
  .regex(/^[^\s\p{C}@*]{1,64}@[^\s\p{C}@*]{1,200}$/u, 'must be an e-mail address')
  .transform(text => text.toLowerCase())

/** How deep what is sent as it stands may be. */
const DEPTH = 32

const cleaned = (value: Json, ctx: z.RefinementCtx, path: readonly (string | number)[]): Json => {
  const refuse = (message: string): Json => {
    ctx.addIssue({ code: 'custom', message, path: [...path] })
    return null
  }
  if (typeof value === 'string') return value.replaceAll('\0', '').toWellFormed()
  if (value === null || typeof value !== 'object') return value
  if (path.length > DEPTH) return refuse(`must not be nested deeper than ${DEPTH}`)
  if (Array.isArray(value)) return value.map((item: Json, place) => cleaned(item, ctx, [...path, place]))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (/^\$|\0|\p{Surrogate}/u.test(key)) refuse(`must have no field called "${key.slice(0, 40)}"`)
      return [key, cleaned(inner, ctx, [...path, key])]
    }),
  )
}

/** Sent as it stands, but for NUL and half characters. */
const asItStands = <T extends Json>(value: T, ctx: z.RefinementCtx): T => cleaned(value, ctx, []) as T

/** Fields that Opsera documents nowhere: they are sent as they stand. */
export const Fields = z
  .record(z.string(), z.json('must be JSON'), 'must be an object')
  .transform((value, ctx) => asItStands(value as Readonly<Record<string, Json>>, ctx))

/** Assets of a project: what kind they are is not verified. */
export const Assets = z
  .union(
    [z.record(z.string(), z.json('must be JSON')), z.array(z.json('must be JSON'))],
    'must be an object, or a list',
  )
  .transform((value, ctx) => asItStands(value as Readonly<Record<string, Json>> | readonly Json[], ctx))

/** What an answer is that nobody documented. */
export const Answer = z.json()

/** Refuses input that only the configuration shows to be wrong. */
export const refuse = (action: string, field: string, why: string): TrackerError =>
  new TrackerError('INVALID_INPUT', `${action}: ${field}: ${why}`, { field })
