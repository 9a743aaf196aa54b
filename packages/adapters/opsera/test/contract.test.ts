import { adapterSuite, type ServiceUnderTest } from '@sessionwire/core/testing'
import { describe, test } from 'vitest'
import { spread, thin } from '../../../../test/sample.ts'
import { type OpseraOptions, opsera } from '../src/index.ts'
import { type HostileOpseraOptions, hostileOpsera } from '../src/testing.ts'
import { failures } from './replies.ts'

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.canary.4f7a'
const BASE = 'https://app.opsera.io'

const service =
  (options: HostileOpseraOptions = {}) =>
  async (): Promise<ServiceUnderTest> => {
    const server = await hostileOpsera({ token: TOKEN, ...options })
    return {
      server,
      options: { baseUrl: server.url },
      inspect: () => ({ cards: server.projects().length, entries: 0 }),
      // Opsera answers a new group with a sentence: the worker captures it by its look-up.
      inputOf: (action, example) => (action === 'createGroup' ? undefined : example),
    }
  }

const shape = { entries: 0, updates: ['card', 'off'], failures }

const own = adapterSuite({
  ...shape,
  make: options =>
    opsera({
      baseUrl: BASE,
      tasks: true,
      sessionUrl: 'https://example.com/sessions/{id}',
      hierarchy: { organization: 'Acme', team: 'Core' },
      ...options,
    } as OpseraOptions),
  secrets: { OPSERA_API_KEY: TOKEN },
  fromEnv: { make: env => opsera.fromEnv({ tasks: true }, env), settings: { OPSERA_API_URL: BASE } },
  wrong: [
    { options: { baseUrl: undefined }, field: 'opsera.baseUrl' },
    { options: { baseUrl: 'http://app.opsera.io' }, field: 'opsera.baseUrl' },
    { options: { secrets: { OPSERA_API_KEY: TOKEN } }, field: 'opsera.secrets' },
    { options: { projectId: 'two words' }, field: 'opsera.projectId' },
    { options: { projectId: 'web-portal', assets: 'off' }, field: 'opsera.assets' },
    { options: { projectName: 'Agents' }, field: 'opsera.projectName' },
    { options: { orgIn: { header: 'X-Org' } }, field: 'opsera.orgId' },
    { options: { updates: 'each' }, field: 'opsera.updates' },
    { options: { paths: { task: '/v1/task' } }, field: 'opsera.paths.task' },
    { options: { paths: { pipeline: '/api/v2/x' } }, field: 'opsera.paths.pipeline' },
    { options: { pointers: { projects: 'data' } }, field: 'opsera.pointers.projects' },
    { options: { hierarchy: { division: 'x' } }, field: 'opsera.hierarchy.division' },
    { options: { when: true }, field: 'opsera.when' },
  ],
  service: service(),
})

const shared = adapterSuite({
  ...shape,
  make: options =>
    opsera({
      baseUrl: BASE,
      tasks: true,
      mode: 'execute',
      put: 'merge',
      nestIn: 'attributes',
      auth: 'bare',
      projectId: 'agents',
      skipParameter: 'skip',
      orgId: 'acme',
      orgIn: { header: 'X-Org-Id' },
      ...options,
    } as OpseraOptions),
  secrets: { OPSERA_API_KEY: TOKEN },
  fromEnv: {
    make: env => opsera.fromEnv({ tasks: true, orgIn: { header: 'X-Org-Id' } }, env),
    settings: { OPSERA_API_URL: BASE, OPSERA_PROJECT_ID: 'agents', OPSERA_ORG_ID: 'acme' },
  },
  wrong: [],
  refs: { project: 'web-portal' },
  service: service({
    auth: 'bare',
    nestIn: 'attributes',
    pageMax: 1,
    skipParameter: 'skip',
    put: 'merge',
    repeatedProject: 'double',
    org: { id: 'acme', header: 'X-Org-Id' },
  }),
})

const list = adapterSuite({
  ...shape,
  make: options => opsera({ baseUrl: BASE, tasks: true, assets: 'list', ...options } as OpseraOptions),
  secrets: { OPSERA_API_KEY: TOKEN },
  wrong: [],
  service: service({ assets: 'list', repeatedProject: 'merge' }),
})

const [owned = [], others = [], lists = []] = spread(
  [own, shared, list].map(checks => thin(checks, 'opsera')),
)

describe('the adapter contract', () => {
  describe('with a project of each session', () => {
    for (const { name, run } of owned) test(name, run)
  })
  describe('with a shared project, everything configured otherwise', () => {
    for (const { name, run } of others) test(name, run)
  })
  describe('with assets that are a list', () => {
    for (const { name, run } of lists) test(name, run)
  })
})
