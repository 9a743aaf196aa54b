import {
  card,
  type End,
  type ExportFormat,
  entry,
  type Hooks,
  handedOver,
  type Session,
  type SessionEvent,
  type Step,
  TrackerError,
  uuidFrom,
} from '@sessionwire/core/adapter'
import { itemIn } from './actions/input.ts'
import { actions } from './actions.ts'
import { CARD_KINDS, type CardKind, type TaigaConfig } from './config.ts'
import { cardText, entryText, exportText, noteText, plain } from './text.ts'

type Steps = readonly Step<TaigaConfig>[]

/** Names under which `start({ refs })` hands over what exists already. */
export const HANDED: Readonly<Record<CardKind, string>> = { userstory: 'story', task: 'task', issue: 'issue' }

type Place = Readonly<{ kind: CardKind; adopted?: string }>

/** Where a session shows: its own card, or what was handed over, whatever kind the configuration names. */
const placeOf = (session: Session, config: TaigaConfig): Place => {
  for (const kind of [config.kind, ...CARD_KINDS]) {
    const adopted = handedOver(session, config.as, HANDED[kind])
    if (adopted !== undefined) return { kind, adopted }
  }
  return { kind: config.kind }
}

/** A session's id as part of a slug: ids of a host's own making may hold anything. */
const slugOf = (session: Session): string =>
  `session-${/^[a-z0-9-]{1,100}$/.test(session.id) ? session.id : uuidFrom(session.id)}`

const urlOf = (session: Session, { sessionUrl }: TaigaConfig) =>
  sessionUrl?.replaceAll('{id}', encodeURIComponent(session.id))

const shown = (session: Session, config: TaigaConfig, headed: boolean) => ({
  markdown: cardText(card(session), config, { headed, sessionUrl: urlOf(session, config) }),
})

const edited = (session: Session, config: TaigaConfig): Steps => {
  const { kind, adopted } = placeOf(session, config)
  return adopted === undefined
    ? [actions.editCard.step({ kind, text: shown(session, config, false) })]
    : [actions.editStatus.step({ kind, name: slugOf(session), text: shown(session, config, true) })]
}

const told = (event: SessionEvent, session: Session, config: TaigaConfig): Steps => {
  const said = entry(event, session)
  if (said === undefined) return []
  const { kind } = placeOf(session, config)
  return [actions.createComment({ kind, id: 'session', text: { markdown: entryText(said, config) } })]
}

const moved = (status: number | string | undefined, session: Session, config: TaigaConfig): Steps =>
  status === undefined ? [] : [actions.moveCard({ kind: placeOf(session, config).kind, status })]

const flagged = (session: Session, config: TaigaConfig): Steps => {
  const open = session.blockers.filter(blocker => blocker.resolvedAt === undefined)
  const { kind } = placeOf(session, config)
  const note = { markdown: noteText(open, config.links) }
  return [actions.blockCard({ kind, blocked: open.length > 0, ...(open.length > 0 ? { note } : {}) })]
}

const open = (session: Session, config: TaigaConfig): Steps => {
  const { kind, adopted } = placeOf(session, config)
  const status = config.statuses.start
  if (adopted === undefined) {
    const step = actions.createCard({
      kind,
      // A title of marks that show nothing would be nothing to people.
      subject: /[^\p{C}\s]/u.test(session.title) ? plain(session.title) : `Session ${plain(session.id)}`,
      text: shown(session, config, false),
      ...(status === undefined ? {} : { status }),
    })
    const link =
      config.epic === undefined ? [] : [actions.addStoryToEpic({ epic: config.epic, story: 'session' })]
    return [step, ...link]
  }
  if (itemIn(adopted) === undefined || itemIn(adopted)?.by === 'session')
    throw new TrackerError(
      'INVALID_INPUT',
      `refs.${config.as}.${HANDED[kind]} is "${plain(adopted, 80)}": give an id (4711), a number (#42, or billing#42) or the address.`,
      { field: `refs.${config.as}.${HANDED[kind]}` },
    )
  const name = slugOf(session)
  return [
    actions.adoptCard({ kind, id: adopted }),
    actions.createStatus({ kind, name, text: shown(session, config, true) }),
    actions.findStatus({ kind, name }),
    ...moved(config.statuses.start, session, config),
  ]
}

/** A page's address where the project's slug is known; else Taiga finds it in the project of the card. */
const linkTo = (slug: string, { frontUrl, project }: TaigaConfig): string =>
  typeof project === 'string'
    ? `[${slug}](<${frontUrl}/project/${encodeURIComponent(project)}/wiki/${slug}>)`
    : `[[${slug}]]`

const exported = (
  { format, content }: Readonly<{ format: ExportFormat; content: string }>,
  session: Session,
  config: TaigaConfig,
): Steps => {
  const { kind } = placeOf(session, config)
  const text = { markdown: exportText(format, content, config.maxLength) }
  if (config.exportTo === 'off') return []
  if (config.exportTo === 'comment') return [actions.createComment({ kind, id: 'session', text })]
  const slug = format === 'markdown' ? slugOf(session) : `${slugOf(session)}-${format}`
  return [
    actions.createPage({ slug, text: session.title }),
    actions.editPage({ slug, text }),
    actions.createComment({
      kind,
      id: 'session',
      text: { markdown: `**Exported** to ${linkTo(slug, config)}` },
    }),
  ]
}

/** Work goes on in the status it had at the start, unless another one is named. */
const working = ({ statuses }: TaigaConfig, hook: 'resolve' | 'resume') => statuses[hook] ?? statuses.start

const isBlocked = (session: Session): boolean =>
  session.blockers.some(({ resolvedAt }) => resolvedAt === undefined)

/** The workflow state of each end; a session that was left keeps its own. */
const endState = ({ statuses }: TaigaConfig): Record<End, string | number | undefined> => ({
  completed: statuses.close,
  failed: statuses.crashed,
  cancelled: statuses.abandoned,
  crashed: statuses.crashed,
  abandoned: statuses.abandoned,
  left: undefined,
})

/** Which hook makes which calls: the card first, its entries below it, its status last. */
export const hooks: Hooks<TaigaConfig> = {
  start: (_, session, __, config) => open(session, config),
  update: (_, session, event, config) => [
    ...(config.updates === 'each' ? told(event, session, config) : []),
    ...(config.updates === 'off' ? [] : edited(session, config)),
  ],
  decision: (_, session, event, config) => [...told(event, session, config), ...edited(session, config)],
  blocker: (_, session, event, config) => [
    ...told(event, session, config),
    ...edited(session, config),
    ...flagged(session, config),
    ...moved(config.statuses.blocker, session, config),
  ],
  resolve: (_, session, event, config) => [
    ...told(event, session, config),
    ...edited(session, config),
    ...flagged(session, config),
    // Where a blocker moved nothing, its end has nothing to move back.
    ...(isBlocked(session) || (config.statuses.blocker ?? config.statuses.resolve) === undefined
      ? []
      : moved(working(config, 'resolve'), session, config)),
  ],
  close: ({ end }, session, event, config) => [
    ...told(event, session, config),
    ...edited(session, config),
    ...moved(endState(config)[end], session, config),
  ],
  resume: (_, session, event, config) => [
    ...told(event, session, config),
    ...edited(session, config),
    ...moved(isBlocked(session) ? config.statuses.blocker : working(config, 'resume'), session, config),
  ],
  export: (payload, session, _, config) => exported(payload, session, config),
}
