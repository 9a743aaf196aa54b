import { createTracker } from '@sessionwire/core'
import { afterEach, describe, expect, test } from 'vitest'
import { type OpseraOptions, opsera } from '../src/index.ts'
import { type HostileOpsera, type HostileOpseraOptions, hostileOpsera } from '../src/testing.ts'

let server: HostileOpsera
afterEach(() => server.close())

/** Short enough not to wait for, long enough for this machine. */
const policy = { backoffMs: 1, backoffMaxMs: 5, timeoutMs: 400, afterMs: 0, downAfter: 1_000 }

const started = async (options: HostileOpseraOptions = {}) => {
  server = await hostileOpsera(options)
}
const tracked = (options: Partial<OpseraOptions> = {}, more: object = {}) => {
  const adapter = opsera({ baseUrl: server.url, mode: 'execute', ...options })
  return createTracker({
    project: 'billing',
    user: 'fixer',
    policy: { ...policy, ...more },
    pollMs: 5,
    secrets: (name: string) => (name === 'OPSERA_API_KEY' ? server.token : undefined),
    // A request a second would make tests of minutes; the limits themselves are held by the tests of options.
    adapters: [{ ...adapter, limits: { concurrency: 1, rates: {} } }],
  })
}
type Tracked = Awaited<ReturnType<typeof tracked>>

const drained = async (tracker: Tracked, timeoutMs = 300_000) => (await tracker.drain({ timeoutMs })).done
const dead = async (tracker: Tracked) =>
  (await tracker.deliveries({ state: 'dead' })).map(({ action, reason }) => `${action}: ${reason}`)
const sent = (method: string) => server.requests().filter(request => request.method === method)
const names = () => server.projects().map(({ projectName }) => projectName)
const goal = { goal: 'Stop double charging', progress: 20 }

/** A session from start to end. */
const told = async (tracker: Tracked) => {
  const session = await tracker.start(goal)
  await session.update('Reproduced <b>', { progress: 35 })
  await session.decide('Lock per invoice', { alternatives: ['global lock'] })
  const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
  await blocker.resolve('Key issued by ops')
  await session.close({ summary: 'Fixed in #981', progress: 100 })
  return session
}

