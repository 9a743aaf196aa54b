import type { Json, Lookup } from '@sessionwire/core/adapter'
import type { TaigaConfig } from '../config.ts'
import { KINDS, type Kind, projectCall, VOCABULARY_MS } from './call.ts'

/** The project a choice is made in: by id or slug, or the one an earlier read named. */
export type Of = number | string | Readonly<{ $ref: string }>

/** What stands for a chosen id, and the read that finds it. */
export type Choice = Readonly<{ id: Json; before: readonly Lookup[] }>

type Sought = Readonly<{
  into: string
  noun: string
  list: string
  where: NonNullable<Lookup['where']>
  offer: string
}>

const choose = (config: TaigaConfig, of: Of, { into, ...sought }: Sought): Choice => ({
  id: { $ref: into },
  before: [{ call: projectCall(config, of), ...sought, captures: { [into]: '/id' }, cacheMs: VOCABULARY_MS }],
})

/** What Taiga makes of a name in plain letters; undefined for others, which it spells in ways of its own. */
const slugOf = (name: string): string | undefined => {
  if (!/^[ -~]+$/.test(name)) return undefined
  const slug = name
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/[-\s]+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '')
  return slug === '' ? undefined : slug
}

/** A status by id, name or slug. The slug is made of the name, so both are sought by it; other letters by name. */
export const statusBy = (config: TaigaConfig, kind: Kind, status: number | string, of: Of): Choice => {
  if (typeof status === 'number') return { id: status, before: [] }
  const slug = slugOf(status)
  return choose(config, of, {
    into: 'status',
    noun: 'status',
    list: KINDS[kind].statuses,
    where:
      slug === undefined
        ? { pointer: '/name', equals: status, anyCase: true }
        : { pointer: '/slug', equals: slug },
    offer: '/name',
  })
}

const NAMED = {
  milestone: { noun: 'milestone', list: '/milestones', pointer: '/name' },
  assignedTo: { noun: 'member', list: '/members', pointer: '/username' },
  priority: { noun: 'priority', list: '/priorities', pointer: '/name' },
  severity: { noun: 'severity', list: '/severities', pointer: '/name' },
  type: { noun: 'issue type', list: '/issue_types', pointer: '/name' },
} as const

/** Something of a project by id or name: a milestone, a member (by user name), a priority, a severity, a type. */
export const namedBy = (
  config: TaigaConfig,
  what: keyof typeof NAMED,
  value: number | string | null | undefined,
  of: Of,
): Choice | undefined => {
  if (value === undefined) return undefined
  if (value === null || typeof value === 'number') return { id: value, before: [] }
  const { noun, list, pointer } = NAMED[what]
  return choose(config, of, {
    into: what,
    noun,
    list,
    where: { pointer, equals: value, anyCase: true },
    offer: pointer,
  })
}
