import { adapterSuite, type ServiceUnderTest } from '@sessionwire/core/testing'
import { describe, test } from 'vitest'
import { spread, thin } from '../../../../test/sample.ts'
import { taiga } from '../src/index.ts'
import { type HostileTaiga, hostileTaiga } from '../src/testing.ts'
import { failures } from './failures.ts'

const TOKEN = 'eyJ1c2VyX2F1dGhlbnRpY2F0aW9uX2lkIjo3fQ:1iaBQ-token'

type Kind = 'userstory' | 'task' | 'issue'
const service = (kind: Kind, isCall?: ServiceUnderTest['isCall']) => async (): Promise<ServiceUnderTest> => {
  const server: HostileTaiga = await hostileTaiga({ applicationTokens: { [TOKEN]: 'mirror-bot' } })
  const epic = server.add('epic')
  const added = new Map<Kind | 'epic', number>()
  const idOf = (of: Kind | 'epic'): number => {
    const id = added.get(of) ?? server.add(of).id
    added.set(of, id)
    return id
  }
  return {
    server,
    options: { baseUrl: server.baseUrl, ...(kind === 'userstory' ? { epic: epic.id } : {}) },
    inspect: () => ({
      cards: server.items(kind).length,
      entries: server.items(kind).flatMap(({ comments }) => comments).length,
    }),
    // The items of the examples: story 4711 (#42), task 4712, issue 4713 and epic 4714.
    inputOf: (action, example) => {
      const kinds = {
        '4711': 'userstory',
        '"#42"': 'userstory',
        '4712': 'task',
        '4713': 'issue',
        '4714': 'epic',
      } as const
      let text = JSON.stringify(example)
      for (const [place, of] of Object.entries(kinds))
        if (text.includes(place)) text = text.replaceAll(place, String(idOf(of)))
      if (action.startsWith('delete')) added.clear()
      return JSON.parse(text)
    },
    ...(isCall === undefined ? {} : { isCall }),
  }
}

const wrong = [
  { options: { project: undefined }, field: 'taiga.project' },
  { options: { projectId: 7 }, field: 'taiga.project' },
  { options: { project: 'Bill ing' }, field: 'taiga.project' },
  { options: { baseUrl: 'http://taiga.example.com/api/v1' }, field: 'taiga.baseUrl' },
  { options: { baseUrl: 'https://taiga.example.com' }, field: 'taiga.baseUrl' },
  { options: { frontUrl: 'taiga.example.com' }, field: 'taiga.frontUrl' },
  { options: { secrets: { TAIGA_TOKEN: TOKEN } }, field: 'taiga.secrets.TAIGA_TOKEN' },
  { options: { loginType: 'a b' }, field: 'taiga.loginType' },
  { options: { kind: 'story' }, field: 'taiga.kind' },
  { options: { kind: 'issue', story: 4711 }, field: 'taiga.story' },
  { options: { statuses: { done: 'done' } }, field: 'taiga.statuses.done' },
  { options: { labels: ['a,b'] }, field: 'taiga.labels.0' },
  { options: { sessionUrl: 'https://example.com' }, field: 'taiga.sessionUrl' },
  { options: { updates: 'all' }, field: 'taiga.updates' },
  { options: { maxLength: 2_000_000 }, field: 'taiga.maxLength' },
]

const story = adapterSuite({
  make: options =>
    taiga({
      project: 'billing',
      statuses: { start: 'In progress', blocker: 'ready', close: 'Done', resume: 'in-progress' },
      labels: ['Agent'],
      assignee: 'bob',
      milestone: 'Sprint 1',
      sessionUrl: 'https://example.com/sessions/{id}',
      ...options,
    }),
  secrets: { TAIGA_TOKEN: TOKEN },
  fromEnv: { make: env => taiga.fromEnv({}, env), settings: { TAIGA_PROJECT: 'billing' } },
  wrong,
  refs: { story: '#42' },
  failures,
  service: service('userstory'),
})

const password = adapterSuite({
  make: options =>
    taiga({
      projectId: 7,
      kind: 'issue',
      auth: 'password',
      statuses: { start: 121, close: 'Closed' },
      type: 'Bug',
      severity: 'Critical',
      priority: 'High',
      ...options,
    }),
  secrets: { TAIGA_USERNAME: 'mirror-bot', TAIGA_PASSWORD: 'correct horse' },
  fromEnv: { make: env => taiga.fromEnv({}, env), settings: { TAIGA_PROJECT_ID: '7' } },
  wrong: [],
  refs: { issue: 'https://tree.taiga.io/project/billing/issue/42' },
  failures,
  service: service('issue', ({ path }) => !path.includes('/auth')),
})

const task = adapterSuite({
  make: options => taiga({ projectId: 7, kind: 'task', ...options }),
  secrets: { TAIGA_TOKEN: TOKEN },
  wrong: [],
  refs: { task: '4711' },
  failures,
  service: service('task'),
})

const [stories = [], issues = [], tasks = []] = spread(
  [story, password, task].map(checks => thin(checks, 'taiga')),
)

describe('the adapter contract', () => {
  describe('with a user story and an application token', () => {
    for (const { name, run } of stories) test(name, run)
  })
  describe('with an issue, user name and password', () => {
    for (const { name, run } of issues) test(name, run)
  })
  describe('with a task', () => {
    for (const { name, run } of tasks) test(name, run)
  })
})
