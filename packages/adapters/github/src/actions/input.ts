import { isVisible, lineInput, markdownInput, oneLine } from '@sessionwire/core/adapter'
import * as z from 'zod'

const ISSUE_URL = /^https?:\/\/[^/\s]+\/[^/\s]+\/[^/\s]+\/(?:issues|pull)\/(\d{1,15})(?:[/?#]\S*)?$/
const NUMBER = /^#?([1-9]\d{0,14})$/

/** The number of an issue or pull request, from itself, `#12` or an address. */
export const issueIn = (text: string): string | undefined =>
  NUMBER.exec(text.trim())?.[1] ?? ISSUE_URL.exec(text.trim())?.[1]

const ISSUE = 'expected the number or the address of an issue or a pull request'
/** An issue or pull request as people name it. */
export const Issue = z
  .union([z.int().min(1), z.string()], ISSUE)
  .transform(given => Number(issueIn(String(given)) ?? Number.NaN))
  .refine(Number.isSafeInteger, ISSUE)

/** An issue; left out, or by the word `session`, the issue of the session. */
export const OrSession = z
  .union([z.literal('session'), Issue], `${ISSUE}, or "session"`)
  .optional()
  .transform(issue => (issue === 'session' ? undefined : issue))

/** Text: a string shows exactly as it is; `{ markdown }` is trusted and keeps its links, mentions and references. */
export const Body = markdownInput
export type Body = z.output<typeof Body>

/** A title: one line, cut to 256 UTF-16 units. */
export const Line = lineInput(256)

const LOGIN = 'expected the login of a user, such as octocat or github-actions[bot]'
/** The login of a user. */
export const Login = z.string(LOGIN).regex(/^[A-Za-z\d](?:[\w-]{0,98})(?:\[bot\])?$/, LOGIN)

const LABEL = 'expected the name of a label of at most 50 characters'
/** The names of labels. */
export const Labels = z
  .array(
    z
      .string(LABEL)
      .max(200, LABEL)
      .transform(text => oneLine(text, 50))
      .refine(isVisible, LABEL),
  )
  .min(1, 'expected at least one label')
  .max(50, 'expected at most 50 labels')

const SHA = 'expected the whole hash of a commit: 40 hexadecimal digits'
/** The hash of a commit, as a text. */
export const isSha = (text: string): boolean => /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(text)
/** The hash of a commit. */
export const Sha = z
  .string(SHA)
  .refine(isSha, SHA)
  .transform(sha => sha.toLowerCase())

const ID = 'expected the number that GitHub gave it'
/** A comment or check run by its number. */
export const Id = z.int(ID).min(1, ID)

const BRANCH = 'expected the name of a branch, such as fix/locks, or of another owner: acme:fix/locks'
/** A branch as GitHub's API takes it. */
export const Branch = z.string(BRANCH).regex(/^(?:[\w-]+:)?(?!-)[^\s\p{C}~^:?*[\\]{1,250}$/u, BRANCH)

/** A web address. */
export const Web = z.url({ protocol: /^https?$/, error: 'expected a web address' }).max(2_000)
