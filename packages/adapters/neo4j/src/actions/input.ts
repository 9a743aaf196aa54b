import type { Json } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { clean, indexed } from '../text.ts'

/** Any text. */
export const Text = z.string('must be text').transform(clean)

/** A text by which nodes are found; a very long one is cut and ends in a hash of the whole. */
export const Key = z
  .string('must be text')
  .transform(indexed)
  .refine(text => text !== '', 'must not be empty')

const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** A moment: ISO 8601 with a zone, kept in UTC with milliseconds. */
export const Moment = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-01-31T10:00:00.000Z' })
  // Ours are in that form already.
  .transform(text => (CANONICAL.test(text) ? text : new Date(text).toISOString()))

/** Percent, a whole number. */
export const Progress = z
  .number('must be a number from 0 to 100')
  .min(0, 'must be at least 0')
  .max(100, 'must be at most 100')
  .transform(value => Math.round(value) + 0)

/** The place of an event in its session, counted from 1: what a newer one set, an older one leaves alone. */
const Sequence = z.int('must be a whole number').min(0, 'must be at least 0')

/** How many rows at most. */
export const limit = (count: number) => z.int().min(1).max(10_000).default(count)

/** An entity, as people name it. */
export const Named = z.strictObject({ type: Text, name: Text })

/** What every event of a session says of itself. */
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
