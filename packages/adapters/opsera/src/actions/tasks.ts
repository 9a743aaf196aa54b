import { action, read, TrackerError } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, OpseraConfig } from '../config.ts'
import { call } from './call.ts'
import { Answer, ExternalId, Fields, Line, Text } from './input.ts'

const WHY =
  "a task of Opsera is an automation job (a scan, a migration, a sync) and no item of a to-do list, and no page of Opsera's shows this request"

/** Throws `CONFIG` unless the configuration says that somebody looked. */
const allow = (name: string, { tasks: on }: OpseraConfig): void => {
  if (on) return
  throw new TrackerError(
    'CONFIG',
    `${name} is off: ${WHY}. Set tasks: true in opsera() once you have seen what yours makes of it.`,
    { field: 'tasks' },
  )
}

const createTask = action(
  'createTask',
  z.strictObject({
    name: Line,
    description: Text.optional(),
    /** Default the delivery's key. */
    externalId: ExternalId.optional(),
    /** What else your Opsera wants of a task: type, tool, configuration. Sent as it stands. */
    fields: Fields.optional(),
  }),
  ({ name, description, externalId, fields }, { key, config }: Here) => ({
    ...call(config, 'POST', 'task', {
      payload: { name, description, externalId: externalId ?? key, ...fields },
    }),
    repeat: 'unsafe',
    asterisk: `A${WHY.slice(1)}.`,
  }),
  {
    about: `Makes a task. Off unless \`tasks: true\`: ${WHY}.`,
    example: { name: 'Fix double charging', description: 'Two webhooks at once charge a customer twice.' },
  },
)

/** Tasks, which are automation jobs. */
export const tasks = {
  createTask: Object.assign((raw: z.input<typeof createTask.input>) => {
    const step = createTask(raw)
    return (at: Here) => {
      allow('createTask', at.config)
      return step(at)
    }
  }, createTask),
  tasks: read(
    'tasks',
    z.strictObject({ body: Fields.default({}) }),
    Answer,
    ({ body }, { config }: Here) => {
      allow('tasks', config)
      return { call: call(config, 'POST', 'tasks', { payload: body }) }
    },
    {
      about:
        'Lists tasks, by what one guide says; by another listing the same request makes a batch of them. Off unless `tasks: true`.',
      example: {},
    },
  ),
  taskStatuses: read(
    'taskStatuses',
    z.strictObject({ body: Fields.default({}) }),
    Answer,
    ({ body }, { config }: Here) => ({ call: call(config, 'POST', 'taskStatuses', { payload: body }) }),
    {
      about: 'How tasks stand. What it is asked with is documented nowhere: `body` is sent as it stands.',
      example: { body: { ids: ['5f3a1c2b9d8e7f6a5b4c3d2e'] } },
    },
  ),
  findTasks: read(
    'findTasks',
    z.strictObject({ body: Fields.default({}) }),
    Answer,
    ({ body }, { config }: Here) => ({ call: call(config, 'POST', 'findTasks', { payload: body }) }),
    {
      about: 'Looks tasks up. What it is asked with is documented nowhere: `body` is sent as it stands.',
      example: { body: { name: 'nightly-scan' } },
    },
  ),
}
