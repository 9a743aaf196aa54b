import {
  type Adapter,
  type At,
  checkedOptions,
  type Environment,
  enabled,
  settings,
  TrackerError,
} from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Hierarchy, OpseraOptions, OrgIn, Paths, Pointers } from './options.ts'

/** Options as the adapter keeps them: checked, with defaults, without functions and without the value of any secret. */
export type OpseraConfig = Readonly<{
  /** Name in the tracker. */
  as: string
  /** Without a slash at the end and without `/api/v2`. */
  baseUrl: string
  /** Whether the token stands behind `Bearer` or alone. */
  auth: 'bearer' | 'bare'
  /** Name of the secret with the Personal Access Token. */
  secret: string
  /** Id of a session's project, with `{id}` in it, or of the one all share. */
  projectId: string
  /** Name of a shared project when it is made. */
  projectName?: string
  /** Levels above the project; empty for none. */
  hierarchy: Hierarchy
  /** What an update does. */
  updates: 'card' | 'off'
  /** What a project's `assets` are. */
  assets: 'object' | 'list' | 'off'
  /** Whether an update of a project replaces it or merges into it. */
  put: 'replace' | 'merge'
  /** Name of the object that holds a project's details. */
  nestIn?: string
  /** Where things stand in answers, complete. */
  pointers: Pointers
  /** Parameter that skips so many projects of the list. */
  skipParameter?: string
  /** Where calls go, complete. */
  paths: Paths
  /** The organization, where one was given. */
  org?: Readonly<{
    /** Its id. */
    id: string
    /** Where the id goes. */
    place: OrgIn
  }>
  /** Whether `createTask` and `tasks` may be used. */
  tasks: boolean
  /** Address of a session, with `{id}` in it. */
  sessionUrl?: string
}>

/** The key of a call in the making, and this adapter's configuration. */
export type Here = At<OpseraConfig>

/** Where calls go unless told otherwise. Which of them Opsera's own pages show is said in the README. */
const PATHS: Paths = {
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

/** Of these only `projects` and `count` were seen documented. */
const LISTS = { projects: '/data', users: '/data', groups: '/data', count: '/count' } as const
const IN_PROJECT = ['projectName', 'externalId', 'assets'] as const

const text = z.string().trim().min(1, 'must not be empty').max(200, 'must have at most 200 characters')

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
const WHERE = 'must be the https address of your Opsera, such as https://app.opsera.io'
const address = z
  .string(`${WHERE}: there is no default, since tenants have addresses of their own`)
  .refine(value => {
    if (!URL.canParse(value) || /[{}\s]/.test(value)) return false
    const { protocol, hostname, username, password, search, hash } = new URL(value)
    if (username !== '' || password !== '' || search !== '' || hash !== '') return false
    return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname))
  }, `${WHERE}, without user, query or fragment (http only for this machine)`)
  .transform(value => value.replace(/\/+$/, '').replace(/\/api\/v2$/, ''))

/** A Personal Access Token is a JWT, and all of those begin alike; one given as a name would be stored and shown. */
const secretName = z
  .string()
  .refine(
    value => /^[\w.:/-]{1,100}$/.test(value) && !/^ey[A-Za-z0-9]/.test(value),
    'must be the name of a secret, such as OPSERA_API_KEY, not its value',
  )

const projectId = z
  .string()
  .refine(
    value => /^[A-Za-z0-9][\w.-]{0,99}$/.test(value.replace('{id}', 'id')) && value.split('{id}').length <= 2,
    'must begin with a letter or digit and have only letters, digits, ".", "_" and "-", with {id} once for the session',
  )

const pointer = z
  .string()
  .regex(/^(\/([^~/]|~[01])*)*$/, 'must be a JSON Pointer, such as /data, or empty for the answer itself')
const parameter = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,63}$/, 'must be a name of letters, digits, ".", "_" and "-"')

/** Credentials are named in `secret`; the others belong to the request itself. */
const TAKEN = /^(authorization|proxy-authorization|cookie|host|content-.*|transfer-encoding|connection)$/i
const headerName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'must be the name of a header, such as X-Org-Id')
  .refine(value => !TAKEN.test(value), 'must be a header that is free')
const orgIn = z.union(
  [
    z.strictObject({ header: headerName }),
    z.strictObject({ query: parameter }),
    z.strictObject({ field: parameter }),
  ],
  'must be { header: name }, { query: name } or { field: name }',
)

