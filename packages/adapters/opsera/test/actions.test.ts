import { type Descriptor, isTrackerError, type Lookup, uuidFrom } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { createCard, editCard, type SessionCard } from '../src/actions/cards.ts'
import { BASE, CREATE_UNSEEN, call, inList, KEY, made, SHORT, UPDATE_UNSEEN } from './made.ts'

const { actions, config } = made({ tasks: true })
const at = { key: KEY, config }
const ID = '5f3a1c2b9d8e7f6a5b4c3d2e'

const refusal = (run: () => unknown, code = 'INVALID_INPUT'): string => {
  try {
    run()
  } catch (error) {
    if (isTrackerError(error) && error.code === code) return error.message
    throw error
  }
  return 'no error'
}

test('names of what is made come from the key', () => {
  expect(uuidFrom(KEY).slice(0, 8)).toBe(SHORT)
})

const portal = { projectId: 'web-portal', projectName: 'Web portal' }
const card: SessionCard = {
  place: { kind: 'own', projectId: 'web-portal' },
  projectName: 'Web portal',
  externalId: 's1',
  slot: 'session-s1',
  card: { Session: 'Stop double charging' },
}
const keptAssets = (otherwise: unknown = {}, pick = '/assets') => ({ assets: { pick, otherwise } })
const before = (projectId: string, captures: object, more: object = {}) => [
  { ...inList(projectId, captures), noun: 'project', offer: '/projectId', ...more },
]

