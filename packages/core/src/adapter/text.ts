import { cleanText } from '../descriptor/text.ts'

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
