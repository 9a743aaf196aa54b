/** Longest text in bytes of UTF-8: a description, goal, content or summary. */
export const LONG_BYTES = 65_536
/** Longest short text in bytes of UTF-8: a name, tag, category or path. */
export const SHORT_BYTES = 2_048

/** Made when text is long, which is rare: the language itself has none, and loading this module must not ask for it. */
const encoder = () => new TextEncoder()

const SUSPECT = /[\0\uD800-\uDFFF]/

/** How many UTF-16 units from the start fit into `bytes` of UTF-8, never half a code point. */
const fitting = (text: string, bytes: number): number =>
  encoder().encodeInto(text.length > bytes ? text.slice(0, bytes) : text, new Uint8Array(bytes)).read

/** Without NUL, which databases refuse, and with lone surrogates replaced, which no encoder can write. */
export const clean = (text: string): string =>
  // Most text has neither, and to look for that is much cheaper.
  SUSPECT.test(text) ? text.replace(/\0|\p{Surrogate}/gu, found => (found === '\0' ? '' : '\uFFFD')) : text

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

/** An escaped UTF-16 unit takes six bytes of JSON at most, a number 24. */
const atMost = (value: unknown): number => {
  if (typeof value === 'string') return value.length * 6 + 2
  if (value === null || typeof value !== 'object') return 24
  let sum = 2
  if (Array.isArray(value)) for (const item of value) sum += atMost(item) + 1
  else for (const key in value) sum += key.length * 6 + 4 + atMost((value as Record<string, unknown>)[key])
  return sum
}
