import { action, omitUndefined } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { CARD_KINDS, type CardKind, type Here } from '../config.ts'
import { call, comment, KINDS } from './call.ts'
import { statusBy } from './choose.ts'
import { Item, Name, Named, placeOf, readFirst, Subject, Text, textOf } from './input.ts'
import { create } from './items.ts'

/** A card is edited at most this often while a session runs, ms. */
const CARD_MS = 5_000
/** Taiga keeps every older text of a comment in the comment's own row, and writes that row anew: so less often. */
const STATUS_MS = 30_000

/** The comment that was just made is among so many of the newest. */
const NEWEST = 100

const Kind = z.literal(CARD_KINDS)
const card: Item = { by: 'session' }
const version = { $ref: 'version' }

/** What the card's look-ups and answers give to later calls. */
const captured = (kind: CardKind) => ({ [KINDS[kind].id]: '/id', ref: '/ref' })

/** A session's own place: a story, task or issue, or one status comment below one that exists already. */
export const cards = {
  createCard: action(
    'createCard',
    z.strictObject({ kind: Kind, subject: Subject, text: Text, status: Named.optional() }),
    ({ kind, subject, text, status }, at: Here) => {
      const { project, tags, milestone, assignedTo, priority, severity, type, story } = at.config
      return create(
        kind,
        at,
        {
          subject,
          description: { markdown: textOf(text, at.config) ?? '' },
          ...omitUndefined({ status, milestone, assignedTo, priority, severity, type }),
          ...(story === undefined ? {} : { story: { by: 'id', id: story } }),
          tags,
        },
        project,
        captured(kind),
      )
    },
    {
      about: "Creates a session's own story, task or issue in the configured project.",
      example: {
        kind: 'userstory',
        subject: 'Stop double charging',
        text: 'Two webhooks at once charge a customer twice.',
      },
    },
  ),
  adoptCard: action(
    'adoptCard',
    z.strictObject({ kind: Kind, id: Item }),
    ({ kind, id }, { config }: Here) => {
      const { before, place } = placeOf(config, kind, id)
      return {
        ...call(config, 'GET', `${KINDS[kind].path}/${place}`),
        ...(before.length === 0 ? {} : { before }),
        captures: captured(kind),
        repeat: 'safe',
      }
    },
    {
      about: "Takes a story, task or issue that exists already as a session's place; changes nothing.",
      example: { kind: 'userstory', id: 4711 },
    },
  ),
  editCard: action(
    'editCard',
    z.strictObject({ kind: Kind, text: Text }),
    ({ kind, text }, { config }: Here) => {
      const { place, before } = readFirst(config, kind, card)
      return {
        ...call(config, 'PATCH', `${KINDS[kind].path}/${place}`, {
          payload: { description: textOf(text, config), version },
        }),
        before,
        repeat: 'safe',
        coalesce: { name: 'card', everyMs: CARD_MS },
      }
    },
    {
      about: "Rewrites the description of a session's own card.",
      example: { kind: 'userstory', text: 'In progress, 35 %' },
    },
  ),
  createStatus: action(
    'createStatus',
    z.strictObject({ kind: Kind, name: Name, text: Text }),
    ({ kind, name, text }, at: Here) => {
      const noted = (pointer: string) => ({ 'status-comment': pointer })
      return comment(
        at,
        kind,
        placeOf(at.config, kind, card),
        `${textOf(text, at.config) ?? ''}\n\n\`${name}\``,
        {
          inAnswer: noted('/modified_date'),
          inHistory: noted('/created_at'),
        },
      )
    },
    {
      about: 'Adds the one comment that shows how a session stands to a card that existed before it.',
      example: { kind: 'userstory', name: 'session-1', text: 'In progress, 20 %' },
    },
  ),
  findStatus: action(
    'findStatus',
    z.strictObject({ kind: Kind, name: Name }),
    ({ kind, name }, { config }: Here) => {
      const query = { type: 'comment', page_size: NEWEST }
      return {
        ...call(config, 'GET', `history/${kind}/{${KINDS[kind].id}}`, { query }),
        // Newest first: after a restart the new one is found, not the one a person deleted.
        captures: {
          statusId: { list: '', where: { pointer: '/comment', contains: `\`${name}\`` }, pick: '/id' },
        },
        repeat: 'safe',
      }
    },
    {
      about:
        'Finds the id of the comment that shows how a session stands: Taiga does not tell it when it is added.',
      example: { kind: 'userstory', name: 'session-1' },
    },
  ),
  editStatus: action(
    'editStatus',
    z.strictObject({ kind: Kind, name: Name, text: Text }),
    ({ kind, name, text }, { config }: Here) => ({
      ...call(config, 'POST', `history/${kind}/{${KINDS[kind].id}}/edit_comment`, {
        query: { id: { $ref: 'statusId' } },
        payload: { comment: `${textOf(text, config) ?? ''}\n\n\`${name}\`` },
      }),
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: STATUS_MS },
    }),
    {
      about: 'Rewrites the comment that shows how a session stands.',
      example: { kind: 'userstory', name: 'session-1', text: 'In progress, 35 %' },
    },
  ),
  moveCard: action(
    'moveCard',
    z.strictObject({ kind: Kind, status: Named }),
    ({ kind, status }, { config }: Here) => {
      const choice = statusBy(config, kind, status, { $ref: 'project' })
      const item = readFirst(config, kind, card, choice.before.length === 0 ? {} : { project: '/project' })
      return {
        ...call(config, 'PATCH', `${KINDS[kind].path}/${item.place}`, {
          payload: { status: choice.id, version },
        }),
        before: [...item.before, ...choice.before],
        repeat: 'safe',
        coalesce: { name: 'state' },
      }
    },
    {
      about: "Sets the status of a session's card, by id, name or slug.",
      example: { kind: 'userstory', status: 'in-progress' },
    },
  ),
  blockCard: action(
    'blockCard',
    z.strictObject({ kind: Kind, blocked: z.boolean(), note: Text.optional() }),
    ({ kind, blocked, note }, { config }: Here) => {
      const { place, before } = readFirst(config, kind, card)
      return {
        ...call(config, 'PATCH', `${KINDS[kind].path}/${place}`, {
          payload: {
            is_blocked: blocked,
            blocked_note: blocked ? (textOf(note, config) ?? '') : '',
            version,
          },
        }),
        before,
        repeat: 'safe',
        coalesce: { name: 'blocked' },
      }
    },
    {
      about: "Marks a session's card as blocked, with what blocks it, or as blocked no longer.",
      example: { kind: 'userstory', blocked: true, note: 'No staging key' },
    },
  ),
}
