/**
 * A hostile Opsera for tests: its REST API on this machine, as strict as its pages let one think, with a switch for each
 * thing they leave open, that fails on order.
 * @module opsera/testing
 */
import {
  type Answer,
  createHostileServer,
  type Handler,
  type HostileServer,
  type Received,
  routes,
} from '@sessionwire/core/testing'
import {
  actions,
  branches,
  createTask,
  findTasks,
  notifyRun,
  postTasks,
  registry,
  repositories,
  stepMetadata,
  taskStatuses,
  validatePipeline,
} from './testing/others.ts'
import { createGroup, createUser, findUser, listGroups, listUsers } from './testing/people.ts'
import { createProject, listProjects, updateProject } from './testing/projects.ts'
import {
  createWorld,
  type Fields,
  type OpseraGroup,
  type OpseraTask,
  type OpseraUser,
  objectId,
  type Scene,
  say,
  type Ways,
} from './testing/world.ts'

export type { Fields, OpseraGroup, OpseraTask, OpseraUser, Ways } from './testing/world.ts'

/** How the hostile Opsera is set up. */
export type HostileOpseraOptions = Readonly<{
  /** The Personal Access Token. Default `opsera-test-token`. */
  token?: string
  /** Whether it stands behind `Bearer` (default) or bare. */
  auth?: 'bearer' | 'bare'
  /** The scope of the token. Default `api`. */
  scope?: 'api' | 'api-readonly'
  /** The role of its owner. Default `Power User`, the least that may list. */
  role?: 'Opsera Administrator' | 'Administrator' | 'Power User' | 'User'
  /** Where an organization's id must stand. Default: nowhere. */
  org?: Readonly<{
    /** The one that is let in. */
    id: string
    /** Name of the header it must stand in. */
    header?: string
    /** Name of the parameter it must stand in. */
    query?: string
    /** Name of the body's field it must stand in. */
    field?: string
  }>
  /** Epoch ms; default `Date.now`. */
  now?: () => number
  /** For failures by chance. Default 1. */
  seed?: number
}> &
  Partial<Ways>

/** A hostile Opsera and what can be read of it. */
export interface HostileOpsera extends HostileServer {
  /** The one that is let in. */
  readonly token: string
  /** Every project, oldest first, with its details at the top. */
  projects(): readonly Fields[]
  /** The project of this id. Throws when there is none, or more than one. */
  project(projectId: string): Fields
  /** Every user, oldest first; Ada is there from the start. */
  users(): readonly OpseraUser[]
  /** Every group, oldest first. */
  groups(): readonly OpseraGroup[]
  /** Every task, oldest first. */
  tasks(): readonly OpseraTask[]
  /** Everything that was run, stopped, reset, deleted, approved or rejected. */
  listActs(): readonly string[]
  /** Bodies of notifications. */
  listNotifications(): readonly Fields[]
  /** A person makes a project. */
  add(projectId: string, details?: Fields): void
  /** A person changes a project's details. */
  change(projectId: string, details: Fields): void
  /** A person deletes a project. */
  remove(projectId: string): void
  /** The token is expired: everything is forbidden. */
  expire(): void
  /** The token belongs to another role from now on. */
  become(role: NonNullable<HostileOpseraOptions['role']>): void
}

type Rule = (scene: Scene, params: Readonly<Record<string, string>>) => Answer
/** `writes`: needs the scope `api`. `lists`: needs the role of a Power User. */
type Entry = Readonly<{ rule: Rule; writes?: true; lists?: true }>

const TABLE: Readonly<Record<string, Entry>> = {
  'POST /data/project': { rule: createProject, writes: true },
  'PUT /data/project/:projectId': {
    rule: (scene, { projectId = '' }) => updateProject(scene, projectId),
    writes: true,
  },
  'GET /data/projects': { rule: listProjects, lists: true },
  'POST /task': { rule: createTask, writes: true },
  'POST /tasks': { rule: postTasks, writes: true },
  'POST /tasks/status': { rule: taskStatuses },
  'POST /tasks/lookup': { rule: findTasks },
  'POST /actions': { rule: actions },
  'POST /pipelines/validate': { rule: validatePipeline },
  'POST /pipelines/step-metadata': { rule: stepMetadata },
  'POST /pipelines/pipeline-run/notification': { rule: notifyRun, writes: true },
  'GET /usermanagement/user': { rule: findUser, lists: true },
  'GET /usermanagement/users': { rule: listUsers, lists: true },
  'POST /usermanagement/user': { rule: createUser, writes: true },
  'GET /usermanagement/groups': { rule: listGroups, lists: true },
  'POST /usermanagement/group': { rule: createGroup, writes: true },
  'POST /tools/scm/repositories': { rule: repositories },
  'POST /tools/scm/branches': { rule: branches },
  'GET /tools/registry': { rule: registry, lists: true },
}

