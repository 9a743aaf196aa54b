import { type At, address, type ConfigOf, type Conflicts, type OptionsOf } from '@sessionwire/core/adapter'
import * as z from 'zod'

const SOME_NAME = 'expected 1 to 200 characters'
const name = z.string(SOME_NAME).trim().min(1, SOME_NAME).max(200, SOME_NAME)

const PROJECT_ID =
  'expected letters, digits, ".", "_" and "-" that begin with a letter or digit, with {id} at most once for the session'
const POINTER = 'expected a JSON Pointer such as /data, or an empty string for the answer itself'
const pointer = z.string(POINTER).regex(/^(\/([^~/]|~[01])*)*$/, POINTER)
const parameter = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,63}$/, 'expected a name of letters, digits, ".", "_" and "-"')

/** Credentials are named in `secrets`; the others belong to the request itself. */
const OWN_HEADER =
  /^(authorization|proxy-authorization|cookie|host|content-.*|transfer-encoding|connection)$/i
const header = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/)
  .refine(each => !OWN_HEADER.test(each))

/** A path below the address; `fits` says which placeholders it may have. */
const path = (
  usual: string,
  fits = /^[^{}?]*$/,
  rule = 'without a query and braces',
): z.ZodDefault<z.ZodString> => {
  const expected = `expected a path that begins with /api/, ${rule}, such as ${usual}`
  return z
    .string(expected)
    .regex(/^\/api\/[^\s\\#]+$/, expected)
    .regex(fits, expected)
    .default(usual)
}

const paths = {
  /** `POST`, one project. Default `/api/v2/data/project`. */
  createProject: path('/api/v2/data/project'),
  /** `PUT`, one project; must name `{projectId}` once. Default `/api/v2/data/project/{projectId}`. */
  updateProject: path(
    '/api/v2/data/project/{projectId}',
    /^[^{}]*\{projectId\}[^{}]*$/,
    'with {projectId} once',
  ),
  /** `GET`, the list; behind a `?` it may name `{projectId}`, to ask for one project. Default `/api/v2/data/projects`. */
  projects: path(
    '/api/v2/data/projects',
    /^[^{}?]*(\?([^{}]|\{projectId\})*)?$/,
    'with {projectId} behind a ? alone',
  ),
  /** `POST`, one task. Default `/api/v2/task`. */
  task: path('/api/v2/task'),
  /** `POST`, tasks. Default `/api/v2/tasks`. */
  tasks: path('/api/v2/tasks'),
  /** `POST`, the states of tasks. Default `/api/v2/tasks/status`. */
  taskStatuses: path('/api/v2/tasks/status'),
  /** `POST`, looks tasks up. Default `/api/v2/tasks/lookup`. */
  findTasks: path('/api/v2/tasks/lookup'),
  /** `POST`, the states of pipelines. Default `/api/v2/actions`. */
  actions: path('/api/v2/actions'),
  /** `POST`. Default `/api/v2/pipelines/validate`. */
  validatePipeline: path('/api/v2/pipelines/validate'),
  /** `POST`. Default `/api/v2/pipelines/step-metadata`. */
  stepMetadata: path('/api/v2/pipelines/step-metadata'),
  /** `POST`. Default `/api/v2/pipelines/pipeline-run/notification`. */
  runNotification: path('/api/v2/pipelines/pipeline-run/notification'),
  /** `GET`, one user by e-mail address, and `POST`, a new one. Default `/api/v2/usermanagement/user`. */
  user: path('/api/v2/usermanagement/user'),
  /** `GET`, the list. Default `/api/v2/usermanagement/users`. */
  users: path('/api/v2/usermanagement/users'),
  /** `POST`, a new group. Default `/api/v2/usermanagement/group`. */
  group: path('/api/v2/usermanagement/group'),
  /** `GET`, the list. Default `/api/v2/usermanagement/groups`. */
  groups: path('/api/v2/usermanagement/groups'),
  /** `POST`, repositories of a tool. Default `/api/v2/tools/scm/repositories`. */
  repositories: path('/api/v2/tools/scm/repositories'),
  /** `POST`, branches of a repository. Default `/api/v2/tools/scm/branches`. */
  branches: path('/api/v2/tools/scm/branches'),
  /** `GET`, registered tools. Default `/api/v2/tools/registry`. */
  tools: path('/api/v2/tools/registry'),
}

/** Of these only the list of projects and its `count` were seen in Opsera's own pages. */
const pointers = {
  /** The list of projects; `''` where the answer is the list itself. Default `/data`. */
  projects: pointer.default('/data'),
  /** The list of users. Default `/data`. */
  users: pointer.default('/data'),
  /** The list of groups. Default `/data`. */
  groups: pointer.default('/data'),
  /** The list of tasks that a look-up found. Default `/data`. */
  tasks: pointer.default('/data'),
  /** Number of all projects, in the answer with their list. Default `/count`. */
  count: pointer.default('/count'),
  /** In a task of the list, and in the answer to a new one: its id. Default `/id`. */
  taskId: pointer.default('/id'),
  /** In a task of the list: our own id. Default `/externalId`. */
  taskExternalId: pointer.default('/externalId'),
  /** In a project of the list: its id. Default `/projectId`. */
  projectId: pointer.default('/projectId'),
  /** In a project of the list: its name. Default `/projectName`, with `nestIn` `/<nestIn>/projectName`. */
  projectName: pointer.optional(),
  /** In a project of the list: our own id. Default `/externalId`, with `nestIn` `/<nestIn>/externalId`. */
  externalId: pointer.optional(),
  /** In a project of the list: its assets. Default `/assets`, with `nestIn` `/<nestIn>/assets`. */
  assets: pointer.optional(),
}

/** Options of `opsera()`. */
export const options = {
  /** The effect of an update. `card` (default): it edits the project. `off`: nothing. A project has no place for entries. */
  updates: z
    .literal(['card', 'off'], 'expected card or off, as a project of Opsera has no place for entries')
    .default('card'),
  /** Address of your Opsera, such as `https://app.opsera.io`; a trailing `/api/v2` is removed. No default: tenants have their own. */
  baseUrl: z.pipe(
    address('https://app.opsera.io'),
    z.transform((value: string) => value.replace(/\/api\/v2$/, '')),
  ),
  /**
   * `bearer` (default): the token stands behind `Bearer`. `bare`: it stands alone, as one page of Opsera shows it
   * (https://opsera.atlassian.net/wiki/spaces/OE/pages/2008678403/Project+People+Organizational+Hierarchy+Mapping+API).
   */
  auth: z.literal(['bearer', 'bare']).default('bearer'),
  /**
   * Id of the project in Opsera. With `{id}` in it (default `session-{id}`) each session has a project of its own; without,
   * all share this one, which is created when it is not there.
   */
  projectId: z
    .string(PROJECT_ID)
    .refine(
      value =>
        /^[A-Za-z0-9][\w.-]{0,99}$/.test(value.replace('{id}', 'id')) && value.split('{id}').length <= 2,
      PROJECT_ID,
    )
    .default('session-{id}'),
  /** Name of a shared project when it is created. Default: the session's project. */
  projectName: name.optional(),
  /** Levels above the project, from the widest to the narrowest. Default: none. */
  hierarchy: z
    .strictObject({
      organization: name.optional(),
      business: name.optional(),
      department: name.optional(),
      group: name.optional(),
      team: name.optional(),
    })
    .default({}),
  /**
   * The type of a project's `assets` in your Opsera: an `object` (default) in which the card has a place of its own, a
   * `list` that is kept as it is, or `off`: they are not written.
   */
  assets: z.literal(['object', 'list', 'off']).default('object'),
  /** Whether an update of a project replaces it (default, the careful assumption) or merges into it. */
  put: z.literal(['replace', 'merge']).default('replace'),
  /** Name of the object that holds a project's details, in requests and in the list. Default: none, they stand at the top. */
  nestIn: parameter.optional(),
  /** JSON Pointers into answers, where those of your Opsera differ. Default: those of `Pointers`. */
  pointers: z.strictObject(pointers).prefault({}),
  /** Parameter that skips so many projects of the list. Default: none is known, and a list that is not whole counts as no answer. */
  skipParameter: parameter.optional(),
  /** Paths of calls, where those of your Opsera differ. Default: those of `Paths`. */
  paths: z.strictObject(paths).prefault({}),
  /**
   * Id of the organization. It is written as the level `organization` of projects, the only place that Opsera documents for
   * one, or to the place that `orgIn` names. Default: none.
   */
  orgId: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'expected an id without spaces')
    .optional(),
  /** Place of the organization's id in requests: a header, a parameter of the query, or a field of each body. Default: none. */
  orgIn: z
    .union(
      [
        z.strictObject({ header }),
        z.strictObject({ query: parameter }),
        z.strictObject({ field: parameter }),
      ],
      'expected { header: name }, { query: name } or { field: name }, of a header that does not belong to the request itself',
    )
    .optional(),
  /**
   * Creates a task for each session, whose `externalId` is the session's, and links it in the assets of the project; allows
   * `createTask` and `listTasks`. Opsera documents none of these requests. Default false.
   */
  tasks: z.boolean().default(false),
}

/** The secret: a Personal Access Token. */
export const secrets = { OPSERA_API_KEY: 'secret' } as const

/** Options of `opsera()`. @interface */
export type OpseraOptions = OptionsOf<typeof options, typeof secrets>
type Given = ConfigOf<typeof options, typeof secrets>

/** Paths of calls below `baseUrl`. @interface */
export type Paths = Given['paths']
/** Where things stand in Opsera's answers, as JSON Pointers. */
export type Pointers = { readonly [P in keyof Given['pointers']]-?: string }
/** Place of the organization's id: a header, a parameter of the query, or a field of each body. */
export type OrgIn = NonNullable<Given['orgIn']>

/** The configuration of an Opsera adapter: checked, with defaults, without the value of any secret. @interface */
export type OpseraConfig = Omit<Given, 'orgId' | 'orgIn' | 'pointers'> &
  Readonly<{
    /** Where things stand in answers, complete. */
    pointers: Pointers
    /** The organization, where its id has a place in each request. */
    org?: Readonly<{
      /** Its id. */
      id: string
      /** Where the id goes. */
      place: OrgIn
    }>
  }>

/** The key of a call in the making, and this adapter's configuration. */
export type Here = At<OpseraConfig>

/** Options that do not go together, each with what to do. */
export const conflicts: Conflicts<Given> = [
  [
    'orgId',
    ({ orgId, orgIn }) => orgId === undefined && orgIn !== undefined,
    'Give the id that orgIn places.',
  ],
  [
    'assets',
    ({ projectId, assets }) => !projectId.includes('{id}') && assets !== 'object',
    "Set assets: 'object', or put {id} into projectId: sessions that share a project are shown in its assets.",
  ],
  [
    'projectName',
    ({ projectId, projectName }) => projectId.includes('{id}') && projectName !== undefined,
    'Remove it, or give a projectId without {id}: the name of a session of its own shows its state.',
  ],
]

/** Makes the configuration. */
export const configure = (given: Given): OpseraConfig => {
  const { orgId, orgIn: place, pointers: known, hierarchy, ...rest } = given
  const nest = rest.nestIn === undefined ? '' : `/${rest.nestIn}`
  const inProject = (each: 'projectName' | 'externalId' | 'assets') => known[each] ?? `${nest}/${each}`
  return {
    ...rest,
    hierarchy: orgId === undefined || place !== undefined ? hierarchy : { organization: orgId, ...hierarchy },
    pointers: {
      ...known,
      projectName: inProject('projectName'),
      externalId: inProject('externalId'),
      assets: inProject('assets'),
    },
    ...(orgId === undefined || place === undefined ? {} : { org: { id: orgId, place } }),
  }
}
