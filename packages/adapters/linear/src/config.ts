import { type At, address, type ConfigOf, type OptionsOf, statusOption } from '@sessionwire/core/adapter'
import * as z from 'zod'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** Whether a text is a UUID, whatever its version. */
export const isUuid = (text: string): boolean => UUID.test(text)

const TEAM_KEY = /^[A-Za-z][A-Za-z0-9]{0,19}$/
const TEAM = 'expected the UUID of a team, or its key, such as BIL'
/** A team by UUID or key. */
export const Team = z.string(TEAM).refine(value => isUuid(value) || TEAM_KEY.test(value), TEAM)

const PROJECT =
  'expected the UUID of a project (in Linear: open it, press Cmd or Ctrl + K, choose "Copy model UUID")'
const NAME = 'expected a name as in Linear, or a UUID'
const Name = z.string(NAME).trim().min(1, NAME).max(255, NAME)

/** Options of `linear()` in addition to those that every adapter takes. */
export const options = {
  /** The team that new issues belong to: its UUID, or its key (`BIL`). */
  teamId: Team,
  /** UUID of the project that new issues belong to; exports become documents of it. Default: no project. */
  projectId: z.string(PROJECT).regex(UUID, PROJECT).optional(),
  /** Labels that are added to the issue when a session starts, by name or UUID. Default: none. */
  labels: z.array(Name).max(50, 'expected at most 50 labels').default([]),
  /** Priority of new issues: 1 urgent, 2 high, 3 medium, 4 low, 0 none. Default: 0, as Linear sets it. */
  priority: z.literal([0, 1, 2, 3, 4]).optional(),
  /** Workflow states of the issue by moment, each by name or UUID. Default: none, and the issue is never moved. */
  statuses: statusOption(Name),
  /** Web addresses in texts: `code` (default) shows them as code, `live` as links and mentions. */
  links: z.literal(['code', 'live']).default('code'),
  /** Longest description, comment or document in UTF-16 units; Linear documents no limit. Default 50,000. */
  maxLength: z.int().min(500).max(1_000_000).default(50_000),
  /** Address of the API without `/graphql`. Default `https://api.linear.app`. */
  baseUrl: z.optional(address('https://api.linear.app')).default('https://api.linear.app'),
}

/** A personal API key, which is sent bare, or an OAuth access token, which is sent as `Bearer`. */
export const secrets = { LINEAR_API_KEY: 'secret', LINEAR_OAUTH_TOKEN: 'secret' } as const
/** Ways to authenticate (https://linear.app/developers/graphql). */
export const ways = { apiKey: ['LINEAR_API_KEY'], oauth: ['LINEAR_OAUTH_TOKEN'] } as const

/** Options of `linear()`. @interface */
export type LinearOptions = OptionsOf<typeof options, typeof secrets, typeof ways>
/** Configuration of the adapter. @interface */
export type LinearConfig = ConfigOf<typeof options, typeof secrets, typeof ways>

/** The key of a call in the making, and the configuration. */
export type Here = At<LinearConfig>
