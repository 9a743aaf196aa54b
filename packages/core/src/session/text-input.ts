import * as z from 'zod/mini'
import { cleanText, isVisible, oneLine } from './text.ts'
import { expecting } from './words.ts'

const VISIBLE = 'a string of which something is visible'
/** A text of which people see something. */
const visibleText = z.string(expecting(VISIBLE)).check(z.refine(isVisible, expecting(VISIBLE)))

/** The input of an action that becomes one line, at most `units` UTF-16 units of it: a title, a name. */
export const lineInput = (units: number) =>
  z.pipe(
    z.pipe(
      visibleText,
      z.transform(text => oneLine(text, units)),
    ),
    visibleText,
  )

/**
 * The input of an action that becomes Markdown: a string is shown exactly as it is; `{ markdown }` is trusted and keeps its links
 * and mentions.
 */
export const markdownInput = z.union(
  [
    visibleText,
    z.strictObject({
      markdown: z.pipe(
        visibleText,
        z.transform(text => cleanText(text)),
      ),
    }),
  ],
  expecting(`${VISIBLE}, or { markdown } for text that you trust`),
)
