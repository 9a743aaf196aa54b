import { type GithubOptions, github } from '@sessionwire/github'
import { hostileGithub } from '@sessionwire/github/testing'
import { linksIn, type Target } from './target.ts'

const COMMIT = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d'

/** GitHub: no id of ours but marks in texts, lists in pages, one request at a time. */
export const githubTarget: Target = {
  name: 'github',
  secrets: { GITHUB_TOKEN: 'ghp_canary3b9e17c05d42' },
  make: options =>
    github({
      owner: 'acme',
      repo: 'billing',
      labels: ['bug'],
      statuses: { close: 'completed', resume: 'open' },
      sessionUrl: 'https://example.com/s/{id}',
      ...options,
    } as GithubOptions),
  serve: async ({ seed, now, secrets = githubTarget.secrets }) => {
    const server = await hostileGithub({ seed, now, token: secrets.GITHUB_TOKEN ?? '', isAppToken: true })
    const cards = () => server.issues().filter(({ title }) => !title.startsWith('apart'))
    return {
      server,
      options: { baseUrl: server.url },
      secrets,
      listCards: () =>
        cards().map(({ title, body, comments }) => ({
          card: `${title}\n${body}`,
          entries: comments.map(comment => comment.body),
          links: linksIn(body ?? ''),
        })),
      listMade: () => [
        ...server
          .issues()
          .filter(({ title }) => title.startsWith('apart'))
          .map(({ title }) => title),
        ...server.checkRuns().map(({ name }) => name),
      ],
    }
  },
  below: [n => ({ action: 'createComment', input: { body: `below ${n}` } })],
  apart: [
    n => ({ action: 'createIssue', input: { title: `apart ${n}` } }),
    n => ({ action: 'createCheckRun', input: { name: `apart ${n}`, commit: COMMIT, status: 'queued' } }),
  ],
  isWrite: ({ method }) => method !== 'GET',
}