describe('a session in Opsera', () => {
  test('goes out whole and once, however its answers are lost', async () => {
    await started()
    const applied = { applied: true } as const
    const failing = [
      { kind: 'reset', ...applied },
      { kind: 'throttle', waitSeconds: 0 },
      { kind: 'nonsense', applied: false },
      { kind: 'html', applied: false },
      { kind: 'other', applied: false },
      { kind: 'inside', applied: false },
    ] as const
    for (const [place, failure] of failing.entries()) server.fail({ method: 'GET', nth: place + 1, failure })
    server.fail({ method: 'POST', nth: 1, failure: { kind: 'error', applied: false } })
    server.fail({ method: 'POST', nth: 2, failure: { kind: 'nonsense', ...applied } })
    server.fail({ method: 'PUT', nth: 1, failure: { kind: 'error', ...applied } })
    server.fail({ method: 'PUT', nth: 2, failure: { kind: 'cut' } })
    await using tracker = await tracked()
    const session = await told(tracker)
    expect(await drained(tracker)).toBe(true)
    expect(names()).toEqual(['Stop double charging: completed, 100 %'])
    const project = server.project(`session-${session.id}`)
    expect(project).toMatchObject({
      externalId: session.id,
      assets: {
        [`session-${session.id}`]: {
          Session: 'Stop double charging',
          Status: '██████████ 20 → 100 % · completed',
          Last: 'Reproduced ‹b›',
          Summary: 'Fixed in #981',
          Decided: ['Lock per invoice'],
        },
      },
    })
    expect(server.requests().flatMap(({ failed }) => failed ?? [])).toHaveLength(10)
    expect(sent('POST')).toHaveLength(2)
    expect([server.counts().doubled, server.listActs()]).toEqual([0, []])
  })

  test('is kept to look at unless it is released, the project before its edits', async () => {
    await started()
    await using tracker = await tracked({ mode: 'preview' })
    const session = await tracker.start(goal)
    await session.update('Reproduced', { progress: 35 })
    expect(await drained(tracker)).toBe(true)
    expect(server.requests()).toEqual([])
    const plans = await tracker.deliveries({ state: 'planned' })
    expect(plans.map(({ action }) => action)).toEqual(['createCard', 'editCard'])
    const [create, edit] = plans.map(({ key }) => key) as [string, string]
    expect(await tracker.release([edit])).toMatchObject([
      { refused: expect.stringMatching(/ captures: release that one too$/) as string },
    ])
    await tracker.release([create, edit])
    expect(await drained(tracker)).toBe(true)
    expect(names()).toEqual(['Stop double charging: in progress, 35 %'])
  })

  test.for(['envelope', 'text', 'empty'] as const)(
    'is made once where Opsera answers with %s: the list shows that it is there',
    async answers => {
      await started({ answers })
      await using tracker = await tracked()
      await told(tracker)
      expect(await drained(tracker)).toBe(true)
      expect(names()).toEqual(['Stop double charging: completed, 100 %'])
      expect([sent('POST').length, server.counts().doubled]).toEqual([1, 0])
    },
  )

  test.for([
    ['refuse', true],
    ['merge', true],
    ['double', true],
    ['refuse', false],
    ['merge', false],
    ['double', false],
  ] as const)('is one project where a known id would %s, applied: %s', async ([repeatedProject, applied]) => {
    await started({ repeatedProject })
    server.fail({ method: 'POST', times: 2, failure: { kind: 'error', applied } })
    await using tracker = await tracked()
    await told(tracker)
    expect(await drained(tracker)).toBe(true)
    expect(names()).toEqual(['Stop double charging: completed, 100 %'])
    expect(sent('POST')).toHaveLength(applied ? 1 : 3)
    expect(server.counts().doubled).toBe(0)
  })

  test('waits until nothing found is believed, so that what came late is found', async () => {
    let now = 1_000_000
    await started({ now: () => now })
    server.fail({ method: 'POST', failure: { kind: 'late', after: 1 } })
    const adapter = opsera({ baseUrl: server.url, mode: 'execute' })
    await using tracker = await createTracker({
      project: 'billing',
      user: 'fixer',
      policy: { ...policy, afterMs: 60_000 },
      pollMs: 5,
      now: () => now,
      secrets: () => server.token,
      adapters: [adapter],
    })
    await tracker.start(goal)
    await tracker.drain({ timeoutMs: 1_000 })
    now += 1_000
    // The first look-up comes before the create is applied, and is not believed.
    expect(await drained(tracker, 15_000)).toBe(false)
    expect(await tracker.deliveries({ inDoubt: true })).toMatchObject([
      { action: 'createCard', state: 'waiting' },
    ])
    expect(names()).toHaveLength(1)
    now += 70_000
    expect(await drained(tracker)).toBe(true)
    expect([names().length, sent('POST').length, server.counts().doubled]).toEqual([1, 1, 0])
  })
})

