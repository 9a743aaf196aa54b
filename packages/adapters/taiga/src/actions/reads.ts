import { type Read, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, Id, type TaigaConfig } from '../config.ts'
import { call, type Fields, inProject, KINDS, type Kind, list, projectCall } from './call.ts'
import { Item, itemCall, Kinds, Paging, Project, Words } from './input.ts'

const InProject = z.strictObject({ project: Project.optional() })

const NamedRow = z.looseObject({ id: z.number(), name: z.string() })
const Status = z.looseObject({ id: z.number(), name: z.string(), slug: z.string(), is_closed: z.boolean() })
const ItemRow = z.looseObject({ id: z.number(), ref: z.number(), subject: z.string(), version: z.number() })
const ProjectRow = z.looseObject({ id: z.number(), name: z.string(), slug: z.string() })
const Page = z.looseObject({ id: z.number(), slug: z.string(), content: z.string(), version: z.number() })

type Paged = Readonly<{ page?: number | undefined; pageSize?: number | undefined; all?: boolean | undefined }>

/** All of a list in one answer, or the page that is asked for, of 100 rows by default. */
const listPages = (config: TaigaConfig, path: string, { page, pageSize, all }: Paged, query: Fields) =>
  (all ?? (page === undefined && pageSize === undefined))
    ? list(config, path, query)
    : {
        call: call(config, 'GET', path, { query: { ...query, page: page ?? 1, page_size: pageSize ?? 100 } }),
        list: '',
      }

/** A list that stands in what a project says of itself. */
const vocabulary = <O extends z.ZodType>(name: string, at: string, row: O, about: string) =>
  read(
    name,
    InProject,
    z.array(row),
    ({ project }, { config }: Here) => ({ call: projectCall(config, project ?? config.project), list: at }),
    { about, example: {} },
  )

const Filters = {
  project: Project.optional(),
  /** Words of subject, description, tags or number; each is compared from its beginning. */
  query: z.optional(Words),
  /** Any of these. */
  labels: z.array(Words).optional(),
  /** Any of these, by id. */
  status: z.array(Id).optional(),
  assignee: z.array(Id).optional(),
  isClosed: z.boolean().optional(),
  orderBy: z
    .string()
    .regex(/^-?[a-z_]+$/, 'expected a field, with - for descending')
    .optional(),
  ...Paging,
}

const Sprint = { milestone: Id.nullable().optional() }

type Filtering = Readonly<{
  project?: number | string | undefined
  query?: string | undefined
  labels?: readonly string[] | undefined
  status?: readonly number[] | undefined
  assignee?: readonly number[] | undefined
  isClosed?: boolean | undefined
  orderBy?: string | undefined
}> &
  Paged

const joinValues = (values: readonly (string | number)[] | undefined) =>
  values === undefined || values.length === 0 ? undefined : values.join(',')

const rows = (kind: Kind, { config }: Here, given: Filtering, more: Fields = {}) =>
  listPages(config, KINDS[kind].path, given, {
    ...inProject(given.project ?? config.project),
    q: given.query,
    tags: joinValues(given.labels?.map(label => label.toLowerCase())),
    status: joinValues(given.status),
    assigned_to: joinValues(given.assignee),
    status__is_closed: given.isClosed,
    order_by: given.orderBy,
    ...more,
  })

const sprint = (milestone: number | null | undefined): Fields => ({
  milestone: milestone === null ? 'null' : milestone,
})

type One = Read<z.ZodObject<{ issue: typeof Item }, z.core.$strict>, typeof ItemRow, Here['config']>
const one = (name: string, kind: Kind): One => {
  const about = `Reads one ${KINDS[kind].noun} with all its fields, by id or number.`
  const build = ({ issue }: Readonly<{ issue: z.output<typeof Item> }>, { config }: Here) => ({
    call: itemCall(config, kind, issue),
  })
  return read(name, z.strictObject({ issue: Item }), ItemRow, build, { about, example: { issue: '#42' } })
}

