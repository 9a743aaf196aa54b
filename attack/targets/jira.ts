import { fieldsOf, type Json } from '@sessionwire/core/adapter'
import { type JiraOptions, jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import type { Target } from './target.ts'

/** Jira Cloud: a search that lags, and writes to one issue that are counted. */
export const jiraTarget: Target = {
  name: 'jira',
  secrets: { JIRA_EMAIL: 'canary-mia@example.com', JIRA_API_TOKEN: 'ATATT3canary77c0e2' },
  make: options => ({
    ...jira({
      projectKey: 'ENG',
      labels: ['agent-session'],
      statuses: { start: 'In Progress', blocker: 'Blocked', close: 'Done' },
      sessionUrl: 'https://example.com/s/{id}',
      deployment: 'cloud',
      ...options,
    } as JiraOptions),
    // Its site is this machine, and an address there opens nothing for a reader.
    link: ({ captured: { issue } }) =>
      typeof issue === 'string'
        ? { name: issue, url: `https://acme.atlassian.net/browse/${issue}` }
        : undefined,
  }),
  serve: async ({ seed, now, secrets = jiraTarget.secrets }) => {
    const server = await hostileJira({
      // A card's edit that died of three kills is retried after the issue is done: a workflow that locks done issues refuses it.
      lockDone: false,
      seed,
      now,
      searchLag: Number.MAX_SAFE_INTEGER,
      basic: [secrets.JIRA_EMAIL ?? '', secrets.JIRA_API_TOKEN ?? ''],
    })
    return {
      server,
      options: { baseUrl: server.url },
      secrets,
      listCards: () =>
        server
          .issues()
          .filter(({ summary }) => !summary.startsWith('apart'))
          .map(({ summary, description, comments, links }) => ({
            card: `${summary}\n${description}`,
            entries: comments.map(({ text }) => text),
            links: links
              .map(link => String(fieldsOf(fieldsOf(link as Json).object).url))
              .filter(url => !url.startsWith('https://example.com/')),
          })),
      listMade: () =>
        server
          .issues()
          .filter(({ summary }) => summary.startsWith('apart'))
          .map(({ summary }) => summary),
      lag: { ms: 800_000, catchUp: server.index },
    }
  },
  below: [n => ({ action: 'createComment', input: { issue: 'session', body: `below ${n}` } })],
  isWrite: ({ method, path }) => method !== 'GET' && !/\/(search|search\/jql|bulkfetch)$/.test(path),
  apart: [n => ({ action: 'createIssue', input: { title: `apart ${n}` } })],
}
