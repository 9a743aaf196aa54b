import {
  type CardContext,
  cardHooks,
  describe,
  invalidInput,
  isVisible,
  provenanceText,
  refOf,
  type Session,
  uuidFrom,
} from '@sessionwire/core/adapter'
import { createCard, createTaskCard, editCard, type Place, type SessionCard } from './actions/cards.ts'
import { isExternalId, isProjectId, PROJECT_ID } from './actions/input.ts'
import type { OpseraConfig } from './config.ts'
import { cardFields, nameOf, plain } from './text.ts'

/** A session's id as part of an id or a field's name: ids of a host's own making may hold anything. */
const slugOf = (session: Session): string =>
  /^[a-z0-9][a-z0-9-]{0,79}$/.test(session.id) ? session.id : uuidFrom(session.id)

/** The project that `start({ refs })` gave, if an update of it leaves everything else in it alone. */
const findLinkedProject = (session: Session, { as, put, assets }: OpseraConfig): string | undefined => {
  const given = refOf(session, as, 'project')
  if (given === undefined) return undefined
  const field = `refs.${as}.project`
  if (!isProjectId(given))
    throw invalidInput({ field, problem: 'invalid value', expected: PROJECT_ID, got: describe(given) })
  if (put !== 'merge' || assets !== 'object')
    throw invalidInput({
      field,
      problem: 'an update may replace the project, and what people wrote there would be lost',
      todo: "Set put: 'merge' (with assets: 'object') in opsera() once you have seen that yours merges.",
    })
  return given
}

const placeOf = (session: Session, config: OpseraConfig): Place => {
  const given = findLinkedProject(session, config)
  if (given !== undefined) return { kind: 'linked', projectId: given }
  return config.projectId.includes('{id}')
    ? { kind: 'own', projectId: config.projectId.replace('{id}', slugOf(session)) }
    : { kind: 'shared', projectId: config.projectId }
}

/** The name of a project that several sessions share. */
const nameOfShared = (session: Session, config: OpseraConfig, projectId: string): string => {
  const name = config.projectName ?? session.project
  return plain(isVisible(name) ? name : `Sessions ${projectId}`)
}

const sessionCard = ({ session, event, config, card, url }: CardContext<OpseraConfig>): SessionCard => {
  const place = placeOf(session, config)
  return {
    place,
    projectName:
      place.kind === 'own' ? nameOf(card, session.id) : nameOfShared(session, config, place.projectId),
    // Ids of a host's own making may hold what no id of Opsera's can.
    externalId: isExternalId(session.id) ? session.id : uuidFrom(session.id),
    slot: `session-${slugOf(session)}`,
    card: { ...cardFields(card, session.id, url), Source: provenanceText({ session, event }) },
  }
}

/** Which hook plans which calls: all of them are the card, as a project has no place for entries. */
export const hooks = cardHooks<OpseraConfig>({
  create: context => {
    const session = sessionCard(context)
    const { kind } = session.place
    // A shared project that is there already is found and not written, so the session's card is added to it.
    return [
      ...(kind === 'linked' ? [] : [createCard(session)]),
      ...(kind === 'own' ? [] : [editCard(session)]),
    ]
  },
  edit: context => [editCard(sessionCard(context))],
  links: 'card',
  more: {
    start: context => (context.config.tasks ? createTaskCard(sessionCard(context), context.config) : []),
  },
})
