import {
  action,
  describe,
  invalidInput,
  type Json,
  type Lookup,
  omitUndefined,
} from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, type JiraConfig, Label } from '../config.ts'
import { rich } from '../text.ts'
import {
  call,
  idOrName,
  issuePath,
  issueRef,
  issueTypesOf,
  linkName,
  markOf,
  markProperty,
  nameOf,
  properties,
  quietly,
  user,
  writesTo,
} from './call.ts'
import { AnyJson, Body, Day, Fields, Issue, Keep, Name, OrSession, Summary, User } from './input.ts'
import { byLabel } from './search.ts'

/** Fields that people set, by our names. */
const Common = z.strictObject({
  priority: z.optional(Name),
  assignee: User.optional(),
  dueDate: Day.optional(),
  /** Further fields by id, as the API takes them. */
  fields: Fields.optional(),
})
type Common = z.output<typeof Common>

const commonFields = ({ config }: Here, { priority, assignee, dueDate, fields }: Common) =>
  omitUndefined({
    ...fields,
    priority: priority === undefined ? undefined : idOrName(priority),
    assignee: assignee === undefined ? undefined : user(config, assignee),
    duedate: dueDate,
  })

const Property = z
  .string()
  .regex(/^[A-Za-z_][\w.-]{0,254}$/, 'expected letters, digits, ., - and _ after a letter')

const NewIssue = z.strictObject({
  ...Common.shape,
  project: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'expected the key of a project, such as ENG')
    .optional(),
  type: z.optional(Name),
  title: Summary,
  body: Body.optional(),
  parent: Issue.optional(),
  labels: z.array(Label).max(50).optional(),
  /** Data that people do not see, by name. Cloud only: Data Center takes none with a new issue. */
  properties: z.record(Property, AnyJson).optional(),
  /** Name under which later calls of the session find its key. Default: a name of its own. */
  keepAs: Keep.optional(),
})
type NewIssue = z.output<typeof NewIssue>

/** On Data Center `parent` is the parent of a sub-task; an issue names its epic in the field `epicField`. */
const belowEpic = ({ deployment, epicField }: JiraConfig, parent: string | undefined) => {
  if (parent === undefined) return {}
  if (deployment === 'cloud') return { parent: issueRef(parent) }
  if (epicField === undefined)
    throw invalidInput({
      field: 'parent',
      problem: 'not possible on Data Center without the option epicField',
      todo: 'Set epicField; for a sub-task, use createSubIssue.',
    })
  if (/^\d+$/.test(parent))
    throw invalidInput({
      field: 'parent',
      problem: 'invalid value',
      expected: 'a key on Data Center, such as ENG-1',
      got: describe(parent),
    })
  return { [epicField]: parent.toUpperCase() }
}

/** How long the types of a project serve other calls of the same process, ms. */
const TYPES_MS = 600_000

/**
 * An issue type by its number, or the one of this name among those that the project offers. Where the user may not read
 * them, and before Jira 8.4, Jira gets the name as it was given.
 */
const typeOf = (
  config: JiraConfig,
  project: string,
  type: string,
): Readonly<{ issuetype: Json; before: readonly Lookup[] }> =>
  /^\d+$/.test(type)
    ? { issuetype: { id: type }, before: [] }
    : {
        issuetype: { name: { $ref: 'issueType' } },
        before: [
          {
            ...issueTypesOf(config, project),
            where: { pointer: '/name', equals: type, anyCase: true },
            captures: { issueType: '/name' },
            otherwise: { issueType: type },
            noun: 'issue type',
            cacheMs: TYPES_MS,
          },
        ],
      }

/**
 * A new issue, with a label of its own: a search finds nothing else of ours. The search lags behind by seconds to minutes
 * (https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/), so "not found" counts only a quarter of
 * an hour after the attempt.
 */
const newIssue = (at: Here, issue: NewIssue, type: string, below: Readonly<Record<string, Json>>) => {
  const { config, key } = at
  const mark = markOf(key)
  const name = issue.keepAs ?? linkName('issue', mark)
  const project = (issue.project ?? config.projectKey).toUpperCase()
  const { issuetype, before } = typeOf(config, project, type)
  if (issue.properties !== undefined && config.deployment === 'datacenter')
    throw invalidInput({
      field: 'properties',
      problem: 'not possible on Data Center with a new issue',
      todo: 'Use setProperty.',
    })
  return {
    ...call(config, 'POST', 'issue', {
      payload: omitUndefined({
        fields: omitUndefined({
          ...commonFields(at, issue),
          ...below,
          project: { key: project },
          issuetype,
          summary: issue.title,
          description: issue.body === undefined ? undefined : rich(config, issue.body),
          labels: [...new Set([...(issue.labels ?? []), mark])],
        }),
        properties: properties({ ...issue.properties, ...markProperty(config, key, mark) }),
      }),
    }),
    ...(before.length === 0 ? {} : { before }),
    captures: { [name]: '/key', [`${name}Id`]: '/id' },
    repeat: { ...byLabel(config, mark), captures: { [name]: '/key', [`${name}Id`]: '/id' } },
    asterisk: 'Found by a search that lags; Jira does not guarantee that a quarter of an hour is enough.',
  }
}

