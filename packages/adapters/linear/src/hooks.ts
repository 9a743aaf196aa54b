import { type CardContext, cardHooks, linkTitle, namePeople, titleOf } from '@sessionwire/core/adapter'
import {
  createCard,
  createCardComment,
  createEntry,
  editCard,
  editCardComment,
  linkCard,
  removeLink,
  renameCard,
} from './actions/cards.ts'
import { issueIn } from './actions/input.ts'
import { actions } from './actions.ts'
import type { LinearConfig } from './config.ts'
import { cardComment, cardText, entryComment, exportText } from './text.ts'

const TITLE_UNITS = 255

type Context = CardContext<LinearConfig>

/** Adds the labels of the options and the link of the session. */
const decorate = ({ session, config: { labels }, url }: Context) => [
  ...(labels.length === 0 ? [] : [actions.addLabels({ labels: [...labels] })]),
  ...(url === undefined
    ? []
    : [
        actions.addLink({
          url,
          title: 'Session',
          subtitle: namePeople(session),
          metadata: { sessionId: session.id },
        }),
      ]),
]

/** The hooks: an issue whose description has the card, or one comment with the card at an issue that people linked. */
export const hooks = cardHooks<LinearConfig>({
  linked: {
    ref: 'issue',
    read: given => (issueIn(given) === undefined ? undefined : given),
    expected: 'the identifier of an issue (BIL-212), its UUID, or its address',
  },
  create: context => {
    const { session, card, config, linked } = context
    return linked === undefined
      ? [createCard(titleOf(session, TITLE_UNITS), cardText(card, config), context)]
      : [createCardComment(linked, cardComment(card, context, config))]
  },
  edit: context => {
    const { card, config, linked } = context
    const comment = cardComment(card, context, config)
    return linked === undefined
      ? [editCard(cardText(card, config), comment, context)]
      : [editCardComment(comment)]
  },
  retitle: ({ session }) => [renameCard(titleOf(session, TITLE_UNITS))],
  links: ({ link, former }) => [
    linkCard({ link, title: linkTitle(link) }),
    ...(former === undefined || former === link.url ? [] : [removeLink(former)]),
  ],
  entry: (entry, context) => [createEntry(entryComment(entry, context, context.config))],
  setStatus: status => [actions.setStatus({ status })],
  statuses: ({ statuses }) => statuses,
  more: {
    start: decorate,
    export: ({ session, event, config }) => {
      const markdown = exportText(event.payload.format, event.payload.content, config)
      return config.projectId === undefined
        ? [createEntry(markdown)]
        : [
            actions.createDocument({
              title: `Session: ${titleOf(session, TITLE_UNITS - 9)}`,
              body: { markdown },
            }),
          ]
    },
  },
})