describe('a task per session', () => {
  test('is made once, however its answer is lost, and is among the tasks of the project beside those of others', async () => {
    await started()
    server.add('agents', { assets: { tasks: ['theirs'], repositories: [{ name: 'web' }] } })
    server.fail({ method: 'POST', nth: 2, failure: { kind: 'reset', applied: true } })
    await using tracker = await tracked({ tasks: true, projectId: 'agents' })
    const session = await told(tracker)
    expect(await drained(tracker)).toBe(true)
    const [task, ...more] = server.tasks()
    expect([task?.given, more]).toEqual([
      {
        name: 'Stop double charging',
        description: 'Stop double charging',
        externalId: session.id,
      },
      [],
    ])
    expect(server.project('agents').assets).toMatchObject({
      tasks: ['theirs', task?.id],
      repositories: [{ name: 'web' }],
      [`session-${session.id}`]: { Summary: 'Fixed in #981' },
    })
  })
  test('that Opsera refuses leaves the card as it is', async () => {
    await started()
    server.fail({
      when: ({ path }) => path.endsWith('/task'),
      times: 9,
      failure: { kind: 'inside', applied: false, word: 'Invalid type' },
    })
    await using tracker = await tracked({ tasks: true })
    await told(tracker)
    await drained(tracker)
    expect(names()).toEqual(['Stop double charging: completed, 100 %'])
    expect((await dead(tracker)).map(reason => reason.split(':')[0])).toEqual(['createTask', 'linkTask'])
  })
  test('joins lists of assets at every level, twice without doubling', async () => {
    await started()
    server.add('web-portal', { assets: { links: { list: [{ name: 'a' }], note: 'theirs' } } })
    await using tracker = await tracked()
    for (const name of ['b', 'b', 'c'])
      await tracker.act('opsera', 'updateProject', {
        projectId: 'web-portal',
        projectName: 'Web portal',
        assets: { links: { list: [{ name }] } },
      })
    expect(await drained(tracker)).toBe(true)
    expect(server.project('web-portal').assets).toEqual({
      links: { list: [{ name: 'a' }, { name: 'b' }, { name: 'c' }], note: 'theirs' },
    })
  })
})

describe('what people wrote', () => {
  test('into the assets stays, where an update replaces and where it merges', async () => {
    for (const put of ['replace', 'merge'] as const) {
      await started({ put })
      await using tracker = await tracked({ hierarchy: { team: 'Core' } })
      const session = await tracker.start(goal)
      await drained(tracker)
      const id = `session-${session.id}`
      const repositories = [{ name: 'web-portal' }]
      server.change(id, { assets: { ...(server.project(id).assets as object), repositories } })
      await session.update('Reproduced', { progress: 35 })
      await session.close({})
      expect(await drained(tracker)).toBe(true)
      expect(server.project(id)).toMatchObject({
        team: 'Core',
        assets: { repositories, [id]: { Status: expect.stringContaining('completed') as string } },
      })
      if (put === 'replace') await server.close()
    }
  })

  test('stays where assets are a list, and where there are none yet', async () => {
    await started({ assets: 'list' })
    await using tracker = await tracked({ assets: 'list' })
    const session = await tracker.start(goal)
    await drained(tracker)
    const id = `session-${session.id}`
    server.change(id, { assets: [{ repositories: [] }] })
    await session.update('Reproduced', { progress: 35 })
    expect(await drained(tracker)).toBe(true)
    expect(server.project(id)).toMatchObject({
      projectName: 'Stop double charging: in progress, 35 %',
      assets: [{ repositories: [] }],
    })
  })

  test('is not touched in a project that refs linked, but for the card', async () => {
    await started({ put: 'merge' })
    server.add('web-portal', { projectName: 'Web portal', team: 'Core' })
    await using tracker = await tracked({ put: 'merge' })
    const session = await tracker.start({ ...goal, refs: { opsera: { project: 'web-portal' } } })
    await session.update('Reproduced', { progress: 35 })
    expect(await drained(tracker)).toBe(true)
    expect(server.projects()).toEqual([
      {
        projectId: 'web-portal',
        projectName: 'Web portal',
        team: 'Core',
        assets: {
          [`session-${session.id}`]: {
            Session: 'Stop double charging',
            Status: '████░░░░░░ 20 → 35 % · in progress',
            Now: 'Reproduced',
            By: 'fixer',
            Project: 'billing',
            Source: expect.stringContaining(`Session ${session.id} · event `) as string,
          },
        },
      },
    ])
    expect(sent('POST')).toEqual([])
  })

  test('is asked for by name when it is not there', async () => {
    await started({ put: 'merge' })
    server.add('api')
    server.add('web-portal')
    await using tracker = await tracked({ put: 'merge' })
    await tracker.start({ ...goal, refs: { opsera: { project: 'portal' } } })
    await drained(tracker)
    expect(await dead(tracker)).toEqual(['editCard: no project "portal"; there is: api, web-portal'])
  })

  test('is refused where an update may replace it', async () => {
    await started()
    server.add('web-portal')
    await using tracker = await tracked()
    await expect(tracker.start({ ...goal, refs: { opsera: { project: 'web-portal' } } })).rejects.toThrow(
      "Set put: 'merge'",
    )
    expect(await tracker.sessions()).toEqual([])
  })

  test('shares a project with other sessions: its name and theirs stay', async () => {
    await started()
    server.add('agents', { projectName: 'Our agents', externalId: 'ours', assets: { repositories: [] } })
    await using tracker = await tracked({ projectId: 'agents' })
    const one = await tracker.start(goal)
    const two = await tracker.start({ goal: 'Upgrade Postgres' })
    await one.update('Reproduced', { progress: 35 })
    await one.close({ progress: 100 })
    await two.close({ progress: 100 })
    expect(await drained(tracker)).toBe(true)
    const [project, ...others] = server.projects()
    expect(others).toEqual([])
    expect(project).toMatchObject({ projectName: 'Our agents', externalId: 'ours' })
    const assets = project?.assets as Readonly<Record<string, { Session?: string }>>
    expect(Object.keys(assets)).toEqual(['repositories', `session-${one.id}`, `session-${two.id}`])
    expect([assets[`session-${one.id}`]?.Session, assets[`session-${two.id}`]?.Session]).toEqual([
      'Stop double charging',
      'Upgrade Postgres',
    ])
    expect(sent('POST')).toEqual([])
  })

  test('stops the session where the project was deleted, until it starts anew', async () => {
    await started()
    await using tracker = await tracked()
    const session = await tracker.start(goal)
    await drained(tracker)
    server.add('other')
    server.remove(`session-${session.id}`)
    await session.update('Reproduced', { progress: 35 })
    await drained(tracker)
    expect(await dead(tracker)).toEqual([`editCard: no project "session-${session.id}"; there is: other`])
    await session.decide('Lock per invoice')
    await drained(tracker)
    expect(await dead(tracker)).toHaveLength(1)
    await tracker.recreateCard(session.id, 'opsera')
    expect(await drained(tracker)).toBe(true)
    expect(server.project(`session-${session.id}`)).toMatchObject({
      projectName: 'Stop double charging: in progress, 35 %',
    })
  })
})

