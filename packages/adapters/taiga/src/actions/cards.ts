import { continueAs, omitUndefined, replaceCard, type Step, step, wrapCard } from '@sessionwire/core/adapter'
import type { CardKind, TaigaConfig } from '../config.ts'
import { call, comment, KINDS } from './call.ts'
import { type Item, placeOf, readFirst } from './input.ts'
import { create } from './items.ts'

/* Calls that hooks alone send. */

/** Taiga keeps every older text of a comment in the comment's own row, and writes that row again: ms between two edits. */
const COMMENT_EVERY_MS = 30_000
/** The comment that was just made is among so many of the newest. */
const NEWEST = 100

const CARD: Item = { by: 'session' }
const version = { $ref: 'version' }

/** Captures of the card for later calls. */
const capturesOf = (kind: CardKind) => ({ [KINDS[kind].id]: '/id', ref: '/ref' })

/** Session and event that a text comes from. */
export type Origin = Parameters<typeof wrapCard>[1]

/** Creates the story, task or issue of a session. */
export const createCard = (kind: CardKind, title: string, text: string, origin: Origin): Step<TaigaConfig> =>
  step('createCard', at => {
    const { project, labels, milestone, assignee, priority, severity, type, story } = at.config
    return create(
      kind,
      at,
      {
        title,
        body: { markdown: wrapCard(text, origin) },
        ...omitUndefined({ milestone, assignee, priority, severity, type }),
        ...(story === undefined ? {} : { story: { by: 'id', id: story } }),
        labels,
      },
      project,
      capturesOf(kind),
    )
  })

/** A comment that shows the card; it ends with `name`, by which it is found. */
export type CardComment = Readonly<{ name: string; text: string }>

/** Newest first: after `recreateCard` the new comment is found, not one that a person deleted. */
const historyOf = (config: TaigaConfig, kind: CardKind) =>
  call(config, 'GET', `history/${kind}/{${KINDS[kind].id}}`, {
    query: { type: 'comment', page_size: NEWEST },
  })
const whereNamed = (name: string) => ({ pointer: '/comment', contains: `\`${name}\`` })

/**
 * Edits the session's block in the description of its own card. Where people removed the block, it stays removed, and the card
 * goes on as one comment.
 */
export const editCard = (
  kind: CardKind,
  text: string,
  origin: Origin,
  comment: CardComment,
): Step<TaigaConfig> =>
  step('editCard', ({ config }) => {
    const { place, before } = readFirst(config, kind, CARD, {
      description: { pick: '/description', otherwise: '' },
    })
    const at = { key: `${origin.session.id}/status`, config }
    return {
      ...call(config, 'PATCH', `${KINDS[kind].path}/${place}`, {
        payload: { description: replaceCard('description', text, origin), version },
      }),
      before,
      instead: continueAs({
        find: {
          call: historyOf(config, kind),
          list: '',
          where: whereNamed(comment.name),
          captures: { statusId: '/id' },
        },
        create: createCardComment(kind, comment)(at),
        edit: editCardComment(kind, comment)(at),
      }),
      repeat: 'safe',
    }
  })

/** Gives the card of the session another title. */
export const renameCard = (kind: CardKind, title: string): Step<TaigaConfig> =>
  step('renameCard', ({ config }) => {
    const { place, before } = readFirst(config, kind, CARD)
    return {
      ...call(config, 'PATCH', `${KINDS[kind].path}/${place}`, { payload: { subject: title, version } }),
      before,
      repeat: 'safe',
    }
  })

/** Marks the card as blocked, with a note, or as not blocked. */
export const setBlocked = (kind: CardKind, note: string | undefined): Step<TaigaConfig> =>
  step('setBlocked', ({ config }) => {
    const { place, before } = readFirst(config, kind, CARD)
    return {
      ...call(config, 'PATCH', `${KINDS[kind].path}/${place}`, {
        payload: { is_blocked: note !== undefined, blocked_note: note ?? '', version },
      }),
      before,
      repeat: 'safe',
      coalesce: { name: 'blocked', place: 'after' },
    }
  })

/** Reads an item that people linked, so that later calls know its id; it changes nothing. */
export const linkCard = (kind: CardKind, item: Item): Step<TaigaConfig> =>
  step('linkCard', ({ config }) => {
    const { before, place } = placeOf(config, kind, item)
    return {
      ...call(config, 'GET', `${KINDS[kind].path}/${place}`),
      ...(before.length === 0 ? {} : { before }),
      captures: capturesOf(kind),
      repeat: 'safe',
    }
  })

/** Adds the status comment. */
export const createCardComment = (kind: CardKind, { name, text }: CardComment): Step<TaigaConfig> =>
  step('createCardComment', at =>
    comment(at, kind, placeOf(at.config, kind, CARD), `${text}\n\n\`${name}\``, {
      inAnswer: { 'status-comment': '/modified_date' },
      inHistory: { 'status-comment': '/created_at' },
    }),
  )

/** Finds the id of the status comment, which Taiga does not tell when it is added. */
export const findCardComment = (kind: CardKind, name: string): Step<TaigaConfig> =>
  step('findCardComment', ({ config }) => ({
    ...historyOf(config, kind),
    captures: { statusId: { list: '', where: whereNamed(name), pick: '/id' } },
    repeat: 'safe',
  }))

/** Edits the status comment. */
export const editCardComment = (kind: CardKind, { name, text }: CardComment): Step<TaigaConfig> =>
  step('editCardComment', ({ config }) => ({
    ...call(config, 'POST', `history/${kind}/{${KINDS[kind].id}}/edit_comment`, {
      query: { id: { $ref: 'statusId' } },
      payload: { comment: `${text}\n\n\`${name}\`` },
    }),
    repeat: 'safe',
    coalesce: { name: 'card', everyMs: COMMENT_EVERY_MS },
  }))
