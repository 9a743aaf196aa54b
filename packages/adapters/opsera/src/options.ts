import type { Adapter } from '@sessionwire/core/adapter'

/** Where each call goes, below `baseUrl`; each begins with `/api/`. `{projectId}` stands for the project's id. */
export type Paths = Readonly<{
  /** `POST`, one project. Default `/api/v2/data/project`. */
  createProject: string
  /** `PUT`, one project; must name `{projectId}` once. Default `/api/v2/data/project/{projectId}`. */
  updateProject: string
  /**
   * `GET`, the list; behind a `?` it may name `{projectId}`, to ask for less than all. Default
   * `/api/v2/data/projects`.
   */
  projects: string
  /** `POST`, one task. Default `/api/v2/task`. */
  task: string
  /** `POST`, tasks. Default `/api/v2/tasks`. */
  tasks: string
  /** `POST`, how tasks stand. Default `/api/v2/tasks/status`. */
  taskStatuses: string
  /** `POST`, looks tasks up. Default `/api/v2/tasks/lookup`. */
  findTasks: string
  /** `POST`, how pipelines stand. Default `/api/v2/actions`. */
  actions: string
  /** `POST`. Default `/api/v2/pipelines/validate`. */
  validatePipeline: string
  /** `POST`. Default `/api/v2/pipelines/step-metadata`. */
  stepMetadata: string
  /** `POST`. Default `/api/v2/pipelines/pipeline-run/notification`. */
  runNotification: string
  /** `GET`, one user by e-mail address, and `POST`, a new one. Default `/api/v2/usermanagement/user`. */
  user: string
  /** `GET`, the list. Default `/api/v2/usermanagement/users`. */
  users: string
  /** `POST`, a new group. Default `/api/v2/usermanagement/group`. */
  group: string
  /** `GET`, the list. Default `/api/v2/usermanagement/groups`. */
  groups: string
  /** `POST`, repositories of a tool. Default `/api/v2/tools/scm/repositories`. */
  repositories: string
  /** `POST`, branches of a repository. Default `/api/v2/tools/scm/branches`. */
  branches: string
  /** `GET`, registered tools. Default `/api/v2/tools/registry`. */
  tools: string
}>

/** Where things stand in Opsera's answers, as JSON Pointers. */
export type Pointers = Readonly<{
  /** The list of projects; `''` where the answer is the list itself. Default `/data`. */
  projects: string
  /** The list of users. Default `/data`. */
  users: string
  /** The list of groups. Default `/data`. */
  groups: string
  /** How many projects there are, in the answer with their list. Default `/count`. */
  count: string
  /** In a project of the list: its id. Default `/projectId`. */
  projectId: string
  /** In a project of the list: its name. Default `/projectName`, with `nestIn` `/<nestIn>/projectName`. */
  projectName: string
  /** In a project of the list: our own id. Default `/externalId`, with `nestIn` `/<nestIn>/externalId`. */
  externalId: string
  /** In a project of the list: its assets. Default `/assets`, with `nestIn` `/<nestIn>/assets`. */
  assets: string
}>

/** Levels above a project, from the widest to the narrowest. */
export type Hierarchy = Readonly<{
  /** The widest. */
  organization?: string
  /** Below the organization. */
  business?: string
  /** Below the business. */
  department?: string
  /** Below the department. */
  group?: string
  /** The narrowest. */
  team?: string
}>

/** Where an organization's id goes: a header, a parameter of the query, or a field of each body. */
export type OrgIn =
  | Readonly<{
      /** Name of the header, as in `X-Org-Id`. */
      header: string
    }>
  | Readonly<{
      /** Name of the parameter, as in `orgId`. */
      query: string
    }>
  | Readonly<{
      /** Name of the field, as in `orgId`. */
      field: string
    }>

/** Options of `opsera()`. */
export type OpseraOptions<N extends string = string> = Readonly<{
  /** Name in the tracker. Default `opsera`. */
  as?: N
  /** Default `preview`, unlike other adapters: what is planned is kept to look at until it is released. */
  mode?: Adapter['mode']
  /** `card` (default): updates edit the project. `off`: they change nothing. There is no place for entries. */
  updates?: 'card' | 'off'
  /** Leaves events out: false plans nothing for this event. */
  when?: NonNullable<Adapter['when']>
  /** Destructive actions run only when this is true. This adapter has none. Default false. */
  allowDestructive?: boolean
  /** What to do with a call that cannot be looked up and is in doubt: keep it for a person (default) or send it again. */
  onDoubt?: 'hold' | 'repeat'
  /** Address of your Opsera, such as `https://app.opsera.io`; no default. `http` only for this machine. */
  baseUrl: string
  /**
   * `bearer` (default): the token stands behind `Bearer`. `bare`: it stands alone, as one page of Opsera shows it
   * (https://opsera.atlassian.net/wiki/spaces/OE/pages/2008678403/Project+People+Organizational+Hierarchy+Mapping+API).
   */
  auth?: 'bearer' | 'bare'
  /** Name of the secret with the Personal Access Token, never its value. Default `OPSERA_API_KEY`. */
  secret?: string
  /**
   * The project's id in Opsera. With `{id}` in it (default `session-{id}`) each session has a project of its own; without,
   * all share this one, which is made when it is not there.
   */
  projectId?: string
  /** Name of a shared project when it is made. Default: the session's project. */
  projectName?: string
  /** Levels above the project. Default none. */
  hierarchy?: Hierarchy
  /**
   * What a project's `assets` are in your Opsera: an `object` (default) in which the card has a place of its own, a
   * `list` that is kept as it is, or nothing we touch (`off`).
   */
  assets?: 'object' | 'list' | 'off'
  /** Whether an update replaces a project (default, the careful assumption) or merges into it. */
  put?: 'replace' | 'merge'
  /** Name of the object that holds a project's details, in requests and in the list. Default: none, they stand at the top. */
  nestIn?: string
  /** Where things stand in answers, where yours differ. */
  pointers?: Partial<Pointers>
  /** Parameter that skips so many projects of the list. Default: none is known, and a list that is not whole is not believed. */
  skipParameter?: string
  /** Where calls go, where yours differ. */
  paths?: Partial<Paths>
  /** Id of the organization. Needs `orgIn`: Opsera documents no place for it. */
  orgId?: string
  /** Where the organization's id goes. */
  orgIn?: OrgIn
  /** Switches on `createTask` and `tasks`, whose requests Opsera documents nowhere. Default false. */
  tasks?: boolean
  /** Address of the session for a link in the card, with `{id}` in it. Default: no link. */
  sessionUrl?: string
}>
