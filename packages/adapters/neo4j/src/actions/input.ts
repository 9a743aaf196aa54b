import * as z from 'zod'
import { clean, fitIndex } from '../text.ts'

/** Any text. */
export const Text = z.string('expected a string').transform(clean)

/** A text by which nodes are found; a very long one is cut and ends in a hash of the whole. */
export const Key = z
  .string('expected a string')
  .transform(fitIndex)
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

/** The greatest number of rows. */
export const limit = (count: number) => z.int().min(1).max(10_000).default(count)

/** An entity, as people name it. */
export const Named = z.strictObject({ type: Text, name: Text })