export const createIssue = action(
  'createIssue',
  NewIssue,
  (issue, at: Here) => {
    const { config } = at
    const type = issue.type ?? config.issueType
    const isSubtask = type === config.subtaskType
    const below =
      isSubtask && issue.parent !== undefined
        ? { parent: issueRef(issue.parent) }
        : belowEpic(config, issue.parent)
    return newIssue(at, issue, type, below)
  },
  {
    about: 'Creates an issue, with a label of its own that a look-up finds it by.',
    example: {
      title: 'Retry queue loses messages',
      body: 'Seen twice since Monday.',
      labels: ['agent-session'],
      priority: 'High',
      dueDate: '2026-12-31',
    },
  },
)

export const createSubIssue = action(
  'createSubIssue',
  NewIssue.extend({ parent: OrSession }),
  (issue, at: Here) =>
    newIssue(at, issue, issue.type ?? at.config.subtaskType, { parent: issueRef(issue.parent) }),
  {
    about: "Creates an issue below another one; without `parent`, below the session's.",
    example: { parent: 'ENG-12', title: 'Write the migration' },
  },
)

const Update = z.strictObject({
  ...Common.shape,
  issue: OrSession,
  title: z.optional(Summary),
  body: Body.optional(),
  parent: Issue.optional(),
  fixVersions: z.array(Name).max(50).optional(),
})

/** Jira accepts `notifyUsers=false` from administrators and ignores it from others. */
const quietEdit = (config: JiraConfig) => (config.notifyUsers ? {} : { query: quietly(config) })

export const updateIssue = action(
  'updateIssue',
  Update,
  ({ issue, title, body, parent, fixVersions, ...common }, at: Here) => {
    const fields = omitUndefined({
      ...commonFields(at, common),
      summary: title,
      description: body === undefined ? undefined : rich(at.config, body),
      ...belowEpic(at.config, parent),
      fixVersions: fixVersions?.map(idOrName),
    })
    const names = Object.keys(fields).sort().join(' ')
    return {
      ...call(at.config, 'PUT', issuePath(issue), {
        ...quietEdit(at.config),
        payload: { fields },
        limit: writesTo(issue),
      }),
      repeat: 'safe',
      // A newer edit of the same fields replaces an older one; an edit of other fields does not.
      coalesce: { name: `${nameOf('fields', issue)}: ${names}` },
    }
  },
  {
    about: 'Sets fields of an issue; other fields stay.',
    example: { issue: 'ENG-12', title: 'Retry queue loses messages under load', dueDate: '2026-12-31' },
  },
)

export const assign = action(
  'assign',
  z.strictObject({ issue: OrSession, assignee: z.union([User, z.null()]) }),
  ({ issue, assignee }, { config }: Here) => ({
    ...call(config, 'PUT', issuePath(issue, '/assignee'), {
      payload: config.deployment === 'cloud' ? { accountId: assignee } : { name: assignee },
      limit: writesTo(issue),
    }),
    repeat: 'safe',
    coalesce: { name: nameOf('assignee', issue) },
  }),
  {
    about: 'Assigns an issue to a user, to no one (`null`), or to the project\'s default (`"-1"`).',
    example: { issue: 'ENG-12', assignee: '5b10a2844c20165700ede21g' },
  },
)

const Labels = z.strictObject({ issue: OrSession, labels: z.array(Label).min(1).max(50) })

const labelEdit =
  (change: 'add' | 'remove') =>
  ({ issue, labels }: z.output<typeof Labels>, { config }: Here) =>
    ({
      ...call(config, 'PUT', issuePath(issue), {
        ...quietEdit(config),
        payload: { update: { labels: labels.map(label => ({ [change]: label })) } },
        limit: writesTo(issue),
      }),
      repeat: 'safe',
      // A newer change of the same labels replaces an older one.
      coalesce: { name: `${nameOf('labels', issue)}: ${[...new Set(labels)].sort().join(' ')}` },
    }) as const

export const addLabels = action('addLabels', Labels, labelEdit('add'), {
  about: 'Adds labels to an issue; the others stay.',
  example: { issue: 'ENG-12', labels: ['agent-session'] },
})

export const removeLabels = action('removeLabels', Labels, labelEdit('remove'), {
  about: 'Removes labels from an issue; the others stay.',
  example: { issue: 'ENG-12', labels: ['agent-session'] },
})

export const setProperty = action(
  'setProperty',
  z.strictObject({
    issue: OrSession,
    property: Property,
    value: AnyJson.refine(
      value => value !== null && value !== '' && JSON.stringify(value).length <= 32_768,
      'expected JSON that is not empty, of at most 32768 characters',
    ),
  }),
  ({ issue, property, value }, { config }: Here) => ({
    ...call(config, 'PUT', issuePath(issue, `/properties/${encodeURIComponent(property)}`), {
      payload: value,
      limit: writesTo(issue),
    }),
    repeat: 'safe',
    coalesce: { name: `${nameOf('property', issue)}: ${property}` },
  }),
  {
    about: 'Stores data with an issue that people do not see.',
    example: { issue: 'ENG-12', property: 'agent.run', value: { id: '4f1c2a9e' } },
  },
)
