import {
  type At,
  address,
  type ConfigOf,
  type Conflicts,
  type OptionsOf,
  statusOption,
} from '@sessionwire/core/adapter'
import * as z from 'zod'

/** A key such as `ENG-12`, or the number that Jira keeps an issue under. */
export const ISSUE = /^([A-Za-z][A-Za-z0-9_]*-[1-9]\d*|[1-9]\d*)$/

/** A label, which Jira takes without spaces only. */
export const Label = z
  .string()
  .regex(/^[^\s\p{C}]{1,255}$/u, 'expected a label without spaces, such as agent-session')

const name = z.string().trim().min(1, 'expected a name')
const status = z.string().trim().min(1, 'expected the name of a status, such as "In Progress"')

/** Options of `jira()`. */
export const options = {
  /** Address of the site or server, such as `https://your-site.atlassian.net`. Default: none, and `cloudId` is needed. */
  baseUrl: z
    .optional(address('https://your-site.atlassian.net'))
    .refine(
      value => !/\/(rest|browse)(\/|$)|\.atlassian\.net\/./.test(value ?? ''),
      'expected the address that stands before /rest, such as https://your-site.atlassian.net',
    ),
  /**
   * Id of a Cloud site: calls go through the gateway, which scoped API tokens and OAuth need. Default: none, calls go to
   * `baseUrl` (https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/).
   */
  cloudId: z
    .string()
    .regex(/^[\w-]+$/, 'expected the id alone, as accessible-resources shows it')
    .optional(),
  /** Address of the gateway. Default `https://api.atlassian.com`. */
  gateway: z.optional(address('https://api.atlassian.com')).default('https://api.atlassian.com'),
  /** 3: rich text as ADF, Cloud only. 2: as wiki text. Default 3 on Cloud, 2 on Data Center. */
  apiVersion: z.literal([2, 3], 'expected 3 (Cloud) or 2 (wiki text; Data Center has no other)').optional(),
  /** Default `cloud` with a `cloudId`, an `atlassian.net` address or version 3; else `datacenter`. */
  deployment: z.literal(['cloud', 'datacenter']).optional(),
  /** Key of the project new issues belong to, such as `ENG`. */
  projectKey: z
    .string('expected the key of a project, such as ENG')
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,254}$/, 'expected the key of a project, such as ENG')
    .transform(key => key.toUpperCase()),
  /** Name or id of the type of new issues. Default `Task`. */
  issueType: name.default('Task'),
  /** Name or id of the type of new sub-issues. Default `Sub-task`. */
  subtaskType: name.default('Sub-task'),
  /** Labels added to the issue when a session starts; other labels stay. Default: none. */
  labels: z.array(Label).default([]),
  /** Key of the epic, or other parent, new issues belong to. On Data Center an epic needs `epicField` as well. Default: none. */
  parent: z.string().regex(ISSUE, 'expected the key of an issue, such as ENG-1').optional(),
  /**
   * Data Center: id of the custom field "Epic Link", as in `customfield_10008` (Administration, Custom fields, View field
   * information). Issues of an epic name it there; `parent` is for sub-tasks alone. Default: none.
   */
  epicField: z
    .string()
    .regex(/^customfield_\d+$/, 'expected the id of the field "Epic Link", such as customfield_10008')
    .optional(),
  /** Assignee of new issues: an account id (Cloud) or a user name (Data Center). Default: Jira's own. */
  assignee: name.optional(),
  /** Further fields of new issues, as the API takes them: `{ components: [{ name: 'api' }] }`. Default: none. */
  fields: z.record(z.string(), z.json()).default({}),
  /**
   * Statuses by moment, by their names as Jira shows them. An array names the statuses on the way and the wanted one at its
   * end: `['In Review', 'Done']`. Default: none, the issue is never moved.
   */
  statuses: statusOption(z.union([status, z.array(status).min(1).max(8)])),
  /** Logs the session's time as work when it is completed. Default false. */
  worklog: z.boolean().default(false),
  /**
   * False: edits of the issue, of comments and of worklogs notify no one. Jira accepts it for edits of issues from
   * administrators only, and has no such option for a new comment
   * (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/). Default true.
   */
  notifyUsers: z.boolean().default(true),
  /**
   * `auto` and true: comments are internal on a request of Jira Service Management, so that its customer neither sees them
   * nor gets a mail; on other issues it changes nothing. False: they are public. Default `auto`.
   */
  internal: z
    .union([z.boolean(), z.literal('auto')])
    .default('auto')
    .transform(internal => internal !== false),
  /** Links entities whose path, or property `url`, is a web address. Default false. */
  linkEntities: z.boolean().default(false),
  /**
   * Longest description or comment, in characters once serialised. Default 32,767, where Jira refuses more
   * (https://github.com/release-engineering/Sync2Jira/issues/123); Data Center may allow others.
   */
  maxLength: z.int().min(8_000).max(1_000_000).default(32_767),
}

