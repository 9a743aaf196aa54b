import {
  action,
  type Draft,
  type HttpCall,
  type Json,
  omitUndefined,
  provenance,
  type Ref,
  read,
  type Step,
  step,
} from '@sessionwire/core/adapter'
import * as z from 'zod'
import { Channel, type Here, type SlackConfig, type SlackWebhookConfig } from '../config.ts'
import { type Content, escapeText } from '../text.ts'

// ── calls and what they take

type Fields = Readonly<Record<string, Json | undefined>>

const callOf = (config: SlackConfig, method: string, limit: string) =>
  ({
    kind: 'http',
    endpoint: `${config.baseUrl}/${method}`,
    auth: { header: 'authorization', prefix: 'Bearer ', secret: config.secrets.SLACK_BOT_TOKEN },
    limit,
  }) as const

/** A call whose body Slack takes as JSON; without the charset it answers with a warning each time. */
export const post = (config: SlackConfig, method: string, payload: Fields, limit = method) =>
  ({
    ...callOf(config, method, limit),
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    payload: omitUndefined(payload),
  }) as const satisfies HttpCall

/** A call for which JSON is not documented. */
export const form = (config: SlackConfig, method: string, payload: Fields) =>
  ({
    ...callOf(config, method, method),
    method: 'POST',
    encoding: 'form',
    payload: omitUndefined(payload),
  }) as const satisfies HttpCall

/** A read: none of them takes JSON. */
export const get = (config: SlackConfig, method: string, query: Fields, limit = method) =>
  ({
    ...callOf(config, method, limit),
    method: 'GET',
    query: omitUndefined(query),
  }) as const satisfies HttpCall

/** Proves address and token; needs no scope (https://docs.slack.dev/reference/methods/auth.test). */
export const authTest = (config: SlackConfig) =>
  ({ call: { ...callOf(config, 'auth.test', 'auth.test'), method: 'POST' } }) as const

/** Text from outside: `&`, `<` and `>` are escaped, so it holds no mention and no link; marks such as `*` still work. */
const Text = z
  .string()
  .transform(text => escapeText(text))
  .refine(text => text !== '', 'expected a text of which something is visible')

const TS = 'expected the ts of a message as a string, such as "1503435956.000247"'
/** A message by its `ts`. A number would lose its last zero, and the message would never be seen. */
const Timestamp = z.string(TS).regex(/^\d{10}\.\d{6}$/, TS)

/** A message by its `ts`, or the first message of the session's thread. */
const Message = z.union([Timestamp, z.literal('session')], `${TS}, or "session"`)

/** The value of a message in a call. */
const tsOf = (message: string): string | Readonly<{ $ref: string }> =>
  message === 'session' ? { $ref: 'thread' } : message

/** An emoji's name, as the API wants it. */
export const Emoji = z
  .string()
  .regex(
    /^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/,
    'expected the name of an emoji without colons, such as white_check_mark',
  )

// ── messages

/**
 * Our clock may be ahead of Slack's by this much; beyond it, a message that was posted lies before the beginning of the
 * look-up and is posted again. A channel is busier than a thread; a `limited` app reads one short page a minute.
 */
const AHEAD_MS = {
  full: { channel: 7_200_000, thread: 93_600_000 },
  limited: { channel: 120_000, thread: 120_000 },
} as const
/** `limited` apps get no more (https://docs.slack.dev/apis/web-api/rate-limits). */
const PAGE = { full: 200, limited: 15 } as const

/** A message to post: its content, and where it goes. */
type Posting = Readonly<{
  content: Content
  channel?: string | undefined
  thread?: string | Ref | undefined
  broadcast?: boolean | undefined
  /** Session and event it is about, named in the metadata. */
  about?: Parameters<typeof provenance>[0]
}>

/**
 * A message that is found again by the key in its metadata, which every member can read: ids, nothing else. Its `ts` is
 * captured as `name`.
 */
export const posting = <const N extends string>(
  name: N,
  { content, channel: given, thread, broadcast, about }: Posting,
  { key, config }: Here,
) => {
  const channel = given ?? config.channel
  const captures = { [name]: '/ts' } as { readonly [K in N]: '/ts' }
  const within = thread === undefined ? 'channel' : 'thread'
  const payload = {
    channel,
    thread_ts: thread,
    reply_broadcast: broadcast === true ? true : undefined,
    ...content,
    parse: 'none',
    unfurl_links: false,
    unfurl_media: false,
    metadata: {
      event_type: 'work_session',
      event_payload: { key, ...(about === undefined ? {} : provenance(about)) },
    },
  }
  const lookup = {
    channel,
    ts: thread,
    oldest: { $attempt: 'firstAt', as: 'seconds', backMs: AHEAD_MS[config.history][within] },
    limit: PAGE[config.history],
    include_all_metadata: true,
  } as const
  const method = within === 'channel' ? 'conversations.history' : 'conversations.replies'
  return {
    ...post(config, 'chat.postMessage', payload, `post:${channel}`),
    captures,
    repeat: {
      by: 'mark',
      call: get(config, method, lookup, 'history'),
      list: '/messages',
      where: { pointer: '/metadata/event_payload/key', equals: key },
      captures,
      next: { cursor: '/response_metadata/next_cursor', into: '/query/cursor' },
    },
  } as const
}

/** New content for a message. Text without blocks takes the message's blocks away. */
export const editing = (content: Content, ts: string | Ref, config: SlackConfig, channel = config.channel) =>
  ({ ...post(config, 'chat.update', { channel, ts, ...content, parse: 'none' }), repeat: 'safe' }) as const

