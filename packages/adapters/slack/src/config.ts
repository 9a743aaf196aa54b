import {
  type Adapter,
  type At,
  checkedOptions,
  type Environment,
  enabled,
  settings,
  TrackerError,
} from '@sessionwire/core/adapter'
import * as z from 'zod'

/** How we prove who we are: a bot's token, or a webhook whose address is the credential. */
export type SlackAuth = 'bot' | 'webhook'

/** What the adapter knows, checked: without functions and without the value of any secret. */
export type SlackConfig = Readonly<{
  /** Name in the tracker. */
  as: string
  /** Whether the secret is a bot's token or a webhook's address. */
  auth: SlackAuth
  /** The secret's name. */
  secret: string
  /** Where the Web API is, without a slash at the end; empty with a webhook. */
  baseUrl: string
  /** Empty with a webhook, which has a channel of its own. */
  channel: string
  /** What an update does; `off` with a webhook. */
  updates: 'card' | 'each' | 'off'
  /** Whether the close summary is shown in the channel too. */
  broadcastSummary: boolean
  /** Which of Slack's rates for reading history holds. */
  history: 'full' | 'limited'
  /** Address of a session, with `{id}` in it. */
  sessionUrl?: string
}>

/** The key of a call in the making, and this adapter's configuration. */
export type Here = At<SlackConfig>

/** What both kinds of `slack()` take. */
export type SlackCommonOptions<N extends string = string> = Readonly<{
  /** Name in the tracker. Default `slack`. */
  as?: N
  /** Default `execute`: what is planned is sent. */
  mode?: Adapter['mode']
  /** Leaves events out: false plans nothing for this event. */
  when?: NonNullable<Adapter['when']>
  /** Destructive actions (`deleteMessage`) run only when this is true. Default false. */
  allowDestructive?: boolean
  /** What to do with a call that cannot be looked up and is in doubt: keep it for a person (default) or send it again. */
  onDoubt?: 'hold' | 'repeat'
  /** Name of the secret, never its value. Default `SLACK_BOT_TOKEN`, with a webhook `SLACK_WEBHOOK_URL`. */
  secret?: string
  /** Address of the session, linked from the card's title, with `{id}` in it. Default: no link. */
  sessionUrl?: string
}>

/** Options of `slack()` with a bot token: a card that is edited, and entries in its thread. */
export type SlackOptions<N extends string = string> = SlackCommonOptions<N> &
  Readonly<{
    /** Default `bot`. */
    auth?: 'bot'
    /** Id of the channel, such as `C0123456789`; names are not accepted. */
    channel: string
    /** `card` (default): updates edit the card. `each`: each is an entry as well. `off`: they change nothing. */
    updates?: 'card' | 'each' | 'off'
    /** Shows the close summary in the channel too, not only in the thread. Default false. */
    broadcastSummary?: boolean
    /**
     * `full` (default): 50 reads of history a minute, 200 messages each. `limited`: one a minute, 15 messages, which
     * Slack applies to distributed apps without Marketplace approval
     * (https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps).
     */
    history?: 'full' | 'limited'
    /** Where the Web API is. Default `https://slack.com/api`; `http` only for this machine. */
    baseUrl?: string
  }>

/** Options of `slack()` with an incoming webhook: one message at start and one at close. */
export type SlackWebhookOptions<N extends string = string> = SlackCommonOptions<N> &
  Readonly<{
    /** Says that the secret is a webhook's address. */
    auth: 'webhook'
  }>

/** What a channel's id looks like (https://docs.slack.dev/reference/methods/chat.postMessage). */
export const CHANNEL = /^[CGD][A-Z0-9]{8,}$/
/** How to find one, for messages. */
export const CHANNEL_HINT =
  'must be the id of a channel, such as C0123456789 (in Slack: open the channel, click its name, copy the id at the end of "About")'

const text = z.string().trim().min(1, 'must not be empty')

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
const address = z.string().refine(value => {
  if (!URL.canParse(value) || /[{}]/.test(value)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(value)
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname))
}, 'must be an https address without user, query or fragment (http only for this machine)')

/** What the beginnings of real tokens and webhooks look like; one given as a name would be stored and shown. */
const LOOKS_SECRET = /^xox|^xapp|:\/\//i
const notValue = 'must be the name of a secret, such as SLACK_BOT_TOKEN, not its value'
const secretName = text
  .regex(/^[\w.:/-]{1,200}$/, notValue)
  .refine(value => !LOOKS_SECRET.test(value), notValue)

