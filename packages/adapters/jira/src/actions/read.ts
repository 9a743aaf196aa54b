import { cleanText, isVisible, type Lookup, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, JiraConfig } from '../config.ts'
import { agile, call, counted, issuePath, issueTypesOf } from './call.ts'
import { Issue, Name, quoteJql } from './input.ts'
import { search as searching } from './search.ts'

const Limit = z.int().min(1).max(100)
const Project = z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'expected the key of a project, such as ENG')
const FieldName = z.string().regex(/^[\w.*-]{1,100}$/, 'expected the id of a field, such as summary')

const Named = z.looseObject({ id: z.string().nullish(), name: z.string().nullish() })
const User = z.looseObject({
  accountId: z.string().nullish(),
  name: z.string().nullish(),
  displayName: z.string().nullish(),
  active: z.boolean().nullish(),
})

/** An issue as a search or a read gives it; fields that were not asked for are not there. */
const Found = z.looseObject({
  id: z.string(),
  key: z.string(),
  fields: z
    .looseObject({
      summary: z.string().nullish(),
      status: Named.nullish(),
      issuetype: Named.nullish(),
      priority: Named.nullish(),
      assignee: User.nullish(),
      labels: z.array(z.string()).nullish(),
      updated: z.string().nullish(),
    })
    .nullish(),
})

const FIELDS = ['summary', 'status', 'issuetype', 'priority', 'assignee', 'labels', 'updated']

/** All issues of a query, or with a limit the first ones. */
const query = (
  config: JiraConfig,
  jql: string,
  {
    fields = FIELDS,
    limit,
  }: Readonly<{ fields?: readonly string[] | undefined; limit?: number | undefined }>,
): Lookup => {
  const { next, ...found } = searching(config, jql, fields, limit)
  return limit === undefined ? { ...found, next } : found
}

const search = read(
  'search',
  z.strictObject({
    /** In JQL, with more than an order: `project = ENG AND text ~ "double charging"`. */
    query: z
      .string()
      .max(10_000)
      .transform(cleanText)
      .refine(isVisible, 'expected JQL, such as project = ENG'),
    fields: z.array(FieldName).min(1).optional(),
    limit: Limit.optional(),
  }),
  z.array(Found),
  ({ query: jql, ...more }, { config }: Here) => query(config, jql, more),
  {
    about: 'Finds issues by a query in JQL.',
    example: { query: 'project = ENG AND statusCategory != Done ORDER BY updated DESC', limit: 50 },
  },
)

const getIssue = read(
  'getIssue',
  z.strictObject({ issue: Issue, fields: z.array(FieldName).min(1).optional() }),
  Found,
  ({ issue, fields = FIELDS }, { config }: Here) => ({
    call: call(config, 'GET', issuePath(issue), { query: { fields: fields.join(',') } }),
  }),
  { about: 'Reads one issue.', example: { issue: 'ENG-12' } },
)

const listActiveIssues = read(
  'listActiveIssues',
  z.strictObject({
    project: Project.optional(),
    /** False: of everybody. Default: of the user the credential belongs to. */
    mine: z.boolean().default(true),
    limit: Limit.optional(),
  }),
  z.array(Found),
  ({ project, mine, limit }, { config }: Here) => {
    const terms = [
      ...(mine ? ['assignee = currentUser()'] : []),
      ...(project === undefined && mine ? [] : [`project = ${quoteJql(project ?? config.projectKey)}`]),
      'statusCategory = "In Progress"',
    ]
    return query(config, `${terms.join(' AND ')} ORDER BY updated DESC`, { limit })
  },
  { about: 'Lists issues that are in progress, newest change first.', example: { limit: 20 } },
)

const listEpics = read(
  'listEpics',
  z.strictObject({ project: Project.optional(), done: z.boolean().default(false), limit: Limit.optional() }),
  z.array(Found),
  ({ project, done, limit }, { config }: Here) =>
    query(
      config,
      `project = ${quoteJql(project ?? config.projectKey)} AND issuetype = Epic${done ? '' : ' AND statusCategory != Done'}`,
      { limit },
    ),
  { about: 'Lists the epics of a project that are not done.', example: { project: 'ENG' } },
)

const listChildren = read(
  'listChildren',
  z.strictObject({ issue: Issue, limit: Limit.optional() }),
  z.array(Found),
  ({ issue, limit }, { config }: Here) => {
    const parent = quoteJql(issue.toUpperCase())
    // On Data Center `parent` finds sub-tasks; issues of an epic name it in a custom field.
    const epic = config.epicField === undefined ? '' : ` OR cf[${config.epicField.slice(12)}] = ${parent}`
    return query(config, `parent = ${parent}${epic}`, { limit })
  },
  { about: 'Lists the issues below an issue.', example: { issue: 'ENG-1' } },
)

const listTransitions = read(
  'listTransitions',
  z.strictObject({ issue: Issue }),
  z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      to: Named,
      /** Fields of its screen by id. */
      fields: z.record(z.string(), z.looseObject({ required: z.boolean().nullish() })).nullish(),
    }),
  ),
  ({ issue }, { config }: Here) => ({
    call: call(config, 'GET', issuePath(issue, '/transitions'), { query: { expand: 'transitions.fields' } }),
    list: '/transitions',
  }),
  {
    about: 'Lists where an issue can go from here, and what each way asks for.',
    example: { issue: 'ENG-12' },
  },
)

