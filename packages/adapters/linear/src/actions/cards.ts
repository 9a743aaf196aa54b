import { action } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { call, create, linkName, oneLine } from './call.ts'
import { teamBy } from './choose.ts'
import { Id, Issue, Text, Title, textOf } from './input.ts'

/** A card is edited at most this often while a session runs, ms. */
const CARD_MS = 5_000
const coalesce = { name: 'card', everyMs: CARD_MS } as const

/** Changes what is given of an issue, and nothing else. */
export const ISSUE_UPDATE = oneLine(`mutation IssueUpdate($id: String!, $input: IssueUpdateInput!) {
  issueUpdate(id: $id, input: $input) { success issue { id } }
}`)
/** Changes the text of a comment. */
export const COMMENT_UPDATE = oneLine(`mutation CommentUpdate($id: String!, $input: CommentUpdateInput!) {
  commentUpdate(id: $id, input: $input) { success comment { id } }
}`)

const EXAMPLE_ISSUE = 'BIL-212'
const EXAMPLE_COMMENT = '3f9f0d1e-77aa-4bbb-8ccc-1234567890ab'

/** A session's own place: an issue, or one status comment under an issue that exists already. */
export const cards = {
  createCard: action(
    'createCard',
    z.strictObject({ title: Title, text: Text }),
    ({ title, text }, at: Here) => {
      const { config } = at
      const team = teamBy(config, config.teamId)
      return {
        ...create(
          'issue',
          at,
          {
            teamId: team.id,
            title,
            description: textOf(text, config),
            projectId: config.projectId,
            priority: config.priority,
          },
          { issueId: '/id', identifier: '/identifier', url: '/url' },
        ),
        ...(team.before.length > 0 ? { before: team.before } : {}),
      }
    },
    {
      about: "Creates a session's own issue, in the configured team and project.",
      example: { title: 'Stop double charging', text: 'Two webhooks at once charge a customer twice.' },
    },
  ),
  editCard: action(
    'editCard',
    z.strictObject({ issue: Issue, text: Text }),
    ({ issue, text }, { config }: Here) => ({
      ...call(config, ISSUE_UPDATE, { id: issue, input: { description: textOf(text, config) } }),
      repeat: 'safe',
      coalesce,
    }),
    {
      about: "Rewrites the description of a session's own issue.",
      example: { issue: EXAMPLE_ISSUE, text: 'In progress, 35 %' },
    },
  ),
  createStatus: action(
    'createStatus',
    z.strictObject({ issue: Issue, text: Text }),
    ({ issue, text }, at: Here) =>
      create(
        'status',
        at,
        { issueId: issue, body: textOf(text, at.config) },
        { issueId: '/issue/id', commentId: '/id', identifier: '/issue/identifier', url: '/issue/url' },
      ),
    {
      about: 'Adds the one comment that shows how a session stands to an issue that exists already.',
      example: { issue: EXAMPLE_ISSUE, text: 'In progress, 20 %' },
    },
  ),
  editStatus: action(
    'editStatus',
    z.strictObject({ comment: Id, text: Text }),
    ({ comment, text }, { config }: Here) => ({
      ...call(config, COMMENT_UPDATE, { id: comment, input: { body: textOf(text, config) } }),
      repeat: 'safe',
      coalesce,
    }),
    {
      about: 'Rewrites the comment that shows how a session stands.',
      example: { comment: EXAMPLE_COMMENT, text: 'In progress, 35 %' },
    },
  ),
  createEntry: action(
    'createEntry',
    z.strictObject({ issue: Issue, text: Text }),
    ({ issue, text }, at: Here) =>
      create(
        'comment',
        at,
        { issueId: issue, body: textOf(text, at.config) },
        { [linkName('entry', at.key)]: '/url' },
      ),
    {
      about: 'Adds a comment below a card: a decision, a blocker, its end, the summary.',
      example: { issue: EXAMPLE_ISSUE, text: 'Lock per invoice' },
    },
  ),
}
