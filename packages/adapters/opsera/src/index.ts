/**
 * Mirrors sessions into Opsera: a project per session, or a place in the assets of one that they share, edited in place.
 * Parts of the API that Opsera does not document are configurable, and the adapter previews unless it is set to send.
 * @module opsera
 */
import { type Adapter, defineAdapter, writeLine } from '@sessionwire/core/adapter'
import { projectList } from './actions/call.ts'
import { actions } from './actions.ts'
import { configure, conflicts, type OpseraConfig, options, secrets } from './config.ts'
import { hooks } from './hooks.ts'
import { isOwn, outcome } from './outcome.ts'

export type { OpseraConfig, OpseraOptions, OrgIn, Paths, Pointers } from './config.ts'

/** An adapter for Opsera. */
export type OpseraAdapter<N extends string = string> = Adapter<OpseraConfig, N, typeof actions, 'project'>

/** A line for people: what is done, and the field of the body that names what it is done to. */
const say = (what: string, field = 'projectId') =>
  writeLine(({ [field]: named }) => (typeof named === 'string' ? `${what} ${named}` : what))

/** Sessions in Opsera: `opsera({ baseUrl: 'https://app.opsera.io' })`, or `opsera.fromEnv()`. */
export const opsera = defineAdapter({
  service: 'opsera',
  options,
  secrets,
  mode: 'preview',
  env: { baseUrl: 'OPSERA_API_URL', projectId: 'OPSERA_PROJECT_ID', orgId: 'OPSERA_ORG_ID' },
  switches: { OPSERA_SYNC_ENABLED: { mode: 'execute' } },
  conflicts,
  configure,
  actions,
  hooks,
  outcome,
  isOwn,
  // Opsera documents no limits: one request at a time, and one a second on average.
  limits: { concurrency: 1, rates: { requests: { count: 60, perMs: 60_000 } } },
  check: config => ({ call: projectList(config).call }),
  // Only a list that is narrowed to one project says by itself whether that is there.
  cardLookups: config =>
    config.paths.projects.includes('{projectId}') ? [projectList(config, { $ref: 'project' })] : [],
  refs: ['project'],
  origins: ({ baseUrl }) => [baseUrl],
  describe: {
    createCard: say('create project'),
    editCard: say('write the session into project'),
    createProject: say('create project'),
    updateProject: say('update project'),
    createTask: say('create task', 'name'),
    linkTask: say('link the task in project'),
    notifyRun: say('notify about a run of pipeline', 'pipelineId'),
    createUser: say('create user', 'email'),
    createGroup: say('create group', 'name'),
  },
})
