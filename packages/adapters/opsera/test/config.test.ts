import { isTrackerError } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { opsera } from '../src/index.ts'
import { BASE, call, made } from './made.ts'

const messageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (isTrackerError(error) && error.code === 'CONFIG') return error.message
    throw error
  }
  return 'no error'
}
const refusal = (options: object): string => messageOf(() => opsera({ baseUrl: BASE, ...options }))

const PATHS = {
  createProject: '/api/v2/data/project',
  updateProject: '/api/v2/data/project/{projectId}',
  projects: '/api/v2/data/projects',
  task: '/api/v2/task',
  tasks: '/api/v2/tasks',
  taskStatuses: '/api/v2/tasks/status',
  findTasks: '/api/v2/tasks/lookup',
  actions: '/api/v2/actions',
  validatePipeline: '/api/v2/pipelines/validate',
  stepMetadata: '/api/v2/pipelines/step-metadata',
  runNotification: '/api/v2/pipelines/pipeline-run/notification',
  user: '/api/v2/usermanagement/user',
  users: '/api/v2/usermanagement/users',
  group: '/api/v2/usermanagement/group',
  groups: '/api/v2/usermanagement/groups',
  repositories: '/api/v2/tools/scm/repositories',
  branches: '/api/v2/tools/scm/branches',
  tools: '/api/v2/tools/registry',
}

