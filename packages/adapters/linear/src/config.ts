import {
  type Adapter,
  type At,
  checkedOptions,
  type Environment,
  enabled,
  settings,
} from '@sessionwire/core/adapter'
import * as z from 'zod'
import { MAX_TEXT } from './text.ts'

/** A moment at which the issue may be moved. `close` is a completed session; the other ends have names of their own. */
export type StateHook = 'start' | 'blocker' | 'resolve' | 'close' | 'crashed' | 'abandoned' | 'resume'

/** Which workflow state the issue moves to, by name (as written in Linear) or UUID. What is left out moves nothing. */
export type States = { readonly [H in StateHook]?: string }

/** Options as the adapter keeps them: checked, with defaults, without functions and without the value of any secret. */
export type LinearConfig = Readonly<{
  /** Name in the tracker. */
  as: string
  /** Address of the API, without a slash at the end and without `/graphql`. */
  baseUrl: string
  /** Whether the secret is sent bare or as `Bearer`. */
  auth: 'apiKey' | 'oauth'
  /** Name of the secret. */
  secret: string
  /** UUID or key of the team. */
  teamId: string
  /** UUID of the project. */
  projectId?: string
  /** Names or UUIDs of labels. */
  labels: readonly string[]
  /** 0 to 4. */
  priority?: number
  /** Names or UUIDs of workflow states. */
  states: States
  /** What an update does. */
  updates: 'card' | 'each' | 'off'
  /** Address of a session, with `{id}` in it. */
  sessionUrl?: string
  /** How addresses in text from outside are shown. */
  links: 'code' | 'live'
  /** Longest text in characters. */
  maxLength: number
}>

/** The key of a call in the making, and this adapter's configuration. */
export type Here = At<LinearConfig>

/** Options of `linear()`. */
export type LinearOptions<N extends string = string> = Readonly<{
  /** Name in the tracker. Default `linear`. */
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
  /** Where the API is. Default `https://api.linear.app`; `http` only for this machine. */
  baseUrl?: string
  /**
   * `apiKey` (default): a personal API key, sent bare. `oauth`: an access token, sent as `Bearer`
   * (https://linear.app/developers/graphql).
   */
  auth?: 'apiKey' | 'oauth'
  /** Name of the secret, never its value. Default `LINEAR_API_KEY`, with `oauth` `LINEAR_OAUTH_TOKEN`. */
  secret?: string
  /** The team new issues belong to: its UUID, or its key (`BIL`). */
  teamId: string
  /** UUID of the project new issues belong to; exports become documents of it. */
  projectId?: string
  /** Labels put on the issue when a session starts, by name or UUID; other labels stay. */
  labels?: readonly string[]
  /**
   * Priority of new issues: 0 none (default), 1 urgent, 2 high, 3 medium, 4 low
   * (https://github.com/linear/linear/blob/master/packages/sdk/src/schema.graphql).
   */
  priority?: 0 | 1 | 2 | 3 | 4
  /** Workflow states by hook. Default: none, the issue is never moved. */
  states?: States
  /** Address of the session for the link on the issue, with `{id}` in it. Default: no link. */
  sessionUrl?: string
  /** How addresses in text from outside are shown: as `code` (default), or `live`, where they are links and mentions. */
  links?: 'code' | 'live'
  /** Longest description, comment or document in characters. Default 50,000. */
  maxLength?: number
}>

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** Whether a text is a UUID, whatever its version. */
export const isUuid = (text: string): boolean => UUID.test(text)

const text = z.string().trim().min(1, 'must not be empty')
const uuid = (what: string) =>
  z
    .string()
    .regex(UUID, `must be the UUID of ${what} (in Linear: open it, Cmd or Ctrl + K, "Copy model UUID")`)

const TEAM_KEY = /^[A-Za-z][A-Za-z0-9]{0,19}$/
/** A team as people name it: UUID or key. */
export const Team = z
  .string()
  .refine(value => isUuid(value) || TEAM_KEY.test(value), "must be the team's UUID or its key, such as BIL")

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
const address = z.string().refine(value => {
  if (!URL.canParse(value) || /[{}]/.test(value)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(value)
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname))
}, 'must be an https address without user, query or fragment (http only for this machine)')

