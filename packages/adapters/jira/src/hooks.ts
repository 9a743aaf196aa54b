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

const made = (session: Session, config: JiraConfig): Steps => {
  if (adopted(session, config) !== undefined)
    return [actions.addComment({ body: cardBlocks(card(session), true), keepAs: 'comment' })]
  const { parent, assignee } = config
  return [
    actions.createIssue({
      // A title of controls alone would be nothing once they are gone.
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

const edited = (session: Session, config: JiraConfig): Steps =>
  adopted(session, config) === undefined
    ? [actions.editCard.step({ body: cardBlocks(card(session), false) })]
    : [actions.editCardComment.step({ body: cardBlocks(card(session), true) })]

const told = (event: SessionEvent, session: Session): Steps => {
  const found = entry(event, session)
  return found === undefined ? [] : [actions.addComment.step({ issue: undefined, body: entryBlocks(found) })]
}

const moved = (status: string | undefined): Steps =>
  status === undefined ? [] : [actions.transition({ status })]

/** An issue of ours gets its labels when it is created. */
const labelled = (session: Session, config: JiraConfig): Steps =>
  config.labels.length === 0 || adopted(session, config) === undefined
    ? []
    : [actions.changeLabels({ add: [...config.labels] })]

/** An issue of ours on Cloud has it since it was created. */
const kept = (session: Session, config: JiraConfig): Steps =>
  config.deployment === 'cloud' && adopted(session, config) === undefined
    ? []
    : [actions.setProperty({ property: PROPERTY, value: identity(session) })]

const linked = (session: Session, { sessionUrl }: JiraConfig): Steps =>
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

/** Work goes on in the status it had at the start, unless another one is named. */
const working = ({ statuses }: JiraConfig, hook: StatusHook): string | undefined =>
  statuses[hook] ?? statuses.start

const blocked = (session: Session): boolean =>
  session.blockers.some(({ resolvedAt }) => resolvedAt === undefined)

/** The workflow state of each end; a session that was left keeps its own. */
const endState = ({ statuses }: JiraConfig): Record<End, string | undefined> => ({
  completed: statuses.close,
  failed: statuses.crashed,
  cancelled: statuses.abandoned,
  crashed: statuses.crashed,
  abandoned: statuses.abandoned,
  left: undefined,
})

const isWeb = (text: unknown): text is string =>
  typeof text === 'string' &&
  text.length <= 2_000 &&
  /^https?:\/\/[^\s\p{C}]+$/iu.test(text) &&
  URL.canParse(text)

/** Less than a minute is no work to Jira. Only a completed session counts: another one may go on. */
const logged = (session: Session, config: JiraConfig, durationMs: number): Steps =>
  !config.worklog || session.status !== 'completed' || durationMs < 60_000
    ? []
    : [
        actions.addWorklog({
          startedAt: session.startedAt,
          seconds: Math.floor(durationMs / 1_000),
          ...(visible(clean(session.title)) ? { comment: clean(session.title) } : {}),
        }),
      ]

/** Which hook makes which calls: what is below the card first, then the card, its status last. */
export const hooks: Hooks<JiraConfig> = {
  start: (_, session, __, config) => [
    ...made(session, config),
    ...labelled(session, config),
    ...kept(session, config),
    ...linked(session, config),
    ...moved(config.statuses.start),
  ],
  update: (_, session, event, config) => [
    ...(config.updates === 'each' ? told(event, session) : []),
    ...(config.updates === 'off' ? [] : edited(session, config)),
  ],
  decision: (_, session, event, config) => [...told(event, session), ...edited(session, config)],
  entity: ({ name, type, path, properties }, session, _, config) => {
    const url = [path, properties.url].find(isWeb)
    if (!config.linkEntities || url === undefined) return []
    const globalId = `sessionwire=${session.id}&entity=${markOf(url)}`
    // The address is part of the title: a name from outside must not pass for another address.
    return [
      actions.setRemoteLink({ globalId, url, title: `${type} ${name}: ${url}`, relationship: 'touched' }),
    ]
  },
  blocker: (_, session, event, config) => [
    ...told(event, session),
    ...edited(session, config),
    ...moved(config.statuses.blocker),
  ],
  resolve: (_, session, event, config) => [
    ...told(event, session),
    ...edited(session, config),
    // Where a blocker moved nothing, its end has nothing to move back.
    ...(blocked(session) || (config.statuses.blocker ?? config.statuses.resolve) === undefined
      ? []
      : moved(working(config, 'resolve'))),
  ],
  close: ({ end, durationMs }, session, event, config) => [
    ...told(event, session),
    ...edited(session, config),
    ...logged(session, config, durationMs),
    ...linked(session, config),
    ...moved(endState(config)[end]),
  ],
  resume: (_, session, event, config) => [
    ...told(event, session),
    ...edited(session, config),
    ...linked(session, config),
    ...moved(blocked(session) ? config.statuses.blocker : working(config, 'resume')),
  ],
  export: ({ format, content }) => [
    actions.addComment({
      body: [
        { kind: 'heading', text: `Export (${format})` },
        { kind: 'code', language: format === 'json' ? 'json' : 'markdown', text: content },
      ],
    }),
  ],
}
