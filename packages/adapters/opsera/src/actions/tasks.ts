import { action, invalidConfig, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, OpseraConfig } from '../config.ts'
import { type Fields as Body, call, linkName } from './call.ts'
import { Answer, ExternalId, Fields, Line, Text } from './input.ts'

const WHY =
  "a task of Opsera is an automation job (a scan, a migration, a sync) and no item of a to-do list, and no page of Opsera's shows this request"

/** Throws `CONFIG` unless the configuration allows it. */
const assertAllowed = (name: string, { tasks }: OpseraConfig): void => {
  if (tasks) return
  throw invalidConfig({
    field: 'opsera.tasks',
    problem: `${name} is off, as ${WHY}`,
    todo: 'Set tasks: true in opsera() once you have seen what yours makes of it.',
  })
}

/** The look-up of a task by our own id. */
export const findTask = (config: OpseraConfig, externalId: string, name: string) => {
  const captures: Readonly<Record<string, string>> = { [name]: config.pointers.taskId }
  return {
    call: call(config, 'POST', 'findTasks', { payload: { externalId } }),
    list: config.pointers.tasks,
    where: { pointer: config.pointers.taskExternalId, equals: externalId },
    captures,
  }
}

/** A new task, which is looked for by its external id before it is created. */
export const taskDraft = (
  body: Body & Readonly<{ externalId: string }>,
  name: string,
  config: OpseraConfig,
) => {
  const lookup = findTask(config, body.externalId, name)
  return {
    ...call(config, 'POST', 'task', { payload: body }),
    captures: lookup.captures,
    repeat: { by: 'mark', first: true, ...lookup },
    asterisk: `A${WHY.slice(1)}.`,
  } as const
}

const createTask = action(
  'createTask',
  z.strictObject({
    name: Line,
    description: Text.optional(),
    /** Default: the delivery's key. */
    externalId: ExternalId.optional(),
    /** Further fields that your Opsera needs of a task: type, tool, configuration. Sent as they stand. */
    fields: Fields.optional(),
  }),
  ({ name, description, externalId, fields }, { key, config }: Here) =>
    taskDraft({ name, description, ...fields, externalId: externalId ?? key }, linkName('task', key), config),
  {
    about: `Creates a task, unless there is one of its external id. Off unless \`tasks: true\`: ${WHY}.`,
    example: { name: 'Fix double charging', description: 'Two webhooks at once charge a customer twice.' },
  },
)

/** Tasks, which are automation jobs. */
export const tasks = {
  createTask: Object.assign((raw: z.input<typeof createTask.input>) => {
    const step = createTask(raw)
    return (at: Here) => {
      assertAllowed('createTask', at.config)
      return step(at)
    }
  }, createTask),
  listTasks: read(
    'listTasks',
    z.strictObject({ body: Fields.default({}) }),
    Answer,
    ({ body }, { config }: Here) => {
      assertAllowed('listTasks', config)
      return { call: call(config, 'POST', 'tasks', { payload: body }) }
    },
    {
      about:
        'Lists tasks, by one guide; by another listing the same request creates a batch of them. Off unless `tasks: true`.',
      example: {},
    },
  ),
  getTaskStatuses: read(
    'getTaskStatuses',
    z.strictObject({ body: Fields.default({}) }),
    Answer,
    ({ body }, { config }: Here) => ({ call: call(config, 'POST', 'taskStatuses', { payload: body }) }),
    {
      about: 'States of tasks. Its input is documented nowhere: `body` is sent as it stands.',
      example: { body: { ids: ['5f3a1c2b9d8e7f6a5b4c3d2e'] } },
    },
  ),
  findTasks: read(
    'findTasks',
    z.strictObject({ body: Fields.default({}) }),
    Answer,
    ({ body }, { config }: Here) => ({ call: call(config, 'POST', 'findTasks', { payload: body }) }),
    {
      about: 'Looks tasks up. Its input is documented nowhere: `body` is sent as it stands.',
      example: { body: { name: 'nightly-scan' } },
    },
  ),
}
