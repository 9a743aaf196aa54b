/**
 * Mirrors sessions into Jira: an issue or one status comment per session, edited in place, with decisions and blockers
 * as comments below it. Jira Cloud (API v3 and v2) and Data Center (v2).
 * @module jira
 */
import {
  type Adapter,
  defineAdapter,
  fieldsOf,
  type Json,
  showValue,
  writeLine,
} from '@sessionwire/core/adapter'
import { call, issuePath } from './actions/call.ts'
import { removeComment, removeLink, showBody } from './actions/card.ts'
import { issueIn } from './actions/input.ts'
import { actions } from './actions.ts'
import { configure, conflicts, defaultWay, type JiraConfig, options, secrets, ways } from './config.ts'
import { hooks } from './hooks.ts'
import { isOwn, outcome } from './outcome.ts'
import { probes } from './probes.ts'

export type { JiraConfig, JiraOptions, Way } from './config.ts'

/** An adapter for Jira. */
export type JiraAdapter<N extends string = string> = Adapter<JiraConfig, N, typeof actions, 'issue'>

/** The issue of a call, for people. */
const issueOf = (address: string): string => {
  const key = /\/issue\/([^/?]+)/.exec(address)?.[1]
  return key === undefined || key === '{issue}' ? "the session's issue" : key
}
const onIssue = (verb: string) => writeLine((_, address) => `${verb} ${issueOf(address)}`)
const newIssue = writeLine(({ fields }) => {
  const { summary, project } = fieldsOf(fields)
  return `create "${showValue(summary)}" in ${showValue(fieldsOf(project).key)}`
})
const move = writeLine((_, address, { before }) => {
  const { oneOf, equals } = fieldsOf(before?.[0]?.where as Json)
  const names = [oneOf ?? equals].flat().map(name => JSON.stringify(name))
  return `move ${issueOf(address)} to ${names.join(', or else to ')}`
})

/** Sessions in Jira: `jira({ baseUrl: 'https://your-site.atlassian.net', projectKey: 'ENG' })`, or `jira.fromEnv()`. */
export const jira = defineAdapter({
  service: 'jira',
  options,
  secrets,
  ways,
  defaultWay,
  env: {
    baseUrl: 'JIRA_BASE_URL',
    cloudId: 'JIRA_CLOUD_ID',
    projectKey: 'JIRA_PROJECT_KEY',
    issueType: 'JIRA_ISSUE_TYPE',
    apiVersion: 'JIRA_API_VERSION',
    deployment: 'JIRA_DEPLOYMENT',
  },
  oneOf: [['baseUrl', 'cloudId']],
  conflicts,
  configure,
  actions,
  hooks,
  outcome,
  isOwn,
  /**
   * Well below the steady rates of Jira Cloud (100 reads, 100 POSTs and 50 PUTs a second and endpoint), since a site has
   * one limit for everyone. One issue takes 20 writes in 2 s and 100 in 30 s: 20 in 6 s keep both.
   * https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
   */
  limits: {
    concurrency: 4,
    rates: {
      read: { count: 40, perMs: 1_000 },
      write: { count: 20, perMs: 1_000 },
      search: { count: 10, perMs: 1_000 },
      users: { count: 2, perMs: 1_000 },
      'issue:*': { count: 20, perMs: 6_000 },
    },
  },
  check: config => ({ call: call(config, 'GET', 'myself'), captures: { user: '/displayName' } }),
  account: ({ deployment }) => (deployment === 'cloud' ? '/accountId' : '/name'),
  probes,
  cardLookups: config => [{ call: call(config, 'GET', issuePath(undefined), { query: { fields: 'id' } }) }],
  refs: { issue: issueIn },
  // The gateway, and a bare number, have no page.
  link: ({ refs, captured }, { baseUrl }) => {
    const key = captured.issue ?? refs.issue
    return baseUrl === undefined || typeof key !== 'string' || !/^[A-Za-z]\w*-\d+$/.test(key)
      ? undefined
      : { name: key, url: `${baseUrl}/browse/${key}` }
  },
  removals: { createComment: removeComment, addLink: removeLink },
  origins: ({ root }) => [root],
  describe: {
    createIssue: newIssue,
    createSubIssue: newIssue,
    createComment: writeLine(({ body }, address) => `comment on ${issueOf(address)}: ${showBody(body)}`),
    editCard: () => 'edit the card in the description',
    editCardComment: () => 'edit the status comment',
    setStatus: move,
    logWork: onIssue('log work on'),
    addLink: onIssue('link'),
    removeLink: () => 'remove a link',
  },
})
