import { failure } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { pick, type Row, SHOWN } from '../../taiga/fields.ts'
import { define, id, type NamedTool, named, paging, READS, sought, type Taiga } from './call.ts'

/** The id of a task's status by its name or slug. */
const statusIds = async (
  { rows }: Taiga,
  project: number | undefined,
  status: number | string | undefined,
) => {
  if (status === undefined) return undefined
  if (typeof status === 'number') return [status]
  const all = await rows('listStatuses', { kind: 'task', project })
  const found = all.find(row => row.name === status || row.slug === status)
  if (found === undefined)
    throw failure('INVALID_INPUT', {
      field: 'status',
      problem: `unknown status ${JSON.stringify(status)}`,
      expected: `one of ${all.map(row => String(row.name)).join(', ')}`,
    })
  return [found.id]
}

/** The tools that only read. */
export const reads: readonly NamedTool[] = [
  define(
    'projects.list',
    'Lists the projects that the account is a member of.',
    z.strictObject({ search: z.string().optional().describe('Words in the name.') }),
    READS,
    async ({ read, rows }, { search }) => {
      const { id: member } = (await read('whoAmI', {})) as Row
      const found = sought(await rows('listProjects', { member }), search, ['name'])
      return { projects: found.map(row => pick(row, SHOWN.project)) }
    },
  ),
  define(
    'projects.get',
    'Reads a project by id or slug.',
    z.strictObject({ project_id: id.optional(), slug: z.string().min(1).optional() }),
    READS,
    async ({ read }, { project_id, slug }) => {
      if ((project_id === undefined) === (slug === undefined))
        throw failure('INVALID_INPUT', {
          field: 'taiga.projects.get',
          problem: 'give either project_id or slug',
        })
      return (await (slug === undefined
        ? read('getProject', { id: project_id })
        : read('findProject', { slug }))) as Row
    },
  ),
  define(
    'epics.list',
    'Lists the epics of a project.',
    z.strictObject({ project_id: id }),
    READS,
    async ({ rows }, { project_id: project }) => ({
      epics: (await rows('listEpics', { project })).map(row => pick(row, SHOWN.epics)),
    }),
  ),
  define(
    'stories.list',
    'Lists user stories of a project.',
    z.strictObject({
      project_id: id,
      search: z.string().optional(),
      epic_id: id.optional(),
      tags: z.array(z.string()).optional(),
      ...paging,
    }),
    READS,
    async (
      { rows },
      { project_id: project, search, epic_id: epic, tags: labels, page, page_size: pageSize },
    ) => ({
      stories: (
        await rows('listStories', { project, query: search || undefined, epic, labels, page, pageSize })
      ).map(row => pick(row, SHOWN.tools.stories)),
    }),
  ),
  define(
    'tasks.list',
    'Lists tasks of a project or of a user story.',
    z.strictObject({
      project_id: id.optional(),
      user_story_id: id.optional(),
      assigned_to: id.optional(),
      search: z.string().optional(),
      status: named,
      ...paging,
    }),
    READS,
    async (taiga, { project_id: project, page, page_size: pageSize, ...given }) => {
      const found = await taiga.rows('listTasks', {
        project,
        story: given.user_story_id,
        assignee: given.assigned_to === undefined ? undefined : [given.assigned_to],
        query: given.search || undefined,
        status: await statusIds(taiga, project, given.status),
        page,
        pageSize,
      })
      const tasks = found.map(row => pick(row, SHOWN.tools.task))
      return { tasks, pagination: { page: page ?? 1, page_size: pageSize ?? null, count: tasks.length } }
    },
  ),
  define(
    'users.list',
    'Lists the members of a project.',
    z.strictObject({
      project_id: id.optional(),
      search: z.string().optional().describe('Words in the name, user name or mail address.'),
    }),
    READS,
    async ({ rows }, { project_id: project, search }) => ({
      users: sought(
        (await rows('listUsers', { project })).map(row => ({ full_name: row.full_name_display, ...row })),
        search,
        ['full_name', 'username', 'email'],
      ).map(row => pick(row, SHOWN.user)),
    }),
  ),
  define(
    'milestones.list',
    'Lists the milestones (sprints) of a project.',
    z.strictObject({ project_id: id, search: z.string().optional().describe('Words in the name or slug.') }),
    READS,
    async ({ rows }, { project_id: project, search }) => ({
      milestones: sought(await rows('listMilestones', { project }), search, ['name', 'slug']).map(row =>
        pick(row, SHOWN.milestone),
      ),
    }),
  ),
  define(
    'diagnostics',
    'Shows which account is used and which projects it sees. It gives no secret.',
    z.strictObject({ project_slug: z.string().optional() }),
    READS,
    async ({ read, rows }, { project_slug: slug }) => {
      const me = (await read('whoAmI', {})) as Row
      const projects = await rows('listProjects', { member: me.id })
      const found = projects.find(row => row.slug === slug)
      return {
        user_id: me.id,
        projects_count: projects.length,
        project_slugs_sample: projects.slice(0, 10).map(row => row.slug),
        matched_project: found === undefined ? null : pick(found, SHOWN.matched),
      }
    },
  ),
]
