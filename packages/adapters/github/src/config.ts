import { type At, address, type ConfigOf, type OptionsOf, statusOption } from '@sessionwire/core/adapter'
import * as z from 'zod'

const OWNER = 'expected the login of a user or an organization, such as acme'
const REPO = 'expected the name of a repository without its owner, such as billing'
const API = 'expected the address of the API, https://api.github.com, and not that of the pages'
const LABEL = 'expected the name of a label'

/** Options of `github()` in addition to those that every adapter takes. */
export const options = {
  /** Login of the user or organization that owns the repository. */
  owner: z.string(OWNER).regex(/^[A-Za-z\d](?:[A-Za-z\d_-]{0,98}[A-Za-z\d])?$/, OWNER),
  /** Name of the repository that issues belong to. */
  repo: z
    .string(REPO)
    .regex(/^[\w.-]{1,100}$/, REPO)
    .refine(name => name !== '.' && name !== '..', REPO),
  /** Labels of new issues. GitHub drops them without an error where the token may not write to the repository. Default: none. */
  labels: z
    .array(z.string(LABEL).trim().min(1, LABEL).max(50, LABEL))
    .max(50, 'expected at most 50 labels')
    .default([]),
  /**
   * A check on the commit that `start({ refs })` names: `run` is a check run, which only a GitHub App may write, `status` a
   * commit status; true is a run with an app and a status with a token. Default false.
   */
  check: z.union([z.boolean(), z.literal(['run', 'status'])]).default(false),
  /** Name of the check run, and context of the commit status. Default `sessionwire`. */
  checkName: z.string('expected a name').trim().min(1, 'expected a name').max(100).default('sessionwire'),
  /** States of the issue by moment: `open`, or how it is closed. Default: none, and the issue is never closed. */
  statuses: statusOption(z.literal(['open', 'completed', 'not_planned'])),
  /**
   * Web addresses in texts: `code` (default) shows them as code, `live` as links. Mentions and references are always code, and so
   * are addresses of issues, pull requests, commits and discussions.
   */
  links: z.literal(['code', 'live']).default('code'),
  /** Longest text of an issue or comment, in UTF-16 units. Default 60,000; GitHub refuses more than 65,536 characters. */
  maxLength: z.int().min(1_000).max(65_000).default(60_000),
  /** Address of the API; `https://HOST/api/v3` for an Enterprise Server. Default `https://api.github.com`. */
  baseUrl: z
    .optional(address('https://api.github.com'))
    .default('https://api.github.com')
    .refine(url => !/\/\/(www\.)?github\.com(\/|$)/.test(url), API),
}

/** A token of any kind, or the three values of a GitHub App. Ids are public. */
export const secrets = {
  GITHUB_TOKEN: 'secret',
  GITHUB_APP_ID: 'public',
  GITHUB_APP_INSTALLATION_ID: 'public',
  GITHUB_APP_PRIVATE_KEY: 'secret',
} as const

/** Ways to authenticate. */
export const ways = {
  token: ['GITHUB_TOKEN'],
  app: ['GITHUB_APP_ID', 'GITHUB_APP_INSTALLATION_ID', 'GITHUB_APP_PRIVATE_KEY'],
} as const

/** Options of `github()`. @interface */
export type GithubOptions = OptionsOf<typeof options, typeof secrets, typeof ways>
/** Configuration of the adapter. @interface */
export type GithubConfig = ConfigOf<typeof options, typeof secrets, typeof ways>

/** The key of a call in the making, and the configuration. */
export type Here = At<GithubConfig>

/** The kind of check that hooks write. */
export const checkKind = ({ check, auth }: GithubConfig): 'run' | 'status' | undefined =>
  check === true ? (auth === 'app' ? 'run' : 'status') : check === false ? undefined : check
