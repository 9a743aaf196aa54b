import { action, omitUndefined } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, JiraConfig } from '../config.ts'
import { agile, call, issuePath, issueRef, linkName, markOf, nameOf, writesTo } from './call.ts'
import { Day, Fields, Issue, Keep, Name, OrSession, Web } from './input.ts'

/**
 * Reads the status of an issue from the database: in bulk on Cloud; by a search on Data Center, whose index is up to date.
 * Both answer with a list that may be empty.
 */
const statusOf = (config: JiraConfig, issue: string | undefined) =>
  config.deployment === 'cloud'
    ? call(config, 'POST', 'issue/bulkfetch', {
        payload: { issueIdsOrKeys: [issue ?? { $ref: 'issue' }], fields: ['status'] },
        limit: 'read',
      })
    : call(
        config,
        'GET',
        `search?jql=issue%20%3D%20%22${issue === undefined ? '{issue}' : encodeURIComponent(issue)}%22&fields=status`,
        { limit: 'search' },
      )

/**
 * One step of a workflow. Jira has no way to set a status: an issue takes a transition, and only those that its workflow
 * offers from where it is. With `via`, the step leads to `status`, or else to the last status of `via` that can be reached,
 * and an issue that is at any of them already stays. So a way of n statuses is n calls planned ahead, each with a shorter
 * `via`: none leads back, none has to know where the one before it ended, and each may be repeated.
 */
export const setStatus = action(
  'setStatus',
  z.strictObject({
    issue: OrSession,
    /** Name of the status to reach. */
    status: Name,
    /** Names of statuses on the way, first to last, where the workflow does not lead to `status` directly. */
    via: z.array(Name).max(8).default([]),
    /** Name of the resolution, where the transition asks for one. */
    resolution: z.optional(Name),
    fields: Fields.optional(),
  }),
  ({ issue, status, via, resolution, fields }, { config }: Here) => {
    const sent = omitUndefined({
      ...fields,
      resolution: resolution === undefined ? undefined : { name: resolution },
    })
    const wanted = [status, ...via.toReversed()]
    const isOneOf = (pointer: string) =>
      via.length === 0
        ? ({ pointer, equals: status, anyCase: true } as const)
        : ({ pointer, oneOf: wanted, anyCase: true } as const)
    return {
      ...call(config, 'POST', issuePath(issue, '/transitions'), {
        payload: omitUndefined({
          transition: { id: { $ref: 'transition' } },
          fields: Object.keys(sent).length === 0 ? undefined : sent,
        }),
        limit: writesTo(issue),
      }),
      // The name of a transition is not the name of the status it leads to, and Jira takes ids alone.
      before: [
        {
          call: call(config, 'GET', issuePath(issue, '/transitions'), {
            query: { expand: 'transitions.fields' },
          }),
          list: '/transitions',
          where: isOneOf('/to/name'),
          captures: { transition: '/id' },
          noun: 'status',
          offer: '/to/name',
        },
      ],
      // The look-up runs first: an issue that is there already has no transition to where it is.
      repeat: {
        by: 'mark',
        first: true,
        call: statusOf(config, issue),
        list: '/issues',
        where: isOneOf('/fields/status/name'),
      },
      // Each status is sent, since the next one may be out of reach without it; a step on the way overtakes nothing.
      coalesce: {
        name: [nameOf('status', issue), ...via].join(' via '),
        keep: true as const,
        place: 'after' as const,
      },
    }
  },
  {
    about: 'Moves an issue to a status by its name; an issue that is there already stays.',
    example: { issue: 'ENG-12', status: 'In Progress' },
  },
)

const APPLICATION = { type: 'dev.sessionwire', name: 'Sessionwire' }

export const addLink = action(
  'addLink',
  z.strictObject({
    issue: OrSession,
    /** Identifies the link: a second call with the same id changes it. */
    globalId: Name,
    url: Web,
    title: Name,
    summary: z.optional(Name),
    relationship: z.optional(Name),
    /** True: Jira shows it struck through. */
    resolved: z.boolean().optional(),
  }),
  ({ issue, globalId, url, title, summary, relationship, resolved }, { config }: Here) => ({
    // Jira sets fields that an update leaves out to null, so each call sends all of them.
    ...call(config, 'POST', issuePath(issue, '/remotelink'), {
      payload: omitUndefined({
        globalId,
        application: APPLICATION,
        relationship,
        object: omitUndefined({
          url,
          title,
          summary,
          status: resolved === undefined ? undefined : { resolved },
        }),
      }),
      limit: writesTo(issue),
    }),
    repeat: 'safe',
    coalesce: { name: `${nameOf('link', issue)}: ${globalId}` },
  }),
  {
    about: 'Links an issue to a web address, or changes the link of the same `globalId`.',
    example: {
      issue: 'ENG-12',
      globalId: 'agent-session=4f1c2a9e',
      url: 'https://example.com/s/4f1c2a9e',
      title: 'Session log',
    },
  },
)

