import type { Json } from '@sessionwire/core/adapter'
import type { Answer } from '@sessionwire/core/testing'
import { rowOf } from './fields.ts'
import { listPages } from './lists.ts'
import {
  type Asked,
  type Choice,
  type Fields,
  type Kind,
  missing,
  projectOf,
  RIGHTS,
  type StoredItem,
  type StoredProject,
} from './world.ts'

/** Default names are translated by the language that is asked for; slugs stay. */
const SPANISH: Readonly<Record<string, string>> = {
  New: 'Nueva',
  'In progress': 'En curso',
  Done: 'Hecha',
  Closed: 'Cerrada',
  High: 'Alta',
  Critical: 'Crítica',
}

const translate = ({ spanish }: Asked, choices: readonly Choice[]): Json =>
  choices.map((each, order) => ({
    ...each,
    name: spanish ? (SPANISH[each.name] ?? each.name) : each.name,
    order,
  }))

/** A project as lists show it, or with everything that can be chosen in it. */
const projectShown = (asked: Asked, project: StoredProject, whole: boolean): Fields => {
  const { world, user } = asked
  const members = world.users.filter(({ id }) => project.members.includes(id))
  const lists = Object.entries(project.choices).map(
    ([list, choices]) => [list, translate(asked, choices)] as const,
  )
  return {
    id: project.id,
    name: project.name,
    slug: project.slug,
    description: project.name,
    is_private: true,
    blocked_code: project.blocked,
    i_am_member: project.members.includes(user.id),
    my_permissions: RIGHTS.filter(right => !project.denied.includes(right)),
    ...(whole
      ? {
          ...Object.fromEntries(lists),
          members: members.map(({ id, username, fullName }) => ({
            id,
            username,
            full_name: fullName,
            full_name_display: fullName,
            is_active: true,
          })),
          userstory_custom_attributes: [
            { id: 31, name: 'Build', type: 'url' },
            { id: 32, name: 'Team', type: 'text' },
          ],
          task_custom_attributes: [],
          issue_custom_attributes: [],
          epic_custom_attributes: [],
        }
      : { members: [...project.members] }),
  }
}

/** One project, for those who may know of it. */
export const getProject = (
  asked: Asked,
  find: (project: StoredProject) => boolean,
  hidden: Answer,
): Answer => {
  const project = asked.world.projects.find(find)
  if (project === undefined) return missing('Project')
  return project.members.includes(asked.user.id)
    ? { status: 200, body: projectShown(asked, project, true) }
    : hidden
}

/** Projects one may see, or those of a member. */
export const listProjects = (asked: Asked): Answer => {
  const { member, q } = asked.request.query
  const rows = asked.world.projects.filter(
    ({ members, name }) =>
      members.includes(asked.user.id) &&
      (member === undefined || members.includes(Number(member))) &&
      (q === undefined || name.toLowerCase().includes(q.toLowerCase())),
  )
  return listPages(
    asked.request,
    rows.map(project => projectShown(asked, project, false)),
  )
}

/** Milestones of a project. */
export const listMilestones = (asked: Asked): Answer => {
  const { query } = asked.request
  const rows = asked.world.projects
    .filter(
      ({ id, slug, members }) =>
        members.includes(asked.user.id) &&
        (query.project === undefined || String(id) === query.project) &&
        (query.project__slug === undefined || slug === query.project__slug),
    )
    .flatMap(({ id, choices }) =>
      (choices.milestones ?? []).map(each => ({
        ...each,
        project: id,
        closed: false,
        estimated_start: '2026-01-01',
        estimated_finish: '2026-01-15',
        user_stories: [],
      })),
    )
  return listPages(asked.request, query.closed === 'true' ? [] : rows)
}

/** An item by the number people see. */
export const byRef = (asked: Asked, kind: Kind, show: (item: StoredItem) => Answer): Answer => {
  const project = projectOf(asked, asked.request.query)
  const item = asked.world.items.find(
    each =>
      each.kind === kind && each.project === project?.id && String(each.ref) === asked.request.query.ref,
  )
  return project === undefined || item === undefined ? missing(rowOf(kind)?.name ?? kind) : show(item)
}
