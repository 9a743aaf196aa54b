/**
 * Sessions in Slack: a message that is edited, and its thread.
 * @module slack
 */
import {
  type Adapter,
  defineAdapter,
  type Environment,
  environment,
  type Json,
  showValue,
  writeLine,
} from '@sessionwire/core/adapter'
import { authTest, findMessage, get, messageActions, webhookActions, webhookCall } from './actions/message.ts'
import { workspaceActions } from './actions/workspace.ts'
import {
  botOptions,
  botSecrets,
  type SlackConfig,
  type SlackOptions,
  type SlackWebhookConfig,
  type SlackWebhookOptions,
  webhookOptions,
  webhookSecrets,
} from './config.ts'
import { hooks, readThread, removeMessage, webhookHooks } from './hooks.ts'
import { isOwn, outcome, webhookOutcome } from './outcome.ts'

export type { SlackConfig, SlackOptions, SlackWebhookConfig, SlackWebhookOptions } from './config.ts'

const actions = { ...messageActions, ...workspaceActions }

/** An adapter with a bot's token. */
export type SlackAdapter<N extends string = string> = Adapter<SlackConfig, N, typeof actions, 'thread'>
/** An adapter with a webhook. */
export type SlackWebhookAdapter<N extends string = string> = Adapter<
  SlackWebhookConfig,
  N,
  typeof webhookActions,
  never
>

const perMinute = (count: number) => ({ count, perMs: 60_000 })

const messageOf = (ts: Json | undefined): string =>
  typeof ts === 'string' ? `message ${ts}` : "the session's message"
const postLine = writeLine(({ channel, text }) => `post to ${showValue(channel)}: ${showValue(text)}`)

const bot = defineAdapter({
  service: 'slack',
  options: botOptions,
  secrets: botSecrets,
  env: { channel: 'SLACK_CHANNEL' },
  actions,
  hooks,
  outcome,
  isOwn,
  // Slack's tiers, by method (https://docs.slack.dev/apis/web-api/rate-limits).
  limits: ({ history }: SlackConfig) => ({
    rates: {
      'post:*': { count: 1, perMs: 1_000 },
      history: perMinute(history === 'limited' ? 1 : 50),
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
  }),
  check: authTest,
  account: '/user_id',
  probes: config => [
    {
      about: 'channel membership',
      lookup: {
        call: get(config, 'conversations.history', { channel: config.channel, limit: 1 }, 'history'),
      },
      todo: 'Invite the bot to the channel (/invite @bot) and give it the scope channels:history, or groups:history for a private one.',
    },
  ],
  cardLookups: config => [findMessage(config, 'card'), findMessage(config, 'thread')],
  refs: { thread: readThread },
  removals: { postEntry: removeMessage, createMessage: removeMessage },
  origins: ({ baseUrl }) => [baseUrl],
  describe: {
    postCard: postLine,
    editCard: writeLine(({ text }) => `edit the card of the session: ${showValue(text)}`),
    readAddress: () => "read the address of the session's message",
    postEntry: writeLine(({ text }) => `add to the thread of the session: ${showValue(text)}`),
    createMessage: postLine,
    editMessage: writeLine(({ ts, text }) => `edit ${messageOf(ts)}: ${showValue(text)}`),
    deleteMessage: writeLine(({ channel, ts }) => `delete ${messageOf(ts)} in ${showValue(channel)}`),
    addReaction: writeLine(
      ({ timestamp, name }) => `react to ${messageOf(timestamp)} with :${showValue(name)}:`,
    ),
    pinMessage: writeLine(({ timestamp, channel }) => `pin ${messageOf(timestamp)} in ${showValue(channel)}`),
    addBookmark: writeLine(
      ({ title, link, channel_id }) =>
        `bookmark "${showValue(title)}" in ${showValue(channel_id)}: ${showValue(link)}`,
    ),
  },
})

const webhook = defineAdapter({
  service: 'slack',
  options: webhookOptions,
  secrets: webhookSecrets,
  actions: webhookActions,
  hooks: webhookHooks,
  outcome: webhookOutcome,
  limits: { rates: { webhook: { count: 1, perMs: 1_000 } } },
  // An empty message is refused, which proves the address without posting anything.
  check: config => ({ call: webhookCall({}, config) }),
  origins: () => [],
  describe: {
    createMessage: writeLine(({ text }) => `post to the channel of the webhook: ${showValue(text)}`),
  },
})

/** Makes an adapter for Slack. Throws `CONFIG` naming the option that is wrong. */
export interface Slack {
  /** With an incoming webhook: messages that cannot be edited or found again. */
  <const N extends string = 'slack'>(
    options: SlackWebhookOptions & Readonly<{ as?: N | undefined }>,
  ): SlackWebhookAdapter<N>
  /** With a bot's token. */
  <const N extends string = 'slack'>(
    options: SlackOptions & Readonly<{ as?: N | undefined }>,
  ): SlackAdapter<N>
  /** As below, with the webhook in `SLACK_WEBHOOK_URL` alone. */
  fromEnv<const N extends string = 'slack'>(
    overrides: Partial<SlackWebhookOptions> & Readonly<{ auth: 'webhook'; as?: N | undefined }>,
    env?: Environment,
  ): SlackWebhookAdapter<N> | undefined
  /**
   * From `SLACK_CHANNEL` with `SLACK_BOT_TOKEN`, or from `SLACK_WEBHOOK_URL` where one of the two is missing. `undefined`
   * where none is set or `SLACK_ENABLED` is false; throws `CONFIG` naming the missing variable where only one is set.
   * With the webhook alone it is a webhook's adapter, whose one action is `createMessage`; `auth` says which is wanted.
   */
  fromEnv<const N extends string = 'slack'>(
    overrides?: Partial<SlackOptions> & Readonly<{ as?: N | undefined }>,
    env?: Environment,
  ): SlackAdapter<N> | undefined
}

type Given = Readonly<{ auth?: string; channel?: string; secrets?: Readonly<Record<string, string>> }>

/** Which of the two the environment asks for: the bot, unless only the webhook is complete. */
const isWebhook = ({ auth, channel, secrets }: Given, env: Environment): boolean => {
  if (auth !== undefined) return auth === 'webhook'
  const isSet = (name: string) => (env[secrets?.[name] ?? name] ?? '') !== ''
  const isBot = isSet('SLACK_BOT_TOKEN') && (channel !== undefined || isSet('SLACK_CHANNEL'))
  return isSet('SLACK_WEBHOOK_URL') && !isBot
}

const fromEnv = (overrides: Given = {}, env: Environment = environment()) =>
  isWebhook(overrides, env)
    ? webhook.fromEnv({ ...(overrides as Partial<SlackWebhookOptions>), auth: 'webhook' }, env)
    : bot.fromEnv(overrides as Partial<SlackOptions>, env)

const make = (options: SlackOptions | SlackWebhookOptions) =>
  options?.auth === 'webhook' ? webhook(options) : bot(options)

/** Sessions in Slack: `slack({ channel: 'C0123456789' })`, `slack({ auth: 'webhook' })`, or `slack.fromEnv()`. */
export const slack: Slack = Object.assign(make, { fromEnv }) as Slack
