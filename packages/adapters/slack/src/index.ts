/**
 * Sessions in Slack: a message that is edited, and its thread.
 * @module slack
 */
import {
  type Adapter,
  type AnyAdapter,
  type Environment,
  environment,
  type Limits,
} from '@sessionwire/core/adapter'
import { actions, authTest, webhook, webhookActions } from './actions.ts'
import {
  checkOptions,
  optionsFrom,
  type SlackConfig,
  type SlackOptions,
  type SlackWebhookOptions,
} from './config.ts'
import { hooks, webhookHooks } from './hooks.ts'
import { outcome, webhookOutcome } from './outcome.ts'

export type {
  SlackAuth,
  SlackCommonOptions,
  SlackConfig,
  SlackOptions,
  SlackWebhookOptions,
} from './config.ts'

const MINUTE = 60_000
const perMinute = (count: number) => ({ count, perMs: MINUTE })

/** Slack's tiers, by method (https://docs.slack.dev/apis/web-api/rate-limits). */
const limits = (config: SlackConfig): Limits => ({
  rates: {
    'post:*': { count: 1, perMs: 1_000 },
    history: perMinute(config.history === 'limited' ? 1 : 50),
    'chat.update': perMinute(50),
    'chat.delete': perMinute(50),
    'chat.getPermalink': perMinute(600),
    'reactions.add': perMinute(50),
    'pins.add': perMinute(20),
    'bookmarks.add': perMinute(20),
    'conversations.list': perMinute(20),
    'conversations.info': perMinute(50),
    'users.lookupByEmail': perMinute(50),
    'auth.test': perMinute(600),
  },
})

/** An adapter with a bot's token. */
export type SlackAdapter<N extends string = string> = Adapter<SlackConfig, N, typeof actions>

/** An adapter with a webhook. */
export type SlackWebhookAdapter<N extends string = string> = Adapter<SlackConfig, N, typeof webhookActions>

/** Makes an adapter for Slack. Throws `CONFIG` naming the option that is wrong. */
export interface Slack {
  /** With an incoming webhook: one message at start and one at close, neither threaded, edited nor found again. */
  <const N extends string = 'slack'>(options: SlackWebhookOptions<N>): SlackWebhookAdapter<N>
  /** With a bot's token. */
  <const N extends string = 'slack'>(options: SlackOptions<N>): SlackAdapter<N>
  /** As below, with the webhook in `SLACK_WEBHOOK_URL` alone. */
  fromEnv<const N extends string = 'slack'>(
    overrides: Partial<SlackWebhookOptions<N>> & Readonly<{ auth: 'webhook' }>,
    env?: Environment,
  ): SlackWebhookAdapter<N> | undefined
  /**
   * From `SLACK_CHANNEL` with `SLACK_BOT_TOKEN`; `undefined` when they are not set or `SLACK_ENABLED` is false. Throws
   * `CONFIG` when it is true and something is missing. Where only `SLACK_WEBHOOK_URL` is set it is a webhook's adapter,
   * which at run time has no action but `postWebhook`; `auth` says which one is wanted.
   */
  fromEnv<const N extends string = 'slack'>(
    overrides?: Partial<SlackOptions<N>>,
    env?: Environment,
  ): SlackAdapter<N> | undefined
}

const withBot = (config: SlackConfig) => ({
  hooks,
  actions,
  limits: limits(config),
  check: authTest(config),
  outcome,
})

/** An empty message is refused and so proves the address without posting anything. */
const withWebhook = (config: SlackConfig) => ({
  hooks: webhookHooks,
  actions: webhookActions,
  limits: { rates: { webhook: { count: 1, perMs: 1_000 } } },
  check: { call: webhook(config, {}) },
  outcome: webhookOutcome,
})

const make = (options: SlackOptions | SlackWebhookOptions): AnyAdapter => {
  const { config, rest } = checkOptions(options)
  const { mode, when, allowDestructive, onDoubt } = rest
  return {
    name: config.as,
    config,
    mode,
    ...(config.auth === 'bot' ? withBot(config) : withWebhook(config)),
    ...(when === undefined ? {} : { when }),
    ...(allowDestructive === undefined ? {} : { allowDestructive }),
    ...(onDoubt === undefined ? {} : { onDoubt }),
    refs: config.auth === 'bot' ? ['thread'] : [],
    secrets: [config.secret],
  }
}

const fromEnv = (
  overrides: Partial<SlackOptions> | Partial<SlackWebhookOptions> = {},
  env: Environment = environment(),
): AnyAdapter | undefined => {
  const options = optionsFrom(env, overrides)
  return options === undefined ? undefined : make(options)
}

/** Sessions in Slack: `slack({ channel: 'C0123456789' })`, `slack({ auth: 'webhook' })`, or `slack.fromEnv()`. */
export const slack: Slack = Object.assign(make, { fromEnv }) as Slack
