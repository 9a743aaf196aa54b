import {
  card,
  type End,
  entry,
  type Hooks,
  handedOver,
  type Session,
  type SessionEvent,
  type Step,
  TrackerError,
} from '@sessionwire/core/adapter'
import { markOf } from './actions/call.ts'
import { actions } from './actions.ts'
import { ISSUE } from './config.ts'
import type { JiraConfig, StatusHook } from './options.ts'
import { cardBlocks, clean, entryBlocks, line, visible } from './text.ts'

type Steps = readonly Step<JiraConfig>[]
type Way = string | readonly string[] | undefined

const namesOf = (way: Way): readonly string[] => (typeof way === 'string' ? [way] : (way ?? []))

/** The issue that was handed over. It is the lane's `issue` as it stands, just as the key of one we create. */
const adopted = (session: Session, config: JiraConfig): string | undefined => {
  const given = handedOver(session, config.as, 'issue')
  if (given === undefined || ISSUE.test(given)) return given
  const field = `refs.${config.as}.issue`
  throw new TrackerError(
    'INVALID_INPUT',
    `${field}: "${clean(given).slice(0, 80)}" is no issue: give its key (ENG-12) or its number`,
    { field },
  )
}

/** For those who read Jira by its API: which session worked on this issue last. */
const PROPERTY = 'sessionwire.session'
const identity = ({ id, project }: Session) => ({ id, project: line(project, 255) })

const createCard = (session: Session, config: JiraConfig): Steps => {
  if (adopted(session, config) !== undefined)
    return [actions.createComment({ body: cardBlocks(card(session), true), keepAs: 'comment' })]
  const { parent, assignee } = config
  return [
    actions.createIssue({
      // A title of control characters alone is empty once they are removed.
      summary: visible(clean(session.title)) ? session.title : `Session ${session.id}`,
      description: cardBlocks(card(session), false),
      labels: [...config.labels],
      ...(parent === undefined ? {} : { parent }),
      ...(assignee === undefined ? {} : { assignee }),
      fields: config.fields,
      ...(config.deployment === 'cloud' ? { properties: { [PROPERTY]: identity(session) } } : {}),
      keepAs: 'issue',
    }),
  ]
}

const editCard = (session: Session, config: JiraConfig): Steps =>
  adopted(session, config) === undefined
    ? [actions.editCard.step({ body: cardBlocks(card(session), false) })]
    : [actions.editCardComment.step({ body: cardBlocks(card(session), true) })]

const addEntry = (event: SessionEvent, session: Session): Steps => {
  const found = entry(event, session)
  return found === undefined
    ? []
    : [actions.createComment.step({ issue: undefined, body: entryBlocks(found) })]
}

/** The steps of a way: each leads as far towards its end as the workflow lets it, and the last one to its end. */
const setStatus = (way: Way): Steps => {
  const names = namesOf(way)
  const status = names.at(-1)
  return status === undefined
    ? []
    : names.map((_, place) => actions.setStatus({ status, via: names.slice(place, -1) }))
}

/** A new issue has its labels from its creation. */
const addLabels = (session: Session, config: JiraConfig): Steps =>
  config.labels.length === 0 || adopted(session, config) === undefined
    ? []
    : [actions.addLabels({ labels: [...config.labels] })]

/** A new issue on Cloud has the property from its creation. */
const saveIdentity = (session: Session, config: JiraConfig): Steps =>
  config.deployment === 'cloud' && adopted(session, config) === undefined
    ? []
    : [actions.setProperty({ property: PROPERTY, value: identity(session) })]

const linkSession = (session: Session, { sessionUrl }: JiraConfig): Steps =>
  sessionUrl === undefined
    ? []
    : [
        actions.setRemoteLink({
          globalId: `sessionwire=${session.id}`,
          url: sessionUrl.replaceAll('{id}', encodeURIComponent(session.id)),
          title: 'Session',
          summary: session.agent === undefined ? session.user : `${session.user} with ${session.agent}`,
          resolved: session.status !== 'active',
        }),
      ]

const isBlocked = (session: Session): boolean =>
  session.blockers.some(({ resolvedAt }) => resolvedAt === undefined)

/** Work goes on in the status it had at the start, unless the options name another one. */
const resumeStatus = ({ statuses }: JiraConfig, hook: 'resolve' | 'resume'): Way =>
  statuses[hook] ?? statuses.start

