import type { Json, Lookup } from '@sessionwire/core/adapter'
import type { TaigaConfig } from '../config.ts'
import { KINDS, type Kind, type ProjectId, projectById, VOCABULARY_MS } from './call.ts'

const LISTS = {
  milestone: { noun: 'milestone', list: '/milestones', pointer: '/name' },
  assignee: { noun: 'member', list: '/members', pointer: '/username' },
  priority: { noun: 'priority', list: '/priorities', pointer: '/name' },
  severity: { noun: 'severity', list: '/severities', pointer: '/name' },
  type: { noun: 'issue type', list: '/issue_types', pointer: '/name' },
} as const

/** The lists of a project in which names are chosen: the statuses of a kind, its milestones, members (by user name), priorities, severities and types. */
export type Vocabulary = Kind | keyof typeof LISTS

const listOf = (what: Vocabulary) =>
  what in KINDS
    ? { noun: 'status', list: KINDS[what as Kind].statuses, pointer: '/name' }
    : LISTS[what as keyof typeof LISTS]

/** How an id or name is found in what a project says of itself: a name exactly, else in any case, else by its slug. */
export const seek = (
  what: Vocabulary,
  value: number | string,
): Required<Pick<Lookup, 'list' | 'noun' | 'where'>> => {
  const { noun, list, pointer } = listOf(what)
  return {
    noun,
    list,
    where:
      typeof value === 'number'
        ? { pointer: '/id', equals: value }
        : { pointer, equals: value, anyCase: true },
  }
}

/** A chosen id or its placeholder, and the read that finds it. */
export type Choice = Readonly<{ id: Json; before: readonly Lookup[] }>

/** Something of a project by id or name; undefined where nothing was given. */
export const choose = (
  config: TaigaConfig,
  what: Vocabulary,
  value: number | string | null | undefined,
  project: ProjectId,
): Choice | undefined => {
  if (value === undefined) return undefined
  if (value === null || typeof value === 'number') return { id: value, before: [] }
  const into = what in KINDS ? 'status' : what
  return {
    id: { $ref: into },
    before: [
      {
        call: projectById(config, project),
        ...seek(what, value),
        captures: { [into]: '/id' },
        cacheMs: VOCABULARY_MS,
      },
    ],
  }
}
