import type { Json } from '@sessionwire/core/adapter'
import { afterEach, describe, expect, test } from 'vitest'
import { type HostileOpsera, type HostileOpseraOptions, hostileOpsera } from '../src/testing.ts'

let server: HostileOpsera
afterEach(() => server.close())

type Said = readonly [status: number, body: unknown]

const start = async (options: HostileOpseraOptions = {}) => {
  server = await hostileOpsera(options)
  const proof = options.auth === 'bare' ? server.token : `Bearer ${server.token}`
  return async (
    method: string,
    path: string,
    body?: Json,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Said> => {
    const reply = await fetch(`${server.url}/api/v2/${path}`, {
      method,
      headers: { authorization: proof, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await reply.text()
    try {
      return [reply.status, JSON.parse(text)]
    } catch {
      return [reply.status, text]
    }
  }
}
const failed = (status: number, message: string): Said => [status, { status: 'failed', message }]
const portal = { projectId: 'web-portal', projectName: 'Web portal' }

describe('who may do what', () => {
  test('a token, behind Bearer or bare', async () => {
    const ask = await start()
    expect(await ask('GET', 'data/projects', undefined, { authorization: server.token })).toEqual(
      failed(401, 'Authentication failed'),
    )
    expect((await ask('GET', 'data/projects'))[0]).toBe(200)
    await server.close()
    const bare = await start({ auth: 'bare', token: 'other' })
    expect((await bare('GET', 'data/projects'))[0]).toBe(200)
    expect((await bare('GET', 'data/projects', undefined, { authorization: 'Bearer other' }))[0]).toBe(401)
  })
  test('one scope, one role, one organization', async () => {
    const reading = await start({ scope: 'api-readonly' })
    expect(await reading('POST', 'data/project', portal)).toEqual(
      failed(403, 'Access token scope api is required'),
    )
    expect((await reading('POST', 'tasks/status', {}))[0]).toBe(200)
    await server.close()
    const user = await start({ role: 'User' })
    expect(await user('GET', 'data/projects')).toEqual(
      failed(403, 'Forbidden: Power User or higher is required'),
    )
    expect((await user('POST', 'data/project', portal))[0]).toBe(201)
    server.become('Administrator')
    expect((await user('GET', 'data/projects'))[0]).toBe(200)
    server.expire()
    expect(await user('GET', 'data/projects')).toEqual(failed(403, 'Access token is expired or deactivated'))
    await server.close()
    const inBody = await start({ org: { id: 'acme', field: 'orgId' } })
    expect((await inBody('POST', 'data/project', portal))[0]).toBe(403)
    expect((await inBody('POST', 'data/project', { ...portal, orgId: 'acme' }))[0]).toBe(201)
    expect(server.projects()).toEqual([portal])
  })
  test('nothing is at another address', async () => {
    const ask = await start()
    expect(await ask('GET', 'projects')).toEqual([
      404,
      expect.stringContaining('Cannot GET /api/v2/projects') as string,
    ])
  })
})

describe('a project', () => {
  test.for([
    [{ projectName: 'x' }, 422, 'Missing or invalid required data: projectId'],
    [{ projectId: 'x' }, 422, 'Missing or invalid required data: projectName'],
    [{ ...portal, division: 'x' }, 400, 'Invalid field division'],
    [{ ...portal, team: 7 }, 400, 'Invalid team format'],
    [{ ...portal, assets: [] }, 400, 'Invalid assets format'],
    [{ ...portal, assets: { repositories: {} } }, 400, 'Invalid assets format'],
    [{ ...portal, projectOwner: { email: 'x' } }, 400, 'Invalid projectOwner format'],
    [[], 400, 'Invalid body format'],
    ['{', 400, 'Invalid JSON format'],
  ] as const)('%j is refused', async ([body, status, message]) => {
    const ask = await start()
    expect(await ask('POST', 'data/project', body as Json)).toEqual(failed(status, message))
    expect(server.projects()).toEqual([])
  })
  test.for([
    ['refuse', 409, 1, { refusedRepeats: 1, doubled: 1 }],
    ['merge', 200, 1, { refusedRepeats: 0, doubled: 1 }],
    ['double', 201, 2, { refusedRepeats: 0, doubled: 1 }],
  ] as const)('made twice: %s', async ([repeatedProject, status, many, counts]) => {
    const ask = await start({ repeatedProject })
    await ask('POST', 'data/project', { ...portal, team: 'Core' })
    expect((await ask('POST', 'data/project', { ...portal, externalId: 'x' }))[0]).toBe(status)
    expect(server.projects()).toHaveLength(many)
    expect(server.counts()).toMatchObject(counts)
    if (repeatedProject === 'merge')
      expect(server.project('web-portal')).toEqual({ ...portal, team: 'Core', externalId: 'x' })
    if (repeatedProject === 'double')
      expect(() => server.project('web-portal')).toThrow('There are 2 projects')
  })
  test('is replaced, or merged into', async () => {
    for (const put of ['replace', 'merge'] as const) {
      const ask = await start({ put })
      server.add('web-portal', { team: 'Core' })
      expect((await ask('PUT', 'data/project/web-portal', { projectName: 'Portal' }))[0]).toBe(200)
      expect(server.project('web-portal')).toEqual({
        projectId: 'web-portal',
        projectName: 'Portal',
        ...(put === 'merge' ? { team: 'Core' } : {}),
      })
      expect(await ask('PUT', 'data/project/other', { projectName: 'x' })).toEqual(
        failed(404, 'Project other not found'),
      )
      expect((await ask('PUT', 'data/project/web-portal', { projectId: 'x' }))[0]).toBe(400)
      if (put === 'replace') await server.close()
    }
  })
  test.for([
    ['record', { projectId: 'web-portal', projectName: 'Web portal' }],
    ['envelope', { status: 'executed', message: 'Project created' }],
    ['text', 'Project created'],
    ['empty', ''],
  ] as const)('is answered with its %s', async ([answers, body]) => {
    const ask = await start({ answers })
    const [status, said] = await ask('POST', 'data/project', portal)
    expect([status, said]).toEqual([
      201,
      typeof body === 'string' ? body : (expect.objectContaining(body) as object),
    ])
  })
  test('may have its details in an object of their own', async () => {
    const ask = await start({ nestIn: 'attributes' })
    expect(await ask('POST', 'data/project', portal)).toEqual(failed(400, 'Invalid field projectName'))
    await ask('POST', 'data/project', { projectId: 'web-portal', attributes: { projectName: 'Web portal' } })
    expect(await ask('GET', 'data/projects')).toMatchObject([
      200,
      { data: [{ projectId: 'web-portal', attributes: { projectName: 'Web portal' } }] },
    ])
    expect(server.projects()).toEqual([portal])
  })
  test('may have a list of assets', async () => {
    const ask = await start({ assets: 'list' })
    expect((await ask('POST', 'data/project', { ...portal, assets: {} }))[0]).toBe(400)
    expect((await ask('POST', 'data/project', { ...portal, assets: [{ services: [] }] }))[0]).toBe(201)
  })
})

describe('the list of projects', () => {
  const ids = (said: Said) =>
    (said[1] as { data: { projectId: string }[] }).data.map(({ projectId }) => projectId)
  test('comes in pages where there are any, and says how many there are', async () => {
    const ask = await start({ pageMax: 2, skipParameter: 'skip' })
    for (const id of ['a', 'b', 'c']) server.add(id)
    const first = await ask('GET', 'data/projects')
    expect([ids(first), (first[1] as { count: number }).count]).toEqual([['a', 'b'], 3])
    expect(ids(await ask('GET', 'data/projects?skip=2'))).toEqual(['c'])
    expect((await ask('GET', 'data/projects?skip=x'))[0]).toBe(400)
    expect(ids(await ask('GET', 'data/projects?projectId=c'))).toEqual(['c'])
  })
  test('ignores what it does not know', async () => {
    const ask = await start({ pageMax: 2 })
    for (const id of ['a', 'b', 'c']) server.add(id)
    expect(ids(await ask('GET', 'data/projects?skip=2'))).toEqual(['a', 'b'])
  })
  test('may lag behind', async () => {
    const ask = await start({ lag: 1 })
    await ask('POST', 'data/project', portal)
    expect(ids(await ask('GET', 'data/projects'))).toEqual([])
    expect(ids(await ask('GET', 'data/projects'))).toEqual(['web-portal'])
  })
})

describe('people', () => {
  const ID = '5f3a1c2b9d8e7f6a00000001'
  test.for([
    [{ name: 'Agents', groupMemberUserIds: [ID] }, 422],
    [{ name: 'a'.repeat(26), groupMemberUserIds: [ID] }, 422],
    [{ name: 'agents' }, 422],
    [{ name: 'agents', groupMemberUserIds: [ID], groupMemberEmailAddresses: ['ada@example.com'] }, 422],
    [{ name: 'agents', groupMemberUserIds: ['5f3a1c2b9d8e7f6a00000009'] }, 400],
    [{ name: 'agents', groupMemberUserIds: 'all' }, 400],
  ] as const)('a group of %j is refused', async ([body, status]) => {
    const ask = await start()
    expect((await ask('POST', 'usermanagement/group', body as Json))[0]).toBe(status)
    expect(server.groups()).toEqual([])
  })
  test('a group and a user are made once', async () => {
    const ask = await start()
    const group = { name: 'agents', groupMemberEmailAddresses: ['ada@example.com'] }
    expect(await ask('POST', 'usermanagement/group', group)).toEqual([200, 'Group creation complete'])
    expect(await ask('POST', 'usermanagement/group', group)).toEqual([409, 'Group already exists'])
    const user = { email: 'ada@example.com', firstName: 'Ada', lastName: 'Fixer' }
    expect(await ask('POST', 'usermanagement/user', user)).toEqual(failed(422, 'User already exists'))
    expect((await ask('POST', 'usermanagement/user', { email: 'x@example.com' }))[0]).toBe(422)
    expect(server.counts()).toMatchObject({ effects: 1, refusedRepeats: 2, doubled: 1 })
  })
  test('a user is searched for by a whole address or a part of one, in any case', async () => {
    const ask = await start()
    await ask('POST', 'usermanagement/user', {
      email: 'adam@example.com',
      firstName: 'Adam',
      lastName: 'Fixer',
    })
    const find = async (pattern: string) =>
      (await ask('GET', `usermanagement/user?search=${encodeURIComponent(`email=${pattern}`)}`))[0]
    expect(
      await Promise.all(['ADA@example.com', 'ada', 'adam*', '*@example.com', '*m@*', 'eve*'].map(find)),
    ).toEqual([...[200, 404, 200, 200, 200, 404]])
    expect(await ask('GET', 'usermanagement/user?search=email%3D*')).toEqual([
      200,
      { status: 'success', message: '2 users match: refine the search' },
    ])
    expect((await ask('GET', 'usermanagement/user?search=ada'))[0]).toBe(400)
  })
})

test('actions want all they are documented to want, and what they do is seen', async () => {
  const ask = await start()
  const target = ['5f3a1c2b9d8e7f6a5b4c3d2e']
  const act = (more: object) =>
    ask('POST', 'actions', { action: 'status', type: 'pipeline', version: 1, target, ...more })
  expect((await act({}))[0]).toBe(200)
  expect(server.listActs()).toEqual([])
  const refused = [{ action: 'start' }, { type: 'repo' }, { version: 2 }, { target: [] }, { target: ['x'] }]
  expect(await Promise.all(refused.map(async more => (await act(more))[0]))).toEqual([
    422, 422, 422, 400, 400,
  ])
  expect((await act({ action: 'run' }))[0]).toBe(200)
  expect(server.listActs()).toEqual(['run pipeline 5f3a1c2b9d8e7f6a5b4c3d2e'])
})

test('tasks are read carefully: with a batch in it, the list makes one', async () => {
  const ask = await start()
  expect(await ask('POST', 'task', { name: 'Fix' })).toEqual([
    200,
    { id: expect.stringMatching(/^\w{24}$/) as string },
  ])
  expect(await ask('POST', 'task', {})).toEqual(failed(422, 'Missing or invalid required data: name'))
  expect(await ask('POST', 'tasks', {})).toMatchObject([200, { tasks: [{ name: 'Fix' }] }])
  await ask('POST', 'tasks', { tasks: [{ name: 'a' }, { name: 'b' }] })
  expect(server.tasks().map(({ given }) => given.name)).toEqual(['Fix', 'a', 'b'])
  expect(await ask('POST', 'tasks/lookup', { name: 'c' })).toEqual(failed(404, 'Task not found'))
  expect(await ask('POST', 'tasks/status', 'x')).toEqual(failed(400, 'Invalid JSON format'))
})

test('fails in its own words', async () => {
  const ask = await start()
  server.fail({ failure: { kind: 'throttle', waitSeconds: 3 } })
  server.fail({ failure: { kind: 'error', applied: true } })
  server.fail({ failure: { kind: 'inside', applied: false } })
  server.fail({ failure: { kind: 'inside', applied: false, word: 'Not now' } })
  expect(await ask('POST', 'data/project', portal)).toEqual(failed(429, 'Too many requests'))
  expect(await ask('POST', 'data/project', portal)).toEqual(failed(500, 'Internal server error'))
  expect(await ask('POST', 'data/project', portal)).toEqual(failed(200, 'Pipeline is paused'))
  expect(await ask('POST', 'data/project', portal)).toEqual(failed(200, 'Not now'))
  expect(server.projects()).toEqual([portal])
})
