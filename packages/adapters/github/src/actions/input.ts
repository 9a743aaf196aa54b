import { invalidInput, isVisible, lineInput, markdownInput, oneLine } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { GithubConfig } from '../config.ts'

const ISSUE_URL = /^https?:\/\/([^/\s@]+)\/([^/\s]+)\/([^/\s]+)\/(?:issues|pull)\/(\d{1,15})(?:[/?#]\S*)?$/
const NUMBER = /^#?([1-9]\d{0,14})$/

/** An issue by its address: another repository's issue of the same number is another one. */
type Addressed = Readonly<{ number: number; host: string; repository: string }>

const readIssue = (text: string): number | Addressed | undefined => {
  const number = NUMBER.exec(text.trim())?.[1]
  if (number !== undefined) return Number(number)
  const [whole, host = '', owner, repo, digits] = ISSUE_URL.exec(text.trim()) ?? []
  return whole === undefined
    ? undefined
    : { number: Number(digits), host: host.toLowerCase(), repository: `${owner}/${repo}` }
}

type Repository = Pick<GithubConfig, 'baseUrl' | 'owner' | 'repo'>

/** The host of the pages, where the address of the API says it: GitHub's own, an Enterprise Server's or a `ghe.com`. */
const pagesOf = ({ baseUrl }: Repository): string | undefined => {
  const { host, pathname } = new URL(baseUrl)
  if (host.startsWith('api.')) return host.slice('api.'.length)
  return /^\/api\/v3\/?$/.test(pathname) ? host : undefined
}

const isOurs = ({ host, repository }: Addressed, config: Repository): boolean =>
  repository.toLowerCase() === `${config.owner}/${config.repo}`.toLowerCase() &&
  (pagesOf(config) ?? host) === host.replace(/^www\./, '')

/** The number of an issue or pull request of the configured repository, from itself, `#12` or an address. */
export const issueIn = (text: string, config: Repository): string | undefined => {
  const found = readIssue(text)
  if (typeof found === 'object') return isOurs(found, config) ? String(found.number) : undefined
  return found === undefined ? undefined : String(found)
}

const ISSUE = 'expected the number or the address of an issue or a pull request'
/** An issue or pull request as people name it. */
export const Issue = z
  .union([z.int().min(1), z.string()], ISSUE)
  .transform((given): number | Addressed => readIssue(String(given)) ?? Number.NaN)
  .refine(issue => Number.isSafeInteger(typeof issue === 'object' ? issue.number : issue), ISSUE)
export type Issue = z.output<typeof Issue>

/** The number of an issue. Throws `INVALID_INPUT` for the address of another repository. */
export const numberOf = <I extends Issue | undefined>(
  issue: I,
  config: Repository,
): I extends undefined ? undefined : number => {
  type Result = ReturnType<typeof numberOf<I>>
  if (typeof issue !== 'object') return issue as Result
  if (isOurs(issue, config)) return issue.number as Result
  throw invalidInput({
    field: 'issue',
    problem: 'another repository',
    expected: `an issue of ${config.owner}/${config.repo}`,
    got: `${issue.host}/${issue.repository}#${issue.number}`,
    todo: 'Set up a second adapter for that repository, with a name of its own (`as`).',
  })
}

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
