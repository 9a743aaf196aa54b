import type { Json } from '@sessionwire/core/adapter'
import { linear } from '../src/index.ts'

export const TEAM = '9cfb482a-81e3-4154-b5b9-2c805e70a02d'
export const PROJECT = '5c1f2e3d-1111-4222-8333-444455556666'
export const KEY = '01990000-0000-7000-8000-00000000e001/linear/0'
/** What `uuidFrom` makes of KEY, and its beginning, which names links. */
export const ID = 'f5fe40dd-fe03-4bdb-a8ba-403d1cdf47eb'
export const SHORT = 'f5fe40dd'

const adapter = linear({ teamId: TEAM, projectId: PROJECT })
export const { actions } = adapter
export const at = { key: KEY, config: adapter.config }

/** A GraphQL request to Linear itself with the default secret, as a plain value. */
export const sent = (query: string, variables: Json, limit = 'requests') => ({
  kind: 'http',
  method: 'POST',
  endpoint: 'https://api.linear.app/graphql',
  auth: { header: 'Authorization', secret: 'LINEAR_API_KEY' },
  limit,
  payload: { query, variables },
})

export const ASTERISK =
  'Linear documents that clients may choose the id of what they create. It does not document its answer when that id exists already.'

const found = (list: string, select: string) =>
  `query Find${list.charAt(0).toUpperCase()}${list.slice(1)}($id: ID!) { ${list}(first: 1, includeArchived: true, filter: { id: { eq: $id } }) { nodes { ${select} } } }`

/** How what was made with ID is found again. */
export const byId = (list: string, select: string, captures: Readonly<Record<string, string>>) => ({
  by: 'id',
  call: sent(found(list, select), { id: ID }),
  list: `/data/${list}/nodes`,
  where: { pointer: '/id', equals: ID },
  captures,
})

export const ISSUE_UPDATE =
  'mutation IssueUpdate($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success issue { id } } }'
export const ISSUE_CREATE =
  'mutation IssueCreate($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id identifier url } } }'
export const COMMENT_CREATE =
  'mutation CommentCreate($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id url issue { id } } } }'
export const COMMENT_UPDATE =
  'mutation CommentUpdate($id: String!, $input: CommentUpdateInput!) { commentUpdate(id: $id, input: $input) { success comment { id } } }'

const HAS_PAGES = 'pageInfo { hasNextPage endCursor }'
const next = (list: string) => ({
  cursor: `/data/${list}/pageInfo/endCursor`,
  into: '/payload/variables/after',
  more: `/data/${list}/pageInfo/hasNextPage`,
})

export const teamRead = (key: string) => ({
  call: sent(
    `query TeamKeys($after: String) { teams(first: 100, after: $after) { nodes { id key } ${HAS_PAGES} } }`,
    {},
  ),
  list: '/data/teams/nodes',
  where: { pointer: '/key', equals: key },
  captures: { teamUuid: '/id' },
  next: next('teams'),
  cacheMs: 3_600_000,
  noun: 'team',
  offer: '/key',
})
const named = (name: string, into: string, noun: string) => ({
  where: { pointer: '/name', equals: name, anyCase: true },
  captures: { [into]: '/id' },
  cacheMs: 300_000,
  noun,
  offer: '/name',
})
export const issueStateRead = (issue: Json, state: string) => ({
  call: sent(
    `query IssueStates($id: String!, $after: String) { issue(id: $id) { id team { id states(first: 100, after: $after) { nodes { id name } ${HAS_PAGES} } } } }`,
    { id: issue },
  ),
  list: '/data/issue/team/states/nodes',
  next: next('issue/team/states'),
  ...named(state, 'stateUuid', 'workflow state'),
})
export const teamStateRead = (team: Json, state: string) => ({
  call: sent(
    `query TeamStates($team: TeamFilter!, $after: String) { workflowStates(first: 100, after: $after, filter: { team: $team }) { nodes { id name } ${HAS_PAGES} } }`,
    { team },
  ),
  list: '/data/workflowStates/nodes',
  next: next('workflowStates'),
  ...named(state, 'stateUuid', 'workflow state'),
})
export const issueTeamRead = (issue: Json) => ({
  call: sent('query IssueTeam($id: String!) { issue(id: $id) { id team { id } } }', { id: issue }),
  captures: { issueTeam: '/data/issue/team/id' },
})
export const labelRead = (team: Json, name: string, place: number) => ({
  call: sent(
    `query LabelNames($filter: IssueLabelFilter!, $after: String) { issueLabels(first: 100, after: $after, filter: $filter) { nodes { id name } ${HAS_PAGES} } }`,
    { filter: { isGroup: { eq: false }, or: [{ team }, { team: { null: true } }] } },
  ),
  list: '/data/issueLabels/nodes',
  next: next('issueLabels'),
  ...named(name, `label${place}`, 'label'),
})
