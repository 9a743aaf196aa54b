import type { Lookup, Probe } from '@sessionwire/core/adapter'
import { call, KINDS, projectCall } from './actions/call.ts'
import { seek, type Vocabulary } from './actions/choose.ts'
import type { TaigaConfig } from './config.ts'

/** Reads that prove the target of the hooks: the project, the rights in it, and what the options name in it. */
export const probes = (config: TaigaConfig): readonly Probe[] => {
  const { project, kind, statuses, exportTo, epic, story } = config
  const projectRead = projectCall(config, project)
  const right = KINDS[kind].right
  const rights = [
    ...['add', 'modify', 'comment'].map(verb => `${verb}_${right}`),
    ...(exportTo === 'wiki' ? ['add_wiki_page', 'modify_wiki_page'] : []),
    ...(epic === undefined ? [] : ['modify_epic']),
  ]
  const chosen: readonly (readonly [Vocabulary, number | string | undefined])[] = [
    ...[...new Set(Object.values(statuses))].map(status => [kind, status] as const),
    ...(['milestone', 'assignee', 'type', 'severity', 'priority'] as const).map(
      option => [option, config[option]] as const,
    ),
  ]
  const items = [
    { noun: 'epic', option: 'epic', path: 'epics', id: epic },
    { noun: 'user story', option: 'story', path: 'userstories', id: story },
  ]
  const proof = (about: string, lookup: Lookup, todo: string): Probe => ({ about, lookup, todo })
  return [
    proof(
      `project ${project}`,
      { call: projectRead, noun: `project ${project}` },
      'Correct project, and make the user of the credential a member of it.',
    ),
    ...rights.map(name =>
      proof(
        `permission ${name}`,
        { call: projectRead, list: '/my_permissions', where: { pointer: '', equals: name } },
        `Give the role of the user the permission ${name} (project: Admin, Permissions).`,
      ),
    ),
    ...chosen.flatMap(([what, value]) =>
      value === undefined
        ? []
        : [
            proof(
              `${seek(what, value).noun} ${value}`,
              { call: projectRead, ...seek(what, value) },
              'Correct the option, by the name that the project shows.',
            ),
          ],
    ),
    ...items.flatMap(({ noun, option, path, id }) =>
      id === undefined
        ? []
        : [
            proof(
              `${noun} ${id}`,
              { call: call(config, 'GET', `${path}/${id}`) },
              `Correct the option ${option}.`,
            ),
          ],
    ),
  ]
}