/** Secrets of this adapter; the mail address is public. */
export const secrets = {
  JIRA_EMAIL: 'public',
  JIRA_API_TOKEN: 'secret',
  JIRA_PAT: 'secret',
  JIRA_OAUTH_TOKEN: 'secret',
} as const

/**
 * `token`: Basic, a mail address with an API token (on Data Center a user with a password). `pat`: a personal access token
 * of Data Center. `oauth`: an access token.
 */
export const ways = {
  token: ['JIRA_EMAIL', 'JIRA_API_TOKEN'],
  pat: ['JIRA_PAT'],
  oauth: ['JIRA_OAUTH_TOKEN'],
} as const

/** Options of `jira()`. @interface */
export type JiraOptions = OptionsOf<typeof options, typeof secrets, typeof ways>
type Given = ConfigOf<typeof options, typeof secrets, typeof ways>

/** Statuses that an issue passes, the wanted one last; or the wanted one alone. */
export type Way = string | readonly string[]

/** The configuration of a Jira adapter: checked, with defaults, as plain JSON and without any secret's value. @interface */
export type JiraConfig = Given &
  Readonly<{
    /** 3: rich text as ADF. 2: as wiki text. */
    apiVersion: 2 | 3
    /** The kind of Jira: their APIs differ. */
    deployment: 'cloud' | 'datacenter'
    /** Address before `/rest`, without a slash at its end: the site, the server, or the gateway with the cloud's id. */
    root: string
  }>

/** The key of a call in the making, and the configuration. */
export type Here = At<JiraConfig>

const isCloud = (given: Given): boolean => {
  if (given.deployment !== undefined) return given.deployment === 'cloud'
  if (given.cloudId !== undefined || given.apiVersion === 3) return true
  return /\.(atlassian\.net|jira\.com)$/.test(new URL(given.baseUrl ?? 'http://x').hostname)
}

/** How the adapter authenticates where neither options nor environment say so. */
export const defaultWay = (given: Given): keyof typeof ways => (isCloud(given) ? 'token' : 'pat')

type Option = 'apiVersion' | 'cloudId' | 'auth' | 'epicField' | 'parent'
/** An option that one kind of Jira refuses, with advice: any value of it, or those that `isWrong` finds. */
const refuse = (
  kind: JiraConfig['deployment'],
  option: Option,
  todo: string,
  isWrong = (given: Given) => given[option] !== undefined,
) => [option, (given: Given) => isCloud(given) === (kind === 'cloud') && isWrong(given), todo] as const

/** Options that do not go together, each with what to do. */
export const conflicts: Conflicts<Given> = [
  refuse('datacenter', 'apiVersion', 'Data Center has version 2 alone.', given => given.apiVersion === 3),
  refuse('datacenter', 'cloudId', 'Data Center has no gateway: leave it out.'),
  refuse(
    'datacenter',
    'parent',
    'On Data Center an issue names its epic in the custom field "Epic Link": give its id as epicField, or make issueType the type of sub-tasks (subtaskType).',
    given =>
      given.parent !== undefined && given.epicField === undefined && given.issueType !== given.subtaskType,
  ),
  refuse('cloud', 'epicField', 'Cloud takes parent alone: leave it out.'),
  refuse(
    'cloud',
    'auth',
    'Cloud has no personal access tokens: use token or oauth.',
    given => given.auth === 'pat',
  ),
  refuse(
    'cloud',
    'cloudId',
    'OAuth works only at the gateway: give the id of the site.',
    given => given.auth === 'oauth' && given.cloudId === undefined,
  ),
]

/** Makes the configuration. */
export const configure = (given: Given): JiraConfig => {
  const cloud = isCloud(given)
  const { baseUrl = '', cloudId, gateway, apiVersion = cloud ? 3 : 2 } = given
  const root = cloudId === undefined ? baseUrl : `${gateway}/ex/jira/${cloudId}`
  return { ...given, root, apiVersion, deployment: cloud ? 'cloud' : 'datacenter' }
}
