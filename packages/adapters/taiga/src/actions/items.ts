import { action, type Json } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { call, captureName, foundByTag, KINDS, type Kind, markOf, projectId, withBefore } from './call.ts'
import { changed, created, fieldsOf, type Given } from './fields.ts'
import { Id, type Item, Project, readFirst } from './input.ts'

type Captures = Readonly<Record<string, string>>
type Making = Given & Readonly<{ tags?: readonly string[] | undefined }>
type Changing = Making & Readonly<{ id: Item; addTags?: readonly string[] | undefined }>

/** A create with our tag on it. After doubt it is looked up by that tag: Taiga may store what it answers with 500. */
export const create = (
  kind: Kind,
  { key, config }: Here,
  given: Making,
  project: number | string,
  captures: Captures,
) => {
  const mark = markOf(key)
  const where = projectId(config, project)
  const { payload, before } = fieldsOf(config, kind, given, project)
  const tags = [...new Set([...(given.tags ?? []), mark])]
  return {
    ...call(config, 'POST', KINDS[kind].path, { payload: { project: where.id, ...payload, tags } }),
    ...withBefore([...where.before, ...before]),
    captures,
    repeat: { ...foundByTag(config, kind, project, mark), captures },
  }
}

const tagsOf = ({ tags, addTags }: Changing): Json | undefined =>
  // Taiga answers tags as pairs with their colour, so those that are added are pairs as well.
  addTags === undefined ? tags : { $ref: 'tags', with: addTags.map(tag => [tag, null]) }

const isChange = ({ id: _, ...given }: object & { readonly id?: unknown }) =>
  Object.values(given).some(value => value !== undefined)

const update = (kind: Kind, { config }: Here, given: Changing) => {
  const { payload, before } = fieldsOf(config, kind, given, { $ref: 'project' })
  const item = readFirst(config, kind, given.id, {
    ...(before.length > 0 ? { project: '/project' } : {}),
    ...(given.addTags === undefined ? {} : { tags: '/tags' }),
  })
  const tags = tagsOf(given)
  const name = given.id.by === 'ref' ? `#${given.id.ref} ${given.id.project ?? ''}`.trim() : item.place
  return {
    ...call(config, 'PATCH', `${KINDS[kind].path}/${item.place}`, {
      payload: { ...payload, tags, version: { $ref: 'version' } },
    }),
    before: [...item.before, ...before],
    repeat: 'safe' as const,
    coalesce: { name: `${KINDS[kind].noun} ${name}`, keep: true as const },
  }
}

const remove = (kind: Kind, { config }: Here, id: number) => ({
  ...call(config, 'DELETE', `${KINDS[kind].path}/${id}`),
  repeat: 'safe' as const,
  coalesce: { name: `delete ${KINDS[kind].noun} ${id}`, keep: true as const },
})

const change = <S extends z.ZodRawShape>(shape: S) =>
  z
    .strictObject(shape)
    .refine(given => isChange(given), 'give at least one field to change')
    .refine(given => !('tags' in given && 'addTags' in given), {
      message: 'give tags, which replaces all of them, or addTags, not both',
      path: ['addTags'],
    })
    .refine(given => !('tags' in given && (given as { id?: Item }).id?.by === 'session'), {
      message: "would take the mark off the session's own card by which it is found again: give addTags",
      path: ['tags'],
    })

const made = (
  kind: Kind,
  at: Here,
  { project, ...given }: Making & { project?: number | string | undefined },
) =>
  create(kind, at, given, project ?? at.config.project, {
    [captureName(KINDS[kind].noun.replace(' ', '-'), at.key)]: '/id',
  })

const destructive = { effect: 'destructive', example: { id: 4711 } } as const
const Removed = z.strictObject({ id: Id })

/** Making, changing and deleting stories, tasks, issues and epics. */
export const items = {
  createStory: action(
    'createStory',
    z.strictObject({ project: Project.optional(), ...created.userstory }),
    (given, at: Here) => made('userstory', at, given),
    {
      about: 'Creates a user story.',
      example: { subject: 'Charge an invoice once', status: 'New', tags: ['payments'] },
    },
  ),
  updateStory: action(
    'updateStory',
    change(changed.userstory),
    (given, at: Here) => update('userstory', at, given),
    {
      about: 'Changes fields of a user story; only those that are given.',
      example: { id: '#42', status: 'in-progress', addTags: ['payments'] },
    },
  ),
  deleteStory: action('deleteStory', Removed, ({ id }, at: Here) => remove('userstory', at, id), {
    about: 'Deletes a user story and its tasks.',
    ...destructive,
  }),
  createTask: action(
    'createTask',
    z.strictObject({ project: Project.optional(), ...created.task }),
    (given, at: Here) => made('task', at, given),
    {
      about: 'Creates a task, of a user story or of none.',
      example: { subject: 'Write a test with two webhooks', story: 4711 },
    },
  ),
  updateTask: action('updateTask', change(changed.task), (given, at: Here) => update('task', at, given), {
    about: 'Changes fields of a task; only those that are given.',
    example: { id: 4712, status: 'Closed' },
  }),
  deleteTask: action('deleteTask', Removed, ({ id }, at: Here) => remove('task', at, id), {
    about: 'Deletes a task.',
    ...destructive,
    example: { id: 4712 },
  }),
  createIssue: action(
    'createIssue',
    z.strictObject({ project: Project.optional(), ...created.issue }),
    (given, at: Here) => made('issue', at, given),
    {
      about: 'Creates an issue.',
      example: {
        subject: 'A customer is charged twice',
        type: 'Bug',
        severity: 'Critical',
        priority: 'High',
      },
    },
  ),
  updateIssue: action('updateIssue', change(changed.issue), (given, at: Here) => update('issue', at, given), {
    about: 'Changes fields of an issue; only those that are given.',
    example: { id: 4713, status: 'Ready for test', assignedTo: 'bob' },
  }),
  deleteIssue: action('deleteIssue', Removed, ({ id }, at: Here) => remove('issue', at, id), {
    about: 'Deletes an issue.',
    ...destructive,
    example: { id: 4713 },
  }),
  createEpic: action(
    'createEpic',
    z.strictObject({ project: Project.optional(), ...created.epic }),
    (given, at: Here) => made('epic', at, given),
    {
      about: 'Creates an epic; where the module is off, nobody sees it.',
      example: { subject: 'Payments that never double', color: '#83b1d1' },
    },
  ),
  updateEpic: action('updateEpic', change(changed.epic), (given, at: Here) => update('epic', at, given), {
    about: 'Changes fields of an epic; only those that are given.',
    example: { id: 4714, status: 'done' },
  }),
  deleteEpic: action('deleteEpic', Removed, ({ id }, at: Here) => remove('epic', at, id), {
    about: 'Deletes an epic; its user stories stay.',
    ...destructive,
    example: { id: 4714 },
  }),
}
