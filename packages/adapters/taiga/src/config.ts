import {
  type At,
  address,
  type ConfigOf,
  type Conflicts,
  cleanText,
  type OptionsOf,
  statusOption,
} from '@sessionwire/core/adapter'
import * as z from 'zod'

/** Kinds of cards. */
export const CARD_KINDS = ['userstory', 'task', 'issue'] as const
/** A user story, a task or an issue. */
export type CardKind = (typeof CARD_KINDS)[number]

/** An id of Taiga's. */
export const Id = z.int('expected a whole number above 0').positive('expected a whole number above 0')
const SLUG = 'expected the slug of a project: the part of its address after /project/'
/** The slug of a project. */
export const Slug = z.string(SLUG).regex(/^[\p{L}\p{N}_-]{1,250}$/u, SLUG)
/** A tag as Taiga stores it: in lower case. A comma would part it in filters. */
export const Label = z
  .string()
  .regex(/^[^,\p{C}]*[^,\p{C}\s][^,\p{C}]*$/u, 'expected a tag without commas and control characters')
  .max(100, 'expected at most 100 characters')
  .transform(value => cleanText(value).trim().toLowerCase())

const idOrName = (what: string) => {
  const expected = `expected the id or the name of ${what}`
  return z.union([Id, z.string().trim().min(1, expected)], expected)
}

/** Options of `taiga()`. */
export const options = {
  /** Root of the API, up to `/api/v1`. Default `https://api.taiga.io/api/v1`. */
  baseUrl: z
    .optional(address('https://taiga.example.com/api/v1'))
    .refine(
      value => value === undefined || value.endsWith('/api/v1'),
      'expected the root of the API, which ends in /api/v1, such as https://taiga.example.com/api/v1',
    )
    .default('https://api.taiga.io/api/v1'),
  /** Address that people open. Default `https://tree.taiga.io`, or `baseUrl` without `/api/v1` on another server. */
  frontUrl: z.optional(address('https://taiga.example.com')),
  /**
   * The type of a login with user name and password: `normal` for accounts of Taiga, `ldap` where the server has the LDAP
   * plugin, or the word of another plugin. Default `normal`.
   */
  loginType: z
    .string()
    .regex(/^[\w-]{1,50}$/, 'expected the type of a login, such as normal or ldap')
    .default('normal'),
  /** Slug of the project, the part of its address after `/project/`. Give this or `projectId`. Default: none. */
  project: Slug.optional(),
  /** Id of the project. Give this or `project`. Default: none. */
  projectId: Id.optional(),
  /** Kind of the card that a session becomes. Default `userstory`. */
  kind: z.literal(CARD_KINDS).default('userstory'),
  /** Id of the user story that new cards belong to; for `kind: 'task'`. Default: none. */
  story: Id.optional(),
  /** Id of the epic that new cards are added to; for `kind: 'userstory'`. Default: none. */
  epic: Id.optional(),
  /** Statuses by moment, each by id or name. Default: none, the card is never moved. */
  statuses: statusOption(idOrName('a status')),
  /** Tags of new cards, in addition to the one that they are found by. Taiga stores them in lower case. Default: none. */
  labels: z.array(Label).max(50).default([]),
  /** Milestone (sprint) of new cards, by id or name. Default: none. */
  milestone: idOrName('a milestone').optional(),
  /** Member that new cards are assigned to, by id or user name. Default: none. */
  assignee: idOrName('a member').optional(),
  /** Priority of new cards, by id or name; for `kind: 'issue'`. Default: the project's. */
  priority: idOrName('a priority').optional(),
  /** Severity of new cards, by id or name; for `kind: 'issue'`. Default: the project's. */
  severity: idOrName('a severity').optional(),
  /** Type of new cards, by id or name; for `kind: 'issue'`. Default: the project's. */
  type: idOrName('an issue type').optional(),
  /** Where exports go: `wiki` (default), a page of the session; `comment`, below its card; `off`, nowhere. */
  exportTo: z.literal(['wiki', 'comment', 'off']).default('wiki'),
  /** How addresses in texts are shown: as `code` (default), or `live`, where Taiga makes links of them. */
  links: z.literal(['code', 'live']).default('code'),
  /** Longest description, comment or page in characters. Taiga has no limit and suffers from long texts. Default 50,000. */
  maxLength: z.int().min(5_000).max(200_000).default(50_000),
}

/** Secrets of this adapter; the user name is not redacted. */
export const secrets = {
  TAIGA_TOKEN: 'secret',
  TAIGA_USERNAME: 'public',
  TAIGA_PASSWORD: 'secret',
} as const

/** `token`: an application token. `password`: user name and password, with which the adapter logs in. */
export const ways = { token: ['TAIGA_TOKEN'], password: ['TAIGA_USERNAME', 'TAIGA_PASSWORD'] } as const

/** Options of `taiga()`. @interface */
export type TaigaOptions = OptionsOf<typeof options, typeof secrets, typeof ways>
type Given = ConfigOf<typeof options, typeof secrets, typeof ways>

/** The configuration of a Taiga adapter: checked, with defaults, as plain JSON and without any secret's value. @interface */
export type TaigaConfig = Omit<Given, 'project' | 'projectId' | 'frontUrl'> &
  Readonly<{
    /** The project: a number is its id, a string its slug. */
    project: number | string
    /** Address that people open, without a slash at its end. */
    frontUrl: string
  }>

/** The key of a call in the making, and the configuration. */
export type Here = At<TaigaConfig>

/** An option that means something for one kind of card only. */
const onlyFor = (kind: CardKind, option: 'story' | 'epic' | 'priority' | 'severity' | 'type') =>
  [
    option,
    (given: Given) => given.kind !== kind && given[option] !== undefined,
    `Set kind: '${kind}', or leave it out.`,
  ] as const

/** Options that do not go together, each with what to do. */
export const conflicts: Conflicts<Given> = [
  [
    'project',
    ({ project, projectId }) => project !== undefined && projectId !== undefined,
    'Give project or projectId, not both.',
  ],
  onlyFor('task', 'story'),
  onlyFor('userstory', 'epic'),
  onlyFor('issue', 'priority'),
  onlyFor('issue', 'severity'),
  onlyFor('issue', 'type'),
]

/** Makes the configuration. */
export const configure = ({ project, projectId, frontUrl, ...known }: Given): TaigaConfig => {
  const server = known.baseUrl.replace(/\/api\/v1$/, '')
  const front = server === 'https://api.taiga.io' ? 'https://tree.taiga.io' : server
  return { ...known, project: projectId ?? project ?? '', frontUrl: frontUrl ?? front }
}