describe('options', () => {
  test('the least that is needed; nothing is sent unless it is released', () => {
    const { name, mode, config, secrets, limits, check, ...rest } = made()
    expect({ name, mode, config, secrets, limits, check }).toEqual({
      name: 'opsera',
      mode: 'preview',
      config: {
        as: 'opsera',
        baseUrl: BASE,
        auth: 'bearer',
        secret: 'OPSERA_API_KEY',
        projectId: 'session-{id}',
        hierarchy: {},
        updates: 'card',
        assets: 'object',
        put: 'replace',
        pointers: {
          projects: '/data',
          users: '/data',
          groups: '/data',
          count: '/count',
          projectId: '/projectId',
          projectName: '/projectName',
          externalId: '/externalId',
          assets: '/assets',
        },
        paths: PATHS,
        tasks: false,
      },
      secrets: ['OPSERA_API_KEY'],
      limits: { concurrency: 1, rates: { requests: { count: 60, perMs: 60_000 } } },
      check: { call: call('GET', 'data/projects') },
    })
    expect(Object.keys(rest).sort()).toEqual(['actions', 'hooks', 'outcome', 'refs'])
  })

  test('all of them', () => {
    const when = () => true
    const adapter = opsera({
      as: 'acme',
      mode: 'execute',
      updates: 'off',
      when,
      allowDestructive: true,
      onDoubt: 'repeat',
      baseUrl: 'http://127.0.0.1:4000/api/v2/',
      auth: 'bare',
      secret: 'vault/opsera',
      projectId: 'agents',
      projectName: 'Agents at work',
      hierarchy: { organization: 'Acme', business: 'Eng', department: 'P', group: 'Agents', team: 'Core' },
      assets: 'object',
      put: 'merge',
      nestIn: 'attributes',
      pointers: { projects: '', count: '/total', assets: '/assets' },
      skipParameter: 'skip',
      paths: { projects: '/api/v2/data/projects?projectId={projectId}', task: '/api/v3/task' },
      orgId: 'acme-1',
      orgIn: { query: 'orgId' },
      tasks: true,
      sessionUrl: 'https://example.com/sessions/{id}',
    })
    expect(adapter).toMatchObject({
      name: 'acme',
      mode: 'execute',
      when,
      allowDestructive: true,
      onDoubt: 'repeat',
      secrets: ['vault/opsera'],
    })
    expect(adapter.config).toEqual({
      as: 'acme',
      baseUrl: 'http://127.0.0.1:4000',
      auth: 'bare',
      secret: 'vault/opsera',
      projectId: 'agents',
      projectName: 'Agents at work',
      hierarchy: { organization: 'Acme', business: 'Eng', department: 'P', group: 'Agents', team: 'Core' },
      updates: 'off',
      assets: 'object',
      put: 'merge',
      nestIn: 'attributes',
      pointers: {
        projects: '',
        users: '/data',
        groups: '/data',
        count: '/total',
        projectId: '/projectId',
        projectName: '/attributes/projectName',
        externalId: '/attributes/externalId',
        assets: '/assets',
      },
      skipParameter: 'skip',
      paths: {
        ...PATHS,
        projects: '/api/v2/data/projects?projectId={projectId}',
        task: '/api/v3/task',
      },
      org: { id: 'acme-1', place: { query: 'orgId' } },
      tasks: true,
      sessionUrl: 'https://example.com/sessions/{id}',
    })
  })

  test.for([
    [
      { baseUrl: undefined },
      'opsera.baseUrl: must be the https address of your Opsera, such as https://app.opsera.io: there is no default',
    ],
    [{ baseUrl: 'http://app.opsera.io' }, 'opsera.baseUrl: must be the https address'],
    [
      { baseUrl: 'https://a:b@app.opsera.io' },
      'opsera.baseUrl: must be the https address of your Opsera, such as https://app.opsera.io, without user',
    ],
    [{ baseUrl: 'https://app.opsera.io?x=1' }, 'opsera.baseUrl: must be'],
    [{ baseUrl: 'https://app.opsera.io/{tenant}' }, 'opsera.baseUrl: must be'],
    [{ baseUrl: 'app.opsera.io' }, 'opsera.baseUrl: must be'],
    [
      { baseURL: BASE },
      'opsera.baseURL: unknown option (did you mean "baseUrl"?); expected one of as, mode, updates, when, allowDestructive, onDoubt, baseUrl, auth, secret, projectId, projectName, hierarchy, assets, put, nestIn, pointers, skipParameter, paths, orgId, orgIn, tasks, sessionUrl.',
    ],
    [
      { secret: 'eyJhbGciOiJIUzI1NiJ9.e30.x' },
      'opsera.secret: must be the name of a secret, such as OPSERA_API_KEY, not its value',
    ],
    [{ secret: 'Bearer x' }, 'opsera.secret: must be the name of a secret'],
    [{ auth: 'basic' }, 'opsera.auth: '],
    [{ as: 'My Opsera' }, 'opsera.as: must begin with a small letter'],
    [{ mode: 'dry-run' }, 'opsera.mode: '],
    [
      { updates: 'each' },
      'opsera.updates: must be card or off: a project of Opsera has no place for entries',
    ],
    [{ projectId: '{id}/{id}' }, 'opsera.projectId: must begin with a letter or digit'],
    [{ projectId: '{id}{id}' }, 'opsera.projectId: must begin'],
    [{ projectId: 'two words' }, 'opsera.projectId: must begin'],
    [{ projectId: '..' }, 'opsera.projectId: must begin'],
    [
      { projectId: 'agents', assets: 'list' },
      "opsera.assets: must be 'object' with a projectId without {id}",
    ],
    [{ projectName: 'Agents' }, 'opsera.projectName: is for a shared project'],
    [
      { hierarchy: { division: 'x' } },
      'opsera.hierarchy.division: unknown option; expected one of organization, business, department, group, team.',
    ],
    [{ hierarchy: { team: ' ' } }, 'opsera.hierarchy.team: must not be empty'],
    [{ assets: 'array' }, 'opsera.assets: '],
    [{ nestIn: 'a.b c' }, 'opsera.nestIn: must be a name'],
    [{ pointers: { projects: 'data' } }, 'opsera.pointers.projects: must be a JSON Pointer'],
    [
      { pointers: { tasks: '/data' } },
      'opsera.pointers.tasks: unknown option; expected one of projects, users, groups, count, projectId, projectName, externalId, assets.',
    ],
    [{ paths: { task: '/task' } }, 'opsera.paths.task: must begin with /api/, such as /api/v2/task'],
    [{ paths: { task: '/api/v2/task?x=1' } }, 'opsera.paths.task: must have no query'],
    [
      { paths: { updateProject: '/api/v2/data/project' } },
      'opsera.paths.updateProject: must name {projectId} once',
    ],
    [
      { paths: { projects: '/api/v2/data/{projectId}' } },
      'opsera.paths.projects: must have no query and no braces',
    ],
    [
      { paths: { run: '/api/v2/run' } },
      'opsera.paths.run: unknown option; expected one of createProject, updateProject, projects, task, tasks, taskStatuses, findTasks, actions, validatePipeline, stepMetadata, runNotification, user, users, group, groups, repositories, branches, tools.',
    ],
    [{ orgId: 'acme' }, 'opsera.orgIn: is missing: Opsera documents no place for orgId'],
    [{ orgIn: { field: 'orgId' } }, 'opsera.orgId: is missing'],
    [{ orgId: 'a b', orgIn: { field: 'orgId' } }, 'opsera.orgId: must be an id without spaces'],
    [{ orgId: 'a', orgIn: { header: 'Authorization' } }, 'opsera.orgIn'],
    [{ orgId: 'a', orgIn: { header: 'X-A', query: 'b' } }, 'opsera.orgIn'],
    [{ sessionUrl: 'https://example.com' }, 'opsera.sessionUrl: must be a web address with {id} in it'],
    [{ sessionUrl: 'javascript:{id}' }, 'opsera.sessionUrl: must be a web address'],
    [{ when: 'always' }, 'opsera.when: must be a function'],
    [{ tasks: 'yes' }, 'opsera.tasks: '],
  ] as const)('%j is refused', ([options, message]) => {
    expect(refusal(options)).toContain(message)
  })

  test('nothing at all is refused with what to give', () => {
    expect(messageOf(() => opsera(undefined as never))).toMatch(/^opsera: /)
  })
})

