import { fieldsOf } from '@sessionwire/core/adapter'
import { type OpseraOptions, opsera } from '@sessionwire/opsera'
import { hostileOpsera } from '@sessionwire/opsera/testing'
import { linksIn, type Target } from './target.ts'

/** Opsera, sending: a project it would make twice, edits that read a list first, tasks found by their external id. */
export const opseraTarget: Target = {
  name: 'opsera',
  secrets: { OPSERA_API_KEY: 'opsera-canary/4a+90=ee1c' },
  make: options =>
    opsera({
      baseUrl: 'https://app.opsera.io',
      mode: 'execute',
      tasks: true,
      sessionUrl: 'https://example.com/s/{id}',
      ...options,
    } as OpseraOptions),
  serve: async ({ seed, now, secrets = opseraTarget.secrets }) => {
    const server = await hostileOpsera({
      seed,
      now,
      token: secrets.OPSERA_API_KEY ?? '',
      repeatedProject: 'double',
    })
    const tasks = () =>
      server
        .tasks()
        .map(({ given }) => String(given.name))
        .filter(name => name.startsWith('apart'))
    const names = () => server.projects().map(({ projectName }) => String(projectName))
    const linksOf = ({ assets }: ReturnType<typeof server.projects>[number]) =>
      Object.values(fieldsOf(assets ?? null)).flatMap(slot => {
        const { 'Also in': also } = fieldsOf(slot)
        return Array.isArray(also) ? linksIn(`Also in ${also.join(' ')}`) : []
      })
    return {
      server,
      options: { baseUrl: server.url },
      secrets,
      listCards: () =>
        server
          .projects()
          .map(each => ({ card: String(each.projectName), entries: [], links: linksOf(each) }))
          .filter(({ card }) => !card.startsWith('apart')),
      listMade: () => [...names().filter(name => name.startsWith('apart')), ...tasks()],
      once: () => server.listNotifications().map(({ message }) => String(message)),
    }
  },
  below: [],
  apart: [
    n => ({ action: 'createProject', input: { projectId: `apart-${n}`, projectName: `apart ${n}` } }),
    n => ({ action: 'createTask', input: { name: `apart ${n} task` } }),
  ],
  once: [n => ({ action: 'notifyRun', input: { body: { message: `once ${n}` } } })],
  entries: 'none',
  isWrite: ({ method, path }) =>
    method === 'PUT' || (method === 'POST' && /\/(project|task|notification)$/.test(path)),
}
