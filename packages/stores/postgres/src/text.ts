/** Takes the place of a NUL and of half of a character. */
const INSTEAD = '\ufffd'
/** How JSON names them. It names a whole character by itself, so that each of these halves is alone. */
const UNFIT = /\\u(?:0000|d[89a-f])/
const ESCAPE = /\\(?:u(?:0000|d[89a-f]..)|.)/g

/**
 * A value as JSON that the database can read. JSON can name a NUL and half of a character, no text of the database holds them,
 * and one in an answer of a service would undo all that its statement writes of others.
 */
export const writeJson = (value: unknown): string => {
  const text = JSON.stringify(value)
  return UNFIT.test(text) ? text.replace(ESCAPE, found => (found.length > 2 ? INSTEAD : found)) : text
}

/** Parameters without NUL, which ends the statement; drivers replace halves of characters by themselves. */
export const fitValues = (values: readonly (string | null)[]): readonly (string | null)[] =>
  values.some(each => each?.includes('\0'))
    ? values.map(each => each?.replaceAll('\0', INSTEAD) ?? null)
    : values