describe('fromEnv', () => {
  const env = { OPSERA_BASE_URL: BASE, OPSERA_API_KEY: 'eyJ.secret' }
  test('takes address, project and secret from where they are usually kept', () => {
    expect(opsera.fromEnv({}, env)?.config).toMatchObject({ baseUrl: BASE, projectId: 'session-{id}' })
    const shared = opsera.fromEnv({ as: 'acme' }, { ...env, OPSERA_PROJECT_ID: 'agents' })
    expect([shared?.name, shared?.config.projectId, shared?.mode]).toEqual(['acme', 'agents', 'preview'])
  })
  test('takes the organization when it is said where it goes', () => {
    const org = { ...env, OPSERA_ORG_ID: 'acme' }
    expect(opsera.fromEnv({}, org)?.config).not.toHaveProperty('org')
    expect(opsera.fromEnv({ orgIn: { header: 'X-Org-Id' } }, org)?.config.org).toEqual({
      id: 'acme',
      place: { header: 'X-Org-Id' },
    })
  })
  test('is nothing without address or secret, unless it is asked for', () => {
    expect(opsera.fromEnv({}, {})).toBeUndefined()
    expect(opsera.fromEnv({}, { OPSERA_API_KEY: 'x' })).toBeUndefined()
    expect(opsera.fromEnv({}, { ...env, OPSERA_ENABLED: 'off' })).toBeUndefined()
    expect(messageOf(() => opsera.fromEnv({}, { OPSERA_ENABLED: 'on', OPSERA_API_KEY: 'x' }))).toBe(
      'OPSERA_ENABLED is on, but OPSERA_BASE_URL is not set: set it, or OPSERA_ENABLED=false.',
    )
  })
  test('what is given goes first', () => {
    const given = opsera.fromEnv(
      { baseUrl: 'https://opsera.example.com', secret: 'OTHER', projectId: 'mine' },
      { OTHER: 'x', OPSERA_PROJECT_ID: 'agents' },
    )
    expect(given?.config).toMatchObject({
      baseUrl: 'https://opsera.example.com',
      secret: 'OTHER',
      projectId: 'mine',
    })
  })
})
