import * as z from 'zod'
import { isUuid, type LinearConfig } from '../config.ts'
import { block, clean, plain, shortened } from '../text.ts'

/** What only hooks can give: a value captured before. Direct calls are refused any key that begins with `$`. */
const Placeholder = z.strictObject({ $ref: z.string().min(1) })

const IDENTIFIER = /^[A-Za-z][A-Za-z0-9]{0,19}-\d{1,9}$/
const ISSUE_URL = /^https:\/\/linear\.app\/[^/\s]+\/issue\/([A-Za-z][A-Za-z0-9]{0,19}-\d{1,9})(?:[/?#]\S*)?$/

/** The UUID or identifier in what people hand over: either of them, or the issue's address. */
export const issueIn = (text: string): string | undefined => {
  const given = text.trim()
  if (isUuid(given)) return given.toLowerCase()
  const identifier = IDENTIFIER.test(given) ? given : ISSUE_URL.exec(given)?.[1]
  return identifier?.toUpperCase()
}

/** An issue and its address, from the address of it or of anything on its page. */
export const issueUrl = (value: unknown): Readonly<{ name: string; url: string }> | undefined => {
  const [whole, name] = (typeof value === 'string' ? ISSUE_URL.exec(value) : null) ?? []
  return whole === undefined || name === undefined ? undefined : { name, url: whole.replace(/[?#].*$/, '') }
}

const ISSUE =
  'must be an issue: its identifier (BIL-212), its UUID, its address, or "session" for the session\'s own'
/** What people call the issue their session is mirrored into. */
const OWN = { $ref: 'issueId' }

/** An issue, as people name it. */
export const Issue = z.union(
  [
    z
      .string()
      .refine(text => text === 'session' || issueIn(text) !== undefined)
      .transform(text => (text === 'session' ? OWN : (issueIn(text) ?? text))),
    Placeholder,
  ],
  ISSUE,
)
export type Issue = z.output<typeof Issue>

/** A UUID, or a captured one. */
export const Id = z.union(
  [
    z
      .string()
      .refine(isUuid)
      .transform(text => text.toLowerCase()),
    Placeholder,
  ],
  'must be a UUID',
)

/** Text: a string is shown exactly as it is; `{ markdown }` is trusted and keeps its links and mentions. */
export const Text = z.union(
  [z.string().min(1), z.strictObject({ markdown: z.string().min(1).transform(clean) })],
  'must be text, or { markdown } for text you trust',
)
export type Text = z.output<typeof Text>

/** A title: one line, cut to 255 characters. */
export const Title = z
  .string()
  .transform(text => plain(text))
  .refine(text => text !== '', 'must not be empty')

/** A short name given by people, such as a label's. */
export const Name = z
  .string()
  .transform(text => plain(text))
  .refine(text => text !== '', 'must not be empty')

/** Text in Linear's markup. */
export const textOf = (text: Text, config: LinearConfig): string =>
  typeof text === 'string'
    ? block(text, config.maxLength, config.links)
    : shortened(text.markdown, config.maxLength)
