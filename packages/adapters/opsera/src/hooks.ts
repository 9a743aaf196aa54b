import {
  card,
  type Hooks,
  handedOver,
  type Session,
  type Step,
  TrackerError,
  uuidFrom,
} from '@sessionwire/core/adapter'
import { externalId } from './actions/input.ts'
import { actions } from './actions.ts'
import type { OpseraConfig } from './config.ts'
import { cardFields, clean, nameOf, plain } from './text.ts'

type Steps = readonly Step<OpseraConfig>[]
type Place = Readonly<{ kind: 'own' | 'shared' | 'adopted'; projectId: string }>

/** A session's id as part of an id or a field's name: ids of a host's own making may hold anything. */
const slugOf = (session: Session): string =>
  /^[a-z0-9][a-z0-9-]{0,79}$/.test(session.id) ? session.id : uuidFrom(session.id)

/** What was handed over, if an update of it leaves everything else in it alone. */
const adopted = (session: Session, { as, put, assets }: OpseraConfig): string | undefined => {
  const given = handedOver(session, as, 'project')
  if (given === undefined) return undefined
  const field = `refs.${as}.project`
  const refuse = (why: string) => new TrackerError('INVALID_INPUT', `${field}: ${why}`, { field })
  if (!/^[^\s\p{C}]{1,200}$/u.test(given) || given === '.' || given === '..')
    throw refuse(`"${plain(given, 80)}" is no id of a project: give 1 to 200 characters without spaces`)
  if (put !== 'merge' || assets !== 'object')
    throw refuse(
      "in Opsera an update may replace a project, and what people wrote there would be lost: set put: 'merge' (with assets: 'object') in opsera() once you have seen that yours merges",
    )
  return given
}

/** Where a session shows: a project of its own, the one all share, or the one that was handed over. */
const placeOf = (session: Session, config: OpseraConfig): Place => {
  const given = adopted(session, config)
  if (given !== undefined) return { kind: 'adopted', projectId: given }
  return config.projectId.includes('{id}')
    ? { kind: 'own', projectId: config.projectId.replace('{id}', slugOf(session)) }
    : { kind: 'shared', projectId: config.projectId }
}

/** The name of a project that several sessions have part in. */
const sharedName = (session: Session, config: OpseraConfig, projectId: string): string => {
  const name = config.projectName ?? session.project
  return plain(/[^\p{C}\s]/u.test(name) ? name : `Sessions ${projectId}`)
}

const written = (session: Session, config: OpseraConfig, { kind, projectId }: Place) => {
  const shown = card(session)
  const url = config.sessionUrl?.replaceAll('{id}', encodeURIComponent(session.id))
  return {
    projectId,
    projectName: kind === 'own' ? nameOf(shown, session.id) : sharedName(session, config, projectId),
    externalId: externalId(session.id),
    slot: `session-${slugOf(session)}`,
    card: cardFields(shown, session.id, url === undefined ? undefined : clean(url)),
  }
}

const made = (session: Session, config: OpseraConfig): Steps => {
  const place = placeOf(session, config)
  const fields = written(session, config, place)
  const edit = actions.editCard.step({ ...fields, project: place.kind })
  if (place.kind === 'adopted') return [edit]
  // A project that others made before is found, not written: the session's card still has to come into it.
  return place.kind === 'own' ? [actions.createCard(fields)] : [actions.createCard(fields), edit]
}

const edited = (session: Session, config: OpseraConfig): Steps => {
  const place = placeOf(session, config)
  return [actions.editCard.step({ ...written(session, config, place), project: place.kind })]
}

type Told = (payload: unknown, session: Session, event: unknown, config: OpseraConfig) => Steps
const told: Told = (_, session, __, config) => edited(session, config)

/** Which hook makes which calls: all of them are the card, since a project has no place for entries. */
export const hooks: Hooks<OpseraConfig> = {
  start: (_, session, __, config) => made(session, config),
  update: (_, session, __, config) => (config.updates === 'off' ? [] : edited(session, config)),
  decision: told,
  blocker: told,
  resolve: told,
  close: told,
  resume: told,
}
