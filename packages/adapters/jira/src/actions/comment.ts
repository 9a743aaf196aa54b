import { action, defined } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../options.ts'
import { rich } from '../text.ts'
import { call, counted, issuePath, linkName, markOf, nameOf, properties, writesTo } from './call.ts'
import { Body, Keep, Name, OrSession, Time } from './input.ts'

/** Nobody has measured how soon a list shows what was just added to it. */
const FRESHNESS = 'Jira does not say how soon a new one shows in the list; it is looked for a minute later.'

/** Who may see a comment: a role of the project, or a group. */
const Visibility = z.strictObject({ type: z.literal(['role', 'group']), value: Name })

export const addComment = action(
  'addComment',
  z.strictObject({
    issue: OrSession,
    body: Body,
    visibility: Visibility.optional(),
    /** Under which name its id is kept for later calls of the session; default one of its own. */
    keepAs: Keep.optional(),
  }),
  ({ issue, body, visibility, keepAs }, { key, config }: Here) => {
    const mark = markOf(key)
    const name = keepAs ?? linkName('comment', mark)
    return {
      ...call(config, 'POST', issuePath(issue, '/comment'), {
        payload: defined({
          body: rich(config, body, mark),
          properties: properties(config, key, mark),
          visibility,
        }),
        limit: writesTo(issue),
      }),
      captures: { [name]: '/id' },
      repeat: {
        by: 'mark',
        // Newest first: what is looked for is among the first.
        call: call(config, 'GET', issuePath(issue, '/comment'), {
          query: { orderBy: '-created', maxResults: 100, expand: 'properties' },
        }),
        list: '/comments',
        where: { pointer: '', contains: mark },
        next: counted,
        captures: { [name]: '/id' },
      },
      asterisk: FRESHNESS,
    }
  },
  {
    about: 'Adds a comment to an issue.',
    example: { issue: 'ENG-12', body: 'Decision: use a write-ahead queue' },
  },
)

export const updateComment = action(
  'updateComment',
  z.strictObject({
    issue: OrSession,
    comment: z.string().regex(/^\d+$/, 'must be the number of a comment'),
    body: Body,
  }),
  ({ issue, comment, body }, { config }: Here) => ({
    ...call(config, 'PUT', issuePath(issue, `/comment/${comment}`), {
      payload: { body: rich(config, body) },
      limit: writesTo(issue),
    }),
    repeat: 'safe',
    coalesce: { name: `${nameOf('comment', issue)}: ${comment}` },
  }),
  {
    about: 'Writes a comment anew.',
    example: { issue: 'ENG-12', comment: '10042', body: 'Decision: use a write-ahead queue, in two files' },
  },
)

export const editCardComment = action(
  'editCardComment',
  z.strictObject({ body: Body }),
  ({ body }, { config }: Here) => ({
    ...call(config, 'PUT', issuePath(undefined, '/comment/{comment}'), {
      payload: { body: rich(config, body) },
    }),
    repeat: 'safe',
    coalesce: { name: 'card', everyMs: 5_000 },
  }),
  {
    about: 'Writes the status comment of a session anew, on an issue it was given.',
    example: { body: 'Reproduced with two parallel webhooks' },
  },
)

/** `yyyy-MM-dd'T'HH:mm:ss.SSS+0000`: Jira takes milliseconds and an offset without colon, and nothing else. */
const started = (ms: number) => new Date(ms).toISOString().replace('Z', '+0000')

export const addWorklog = action(
  'addWorklog',
  z.strictObject({
    issue: OrSession,
    startedAt: Time,
    /** Jira counts in minutes: less than 60 is not taken. */
    seconds: z.int().min(60).max(31_536_000),
    comment: Body.optional(),
    /** What happens to the remaining estimate. Default `leave`. */
    adjustEstimate: z.literal(['leave', 'auto']).default('leave'),
    keepAs: Keep.optional(),
  }),
  ({ issue, startedAt, seconds, comment, adjustEstimate, keepAs }, { key, config }: Here) => {
    const mark = markOf(key)
    const at = Date.parse(startedAt)
    const name = keepAs ?? linkName('worklog', mark)
    const cloud = config.deployment === 'cloud'
    // Without a property our mark needs a text to stand in.
    const text = comment ?? (cloud ? undefined : 'Logged by Sessionwire')
    return {
      ...call(config, 'POST', issuePath(issue, '/worklog'), {
        query: { adjustEstimate, ...(config.notifyUsers ? {} : { notifyUsers: 'false' }) },
        payload: defined({
          started: started(at),
          timeSpentSeconds: seconds,
          comment: text === undefined ? undefined : rich(config, text, mark),
          properties: properties(config, key, mark),
        }),
        limit: writesTo(issue),
      }),
      captures: { [name]: '/id' },
      repeat: {
        by: 'mark',
        call: call(config, 'GET', issuePath(issue, '/worklog'), {
          query: cloud
            ? {
                startedAfter: at - 60_000,
                startedBefore: at + 60_000,
                maxResults: 1_000,
                expand: 'properties',
              }
            : {},
        }),
        list: '/worklogs',
        where: { pointer: '', contains: mark },
        next: counted,
        captures: { [name]: '/id' },
      },
      asterisk: FRESHNESS,
    }
  },
  {
    about: 'Logs work on an issue; time tracking must be on in Jira.',
    example: { issue: 'ENG-12', startedAt: '2026-11-20T07:30:00.000Z', seconds: 1_800, comment: 'session' },
  },
)
