import { lineInput, lines, markdownInput } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { isUuid, type LinearConfig } from '../config.ts'
import { writeText } from '../text.ts'

const IDENTIFIER = /^[A-Za-z][A-Za-z0-9]{0,19}-\d{1,9}$/
const ISSUE_URL = /^https:\/\/linear\.app\/[^/\s]+\/issue\/([A-Za-z][A-Za-z0-9]{0,19}-\d{1,9})(?:[/?#]\S*)?$/

/** The UUID or identifier of an issue, from either of them or from the issue's address. */
export const issueIn = (text: string): string | undefined => {
  const given = text.trim()
  if (isUuid(given)) return given.toLowerCase()
  const identifier = IDENTIFIER.test(given) ? given : ISSUE_URL.exec(given)?.[1]
  return identifier?.toUpperCase()
}

/** An issue and its address, from its address or that of anything on its page. */
export const issueUrl = (value: unknown): Readonly<{ name: string; url: string }> | undefined => {
  const [whole, name] = (typeof value === 'string' ? ISSUE_URL.exec(value) : null) ?? []
  return whole === undefined || name === undefined ? undefined : { name, url: whole.replace(/[?#].*$/, '') }
}

const ISSUE = 'expected an issue: its identifier (BIL-212), its UUID or its address'
/** The session's own issue, by the capture of its card. */
export const OWN = { $ref: 'issueId' } as const

/** An issue as people name it. */
export const Issue = z
  .string(ISSUE)
  .refine(text => issueIn(text) !== undefined, ISSUE)
  .transform(text => issueIn(text) ?? text)

/** An issue as people name it, or the session's own: left out, or the word `session`. */
export const OrSession = z
  .union([z.literal('session'), Issue], `${ISSUE}, or "session"`)
  .optional()
  .transform(issue => (issue === undefined || issue === 'session' ? OWN : issue))
export type OrSession = z.output<typeof OrSession>

const UUID = 'expected a UUID'
/** A UUID. */
export const Id = z
  .string(UUID)
  .refine(isUuid, UUID)
  .transform(text => text.toLowerCase())

/** Text: a string shows exactly as it is; `{ markdown }` is trusted and keeps its links and mentions. */
export const Body = markdownInput
export type Body = z.output<typeof Body>

/** A title or name: one line, cut to 255 UTF-16 units. */
export const Line = lineInput(255)

/** Text in Linear's markup. */
export const markdownOf = (body: Body, config: LinearConfig): string => writeText(body, config)

/** A text without markup, which may have several lines. */
export const Plain = z.string().transform(text => lines(text, 2_000))
