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
        secrets: { OPSERA_API_KEY: 'OPSERA_API_KEY' },
        projectId: 'session-{id}',
        hierarchy: {},
        updates: 'card',
        assets: 'object',
        put: 'replace',
        pointers: {
          projects: '/data',
          users: '/data',
          groups: '/data',
          tasks: '/data',
          count: '/count',
          taskId: '/id',
          taskExternalId: '/externalId',
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
    expect(Object.keys(rest).sort()).toEqual([
      ...[
        'actions',
        'cardLookups',
        'describe',
        'hooks',
        'isOwn',
        'origins',
        'outcome',
        'publicSecrets',
        'refs',
      ],
    ])
    expect([rest.origins, rest.cardLookups, rest.publicSecrets]).toEqual([[BASE], [], []])
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
      secrets: { OPSERA_API_KEY: 'vault/opsera' },
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
      secrets: { OPSERA_API_KEY: 'vault/opsera' },
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
        tasks: '/data',
        count: '/total',
        taskId: '/id',
        taskExternalId: '/externalId',
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
    [{ baseUrl: undefined }, 'opsera.baseUrl: missing; expected an address such as https://app.opsera.io.'],
    [{ baseUrl: 'http://app.opsera.io' }, 'opsera.baseUrl: invalid value; expected an https address'],
    [{ baseUrl: 'https://a:b@app.opsera.io' }, 'opsera.baseUrl: invalid value; expected an https address'],
    [{ baseUrl: 'https://app.opsera.io?x=1' }, 'opsera.baseUrl: invalid value'],
    [{ baseUrl: 'https://app.opsera.io/{tenant}' }, 'opsera.baseUrl: invalid value'],
    [{ baseUrl: 'app.opsera.io' }, 'opsera.baseUrl: invalid value'],
    [{ baseURL: BASE }, 'opsera.baseURL: unknown option (did you mean "baseUrl"?)'],
    [
      { secrets: { OPSERA_API_KEY: 'eyJhbGciOiJIUzI1NiJ9.e30.x' } },
      'opsera.secrets.OPSERA_API_KEY: invalid value; expected the name of a secret, not its value.',
    ],
    [{ auth: 'basic' }, 'opsera.auth: '],
    [{ as: 'My Opsera' }, 'opsera.as: invalid value; expected a name of letters, digits, - and _'],
    [{ mode: 'dry-run' }, 'opsera.mode: '],
    [
      { updates: 'each' },
      'opsera.updates: invalid value; expected card or off, as a project of Opsera has no place for entries, got the string "each".',
    ],
    [{ projectId: '{id}/{id}' }, 'opsera.projectId: invalid value; expected letters, digits'],
    [{ projectId: '{id}{id}' }, 'opsera.projectId: invalid value'],
    [{ projectId: 'two words' }, 'opsera.projectId: invalid value'],
    [{ projectId: '..' }, 'opsera.projectId: invalid value'],
    [
      { projectId: 'agents', assets: 'list' },
      "opsera.assets: does not fit the other options. Set assets: 'object', or put {id} into projectId",
    ],
    [{ projectName: 'Agents' }, 'opsera.projectName: does not fit the other options. Remove it'],
    [{ hierarchy: { division: 'x' } }, 'opsera.hierarchy.division: unknown option'],
    [{ hierarchy: { team: ' ' } }, 'opsera.hierarchy.team: invalid value; expected 1 to 200 characters'],
    [{ assets: 'array' }, 'opsera.assets: '],
    [{ nestIn: 'a.b c' }, 'opsera.nestIn: invalid value; expected a name'],
    [{ pointers: { projects: 'data' } }, 'opsera.pointers.projects: invalid value; expected a JSON Pointer'],
    [{ pointers: { pipelines: '/data' } }, 'opsera.pointers.pipelines: unknown option'],
    [
      { paths: { task: '/task' } },
      'opsera.paths.task: invalid value; expected a path that begins with /api/, without a query and braces, such as /api/v2/task',
    ],
    [{ paths: { task: '/api/v2/task?x=1' } }, 'opsera.paths.task: invalid value'],
    [
      { paths: { updateProject: '/api/v2/data/project' } },
      'opsera.paths.updateProject: invalid value; expected a path that begins with /api/, with {projectId} once',
    ],
    [{ paths: { projects: '/api/v2/data/{projectId}' } }, 'opsera.paths.projects: invalid value'],
    [{ paths: { run: '/api/v2/run' } }, 'opsera.paths.run: unknown option'],
    [
      { orgIn: { field: 'orgId' } },
      'opsera.orgId: does not fit the other options. Give the id that orgIn places.',
    ],
    [
      { orgId: 'a b', orgIn: { field: 'orgId' } },
      'opsera.orgId: invalid value; expected an id without spaces',
    ],
    [{ orgId: 'a', orgIn: { header: 'Authorization' } }, 'opsera.orgIn'],
    [{ orgId: 'a', orgIn: { header: 'X-A', query: 'b' } }, 'opsera.orgIn'],
    [{ sessionUrl: 'https://example.com' }, 'opsera.sessionUrl: invalid value'],
    [{ sessionUrl: 'javascript:{id}' }, 'opsera.sessionUrl: invalid value'],
    [{ when: 'always' }, 'opsera.when: invalid value; expected a function'],
    [{ tasks: 'yes' }, 'opsera.tasks: '],
  ] as const)('%j is refused', ([options, message]) => {
    expect(refusal(options)).toContain(message)
  })

  test('nothing at all is refused with what to give', () => {
    expect(messageOf(() => opsera(undefined as never))).toMatch(/^opsera: /)
  })
})

