import { failure } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Result } from '../../operations/operation.ts'
import type { Performed } from '../../operations/perform.ts'
import { inputOf, newInputOf, type Row, SHOWN } from '../../taiga/fields.ts'
import {
  define,
  id,
  key,
  type NamedTool,
  named,
  needVersion,
  readId,
  SETS,
  showItem,
  type Taiga,
  tags,
  text,
  version,
  WRITES,
} from './call.ts'

const updateStory = async (
  taiga: Taiga,
  given: Row & Readonly<{ user_story_id: number; version?: number | undefined }>,
): Promise<Result> => {
  const { user_story_id: issue, epic_id: epic, custom_attributes: values, version: wanted, ...rest } = given
  const fields = inputOf(rest)
  await needVersion(taiga, 'getStory', issue, wanted)
  const calls: (readonly [string, object])[] = [
    ...(Object.keys(fields).length === 0 ? [] : [['updateStory', { issue, ...fields }] as const]),
    ...(epic === undefined ? [] : [['addStoryToEpic', { epic, story: issue }] as const]),
    ...(values === undefined ? [] : [['setCustomAttributes', { kind: 'userstory', issue, values }] as const]),
  ]
  let last: Performed | undefined
  for (const [action, input] of calls) last = await taiga.write(action, input)
  if (last === undefined)
    throw failure('INVALID_INPUT', { field: 'taiga.stories.update', problem: 'no field to change' })
  return showItem(taiga, 'getStory', issue, last, SHOWN.tools.story)
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
        { project: given.project_id, ...newInputOf(given) },
        { key: given.key },
      )
      return showItem(taiga, 'getStory', readId(made), made, SHOWN.tools.story)
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
      const { project } = (await taiga.read('getStory', { issue: given.user_story_id })) as Row
      const made = await taiga.write(
        'createTask',
        { project, ...newInputOf(given) },
        { key: given.idempotency_key },
      )
      return showItem(taiga, 'getTask', readId(made), made, SHOWN.tools.task)
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
      const last = await taiga.write('updateTask', { issue, ...inputOf(given) })
      return showItem(taiga, 'getTask', issue, last, SHOWN.tools.task)
    },
  ),
]