const drafts: readonly (readonly [string, Descriptor, unknown])[] = [
  [
    "a session's project",
    createCard(card)(at),
    {
      key: KEY,
      action: 'createCard',
      ...call('POST', 'data/project', {
        payload: {
          ...portal,
          externalId: 's1',
          assets: { 'session-s1': { Session: 'Stop double charging' } },
        },
      }),
      captures: { project: '/projectId' },
      repeat: { by: 'id', first: true, ...inList('web-portal', { project: '/projectId' }) },
      asterisk: CREATE_UNSEEN,
    },
  ],
  [
    'an edit of it',
    editCard(card)(at),
    {
      key: KEY,
      action: 'editCard',
      ...call('PUT', 'data/project/{project}', {
        payload: {
          ...portal,
          externalId: 's1',
          assets: { $ref: 'assets', with: { 'session-s1': { Session: 'Stop double charging' } } },
        },
      }),
      before: before('web-portal', keptAssets(), { gone: true }),
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: 30_000 },
      asterisk: UPDATE_UNSEEN,
    },
  ],
  [
    'an edit of a shared one, whose name and id elsewhere stay',
    editCard({ ...card, place: { ...card.place, kind: 'shared' } })(at),
    {
      key: KEY,
      action: 'editCard',
      ...call('PUT', 'data/project/{project}', {
        payload: {
          projectId: 'web-portal',
          projectName: { $ref: 'projectName' },
          externalId: { $ref: 'externalId' },
          assets: { $ref: 'assets', with: { 'session-s1': { Session: 'Stop double charging' } } },
        },
      }),
      before: before(
        'web-portal',
        {
          ...keptAssets(),
          projectName: { pick: '/projectName', otherwise: 'Web portal' },
          externalId: { pick: '/externalId', otherwise: 's1' },
        },
        { gone: true },
      ),
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: 30_000 },
      asterisk: UPDATE_UNSEEN,
    },
  ],
  [
    'an edit of one that was linked, of which nothing else is written',
    editCard({ ...card, place: { kind: 'linked', projectId: 'Web/Portal' } })(at),
    {
      key: KEY,
      action: 'editCard',
      ...call('PUT', 'data/project/Web%2FPortal', {
        payload: {
          projectId: 'Web/Portal',
          assets: { $ref: 'assets', with: { 'session-s1': { Session: 'Stop double charging' } } },
        },
      }),
      before: before('Web/Portal', keptAssets(), { gone: true }),
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: 30_000 },
      asterisk: UPDATE_UNSEEN,
    },
  ],
  [
    'a project with everything',
    actions.createProject({
      projectId: 'web-portal',
      projectName: ' Web\nportal <b>',
      externalId: 'ext-1',
      organization: 'Acme',
      team: 'Core',
      projectOwner: { firstName: 'Ada', lastName: 'Fixer', email: 'Ada@Example.com' },
      assets: { repositories: [{ name: 'web-portal' }] },
      fields: { note: 'as it\u0000 stands' },
    })(at),
    {
      key: KEY,
      action: 'createProject',
      ...call('POST', 'data/project', {
        payload: {
          projectId: 'web-portal',
          projectName: 'Web portal ‹b›',
          externalId: 'ext-1',
          organization: 'Acme',
          team: 'Core',
          projectOwner: { firstName: 'Ada', lastName: 'Fixer', email: 'ada@example.com' },
          note: 'as it stands',
          assets: { repositories: [{ name: 'web-portal' }] },
        },
      }),
      captures: { [`project-${SHORT}`]: '/projectId' },
      repeat: { by: 'id', first: true, ...inList('web-portal', { [`project-${SHORT}`]: '/projectId' }) },
      asterisk: CREATE_UNSEEN,
    },
  ],
  [
    'a project written whole, its assets joined',
    actions.updateProject({ ...portal, team: 'Core', assets: { tasks: ['t1'] } })(at),
    {
      key: KEY,
      action: 'updateProject',
      ...call('PUT', 'data/project/web-portal', {
        payload: {
          ...portal,
          team: 'Core',
          assets: { $ref: 'assets', with: { tasks: { $ref: 'assets-0', with: ['t1'] } } },
        },
      }),
      before: before('web-portal', { ...keptAssets(), 'assets-0': { pick: '/assets/tasks', otherwise: [] } }),
      repeat: 'safe',
      coalesce: { name: 'project web-portal', keep: true },
      asterisk: UPDATE_UNSEEN,
    },
  ],
  [
    'assets joined at every level, with fields that a pointer must escape',
    actions.updateProject({
      ...portal,
      assets: { 'a/b': { 'c~d': ['x'], note: 'n', empty: {} }, services: [{ name: 's' }] },
    })(at),
    {
      key: KEY,
      action: 'updateProject',
      ...call('PUT', 'data/project/web-portal', {
        payload: {
          ...portal,
          assets: {
            $ref: 'assets',
            with: {
              'a/b': {
                $ref: 'assets-0',
                with: {
                  'c~d': { $ref: 'assets-0-0', with: ['x'] },
                  note: 'n',
                  empty: { $ref: 'assets-0-2', with: {} },
                },
              },
              services: { $ref: 'assets-1', with: [{ name: 's' }] },
            },
          },
        },
      }),
      before: before('web-portal', {
        ...keptAssets(),
        'assets-0': { pick: '/assets/a~1b', otherwise: {} },
        'assets-0-0': { pick: '/assets/a~1b/c~0d', otherwise: [] },
        'assets-0-2': { pick: '/assets/a~1b/empty', otherwise: {} },
        'assets-1': { pick: '/assets/services', otherwise: [] },
      }),
      repeat: 'safe',
      coalesce: { name: 'project web-portal', keep: true },
      asterisk: UPDATE_UNSEEN,
    },
  ],
  [
    'a task',
    actions.createTask({ name: 'Fix', description: 'Two\nlines', fields: { type: 'x' } })(at),
    {
      key: KEY,
      action: 'createTask',
      ...call('POST', 'task', {
        payload: { name: 'Fix', description: 'Two\nlines', externalId: KEY, type: 'x' },
      }),
      captures: { [`task-${SHORT}`]: '/id' },
      repeat: {
        by: 'mark',
        first: true,
        call: call('POST', 'tasks/lookup', { payload: { externalId: KEY } }),
        list: '/data',
        where: { pointer: '/externalId', equals: KEY },
        captures: { [`task-${SHORT}`]: '/id' },
      },
      asterisk:
        "A task of Opsera is an automation job (a scan, a migration, a sync) and no item of a to-do list, and no page of Opsera's shows this request.",
    },
  ],
  [
    'a notification',
    actions.notifyRun({ body: { pipelineId: ID, message: 'Fixed' } })(at),
    {
      key: KEY,
      action: 'notifyRun',
      ...call('POST', 'pipelines/pipeline-run/notification', {
        payload: { pipelineId: ID, message: 'Fixed' },
      }),
      repeat: 'unsafe',
      asterisk: "No page of Opsera's shows what this request takes or does.",
    },
  ],
  [
    'a user',
    actions.createUser({ email: 'Ada@Example.com', firstName: 'Ada', lastName: 'Fixer' })(at),
    {
      key: KEY,
      action: 'createUser',
      ...call('POST', 'usermanagement/user', {
        payload: { firstName: 'Ada', lastName: 'Fixer', email: 'ada@example.com' },
      }),
      captures: { [`user-${SHORT}`]: '/email' },
      repeat: {
        by: 'mark',
        first: true,
        call: call('GET', 'usermanagement/users'),
        list: '/data',
        where: { pointer: '/email', equals: 'ada@example.com' },
        captures: { [`user-${SHORT}`]: '/email' },
      },
      asterisk: 'Opsera documents neither the fields of a new user nor the form of its list of users.',
    },
  ],
  [
    'a group',
    actions.createGroup({ name: 'agents', groupMemberUserIds: [ID] })(at),
    {
      key: KEY,
      action: 'createGroup',
      ...call('POST', 'usermanagement/group', {
        payload: { name: 'agents', groupMemberUserIds: [ID] },
      }),
      captures: { [`group-${SHORT}`]: '/name' },
      repeat: {
        by: 'mark',
        first: true,
        call: call('GET', 'usermanagement/groups'),
        list: '/data',
        where: { pointer: '/name', equals: 'agents' },
        captures: { [`group-${SHORT}`]: '/name' },
      },
      asterisk:
        'Opsera does not document the form of its list of groups, in which a group is looked for by its name.',
    },
  ],
]
test.for(drafts)('%s', ([, descriptor, expected]) => expect(descriptor).toEqual(expected))