/** Asks for a message by its `ts` in the channel's history: nothing is found where a person deleted it. */
export const findMessage = (config: SlackConfig, name: string) => ({
  call: get(
    config,
    'conversations.history',
    { channel: config.channel, oldest: { $ref: name }, latest: { $ref: name }, inclusive: true, limit: 1 },
    'history',
  ),
  list: '/messages',
})

/** A request to the webhook's own address. */
export const webhookCall = (payload: Readonly<Record<string, Json>>, config: SlackWebhookConfig) =>
  ({
    kind: 'http',
    method: 'POST',
    endpoint: { $secret: config.secrets.SLACK_WEBHOOK_URL },
    limit: 'webhook',
    payload,
  }) as const satisfies HttpCall

/** A message through a webhook, which answers `ok` and nothing by which it could be found again. */
const hooking = (content: Content, config: SlackWebhookConfig) =>
  ({
    ...webhookCall({ ...content, unfurl_links: false, unfurl_media: false }, config),
    repeat: 'unsafe',
  }) as const satisfies Draft

/** The same as a step of a hook. */
export const postWebhook =
  (content: Content): Step<SlackWebhookConfig> =>
  ({ key, config }) => ({ key, action: 'createMessage', ...hooking(content, config) })

const EXAMPLE = '1503435956.000247'

/** The session's thread is in the adapter's channel and in no other. */
const isAtHome = ({ channel, message, thread }: Readonly<Record<string, unknown>>): boolean =>
  channel === undefined || (message !== 'session' && thread !== 'session')
const NOT_AT_HOME = { path: ['channel'], error: 'expected no channel: the session has its own' }

const Place = z
  .strictObject({ message: Message.default('session'), channel: Channel.optional() })
  .refine(isAtHome, NOT_AT_HOME)
const placeOf = ({ message, channel }: z.output<typeof Place>, { config }: Here) => ({
  channel: channel ?? config.channel,
  timestamp: tsOf(message),
})

/** Actions on messages. */
export const messageActions = {
  createMessage: action(
    'createMessage',
    z
      .strictObject({
        body: Text,
        channel: Channel.optional(),
        thread: Message.optional(),
        broadcast: z.boolean().optional(),
      })
      .refine(isAtHome, NOT_AT_HOME)
      .refine(({ broadcast, thread }) => broadcast !== true || thread !== undefined, {
        path: ['broadcast'],
        error: 'expected with a thread only',
      }),
    ({ body, thread, ...rest }, at: Here) =>
      posting(
        'ts',
        { content: { text: body }, thread: thread === undefined ? undefined : tsOf(thread), ...rest },
        at,
      ),
    {
      about:
        'Posts a message to the channel, or as a reply: to the session, or to the first message of a thread.',
      example: { body: 'Tests are green again', thread: 'session' },
    },
  ),
  editMessage: action(
    'editMessage',
    z.strictObject({ message: Timestamp, body: Text, channel: Channel.optional() }),
    ({ message, body, channel }, { config }: Here) => ({
      ...editing({ text: body }, message, config, channel),
      coalesce: { name: `edit:${channel ?? config.channel}:${message}` },
    }),
    {
      about: 'Gives a message of this bot another text.',
      example: { message: EXAMPLE, body: 'Tests are red' },
    },
  ),
  deleteMessage: action(
    'deleteMessage',
    z.strictObject({ message: Timestamp, channel: Channel.optional() }),
    ({ message, channel }, { config }: Here) => ({
      ...post(config, 'chat.delete', { channel: channel ?? config.channel, ts: message }),
      repeat: 'safe' as const,
    }),
    { about: 'Deletes a message of this bot.', example: { message: EXAMPLE }, effect: 'destructive' },
  ),
  addReaction: action(
    'addReaction',
    Place.safeExtend({ name: Emoji }),
    ({ name, ...place }, at: Here) => ({
      ...post(at.config, 'reactions.add', { ...placeOf(place, at), name }),
      repeat: 'safe' as const,
    }),
    { about: 'Reacts to a message with an emoji.', example: { name: 'white_check_mark' } },
  ),
  pinMessage: action(
    'pinMessage',
    Place,
    (place, at: Here) => ({ ...post(at.config, 'pins.add', placeOf(place, at)), repeat: 'safe' as const }),
    { about: 'Pins a message to its channel.', example: {} },
  ),
  getMessageLink: read(
    'getMessageLink',
    z.strictObject({ message: Timestamp, channel: Channel.optional() }),
    z.looseObject({ permalink: z.string() }),
    ({ message, channel }, { config }: Here) => ({
      call: get(config, 'chat.getPermalink', { channel: channel ?? config.channel, message_ts: message }),
    }),
    { about: "Gives a message's web address.", example: { message: EXAMPLE } },
  ),
}

/** Everything a webhook can do. */
export const webhookActions = {
  createMessage: action(
    'createMessage',
    z.strictObject({ body: Text }),
    ({ body }, { config }: Readonly<{ key: string; config: SlackWebhookConfig }>) =>
      hooking({ text: body }, config),
    { about: "Posts a message to the webhook's channel.", example: { body: 'Nightly run has begun' } },
  ),
}

/** Reads the address of the session's card. */
export const readAddress = (message: Ref): Step<SlackConfig> =>
  step('readAddress', ({ config }) => ({
    ...get(config, 'chat.getPermalink', { channel: config.channel, message_ts: message }),
    captures: { permalink: '/permalink' },
    repeat: 'safe',
  }))