const PLACES: Partial<Record<keyof Paths, RegExp>> = {
  updateProject: /^[^{}]*\{projectId\}[^{}]*$/,
  projects: /^[^{}?]*(\?([^{}]|\{projectId\})*)?$/,
}
const path = (name: keyof Paths) =>
  z
    .string()
    .regex(/^\/api\/[^\s\\#]+$/, `must begin with /api/, such as ${PATHS[name]}`)
    .refine(
      value => (PLACES[name] ?? /^[^{}?]*$/).test(value),
      name === 'updateProject'
        ? 'must name {projectId} once'
        : 'must have no query and no braces (of projects, {projectId} may stand behind a ?)',
    )
const paths = Object.fromEntries(
  (Object.keys(PATHS) as (keyof Paths)[]).map(name => [name, path(name).default(PATHS[name])]),
) as { [K in keyof Paths]: z.ZodDefault<z.ZodString> }

const sessionUrl = z
  .string()
  .refine(
    value =>
      value.includes('{id}') &&
      /^https?:\/\/[^\s{}<>]+/.test(value) &&
      URL.canParse(value.replaceAll('{id}', 'id')),
    'must be a web address with {id} in it, such as https://example.com/sessions/{id}',
  )

const Options = z.strictObject({
  as: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'must begin with a small letter and have only small letters, digits and -')
    .default('opsera'),
  mode: z.literal(['execute', 'preview', 'handoff']).default('preview'),
  updates: z
    .literal(['card', 'off'], 'must be card or off: a project of Opsera has no place for entries')
    .default('card'),
  when: z
    .custom<NonNullable<Adapter['when']>>(value => typeof value === 'function', 'must be a function')
    .optional(),
  allowDestructive: z.boolean().optional(),
  onDoubt: z.literal(['hold', 'repeat']).optional(),
  baseUrl: address,
  auth: z.literal(['bearer', 'bare']).default('bearer'),
  secret: secretName.default('OPSERA_API_KEY'),
  projectId: projectId.default('session-{id}'),
  projectName: text.optional(),
  hierarchy: z
    .strictObject({
      organization: text.optional(),
      business: text.optional(),
      department: text.optional(),
      group: text.optional(),
      team: text.optional(),
    })
    .default({}),
  assets: z.literal(['object', 'list', 'off']).default('object'),
  put: z.literal(['replace', 'merge']).default('replace'),
  nestIn: parameter.optional(),
  pointers: z
    .strictObject({
      projects: pointer.default(LISTS.projects),
      users: pointer.default(LISTS.users),
      groups: pointer.default(LISTS.groups),
      count: pointer.default(LISTS.count),
      projectId: pointer.default('/projectId'),
      projectName: pointer.optional(),
      externalId: pointer.optional(),
      assets: pointer.optional(),
    })
    .prefault({}),
  skipParameter: parameter.optional(),
  paths: z.strictObject(paths).prefault({}),
  orgId: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be an id without spaces')
    .optional(),
  orgIn: orgIn.optional(),
  tasks: z.boolean().default(false),
  sessionUrl: sessionUrl.optional(),
})

type Rest = Pick<z.output<typeof Options>, 'mode' | 'when' | 'allowDestructive' | 'onDoubt'>

const refuse = (field: string, why: string): TrackerError =>
  new TrackerError('CONFIG', `opsera${field === '' ? '' : `.${field}`}: ${why}`, { field })

const isShared = (id: string): boolean => !id.includes('{id}')

/** Options that mean something only together. */
const together = (known: z.output<typeof Options>): void => {
  const { orgId, orgIn: place, projectId: id, projectName, assets } = known
  if (orgId !== undefined && place === undefined)
    throw refuse(
      'orgIn',
      'is missing: Opsera documents no place for orgId, so say where it goes: { header }, { query } or { field }',
    )
  if (orgId === undefined && place !== undefined)
    throw refuse('orgId', 'is missing: orgIn says where it goes')
  if (isShared(id) && assets !== 'object')
    throw refuse(
      'assets',
      "must be 'object' with a projectId without {id}: sessions that share a project show below its assets",
    )
  if (!isShared(id) && projectName !== undefined)
    throw refuse(
      'projectName',
      'is for a shared project: remove it, or give a projectId without {id}; the name of a session of its own shows how it stands',
    )
}

/** Checks options. Throws `CONFIG` naming the field. */
export const checkOptions = (options: unknown): Readonly<{ config: OpseraConfig; rest: Rest }> => {
  const given = checkedOptions('opsera', Options, options, { secret: 'OPSERA_API_KEY' })
  const { mode, when, allowDestructive, onDoubt, orgId, orgIn: place, pointers, ...known } = given
  together(given)
  const nest = known.nestIn === undefined ? '' : `/${known.nestIn}`
  const details = Object.fromEntries(IN_PROJECT.map(name => [name, pointers[name] ?? `${nest}/${name}`]))
  const config = {
    ...known,
    pointers: { ...pointers, ...details },
    ...(orgId === undefined || place === undefined ? {} : { org: { id: orgId, place } }),
  } as OpseraConfig
  return { config, rest: { mode, when, allowDestructive, onDoubt } }
}

/**
 * Options from `OPSERA_ENABLED`, `OPSERA_BASE_URL`, `OPSERA_PROJECT_ID` and, when `orgIn` says where it goes,
 * `OPSERA_ORG_ID`, or undefined.
 */
export const optionsFrom = <N extends string>(
  env: Environment,
  overrides: Partial<OpseraOptions<N>>,
): OpseraOptions<N> | undefined => {
  const needs = [
    ...(overrides.baseUrl === undefined ? ['OPSERA_BASE_URL'] : []),
    overrides.secret ?? 'OPSERA_API_KEY',
  ]
  if (!enabled(env, 'OPSERA', needs)) return undefined
  const found = settings(env, { baseUrl: 'OPSERA_BASE_URL', projectId: 'OPSERA_PROJECT_ID' })
  const org = overrides.orgIn === undefined ? {} : settings(env, { orgId: 'OPSERA_ORG_ID' })
  return { ...found, ...org, ...overrides } as OpseraOptions<N>
}