const lookups: readonly (readonly [string, Lookup, unknown])[] = [
  ['all projects', actions.listProjects.build({}, at), { call: call('GET', 'data/projects'), list: '/data' }],
  [
    'a user by e-mail address',
    actions.findUser.build({ email: 'ada@example.com' }, at),
    { call: call('GET', 'usermanagement/user', { query: { search: 'email=ada@example.com' } }) },
  ],
  ['users', actions.listUsers.build({}, at), { call: call('GET', 'usermanagement/users') }],
  ['groups', actions.listGroups.build({}, at), { call: call('GET', 'usermanagement/groups') }],
  [
    'a group by its name',
    actions.findGroup.build({ name: 'agents' }, at),
    {
      call: call('GET', 'usermanagement/groups'),
      list: '/data',
      where: { pointer: '/name', equals: 'agents' },
    },
  ],
  [
    'how a pipeline stands',
    actions.getStatus.build({ type: 'pipeline', ids: [ID] }, at),
    {
      call: call('POST', 'actions', {
        payload: { action: 'status', type: 'pipeline', version: 1, target: [ID] },
      }),
    },
  ],
  [
    'whether a pipeline is valid',
    actions.validatePipeline.build({ body: { steps: [] } }, at),
    { call: call('POST', 'pipelines/validate', { payload: { steps: [] } }) },
  ],
  [
    'what a step asks for',
    actions.getStepMetadata.build({ body: { tool_identifier: 'github' } }, at),
    { call: call('POST', 'pipelines/step-metadata', { payload: { tool_identifier: 'github' } }) },
  ],
  ['tasks', actions.listTasks.build({ body: {} }, at), { call: call('POST', 'tasks', { payload: {} }) }],
  [
    'how tasks stand',
    actions.getTaskStatuses.build({ body: { ids: [ID] } }, at),
    { call: call('POST', 'tasks/status', { payload: { ids: [ID] } }) },
  ],
  [
    'tasks by name',
    actions.findTasks.build({ body: { name: 'scan' } }, at),
    { call: call('POST', 'tasks/lookup', { payload: { name: 'scan' } }) },
  ],
  [
    'registered tools',
    actions.listTools.build({ tool: 'github', fields: ['_id', 'name'] }, at),
    {
      call: call('GET', 'tools/registry', { query: { tool_identifier: 'github', fields: '_id,name' } }),
    },
  ],
  [
    'repositories',
    actions.listRepositories.build({ body: { toolId: ID } }, at),
    { call: call('POST', 'tools/scm/repositories', { payload: { toolId: ID } }) },
  ],
  [
    'branches',
    actions.listBranches.build({ body: { toolId: ID } }, at),
    { call: call('POST', 'tools/scm/branches', { payload: { toolId: ID } }) },
  ],
]
test.for(lookups)('reads %s', ([, lookup, expected]) => expect(lookup).toStrictEqual(expected))

