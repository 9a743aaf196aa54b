import { action, defined, type Json, uuidFrom } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, Team } from '../config.ts'
import { plain } from '../text.ts'
import { call, linkName, nameOf, oneLine, pages } from './call.ts'
import { ISSUE_UPDATE } from './cards.ts'
import { labelsBy, teamBy, teamFilter } from './choose.ts'
import { Issue, Name } from './input.ts'

const Labelling = z.strictObject({ issue: Issue, labels: z.array(Name).min(1).max(50) })

/** `labelIds` would replace what others put there; these two only add or take away. */
const labelling =
  (field: 'addedLabelIds' | 'removedLabelIds') =>
  ({ issue, labels }: z.output<typeof Labelling>, { config }: Here) => {
    const { ids, before } = labelsBy(config, labels, { issue })
    return {
      ...call(config, ISSUE_UPDATE, { id: issue, input: { [field]: ids } }),
      ...(before.length > 0 ? { before } : {}),
      repeat: 'safe' as const,
      // Adding and removing the same labels are one matter, whichever came last.
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
  name: Name,
  /** UUID or key. Default: the configured team; `null`: the whole workspace. */
  team: Team.nullable().optional(),
  color: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #EB5757')
    .optional(),
  description: z.string().optional(),
})

const labelTeam = (team: string | null): Json => (team === null ? { null: true } : teamFilter(team))

/** Labels of issues. */
export const labels = {
  addLabels: action('addLabels', Labelling, labelling('addedLabelIds'), {
    about: 'Puts labels on an issue, by name or UUID; those it has stay.',
    example: { issue: 'BIL-212', labels: ['Bug'] },
  }),
  removeLabels: action('removeLabels', Labelling, labelling('removedLabelIds'), {
    about: 'Takes labels off an issue, by name or UUID; others stay.',
    example: { issue: 'BIL-212', labels: ['Bug'] },
  }),
  createLabel: action(
    'createLabel',
    NewLabel,
    ({ name, team: given, color, description }, { key, config }: Here) => {
      const team = given === undefined ? config.teamId : given
      const of = team === null ? undefined : teamBy(config, team)
      const kept = linkName('label', key)
      const input = defined<Json>({
        id: uuidFrom(key),
        name,
        teamId: of?.id,
        color,
        description: description === undefined ? undefined : plain(description),
      })
      return {
        ...call(config, LABEL_CREATE, { input }),
        ...(of === undefined || of.before.length === 0 ? {} : { before: of.before }),
        captures: { [kept]: '/data/issueLabelCreate/issueLabel/id' },
        repeat: {
          // A second label of a name is refused, so one that is there is as good as ours.
          by: 'mark' as const,
          first: true as const,
          call: call(config, LABEL_BY_NAME, {
            filter: { name: { eq: name }, team: labelTeam(team) },
          }),
          list: '/data/issueLabels/nodes',
          where: { pointer: '/name', equals: name },
          captures: { [kept]: '/id' },
          next: pages('/data/issueLabels'),
        },
      }
    },
    {
      about: 'Makes sure that there is a label of this name, in the configured team unless another is named.',
      example: { name: 'agent', color: '#5E6AD2' },
    },
  ),
}
