import { action, defined, type Json } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, type LinearConfig, Team } from '../config.ts'
import { call, create, linkName, nameOf } from './call.ts'
import { ISSUE_UPDATE } from './cards.ts'
import { labelsBy, stateBy, teamBy } from './choose.ts'
import { Id, Issue, Name, Text, Title, textOf } from './input.ts'

const Day = z.iso.date('must be a day: YYYY-MM-DD')
const Fields = {
  description: Text.optional(),
  /** Workflow state, by name as written in Linear or by UUID. */
  state: Name.optional(),
  assigneeId: Id.nullable().optional(),
  projectId: Id.nullable().optional(),
  /** 0 none, 1 urgent, 2 high, 3 medium, 4 low. */
  priority: z.int().min(0).max(4).optional(),
  estimate: z.int().min(0).nullable().optional(),
  dueDate: Day.nullable().optional(),
}
const New = {
  ...Fields,
  title: Title,
  /** UUID or key; default the configured team. */
  team: Team.optional(),
  labels: z.array(Name).max(50).optional(),
}
const NewIssue = z.strictObject({ ...New, parent: Issue.optional() })
const NewSubIssue = z.strictObject({ ...New, parent: Issue })
const Change = z
  .strictObject({ issue: Issue, title: Title.optional(), parent: Issue.nullable().optional(), ...Fields })
  .refine(({ issue: _, ...fields }) => Object.keys(fields).length > 0, 'nothing to change was given')

const newIssue = (value: z.output<typeof NewIssue>, at: Here) => {
  const { config, key } = at
  const { team = config.teamId, state, labels, parent, description, projectId, ...fields } = value
  const inTeam = teamBy(config, team)
  const inState = state === undefined ? undefined : stateBy(config, state, { team })
  const labelled = labels === undefined ? undefined : labelsBy(config, labels, { team })
  const before = [...inTeam.before, ...(inState?.before ?? []), ...(labelled?.before ?? [])]
  return {
    ...create(
      'issue',
      at,
      {
        teamId: inTeam.id,
        ...fields,
        description: description === undefined ? undefined : textOf(description, config),
        projectId: projectId === undefined ? config.projectId : projectId,
        stateId: inState?.id,
        labelIds: labelled?.ids,
        parentId: parent,
      },
      { [linkName('issue', key)]: '/url' },
    ),
    ...(before.length > 0 ? { before } : {}),
  }
}

const changes = (
  { issue, state, parent, description, ...fields }: z.output<typeof Change>,
  config: LinearConfig,
) => {
  const inState = state === undefined ? undefined : stateBy(config, state, { issue })
  const input: Readonly<Record<string, Json>> = defined<Json>({
    ...fields,
    description: description === undefined ? undefined : textOf(description, config),
    parentId: parent,
    stateId: inState?.id,
  })
  return { input, before: inState?.before ?? [] }
}

const EXAMPLE = {
  title: 'Charge twice on parallel webhooks',
  description: 'Two webhooks at once charge a customer twice.',
  state: 'Todo',
  labels: ['Bug'],
  priority: 2,
}

/** Issues that are no session's card. */
export const issues = {
  createIssue: action('createIssue', NewIssue, newIssue, {
    about: 'Creates an issue, in the configured team and project unless others are named.',
    example: EXAMPLE,
  }),
  createSubIssue: action('createSubIssue', NewSubIssue, newIssue, {
    about: 'Creates an issue below another one.',
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
        // The last word on the same fields counts; other fields are another matter.
        coalesce: { name: nameOf(`issue ${Object.keys(input).sort().join(' ')}`, value.issue) },
      }
    },
    {
      about: 'Changes what is given of an issue; null clears a field.',
      example: { issue: 'BIL-212', priority: 1, dueDate: '2026-02-01' },
    },
  ),
  setState: action(
    'setState',
    z.strictObject({ issue: Issue, state: Name }),
    ({ issue, state }, { config }: Here) => {
      const { id, before } = stateBy(config, state, { issue })
      return {
        ...call(config, ISSUE_UPDATE, { id: issue, input: { stateId: id } }),
        ...(before.length > 0 ? { before } : {}),
        repeat: 'safe',
        coalesce: { name: nameOf('state', issue) },
      }
    },
    {
      about: "Moves an issue to a workflow state of its team, by the state's name or UUID.",
      example: { issue: 'BIL-212', state: 'In Progress' },
    },
  ),
}
