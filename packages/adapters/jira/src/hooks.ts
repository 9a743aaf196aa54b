import {
  type CardContext,
  cardHooks,
  type Descriptor,
  linkTitle,
  omitUndefined,
  oneLine,
  openBlockers,
  parseRef,
  type Session,
  titleOf,
} from '@sessionwire/core/adapter'
import { markOf, WRITTEN_BY } from './actions/call.ts'
import { descriptionOf, editCard, editCardComment, renameCard } from './actions/card.ts'
import { createComment, logWork } from './actions/comment.ts'
import { isWeb } from './actions/input.ts'
import { addLabels, createIssue, setProperty } from './actions/issue.ts'
import { addLink, setStatus } from './actions/workflow.ts'
import { ISSUE, type JiraConfig, type Way } from './config.ts'
import { cardBlocks, entryBlocks, SUMMARY_MAX } from './text.ts'

const PAGE = /^(?:\/[^?#]*)?\/(?:browse|issues)\/([A-Za-z]\w*-\d+)\/?$/

/**
 * The key of an issue from the address of its page at this Jira (`/browse/ENG-12`, `?selectedIssue=ENG-12`); another value
 * stays as it is. Behind the gateway the address of the site is unknown, and every site is taken for the right one.
 */
export const readIssue = (given: string, { site }: Pick<JiraConfig, 'site'>): string => {
  if (!/^https?:/i.test(given) || !URL.canParse(given)) return given
  const { origin, pathname, searchParams } = new URL(given)
  if (site !== undefined && origin !== new URL(site).origin) return given
  return PAGE.exec(pathname)?.[1] ?? searchParams.get('selectedIssue') ?? given
}

type Context = CardContext<JiraConfig>

/** The issue that `start({ refs })` gave. */
const findLinkedIssue = ({ session, config: { as } }: Context): string | undefined =>
  parseRef(
    session,
    as,
    'issue',
    given => (ISSUE.test(given) ? given : undefined),
    'the key of an issue (ENG-12), its number, or the address of its page at this Jira',
  )

/** For readers of the API: the session that worked on this issue last. */
const PROPERTY = 'sessionwire.session'
const identityOf = ({ id, project }: Session) => ({ id, project: oneLine(project, 255), by: WRITTEN_BY })

/** The steps of a way: each leads as far towards its end as the workflow lets it, and the last one to its end. */
const stepsTo = (way: readonly string[]) =>
  way.map((_, place) => setStatus({ status: way.at(-1) ?? '', via: way.slice(place, -1) }))

/** A new issue, which has its labels and property from its creation, or the issue that people linked. */
const createCard = ({ session, card, config, linked }: Context) => {
  const { parent, assignee, labels, fields } = config
  const saveIdentity = setProperty({ property: PROPERTY, value: identityOf(session) })
  if (linked !== undefined)
    return [
      createComment({ body: cardBlocks(card, true), keepAs: 'comment' }),
      // An issue that is done cannot be labelled before it is reopened.
      ...(labels.length === 0
        ? []
        : [...stepsTo([config.statuses.start ?? []].flat()), addLabels({ labels: [...labels] })]),
      saveIdentity,
    ]
  const cloud = config.deployment === 'cloud'
  return [
    createIssue({
      title: titleOf(session, SUMMARY_MAX),
      body: descriptionOf(session.id, cardBlocks(card, false), config),
      labels: [...labels],
      ...omitUndefined({ parent, assignee }),
      fields,
      ...(cloud ? { properties: { [PROPERTY]: identityOf(session) } } : {}),
      keepAs: 'issue',
    }),
    ...(cloud ? [] : [saveIdentity]),
  ]
}

/**
 * Workflows lead from the status of work to others; few lead from "Blocked" to "Done", or from "Done" to "Blocked". A
 * string therefore goes through the status of work; an array is the whole way and stays as it is.
 */
const wayOf = (status: Way, type: string, session: Session, { statuses }: JiraConfig): readonly string[] => {
  if (typeof status !== 'string') return status
  const isBlocked = statuses.blocker !== undefined && openBlockers(session).length > 0
  const work = type === 'resume' ? (statuses.resume ?? statuses.start) : statuses.start
  const through = isBlocked && (type === 'close' || type === 'resume') ? [work].flat().slice(-1) : []
  return [...through.flatMap(name => name ?? []), status]
}

const linkSession = ({ session, url }: Pick<Context, 'session' | 'url'>) => {
  if (url === undefined) return []
  const { id, user, agent, status } = session
  const summary = agent === undefined ? user : `${user} with ${agent}`
  const resolved = status !== 'active'
  return [addLink({ globalId: `sessionwire=${id}`, url, title: 'Session', summary, resolved })]
}

/** Jira refuses work of less than a minute. Only a completed session is logged: another one may go on. */
const logTime = (session: Session, { worklog }: JiraConfig, durationMs: number) => {
  if (!worklog || session.status !== 'completed' || durationMs < 60_000) return []
  const seconds = Math.floor(durationMs / 1_000)
  return [logWork({ startedAt: session.startedAt, seconds, body: titleOf(session, SUMMARY_MAX) })]
}

/** Which hook plans which calls. */
export const hooks = cardHooks<JiraConfig, Way>({
  findLinked: findLinkedIssue,
  create: createCard,
  edit: ({ session, card, linked }) => [
    linked === undefined
      ? editCard(session.id, cardBlocks(card, false), cardBlocks(card, true))
      : editCardComment(cardBlocks(card, true)),
  ],
  retitle: ({ session }) => [renameCard(titleOf(session, SUMMARY_MAX))],
  links: ({ link }, { session }) => [
    at => {
      const { coalesce: _, ...draft } = addLink({
        globalId: `sessionwire=${session.id}&card=${link.adapter}`,
        url: link.url,
        title: linkTitle(link),
        relationship: 'also in',
      })(at)
      return draft as Descriptor
    },
  ],
  entry: entry => [createComment.step({ issue: undefined, body: entryBlocks(entry) })],
  setStatus: (status, { event, session, config, linked }) => {
    const isMoved = event.type === 'start' && config.labels.length > 0 && linked !== undefined
    return isMoved ? [] : stepsTo(wayOf(status, event.type, session, config))
  },
  statuses: ({ statuses }) => statuses,
  more: {
    start: linkSession,
    close: ({ session, event, config, ...more }) => [
      ...logTime(session, config, event.payload.durationMs),
      ...linkSession({ session, ...more }),
    ],
    resume: linkSession,
    entity: ({ session, event, config }) => {
      const { name, type, path, properties } = event.payload
      const url = [path, properties.url].find(isWeb)
      if (!config.linkEntities || url === undefined) return []
      const globalId = `sessionwire=${session.id}&entity=${markOf(url)}`
      // The title shows the address: a name from outside must not pass for another one.
      return [addLink({ globalId, url, title: `${type} ${name}: ${url}`, relationship: 'touched' })]
    },
    export: ({ event }) => {
      const { format, content } = event.payload
      const language = format === 'json' ? 'json' : 'markdown'
      const heading = { kind: 'heading', text: `Export (${format})` } as const
      return [createComment({ body: [heading, { kind: 'code', language, text: content }] })]
    },
  },
})
