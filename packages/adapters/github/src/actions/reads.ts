import { read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { apiCall, call, issuePath } from './call.ts'
import { Branch, Issue, Line, numberOf, Sha } from './input.ts'

const User = z.looseObject({ login: z.string() })
const IssueRow = z.looseObject({
  number: z.number(),
  title: z.string(),
  state: z.string(),
  html_url: z.string(),
})
const Commit = z.looseObject({ sha: z.string(), commit: z.looseObject({ message: z.string() }) })

const Limit = z.int().min(1).max(100).default(30)
/** Number of the page, as a text, so that every service's cursor is one. */
const Cursor = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, 'expected the number of a page as a string')
  .optional()

/** Decodes the base64 of a file, which has line ends in it. */
const decodeFile = (content: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(content.replace(/\s/g, '')), each => each.charCodeAt(0)))

const PATH = 'expected the path of a file, such as src/lock.ts'
const Path = z
  .string(PATH)
  .regex(/^[^/\p{C}][^\p{C}]{0,1000}$/u, PATH)
  .refine(path => path.split('/').every(part => part !== '' && part !== '.' && part !== '..'), PATH)
const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/')

/** Qualifiers that lead to repositories other than ours. */
const PLACE = /(?<![\p{L}\p{N}])(repo|org|user|owner):/iu
const HERE =
  'expected words and qualifiers without repo:, org:, user: and owner:, each quote and bracket closed'
/** Two levels of brackets at most: one that opens or closes more would end the group of the alternatives. */
const isHere = (query: string): boolean =>
  !PLACE.test(query) &&
  !/[()"]/.test(
    query
      .replace(/"[^"]*"/g, '')
      .replace(/\([^()]*\)/g, '')
      .replace(/\([^()]*\)/g, ''),
  )
/** Alternatives as one: `a OR b repo:c` would find `a` anywhere. */
const group = (query: string): string => (/\bor\b/i.test(query) ? `(${query})` : query)

/** Reads. */
export const reads = {
  getIssue: read(
    'getIssue',
    z.strictObject({ issue: Issue }),
    IssueRow.extend({
      body: z.string().nullish(),
      labels: z.array(z.looseObject({ name: z.string() })),
      assignees: z.array(User).nullish(),
    }),
    ({ issue }, { config }: Here) => ({ call: call(config, 'GET', issuePath(numberOf(issue, config))) }),
    { about: 'Reads an issue or pull request.', example: { issue: 12 } },
  ),
  getPullRequest: read(
    'getPullRequest',
    z.strictObject({ pull: Issue }),
    IssueRow.extend({
      head: z.looseObject({ sha: z.string(), ref: z.string() }),
      base: z.looseObject({ ref: z.string() }),
      merged: z.boolean().nullish(),
    }),
    ({ pull }, { config }: Here) => ({ call: call(config, 'GET', `/pulls/${numberOf(pull, config)}`) }),
    { about: 'Reads a pull request, with the commit at its head.', example: { pull: 13 } },
  ),
  listComments: read(
    'listComments',
    z.strictObject({ issue: Issue }),
    z.array(z.looseObject({ id: z.number(), body: z.string().nullish(), user: User.nullish() })),
    ({ issue }, { config }: Here) => ({
      call: call(config, 'GET', issuePath(numberOf(issue, config), '/comments'), {
        query: { per_page: 100 },
      }),
      list: '',
      next: { link: 'next' },
    }),
    { about: 'Reads the comments of an issue or pull request.', example: { issue: 12 } },
  ),
  listLabels: read(
    'listLabels',
    z.strictObject({}),
    z.array(z.looseObject({ name: z.string() })),
    (_, { config }: Here) => ({
      call: call(config, 'GET', '/labels', { query: { per_page: 100 } }),
      list: '',
      next: { link: 'next' },
    }),
    { about: 'Reads the labels of the repository.', example: {} },
  ),
  listCommits: read(
    'listCommits',
    z.strictObject({
      /** Branch or commit to begin with. Default: the default branch. */
      from: z.union([Sha, Branch]).optional(),
      /** Only commits of this file or folder. */
      path: Path.optional(),
      limit: Limit,
    }),
    z.array(Commit),
    ({ from, path, limit }, { config }: Here) => ({
      call: call(config, 'GET', '/commits', { query: { sha: from, path, per_page: limit } }),
      list: '',
    }),
    { about: 'Reads commits, the newest first.', example: { from: 'main', path: 'src', limit: 10 } },
  ),
  getFile: read(
    'getFile',
    z.strictObject({
      path: Path,
      /** Branch, tag or commit. Default: the default branch. */
      ref: z.union([Sha, Branch]).optional(),
    }),
    z
      .looseObject({
        path: z.string(),
        sha: z.string(),
        size: z.number(),
        content: z.string(),
        encoding: z.string(),
      })
      .transform(({ content, encoding, ...file }) => ({
        ...file,
        /** Absent where the file is larger than the 1 MB that GitHub puts into an answer. */
        ...(encoding === 'base64' ? { text: decodeFile(content) } : {}),
      })),
    ({ path, ref }, { config }: Here) => ({
      call: call(config, 'GET', `/contents/${encodePath(path)}`, { query: { ref } }),
    }),
    { about: 'Reads a file of the repository as text.', example: { path: 'README.md' } },
  ),
  search: read(
    'search',
    z
      .strictObject({
        /** Words and qualifiers, as in `double charging is:open`. Always below the configured repository. */
        query: Line,
        limit: Limit,
        cursor: Cursor,
      })
      .refine(({ query }) => isHere(query), { path: ['query'], error: HERE }),
    z.array(IssueRow),
    ({ query, limit, cursor }, { config }: Here) => ({
      call: apiCall(config, 'GET', '/search/issues', {
        query: { q: `${group(query)} repo:${config.owner}/${config.repo}`, per_page: limit, page: cursor },
        limit: 'search',
      }),
      list: '/items',
    }),
    { about: 'Finds issues and pull requests by words.', example: { query: 'double charging is:open' } },
  ),
  whoAmI: read(
    'whoAmI',
    z.strictObject({}),
    User,
    (_, { config }: Here) => ({ call: apiCall(config, 'GET', '/user') }),
    { about: 'Tells whose token this is; tokens of apps and workflows have no user.', example: {} },
  ),
}
