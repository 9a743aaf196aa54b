import { adapterSuite } from '@sessionwire/core/testing'
import { describe, test } from 'vitest'
import { thin } from '../../../../test/sample.ts'
import { type LinearOptions, linear } from '../src/index.ts'
import { hostileLinear } from '../src/testing.ts'
import { failures } from './failures.ts'

const TEAM = '9cfb482a-81e3-4154-b5b9-2c805e70a02d'
const PROJECT = '5c1f2e3d-1111-4222-8333-444455556666'

const suite = adapterSuite({
  make: (options: Partial<LinearOptions> = {}) =>
    linear({
      teamId: TEAM,
      projectId: PROJECT,
      labels: ['Bug'],
      statuses: { start: 'In Progress', blocker: 'Blocked', close: 'Done' },
      sessionUrl: 'https://example.com/sessions/{id}',
      ...options,
    }),
  secrets: { LINEAR_API_KEY: 'lin_api_9f3Kq0cN7sYw2bX5' },
  fromEnv: { make: env => linear.fromEnv({}, env), settings: { LINEAR_TEAM_ID: TEAM } },
  wrong: [
    { options: { teamId: '' }, field: 'linear.teamId' },
    { options: { projectId: 'Payments' }, field: 'linear.projectId' },
    { options: { statuses: { strat: 'Todo' } }, field: 'linear.statuses.strat' },
    { options: { labels: [''] }, field: 'linear.labels.0' },
    { options: { priority: 5 }, field: 'linear.priority' },
    {
      options: { secrets: { LINEAR_API_KEY: 'lin_api_9f3Kq0cN7sYw2bX5' } },
      field: 'linear.secrets.LINEAR_API_KEY',
    },
    { options: { baseUrl: 'http://example.com' }, field: 'linear.baseUrl' },
    { options: { sessionUrl: 'https://example.com' }, field: 'linear.sessionUrl' },
    { options: { updates: 'all' }, field: 'linear.updates' },
  ],
  refs: { issue: 'BIL-212' },
  failures,
  service: async () => {
    const server = await hostileLinear({ apiKey: 'lin_api_9f3Kq0cN7sYw2bX5', lag: 2 })
    return {
      server,
      options: {
        baseUrl: server.url,
        teamId: server.idOf('team:BIL'),
        projectId: server.idOf('project:Payments'),
      },
      inspect: () => ({ cards: server.issues().length - 2, entries: server.comments().length }),
      catchUp: server.catchUp,
      inputOf: (action, example) => {
        const given = example as Readonly<Record<string, unknown>>
        const ids: Readonly<Record<string, Readonly<Record<string, string>>>> = {
          assign: { assignee: server.idOf('user:ada') },
          editComment: { comment: server.comments()[0]?.id ?? '' },
          createProjectUpdate: { projectId: server.idOf('project:Payments') },
          createDocument: { projectId: server.idOf('project:Payments') },
        }
        return { ...given, ...ids[action] }
      },
    }
  },
})

describe('the adapter contract', () => {
  for (const { name, run } of thin(suite, 'linear')) test(name, run)
})
