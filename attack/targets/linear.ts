import { type LinearOptions, linear } from '@sessionwire/linear'
import { hostileLinear } from '@sessionwire/linear/testing'
import type { Target } from './target.ts'

/** Linear: ids of ours, errors under a status of success, lists that lag. */
export const linearTarget: Target = {
  name: 'linear',
  secrets: { LINEAR_API_KEY: 'lin_api_canary5e0c9b7a31' },
  make: options =>
    linear({
      teamId: 'BIL',
      labels: ['Bug'],
      statuses: { start: 'In Progress', blocker: 'Blocked', close: 'Done' },
      sessionUrl: 'https://example.com/s/{id}',
      ...options,
    } as LinearOptions),
  serve: async ({ seed, now, secrets = linearTarget.secrets }) => {
    const server = await hostileLinear({
      seed,
      now,
      apiKey: secrets.LINEAR_API_KEY ?? '',
      requests: 1_000_000,
      lag: Number.MAX_SAFE_INTEGER,
    })
    const there = new Set(server.issues().map(({ id }) => id))
    const listMade = () => server.issues().filter(({ id }) => !there.has(id))
    return {
      server,
      options: { baseUrl: server.url, teamId: server.idOf('team:BIL') },
      secrets,
      listCards: () =>
        listMade()
          .filter(({ title }) => !title.startsWith('apart'))
          .map(({ id, title, description }) => ({
            card: `${title}\n${description}`,
            entries: server.comments(id).map(({ body }) => body),
            links: server
              .attachments()
              .filter(({ issueId, url }) => issueId === id && !url.startsWith('https://example.com/'))
              .map(({ url }) => url),
          })),
      listMade: () =>
        listMade()
          .filter(({ title }) => title.startsWith('apart'))
          .map(({ title }) => title),
      lag: { ms: 50_000, catchUp: server.catchUp },
    }
  },
  below: [n => ({ action: 'createComment', input: { body: `below ${n}` } })],
  isWrite: ({ raw }) => /"query":\s*"mutation/.test(raw),
  apart: [n => ({ action: 'createIssue', input: { title: `apart ${n}` } })],
}