const listComments = read(
  'listComments',
  z.strictObject({ issue: Issue, limit: Limit.optional() }),
  z.array(
    z.looseObject({ id: z.string(), body: z.json(), created: z.string().nullish(), author: User.nullish() }),
  ),
  ({ issue, limit }, { config }: Here) => ({
    call: call(config, 'GET', issuePath(issue, '/comment'), {
      query: { orderBy: '-created', maxResults: limit ?? 100 },
    }),
    list: '/comments',
    ...(limit === undefined ? { next: counted } : {}),
  }),
  { about: 'Lists the comments of an issue, newest first.', example: { issue: 'ENG-12', limit: 10 } },
)

const InProject = z.strictObject({ project: Project.optional() })
const ofProject = (config: JiraConfig, project: string | undefined) =>
  `project/${(project ?? config.projectKey).toUpperCase()}`

const listStatuses = read(
  'listStatuses',
  InProject,
  z.array(z.looseObject({ name: z.string(), statuses: z.array(Named) })),
  ({ project }, { config }: Here) => ({
    call: call(config, 'GET', `${ofProject(config, project)}/statuses`),
    list: '',
  }),
  { about: "Lists a project's statuses, by issue type.", example: { project: 'ENG' } },
)

const listVersions = read(
  'listVersions',
  InProject,
  z.array(z.looseObject({ id: z.string(), name: z.string(), released: z.boolean().nullish() })),
  ({ project }, { config }: Here) => ({
    call: call(config, 'GET', `${ofProject(config, project)}/versions`),
    list: '',
  }),
  { about: "Lists a project's versions (milestones).", example: { project: 'ENG' } },
)

const listIssueTypes = read(
  'listIssueTypes',
  InProject,
  z.array(z.looseObject({ id: z.string(), name: z.string(), subtask: z.boolean().nullish() })),
  ({ project }, { config }: Here) => issueTypesOf(config, (project ?? config.projectKey).toUpperCase()),
  { about: 'Lists the types of issues that can be created in a project.', example: { project: 'ENG' } },
)

const listProjects = read(
  'listProjects',
  z.strictObject({ query: z.optional(Name) }),
  z.array(z.looseObject({ id: z.string(), key: z.string(), name: z.string() })),
  ({ query: part }, { config }: Here) =>
    config.deployment === 'cloud'
      ? {
          call: call(config, 'GET', 'project/search', { query: { query: part, maxResults: 100 } }),
          list: '/values',
          next: counted,
        }
      : { call: call(config, 'GET', 'project'), list: '' },
  { about: 'Lists projects; on Cloud those with `query` in name or key.', example: { query: 'ENG' } },
)

const findUsers = read(
  'findUsers',
  z.strictObject({ query: Name, project: Project.optional(), limit: Limit.default(50) }),
  z.array(User),
  ({ query: part, project, limit }, { config }: Here) => ({
    call: call(config, 'GET', 'user/assignable/search', {
      query: {
        project: (project ?? config.projectKey).toUpperCase(),
        [config.deployment === 'cloud' ? 'query' : 'username']: part,
        maxResults: limit,
      },
      limit: 'users',
    }),
    list: '',
  }),
  { about: 'Finds people who can be assigned to issues of a project.', example: { query: 'mia' } },
)

const listLinkTypes = read(
  'listLinkTypes',
  z.strictObject({}),
  z.array(z.looseObject({ id: z.string(), name: z.string(), inward: z.string(), outward: z.string() })),
  (_, { config }: Here) => ({ call: call(config, 'GET', 'issueLinkType'), list: '/issueLinkTypes' }),
  { about: 'Lists the ways issues can be linked.', example: {} },
)

const listBoards = read(
  'listBoards',
  InProject,
  z.array(z.looseObject({ id: z.number(), name: z.string(), type: z.string().nullish() })),
  ({ project }, { config }: Here) => ({
    call: agile(config, 'GET', 'board', {
      query: { projectKeyOrId: (project ?? config.projectKey).toUpperCase(), maxResults: 50 },
    }),
    list: '/values',
    next: counted,
  }),
  { about: "Lists a project's boards.", example: { project: 'ENG' } },
)

const listSprints = read(
  'listSprints',
  z.strictObject({
    board: z.int().positive(),
    state: z.literal(['active', 'future', 'closed']).default('active'),
  }),
  z.array(z.looseObject({ id: z.number(), name: z.string(), state: z.string() })),
  ({ board, state }, { config }: Here) => ({
    call: agile(config, 'GET', `board/${board}/sprint`, { query: { state, maxResults: 50 } }),
    list: '/values',
    next: counted,
  }),
  { about: "Lists a board's sprints.", example: { board: 3 } },
)

const whoAmI = read(
  'whoAmI',
  z.strictObject({}),
  User,
  (_, { config }: Here) => ({ call: call(config, 'GET', 'myself') }),
  { about: 'Reads the user that the credential belongs to.', example: {} },
)

/** Everything that can be read. */
export const reads = {
  search,
  getIssue,
  listActiveIssues,
  listEpics,
  listChildren,
  listTransitions,
  listComments,
  listStatuses,
  listVersions,
  listIssueTypes,
  listProjects,
  findUsers,
  listLinkTypes,
  listBoards,
  listSprints,
  whoAmI,
} as const
