/**
 * Mirrors sessions into Jira: an issue or one status comment per session, edited in place, with decisions and blockers
 * as comments below it. Jira Cloud (API v3 and v2) and Data Center (v2).
 * @module jira
 */
import { type Adapter, type Environment, environment, type Limits } from '@sessionwire/core/adapter'
import { check } from './actions/read.ts'
import { actions } from './actions.ts'
import { checkOptions, optionsFrom, secretsOf } from './config.ts'
import { hooks } from './hooks.ts'
import { linkAt } from './link.ts'
import type { JiraConfig, JiraOptions } from './options.ts'
import { isOwn, outcome } from './outcome.ts'
import { probes } from './probes.ts'

export type { JiraConfig, JiraOptions, Statuses, StatusHook } from './options.ts'

/**
 * Well below the steady rates of Jira Cloud (100 reads, 100 POSTs and 50 PUTs a second and endpoint), since everybody
 * at a site shares them. One issue takes 20 writes in 2 s and 100 in 30 s: 20 in 6 s keep both.
 * https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
 */
const LIMITS: Limits = {
  concurrency: 4,
  rates: {
    read: { count: 40, perMs: 1_000 },
    write: { count: 20, perMs: 1_000 },
    search: { count: 10, perMs: 1_000 },
    users: { count: 2, perMs: 1_000 },
    'issue:*': { count: 20, perMs: 6_000 },
  },
}

/** An adapter for Jira. */
export type JiraAdapter<N extends string = string> = Adapter<JiraConfig, N, typeof actions>

/** Makes an adapter for Jira. */
export interface Jira {
  /** Throws `CONFIG` naming the option that is wrong. */
  <const N extends string = 'jira'>(options: JiraOptions<N>): JiraAdapter<N>
  /**
   * From `JIRA_BASE_URL` or `JIRA_CLOUD_ID`, `JIRA_PROJECT_KEY`, `JIRA_ISSUE_TYPE`, `JIRA_API_VERSION`,
   * `JIRA_DEPLOYMENT`, and the secrets that are set: `JIRA_EMAIL` with `JIRA_API_TOKEN`, else `JIRA_PAT`, else
   * `JIRA_OAUTH_TOKEN`. `undefined` when one that is needed is missing or `JIRA_ENABLED` is false; throws `CONFIG` when
   * it is true and something is missing.
   */
  fromEnv<const N extends string = 'jira'>(
    overrides?: Partial<JiraOptions<N>>,
    env?: Environment,
  ): JiraAdapter<N> | undefined
}

const make = <const N extends string = 'jira'>(options: JiraOptions<N>): JiraAdapter<N> => {
  const { config, rest } = checkOptions(options)
  const { mode, when, allowDestructive, onDoubt } = rest
  return {
    name: config.as as N,
    config,
    mode,
    hooks,
    actions,
    limits: LIMITS,
    check: check(config),
    account: config.deployment === 'cloud' ? '/accountId' : '/name',
    probes: probes(config),
    origins: [new URL(config.baseUrl).origin],
    isOwn,
    outcome,
    refs: ['issue'],
    link: linkAt(options.cloudId === undefined ? config.baseUrl : options.baseUrl),
    secrets: secretsOf(config.auth),
    ...(when === undefined ? {} : { when }),
    ...(allowDestructive === undefined ? {} : { allowDestructive }),
    ...(onDoubt === undefined ? {} : { onDoubt }),
  }
}

const fromEnv = <const N extends string = 'jira'>(
  overrides: Partial<JiraOptions<N>> = {},
  env: Environment = environment(),
): JiraAdapter<N> | undefined => {
  const options = optionsFrom(env, overrides)
  return options === undefined ? undefined : make(options)
}

/** Sessions in Jira: `jira({ baseUrl: 'https://your-site.atlassian.net', projectKey: 'ENG' })`, or `jira.fromEnv()`. */
export const jira: Jira = Object.assign(make, { fromEnv })
