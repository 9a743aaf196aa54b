import type { Probe, Where } from '@sessionwire/core/adapter'
import { call, issueTypesOf } from './actions/call.ts'
import type { JiraConfig } from './config.ts'

/** The rights that hooks need, by the keys and the names that Jira gives them. */
const RIGHTS = [
  ['CREATE_ISSUES', 'Create issues'],
  ['EDIT_ISSUES', 'Edit issues'],
  ['ADD_COMMENTS', 'Add comments'],
  ['TRANSITION_ISSUES', 'Transition issues'],
] as const

/** Reads that prove the target of the hooks: the project, the issue type and the rights of the user. */
export const probes = (config: JiraConfig): readonly Probe[] => {
  const { projectKey, issueType, statuses } = config
  const rights = RIGHTS.filter(([key]) => key !== 'TRANSITION_ISSUES' || Object.keys(statuses).length > 0)
  const query = { projectKey, permissions: rights.map(([key]) => key).join(',') }
  const type: Where = /^\d+$/.test(issueType)
    ? { pointer: '/id', equals: issueType }
    : { pointer: '/name', equals: issueType, anyCase: true }
  return [
    {
      about: `project ${projectKey}`,
      lookup: { call: call(config, 'GET', `project/${projectKey}`) },
      todo: `Correct projectKey, or let the user of the token see project ${projectKey} (permission "Browse projects").`,
    },
    ...rights.map(([key, name]) => ({
      about: `permission "${name}"`,
      lookup: {
        call: call(config, 'GET', 'mypermissions', { query }),
        where: { pointer: `/permissions/${key}/havePermission`, equals: true },
      },
      todo: `Give the user of the token the permission "${name}" in project ${projectKey}.`,
    })),
    {
      about: `issue type "${issueType}"`,
      lookup: { ...issueTypesOf(config, projectKey), where: type, noun: 'issue type' },
      todo: `Set issueType to a type that project ${projectKey} offers.`,
    },
  ]
}