describe('what Opsera leaves open', () => {
  test('a list that does not come whole is not believed', async () => {
    await started({ pageMax: 2 })
    for (const id of ['a', 'b', 'c']) server.add(id)
    await using tracker = await tracked({}, { afterMs: 0 })
    const again = new Promise<Readonly<{ reason: string }>>(resolve => {
      tracker.on('retry', resolve)
    })
    await tracker.start(goal)
    const drained = tracker.drain({ timeoutMs: 10_000 })
    expect((await again).reason).toMatch(/^2 of 3 projects came, .* see skipParameter and paths.projects/)
    expect(sent('POST')).toEqual([])
    await tracker.pause('opsera')
    await drained
  })
  test('pages are read where it is said how, and a list is narrowed', async () => {
    for (const options of [
      { skipParameter: 'skip' },
      { paths: { projects: '/api/v2/data/projects?projectId={projectId}' } },
    ]) {
      await started({ pageMax: 2, ...('skipParameter' in options ? options : {}) })
      for (const id of ['a', 'b', 'c']) server.add(id)
      server.fail({ method: 'POST', failure: { kind: 'reset', applied: true } })
      await using tracker = await tracked(options)
      await told(tracker)
      expect(await drained(tracker)).toBe(true)
      expect([server.projects().length, sent('POST').length]).toEqual([4, 1])
      if ('skipParameter' in options) await server.close()
    }
  })
  test.for([
    [{ auth: 'bare' }, { auth: 'bare' }],
    [{ nestIn: 'attributes' }, { nestIn: 'attributes' }],
    [{ org: { id: 'acme', header: 'X-Org-Id' } }, { orgId: 'acme', orgIn: { header: 'X-Org-Id' } }],
    [{ org: { id: 'acme', query: 'org' } }, { orgId: 'acme', orgIn: { query: 'org' } }],
    [{ org: { id: 'acme', field: 'orgId' } }, { orgId: 'acme', orgIn: { field: 'orgId' } }],
  ] as const)('is configured: %j', async ([of, options]) => {
    await started(of)
    await using tracker = await tracked(options)
    await told(tracker)
    expect(await drained(tracker)).toBe(true)
    expect(names()).toEqual(['Stop double charging: completed, 100 %'])
    expect(await tracker.check('opsera')).toMatchObject({ ok: true })
  })
})

