/**
 * Sessions in GitHub: an issue of its own or one comment on an issue or pull request, edited in place, with decisions and
 * blockers as comments; and a check run or status on a commit.
 * @module github
 */
import {
  type Adapter,
  type AdapterFactory,
  defineAdapter,
  showValue,
  writeLine,
} from '@sessionwire/core/adapter'
import { check } from './actions/call.ts'
import { cardLookups, removeComment } from './actions/cards.ts'
import { issueIn } from './actions/input.ts'
import { actions } from './actions.ts'
import { type GithubConfig, type GithubOptions, options, secrets, ways } from './config.ts'
import { hooks } from './hooks.ts'
import { isOwn, outcome } from './outcome.ts'
import { probes } from './probes.ts'
import { transport } from './transport.ts'

export type { GithubConfig, GithubOptions } from './config.ts'

/** An adapter for GitHub. */
export type GithubAdapter<N extends string = string> = Adapter<
  GithubConfig,
  N,
  typeof actions,
  'issue' | 'commit'
>

const addressOf = ({ baseUrl, owner, repo }: GithubConfig, issue: unknown) =>
  baseUrl === 'https://api.github.com' && issue !== undefined
    ? { name: `#${issue}`, url: `https://github.com/${owner}/${repo}/issues/${issue}` }
    : undefined

/** The issue of a call, for people. */
const issueOf = (address: string): string => {
  const number = /\/issues\/(\d+)/.exec(address)?.[1]
  return number === undefined ? "the session's issue" : `#${number}`
}
const newIssue = writeLine(({ title }) => `create issue "${showValue(title)}"`)
const comment = writeLine(({ body }, address) => `comment on ${issueOf(address)}: ${showValue(body)}`)

/** Sessions in GitHub: `github({ owner: 'acme', repo: 'billing' })`, or `github.fromEnv()`. */
export const github: AdapterFactory<
  GithubOptions,
  GithubConfig,
  typeof actions,
  'github',
  'issue' | 'commit'
> = defineAdapter({
  service: 'github',
  options,
  secrets,
  ways,
  env: { owner: 'GITHUB_REPO_OWNER', repo: 'GITHUB_REPO_NAME' },
  actions,
  hooks,
  outcome,
  isOwn,
  /**
   * Below GitHub's secondary limits of 80 writes of content a minute and 500 an hour, and one request at a time, as its
   * documents advise. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
   */
  limits: {
    concurrency: 1,
    rates: {
      write: { count: 75, perMs: 600_000 },
      read: { count: 60, perMs: 60_000 },
      search: { count: 25, perMs: 60_000 },
    },
  },
  check,
  probes,
  cardLookups,
  refs: { issue: issueIn, commit: value => value },
  link: ({ refs, captured }, config) =>
    typeof captured.url === 'string'
      ? { name: `#${captured.issue ?? refs.issue ?? ''}`, url: captured.url }
      : addressOf(config, captured.issue ?? refs.issue),
  transport,
  removals: { createComment: removeComment },
  origins: ({ baseUrl }) => [baseUrl],
  describe: {
    createCard: newIssue,
    createIssue: newIssue,
    editCard: writeLine((_, address) => `edit the session's block in the description of ${issueOf(address)}`),
    createCardComment: comment,
    editCardComment: writeLine(({ body }) => `edit the session's comment: ${showValue(body)}`),
    createEntry: comment,
    createComment: comment,
    setStatus: writeLine(
      ({ state, state_reason: why }, address) => `set ${issueOf(address)} to ${showValue(why ?? state)}`,
    ),
    addLabels: writeLine(({ labels }, address) => `add labels to ${issueOf(address)}: ${showValue(labels)}`),
    createPullRequest: writeLine(({ title }) => `open pull request "${showValue(title)}"`),
    createCheck: writeLine(({ name }) => `create check run "${showValue(name)}"`),
    editCheck: () => 'edit the check run of the session',
    setCheckStatus: writeLine(({ state }) => `set the commit status to ${showValue(state)}`),
  },
})
