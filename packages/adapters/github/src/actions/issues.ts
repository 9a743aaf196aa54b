import { action } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { GithubConfig, Here } from '../config.ts'
import { markdown, withMark } from '../text.ts'
import { call, findComment, findIssue, issuePath, linkName, nameOf } from './call.ts'
import { Body, Id, Labels, Line, Login, numberOf, OrSession } from './input.ts'

const textOf = (body: Body, config: GithubConfig): string =>
  markdown.text(body, { links: config.links, maxLength: config.maxLength - 100 })

/** How an issue is: open, or closed for a reason. */
const Status = z.literal(['open', 'completed', 'not_planned', 'duplicate'])
type Status = z.output<typeof Status>

const stateOf = (status: Status) =>
  status === 'open' ? { state: 'open' } : { state: 'closed', state_reason: status }

/** A new issue, found again by its mark. `name` is the capture of its number. */
export const newIssue = <const N extends string>(
  name: N,
  fields: Readonly<{
    title: string
    body: string
    labels?: readonly string[] | undefined
    assignees?: readonly string[] | undefined
  }>,
  at: Here,
) => {
  const { title, body, labels, assignees } = fields
  const captures = { [name]: '/number', url: '/html_url' } as { readonly [K in N | 'url']: string }
  return {
    ...call(at.config, 'POST', '/issues', {
      payload: { title, body: withMark(body, at.key), labels, assignees },
    }),
    captures,
    repeat: { ...findIssue(at), captures },
  }
}

/** A new comment, found again by its mark. `captures` are pointers into it. */
export const newComment = <const N extends string>(
  issue: number | undefined,
  body: string,
  captures: Readonly<Record<N, string>>,
  at: Here,
) => ({
  ...call(at.config, 'POST', issuePath(issue, '/comments'), { payload: { body: withMark(body, at.key) } }),
  captures,
  repeat: { ...findComment(issue, at), captures },
})

/** Writes of issues and comments. */
export const issues = {
  createIssue: action(
    'createIssue',
    z.strictObject({
      title: Line,
      body: z.optional(Body),
      labels: Labels.optional(),
      assignees: z.array(Login).max(10, 'expected at most 10 logins').optional(),
    }),
    ({ title, body, labels, assignees }, at: Here) =>
      newIssue(
        linkName('issue', at.key),
        { title, body: body === undefined ? '' : textOf(body, at.config), labels, assignees },
        at,
      ),
    {
      about: 'Creates an issue in the repository.',
      example: { title: 'Charge twice on parallel webhooks', body: 'Two at once.', labels: ['bug'] },
    },
  ),
  updateIssue: action(
    'updateIssue',
    z
      .strictObject({
        issue: OrSession,
        title: z.optional(Line),
        body: z.optional(Body),
        /** Number of a milestone; null removes it. */
        milestone: z.int().min(1).nullable().optional(),
      })
      .refine(
        ({ issue: _, ...fields }) => Object.keys(fields).length > 0,
        'expected at least one field to change',
      ),
    ({ issue, title, body, milestone }, { config }: Here) => {
      const payload = { title, body: body === undefined ? undefined : textOf(body, config), milestone }
      const names = Object.entries(payload).flatMap(([name, value]) => (value === undefined ? [] : [name]))
      return {
        ...call(config, 'PATCH', issuePath(numberOf(issue, config)), { payload }),
        repeat: 'safe',
        coalesce: { name: nameOf(`issue ${names.join(' ')}`, numberOf(issue, config)) },
      }
    },
    {
      about: 'Changes the given fields of an issue or pull request.',
      example: { issue: 12, title: 'Lock per invoice' },
    },
  ),
  setStatus: action(
    'setStatus',
    z.strictObject({ issue: OrSession, status: Status }),
    ({ issue, status }, { config }: Here) => ({
      ...call(config, 'PATCH', issuePath(numberOf(issue, config)), { payload: stateOf(status) }),
      repeat: 'safe',
      coalesce: { name: nameOf('status', numberOf(issue, config)), place: 'after' },
    }),
    {
      about: 'Opens an issue, or closes it as `completed`, `not_planned` or `duplicate`.',
      example: { issue: 12, status: 'completed' },
    },
  ),
  assign: action(
    'assign',
    z.strictObject({ issue: OrSession, assignee: Login.nullable() }),
    ({ issue, assignee }, { config }: Here) => ({
      ...call(config, 'PATCH', issuePath(numberOf(issue, config)), {
        payload: { assignees: assignee === null ? [] : [assignee] },
      }),
      repeat: 'safe',
      coalesce: { name: nameOf('assignee', numberOf(issue, config)) },
    }),
    {
      about: 'Makes a user the one assignee of an issue; null leaves it without.',
      example: { issue: 12, assignee: 'octocat' },
    },
  ),
  addLabels: action(
    'addLabels',
    z.strictObject({ issue: OrSession, labels: Labels }),
    ({ issue, labels }, { config }: Here) => ({
      ...call(config, 'POST', issuePath(numberOf(issue, config), '/labels'), { payload: { labels } }),
      repeat: 'safe',
    }),
    { about: 'Adds labels; the others stay.', example: { issue: 12, labels: ['bug'] } },
  ),
  createComment: action(
    'createComment',
    z.strictObject({ issue: OrSession, body: Body }),
    ({ issue, body }, at: Here) =>
      newComment(
        numberOf(issue, at.config),
        textOf(body, at.config),
        { [linkName('comment', at.key)]: '/id' },
        at,
      ),
    {
      about: 'Adds a comment to an issue or pull request.',
      example: { issue: 12, body: 'Reproduced with two parallel webhooks' },
    },
  ),
  editComment: action(
    'editComment',
    z.strictObject({ comment: Id, body: Body }),
    ({ comment, body }, { config }: Here) => ({
      ...call(config, 'PATCH', `/issues/comments/${comment}`, { payload: { body: textOf(body, config) } }),
      repeat: 'safe',
      coalesce: { name: `comment ${comment}` },
    }),
    { about: 'Replaces the text of a comment.', example: { comment: 91, body: 'Reproduced twice' } },
  ),
  deleteComment: action(
    'deleteComment',
    z.strictObject({ comment: Id }),
    ({ comment }, { config }: Here) => ({
      ...call(config, 'DELETE', `/issues/comments/${comment}`),
      repeat: 'safe',
    }),
    { about: 'Deletes a comment.', example: { comment: 91 }, effect: 'destructive' },
  ),
}
