import type { Json } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { clean, indexed } from '../text.ts'

/** Any text. */
export const Text = z.string('expected a string').transform(clean)

/** A text by which nodes are found; a very long one is cut and ends in a hash of the whole. */
export const Key = z
  .string('expected a string')
  .transform(indexed)
  .refine(text => text !== '', 'expected at least one character')

const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** A moment: ISO 8601 with a zone, kept in UTC with milliseconds. */
export const Moment = z.iso
  .datetime({ offset: true, error: 'expected a time such as 2026-01-31T10:00:00.000Z' })
  // Ours are in that form already.
  .transform(text => (CANONICAL.test(text) ? text : new Date(text).toISOString()))

/** Percent, a whole number. */
export const Progress = z
  .number('expected a number from 0 to 100')
  .min(0, 'expected a number from 0 to 100')
  .max(100, 'expected a number from 0 to 100')
  .transform(value => Math.round(value) + 0)

/** The place of an event in its session, counted from 1: an older event leaves what a newer one has set. */
const Sequence = z.int('expected a whole number').min(0, 'expected a whole number from 0')

/** The greatest number of rows. */
export const limit = (count: number) => z.int().min(1).max(10_000).default(count)

/** What a model used. */
export const Usage = z.strictObject({
  inputTokens: z.number().min(0).optional(),
  outputTokens: z.number().min(0).optional(),
  cacheReadTokens: z.number().min(0).optional(),
  cacheWriteTokens: z.number().min(0).optional(),
  costUsd: z.number().min(0).optional(),
})

/** What an event used, and the sum of its session up to then. */
export const used = { usage: Usage.optional(), total: Usage.optional() } as const

/** The same as parameters. */
export const usedOf = ({ usage, total }: z.output<z.ZodObject<typeof used>>) => ({
  usage: orNull(usage as Json | undefined),
  total: orNull(total as Json | undefined),
})

/** An entity, as people name it. */
export const Named = z.strictObject({ type: Text, name: Text })

/** Fields of every event of a session. */
export const event = { sessionId: Key, project: Key, eventId: Key, at: Moment } as const

/** The same, where newer and older matter. */
export const ordered = { ...event, seq: Sequence } as const

/** A value, or the null that Cypher knows. */
export const orNull = <T extends Json>(value: T | undefined): T | null => value ?? null

/**
 * Orders writes to a node that several sessions share: by time, then by event. Times of one length compare as text.
 */
export const stampOf = ({ at, eventId }: Readonly<{ at: string; eventId: string }>): string =>
  `${at} ${eventId}`