describe('where a tenant differs', () => {
  const draft = (options: Parameters<typeof made>[0]): Descriptor => {
    const other = made({ tasks: true, ...options })
    return editCard(card)({ key: KEY, config: other.config })
  }
  test('details are nested, in requests and in the list', () => {
    const other = made({ nestIn: 'attributes' })
    const create = createCard(card)({ key: KEY, config: other.config })
    expect(create).toMatchObject({
      payload: { projectId: 'web-portal', attributes: { projectName: 'Web portal', externalId: 's1' } },
    })
    expect(draft({ nestIn: 'attributes' })).toMatchObject({
      payload: { projectId: 'web-portal', attributes: { assets: { $ref: 'assets' } } },
      before: before('web-portal', keptAssets({}, '/attributes/assets'), { gone: true }),
    })
  })
  test('assets are a list, and are kept as they are', () => {
    const other = made({ assets: 'list' })
    const create = createCard(card)({ key: KEY, config: other.config })
    expect(create).toMatchObject({ payload: { assets: [] } })
    expect(draft({ assets: 'list' })).toMatchObject({
      payload: { assets: { $ref: 'assets', with: [] } },
      before: before('web-portal', keptAssets([]), { gone: true }),
    })
  })
  test('assets are left alone, and nothing is read first', () => {
    const other = made({ assets: 'off' })
    const create = createCard(card)({ key: KEY, config: other.config })
    expect(create).toMatchObject({ payload: { ...portal, externalId: 's1' } })
    expect((create as unknown as { payload: object }).payload).not.toHaveProperty('assets')
    const edit = draft({ assets: 'off' })
    expect(edit).not.toHaveProperty('before')
    expect((edit as unknown as { payload: object }).payload).toEqual({ ...portal, externalId: 's1' })
    const update = other.actions.updateProject({ ...portal, assets: { a: 1 } })({
      key: KEY,
      config: other.config,
    })
    expect(update).toMatchObject({ payload: { ...portal, assets: { a: 1 } } })
  })
  test('the organization stands in a header, the query or the body', () => {
    const org = (orgIn: NonNullable<Parameters<typeof made>[0]>['orgIn']) =>
      draft({ orgId: 'acme', ...(orgIn === undefined ? {} : { orgIn }) })
    expect(org({ header: 'X-Org-Id' })).toMatchObject({
      headers: { 'X-Org-Id': 'acme' },
      before: [{ call: { headers: { 'X-Org-Id': 'acme' } } }],
    })
    expect(org({ query: 'orgId' })).toMatchObject({
      query: { orgId: 'acme' },
      before: [{ call: { query: { orgId: 'acme' } } }],
    })
    const inField = org({ field: 'orgId' })
    expect(inField).toMatchObject({ payload: { orgId: 'acme' } })
    expect(JSON.stringify(inField.before)).not.toContain('acme')
  })
  test('the list is read on, or narrowed', () => {
    expect(draft({ skipParameter: 'skip' })).toMatchObject({
      before: [{ next: { cursor: '/count', into: '/query/skip', counted: true } }],
    })
    const other = made({ paths: { projects: '/api/v2/data/projects?projectId={projectId}' } })
    const { before: reads } = editCard({ ...card, place: { kind: 'own', projectId: 'ab&c' } })({
      key: KEY,
      config: other.config,
    })
    expect(reads).toMatchObject([
      { call: { endpoint: `${BASE}/api/v2/data/projects?projectId=ab%26c` }, where: { equals: 'ab&c' } },
    ])
    // Nobody can be asked for when the address is proved, nor when all are wanted.
    const all = { ...call('GET', 'data/projects') }
    expect(other.check).toEqual({ call: all })
    expect(other.actions.listProjects.build({}, { key: KEY, config: other.config }).call).toEqual(all)
  })
  test('paths are other ones, and the token stands bare', () => {
    const other = draft({ auth: 'bare', paths: { updateProject: '/api/v3/projects/{projectId}/details' } })
    expect(other).toMatchObject({
      endpoint: `${BASE}/api/v3/projects/{project}/details`,
      auth: { header: 'Authorization', secret: 'OPSERA_API_KEY' },
    })
    expect(other.auth).not.toHaveProperty('prefix')
  })
  test('the hierarchy is in what is made and in what is edited', () => {
    const hierarchy = { organization: 'Acme', team: 'Core' }
    expect(draft({ hierarchy })).toMatchObject({ payload: hierarchy })
    const other = made({ hierarchy })
    expect(
      other.actions.createProject({ ...portal, team: 'Payments' })({ key: KEY, config: other.config }),
    ).toMatchObject({ payload: { ...portal, organization: 'Acme', team: 'Payments' } })
  })
})

