import { read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, Team } from '../config.ts'
import { call, oneLine } from './call.ts'
import { teamFilter } from './choose.ts'
import { Issue, Line } from './input.ts'
import { Named, PAGE, Paged, readList } from './listing.ts'

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
const ISSUE_ROW = 'id identifier title url updatedAt state { id name type }'

const OfIssue = z.strictObject({ issue: Issue, ...Paged })

/** Reads of issues. */
export const reads = {
  search: read(
    'search',
    z.strictObject({
      /** Words of titles and descriptions. */
      query: Line,
      team: Team.optional(),
      /** Most issues, 1 to 100. Default 50. */
      limit: Paged.limit,
      /** The `cursor` of an issue of an earlier search: reads the issues after it. */
      cursor: z.string().min(1).max(200).optional(),
    }),
    z.array(
      z
        .looseObject({ cursor: z.string(), node: IssueRow })
        .transform(({ cursor, node }) => ({ ...node, cursor })),
    ),
    ({ query, team, limit, cursor }, { config }: Here) => ({
      call: call(
        config,
        oneLine(`query Search($term: String!, $filter: IssueFilter, $first: Int!, $after: String) {
          searchIssues(term: $term, filter: $filter, first: $first, after: $after, includeComments: false) {
            edges { cursor node { ${ISSUE_ROW} } }
          }
        }`),
        {
          term: query,
          filter: team === undefined ? undefined : { team: teamFilter(team) },
          first: limit,
          after: cursor,
        },
        'search',
      ),
      list: '/data/searchIssues/edges',
    }),
    { about: 'Issues that fit a full-text search, best first.', example: { query: 'double charging' } },
  ),
  listActiveIssues: read(
    'listActiveIssues',
    z.strictObject(Paged),
    z.array(IssueRow),
    (paging, { config }: Here) =>
      readList(
        config,
        'issues',
        `query ActiveIssues($first: Int!, $after: String) {
          issues(
            first: $first, after: $after, orderBy: updatedAt,
            filter: { assignee: { isMe: { eq: true } }, state: { type: { in: ["started"] } } }
          ) { nodes { ${ISSUE_ROW} } ${PAGE} }
        }`,
        paging,
      ),
    {
      about: 'Issues in progress that are assigned to the user of the credential, last changed first.',
      example: {},
    },
  ),
  getIssue: read(
    'getIssue',
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
      about: 'One issue; the old identifier of a moved issue leads to it too.',
      example: { issue: 'BIL-212' },
    },
  ),
  listComments: read(
    'listComments',
    OfIssue,
    z.array(z.looseObject({ id: z.string(), body: z.string(), createdAt: z.string() })),
    ({ issue, ...paging }, { config }: Here) =>
      readList(
        config,
        'issue/comments',
        `query IssueComments($id: String!, $first: Int!, $after: String) {
          issue(id: $id) {
            id
            comments(first: $first, after: $after) {
              nodes { id body url createdAt editedAt parent { id } user { id name } } ${PAGE}
            }
          }
        }`,
        paging,
        { id: issue },
      ),
    { about: 'Comments of an issue, newest first.', example: { issue: 'BIL-212' } },
  ),
  listRelations: read(
    'listRelations',
    OfIssue,
    z.array(
      z.looseObject({
        id: z.string(),
        type: z.string(),
        relatedIssue: z.looseObject({ id: z.string(), identifier: z.string() }),
      }),
    ),
    ({ issue, ...paging }, { config }: Here) =>
      readList(
        config,
        'issue/relations',
        `query IssueRelations($id: String!, $first: Int!, $after: String) {
          issue(id: $id) {
            id
            relations(first: $first, after: $after) {
              nodes { id type relatedIssue { id identifier } } ${PAGE}
            }
          }
        }`,
        paging,
        { id: issue },
      ),
    {
      about: 'Issues that an issue blocks, duplicates, resembles or relates to.',
      example: { issue: 'BIL-212' },
    },
  ),
}
