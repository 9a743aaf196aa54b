import type { Probe, Where } from '@sessionwire/core/adapter'
import { call, issueTypesOf } from './actions/call.ts'
import type { JiraConfig } from './config.ts'

/** The rights that hooks need, by Jira's keys, and where the issue is moved. */
const RIGHTS = ['CREATE_ISSUES', 'EDIT_ISSUES', 'ADD_COMMENTS']
const MOVES = ['TRANSITION_ISSUES']
/** As people read it: "Create issues". */
const nameOf = (right: string) => `${right[0]}${right.slice(1).toLowerCase().replace('_', ' ')}`

/** Reads that prove the target of the hooks: the project, the issue type and the rights of the user. */
export const probes = (config: JiraConfig): readonly Probe[] => {
  const { projectKey, issueType, statuses } = config
  const rights = [...RIGHTS, ...(Object.keys(statuses).length === 0 ? [] : MOVES)]
  const query = { projectKey, permissions: rights.join(',') }
  const type: Where = /^\d+$/.test(issueType)
    ? { pointer: '/id', equals: issueType }
    : { pointer: '/name', equals: issueType, anyCase: true }
  return [
    {
      about: `project ${projectKey}`,
      lookup: { call: call(config, 'GET', `project/${projectKey}`) },
      todo: `Correct projectKey, or let the user of the token see project ${projectKey} (permission "Browse projects").`,
    },
    ...rights.map(right => ({
      about: `permission "${nameOf(right)}"`,
      lookup: {
        call: call(config, 'GET', 'mypermissions', { query }),
        where: { pointer: `/permissions/${right}/havePermission`, equals: true },
      },
      todo: `Give the user of the token the permission "${nameOf(right)}" in project ${projectKey}.`,
    })),
    {
      about: `issue type "${issueType}"`,
      lookup: { ...issueTypesOf(config, projectKey), where: type, noun: 'issue type' },
      todo: `Set issueType to a type that project ${projectKey} offers.`,
    },
  ]
}
