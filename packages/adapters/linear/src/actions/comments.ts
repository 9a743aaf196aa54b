import { action } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { call, create, linkName, nameOf } from './call.ts'
import { COMMENT_UPDATE } from './cards.ts'
import { Id, Issue, Text, textOf } from './input.ts'

/** Comments on issues. */
export const comments = {
  createComment: action(
    'createComment',
    z.strictObject({ issue: Issue, text: Text, parent: Id.optional() }),
    // A reply names its issue too: without it Linear answers "Exactly one of … must be defined".
    ({ issue, text, parent }, at: Here) =>
      create(
        'comment',
        at,
        { issueId: issue, body: textOf(text, at.config), parentId: parent },
        { [linkName('comment', at.key)]: '/url' },
      ),
    {
      about: 'Adds a comment to an issue, or a reply to a comment of it.',
      example: { issue: 'BIL-212', text: 'Reproduced with two parallel webhooks' },
    },
  ),
  updateComment: action(
    'updateComment',
    z.strictObject({ comment: Id, text: Text }),
    ({ comment, text }, { config }: Here) => ({
      ...call(config, COMMENT_UPDATE, { id: comment, input: { body: textOf(text, config) } }),
      repeat: 'safe',
      coalesce: { name: nameOf('comment', comment) },
    }),
    {
      about: 'Rewrites a comment.',
      example: { comment: '3f9f0d1e-77aa-4bbb-8ccc-1234567890ab', text: 'Reproduced twice' },
    },
  ),
}