const nothing = ({ method, path }: Received): Answer => ({
  status: 404,
  text: `<!DOCTYPE html><html><body><pre>Cannot ${method} ${path}</pre></body></html>`,
  headers: { 'content-type': 'text/html; charset=utf-8' },
})

/** Starts a hostile Opsera. */
export const hostileOpsera = async (options: HostileOpseraOptions = {}): Promise<HostileOpsera> => {
  const { token = 'opsera-test-token', auth = 'bearer', scope = 'api', org, now, seed } = options
  const ways: Ways = {
    repeatedProject: options.repeatedProject ?? 'refuse',
    put: options.put ?? 'replace',
    answers: options.answers ?? 'record',
    assets: options.assets ?? 'object',
    nestIn: options.nestIn,
    pageMax: options.pageMax ?? 1_000,
    skipParameter: options.skipParameter,
    lag: options.lag ?? 0,
  }
  const world = createWorld()
  let role = options.role ?? 'Power User'
  let expired = false

  const proof = auth === 'bearer' ? `Bearer ${token}` : token
  const refusal = (request: Received, { writes, lists }: Entry): Answer | undefined => {
    if (request.headers.authorization !== proof) return say(401, 'Authentication failed')
    if (expired) return say(403, 'Access token is expired or deactivated')
    if (writes === true && scope === 'api-readonly') return say(403, 'Access token scope api is required')
    if (lists === true && role === 'User') return say(403, 'Forbidden: Power User or higher is required')
    return undefined
  }

  /** Takes the organization's id out of a request, or says that it is missing. */
  const ofOrg = (request: Received): Received | Answer => {
    if (org === undefined) return request
    const { header = '', query = '', field = '', id } = org
    const inBody = request.encoding === 'json' ? (request.body as Fields)[field] : id
    const given =
      header !== '' ? request.headers[header.toLowerCase()] : query !== '' ? request.query[query] : inBody
    if (given !== id) return say(403, 'Forbidden: no access to this organization')
    if (field === '' || request.encoding !== 'json') return request
    const { [field]: _, ...body } = request.body as Fields
    return { ...request, body }
  }

  const letIn =
    (entry: Entry): Handler =>
    (request, params, host) => {
      const refused = refusal(request, entry)
      if (refused !== undefined) return refused
      const asked = ofOrg(request)
      return 'n' in asked ? entry.rule({ world, host, ways, request: asked }, params) : asked
    }

  const table = Object.fromEntries(
    Object.entries(TABLE).map(([route, entry]) => [route.replace(' ', ' /api/v2'), letIn(entry)]),
  )
  const server = await createHostileServer({
    name: 'Opsera',
    handle: routes(table, nothing),
    voice: {
      // Opsera documents no 429: this one is plain HTTP.
      tooManyRequests: (_, seconds) => ({
        ...say(429, 'Too many requests'),
        headers: seconds === undefined ? {} : { 'retry-after': String(seconds) },
      }),
      broken: () => say(500, 'Internal server error'),
      inside: (_, word = 'Pipeline is paused') => ({
        status: 200,
        body: { status: 'failed', message: word },
      }),
    },
    ...(now === undefined ? {} : { now }),
    ...(seed === undefined ? {} : { seed }),
  })

  const placeOf = (projectId: string): number => {
    const place = world.projects.findIndex(project => project.projectId === projectId)
    if (place < 0) throw new Error(`There is no project ${projectId} in this Opsera.`)
    return place
  }
  const projects = () => world.projects.map(({ projectId, details }) => ({ projectId, ...details }))

  return {
    ...server,
    token,
    projects,
    project: projectId => {
      const [found, ...others] = projects().filter(project => project.projectId === projectId)
      if (found === undefined || others.length > 0)
        throw new Error(`There are ${others.length + (found ? 1 : 0)} projects ${projectId} in this Opsera.`)
      return found
    },
    users: () => [...world.users],
    groups: () => [...world.groups],
    tasks: () => [...world.tasks],
    listActs: () => [...world.acted],
    listNotifications: () => [...world.notified],
    add: (projectId, details = {}) => {
      const all = { projectName: 'Made by a person', ...details }
      world.projects.push({ id: objectId(server.host), projectId, details: all, born: -ways.lag })
    },
    change: (projectId, details) => {
      const place = placeOf(projectId)
      const project = world.projects[place]
      if (project !== undefined)
        world.projects[place] = { ...project, details: { ...project.details, ...details } }
    },
    remove: projectId => void world.projects.splice(placeOf(projectId), 1),
    expire: () => {
      expired = true
    },
    become: next => {
      role = next
    },
  }
}