export const linkIssues = action(
  'linkIssues',
  z.strictObject({
    issue: OrSession,
    /** Name of the link type, read from left to right: `issue` blocks `to`. */
    kind: Name,
    to: Issue,
  }),
  ({ issue, kind, to }, { config }: Here) => ({
    // Contrary to its name, `inwardIssue` of a POST is the issue that acts: the blocker of "Blocks".
    ...call(config, 'POST', 'issueLink', {
      payload: {
        type: { name: { $ref: 'linkType' } },
        inwardIssue: issueRef(issue),
        outwardIssue: issueRef(to),
      },
      limit: writesTo(issue),
    }),
    before: [
      {
        call: call(config, 'GET', 'issueLinkType'),
        list: '/issueLinkTypes',
        where: { pointer: '/name', equals: kind, anyCase: true },
        captures: { linkType: '/name' },
        otherwise: { linkType: kind },
        noun: 'link type',
        cacheMs: 600_000,
      },
    ],
    repeat: 'safe',
  }),
  {
    about:
      'Links two issues, read from left to right: `issue` blocks `to`. A link that exists stays one link.',
    example: { issue: 'ENG-12', kind: 'Blocks', to: 'ENG-13' },
  },
)

export const createVersion = action(
  'createVersion',
  z.strictObject({
    /** Number of the project; the action `projects` reads it. */
    projectId: z.int().positive(),
    name: Name,
    description: z.optional(Name),
    releaseDate: Day.optional(),
    released: z.boolean().optional(),
    keepAs: Keep.optional(),
  }),
  ({ projectId, name, description, releaseDate, released, keepAs }, { key, config }: Here) => {
    const kept = keepAs ?? linkName('version', markOf(key))
    return {
      ...call(config, 'POST', 'version', {
        payload: omitUndefined({ projectId, name, description, releaseDate, released }),
      }),
      captures: { [kept]: '/id' },
      // A project has at most one version of a name: an existing one is the wanted one.
      repeat: {
        by: 'mark',
        first: true,
        call: call(config, 'GET', `project/${projectId}/versions`),
        list: '',
        where: { pointer: '/name', equals: name },
        captures: { [kept]: '/id' },
      },
    }
  },
  {
    about: 'Creates a version (milestone) of a project, or finds the one of this name.',
    example: { projectId: 10000, name: '2.1', releaseDate: '2026-12-31' },
  },
)

export const addToSprint = action(
  'addToSprint',
  z.strictObject({ sprint: z.int().positive(), issues: z.array(Issue).min(1).max(50).optional() }),
  ({ sprint, issues }, { config }: Here) => {
    const keys = issues?.map(issue => issue.toUpperCase())
    return {
      ...agile(config, 'POST', `sprint/${sprint}/issue`, {
        payload: { issues: keys ?? [{ $ref: 'issue' }] },
      }),
      repeat: 'safe',
      coalesce: { name: `sprint: ${keys?.toSorted().join(' ') ?? 'session'}` },
      asterisk:
        'Jira documents that it moves issues into the sprint, but not what a repetition does to their rank.',
    }
  },
  {
    about: "Moves issues into a sprint that is open; without `issues`, the session's.",
    example: { sprint: 7, issues: ['ENG-12', 'ENG-13'] },
  },
)

export const setStoryPoints = action(
  'setStoryPoints',
  z.strictObject({
    issue: OrSession,
    board: z.int().positive(),
    points: z.number().min(0).max(1_000_000),
  }),
  ({ issue, board, points }, { config }: Here) => ({
    ...agile(config, 'PUT', issuePath(issue, '/estimation'), {
      query: { boardId: board },
      payload: { value: String(points) },
      limit: writesTo(issue),
    }),
    repeat: 'safe',
    coalesce: { name: `${nameOf('points', issue)}: ${board}` },
  }),
  {
    about: "Sets the estimate of an issue in its board's unit, such as story points.",
    example: { issue: 'ENG-12', board: 3, points: 5 },
  },
)
