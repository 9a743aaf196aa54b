import { type Lookup, type Probe, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, isUuid, type LinearConfig, Team } from '../config.ts'
import { call, oneLine, pages } from './call.ts'
import { LABELS, labelFilter, TEAM_STATES, teamFilter } from './choose.ts'
import { Line } from './input.ts'
import { Named, PAGE, Paged, readList } from './listing.ts'

/** Proves address and credential, and names the user of the credential. */
export const check = (config: LinearConfig): Lookup => ({
  call: call(config, oneLine('query Viewer { viewer { id name } organization { id name urlKey } }')),
})

/** Reads of a workspace: the parts of its issues. */
export const workspace = {
  listStatuses: read(
    'listStatuses',
    z.strictObject({ team: Team.optional(), ...Paged }),
    z.array(Named.extend({ type: z.string() })),
    ({ team, ...paging }, { config }: Here) =>
      readList(
        config,
        'workflowStates',
        `query WorkflowStates($team: TeamFilter!, $first: Int!, $after: String) {
          workflowStates(first: $first, after: $after, filter: { team: $team }) {
            nodes { id name type position } ${PAGE}
          }
        }`,
        paging,
        { team: teamFilter(team ?? config.teamId) },
      ),
    { about: 'Workflow states of a team, by default of the configured one.', example: { team: 'BIL' } },
  ),
  listLabels: read(
    'listLabels',
    z.strictObject({ team: Team.optional(), ...Paged }),
    z.array(Named),
    ({ team, ...paging }, { config }: Here) =>
      readList(
        config,
        'issueLabels',
        `query Labels($filter: IssueLabelFilter!, $first: Int!, $after: String) {
          issueLabels(first: $first, after: $after, filter: $filter) {
            nodes { id name color isGroup team { id } parent { id name } } ${PAGE}
          }
        }`,
        paging,
        { filter: { or: [{ team: teamFilter(team ?? config.teamId) }, { team: { null: true } }] } },
      ),
    {
      about: 'Labels of the workspace and of a team, by default the configured one.',
      example: { limit: 100 },
    },
  ),
  findUsers: read(
    'findUsers',
    z.strictObject({ email: z.optional(Line), name: z.optional(Line), ...Paged }),
    z.array(Named.extend({ displayName: z.string(), active: z.boolean() })),
    ({ email, name, ...paging }, { config }: Here) => {
      const either = [
        { name: { containsIgnoreCase: name ?? '' } },
        { displayName: { containsIgnoreCase: name ?? '' } },
      ]
      return readList(
        config,
        'users',
        `query Users($filter: UserFilter, $first: Int!, $after: String) {
          users(first: $first, after: $after, filter: $filter) {
            nodes { id name displayName email active app } ${PAGE}
          }
        }`,
        paging,
        {
          filter: {
            ...(email === undefined ? {} : { email: { eqIgnoreCase: email } }),
            ...(name === undefined ? {} : { or: either }),
          },
        },
      )
    },
    { about: 'People, by e-mail address or part of a name.', example: { name: 'ada' } },
  ),
  listTeams: read(
    'listTeams',
    z.strictObject(Paged),
    z.array(Named.extend({ key: z.string() })),
    (paging, { config }: Here) =>
      readList(
        config,
        'teams',
        `query Teams($first: Int!, $after: String) {
          teams(first: $first, after: $after) { nodes { id key name } ${PAGE} }
        }`,
        paging,
      ),
    { about: 'Teams that the credential can see.', example: {} },
  ),
  listProjects: read(
    'listProjects',
    z.strictObject({ name: z.optional(Line), ...Paged }),
    z.array(Named.extend({ url: z.string() })),
    ({ name, ...paging }, { config }: Here) =>
      readList(
        config,
        'projects',
        `query Projects($filter: ProjectFilter, $first: Int!, $after: String) {
          projects(first: $first, after: $after, filter: $filter, orderBy: updatedAt) {
            nodes { id name slugId url health targetDate progress status { id name type } } ${PAGE}
          }
        }`,
        paging,
        { filter: name === undefined ? undefined : { name: { containsIgnoreCase: name } } },
      ),
    { about: 'Projects, by part of a name, last changed first.', example: { name: 'billing' } },
  ),
  whoAmI: read(
    'whoAmI',
    z.strictObject({}),
    z
      .looseObject({ data: z.looseObject({ viewer: Named, organization: Named }) })
      .transform(({ data: { viewer, organization } }) => ({ ...viewer, organization })),
    (_, { config }: Here) => check(config),
    { about: 'The user and the workspace of the credential.', example: {} },
  ),
}

const withId = (name: string, noun: string) =>
  isUuid(name)
    ? { where: { pointer: '/id', equals: name.toLowerCase() }, noun, offer: '/name' }
    : { where: { pointer: '/name', equals: name, anyCase: true as const }, noun, offer: '/name' }

/**
 * Reads that prove the target of the hooks: the team, the project, the workflow states and the labels. Linear has no read of
 * the rights of a credential: a key that may not write shows at the first write.
 */
export const probes = (config: LinearConfig): readonly Probe[] => {
  const { teamId, projectId, statuses, labels } = config
  const team = teamFilter(teamId)
  return [
    {
      about: `team ${teamId}`,
      lookup: {
        call: call(
          config,
          'query Team($filter: TeamFilter!) { teams(first: 1, filter: $filter) { nodes { id key } } }',
          {
            filter: team,
          },
        ),
        list: '/data/teams/nodes',
      },
      todo: 'Correct teamId, or give the credential access to the team: a key may be limited to chosen teams.',
    },
    ...(projectId === undefined
      ? []
      : [
          {
            about: `project ${projectId}`,
            lookup: {
              call: call(
                config,
                'query Project($id: ID!) { projects(first: 1, filter: { id: { eq: $id } }) { nodes { id } } }',
                { id: projectId },
              ),
              list: '/data/projects/nodes',
            },
            todo: 'Correct projectId, or let the user of the credential see the project.',
          },
        ]),
    ...[...new Set(Object.values(statuses).filter(name => name !== undefined))].map(name => ({
      about: `workflow state "${name}"`,
      lookup: {
        call: call(config, TEAM_STATES, { team }),
        list: '/data/workflowStates/nodes',
        next: pages('/data/workflowStates'),
        ...withId(name, 'workflow state'),
      },
      todo: `Set statuses to workflow states of team ${teamId}.`,
    })),
    ...labels.map(name => ({
      about: `label "${name}"`,
      lookup: {
        call: call(config, LABELS, { filter: labelFilter(team) }),
        list: '/data/issueLabels/nodes',
        next: pages('/data/issueLabels'),
        ...withId(name, 'label'),
      },
      todo: `Create the label in team ${teamId} or in the workspace, or correct labels.`,
    })),
  ]
}
