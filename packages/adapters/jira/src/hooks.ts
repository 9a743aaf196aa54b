import {
  type CardContext,
  cardHooks,
  linkTitle,
  namePeople,
  omitUndefined,
  oneLine,
  openBlockers,
  type Session,
  titleOf,
} from '@sessionwire/core/adapter'
import { markOf, WRITTEN_BY } from './actions/call.ts'
import { descriptionOf, editCard, editCardComment, renameCard } from './actions/card.ts'
import { createComment, logWork } from './actions/comment.ts'
import { issueIn, isWeb } from './actions/input.ts'
import { addLabels, createIssue, setProperty } from './actions/issue.ts'
import { addLink, setStatus } from './actions/workflow.ts'
import type { JiraConfig, Way } from './config.ts'
import { cardBlocks, entryBlocks, SUMMARY_MAX } from './text.ts'

type Context = CardContext<JiraConfig>

/** For readers of the API: the session that worked on this issue last. */
const PROPERTY = 'sessionwire.session'
const identityOf = ({ id, project }: Session) => ({ id, project: oneLine(project, 255), by: WRITTEN_BY })

/** A new issue, which has its labels and on Cloud its property from its creation, or a comment at the issue that people linked. */
const createCard = ({ session, card, config, linked }: Context) => {
  if (linked !== undefined) return [createComment({ body: cardBlocks(card, true), keepAs: 'comment' })]
  const { parent, assignee, labels, fields, deployment } = config
  return [
    createIssue({
      title: titleOf(session, SUMMARY_MAX),
      body: descriptionOf(session.id, cardBlocks(card, false), config),
      labels: [...labels],
      ...omitUndefined({ parent, assignee }),
      fields,
      ...(deployment === 'cloud' ? { properties: { [PROPERTY]: identityOf(session) } } : {}),
      keepAs: 'issue',
    }),
  ]
}

/** Labels and property where the creation did not set them. */
const saveIdentity = ({ session, config: { labels, deployment }, linked }: Context) => {
  if (linked === undefined && deployment === 'cloud') return []
  const isLabelled = linked === undefined || labels.length === 0
  return [
    ...(isLabelled ? [] : [addLabels({ labels: [...labels] })]),
    setProperty({ property: PROPERTY, value: identityOf(session) }),
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
  const globalId = `sessionwire=${session.id}`
  const resolved = session.status !== 'active'
  return [addLink({ globalId, url, title: 'Session', summary: namePeople(session), resolved })]
}

/** Jira refuses work of less than a minute. Only a completed session is logged: another one may go on. */
const logTime = (session: Session, { worklog }: JiraConfig, durationMs: number) => {
  if (!worklog || session.status !== 'completed' || durationMs < 60_000) return []
  const seconds = Math.floor(durationMs / 1_000)
  return [logWork({ startedAt: session.startedAt, seconds, body: titleOf(session, SUMMARY_MAX) })]
}

/** Which hook plans which calls. */
export const hooks = cardHooks<JiraConfig, Way>({
  linked: {
    ref: 'issue',
    read: issueIn,
    expected: 'the key of an issue (ENG-12), its number, or the address of its page at this Jira',
  },
  create: createCard,
  edit: ({ session, card, linked }) => [
    linked === undefined
      ? editCard(session.id, cardBlocks(card, false), cardBlocks(card, true))
      : editCardComment(cardBlocks(card, true)),
  ],
  retitle: ({ session }) => [renameCard(titleOf(session, SUMMARY_MAX))],
  links: ({ link }, { session }) => [
    addLink({
      globalId: `sessionwire=${session.id}&card=${link.adapter}`,
      url: link.url,
      title: linkTitle(link),
      relationship: 'also in',
    }),
  ],
  entry: entry => [createComment.step({ issue: undefined, body: entryBlocks(entry) })],
  // The steps of a way: each leads as far towards its end as the workflow lets it, and the last one to its end.
  setStatus: (status, { event, session, config }) =>
    wayOf(status, event.type, session, config).map((_, place, way) =>
      setStatus({ status: way.at(-1) ?? '', via: way.slice(place, -1) }),
    ),
  statuses: ({ statuses }) => statuses,
  more: {
    start: context => [...saveIdentity(context), ...linkSession(context)],
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
