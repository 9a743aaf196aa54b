import { type TaigaOptions, taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'
import { linksIn, type Target } from './target.ts'

/** Taiga: no id of ours, a version read before each edit, comments as a side of edits. */
export const taigaTarget: Target = {
  name: 'taiga',
  secrets: { TAIGA_TOKEN: 'eyJ1c2VyIjo3fQ:canary-taiga-1f3b' },
  make: options =>
    taiga({
      project: 'billing',
      frontUrl: 'https://tree.taiga.io',
      statuses: { start: 'In progress', close: 'Done' },
      labels: ['Agent'],
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
      listCards: () =>
        server.items('userstory').map(({ subject, description, comments }) => ({
          card: `${subject}\n${description}`,
          entries: comments,
          links: linksIn(description),
        })),
      listMade: () => server.items('issue').map(({ subject }) => subject),
    }
  },
  below: [n => ({ action: 'createComment', input: { body: `below ${n}` } })],
  isWrite: ({ method, path }) => method !== 'GET' && !path.includes('/auth'),
  apart: [n => ({ action: 'createIssue', input: { title: `apart ${n}` } })],
}

/** Taiga by user name and password: tokens that only the transport knows, and that must be shown as little as a secret. */
export const taigaLoginTarget: Target = {
  ...taigaTarget,
  name: 'taiga-login',
  secrets: { TAIGA_USERNAME: 'mirror-bot', TAIGA_PASSWORD: 'correct horse' },
  make: options =>
    taiga({
      as: 'taiga-login',
      auth: 'password',
      project: 'billing',
      frontUrl: 'https://tree.taiga.io',
      statuses: { start: 'In progress', close: 'Done' },
      labels: ['Agent'],
      sessionUrl: 'https://example.com/s/{id}',
      ...options,
    } as TaigaOptions),
  serve: async serving => {
    const service = await taigaTarget.serve({ ...serving, secrets: {} })
    const { server } = service
    // Those of the host, and what it was given since: each token it showed.
    const listTokens = () => [
      ...new Set(server.requests().flatMap(({ headers }) => headers.authorization ?? [])),
    ]
    return {
      ...service,
      get secrets() {
        const tokens = listTokens().map((header, n) => [`token ${n}`, header.replace('Bearer ', '')] as const)
        return { ...taigaLoginTarget.secrets, ...Object.fromEntries(tokens) }
      },
    }
  },
}
