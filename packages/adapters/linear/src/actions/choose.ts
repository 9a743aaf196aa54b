import type { Json, Lookup, Ref } from '@sessionwire/core/adapter'
import { isUuid, type LinearConfig } from '../config.ts'
import { call, oneLine, pages } from './call.ts'

const HOUR_MS = 3_600_000
/** States and labels change rarely; a name that a cached list does not have is looked for in a new one. */
const LIST_CACHE_MS = 300_000

const TEAMS = oneLine(`query TeamKeys($after: String) {
  teams(first: 100, after: $after) { nodes { id key } pageInfo { hasNextPage endCursor } }
}`)

/** A team by UUID or key: the value of its UUID, and the read that fills it. */
export const teamBy = (
  config: LinearConfig,
  team: string,
): Readonly<{ id: Json; before: readonly Lookup[] }> =>
  isUuid(team)
    ? { id: team.toLowerCase(), before: [] }
    : {
        id: { $ref: 'teamUuid' },
        before: [
          {
            call: call(config, TEAMS),
            list: '/data/teams/nodes',
            where: { pointer: '/key', equals: team.toUpperCase() },
            captures: { teamUuid: '/id' },
            next: pages('/data/teams'),
            cacheMs: HOUR_MS,
            noun: 'team',
            offer: '/key',
          },
        ],
      }

/** A filter for one team, by UUID or key. */
export const teamFilter = (team: string): Json =>
  isUuid(team) ? { id: { eq: team.toLowerCase() } } : { key: { eq: team.toUpperCase() } }

/** Chooses by name: exact, else in any case, else by slug; of two that fit none. */
const choice = (name: string, into: string, noun: string) => ({
  where: { pointer: '/name', equals: name, anyCase: true as const },
  captures: { [into]: '/id' },
  cacheMs: LIST_CACHE_MS,
  noun,
  offer: '/name',
})

export const TEAM_STATES = oneLine(`query TeamStates($team: TeamFilter!, $after: String) {
  workflowStates(first: 100, after: $after, filter: { team: $team }) {
    nodes { id name }
    pageInfo { hasNextPage endCursor }
  }
}`)
// By the issue, so that it is right for an issue that was moved to another team.
const ISSUE_STATES = oneLine(`query IssueStates($id: String!, $after: String) {
  issue(id: $id) {
    id
    team { id states(first: 100, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } } }
  }
}`)

/** A workflow state by name or UUID, of a team or of an issue's team. */
export const stateBy = (
  config: LinearConfig,
  state: string,
  of: Readonly<{ team: string } | { issue: string | Ref }>,
): Readonly<{ id: Json; before: readonly Lookup[] }> => {
  if (isUuid(state)) return { id: state.toLowerCase(), before: [] }
  const named = choice(state, 'stateUuid', 'workflow state')
  const lookup: Lookup =
    'team' in of
      ? {
          call: call(config, TEAM_STATES, { team: teamFilter(of.team) }),
          list: '/data/workflowStates/nodes',
          next: pages('/data/workflowStates'),
          ...named,
        }
      : {
          call: call(config, ISSUE_STATES, { id: of.issue }),
          list: '/data/issue/team/states/nodes',
          next: pages('/data/issue/team/states'),
          ...named,
        }
  return { id: { $ref: 'stateUuid' }, before: [lookup] }
}

export const LABELS = oneLine(`query LabelNames($filter: IssueLabelFilter!, $after: String) {
  issueLabels(first: 100, after: $after, filter: $filter) {
    nodes { id name }
    pageInfo { hasNextPage endCursor }
  }
}`)
const ISSUE_TEAM = 'query IssueTeam($id: String!) { issue(id: $id) { id team { id } } }'

/** Labels that can be put on an issue of a team: those of the team and of the workspace; groups cannot be applied. */
export const labelFilter = (team: Json): Json => ({
  isGroup: { eq: false },
  or: [{ team }, { team: { null: true } }],
})

/** Labels by name or UUID. */
const labelsIn = (config: LinearConfig, names: readonly string[], team: Json) => ({
  ids: names.map((name, place): Json => (isUuid(name) ? name.toLowerCase() : { $ref: `label${place}` })),
  before: names.flatMap((name, place): readonly Lookup[] =>
    isUuid(name)
      ? []
      : [
          {
            call: call(config, LABELS, { filter: labelFilter(team) }),
            list: '/data/issueLabels/nodes',
            next: pages('/data/issueLabels'),
            ...choice(name, `label${place}`, 'label'),
          },
        ],
  ),
})

/** Labels by name or UUID, of a team or of an issue's team. */
export const labelsBy = (
  config: LinearConfig,
  names: readonly string[],
  of: Readonly<{ team: string } | { issue: string | Ref }>,
): Readonly<{ ids: readonly Json[]; before: readonly Lookup[] }> => {
  if ('team' in of) return labelsIn(config, names, teamFilter(of.team))
  const { ids, before } = labelsIn(config, names, { id: { eq: { $ref: 'issueTeam' } } })
  if (before.length === 0) return { ids, before }
  const team: Lookup = {
    call: call(config, ISSUE_TEAM, { id: of.issue }),
    captures: { issueTeam: '/data/issue/team/id' },
  }
  return { ids, before: [team, ...before] }
}
