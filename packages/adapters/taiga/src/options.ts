import type { Adapter, At } from '@sessionwire/core/adapter'

/** A user story, a task or an issue. */
export type CardKind = 'userstory' | 'task' | 'issue'

/** Moments at which the card may be moved. `close` is a completed session; ends by themselves have their own names. */
export type StatusHook = 'start' | 'blocker' | 'resolve' | 'close' | 'crashed' | 'abandoned' | 'resume'

/** Which status the card gets, by id, name or slug. What is left out moves nothing. */
export type Statuses = { readonly [H in StatusHook]?: number | string }

/** What the adapter knows, checked: without functions and without the value of any secret. */
export type TaigaConfig = Readonly<{
  /** Name in the tracker. */
  as: string
  /** Root of the API, up to `/api/v1`, without a slash at the end. */
  baseUrl: string
  /** Where people look, without a slash at the end. */
  frontUrl: string
  /** Whether an application token is sent, or one that a login gave. */
  auth: 'token' | 'password'
  /** Name of the secret with the application token. */
  tokenSecret: string
  /** Name of the secret with the user name. */
  usernameSecret: string
  /** Name of the secret with the password. */
  passwordSecret: string
  /** The project: a number is its id, a text its slug. */
  project: number | string
  /** What a session becomes. */
  kind: CardKind
  /** Id of the user story new tasks belong to. */
  story?: number
  /** Id of the epic new user stories are added to. */
  epic?: number
  /** Statuses by hook; what is left out moves nothing. */
  statuses: Statuses
  /** Tags of new cards, in lower case, beside the one we find them by. */
  tags: readonly string[]
  /** Id or name of the milestone of new cards. */
  milestone?: number | string
  /** Id or user name of the member new cards are assigned to. */
  assignedTo?: number | string
  /** Id or name of the priority of new issues. */
  priority?: number | string
  /** Id or name of the severity of new issues. */
  severity?: number | string
  /** Id or name of the type of new issues. */
  type?: number | string
  /** What an update does. */
  updates: 'card' | 'each' | 'off'
  /** Where exports go. */
  exportTo: 'wiki' | 'comment' | 'off'
  /** Address of a session, with `{id}` in it. */
  sessionUrl?: string
  /** How addresses in text from outside are shown. */
  links: 'code' | 'live'
  /** Longest text in characters. */
  maxLength: number
}>

/** The key of a call in the making, and this adapter's configuration. */
export type Here = At<TaigaConfig>

/** Options of `taiga()`. */
export type TaigaOptions<N extends string = string> = Readonly<{
  /** Name in the tracker. Default `taiga`. */
  as?: N
  /** Default `execute`: what is planned is sent. */
  mode?: Adapter['mode']
  /** `card` (default): updates edit the card. `each`: each is a comment as well. `off`: they change nothing. */
  updates?: 'card' | 'each' | 'off'
  /** Leaves events out: false plans nothing for this event. */
  when?: NonNullable<Adapter['when']>
  /** Destructive actions (the deletes) run only when this is true. Default false. */
  allowDestructive?: boolean
  /** What to do with a call that cannot be looked up and is in doubt. This adapter has none. Default `hold`. */
  onDoubt?: 'hold' | 'repeat'
  /** Root of the API, up to `/api/v1`. Default `https://api.taiga.io/api/v1`; `http` only for this machine. */
  baseUrl?: string
  /** Where people look. Default `https://tree.taiga.io`, or `baseUrl` without `/api/v1` when that is another server. */
  frontUrl?: string
  /**
   * `token` (default): an application token. `password`: user name and password, logged in and refreshed by us
   * (https://docs.taiga.io/api.html).
   */
  auth?: 'token' | 'password'
  /** Name of the secret with the application token, never its value. Default `TAIGA_TOKEN`. */
  tokenSecret?: string
  /** Name of the secret with the user name or e-mail, for `password`. Default `TAIGA_USERNAME`. */
  usernameSecret?: string
  /** Name of the secret with the password, for `password`. Default `TAIGA_PASSWORD`. */
  passwordSecret?: string
  /** Id of the project. Give this or `project`. */
  projectId?: number
  /** Slug of the project, the part of its address after `/project/`. Give this or `projectId`. */
  project?: string
  /** What a session becomes. Default `userstory`. */
  kind?: CardKind
  /** Id of the user story new cards belong to; for `kind: 'task'`. */
  story?: number
  /** Id of the epic new cards are added to; for `kind: 'userstory'`. */
  epic?: number
  /** Statuses by hook, each by id, name or slug. Default: none, the card is never moved. */
  statuses?: Statuses
  /** Tags of new cards, beside the one we find them by. Taiga stores them in lower case. */
  tags?: readonly string[]
  /** Milestone (sprint) of new cards, by id or name. */
  milestone?: number | string
  /** Member new cards are assigned to, by id or user name. */
  assignedTo?: number | string
  /** Priority of new cards, by id or name; for `kind: 'issue'`. */
  priority?: number | string
  /** Severity of new cards, by id or name; for `kind: 'issue'`. */
  severity?: number | string
  /** Type of new cards, by id or name; for `kind: 'issue'`. */
  type?: number | string
  /** Where exports go: a wiki page of the session (default), a comment below its card, or nowhere. */
  exportTo?: 'wiki' | 'comment' | 'off'
  /** Address of the session for a link on the card, with `{id}` in it. Default: no link. */
  sessionUrl?: string
  /** How addresses in text from outside are shown: as `code` (default), or `live`, where Taiga makes links of them. */
  links?: 'code' | 'live'
  /** Longest description, comment or page in characters. Default 50,000. */
  maxLength?: number
}>
