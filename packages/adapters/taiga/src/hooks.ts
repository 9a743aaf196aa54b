import {
  type CardContext,
  cardHooks,
  type Hook,
  openBlockers,
  parseRef,
  provenanceText,
  type Session,
  titleOf,
  uuidFrom,
} from '@sessionwire/core/adapter'
import * as cards from './actions/cards.ts'
import { type Item, itemIn } from './actions/input.ts'
import { actions } from './actions.ts'
import { CARD_KINDS, type CardKind, type TaigaConfig } from './config.ts'
import { exportText, markdown, noteText, SUBJECT_UNITS } from './text.ts'

/** Names under which `start({ refs })` gives an item that exists already. */
export const REFS = { userstory: 'story', task: 'task', issue: 'issue' } as const

type Context<H extends Hook = Hook> = CardContext<TaigaConfig, H>

/** The kind of the session's card, and the item that people linked, whatever kind the configuration names. */
const cardOf = ({ session, config }: Context): Readonly<{ kind: CardKind; linked?: Item }> => {
  for (const kind of [config.kind, ...CARD_KINDS]) {
    const linked = parseRef(
      session,
      config.as,
      REFS[kind],
      given => {
        const item = itemIn(given)
        return item?.by === 'session' ? undefined : item
      },
      'an id (4711), a number (#42, or billing#42 of another project) or the address of its page',
    )
    if (linked !== undefined) return { kind, linked }
  }
  return { kind: config.kind }
}

/** A session's id where it may mean something: an id that the caller made may hold anything. */
const idOf = ({ id }: Session): string => (/^[a-z0-9-]{1,100}$/.test(id) ? id : uuidFrom(id))
const nameOf = (session: Session): string => `session-${idOf(session)}`
const originOf = ({ session, event }: Context): cards.Origin => ({ session: { id: idOf(session) }, event })

/** The card as a comment. */
const commentOf = (context: Context): cards.CardComment => {
  const { session, card, config, url } = context
  const text = markdown.card(card, config, { isHeaded: true, url })
  return { name: nameOf(session), text: `${text}\n\n${provenanceText(originOf(context))}` }
}

const createEntry = (text: string, context: Context) =>
  actions.createComment.step({
    kind: cardOf(context).kind,
    issue: { by: 'session' },
    body: { markdown: `${text}\n\n${provenanceText(originOf(context))}` },
  })

const flag = (context: Context<'blocker' | 'resolve'>) => {
  const open = openBlockers(context.session)
  return [
    cards.setBlocked(
      cardOf(context).kind,
      open.length === 0 ? undefined : noteText(open, context.config.links),
    ),
  ]
}

/** The address of a page where the slug of the project is known; else Taiga finds it in the project of the card. */
const pageLink = (slug: string, { frontUrl, project }: TaigaConfig): string =>
  typeof project === 'string'
    ? `[${slug}](<${frontUrl}/project/${encodeURIComponent(project)}/wiki/${slug}>)`
    : `[[${slug}]]`

const exportSession = (context: Context<'export'>) => {
  const { session, event, config } = context
  const { format, content } = event.payload
  const text = exportText(format, content, config)
  if (config.exportTo === 'off') return []
  if (config.exportTo === 'comment') return [createEntry(text, context)]
  const slug = format === 'markdown' ? nameOf(session) : `${nameOf(session)}-${format}`
  return [
    actions.createDocument({ slug, body: session.title }),
    actions.editDocument({ slug, body: { markdown: text } }),
    createEntry(`**Exported** to ${pageLink(slug, config)}`, context),
  ]
}

/** The hooks: an item whose description has the card, or one comment with the card at an item that people linked. */
export const hooks = cardHooks<TaigaConfig, number | string>({
  create: context => {
    const { session, card, config, url } = context
    const { kind, linked } = cardOf(context)
    if (linked === undefined) {
      const text = markdown.card(card, config, { url })
      return [cards.createCard(kind, titleOf(session, SUBJECT_UNITS), text, originOf(context))]
    }
    return [
      cards.linkCard(kind, linked),
      cards.createCardComment(kind, commentOf(context)),
      cards.findCardComment(kind, nameOf(session)),
    ]
  },
  edit: context => {
    const { card, config, url } = context
    const { kind, linked } = cardOf(context)
    const comment = commentOf(context)
    return [
      linked === undefined
        ? cards.editCard(kind, markdown.card(card, config, { url }), originOf(context), comment)
        : cards.editCardComment(kind, comment),
    ]
  },
  retitle: context => {
    const { kind, linked } = cardOf(context)
    return linked === undefined ? [cards.renameCard(kind, titleOf(context.session, SUBJECT_UNITS))] : []
  },
  links: 'card',
  entry: (entry, context) => [createEntry(markdown.entry(entry, context.config), context)],
  setStatus: (status, context) => [actions.setStatus({ kind: cardOf(context).kind, status })],
  statuses: ({ statuses }) => statuses,
  more: {
    start: context => {
      const { epic } = context.config
      return epic === undefined || cardOf(context).linked !== undefined
        ? []
        : [actions.addStoryToEpic({ epic, story: 'session' })]
    },
    blocker: flag,
    resolve: flag,
    export: exportSession,
  },
})
