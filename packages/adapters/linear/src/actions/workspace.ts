import { type Lookup, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, type LinearConfig, Team } from '../config.ts'
import { call, oneLine } from './call.ts'
import { teamFilter } from './choose.ts'
import { Name } from './input.ts'
import { listed, Named, PAGE, Paged } from './listing.ts'

/** What can be read of a workspace: what issues are made of. */
export const workspace = {
  states: read(
    'states',
    z.strictObject({ team: Team.optional(), ...Paged }),
    z.array(Named.extend({ type: z.string() })),
    ({ team, ...paging }, { config }: Here) =>
      listed(
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
  labels: read(
    'labels',
    z.strictObject({ team: Team.optional(), ...Paged }),
    z.array(Named),
    ({ team, ...paging }, { config }: Here) =>
      listed(
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
      example: { first: 100 },
    },
  ),
  users: read(
    'users',
    z.strictObject({ email: Name.optional(), name: Name.optional(), ...Paged }),
    z.array(Named.extend({ displayName: z.string(), active: z.boolean() })),
    ({ email, name, ...paging }, { config }: Here) => {
      const either = [
        { name: { containsIgnoreCase: name ?? '' } },
        { displayName: { containsIgnoreCase: name ?? '' } },
      ]
      return listed(
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
  teams: read(
    'teams',
    z.strictObject(Paged),
    z.array(Named.extend({ key: z.string() })),
    (paging, { config }: Here) =>
      listed(
        config,
        'teams',
        `query Teams($first: Int!, $after: String) {
          teams(first: $first, after: $after) { nodes { id key name } ${PAGE} }
        }`,
        paging,
      ),
    { about: 'Teams the key can see.', example: {} },
  ),
  projects: read(
    'projects',
    z.strictObject({ name: Name.optional(), ...Paged }),
    z.array(Named.extend({ url: z.string() })),
    ({ name, ...paging }, { config }: Here) =>
      listed(
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
    { about: 'Projects, by part of a name, newest change first.', example: { name: 'billing' } },
  ),
}

/** Proves address and credential: who the key belongs to. */
export const check = (config: LinearConfig): Lookup => ({
  call: call(config, oneLine('query Viewer { viewer { id name } organization { id name urlKey } }')),
  captures: { viewer: '/data/viewer/id' },
})
