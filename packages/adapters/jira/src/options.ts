import type { Adapter, At, Auth, Json } from '@sessionwire/core/adapter'

/** Moments at which the issue may be moved. `close` is a completed session; other ends have names of their own. */
export type StatusHook =
  | 'start'
  | 'blocker'
  | 'resolve'
  | 'close'
  | 'failed'
  | 'cancelled'
  | 'crashed'
  | 'abandoned'
  | 'resume'

/**
 * The status an issue moves to at each moment, by its name. An array names the statuses on the way and the wanted one at
 * its end (`['In Review', 'Done']`), for workflows that do not lead there directly. A moment that is left out moves nothing.
 */
export type Statuses = { readonly [H in StatusHook]?: string | readonly string[] }

/** What a Jira adapter knows: checked, with defaults, without functions and without any secret's value. */
export type JiraConfig = Readonly<{
  /** Name in the tracker. */
  as: string
  /** Address before `/rest`, without a slash at its end: the site, the server, or the gateway with the cloud's id. */
  baseUrl: string
  /** 3: rich text as ADF, Cloud only. 2: as wiki text. */
  apiVersion: 2 | 3
  /** Which Jira it is: their APIs differ. */
  deployment: 'cloud' | 'datacenter'
  /** Names of the secrets, and how they are sent. */
  auth: Auth
  /** Key of the project new issues belong to. */
  projectKey: string
  /** Name or id of the type of new issues. */
  issueType: string
  /** Name or id of the type of new sub-issues. */
  subtaskType: string
  /** Put on the issue when a session starts; other labels stay. */
  labels: readonly string[]
  /** Key of the epic, or other parent, of new issues. */
  parent?: string
  /** Data Center: the field that holds the epic of an issue, as in `customfield_10008`. */
  epicField?: string
  /** Account id (Cloud) or user name (Data Center) new issues are assigned to. */
  assignee?: string
  /** Further fields of new issues, as the API takes them. */
  fields: Readonly<Record<string, Json>>
  /** Statuses by hook; what is left out moves nothing. */
  statuses: Statuses
  /** What an update does. */
  updates: 'card' | 'each' | 'off'
  /** Whether the session's time is logged as work when it is completed. */
  worklog: boolean
  /** Whether edits of the issue and of its comments notify people. */
  notifyUsers: boolean
  /** Whether comments are internal on a service request: its customer does not see them. */
  internal: boolean
  /** Whether entities with a web address are linked from the issue. */
  linkEntities: boolean
  /** Address of a session, with `{id}` in it. */
  sessionUrl?: string
  /** Longest description or comment, in characters once serialised. */
  textLimit: number
}>

/** The key of a call in the making, and this adapter's configuration. */
export type Here = At<JiraConfig>

/** Options of `jira()`. */
export type JiraOptions<N extends string = string> = Readonly<{
  /** Name in the tracker. Default `jira`. */
  as?: N
  /** Default `execute`: what is planned is sent. */
  mode?: Adapter['mode']
  /** `card` (default): updates edit the card. `each`: each is a comment as well. `off`: they change nothing. */
  updates?: 'card' | 'each' | 'off'
  /** Leaves events out: false plans nothing for this event. */
  when?: NonNullable<Adapter['when']>
  /** Destructive actions run only when this is true. This adapter has none. Default false. */
  allowDestructive?: boolean
  /** What to do with a call that cannot be looked up and is in doubt. This adapter has none. Default `hold`. */
  onDoubt?: 'hold' | 'repeat'
  /** Address of the site or server, such as `https://your-site.atlassian.net`; not needed with `cloudId`. */
  baseUrl?: string
  /**
   * Id of a Cloud site: calls go through the gateway, which scoped API tokens and OAuth need
   * (https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/).
   */
  cloudId?: string
  /** Address of the gateway. Default `https://api.atlassian.com`. */
  gateway?: string
  /** 3: rich text as ADF, Cloud only. 2: as wiki text. Default 3 on Cloud, 2 on Data Center. */
  apiVersion?: 2 | 3
  /** Default `cloud` with a `cloudId`, an `atlassian.net` address or version 3; else `datacenter`. */
  deployment?: 'cloud' | 'datacenter'
  /**
   * `token`: Basic, an e-mail address with an API token (on Data Center a user with a password). `pat`: a personal
   * access token of Data Center. `oauth`: an access token. Default `token` on Cloud, `pat` on Data Center.
   */
  auth?: 'token' | 'pat' | 'oauth'
  /** Names of the secrets, never their values. Defaults `JIRA_EMAIL`, `JIRA_API_TOKEN`, `JIRA_PAT`, `JIRA_OAUTH_TOKEN`. */
  secrets?: Readonly<{
    /** Name of the one with the e-mail address; on Data Center the user name. Default `JIRA_EMAIL`. */
    email?: string
    /** Name of the one with the API token; on Data Center the password. Default `JIRA_API_TOKEN`. */
    apiToken?: string
    /** Name of the one with the personal access token. Default `JIRA_PAT`. */
    pat?: string
    /** Name of the one with the OAuth access token. Default `JIRA_OAUTH_TOKEN`. */
    oauthToken?: string
  }>
  /** Key of the project new issues belong to, such as `ENG`. */
  projectKey: string
  /** Name or id of the type of new issues. Default `Task`. */
  issueType?: string
  /** Name or id of the type of new sub-issues. Default `Sub-task`. */
  subtaskType?: string
  /** Labels put on the issue when a session starts; other labels stay. */
  labels?: readonly string[]
  /** Key of the epic, or other parent, new issues belong to. On Data Center an epic needs `epicField` as well. */
  parent?: string
  /**
   * Data Center: id of the custom field "Epic Link", as in `customfield_10008` (Administration, Custom fields, View field
   * information). Issues of an epic name it there; `parent` is for sub-tasks alone. Default: none.
   */
  epicField?: string
  /** Who new issues are assigned to: an account id (Cloud) or a user name (Data Center). */
  assignee?: string
  /** Further fields of new issues, as the API takes them: `{ components: [{ name: 'api' }] }`. */
  fields?: Readonly<Record<string, Json>>
  /** Statuses by hook. Default: none, the issue is never moved. */
  statuses?: Statuses
  /** Logs the session's time as work when it is completed. Default false. */
  worklog?: boolean
  /**
   * False: edits of the issue, of comments and of worklogs notify no one. Jira accepts it for edits of issues from
   * administrators only, and has no such option for a new comment
   * (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/). Default true.
   */
  notifyUsers?: boolean
  /**
   * `auto` and true: comments are internal on a request of Jira Service Management, so that its customer neither sees them
   * nor gets a mail; on other issues it changes nothing. False: they are public. Default `auto`.
   */
  internal?: boolean | 'auto'
  /** Links entities whose path, or property `url`, is a web address. Default false. */
  linkEntities?: boolean
  /** Address of the session for the link on the issue, with `{id}` in it. Default: no link. */
  sessionUrl?: string
  /**
   * Longest description or comment, in characters once serialised. Default 32,767, where Jira refuses more
   * (https://github.com/release-engineering/Sync2Jira/issues/123); Data Center may allow others.
   */
  textLimit?: number
}>
