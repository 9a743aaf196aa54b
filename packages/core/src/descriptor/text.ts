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
