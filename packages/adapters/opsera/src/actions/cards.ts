import { type Captures, type Json, type Ref, type Step, step } from '@sessionwire/core/adapter'
import type { OpseraConfig } from '../config.ts'
import type { CardFields } from '../text.ts'
import { CREATE_UNSEEN, call, joinAssets, oneProject, projectBody, UPDATE_UNSEEN } from './call.ts'
import { findTask, taskDraft } from './tasks.ts'

/** How often the project of a running session is edited at most, ms: each edit reads the list of projects first. */
const CARD_MS = 30_000

/** The place of a session: a project of its own, one that sessions share, or one that `refs` linked. */
export type Place = Readonly<{ kind: 'own' | 'shared' | 'linked'; projectId: string }>

/** The card of a session as hooks write it. */
export type SessionCard = Readonly<{
  place: Place
  projectName: string
  externalId: string
  /** Name of the card among the assets, unlike that of any other session. */
  slot: string
  card: CardFields
}>

/** The address of a linked project is known; that of another one is captured when it is created. */
const projectOf = ({ kind, projectId }: Place): string | Ref =>
  kind === 'linked' ? projectId : { $ref: 'project' }

/** Name and external id of a project that must stay as they are, read with its assets. */
const keepNames = ({ projectName, externalId }: SessionCard, { pointers }: OpseraConfig) => ({
  names: { projectName: { $ref: 'projectName' }, externalId: { $ref: 'externalId' } },
  more: {
    projectName: { pick: pointers.projectName, otherwise: projectName },
    externalId: { pick: pointers.externalId, otherwise: externalId },
  } satisfies Captures,
})

/** Creates the project of a session, unless it is there. */
export const createCard = (session: SessionCard): Step<OpseraConfig> =>
  step('createCard', ({ config }) => {
    const { place, projectName, externalId, slot, card } = session
    const captures = { project: config.pointers.projectId }
    const assets: Readonly<Record<string, Json>> = { object: { [slot]: card }, list: [] }
    const details = { projectName, externalId, ...config.hierarchy, assets: assets[config.assets] }
    return {
      ...call(config, 'POST', 'createProject', { payload: projectBody(config, place.projectId, details) }),
      captures,
      repeat: { by: 'id', first: true, ...oneProject(config, place.projectId, captures) },
      asterisk: CREATE_UNSEEN,
    }
  })

/** Writes the state of a session into its project; what others put into its assets stays. */
export const editCard = (session: SessionCard): Step<OpseraConfig> =>
  step('editCard', ({ config }) => {
    const { place, projectName, externalId, slot, card } = session
    const { names, more } =
      place.kind === 'shared' ? keepNames(session, config) : { names: { projectName, externalId }, more: {} }
    const own = config.assets === 'list' ? {} : { [slot]: card }
    const { assets, before } = joinAssets(config, place.projectId, {}, { own, more })
    const details = place.kind === 'linked' ? { assets } : { ...names, ...config.hierarchy, assets }
    return {
      ...call(config, 'PUT', 'updateProject', {
        payload: projectBody(config, place.projectId, details),
        project: projectOf(place),
      }),
      ...(before.length === 0 ? {} : { before: before.map(read => ({ ...read, gone: true as const })) }),
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: CARD_MS },
      asterisk: UPDATE_UNSEEN,
    }
  })

/**
 * Creates the task of a session, and adds its id to the tasks of the project; everything else in the project stays. The
 * link looks the task up itself, so that a task that Opsera refuses holds nothing back.
 */
export const createTaskCard = (
  session: SessionCard,
  { assets: kind }: Pick<OpseraConfig, 'assets'>,
): readonly Step<OpseraConfig>[] => {
  const { place, externalId, card } = session
  const task = step<OpseraConfig>('createTask', ({ config }) =>
    taskDraft(
      {
        name: String(card.Session),
        description: [card.Goal ?? card.Session, card.Link ?? []].flat().join('\n\n'),
        externalId,
      },
      'task',
      config,
    ),
  )
  const link = step<OpseraConfig>('linkTask', ({ config }) => {
    const { names, more } = keepNames(session, config)
    const tasks = { tasks: [{ $ref: 'task' }] }
    const { assets, before } = joinAssets(
      config,
      place.projectId,
      config.assets === 'list' ? [tasks] : tasks,
      place.kind === 'linked' ? {} : { more },
    )
    const details = place.kind === 'linked' ? { assets } : { ...names, ...config.hierarchy, assets }
    return {
      ...call(config, 'PUT', 'updateProject', {
        payload: projectBody(config, place.projectId, details),
        project: projectOf(place),
      }),
      before: [{ ...findTask(config, externalId, 'task'), noun: 'task' }, ...before],
      repeat: 'safe',
      asterisk: UPDATE_UNSEEN,
    }
  })
  return kind === 'off' ? [task] : [task, link]
}
