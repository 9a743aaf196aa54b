import { action, type Json, omitUndefined, uuidFrom } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, Team } from '../config.ts'
import { call, linkName, nameOf, oneLine, pages } from './call.ts'
import { ISSUE_UPDATE } from './cards.ts'
import { labelsBy, teamBy, teamFilter } from './choose.ts'
import { Line, OrSession, Plain } from './input.ts'

const Labels = z.strictObject({
  issue: OrSession,
  labels: z.array(Line).min(1, 'expected at least one label').max(50, 'expected at most 50 labels'),
})

/** `labelIds` would replace labels that others added; these two fields add or remove. */
const changeLabels =
  (field: 'addedLabelIds' | 'removedLabelIds') =>
  ({ issue, labels }: z.output<typeof Labels>, { config }: Here) => {
    const { ids, before } = labelsBy(config, labels, { issue })
    return {
      ...call(config, ISSUE_UPDATE, { id: issue, input: { [field]: ids } }),
      ...(before.length > 0 ? { before } : {}),
      repeat: 'safe' as const,
      // Of adding and removing the same labels the newest counts.
      coalesce: { name: nameOf(`labels ${[...labels].sort().join(', ')}`, issue) },
    }
  }

const LABEL_CREATE = oneLine(`mutation IssueLabelCreate($input: IssueLabelCreateInput!) {
  issueLabelCreate(input: $input) { success issueLabel { id name } }
}`)
const LABEL_BY_NAME = oneLine(`query LabelByName($filter: IssueLabelFilter!, $after: String) {
  issueLabels(first: 50, after: $after, includeArchived: true, filter: $filter) {
    nodes { id name }
    pageInfo { hasNextPage endCursor }
  }
}`)

const NewLabel = z.strictObject({
  name: Line,
  /** UUID or key; `null` for the whole workspace. Default: the configured team. */
  team: Team.nullable().optional(),
  color: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'expected a colour such as #EB5757')
    .optional(),
  description: Plain.optional(),
})

/** A label of the workspace serves every team. */
const labelTeams = (team: string | null): Json => ({
  or: [...(team === null ? [] : [{ team: teamFilter(team) }]), { team: { null: true } }],
})

/** Labels of issues. */
export const labels = {
  addLabels: action('addLabels', Labels, changeLabels('addedLabelIds'), {
    about: 'Adds labels to an issue, by name or UUID; its other labels stay.',
    example: { issue: 'BIL-212', labels: ['Bug'] },
  }),
  removeLabels: action('removeLabels', Labels, changeLabels('removedLabelIds'), {
    about: 'Removes labels from an issue, by name or UUID; its other labels stay.',
    example: { issue: 'BIL-212', labels: ['Bug'] },
  }),
  createLabel: action(
    'createLabel',
    NewLabel,
    ({ name, team: given, color, description }, { key, config }: Here) => {
      const team = given === undefined ? config.teamId : given
      const of = team === null ? undefined : teamBy(config, team)
      const capture = linkName('label', key)
      const input = omitUndefined<Json>({
        id: uuidFrom(key),
        name,
        teamId: of?.id,
        color,
        description,
      })
      return {
        ...call(config, LABEL_CREATE, { input }),
        ...(of === undefined || of.before.length === 0 ? {} : { before: of.before }),
        captures: { [capture]: '/data/issueLabelCreate/issueLabel/id' },
        repeat: {
          // Linear refuses a second label of a name, in whatever case, so an existing one is as good as ours.
          by: 'mark' as const,
          first: true as const,
          call: call(config, LABEL_BY_NAME, {
            filter: { name: { eqIgnoreCase: name }, ...(labelTeams(team) as object) },
          }),
          list: '/data/issueLabels/nodes',
          where: { pointer: '/name', equals: name, anyCase: true },
          captures: { [capture]: '/id' },
          next: pages('/data/issueLabels'),
        },
      }
    },
    {
      about: 'Creates a label unless the workspace or the team has one of this name, in any case.',
      example: { name: 'agent', color: '#5E6AD2' },
    },
  ),
}
