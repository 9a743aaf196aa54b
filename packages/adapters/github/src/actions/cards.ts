import {
  continueAs,
  type Descriptor,
  type Lookup,
  type provenance,
  replaceCard,
  type Step,
  step,
  wrapCard,
} from '@sessionwire/core/adapter'
import type { GithubConfig } from '../config.ts'
import { withMark } from '../text.ts'
import { call, findComment, issuePath } from './call.ts'
import { newComment, newIssue } from './issues.ts'

/*
 * Calls that hooks alone send. People write into the description of the issue of a session too: the card is a block between
 * two marks, and an edit replaces that block alone.
 */

type Origin = Parameters<typeof provenance>[0]

/** Creates the issue of a session. */
export const createCard = (title: string, text: string, origin: Origin): Step<GithubConfig> =>
  step('createCard', at =>
    newIssue(
      'issue',
      {
        title,
        body: wrapCard(text, origin),
        ...(at.config.labels.length === 0 ? {} : { labels: at.config.labels }),
      },
      at,
    ),
  )

const CARD_COMMENT = { commentId: '/id', url: '/html_url' } as const

/** Adds the one comment that has a session's card to an issue or pull request that people linked. */
export const createCardComment = (issue: number, body: string): Step<GithubConfig> =>
  step('createCardComment', at => newComment(issue, body, CARD_COMMENT, at))

/** Edits that comment. `mark`: the key of the mark that the text keeps. */
export const editCardComment = (body: string, mark?: string): Step<GithubConfig> =>
  step('editCardComment', ({ config }) => ({
    ...call(config, 'PATCH', '/issues/comments/{commentId}', {
      payload: { body: mark === undefined ? body : withMark(body, mark) },
    }),
    repeat: 'safe',
  }))

/**
 * Edits the session's block in the description of its own issue. Where people removed the block it stays removed, and the
 * card goes on as one comment with the text `comment`.
 */
export const editCard = (text: string, comment: string, origin: Origin): Step<GithubConfig> =>
  step('editCard', ({ config }) => {
    // The key is of the session and not of the event, so that each edit finds the same comment.
    const at = { key: `${origin.session.id}/status`, config }
    const create = step('createCardComment', () => newComment(undefined, comment, { commentId: '/id' }, at))(
      at,
    )
    return {
      ...call(config, 'PATCH', issuePath(undefined), {
        payload: { body: replaceCard('description', text, origin) },
      }),
      before: [
        {
          call: call(config, 'GET', issuePath(undefined)),
          captures: { description: { pick: '/body', otherwise: '' } },
          gone: true,
        },
      ],
      instead: continueAs({
        create,
        edit: editCardComment(comment, at.key)(at),
        // The comment may be older than the first attempt of this edit: the whole list is read.
        find: { ...lookupOf(findComment(undefined, at, true)), captures: { commentId: '/id' } },
      }),
      repeat: 'safe',
    }
  })

/** Gives the issue of the session another title. */
export const renameCard = (title: string): Step<GithubConfig> =>
  step('renameCard', ({ config }) => ({
    ...call(config, 'PATCH', issuePath(undefined), { payload: { title } }),
    repeat: 'safe',
  }))

/** Deletes a comment that was added, by the id that its answer had. */
export const removeComment = ({ captures = {} }: Descriptor): Step<GithubConfig> =>
  step('deleteComment', ({ config }) => ({
    ...call(config, 'DELETE', `/issues/comments/{${Object.keys(captures)[0]}}`),
    repeat: 'safe',
  }))

/** Adds a comment below the card: a decision, a blocker, its end, the summary. */
export const createEntry = (issue: number | undefined, body: string): Step<GithubConfig> =>
  step('createEntry', at => ({
    ...call(at.config, 'POST', issuePath(issue, '/comments'), { payload: { body: withMark(body, at.key) } }),
    repeat: findComment(issue, at),
  }))

/** Reads of the session's card: the comment where it is one, else the issue. */
export const cardLookups = (config: GithubConfig): readonly Lookup[] => [
  { call: call(config, 'GET', '/issues/comments/{commentId}') },
  { call: call(config, 'GET', issuePath(undefined)) },
]

const lookupOf = ({ by: _, ...lookup }: ReturnType<typeof findComment>): Lookup => lookup
