import { action, type Json, omitUndefined } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, type LinearConfig, Team } from '../config.ts'
import { call, create, linkName, nameOf } from './call.ts'
import { ISSUE_UPDATE } from './cards.ts'
import { labelsBy, stateBy, teamBy } from './choose.ts'
import { Body, Id, Issue, Line, markdownOf, OrSession } from './input.ts'

const Day = z.iso.date('expected a day as YYYY-MM-DD')
const Fields = {
  body: z.optional(Body),
  /** Workflow state, by name or UUID. */
  status: z.optional(Line),
  /** UUID of a user; `findUsers` reads it. */
  assignee: Id.nullable().optional(),
  projectId: Id.nullable().optional(),
  /** 0 none, 1 urgent, 2 high, 3 medium, 4 low. */
  priority: z.int().min(0).max(4).optional(),
  estimate: z.int().min(0).nullable().optional(),
  dueDate: Day.nullable().optional(),
}
const New = {
  ...Fields,
  title: Line,
  /** UUID or key. Default: the configured team. */
  team: Team.optional(),
  labels: z.array(Line).max(50, 'expected at most 50 labels').optional(),
}
const NewIssue = z.strictObject({ ...New, parent: Issue.optional() })
const NewSubIssue = z.strictObject({ ...New, parent: OrSession })
const Change = z
  .strictObject({ issue: OrSession, title: z.optional(Line), parent: Issue.nullable().optional(), ...Fields })
  .refine(
    ({ issue: _, ...fields }) => Object.keys(fields).length > 0,
    'expected at least one field to change',
  )

const newIssue = (value: z.output<typeof NewIssue> | z.output<typeof NewSubIssue>, at: Here) => {
  const { config, key } = at
  const { team = config.teamId, status, labels, parent, body, projectId, assignee, ...fields } = value
  const inTeam = teamBy(config, team)
  const inState = status === undefined ? undefined : stateBy(config, status, { team })
  const withLabels = labels === undefined ? undefined : labelsBy(config, labels, { team })
  const before = [...inTeam.before, ...(inState?.before ?? []), ...(withLabels?.before ?? [])]
  return {
    ...create(
      'issue',
      at,
      {
        teamId: inTeam.id,
        ...fields,
        description: body === undefined ? undefined : markdownOf(body, config),
        projectId: projectId === undefined ? config.projectId : projectId,
        assigneeId: assignee,
        stateId: inState?.id,
        labelIds: withLabels?.ids,
        parentId: parent,
      },
      { [linkName('issue', key)]: '/url' },
    ),
    ...(before.length > 0 ? { before } : {}),
  }
}

const changes = (
  { issue, status, parent, body, assignee, ...fields }: z.output<typeof Change>,
  config: LinearConfig,
) => {
  const inState = status === undefined ? undefined : stateBy(config, status, { issue })
  const input: Readonly<Record<string, Json>> = omitUndefined<Json>({
    ...fields,
    description: body === undefined ? undefined : markdownOf(body, config),
    assigneeId: assignee,
    parentId: parent,
    stateId: inState?.id,
  })
  return { input, before: inState?.before ?? [] }
}

const EXAMPLE = {
  title: 'Charge twice on parallel webhooks',
  body: 'Two webhooks at once charge a customer twice.',
  status: 'Todo',
  labels: ['Bug'],
  priority: 2,
}

/** Writes of issues. */
export const issues = {
  createIssue: action('createIssue', NewIssue, newIssue, {
    about: 'Creates an issue, in the configured team and project unless others are named.',
    example: EXAMPLE,
  }),
  createSubIssue: action('createSubIssue', NewSubIssue, newIssue, {
    about: "Creates an issue below another one; without `parent`, below the session's own.",
    example: { parent: 'BIL-212', title: 'Lock per invoice' },
  }),
  updateIssue: action(
    'updateIssue',
    Change,
    (value, { config }: Here) => {
      const { input, before } = changes(value, config)
      return {
        ...call(config, ISSUE_UPDATE, { id: value.issue, input }),
        ...(before.length > 0 ? { before } : {}),
        repeat: 'safe',
        // The newest change of the same fields counts; other fields are another matter.
        coalesce: { name: nameOf(`issue ${Object.keys(input).sort().join(' ')}`, value.issue) },
      }
    },
    {
      about: 'Changes the given fields of an issue; null clears a field.',
      example: { issue: 'BIL-212', priority: 1, dueDate: '2026-02-01' },
    },
  ),
  setStatus: action(
    'setStatus',
    z.strictObject({ issue: OrSession, status: Line }),
    ({ issue, status }, { config }: Here) => {
      const { id, before } = stateBy(config, status, { issue })
      return {
        ...call(config, ISSUE_UPDATE, { id: issue, input: { stateId: id } }),
        ...(before.length > 0 ? { before } : {}),
        repeat: 'safe',
        coalesce: { name: nameOf('status', issue), place: 'after' },
      }
    },
    {
      about: 'Moves an issue to a workflow state of its team, by name or UUID.',
      example: { issue: 'BIL-212', status: 'In Progress' },
    },
  ),
  assign: action(
    'assign',
    z.strictObject({ issue: OrSession, assignee: Id.nullable() }),
    ({ issue, assignee }, { config }: Here) => ({
      ...call(config, ISSUE_UPDATE, { id: issue, input: { assigneeId: assignee } }),
      repeat: 'safe',
      coalesce: { name: nameOf('assignee', issue) },
    }),
    {
      about: 'Assigns an issue to a user by UUID; null unassigns it.',
      example: { issue: 'BIL-212', assignee: '3f9f0d1e-77aa-4bbb-8ccc-1234567890ab' },
    },
  ),
}