describe('tasks are off', () => {
  const off = made()
  const here = { key: KEY, config: off.config }
  test('and say why, in plain words', () => {
    const why =
      "a task of Opsera is an automation job (a scan, a migration, a sync) and no item of a to-do list, and no page of Opsera's shows this request"
    const hint = 'Set tasks: true in opsera() once you have seen what yours makes of it.'
    expect(refusal(() => off.actions.createTask({ name: 'Fix' })(here), 'CONFIG')).toBe(
      `opsera.tasks: createTask is off, as ${why}. ${hint}`,
    )
    expect(refusal(() => off.actions.listTasks.build({ body: {} }, here), 'CONFIG')).toBe(
      `opsera.tasks: listTasks is off, as ${why}. ${hint}`,
    )
  })
  test('and are listed all the same', () => {
    expect(off.actions.createTask.guarantee(off.config)).toMatchObject({ guarantee: 'reconcile' })
  })
})

describe('input', () => {
  test.for([
    ['', 'expected the id of a project'],
    ['two words', 'expected the id of a project'],
    ['..', 'expected the id of a project'],
    ['a\u0000', 'expected the id of a project'],
    ['a\ud800', 'expected the id of a project'],
  ] as const)('a project called %j is refused', ([projectId, why]) => {
    expect(refusal(() => actions.createProject({ projectId, projectName: 'x' }))).toContain(why)
  })
  test('assets must be of the kind that the configuration names', () => {
    const list = made({ assets: 'list' })
    const here = { key: KEY, config: list.config }
    expect(refusal(() => actions.updateProject({ ...portal, assets: [{ a: 1 }] })(at))).toContain(
      'updateProject.assets: invalid type; expected an object, by the option assets, got an array.',
    )
    expect(refusal(() => list.actions.createProject({ ...portal, assets: { a: 1 } })(here))).toContain(
      'createProject.assets: invalid type; expected an array, by the option assets, got an object.',
    )
    expect(list.actions.updateProject({ ...portal, assets: [{ a: 1 }] })(here)).toMatchObject({
      payload: { assets: { $ref: 'assets', with: [{ a: 1 }] } },
    })
  })
  test('nothing that is sent as it stands can be a placeholder or an operator', () => {
    const body = (fields: unknown) => () => actions.notifyRun({ body: fields } as never)
    expect(refusal(body({ a: { $ref: 'project' } }))).toContain('expected no field named "$ref"')
    expect(refusal(body({ a: [{ $where: '1' }] }))).toContain('expected no field named "$where"')
    expect(refusal(body({ 'a\u0000': 1 }))).toContain('expected no field named')
    expect(refusal(body('text'))).toContain('notifyRun.body: invalid value; expected an object')
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) as unknown
    expect(refusal(body(deep))).toContain('expected at most 32 levels')
  })
  test('a group is named as Opsera wants it, with members of one kind', () => {
    const group = (fields: object) => () => actions.createGroup(fields as never)
    expect(refusal(group({ name: 'Agents', groupMemberUserIds: [ID] }))).toContain('that begin with a letter')
    expect(refusal(group({ name: 'a'.repeat(26), groupMemberUserIds: [ID] }))).toContain(
      'expected at most 25',
    )
    expect(refusal(group({ name: 'agents' }))).toContain('expected either this or groupMemberEmailAddresses')
    expect(
      refusal(
        group({ name: 'agents', groupMemberUserIds: [ID], groupMemberEmailAddresses: ['a@example.com'] }),
      ),
    ).toContain('expected either this or groupMemberEmailAddresses')
    expect(refusal(group({ name: 'agents', groupMemberUserIds: ['42'] }))).toContain('24 letters and digits')
  })
})

test('nothing runs, stops, resets, approves or deletes anything', () => {
  const told = Object.values(actions).map(each =>
    each.effect === 'read'
      ? [each.action, 'read']
      : [
          each.action,
          each.effect,
          each.guarantee(config).guarantee,
          each.guarantee(config).asterisk !== undefined,
        ],
  )
  expect(told).toEqual([
    ['createProject', 'write', 'native', true],
    ['updateProject', 'write', 'upsert', true],
    ['listProjects', 'read'],
    ['createTask', 'write', 'reconcile', true],
    ['listTasks', 'read'],
    ['getTaskStatuses', 'read'],
    ['findTasks', 'read'],
    ['getStatus', 'read'],
    ['validatePipeline', 'read'],
    ['getStepMetadata', 'read'],
    ['notifyRun', 'write', 'at-most-once', true],
    ['findUser', 'read'],
    ['listUsers', 'read'],
    ['createUser', 'write', 'reconcile', true],
    ['listGroups', 'read'],
    ['findGroup', 'read'],
    ['createGroup', 'write', 'reconcile', true],
    ['listTools', 'read'],
    ['listRepositories', 'read'],
    ['listBranches', 'read'],
  ])
})
