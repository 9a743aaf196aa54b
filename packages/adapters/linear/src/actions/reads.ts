import { type Json, type Lookup, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, type LinearConfig, Team } from '../config.ts'
import { call, type Limit, oneLine, pages } from './call.ts'
import { teamFilter } from './choose.ts'
import { Issue, Name } from './input.ts'

/** Page size: one page of the largest of these costs some 250 of the 10,000 points a query may cost. */
const First = z.int().min(1).max(100).default(50)
const Paged = z.strictObject({ first: First })

const Named = z.looseObject({ id: z.string(), name: z.string() })
const State = z.looseObject({ id: z.string(), name: z.string(), type: z.string() })
const IssueRow = z.looseObject({
  id: z.string(),
  identifier: z.string(),
  title: z.string(),
  url: z.string(),
  state: State,
})
const Whole = IssueRow.extend({
  description: z.string().nullish(),
  priority: z.number(),
  team: z.looseObject({ id: z.string(), key: z.string() }),
  assignee: Named.nullish(),
  project: Named.nullish(),
  labels: z.looseObject({ nodes: z.array(Named) }),
})

const listed = (
  config: LinearConfig,
  connection: string,
  query: string,
  variables: Readonly<Record<string, Json | undefined>>,
  limit?: Limit,
): Lookup => ({
  call: call(config, oneLine(query), variables, limit),
  list: `/data/${connection}/nodes`,
  next: pages(`/data/${connection}`),
})

const ISSUE_ROW = 'id identifier title url updatedAt state { id name type }'
const PAGE = 'pageInfo { hasNextPage endCursor }'