/** What the beginnings of real keys look like; one given as a name would be stored and shown. */
const LOOKS_SECRET = /^lin_(api|oauth)_|\s/
const secretName = text
  .regex(/^[\w.:/-]{1,200}$/, 'must be the name of a secret, such as LINEAR_API_KEY')
  .refine(
    value => !LOOKS_SECRET.test(value),
    'must be the name of a secret, such as LINEAR_API_KEY, not its value',
  )

const sessionUrl = z
  .string()
  .refine(
    value =>
      value.includes('{id}') &&
      /^https?:\/\/[^\s{}]+/.test(value) &&
      URL.canParse(value.replaceAll('{id}', 'id')),
    'must be a web address with {id} in it, such as https://example.com/sessions/{id}',
  )

const STATES = {
  start: text.optional(),
  blocker: text.optional(),
  resolve: text.optional(),
  close: text.optional(),
  crashed: text.optional(),
  abandoned: text.optional(),
  resume: text.optional(),
} satisfies Readonly<Record<StateHook, unknown>>

const Options = z.strictObject({
  as: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'must begin with a small letter and have only small letters, digits and -')
    .default('linear'),
  mode: z.literal(['execute', 'preview', 'handoff']).default('execute'),
  updates: z.literal(['card', 'each', 'off']).default('card'),
  when: z
    .custom<NonNullable<Adapter['when']>>(value => typeof value === 'function', 'must be a function')
    .optional(),
  allowDestructive: z.boolean().optional(),
  onDoubt: z.literal(['hold', 'repeat']).optional(),
  baseUrl: address.default('https://api.linear.app'),
  auth: z.literal(['apiKey', 'oauth']).default('apiKey'),
  secret: secretName.optional(),
  teamId: Team,
  projectId: uuid('the project').optional(),
  labels: z.array(text).max(50).default([]),
  priority: z.int().min(0).max(4).optional(),
  states: z.strictObject(STATES).default({}),
  sessionUrl: sessionUrl.optional(),
  links: z.literal(['code', 'live']).default('code'),
  maxLength: z.int().min(500).max(1_000_000).default(MAX_TEXT),
})

/** Name of the secret each way of proving who we are needs, by default. */
const SECRETS = { apiKey: 'LINEAR_API_KEY', oauth: 'LINEAR_OAUTH_TOKEN' } as const

type Checked = z.output<typeof Options>
type Rest = Pick<Checked, 'mode' | 'when' | 'allowDestructive' | 'onDoubt'>

/** Checks options. Throws `CONFIG` naming the field. */
export const checkOptions = (options: unknown): Readonly<{ config: LinearConfig; rest: Rest }> => {
  const given = checkedOptions('linear', Options, options, { secret: Object.values(SECRETS) })
  const { mode, when, allowDestructive, onDoubt, ...known } = given
  const config = {
    ...known,
    baseUrl: known.baseUrl.replace(/\/+$/, ''),
    secret: known.secret ?? SECRETS[known.auth],
  } as LinearConfig
  return { config, rest: { mode, when, allowDestructive, onDoubt } }
}

const isSet = (env: Environment, name: string) => (env[name] ?? '') !== ''

/** Options from `LINEAR_ENABLED`, `LINEAR_TEAM_ID` and `LINEAR_PROJECT_ID`, or undefined; `auth` by the secret that is set. */
export const optionsFrom = <N extends string>(
  env: Environment,
  overrides: Partial<LinearOptions<N>>,
): LinearOptions<N> | undefined => {
  const oauthOnly = isSet(env, SECRETS.oauth) && !isSet(env, SECRETS.apiKey)
  const auth = overrides.auth ?? (oauthOnly ? 'oauth' : 'apiKey')
  const needs = [
    ...(overrides.teamId === undefined ? ['LINEAR_TEAM_ID'] : []),
    overrides.secret ?? SECRETS[auth],
  ]
  if (!enabled(env, 'LINEAR', needs)) return undefined
  const found = settings(env, { teamId: 'LINEAR_TEAM_ID', projectId: 'LINEAR_PROJECT_ID' })
  return { ...found, auth, ...overrides } as LinearOptions<N>
}
