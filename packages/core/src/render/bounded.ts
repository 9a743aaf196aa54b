import type { Json } from '../session/schema.ts'
import { cleanText, shorten } from '../session/text.ts'

/**
 * Writes with less and less of each text until what is written is at most `room` by `sizeOf`. The last try is given 0: it may
 * still be larger.
 */
export const fit = <T>(room: number, write: (units: number) => T, sizeOf: (made: T) => number): T => {
  for (let units = room; ; ) {
    const made = write(units)
    const size = sizeOf(made)
    if (size <= room || units === 0) return made
    units = Math.floor(units * Math.min(0.7, (0.95 * room) / size))
  }
}

/** How many items of a list are shown where each text has at most `units`: fewer where texts are short. */
export const countItems = (units: number): number => Math.max(3, Math.min(100, Math.floor(units / 20)))

/** The first `most` items, each written, and how many more there are: `(3 more)`. */
export const cutItems = (
  items: readonly string[],
  most: number,
  write: (item: string) => string,
): readonly string[] => [
  ...items.slice(0, most).map(write),
  ...(items.length > most ? [`(${items.length - most} more)`] : []),
]

/** Longest text and most items of a list or object. */
type Bounds = Readonly<{ units: number; items: number }>

/** Longest name of a field, in UTF-16 units. */
const NAME_UNITS = 200

/** A value without invisible characters, with texts and lists that are not too long. */
const limit = (value: Json, bounds: Bounds): Json => {
  if (typeof value === 'string') return shorten(cleanText(value), bounds.units)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.slice(0, bounds.items).map(each => limit(each, bounds))
  const entries = Object.entries(value).slice(0, bounds.items)
  return Object.fromEntries(
    entries.map(([name, each]) => [
      shorten(cleanText(name), Math.min(NAME_UNITS, bounds.units)),
      limit(each, bounds),
    ]),
  )
}

/**
 * A value that is at most `maxBytes` long once `write` wrote it: its texts and lists get shorter until it fits, and
 * invisible characters leave its texts. `null` where not even that helps.
 */
export const limitJson = (value: Json, maxBytes: number, write: (value: Json) => string): Json => {
  const encoder = new TextEncoder()
  for (let units = 8_192, items = 256; units >= 16; units >>= 1, items = Math.max(4, items >> 1)) {
    const made = limit(value, { units, items })
    if (encoder.encode(write(made)).length <= maxBytes) return made
  }
  return null
}
