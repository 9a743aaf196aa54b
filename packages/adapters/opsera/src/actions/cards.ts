import { action, type Json } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { clean } from '../text.ts'
import { CREATE_UNSEEN, call, joined, oneProject, UPDATE_UNSEEN, written } from './call.ts'
import { ExternalId, Line, ProjectId } from './input.ts'

/** How often the project of a running session is edited at most, ms: each edit reads the list of projects first. */
const CARD_MS = 30_000

/** Where a session's card stands among the assets: of a name that no other session has. */
const Slot = z.string().regex(/^[a-z][a-z0-9-]{0,120}$/, 'must be small letters, digits and -')

/** Text of a row: the lines of one, or a list of them. A label is a name of ours, or of whoever calls. */
const Row = z.string('must be text').transform(clean)
const Label = z
  .string()
  .regex(/^[^$\p{C}][^\p{C}]{0,79}$/u, 'must be a label: 1 to 80 characters, not beginning with $')

const Card = {
  projectId: ProjectId,
  projectName: Line,
  externalId: ExternalId,
  /** Name of the card among the assets. */
  slot: Slot,
  /** What it shows, by label. */
  card: z.record(Label, z.union([Row, z.array(Row)], 'must be text, or a list of texts')),
}

const EXAMPLE = {
  projectId: 'session-01990000-0000-7000-8000-00000000a001',
  projectName: 'Stop double charging: in progress, 35 %',
  externalId: '01990000-0000-7000-8000-00000000a001',
  slot: 'session-01990000-0000-7000-8000-00000000a001',
  card: { Session: 'Stop double charging', Status: '████░░░░░░ 35 % · in progress' },
}

/** A session's project. */
export const cards = {
  createCard: action(
    'createCard',
    z.strictObject(Card),
    ({ projectId, projectName, externalId, slot, card }, { config }: Here) => {
      const captures = { project: config.pointers.projectId }
      const assets: Readonly<Record<string, Json>> = {
        object: { [slot]: card },
        list: [],
      }
      const own = { projectName, externalId, ...config.hierarchy, assets: assets[config.assets] }
      return {
        ...call(config, 'POST', 'createProject', { payload: written(config, projectId, own) }),
        captures,
        repeat: { by: 'id', first: true, ...oneProject(config, projectId, captures) },
        asterisk: CREATE_UNSEEN,
      }
    },
    { about: 'Makes the project of a session, unless it is there.', example: EXAMPLE },
  ),
  editCard: action(
    'editCard',
    z.strictObject({
      ...Card,
      /** `own` (default): a session of its own. `shared`: its name stays. `adopted`: nothing but the card is written. */
      project: z.literal(['own', 'shared', 'adopted']).default('own'),
    }),
    ({ projectId, projectName, externalId, slot, card, project }, { config }: Here) => {
      const { pointers } = config
      // What is there of a shared project is read with its assets and written back.
      const [named, kept] =
        project === 'shared'
          ? [
              { projectName: { $ref: 'projectName' }, externalId: { $ref: 'externalId' } },
              {
                projectName: { pick: pointers.projectName, otherwise: projectName },
                externalId: { pick: pointers.externalId, otherwise: externalId },
              },
            ]
          : [{ projectName, externalId }]
      const ours = config.assets === 'list' ? [] : { [slot]: card }
      const { assets, before } = joined(config, projectId, ours, kept)
      const own = project === 'adopted' ? {} : { ...named, ...config.hierarchy }
      const payload = written(config, projectId, { ...own, assets })
      // What the card's own create captured comes first; what was handed over is there already.
      const place = project === 'adopted' ? projectId : { $ref: 'project' }
      return {
        ...call(config, 'PUT', 'updateProject', { payload, project: place }),
        ...(before.length === 0 ? {} : { before: before.map(read => ({ ...read, gone: true as const })) }),
        repeat: 'safe',
        coalesce: { name: 'card', everyMs: CARD_MS },
        asterisk: UPDATE_UNSEEN,
      }
    },
    {
      about: 'Writes how a session stands into its project; what others put into its assets stays.',
      example: EXAMPLE,
    },
  ),
}
