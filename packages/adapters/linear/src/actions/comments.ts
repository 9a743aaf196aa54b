import { action } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { call, create, linkName } from './call.ts'
import { COMMENT_UPDATE } from './cards.ts'
import { Body, Id, markdownOf, OrSession } from './input.ts'

/** Comments on issues. */
export const comments = {
  createComment: action(
    'createComment',
    z.strictObject({
      issue: OrSession,
      body: Body,
      /** The comment that this one replies to. */
      parent: Id.optional(),
    }),
    // A reply names its issue too: without it Linear answers "Exactly one of … must be defined".
    ({ issue, body, parent }, at: Here) =>
      create(
        'comment',
        at,
        { issueId: issue, body: markdownOf(body, at.config), parentId: parent },
        { [linkName('comment', at.key)]: '/url' },
      ),
    {
      about: 'Adds a comment to an issue, or a reply to a comment of it.',
      example: { issue: 'BIL-212', body: 'Reproduced with two parallel webhooks' },
    },
  ),
  editComment: action(
    'editComment',
    z.strictObject({ comment: Id, body: Body }),
    ({ comment, body }, { config }: Here) => ({
      ...call(config, COMMENT_UPDATE, { id: comment, input: { body: markdownOf(body, config) } }),
      repeat: 'safe',
      coalesce: { name: `comment ${comment}` },
    }),
    {
      about: 'Replaces the text of a comment.',
      example: { comment: '3f9f0d1e-77aa-4bbb-8ccc-1234567890ab', body: 'Reproduced twice' },
    },
  ),
}
