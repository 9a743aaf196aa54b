import { createTracker } from '@sessionwire/core'
import type { HttpCall, Json } from '@sessionwire/core/adapter'
import { expect, test } from 'vitest'
import { opsera } from '../src/index.ts'
import { hostileOpsera } from '../src/testing.ts'
import api from './fixtures/api.json' with { type: 'json' }
import { KEY, made } from './made.ts'
import { answer } from './replies.ts'

/** A request as Opsera's pages show it, or a guide where `from` is missing, and what comes back. */
type Recorded = Readonly<{
  what: string
  ask: string
  body?: Json
  /** The action of ours that sends it. Its input is the body, where nothing else is said. */
  action?: string
  input?: object
  status: number
  has?: object
  text?: string
}>
const requests = api.requests as readonly Recorded[]

const splitAsk = ({ ask }: Recorded) => {
  const [method = '', address = ''] = ask.split(' ')
  const { pathname, searchParams } = new URL(address, 'https://opsera.example')
  return { method, address, path: pathname, query: Object.fromEntries(searchParams) }
}

test('the hostile Opsera takes what is recorded, and answers as it is recorded', async () => {
  await using server = await hostileOpsera()
  for (const recorded of requests) {
    const { method, address } = splitAsk(recorded)
    const reply = await fetch(`${server.url}${address}`, {
      method,
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
      ...(recorded.body === undefined ? {} : { body: JSON.stringify(recorded.body) }),
    })
    const said = await reply.text()
    expect([recorded.what, reply.status, said]).toMatchObject([
      recorded.what,
      recorded.status,
      expect.any(String),
    ])
    if (recorded.has !== undefined) expect(JSON.parse(said)).toMatchObject(recorded.has)
    if (recorded.text !== undefined) expect(said).toBe(recorded.text)
  }
  // What the guide writes into the assets replaces the project here: so we never send a part of one.
  expect(server.projects()).toEqual([
    { projectId: 'web-portal', assets: { tasks: ['5f3a1c2b9d8e7f6a5b4c3d2e'] } },
  ])
})

const notThere = (thrown: unknown): void => {
  if (!String(thrown).includes(': 404 ')) throw thrown
}

test('what we send is what is recorded', async () => {
  await using server = await hostileOpsera()
  await using tracker = await createTracker({
    project: 'billing',
    policy: { backoffMs: 1, backoffMaxMs: 1, timeoutMs: 400, afterMs: 0 },
    pollMs: 5,
    secrets: () => server.token,
    adapters: [opsera({ baseUrl: server.url, mode: 'execute', tasks: true })],
  })
  const ours = requests.filter(({ action }) => action !== undefined)
  expect(ours).toHaveLength(8)
  for (const recorded of ours) {
    server.forget()
    const { action = '', input = recorded.body } = recorded
    const isRead = made().actions[action as 'getStatus'].effect === 'read'
    // Whom it asks for need not be there.
    if (isRead) await tracker.read('opsera', action as 'getStatus', input as never).catch(notThere)
    else {
      await tracker.act('opsera', action as 'createGroup', input as never)
      await tracker.drain()
    }
    const { method, path, query } = splitAsk(recorded)
    const sent = server.requests().filter(request => request.method === method && request.path === path)
    expect([recorded.what, sent.map(request => request.query)]).toEqual([recorded.what, [query]])
    expect(sent[0]?.body).toEqual(recorded.body ?? null)
    expect(sent[0]?.headers.authorization).toBe(`Bearer ${server.token}`)
  }
})

test.for(api.answers)('$what means: $means', ({ status, body, means }) => {
  const { kind } = made().outcome(answer(status, body as Json), { action: 'editCard', role: 'call' })
  expect(kind).toBe(means)
})

test('every action has a request of its own, below the configured address', () => {
  const { actions, config } = made({ tasks: true })
  const asked = Object.values(actions).map(each => {
    const here = { key: KEY, config }
    const call =
      each.effect === 'read'
        ? each.build(each.input.parse(each.example) as never, here).call
        : each(each.example as never)(here)
    const { method, endpoint } = call as HttpCall
    return `${method} ${String(endpoint).replace(config.baseUrl, '')}`
  })
  expect(asked).toEqual([
    'POST /api/v2/data/project',
    'PUT /api/v2/data/project/web-portal',
    'GET /api/v2/data/projects',
    'POST /api/v2/task',
    'POST /api/v2/tasks',
    'POST /api/v2/tasks/status',
    'POST /api/v2/tasks/lookup',
    'POST /api/v2/actions',
    'POST /api/v2/pipelines/validate',
    'POST /api/v2/pipelines/step-metadata',
    'POST /api/v2/pipelines/pipeline-run/notification',
    'GET /api/v2/usermanagement/user',
    'GET /api/v2/usermanagement/users',
    'POST /api/v2/usermanagement/user',
    'GET /api/v2/usermanagement/groups',
    'GET /api/v2/usermanagement/groups',
    'POST /api/v2/usermanagement/group',
    'GET /api/v2/tools/registry',
    'POST /api/v2/tools/scm/repositories',
    'POST /api/v2/tools/scm/branches',
  ])
})
