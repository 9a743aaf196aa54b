import { action, type Json, omitUndefined } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, JiraConfig } from '../config.ts'
import { rich } from '../text.ts'
import {
  call,
  counted,
  issuePath,
  linkName,
  markOf,
  markProperty,
  nameOf,
  properties,
  quietly,
  writesTo,
} from './call.ts'
import { Body, Keep, Name, OrSession, Time } from './input.ts'

const FRESHNESS =
  'Jira does not document how soon a list shows a new entry; the look-up runs a minute after the attempt.'

/**
 * Jira Service Management shows a comment to the customer unless this property says otherwise; on other issues it has no
 * effect (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/, `jsdPublic`).
 */
const INTERNAL: Readonly<Record<string, Json>> = { 'sd.public.comment': { internal: true } }

/** The properties of a comment; `more` are those of a new one. */
export const commentProperties = (
  { internal }: JiraConfig,
  given: boolean = internal,
  more: Readonly<Record<string, Json>> = {},
): Json | undefined => properties({ ...more, ...(given ? INTERNAL : {}) })

/** Jira documents `notifyUsers` for edits of comments on Cloud alone, and for new comments nowhere. */
export const quietComment = (config: JiraConfig) =>
  config.deployment === 'cloud' && !config.notifyUsers ? { query: quietly(config) } : {}

/** The role of the project, or the group, that sees a comment. */
const Visibility = z.strictObject({ type: z.literal(['role', 'group']), value: Name })

export const createComment = action(
  'createComment',
  z.strictObject({
    issue: OrSession,
    body: Body,
    visibility: Visibility.optional(),
    /** Hidden from the customer of a service request. Default: the option `internal`. */
    internal: z.boolean().optional(),
    /** Name under which later calls of the session find its id. Default: a name of its own. */
    keepAs: Keep.optional(),
  }),
  ({ issue, body, visibility, internal, keepAs }, { key, config }: Here) => {
    const mark = markOf(key)
    const name = keepAs ?? linkName('comment', mark)
    return {
      ...call(config, 'POST', issuePath(issue, '/comment'), {
        payload: omitUndefined({
          body: rich(config, body, mark),
          properties: commentProperties(config, internal, markProperty(config, key, mark)),
          visibility,
        }),
        limit: writesTo(issue),
      }),
      captures: { [name]: '/id' },
      repeat: {
        by: 'mark',
        // Newest first: the first page holds the comment in most cases.
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

export const editComment = action(
  'editComment',
  z.strictObject({
    issue: OrSession,
    comment: z.string().regex(/^\d+$/, 'expected the number of a comment'),
    body: Body,
    /** Hidden from the customer of a service request. Default: the option `internal`. */
    internal: z.boolean().optional(),
  }),
  ({ issue, comment, body, internal }, { config }: Here) => ({
    ...call(config, 'PUT', issuePath(issue, `/comment/${comment}`), {
      ...quietComment(config),
      payload: omitUndefined({ body: rich(config, body), properties: commentProperties(config, internal) }),
      limit: writesTo(issue),
    }),
    repeat: 'safe',
    coalesce: { name: `${nameOf('comment', issue)}: ${comment}` },
  }),
  {
    about: 'Replaces the text of a comment.',
    example: { issue: 'ENG-12', comment: '10042', body: 'Decision: use a write-ahead queue, in two files' },
  },
)

/** Jira accepts `yyyy-MM-dd'T'HH:mm:ss.SSS+0000` alone: with milliseconds and an offset without colon. */
const startTime = (ms: number) => new Date(ms).toISOString().replace('Z', '+0000')

export const logWork = action(
  'logWork',
  z.strictObject({
    issue: OrSession,
    startedAt: Time,
    /** Jira counts minutes and refuses fewer than 60 seconds. */
    seconds: z.int().min(60).max(31_536_000),
    body: Body.optional(),
    /** How Jira changes the remaining estimate. Default `leave`. */
    adjustEstimate: z.literal(['leave', 'auto']).default('leave'),
    keepAs: Keep.optional(),
  }),
  ({ issue, startedAt, seconds, body, adjustEstimate, keepAs }, { key, config }: Here) => {
    const mark = markOf(key)
    const at = Date.parse(startedAt)
    const name = keepAs ?? linkName('worklog', mark)
    const cloud = config.deployment === 'cloud'
    // Without a property the mark needs a text that can carry it.
    const text = body ?? (cloud ? undefined : 'Logged by Sessionwire')
    return {
      ...call(config, 'POST', issuePath(issue, '/worklog'), {
        query: { adjustEstimate, ...quietly(config) },
        payload: omitUndefined({
          started: startTime(at),
          timeSpentSeconds: seconds,
          comment: text === undefined ? undefined : rich(config, text, mark),
          properties: properties(markProperty(config, key, mark)),
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
    example: { issue: 'ENG-12', startedAt: '2026-11-20T07:30:00.000Z', seconds: 1_800, body: 'session' },
  },
)