const sessionUrl = z
  .string()
  .refine(
    value =>
      value.includes('{id}') &&
      /^https?:\/\/[^\s{}|<>]+/.test(value) &&
      URL.canParse(value.replaceAll('{id}', 'id')),
    'must be a web address with {id} in it, such as https://example.com/sessions/{id}',
  )

const common = {
  as: z
    .string()
    .regex(/^[A-Za-z][\w-]*$/, 'must begin with a letter and have only letters, digits, - and _')
    .default('slack'),
  mode: z.literal(['execute', 'preview', 'handoff']).default('execute'),
  when: z
    .custom<NonNullable<Adapter['when']>>(value => typeof value === 'function', 'must be a function')
    .optional(),
  allowDestructive: z.boolean().optional(),
  onDoubt: z.literal(['hold', 'repeat']).optional(),
  secret: secretName.optional(),
  sessionUrl: sessionUrl.optional(),
}

const Bot = z.strictObject({
  ...common,
  auth: z.literal('bot', 'must be "bot" or "webhook"').default('bot'),
  channel: z.string(CHANNEL_HINT).regex(CHANNEL, CHANNEL_HINT),
  updates: z.literal(['card', 'each', 'off']).default('card'),
  broadcastSummary: z.boolean().default(false),
  history: z.literal(['full', 'limited']).default('full'),
  baseUrl: address.default('https://slack.com/api'),
})
const Webhook = z.strictObject({ ...common, auth: z.literal('webhook') })

/** What the fields mean that a webhook does not have. */
const FIXED = { channel: '', updates: 'off', broadcastSummary: false, history: 'full', baseUrl: '' } as const

/** Name of the secret each way of proving who we are needs, by default. */
const SECRETS = { bot: 'SLACK_BOT_TOKEN', webhook: 'SLACK_WEBHOOK_URL' } as const

type Rest = Pick<z.output<typeof Webhook>, 'mode' | 'when' | 'allowDestructive' | 'onDoubt'>

const ofWebhook = (options: unknown): z.output<typeof Webhook> => {
  const field = Object.keys(options as object).find(key => key in Bot.shape && !(key in Webhook.shape))
  if (field === undefined) return checkedOptions('slack', Webhook, options, { secret: SECRETS.webhook })
  const why = "is no option of slack({ auth: 'webhook' }), whose address leads to one channel: remove it"
  throw new TrackerError('CONFIG', `slack.${field}: ${why}`, { field })
}

/** Checks options. Throws `CONFIG` naming the field. */
export const checkOptions = (options: unknown): Readonly<{ config: SlackConfig; rest: Rest }> => {
  const { auth } = (options ?? {}) as { auth?: unknown }
  const given =
    auth === 'webhook' ? ofWebhook(options) : checkedOptions('slack', Bot, options, { secret: SECRETS.bot })
  const { mode, when, allowDestructive, onDoubt, ...known } = given
  const { baseUrl, ...own } = { ...FIXED, ...known }
  const config = { ...own, baseUrl: baseUrl.replace(/\/+$/, ''), secret: known.secret ?? SECRETS[known.auth] }
  return { config: config as SlackConfig, rest: { mode, when, allowDestructive, onDoubt } }
}

const isSet = (env: Environment, name: string) => (env[name] ?? '') !== ''

/**
 * Options from `SLACK_ENABLED` and `SLACK_CHANNEL`, or undefined; `auth` by the secret that is set, a bot's first, if it
 * knows its channel.
 */
export const optionsFrom = (
  env: Environment,
  overrides: Partial<SlackOptions | SlackWebhookOptions>,
): SlackOptions | SlackWebhookOptions | undefined => {
  const given = (overrides as Partial<SlackOptions>).channel !== undefined
  const bot = isSet(env, SECRETS.bot) && (given || isSet(env, 'SLACK_CHANNEL'))
  const webhookOnly = isSet(env, SECRETS.webhook) && !bot
  const auth = overrides.auth ?? (webhookOnly ? 'webhook' : 'bot')
  const channel = auth === 'bot' && !given
  const needs = [...(channel ? ['SLACK_CHANNEL'] : []), overrides.secret ?? SECRETS[auth]]
  if (!enabled(env, 'SLACK', needs)) return undefined
  const found = channel ? settings(env, { channel: 'SLACK_CHANNEL' }) : {}
  return { ...found, ...overrides, auth } as SlackOptions | SlackWebhookOptions
}