/** What can be read at once, without a session. */
export const reads = {
  searchIssues: read(
    'searchIssues',
    z.strictObject({ term: Name, team: Team.optional(), first: First }),
    z.array(IssueRow),
    ({ term, team, first }, { config }: Here) =>
      listed(
        config,
        'searchIssues',
        `query SearchIssues($term: String!, $filter: IssueFilter, $first: Int!, $after: String) {
          searchIssues(term: $term, filter: $filter, first: $first, after: $after, includeComments: false) {
            nodes { ${ISSUE_ROW} } ${PAGE}
          }
        }`,
        { term, first, filter: team === undefined ? undefined : { team: teamFilter(team) } },
        'search',
      ),
    { about: 'Issues that fit a full-text search, best first.', example: { term: 'double charging' } },
  ),
  activeIssues: read(
    'activeIssues',
    Paged,
    z.array(IssueRow),
    ({ first }, { config }: Here) =>
      listed(
        config,
        'issues',
        `query ActiveIssues($first: Int!, $after: String) {
          issues(
            first: $first, after: $after, orderBy: updatedAt,
            filter: { assignee: { isMe: { eq: true } }, state: { type: { in: ["started"] } } }
          ) { nodes { ${ISSUE_ROW} } ${PAGE} }
        }`,
        { first },
      ),
    {
      about: 'Issues in progress that are assigned to whom the key belongs to, newest change first.',
      example: {},
    },
  ),
  issue: read(
    'issue',
    z.strictObject({ issue: Issue }),
    z.looseObject({ data: z.looseObject({ issue: Whole }) }).transform(({ data }) => data.issue),
    ({ issue }, { config }: Here) => ({
      call: call(
        config,
        oneLine(`query Issue($id: String!) {
          issue(id: $id) {
            ${ISSUE_ROW} description priority estimate dueDate archivedAt branchName previousIdentifiers
            team { id key name } assignee { id name } project { id name } parent { id identifier }
            labels(first: 50) { nodes { id name } }
          }
        }`),
        { id: issue },
      ),
    }),
    {
      about: 'One issue by identifier, UUID or address; old identifiers of a moved issue count.',
      example: { issue: 'BIL-212' },
    },
  ),
  issueComments: read(
    'issueComments',
    z.strictObject({ issue: Issue, first: First }),
    z.array(z.looseObject({ id: z.string(), body: z.string(), createdAt: z.string() })),
    ({ issue, first }, { config }: Here) => ({
      call: call(
        config,
        oneLine(`query IssueComments($id: String!, $first: Int!, $after: String) {
          issue(id: $id) {
            id
            comments(first: $first, after: $after) {
              nodes { id body url createdAt editedAt parent { id } user { id name } } ${PAGE}
            }
          }
        }`),
        { id: issue, first },
      ),
      list: '/data/issue/comments/nodes',
      next: pages('/data/issue/comments'),
    }),
    { about: 'Comments of an issue.', example: { issue: 'BIL-212' } },
  ),
  states: read(
    'states',
    z.strictObject({ team: Team.optional(), first: First }),
    z.array(State),
    ({ team, first }, { config }: Here) =>
      listed(
        config,
        'workflowStates',
        `query WorkflowStates($team: TeamFilter!, $first: Int!, $after: String) {
          workflowStates(first: $first, after: $after, filter: { team: $team }) {
            nodes { id name type position } ${PAGE}
          }
        }`,
        { team: teamFilter(team ?? config.teamId), first },
      ),
    { about: "A team's workflow states; default the configured team's.", example: { team: 'BIL' } },
  ),
  labels: read(
    'labels',
    z.strictObject({ team: Team.optional(), first: First }),
    z.array(Named),
    ({ team, first }, { config }: Here) =>
      listed(
        config,
        'issueLabels',
        `query Labels($filter: IssueLabelFilter!, $first: Int!, $after: String) {
          issueLabels(first: $first, after: $after, filter: $filter) {
            nodes { id name color isGroup team { id } parent { id name } } ${PAGE}
          }
        }`,
        { filter: { or: [{ team: teamFilter(team ?? config.teamId) }, { team: { null: true } }] }, first },
      ),
    {
      about: "Labels of a team and of the workspace; default the configured team's.",
      example: { first: 100 },
    },
  ),
  users: read(
    'users',
    z.strictObject({ email: Name.optional(), name: Name.optional(), first: First }),
    z.array(
      z.looseObject({ id: z.string(), name: z.string(), displayName: z.string(), active: z.boolean() }),
    ),
    ({ email, name, first }, { config }: Here) =>
      listed(
        config,
        'users',
        `query Users($filter: UserFilter, $first: Int!, $after: String) {
          users(first: $first, after: $after, filter: $filter) {
            nodes { id name displayName email active app } ${PAGE}
          }
        }`,
        {
          filter: {
            ...(email === undefined ? {} : { email: { eqIgnoreCase: email } }),
            ...(name === undefined
              ? {}
              : {
                  or: [{ name: { containsIgnoreCase: name } }, { displayName: { containsIgnoreCase: name } }],
                }),
          },
          first,
        },
      ),
    {
      about: 'People of the workspace, by e-mail address or part of a name, or all.',
      example: { name: 'ada' },
    },
  ),
  teams: read(
    'teams',
    Paged,
    z.array(z.looseObject({ id: z.string(), key: z.string(), name: z.string() })),
    ({ first }, { config }: Here) =>
      listed(
        config,
        'teams',
        `query Teams($first: Int!, $after: String) {
          teams(first: $first, after: $after) { nodes { id key name } ${PAGE} }
        }`,
        { first },
      ),
    { about: 'Teams the key can see.', example: {} },
  ),
  projects: read(
    'projects',
    z.strictObject({ name: Name.optional(), first: First }),
    z.array(Named.extend({ url: z.string() })),
    ({ name, first }, { config }: Here) =>
      listed(
        config,
        'projects',
        `query Projects($filter: ProjectFilter, $first: Int!, $after: String) {
          projects(first: $first, after: $after, filter: $filter, orderBy: updatedAt) {
            nodes { id name slugId url health targetDate progress status { id name type } } ${PAGE}
          }
        }`,
        { filter: name === undefined ? undefined : { name: { containsIgnoreCase: name } }, first },
      ),
    { about: 'Projects, by part of a name or all, newest change first.', example: { name: 'billing' } },
  ),
  relations: read(
    'relations',
    z.strictObject({ issue: Issue, first: First }),
    z.array(
      z.looseObject({
        id: z.string(),
        type: z.string(),
        relatedIssue: z.looseObject({ id: z.string(), identifier: z.string() }),
      }),
    ),
    ({ issue, first }, { config }: Here) => ({
      call: call(
        config,
        oneLine(`query IssueRelations($id: String!, $first: Int!, $after: String) {
          issue(id: $id) {
            id
            relations(first: $first, after: $after) { nodes { id type relatedIssue { id identifier } } ${PAGE} }
          }
        }`),
        { id: issue, first },
      ),
      list: '/data/issue/relations/nodes',
      next: pages('/data/issue/relations'),
    }),
    {
      about: 'What an issue blocks, duplicates, resembles or has to do with.',
      example: { issue: 'BIL-212' },
    },
  ),
}

/** Proves address and credential: who the key belongs to. */
export const check = (config: LinearConfig): Lookup => ({
  call: call(config, oneLine('query Viewer { viewer { id name } organization { id name urlKey } }')),
  captures: { viewer: '/data/viewer/id' },
})