describe('fromEnv', () => {
  const env = { OPSERA_API_URL: `${BASE}/api/v2`, OPSERA_API_KEY: 'eyJ.secret' }
  test('takes address, project and secret from the variables of the guide', () => {
    expect(opsera.fromEnv({}, env)?.config).toMatchObject({ baseUrl: BASE, projectId: 'session-{id}' })
    const shared = opsera.fromEnv({ as: 'acme' }, { ...env, OPSERA_PROJECT_ID: 'agents' })
    expect([shared?.name, shared?.config.projectId, shared?.mode]).toEqual(['acme', 'agents', 'preview'])
  })
  test('sends where OPSERA_SYNC_ENABLED says so, unless an option says otherwise', () => {
    const mode = (more: object, options: object = {}) => opsera.fromEnv(options, { ...env, ...more })?.mode
    expect(mode({ OPSERA_SYNC_ENABLED: 'true' })).toBe('execute')
    expect(mode({ OPSERA_SYNC_ENABLED: 'true' }, { mode: 'handoff' })).toBe('handoff')
    expect(mode({ OPSERA_SYNC_ENABLED: 'false' })).toBeUndefined()
    expect(mode({ OPSERA_ENABLED: 'true' })).toBe('preview')
    expect(messageOf(() => mode({ OPSERA_SYNC_ENABLED: 'maybe' }))).toBe(
      'OPSERA_SYNC_ENABLED: invalid value; expected true or false, got the string "maybe".',
    )
    expect(messageOf(() => opsera.fromEnv({}, { OPSERA_SYNC_ENABLED: 'on' }))).toBe(
      'OPSERA_API_URL: missing, although OPSERA_SYNC_ENABLED is on. Set OPSERA_API_URL and OPSERA_API_KEY, or OPSERA_SYNC_ENABLED=false.',
    )
  })
  test('takes the organization: as the widest level of projects, or where it is said', () => {
    const org = { ...env, OPSERA_ORG_ID: 'acme' }
    const levels = opsera.fromEnv({ hierarchy: { team: 'Core' } }, org)?.config
    expect(levels?.hierarchy).toEqual({ organization: 'acme', team: 'Core' })
    expect(levels).not.toHaveProperty('org')
    const named = opsera.fromEnv({ hierarchy: { organization: 'Acme' } }, org)?.config
    expect(named?.hierarchy).toEqual({ organization: 'Acme' })
    const placed = opsera.fromEnv({ orgIn: { header: 'X-Org-Id' } }, org)?.config
    expect(placed?.org).toEqual({ id: 'acme', place: { header: 'X-Org-Id' } })
    expect(placed?.hierarchy).toEqual({})
  })
  test('is undefined without its variables, and refuses a half-set environment', () => {
    expect(opsera.fromEnv({}, {})).toBeUndefined()
    expect(opsera.fromEnv({}, { ...env, OPSERA_ENABLED: 'off' })).toBeUndefined()
    expect(messageOf(() => opsera.fromEnv({}, { OPSERA_API_KEY: 'x' }))).toBe(
      'OPSERA_API_URL: missing, although OPSERA_API_KEY is set. Set OPSERA_API_URL, or OPSERA_ENABLED=false.',
    )
  })
  test('prefers options to the environment', () => {
    const given = opsera.fromEnv(
      { baseUrl: 'https://opsera.example.com', secrets: { OPSERA_API_KEY: 'OTHER' }, projectId: 'mine' },
      { OTHER: 'x', OPSERA_PROJECT_ID: 'agents' },
    )
    expect(given?.config).toMatchObject({
      baseUrl: 'https://opsera.example.com',
      secrets: { OPSERA_API_KEY: 'OTHER' },
      projectId: 'mine',
    })
  })
})
