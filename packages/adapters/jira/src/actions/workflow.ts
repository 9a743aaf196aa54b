import { action, defined } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, JiraConfig } from '../options.ts'
import { agile, call, issuePath, issueRef, linkName, markOf, nameOf, writesTo } from './call.ts'
import { Day, Fields, Issue, Keep, Name, OrSession, Web } from './input.ts'

/**
 * Reads the status an issue has now, from the database and not from the index where there is a choice: in bulk on
 * Cloud, by a search on Data Center, whose index is its own. Both are lists that may be empty.
 */
const standing = (config: JiraConfig, issue: string | undefined) =>
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

export const transition = action(
  'transition',
  z.strictObject({
    issue: OrSession,
    /** Name of the status to reach, as Jira shows it. */
    status: Name,
    /** Name of the resolution, where the transition asks for one. */
    resolution: Name.optional(),
    fields: Fields.optional(),
  }),
  ({ issue, status, resolution, fields }, { config }: Here) => {
    const sent = defined({
      ...fields,
      resolution: resolution === undefined ? undefined : { name: resolution },
    })
    return {
      ...call(config, 'POST', issuePath(issue, '/transitions'), {
        payload: defined({
          transition: { id: { $ref: 'transition' } },
          fields: Object.keys(sent).length === 0 ? undefined : sent,
        }),
        limit: writesTo(issue),
      }),
      // The name of a transition is not the name of the status it leads to, and only ids are taken.
      before: [
        {
          call: call(config, 'GET', issuePath(issue, '/transitions'), {
            query: { expand: 'transitions.fields' },
          }),
          list: '/transitions',
          where: { pointer: '/to/name', equals: status, anyCase: true },
          captures: { transition: '/id' },
          noun: 'status',
          offer: '/to/name',
        },
      ],
      // Asked first: an issue that is there already has no transition to where it is.
      repeat: {
        by: 'mark',
        first: true,
        call: standing(config, issue),
        list: '/issues',
        where: { pointer: '/fields/status/name', equals: status, anyCase: true },
      },
      coalesce: { name: nameOf('state', issue) },
    }
  },
  {
    about: 'Moves an issue to a status by its name; one that is there already stays.',
    example: { issue: 'ENG-12', status: 'In Progress' },
  },
)

const ours = { type: 'dev.sessionwire', name: 'Sessionwire' }

export const setRemoteLink = action(
  'setRemoteLink',
  z.strictObject({
    issue: OrSession,
    /** What makes it the same link the next time. */
    globalId: Name,
    url: Web,
    title: Name,
    summary: Name.optional(),
    relationship: Name.optional(),
    /** Shown struck through when true. */
    resolved: z.boolean().optional(),
  }),
  ({ issue, globalId, url, title, summary, relationship, resolved }, { config }: Here) => ({
    // What an update leaves out becomes null, so all of it is sent each time.
    ...call(config, 'POST', issuePath(issue, '/remotelink'), {
      payload: defined({
        globalId,
        application: ours,
        relationship,
        object: defined({
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
  z.strictObject({ from: OrSession, type: Name, to: Issue }),
  ({ from, type, to }, { config }: Here) => ({
    // Contrary to its name, `inwardIssue` of a POST is the one that acts: the blocker of "Blocks".
    ...call(config, 'POST', 'issueLink', {
      payload: { type: { name: type }, inwardIssue: issueRef(from), outwardIssue: issueRef(to) },
      limit: writesTo(from),
    }),
    repeat: 'safe',
  }),
  {
    about:
      'Links two issues, read from left to right: `from` blocks `to`. A link that exists stays one link.',
    example: { from: 'ENG-12', type: 'Blocks', to: 'ENG-13' },
  },
)

export const createVersion = action(
  'createVersion',
  z.strictObject({
    /** Number of the project, as `projects` gives it. */
    projectId: z.int().positive(),
    name: Name,
    description: Name.optional(),
    releaseDate: Day.optional(),
    released: z.boolean().optional(),
    keepAs: Keep.optional(),
  }),
  ({ projectId, name, description, releaseDate, released, keepAs }, { key, config }: Here) => {
    const kept = keepAs ?? linkName('version', markOf(key))
    return {
      ...call(config, 'POST', 'version', {
        payload: defined({ projectId, name, description, releaseDate, released }),
      }),
      captures: { [kept]: '/id' },
      // A project has no two versions of one name: one that is there is the one.
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
        'Jira says that it moves issues into the sprint; nobody has tried what a repetition does to their rank.',
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
