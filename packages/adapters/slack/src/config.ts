import { type At, address, type ConfigOf, type OptionsOf } from '@sessionwire/core/adapter'
import * as z from 'zod'

const CHANNEL = /^[CGD][A-Z0-9]{8,}$/
const CHANNEL_ID =
  'expected the id of a channel, such as C0123456789 (in Slack: open the channel, click its name, copy the id at the end of "About")'
/** A channel by its id (https://docs.slack.dev/reference/methods/chat.postMessage). */
export const Channel = z.string(CHANNEL_ID).regex(CHANNEL, CHANNEL_ID)

/** Options of `slack()` with a bot's token. */
export const botOptions = {
  /** `bot` (default): a card that is edited, with entries in its thread. */
  auth: z.literal('bot').default('bot'),
  /** Id of the channel, such as `C0123456789`; names are not accepted. */
  channel: Channel,
  /** Shows the close summary in the channel too, not only in the thread. Default false. */
  broadcastSummary: z.boolean().default(false),
  /**
   * `full` (default): 50 reads of history a minute, 200 messages each. `limited`: one a minute, 15 messages, which Slack
   * applies to distributed apps without Marketplace approval
   * (https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps).
   */
  history: z.literal(['full', 'limited']).default('full'),
  /** Address of the Web API. Default `https://slack.com/api`. */
  baseUrl: z
    .optional(address('https://slack.com/api'))
    .default('https://slack.com/api')
    .refine(url => !/[/.]slack\.com(?!\/api$)/.test(url), 'expected https://slack.com/api'),
}
/** The secret of a bot. */
export const botSecrets = { SLACK_BOT_TOKEN: 'secret' } as const

/** Options of `slack()` with an incoming webhook. */
export const webhookOptions = {
  /** `webhook`: the secret is the address of an incoming webhook, which leads to one channel. */
  auth: z.literal('webhook'),
  /** Events that post a message. Default: start, blocker, resolve and close. */
  post: z
    .array(z.literal(['start', 'update', 'decision', 'blocker', 'resolve', 'close', 'resume']))
    .default(['start', 'blocker', 'resolve', 'close']),
  /** Left out: a webhook has no card that updates could edit. Choose them with `post`. */
  updates: z.never('expected no such option with a webhook: use post').optional(),
}
/** The secret of a webhook. */
export const webhookSecrets = { SLACK_WEBHOOK_URL: 'secret' } as const

/** Options of `slack()` with a bot's token: a card that is edited, and entries in its thread. @interface */
export type SlackOptions = OptionsOf<typeof botOptions, typeof botSecrets>
/** Options of `slack()` with an incoming webhook: messages that cannot be edited or found again. @interface */
export type SlackWebhookOptions = OptionsOf<typeof webhookOptions, typeof webhookSecrets>
/** Configuration of the adapter with a bot's token. @interface */
export type SlackConfig = ConfigOf<typeof botOptions, typeof botSecrets>
/** Configuration of the adapter with a webhook. @interface */
export type SlackWebhookConfig = ConfigOf<typeof webhookOptions, typeof webhookSecrets>

/** The key of a call in the making, and the configuration. */
export type Here = At<SlackConfig>
