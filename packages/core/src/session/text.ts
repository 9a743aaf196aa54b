/** Longest text in bytes of UTF-8: a description, goal, content or summary. */
export const LONG_BYTES = 65_536
/** Longest short text in bytes of UTF-8: a name, tag, category or path. */
export const SHORT_BYTES = 2_048

/** Made when text is long, which is rare: the language itself has none, and loading this module must not ask for it. */
const encoder = () => new TextEncoder()

const UNSTORABLE = /[\0\uD800-\uDFFF]/

/** How many UTF-16 units from the start fit into `bytes` of UTF-8, never half a code point. */
const fitting = (text: string, bytes: number): number =>
  encoder().encodeInto(text.length > bytes ? text.slice(0, bytes) : text, new Uint8Array(bytes)).read

/** Without NUL, which databases refuse, and with lone surrogates replaced, which no encoder can write. */
export const clean = (text: string): string =>
  // Most text has neither, and to look for that is much cheaper.
  UNSTORABLE.test(text) ? text.replace(/\0|\p{Surrogate}/gu, found => (found === '\0' ? '' : '\uFFFD')) : text

/** Clean, and cut to `bytes` of UTF-8 with a note that says so. The rest of a huge text is never looked at. */
export const cutText = (text: string, bytes: number): string => {
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 <= bytes || (text.length <= bytes && fitting(text, bytes) === text.length))
    return clean(text)
  const note = ` … [cut: ${text.length} characters]`
  return clean(text.slice(0, fitting(text, bytes - encoder().encode(note).length))) + note
}

/** Bytes of a JSON value as UTF-8 text, or less than `enough` when a cheap upper bound already is. */
export const jsonBytes = (value: unknown, enough: number): number => {
  const most = atMost(value)
  return most <= enough ? most : encoder().encode(JSON.stringify(value)).length
}

/** An escaped UTF-16 unit takes six bytes of JSON at most, a number 25 (`-0.0000012345678901234567`). */
const atMost = (value: unknown): number => {
  if (typeof value === 'string') return value.length * 6 + 2
  if (value === null || typeof value !== 'object') return 25
  let sum = 2
  if (Array.isArray(value)) for (const item of value) sum += atMost(item) + 1
  else for (const key in value) sum += key.length * 6 + 4 + atMost((value as Record<string, unknown>)[key])
  return sum
}

/** Everything that ends a line somewhere, except the line feed itself. */
const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/g
/**
 * Controls, which show nothing; characters of direction, which reach beyond the text they came in; and tags and further
 * variation selectors (U+E0000 to U+E0FFF), which people do not see and a model reads. The flag of England, made of tags,
 * becomes a black one.
 */
const UNSEEN =
  /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\u{e0000}-\u{e0fff}]/gu
const SUSPECT =
  /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\u{e0000}-\u{e0fff}]/u

/**
 * Text that may be shown to people: every line end is `\n`, lone surrogates are U+FFFD, and it has no control characters
 * but line feed and tab, no characters that change the direction of text, and no invisible tags.
 */
export const cleanText = (text: string): string =>
  // Most texts have none, and one look is cheaper than three replacements. Surrogates in the class (`\p{Cs}`) make it four
  // times as slow for text of emoji.
  SUSPECT.test(text) || !text.isWellFormed()
    ? text.toWellFormed().replace(LINE_ENDS, '\n').replace(UNSEEN, '')
    : text

/** Text far beyond its room is never looked at: it is cut to this many times its room before it is cleaned. */
const AHEAD = 4

/** At most `units` UTF-16 units, between code points; text that was cut ends with `…`. */
export const shorten = (text: string, units: number): string =>
  text.length <= units ? text : `${text.slice(0, Math.max(0, units - 1)).replace(/[\ud800-\udbff]$/, '')}…`

/** Clean text on one line, at most `units` long. */
export const oneLine = (text: string, units: number): string =>
  shorten(
    cleanText(shorten(text, units * AHEAD))
      .replace(/\s+/g, ' ')
      .trim(),
    units,
  )

/** Clean text that keeps its lines, with at most one empty line in a row, at most `units` long. */
export const lines = (text: string, units: number): string =>
  shorten(
    cleanText(shorten(text, units * AHEAD))
      .split('\n')
      .map(line => line.trimEnd())
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    units,
  )

/** Whether a person sees anything of a text. */
export const isVisible = (text: string): boolean => /[^\s\p{C}\p{Z}]/u.test(text)

/** The title of a session on one line; one of which nothing is visible becomes `Session <id>`. */
export const titleOf = (session: Readonly<{ title: string; id: string }>, units: number): string => {
  const title = oneLine(session.title, units)
  return isVisible(title) ? title : oneLine(`Session ${session.id}`, units)
}

/** Formats a time span for people: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export const formatDuration = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  const [big, bigUnit, small, smallUnit] =
    hours < 24 ? [hours, 'h', minutes % 60, 'min'] : [Math.floor(hours / 24), 'd', hours % 24, 'h']
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`
}

/** The last `n` of a list, with a first item saying how many are left out. */
export const newest = (values: readonly string[], n: number): readonly string[] =>
  values.length <= n ? values : [`(${values.length - n} earlier)`, ...values.slice(-n)]
