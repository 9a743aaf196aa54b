import { action, defined, type Json, TrackerError } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../options.ts'
import { rich } from '../text.ts'
import {
  call,
  issuePath,
  issueRef,
  linkName,
  markOf,
  named,
  nameOf,
  properties,
  user,
  writesTo,
} from './call.ts'
import { AnyJson, Body, Day, Fields, Issue, Keep, Label, Name, OrSession, Summary, User } from './input.ts'
import { byLabel } from './search.ts'

/** What people set of an issue, by our names. */
const Common = z.strictObject({
  priority: Name.optional(),
  assignee: User.optional(),
  dueDate: Day.optional(),
  /** Further fields by id, as the API takes them. */
  fields: Fields.optional(),
})
type Common = z.output<typeof Common>

const commonFields = ({ config }: Here, { priority, assignee, dueDate, fields }: Common) =>
  defined({
    ...fields,
    priority: priority === undefined ? undefined : named(priority),
    assignee: assignee === undefined ? undefined : user(config, assignee),
    duedate: dueDate,
  })

const Property = z
  .string()
  .regex(/^[A-Za-z_][\w.-]{0,254}$/, 'must begin with a letter and have only letters, digits, ., - and _')

const NewIssue = z.strictObject({
  ...Common.shape,
  project: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'must be the key of a project, such as ENG')
    .optional(),
  type: Name.optional(),
  summary: Summary,
  description: Body.optional(),
  parent: Issue.optional(),
  labels: z.array(Label).max(50).optional(),
  /** Data kept with it that people do not see, by name. Cloud only: Data Center takes none with a new issue. */
  properties: z.record(Property, AnyJson).optional(),
  /** Under which name its key is kept for later calls of the session; default one of its own. */
  keepAs: Keep.optional(),
})
type NewIssue = z.output<typeof NewIssue>

/**
 * A new issue, with a label of its own: the only thing of ours a search can find. The search lags behind by seconds to
 * minutes (https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/), so finding nothing is believed
 * only a quarter of an hour later.
 */
const created = (at: Here, issue: NewIssue, type: string, parent: Json | undefined) => {
  const { config, key } = at
  const mark = markOf(key)
  const name = issue.keepAs ?? linkName('issue', mark)
  if (issue.properties !== undefined && config.deployment === 'datacenter')
    throw new TrackerError(
      'INVALID_INPUT',
      'properties: Data Center takes none with a new issue: use setProperty',
      {
        field: 'properties',
      },
    )
  return {
    ...call(config, 'POST', 'issue', {
      payload: defined({
        fields: defined({
          ...commonFields(at, issue),
          project: { key: (issue.project ?? config.projectKey).toUpperCase() },
          issuetype: named(type),
          summary: issue.summary,
          description: issue.description === undefined ? undefined : rich(config, issue.description),
          parent,
          labels: [...new Set([...(issue.labels ?? []), mark])],
        }),
        properties: properties(config, key, mark, issue.properties),
      }),
    }),
    captures: { [name]: '/key', [`${name}Id`]: '/id' },
    repeat: { ...byLabel(config, mark), captures: { [name]: '/key', [`${name}Id`]: '/id' } },
    asterisk: 'Found again by a search that lags; nobody has promised that a quarter of an hour is enough.',
  }
}

export const createIssue = action(
  'createIssue',
  NewIssue,
  (issue, at: Here) =>
    created(
      at,
      issue,
      issue.type ?? at.config.issueType,
      issue.parent === undefined ? undefined : issueRef(issue.parent),
    ),
  {
    about: 'Creates an issue, with a label of its own by which it is found again.',
    example: {
      summary: 'Retry queue loses messages',
      description: 'Seen twice since Monday.',
      labels: ['agent-session'],
      priority: 'High',
      dueDate: '2026-12-31',
    },
  },
)

export const createSubIssue = action(
  'createSubIssue',
  NewIssue.extend({ parent: OrSession }),
  (issue, at: Here) => created(at, issue, issue.type ?? at.config.subtaskType, issueRef(issue.parent)),
  {
    about: "Creates an issue below another one; without `parent`, below the session's.",
    example: { parent: 'ENG-12', summary: 'Write the migration' },
  },
)