/** Everything that only reads. */
export const reads = {
  search: read(
    'search',
    z.strictObject({
      query: Words,
      kind: Kinds.optional(),
      project: Project.optional(),
      limit: z.int().min(1).max(1_000).default(100),
      /** Number of the page, from 1. */
      cursor: z.int().min(1).default(1),
    }),
    z.array(ItemRow),
    ({ kind, limit, cursor, ...given }, at: Here) =>
      rows(kind ?? at.config.kind, at, { ...given, page: cursor, pageSize: limit }),
    {
      about: 'Finds items of a kind by words of title, text, tags and number; each from its beginning.',
      example: { query: 'charged twice' },
    },
  ),
  whoAmI: read(
    'whoAmI',
    z.strictObject({}),
    z.looseObject({ id: z.number(), username: z.string() }),
    (_, { config }: Here) => ({ call: call(config, 'GET', 'users/me') }),
    {
      about: 'Reads the user of the credential.',
      example: {},
    },
  ),
  listProjects: read(
    'listProjects',
    z.strictObject({ member: Id.optional(), query: z.optional(Words), ...Paging }),
    z.array(ProjectRow),
    ({ member, query, ...paging }, { config }: Here) =>
      listPages(config, 'projects', paging, { member, q: query }),
    {
      about:
        'Lists projects of a member (`whoAmI` gives your id); without one, all you may see, public ones too.',
      example: { member: 5 },
    },
  ),
  getProject: read(
    'getProject',
    z.strictObject({ id: Id.optional() }),
    ProjectRow,
    ({ id }, { config }: Here) => ({ call: projectCall(config, id ?? config.project) }),
    {
      about: 'Reads a project, by default the configured one, with its statuses, members and all.',
      example: {},
    },
  ),
  findProject: read(
    'findProject',
    z.strictObject({ slug: Words }),
    ProjectRow,
    ({ slug }, { config }: Here) => ({ call: projectCall(config, slug) }),
    { about: 'Reads a project by its slug.', example: { slug: 'billing' } },
  ),
  listStatuses: read(
    'listStatuses',
    z.strictObject({ kind: Kinds, project: Project.optional() }),
    z.array(Status),
    ({ kind, project }, { config }: Here) => ({
      call: projectCall(config, project ?? config.project),
      list: KINDS[kind].statuses,
    }),
    { about: 'Lists the statuses of a kind, in order.', example: { kind: 'userstory' } },
  ),
  listIssueTypes: vocabulary(
    'listIssueTypes',
    '/issue_types',
    NamedRow,
    'Lists the types an issue may have.',
  ),
  listPriorities: vocabulary(
    'listPriorities',
    '/priorities',
    NamedRow,
    'Lists the priorities an issue may have.',
  ),
  listSeverities: vocabulary(
    'listSeverities',
    '/severities',
    NamedRow,
    'Lists the severities an issue may have.',
  ),
  listPoints: vocabulary('listPoints', '/points', NamedRow, 'Lists the points a user story may have.'),
  listUsers: vocabulary(
    'listUsers',
    '/members',
    z.looseObject({ id: z.number(), username: z.string() }),
    'Lists the members of a project; Taiga has no search among them.',
  ),
  listCustomAttributes: read(
    'listCustomAttributes',
    z.strictObject({ kind: Kinds, project: Project.optional() }),
    z.array(NamedRow),
    ({ kind, project }, { config }: Here) => ({
      call: projectCall(config, project ?? config.project),
      list: KINDS[kind].attributes,
    }),
    { about: 'Lists the custom attributes of a kind.', example: { kind: 'userstory' } },
  ),
  getCustomAttributes: read(
    'getCustomAttributes',
    z.strictObject({ kind: Kinds, issue: Id }),
    z.looseObject({ attributes_values: z.record(z.string(), z.unknown()), version: z.number() }),
    ({ kind, issue: id }, { config }: Here) => ({
      call: call(config, 'GET', `${KINDS[kind].path}/custom-attributes-values/${id}`),
    }),
    {
      about: 'Reads the custom attributes of one item, by their ids.',
      example: { kind: 'userstory', issue: 4711 },
    },
  ),
  listMilestones: read(
    'listMilestones',
    z.strictObject({ project: Project.optional(), closed: z.boolean().optional() }),
    z.array(NamedRow),
    ({ project, closed }, { config }: Here) =>
      list(config, 'milestones', { ...inProject(project ?? config.project), closed }),
    { about: 'Lists the milestones (sprints) of a project, with their days and stories.', example: {} },
  ),
  listStories: read(
    'listStories',
    z.strictObject({ ...Filters, ...Sprint, epic: Id.optional() }),
    z.array(ItemRow),
    ({ milestone, epic, ...given }, at: Here) => rows('userstory', at, given, { ...sprint(milestone), epic }),
    {
      about: 'Lists user stories; rows have no description.',
      example: { labels: ['payments'], isClosed: false },
    },
  ),
  getStory: one('getStory', 'userstory'),
  listTasks: read(
    'listTasks',
    z.strictObject({ ...Filters, ...Sprint, story: Id.optional() }),
    z.array(ItemRow),
    ({ milestone, story, ...given }, at: Here) =>
      rows('task', at, given, { ...sprint(milestone), user_story: story }),
    { about: 'Lists tasks; rows have no description.', example: { story: 4711 } },
  ),
  getTask: one('getTask', 'task'),
  listIssues: read(
    'listIssues',
    z.strictObject({
      ...Filters,
      ...Sprint,
      type: z.array(Id).optional(),
      severity: z.array(Id).optional(),
      priority: z.array(Id).optional(),
    }),
    z.array(ItemRow),
    ({ milestone, type, severity, priority, ...given }, at: Here) =>
      rows('issue', at, given, {
        ...sprint(milestone),
        type: joinValues(type),
        severity: joinValues(severity),
        priority: joinValues(priority),
      }),
    { about: 'Lists issues; rows have no description.', example: { query: 'charged twice' } },
  ),
  getIssue: one('getIssue', 'issue'),
  listEpics: read(
    'listEpics',
    z.strictObject(Filters),
    z.array(ItemRow),
    (given, at: Here) => rows('epic', at, given),
    {
      about: 'Lists epics; rows have no description.',
      example: {},
    },
  ),
  getEpic: one('getEpic', 'epic'),
  listEpicStories: read(
    'listEpicStories',
    z.strictObject({ epic: Id }),
    z.array(z.looseObject({ epic: z.number(), user_story: z.number() })),
    ({ epic }, { config }: Here) => list(config, `epics/${epic}/related_userstories`),
    { about: 'Lists the user stories of an epic, by id.', example: { epic: 4714 } },
  ),
  listComments: read(
    'listComments',
    z.strictObject({ kind: Kinds, issue: Id, page: Paging.page, pageSize: Paging.pageSize, all: Paging.all }),
    z.array(z.looseObject({ id: z.string(), comment: z.string(), created_at: z.string() })),
    ({ kind, issue: id, ...paging }, { config }: Here) =>
      listPages(config, `history/${kind}/${id}`, paging, { type: 'comment' }),
    {
      about: 'Lists the comments of an item, newest first; deleted ones carry when.',
      example: { kind: 'userstory', issue: 4711 },
    },
  ),
  listDocuments: read(
    'listDocuments',
    z.strictObject({ projectId: Id, slug: z.optional(Words) }),
    z.array(Page),
    ({ projectId: project, slug }, { config }: Here) => list(config, 'wiki', { project, slug }),
    {
      about: 'Lists the wiki pages of a project, by its id, or the one with a slug.',
      example: { projectId: 7, slug: 'session-1' },
    },
  ),
}
