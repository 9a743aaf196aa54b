import {
  type HttpCall,
  type Json,
  type Lookup,
  type Method,
  omitUndefined,
  type Ref,
  uuidFrom,
} from '@sessionwire/core/adapter'
import type { CardKind, Here, TaigaConfig } from '../config.ts'

/** Kinds that have a number in a project. */
export type Kind = CardKind | 'epic'

/** Where each kind is in the API, in its history, in what a project says of itself, in addresses, and in permissions. */
export const KINDS = {
  userstory: {
    path: 'userstories',
    noun: 'user story',
    id: 'storyId',
    statuses: '/us_statuses',
    attributes: '/userstory_custom_attributes',
    front: 'us',
    right: 'us',
  },
  task: {
    path: 'tasks',
    noun: 'task',
    id: 'taskId',
    statuses: '/task_statuses',
    attributes: '/task_custom_attributes',
    front: 'task',
    right: 'task',
  },
  issue: {
    path: 'issues',
    noun: 'issue',
    id: 'issueId',
    statuses: '/issue_statuses',
    attributes: '/issue_custom_attributes',
    front: 'issue',
    right: 'issue',
  },
  epic: {
    path: 'epics',
    noun: 'epic',
    id: 'epicId',
    statuses: '/epic_statuses',
    attributes: '/epic_custom_attributes',
    front: 'epic',
    right: 'epic',
  },
} as const satisfies Readonly<Record<Kind, object>>

/** Fields by name; those that are `undefined` are not there. */
export type Fields = Readonly<Record<string, Json | undefined>>

const isEmpty = (fields: object) => Object.keys(fields).length === 0

/** Query and body of a call; `whole` asks for all of a list instead of a page. */
export type Parts = Readonly<{ query?: Fields; payload?: Fields; whole?: boolean }>

/** A call of the API, by a path below its root, which has no slash at its end. */
export const call = (
  config: TaigaConfig,
  method: Method,
  path: string,
  { query = {}, payload, whole = false }: Parts = {},
): HttpCall => {
  const asked = omitUndefined(query)
  return {
    kind: 'http',
    method,
    endpoint: `${config.baseUrl}/${path}`,
    auth:
      config.auth === 'token'
        ? { header: 'Authorization', prefix: 'Application ', secret: config.secrets.TAIGA_TOKEN }
        : { login: 'taiga' },
    // Default names and errors are translated by language; only headers describe the pages of a list.
    headers: { 'accept-language': 'en', ...(whole ? { 'x-disable-pagination': 'True' } : {}) },
    ...(isEmpty(asked) ? {} : { query: asked }),
    ...(payload === undefined ? {} : { payload: omitUndefined(payload) }),
  }
}

/** A read of a whole list: the answer itself is the array. */
export const list = (config: TaigaConfig, path: string, query: Fields = {}) => ({
  call: call(config, 'GET', path, { query, whole: true }),
  list: '',
})

/** The query that names the project of a list. */
export const inProject = (project: number | string): Fields =>
  typeof project === 'number' ? { project } : { project__slug: project }

/** The mark by which our items and comments are found again: a tag in lower case without a comma, or a line of a comment. */
export const markOf = (key: string): string => `evt-${uuidFrom(key)}`

/** A name for a capture of something other than a card, different for each call: a ref is written once. */
export const captureName = (noun: string, key: string): string => `${noun}-${uuidFrom(key).slice(0, 8)}`

/**
 * The look-up of what we created: by our tag, which Taiga compares exactly. The tag is read again in the answer, because
 * a filter Taiga does not know is ignored.
 */
export const findByTag = (config: TaigaConfig, kind: Kind, project: number | string, mark: string) => ({
  by: 'mark' as const,
  ...list(config, KINDS[kind].path, { ...inProject(project), tags: mark }),
  where: { pointer: '/tags', contains: JSON.stringify(mark) },
})

/** How long a read of what a project says of itself serves, ms; a name that is not in it is read for once more. */
export const VOCABULARY_MS = 300_000

/** A project's id, or what stands for it after an earlier read. */
export type ProjectId = number | Ref

/** Reads a project by its id: one read says all its statuses, members and so on. */
export const projectById = (config: TaigaConfig, project: ProjectId): HttpCall =>
  call(config, 'GET', `projects/${typeof project === 'number' ? project : `{${project.$ref}}`}`)

/** Reads a project by id or slug. */
export const projectCall = (config: TaigaConfig, project: number | string): HttpCall =>
  typeof project === 'number'
    ? projectById(config, project)
    : call(config, 'GET', 'projects/by_slug', { query: { slug: project } })

/** The id of a project, and the read that finds it where only the slug is known. */
export const projectId = (
  config: TaigaConfig,
  project: number | string,
): Readonly<{ id: ProjectId; before: readonly Lookup[] }> =>
  typeof project === 'number'
    ? { id: project, before: [] }
    : {
        id: { $ref: 'project' },
        before: [
          {
            call: projectCall(config, project),
            captures: { project: '/id' },
            cacheMs: VOCABULARY_MS,
            noun: `project "${project}"`,
          },
        ],
      }

/** A call whose `before` is left out where it is empty. */
export const withBefore = (before: readonly Lookup[]): Readonly<{ before?: readonly Lookup[] }> =>
  before.length === 0 ? {} : { before }

/** Adds a comment. Taiga gives it no id, so its captures are the time in the answer or in the history. */
export const comment = (
  { key, config }: Here,
  kind: Kind,
  target: Readonly<{ place: string; before: readonly Lookup[] }>,
  text: string,
  captures: Readonly<Record<'inAnswer' | 'inHistory', Readonly<Record<string, string>>>>,
) => {
  const mark = markOf(key)
  return {
    // A call of a comment alone takes every older version, and asks for no right but that to comment.
    ...call(config, 'PATCH', `${KINDS[kind].path}/${target.place}`, {
      payload: { comment: `${text}\n\n\`${mark}\``, version: 1 },
    }),
    ...withBefore(target.before),
    captures: captures.inAnswer,
    repeat: {
      by: 'mark' as const,
      ...list(config, `history/${kind}/${target.place}`, { type: 'comment' }),
      where: { pointer: '/comment', contains: mark },
      captures: captures.inHistory,
    },
  }
}