describe('who may do what', () => {
  test('a role that may not list waits, and nothing is lost', async () => {
    await started({ role: 'User' })
    await using tracker = await tracked()
    await told(tracker)
    await tracker.drain({ timeoutMs: 2_000 })
    expect(await tracker.check('opsera')).toMatchObject({
      ok: false,
      reason: '403 Forbidden: Power User or higher is required',
    })
    expect([await dead(tracker), sent('POST')]).toEqual([[], []])
    server.become('Power User')
    await tracker.unpause('opsera')
    expect(await drained(tracker)).toBe(true)
    expect(names()).toEqual(['Stop double charging: completed, 100 %'])
  })
  test('a token of the wrong scope refuses the write with the words of Opsera; another token sends it', async () => {
    await started({ scope: 'api-readonly' })
    await using tracker = await tracked()
    await tracker.start(goal)
    expect((await tracker.drain({ timeoutMs: 5_000 })).done).toBe(false)
    expect(await dead(tracker)).toEqual(['createCard: 403 Access token scope api is required'])
    await server.close()
    await started({ token: 'x' })
    await using other = await tracked()
    await other.start(goal)
    expect(await drained(other)).toBe(true)
    expect(await dead(other)).toEqual([])
  })
})

describe('actions', () => {
  const settled = async (tracker: Tracked, action: string, input: object) => {
    const acted = await tracker.act('opsera', action as 'createGroup', input as never)
    await drained(tracker)
    if (!acted.recorded) throw new Error('not recorded')
    const { state, reason } = await tracker.settled(acted.key, { timeoutMs: 5_000 })
    return reason === undefined ? state : `${state}: ${reason}`
  }
  test('groups and users are made once, and what is there is left alone', async () => {
    await started()
    await using tracker = await tracked()
    const group = { name: 'agents', groupMemberUserIds: ['5f3a1c2b9d8e7f6a00000001'] }
    const user = { email: 'Grace@example.com', firstName: 'Grace', lastName: 'Fixer' }
    for (const _ of [1, 2]) {
      expect(await settled(tracker, 'createGroup', group)).toBe('delivered')
      expect(await tracker.read('opsera', 'findGroup', { name: group.name })).toMatchObject([
        { name: group.name },
      ])
      expect(await settled(tracker, 'createUser', user)).toBe('delivered')
    }
    expect(server.groups()).toEqual([{ name: 'agents', members: ['5f3a1c2b9d8e7f6a00000001'] }])
    expect(server.users().map(({ email }) => email)).toEqual(['ada@example.com', 'grace@example.com'])
    expect([sent('POST').length, server.counts().doubled]).toEqual([2, 0])
    expect(await settled(tracker, 'createGroup', { name: 'eve', groupMemberUserIds: ['x'.repeat(24)] })).toBe(
      'dead: 400 Invalid member identifier',
    )
  })
  test('projects are made and written whole, their assets joined', async () => {
    await started()
    await using tracker = await tracked()
    const portal = { projectId: 'web-portal', projectName: 'Web portal', team: 'Core' }
    const repositories = [{ name: 'web-portal' }]
    expect(await settled(tracker, 'createProject', { ...portal, assets: { repositories } })).toBe('delivered')
    expect(await settled(tracker, 'updateProject', { ...portal, assets: { tasks: ['t1'] } })).toBe(
      'delivered',
    )
    expect(server.projects()).toEqual([{ ...portal, assets: { repositories, tasks: ['t1'] } }])
    expect(await settled(tracker, 'updateProject', { ...portal, projectId: 'portal' })).toBe(
      'dead: no project "portal"; there is: web-portal',
    )
  })
  test('tasks are off and say why; switched on, one in doubt is looked up by its external id', async () => {
    await started()
    {
      await using tracker = await tracked()
      await expect(tracker.act('opsera', 'createTask', { name: 'Fix' })).rejects.toThrow(
        'createTask is off, as a task of Opsera is an automation job',
      )
      await expect(tracker.read('opsera', 'listTasks', {})).rejects.toThrow('listTasks is off')
      expect(server.requests()).toEqual([])
    }
    await using tracker = await tracked({ tasks: true })
    expect(await settled(tracker, 'createTask', { name: 'Fix' })).toBe('delivered')
    server.fail({ path: '/api/v2/task', failure: { kind: 'reset', applied: true } })
    expect(await settled(tracker, 'createTask', { name: 'Fix' })).toBe('delivered')
    expect(server.tasks()).toHaveLength(2)
    expect(await tracker.read('opsera', 'listTasks', {})).toMatchObject({ tasks: [{}, {}] })
    expect(await settled(tracker, 'notifyRun', { body: { message: 'Fixed' } })).toBe('delivered')
    expect([server.listNotifications(), server.listActs()]).toEqual([[{ message: 'Fixed' }], []])
  })
  test('reads give what Opsera says', async () => {
    await started()
    server.add('web-portal')
    await using tracker = await tracked()
    const id = '5f3a1c2b9d8e7f6a5b4c3d2e'
    expect(await tracker.read('opsera', 'listProjects', {})).toMatchObject([{ projectId: 'web-portal' }])
    expect(await tracker.read('opsera', 'listUsers', {})).toMatchObject({
      data: [{ email: 'ada@example.com' }],
    })
    expect(await tracker.read('opsera', 'findUser', { email: 'ADA@*' })).toMatchObject({ firstName: 'Ada' })
    await expect(tracker.read('opsera', 'findUser', { email: 'eve@example.com' })).rejects.toMatchObject({
      code: 'ADAPTER',
      message: 'opsera.findUser: 404 User not found. Check the input, and what the credential may see.',
    })
    expect(await tracker.read('opsera', 'findGroup', { name: 'agents' })).toEqual([])
    expect(await tracker.read('opsera', 'listGroups', {})).toEqual({ count: 0, data: [] })
    expect(await tracker.read('opsera', 'getStatus', { ids: [id] })).toEqual({
      status: 'executed',
      message: 'status executed',
      data: [{ id, status: 'idle' }],
    })
    expect(await tracker.read('opsera', 'validatePipeline', { body: { steps: [] } })).toMatchObject({
      status: 'success',
    })
    expect(await tracker.read('opsera', 'getStepMetadata', { body: { tool_identifier: 'github' } })).toEqual({
      tool_identifier: 'github',
      required: ['gitRepository', 'branch'],
    })
    expect(await tracker.read('opsera', 'getTaskStatuses', {})).toEqual({ data: [] })
    await expect(tracker.read('opsera', 'findTasks', { body: { name: 'x' } })).rejects.toMatchObject({
      message: 'opsera.findTasks: 404 Task not found. Check the input, and what the credential may see.',
    })
    expect(await tracker.read('opsera', 'listTools', { tool: 'github' })).toEqual([
      { _id: id, name: 'GitHub of Acme', tool_identifier: 'github' },
    ])
    expect(await tracker.read('opsera', 'listRepositories', { body: { toolId: id } })).toMatchObject({
      data: [{ name: 'web-portal' }],
    })
    expect(await tracker.read('opsera', 'listBranches', { body: { toolId: id } })).toMatchObject({
      data: [{ name: 'main' }, { name: 'develop' }],
    })
    expect(server.listActs()).toEqual([])
  })
})
