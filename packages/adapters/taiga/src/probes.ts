import type { Probe } from '@sessionwire/core/adapter'
import { call, KINDS, type Kind, projectCall } from './actions/call.ts'
import { seek, type Vocabulary } from './actions/choose.ts'
import type { TaigaConfig } from './config.ts'

/** Options that name something of the project. */
const OPTIONS = ['milestone', 'assignee', 'type', 'severity', 'priority'] as const

/** Reads that prove the target of the hooks: the project, the rights in it, and what the options name in it. */
export const probes = (config: TaigaConfig): readonly Probe[] => {
  const { project, kind, statuses, exportTo, epic, story } = config
  const projectRead = projectCall(config, project)
  const rights = [
    ...['add', 'modify', 'comment'].map(verb => `${verb}_${KINDS[kind].right}`),
    ...(exportTo === 'wiki' ? ['add_wiki_page', 'modify_wiki_page'] : []),
    ...(epic === undefined ? [] : ['modify_epic']),
  ]
  const proveRight = (name: string): Probe => ({
    about: `permission ${name}`,
    lookup: { call: projectRead, list: '/my_permissions', where: { pointer: '', equals: name } },
    todo: `Give the role of the user the permission ${name} (project: Admin, Permissions).`,
  })
  const proveChoice = (what: Vocabulary, value: number | string | undefined): readonly Probe[] => {
    if (value === undefined) return []
    const sought = seek(what, value)
    const todo = 'Correct the option, by the name that the project shows.'
    return [{ about: `${sought.noun} ${value}`, lookup: { call: projectRead, ...sought }, todo }]
  }
  const proveItem = (option: string, of: Kind, id: number | undefined): readonly Probe[] => {
    const { noun, path } = KINDS[of]
    const lookup = { call: call(config, 'GET', `${path}/${id}`) }
    return id === undefined ? [] : [{ about: `${noun} ${id}`, lookup, todo: `Correct the option ${option}.` }]
  }
  return [
    {
      about: `project ${project}`,
      lookup: { call: projectRead, noun: `project ${project}` },
      todo: 'Correct project, and make the user of the credential a member of it.',
    },
    ...rights.map(proveRight),
    ...[...new Set(Object.values(statuses))].flatMap(status => proveChoice(kind, status)),
    ...OPTIONS.flatMap(option => proveChoice(option, config[option])),
    ...proveItem('epic', 'epic', epic),
    ...proveItem('story', 'userstory', story),
  ]
}
