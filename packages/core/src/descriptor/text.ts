/** Everything that ends a line somewhere, except the line feed itself. */
const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/g
/** Controls, which show nothing, and characters of direction, which reach beyond the text they came in. */
const UNSEEN = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\u{e0001}]/gu
const SUSPECT =
  /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\u{e0001}\p{Cs}]/u

/**
 * Text that may be shown to people: every line end is `\n`, lone surrogates are U+FFFD, and it has no control characters
 * but line feed and tab, and no characters that change the direction of text.
 */
export const cleanText = (text: string): string =>
  // Most texts have none, and one look is cheaper than three replacements.
  SUSPECT.test(text) ? text.toWellFormed().replace(LINE_ENDS, '\n').replace(UNSEEN, '') : text

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
