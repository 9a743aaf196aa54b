import { action } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, Id } from '../config.ts'
import { call, captureName, findByTag, KINDS, type Kind, markOf, projectId, withBefore } from './call.ts'
import { choose } from './choose.ts'
import { changed, created, fieldsOf, type Given } from './fields.ts'
import { type Item, Kinds, kindOf, Labels, Named, OrSession, Project, readFirst } from './input.ts'

type Captures = Readonly<Record<string, string>>
type Making = Given & Readonly<{ labels?: readonly string[] | undefined }>
type Changing = Making & Readonly<{ issue: Item }>

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
  const { payload, before } = fieldsOf(config, kind, given, where.id)
  const tags = [...new Set([...(given.labels ?? []), mark])]
  return {
    ...call(config, 'POST', KINDS[kind].path, { payload: { project: where.id, ...payload, tags } }),
    ...withBefore([...where.before, ...before]),
    captures,
    repeat: { ...findByTag(config, kind, project, mark), captures },
  }
}

/** An item as the name of what replaces what; the card of a session has none. */
const nameOf = (what: string, item: Item, place: string): string =>
  item.by === 'session'
    ? what
    : `${what} ${item.by === 'ref' ? `#${item.ref} ${item.project ?? ''}`.trim() : place}`

const update = (kind: Kind, { config }: Here, { issue, labels, ...given }: Changing) => {
  const { payload, before } = fieldsOf(config, kind, given, { $ref: 'project' })
  const item = readFirst(config, kind, issue, before.length > 0 ? { project: '/project' } : {})
  return {
    ...call(config, 'PATCH', `${KINDS[kind].path}/${item.place}`, {
      payload: { ...payload, tags: labels, version: { $ref: 'version' } },
    }),
    before: [...item.before, ...before],
    repeat: 'safe' as const,
    coalesce: { name: nameOf(KINDS[kind].noun, issue, item.place), keep: true as const },
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
    .refine(
      ({ issue: _, ...given }: { issue?: unknown }) =>
        Object.values(given).some(value => value !== undefined),
      'expected at least one field to change',
    )
    .refine(
      given => {
        const { issue, labels } = given as Readonly<{ issue?: Item; labels?: unknown }>
        return labels === undefined || issue?.by !== 'session'
      },
      {
        message: 'expected another issue: the card of the session is found by a tag, so use addLabels',
        path: ['labels'],
      },
    )

const createIn = (
  kind: Kind,
  at: Here,
  { project, ...given }: Making & { project?: number | string | undefined },
) =>
  create(kind, at, given, project ?? at.config.project, {
    [captureName(KINDS[kind].noun.replace(' ', '-'), at.key)]: '/id',
  })

const destructive = { effect: 'destructive', example: { issue: 4711 } } as const
const Removed = z.strictObject({ issue: Id })

/** Creates, changes and deletes stories, tasks, issues and epics. */
export const items = {
  createStory: action(
    'createStory',
    z.strictObject({ project: Project.optional(), ...created.userstory }),
    (given, at: Here) => createIn('userstory', at, given),
    {
      about: 'Creates a user story.',
      example: { title: 'Charge an invoice once', status: 'New', labels: ['payments'] },
    },
  ),
  updateStory: action(
    'updateStory',
    change(changed.userstory),
    (given, at: Here) => update('userstory', at, given),
    {
      about: 'Changes fields of a user story; only those that are given.',
      example: { issue: '#42', status: 'in-progress' },
    },
  ),
  deleteStory: action('deleteStory', Removed, ({ issue }, at: Here) => remove('userstory', at, issue), {
    about: 'Deletes a user story and its tasks.',
    ...destructive,
  }),
  createTask: action(
    'createTask',
    z.strictObject({ project: Project.optional(), ...created.task }),
    (given, at: Here) => createIn('task', at, given),
    {
      about: 'Creates a task, of a user story or of none.',
      example: { title: 'Write a test with two webhooks', story: 4711 },
    },
  ),
  updateTask: action('updateTask', change(changed.task), (given, at: Here) => update('task', at, given), {
    about: 'Changes fields of a task; only those that are given.',
    example: { issue: 4712, status: 'Closed' },
  }),
  deleteTask: action('deleteTask', Removed, ({ issue }, at: Here) => remove('task', at, issue), {
    about: 'Deletes a task.',
    ...destructive,
    example: { issue: 4712 },
  }),
  createIssue: action(
    'createIssue',
    z.strictObject({ project: Project.optional(), ...created.issue }),
    (given, at: Here) => createIn('issue', at, given),
    {
      about: 'Creates an issue.',
      example: {
        title: 'A customer is charged twice',
        type: 'Bug',
        severity: 'Critical',
        priority: 'High',
      },
    },
  ),
  updateIssue: action('updateIssue', change(changed.issue), (given, at: Here) => update('issue', at, given), {
    about: 'Changes fields of an issue; only those that are given.',
    example: { issue: 4713, status: 'Ready for test', assignee: 'bob' },
  }),
  deleteIssue: action('deleteIssue', Removed, ({ issue }, at: Here) => remove('issue', at, issue), {
    about: 'Deletes an issue.',
    ...destructive,
    example: { issue: 4713 },
  }),
  createEpic: action(
    'createEpic',
    z.strictObject({ project: Project.optional(), ...created.epic }),
    (given, at: Here) => createIn('epic', at, given),
    {
      about: 'Creates an epic; where the module is off, Taiga does not show it.',
      example: { title: 'Payments that never double', color: '#83b1d1' },
    },
  ),
  updateEpic: action('updateEpic', change(changed.epic), (given, at: Here) => update('epic', at, given), {
    about: 'Changes fields of an epic; only those that are given.',
    example: { issue: 4714, status: 'done' },
  }),
  deleteEpic: action('deleteEpic', Removed, ({ issue }, at: Here) => remove('epic', at, issue), {
    about: 'Deletes an epic; its user stories stay.',
    ...destructive,
    example: { issue: 4714 },
  }),
  setStatus: action(
    'setStatus',
    z.strictObject({ kind: Kinds.optional(), issue: OrSession, status: Named }),
    ({ kind: given, issue, status }, { config }: Here) => {
      const kind = kindOf(config, given, issue)
      const choice = choose(config, kind, status, { $ref: 'project' })
      const isNamed = choice !== undefined && choice.before.length > 0
      const item = readFirst(config, kind, issue, isNamed ? { project: '/project' } : {})
      return {
        ...call(config, 'PATCH', `${KINDS[kind].path}/${item.place}`, {
          payload: { status: choice?.id, version: { $ref: 'version' } },
        }),
        before: [...item.before, ...(choice?.before ?? [])],
        repeat: 'safe',
        coalesce: { name: nameOf('status', issue, item.place), place: 'after' },
      }
    },
    {
      about: 'Moves an item to a status, by id or name; without `issue`, the card of the session.',
      example: { kind: 'userstory', issue: '#42', status: 'in-progress' },
    },
  ),
  assign: action(
    'assign',
    z.strictObject({ kind: Kinds.optional(), issue: OrSession, assignee: Named.nullable() }),
    ({ kind, issue, assignee }, at: Here) => update(kindOf(at.config, kind, issue), at, { issue, assignee }),
    {
      about: 'Assigns an item to a member, by id or user name, or to no one (`null`).',
      example: { kind: 'issue', issue: 4713, assignee: 'bob' },
    },
  ),
  addLabels: action(
    'addLabels',
    z.strictObject({ kind: Kinds.optional(), issue: OrSession, labels: Labels.min(1) }),
    ({ kind: given, issue, labels }, { config }: Here) => {
      const kind = kindOf(config, given, issue)
      const item = readFirst(config, kind, issue, { tags: '/tags' })
      return {
        ...call(config, 'PATCH', `${KINDS[kind].path}/${item.place}`, {
          // Taiga answers tags as pairs with their colour, so those that are added are pairs as well.
          payload: {
            tags: { $ref: 'tags', with: labels.map(label => [label, null]) },
            version: { $ref: 'version' },
          },
        }),
        before: item.before,
        repeat: 'safe',
        coalesce: { name: nameOf('labels', issue, item.place), keep: true },
      }
    },
    {
      about: 'Adds tags to an item; the others stay.',
      example: { kind: 'userstory', issue: '#42', labels: ['payments'] },
    },
  ),
}
