import { read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, Team } from '../config.ts'
import { call, oneLine } from './call.ts'
import { teamFilter } from './choose.ts'
import { Issue, Name } from './input.ts'
import { listed, Named, PAGE, Paged } from './listing.ts'

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

/** What can be read of issues at once, without a session. */
export const reads = {
  searchIssues: read(
    'searchIssues',
    z.strictObject({ term: Name, team: Team.optional(), ...Paged }),
    z.array(IssueRow),
    ({ term, team, ...paging }, { config }: Here) =>
      listed(
        config,
        'searchIssues',
        `query SearchIssues($term: String!, $filter: IssueFilter, $first: Int!, $after: String) {
          searchIssues(term: $term, filter: $filter, first: $first, after: $after, includeComments: false) {
            nodes { ${ISSUE_ROW} } ${PAGE}
          }
        }`,
        paging,
        { term, filter: team === undefined ? undefined : { team: teamFilter(team) } },
        'search',
      ),
    { about: 'Issues that fit a full-text search, best first.', example: { term: 'double charging' } },
  ),
  activeIssues: read(
    'activeIssues',
    z.strictObject(Paged),
    z.array(IssueRow),
    (paging, { config }: Here) =>
      listed(
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
      about: 'One issue; the old identifier of a moved issue counts.',
      example: { issue: 'BIL-212' },
    },
  ),
  issueComments: read(
    'issueComments',
    OfIssue,
    z.array(z.looseObject({ id: z.string(), body: z.string(), createdAt: z.string() })),
    ({ issue, ...paging }, { config }: Here) =>
      listed(
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
  issueRelations: read(
    'issueRelations',
    OfIssue,
    z.array(
      z.looseObject({
        id: z.string(),
        type: z.string(),
        relatedIssue: z.looseObject({ id: z.string(), identifier: z.string() }),
      }),
    ),
    ({ issue, ...paging }, { config }: Here) =>
      listed(
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
      about: 'What an issue blocks, duplicates, resembles or has to do with.',
      example: { issue: 'BIL-212' },
    },
  ),
}