/**
 * Workflows lead from the status of work to others; few lead from "Blocked" to "Done", or from "Done" to "Blocked". A
 * string therefore goes through the status of work; an array is the whole way and stays as it is.
 */
const through = (work: Way, way: Way): Way =>
  typeof way === 'string' ? [...namesOf(work).slice(-1), way] : way

const endStatus = (session: Session, { statuses }: JiraConfig, hook: StatusHook | undefined): Way =>
  hook === undefined
    ? undefined
    : isBlocked(session) && statuses.blocker !== undefined
      ? through(statuses.start, statuses[hook])
      : statuses[hook]

const ENDS = {
  completed: 'close',
  failed: 'failed',
  cancelled: 'cancelled',
  crashed: 'crashed',
  abandoned: 'abandoned',
  left: undefined,
} as const satisfies Record<End, StatusHook | undefined>

const isWeb = (text: unknown): text is string =>
  typeof text === 'string' &&
  text.length <= 2_000 &&
  /^https?:\/\/[^\s\p{C}]+$/iu.test(text) &&
  URL.canParse(text)

/** Jira refuses work of less than a minute. Only a completed session is logged: another one may go on. */
const logWork = (session: Session, config: JiraConfig, durationMs: number): Steps =>
  !config.worklog || session.status !== 'completed' || durationMs < 60_000
    ? []
    : [
        actions.addWorklog({
          startedAt: session.startedAt,
          seconds: Math.floor(durationMs / 1_000),
          ...(visible(clean(session.title)) ? { comment: clean(session.title) } : {}),
        }),
      ]

/**
 * Which hook plans which calls. Jira refuses edits of an issue in its last status (`jira.issue.editable`): the end of a
 * session plans the entry, the card and then the status, and its resumption the status, the card and then the entry.
 */
export const hooks: Hooks<JiraConfig> = {
  start: (_, session, __, config) => [
    ...createCard(session, config),
    ...addLabels(session, config),
    ...saveIdentity(session, config),
    ...linkSession(session, config),
    ...setStatus(config.statuses.start),
  ],
  update: (_, session, event, config) => [
    ...(config.updates === 'each' ? addEntry(event, session) : []),
    ...(config.updates === 'off' ? [] : editCard(session, config)),
  ],
  decision: (_, session, event, config) => [...addEntry(event, session), ...editCard(session, config)],
  entity: ({ name, type, path, properties }, session, _, config) => {
    const url = [path, properties.url].find(isWeb)
    if (!config.linkEntities || url === undefined) return []
    const globalId = `sessionwire=${session.id}&entity=${markOf(url)}`
    // The title shows the address: a name from outside must not pass for another one.
    return [
      actions.setRemoteLink({ globalId, url, title: `${type} ${name}: ${url}`, relationship: 'touched' }),
    ]
  },
  blocker: (_, session, event, config) => [
    ...addEntry(event, session),
    ...editCard(session, config),
    ...setStatus(config.statuses.blocker),
  ],
  resolve: (_, session, event, config) => [
    ...addEntry(event, session),
    ...editCard(session, config),
    // Where a blocker moved nothing, its resolution moves nothing back.
    ...(isBlocked(session) || (config.statuses.blocker ?? config.statuses.resolve) === undefined
      ? []
      : setStatus(resumeStatus(config, 'resolve'))),
  ],
  close: ({ end, durationMs }, session, event, config) => [
    ...addEntry(event, session),
    ...editCard(session, config),
    ...logWork(session, config, durationMs),
    ...linkSession(session, config),
    ...setStatus(endStatus(session, config, ENDS[end])),
  ],
  resume: (_, session, event, config) => [
    ...setStatus(
      isBlocked(session)
        ? through(resumeStatus(config, 'resume'), config.statuses.blocker)
        : resumeStatus(config, 'resume'),
    ),
    ...editCard(session, config),
    ...linkSession(session, config),
    ...addEntry(event, session),
  ],
  export: ({ format, content }) => [
    actions.createComment({
      body: [
        { kind: 'heading', text: `Export (${format})` },
        { kind: 'code', language: format === 'json' ? 'json' : 'markdown', text: content },
      ],
    }),
  ],
}
