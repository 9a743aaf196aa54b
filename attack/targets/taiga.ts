import { type TaigaOptions, taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'
import type { Target } from './target.ts'

/** Taiga: no id of ours, a version read before each edit, comments as a side of edits. */
export const taigaTarget: Target = {
  name: 'taiga',
  secrets: { TAIGA_TOKEN: 'eyJ1c2VyIjo3fQ:canary-taiga-1f3b' },
  make: options =>
    taiga({
      project: 'billing',
      statuses: { start: 'In progress', close: 'Done' },
      tags: ['Agent'],
      sessionUrl: 'https://example.com/s/{id}',
      ...options,
    } as TaigaOptions),
  serve: async ({ seed, now, secrets = taigaTarget.secrets }) => {
    const server = await hostileTaiga({
      seed,
      now,
      applicationTokens: { [secrets.TAIGA_TOKEN ?? '']: 'mirror-bot' },
    })
    return {
      server,
      options: { baseUrl: server.baseUrl },
      secrets,
      shown: () =>
        server.items('userstory').map(({ subject, description, comments }) => ({
          card: `${subject}\n${description}`,
          entries: comments,
        })),
      made: () => server.items('issue').map(({ subject }) => subject),
    }
  },
  below: [
    n => ({ action: 'createComment', input: { kind: 'userstory', id: 'session', text: `below ${n}` } }),
  ],
  isWrite: ({ method, path }) => method !== 'GET' && !path.includes('/auth'),
  beside: [n => ({ action: 'createIssue', input: { subject: `beside ${n}` } })],
}
