import { failure, omitUndefined } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Result } from '../../operations/operation.ts'
import type { Performed } from '../../operations/perform.ts'
import {
  bodyOf,
  define,
  id,
  key,
  type NamedTool,
  named,
  needVersion,
  type Row,
  readId,
  SETS,
  STORY,
  showItem,
  TASK,
  type Taiga,
  tags,
  text,
  version,
  WRITES,
} from './call.ts'

const updateStory = async (
  taiga: Taiga,
  given: Readonly<{
    user_story_id: number
    subject?: string | undefined
    description?: string | null | undefined
    status?: number | string | undefined
    tags?: readonly string[] | null | undefined
    assigned_to?: number | null | undefined
    milestone_id?: number | null | undefined
    epic_id?: number | undefined
    custom_attributes?: Readonly<Record<string, unknown>> | undefined
    version?: number | undefined
  }>,
): Promise<Result> => {
  const { user_story_id: issue, epic_id: epic, custom_attributes: values } = given
  const fields = omitUndefined({
    title: given.subject,
    body: bodyOf(given.description),
    status: given.status,
    labels: given.tags === null ? [] : given.tags,
    assignee: given.assigned_to,
    milestone: given.milestone_id,
  } as Record<string, unknown>)
  await needVersion(taiga, 'getStory', issue, given.version)
  const calls: (readonly [string, object])[] = [
    ...(Object.keys(fields).length === 0 ? [] : [['updateStory', { issue, ...fields }] as const]),
    ...(epic === undefined ? [] : [['addStoryToEpic', { epic, story: issue }] as const]),
    ...(values === undefined ? [] : [['setCustomAttributes', { kind: 'userstory', issue, values }] as const]),
  ]
  let last: Performed | undefined
  for (const [action, input] of calls) last = await taiga.write(action, input)
  if (last === undefined)
    throw failure('INVALID_INPUT', { field: 'taiga.stories.update', problem: 'no field to change' })
  return showItem(taiga, 'getStory', issue, last, STORY)
}

/** The tools that write. */
export const writes: readonly NamedTool[] = [
  define(
    'stories.create',
    'Creates a user story.',
    z.strictObject({
      project_id: id,
      subject: z.string().min(1),
      description: text,
      status: named,
      tags,
      assigned_to: id.nullable().optional(),
      key,
    }),
    WRITES,
    async (taiga, given) => {
      const made = await taiga.write(
        'createStory',
        {
          project: given.project_id,
          title: given.subject,
          body: bodyOf(given.description ?? undefined),
          status: given.status,
          labels: given.tags ?? undefined,
          assignee: given.assigned_to ?? undefined,
        },
        { key: given.key },
      )
      return showItem(taiga, 'getStory', readId(made), made, STORY)
    },
  ),
  define(
    'stories.update',
    'Changes fields of a user story; only those that are given.',
    z.strictObject({
      user_story_id: id,
      subject: z.string().min(1).optional(),
      description: text,
      status: named,
      tags: tags.describe('Replaces all tags.'),
      assigned_to: id.nullable().optional(),
      epic_id: id.optional().describe('Adds it to this epic.'),
      milestone_id: id.nullable().optional(),
      custom_attributes: z.record(z.string(), z.unknown()).optional().describe('By the id of the attribute.'),
      version,
    }),
    SETS,
    updateStory,
  ),
  define(
    'epics.add_user_story',
    'Adds a user story to an epic.',
    z.strictObject({ epic_id: id, user_story_id: id }),
    SETS,
    async ({ write }, { epic_id: epic, user_story_id: story }) => {
      const { state, key: delivery } = await write('addStoryToEpic', { epic, story })
      return { epic, user_story: story, state, key: delivery }
    },
  ),
  define(
    'tasks.create',
    'Creates a task of a user story.',
    z.strictObject({
      user_story_id: id,
      subject: z.string().min(1),
      description: text,
      assigned_to: id.nullable().optional(),
      status: named,
      tags,
      due_date: z.iso.date().nullable().optional(),
      idempotency_key: key,
    }),
    WRITES,
    async (taiga, given) => {
      const { project } = (await taiga.read('getStory', { id: given.user_story_id })) as Row
      const made = await taiga.write(
        'createTask',
        {
          project,
          story: given.user_story_id,
          title: given.subject,
          body: bodyOf(given.description ?? undefined),
          status: given.status,
          labels: given.tags ?? undefined,
          assignee: given.assigned_to ?? undefined,
          dueDate: given.due_date ?? undefined,
        },
        { key: given.idempotency_key },
      )
      return showItem(taiga, 'getTask', readId(made), made, TASK)
    },
  ),
  define(
    'tasks.update',
    'Changes fields of a task; only those that are given.',
    z.strictObject({
      task_id: id,
      subject: z.string().min(1).optional(),
      description: text,
      assigned_to: id.nullable().optional(),
      status: named,
      tags: tags.describe('Replaces all tags.'),
      due_date: z.iso.date().nullable().optional(),
      version,
    }),
    SETS,
    async (taiga, { task_id: issue, ...given }) => {
      await needVersion(taiga, 'getTask', issue, given.version)
      const last = await taiga.write('updateTask', {
        issue,
        title: given.subject,
        body: bodyOf(given.description),
        status: given.status,
        labels: given.tags === null ? [] : given.tags,
        assignee: given.assigned_to,
        dueDate: given.due_date,
      })
      return showItem(taiga, 'getTask', issue, last, TASK)
    },
  ),
]