const Update = z.strictObject({
  ...Common.shape,
  issue: OrSession,
  summary: Summary.optional(),
  description: Body.optional(),
  parent: Issue.optional(),
  fixVersions: z.array(Name).max(50).optional(),
})

/** Only who administers Jira may keep an edit from notifying people; from others Jira ignores the wish. */
const quietly = ({ config }: Here) => (config.notifyUsers ? {} : { query: { notifyUsers: 'false' } })

export const updateIssue = action(
  'updateIssue',
  Update,
  ({ issue, summary, description, parent, fixVersions, ...common }, at: Here) => {
    const fields = defined({
      ...commonFields(at, common),
      summary,
      description: description === undefined ? undefined : rich(at.config, description),
      parent: parent === undefined ? undefined : issueRef(parent),
      fixVersions: fixVersions?.map(named),
    })
    const names = Object.keys(fields).sort().join(' ')
    return {
      ...call(at.config, 'PUT', issuePath(issue), {
        ...quietly(at),
        payload: { fields },
        limit: writesTo(issue),
      }),
      repeat: 'safe',
      // A newer edit of the same fields says all an older one says; one of other fields does not.
      coalesce: { name: `${nameOf('fields', issue)}: ${names}` },
    }
  },
  {
    about: 'Sets fields of an issue; what is not named stays.',
    example: { issue: 'ENG-12', summary: 'Retry queue loses messages under load', dueDate: '2026-12-31' },
  },
)

export const editCard = action(
  'editCard',
  z.strictObject({ body: Body }),
  ({ body }, at: Here) => ({
    ...call(at.config, 'PUT', issuePath(undefined), {
      ...quietly(at),
      payload: { fields: { description: rich(at.config, body) } },
    }),
    repeat: 'safe',
    coalesce: { name: 'card', everyMs: 5_000 },
  }),
  {
    about: "Writes the description of the session's own issue anew.",
    example: { body: 'Reproduced with two parallel webhooks' },
  },
)

export const assign = action(
  'assign',
  z.strictObject({ issue: OrSession, to: z.union([User, z.null()]) }),
  ({ issue, to }, { config }: Here) => ({
    ...call(config, 'PUT', issuePath(issue, '/assignee'), {
      payload: config.deployment === 'cloud' ? { accountId: to } : { name: to },
      limit: writesTo(issue),
    }),
    repeat: 'safe',
    coalesce: { name: nameOf('assignee', issue) },
  }),
  {
    about: 'Assigns an issue to somebody, to nobody (`null`), or to the project\'s default (`"-1"`).',
    example: { issue: 'ENG-12', to: '5b10a2844c20165700ede21g' },
  },
)

export const changeLabels = action(
  'changeLabels',
  z
    .strictObject({
      issue: OrSession,
      add: z.array(Label).max(50).default([]),
      remove: z.array(Label).max(50).default([]),
    })
    .refine(({ add, remove }) => add.length + remove.length > 0, 'must add or remove a label'),
  ({ issue, add, remove }, at: Here) => ({
    ...call(at.config, 'PUT', issuePath(issue), {
      ...quietly(at),
      payload: {
        update: {
          labels: [...add.map(label => ({ add: label })), ...remove.map(label => ({ remove: label }))],
        },
      },
      limit: writesTo(issue),
    }),
    repeat: 'safe',
    // A newer word on the same labels is the last word on them.
    coalesce: { name: `${nameOf('labels', issue)}: ${[...new Set([...add, ...remove])].sort().join(' ')}` },
  }),
  {
    about: 'Adds and removes labels; the others stay.',
    example: { issue: 'ENG-12', add: ['agent-session'] },
  },
)

export const setProperty = action(
  'setProperty',
  z.strictObject({
    issue: OrSession,
    property: Property,
    value: AnyJson.refine(
      value => value !== null && value !== '' && JSON.stringify(value).length <= 32_768,
      'must not be empty, nor above 32768 characters of JSON',
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
    about: 'Keeps data with an issue that people do not see.',
    example: { issue: 'ENG-12', property: 'agent.run', value: { id: '4f1c2a9e' } },
  },
)
