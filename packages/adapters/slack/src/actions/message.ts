import { action, type Draft, type Reconcile, type Ref, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, SlackConfig } from '../config.ts'
import type { Message } from '../text.ts'
import { get, post, webhook } from './call.ts'
import { atHome, Channel, Emoji, KeepAs, NOT_AT_HOME, Place, placeOf, Text, Timestamp } from './input.ts'

type Content = Pick<Message, 'text'> & Partial<Message>
type Names = Readonly<Record<string, string>>

/**
 * Our clock may be ahead of Slack's by this much, or what was posted lies before where the look-up begins and is posted
 * again. A channel is busier than a thread; a `limited` app reads one short page a minute and can afford little.
 */
const AHEAD_MS = {
  full: { channel: 7_200_000, thread: 93_600_000 },
  limited: { channel: 120_000, thread: 120_000 },
} as const
/** `limited` apps get no more (https://docs.slack.dev/apis/web-api/rate-limits). */
const PAGE = { full: 200, limited: 15 } as const

/** Our key travels in the message's metadata, where every member can read it: an id, nothing else. */
const found = (
  config: SlackConfig,
  to: Readonly<{ channel: string; thread: string | Ref | undefined }>,
  key: string,
  captures: Names,
): Reconcile<string> => ({
  by: 'mark',
  call: get(
    config,
    to.thread === undefined ? 'conversations.history' : 'conversations.replies',
    {
      channel: to.channel,
      ts: to.thread,
      oldest: {
        $attempt: 'firstAt',
        as: 'seconds',
        backMs: AHEAD_MS[config.history][to.thread === undefined ? 'channel' : 'thread'],
      },
      limit: PAGE[config.history],
      include_all_metadata: true,
    },
    'history',
  ),
  list: '/messages',
  where: { pointer: '/metadata/event_payload/key', equals: key },
  captures,
  next: { cursor: '/response_metadata/next_cursor', into: '/query/cursor' },
})

/** A message to be: its content, where it goes, and the name under which its `ts` is captured. */
export type Posting = Readonly<{
  message: Content
  keepAs: string
  channel?: string | undefined
  thread?: string | Ref | undefined
  broadcast?: true | undefined
}>

/** A message that is found again by the key in its metadata. */
export const posting = ({ message, keepAs, thread, broadcast, ...to }: Posting, { key, config }: Here) => {
  const { channel = config.channel } = to
  const captures: Names = { [keepAs]: '/ts' }
  const payload = {
    channel,
    thread_ts: thread,
    reply_broadcast: broadcast,
    ...message,
    parse: 'none',
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: 'work_session', event_payload: { key } },
  }
  return {
    ...post(config, 'chat.postMessage', payload, `post:${channel}`),
    captures,
    repeat: found(config, { channel, thread }, key, captures),
  }
}

type Editing = Readonly<{ message: Content; ts: string | Ref; channel?: string | undefined }>

/** New content for a message. Text without blocks takes the message's blocks away. */
export const editing = ({ message, ts, channel }: Editing, { config }: Here) => ({
  ...post(config, 'chat.update', { channel: channel ?? config.channel, ts, ...message, parse: 'none' }),
  repeat: 'safe' as const,
})

/** A message through a webhook, which answers `ok` and nothing that could be found again. */
export const hooking = (message: Content, { config }: Here) =>
  ({
    ...webhook(config, { ...message, unfurl_links: false, unfurl_media: false }),
    repeat: 'unsafe',
  }) as const satisfies Draft

const EXAMPLE = '1503435956.000247'

const NOT_BROADCAST = { path: ['broadcast'], error: 'needs a thread to show in the channel too' }

/** What can be done with messages. */
export const messageActions = {
  postMessage: action(
    'postMessage',
    z
      .strictObject({
        text: Text,
        channel: Channel.optional(),
        thread: Place.optional(),
        broadcast: z.literal(true).optional(),
        keepAs: KeepAs.default('ts'),
      })
      .refine(atHome, NOT_AT_HOME)
      .refine(({ broadcast, thread }) => broadcast === undefined || thread !== undefined, NOT_BROADCAST),
    ({ text, thread, ...rest }, at: Here) =>
      posting({ message: { text }, thread: thread === undefined ? undefined : placeOf(thread), ...rest }, at),
    {
      about:
        'Posts a message to the channel, or as a reply: to the session, or to the first message of a thread.',
      example: { text: 'Tests are green again', thread: 'session' },
    },
  ),
  editMessage: action(
    'editMessage',
    z.strictObject({ ts: Timestamp, text: Text, channel: Channel.optional() }),
    ({ ts, text, channel }, at: Here) => ({
      ...editing({ message: { text }, ts, channel }, at),
      coalesce: { name: `edit:${channel ?? at.config.channel}:${ts}` },
    }),
    { about: 'Gives a message of this bot another text.', example: { ts: EXAMPLE, text: 'Tests are red' } },
  ),
  deleteMessage: action(
    'deleteMessage',
    z.strictObject({ ts: Timestamp, channel: Channel.optional() }),
    ({ ts, channel }, { config }: Here) => ({
      ...post(config, 'chat.delete', { channel: channel ?? config.channel, ts }),
      repeat: 'safe' as const,
    }),
    { about: 'Deletes a message of this bot.', example: { ts: EXAMPLE }, effect: 'destructive' },
  ),
  addReaction: action(
    'addReaction',
    z.strictObject({ ts: Place, name: Emoji, channel: Channel.optional() }).refine(atHome, NOT_AT_HOME),
    ({ ts, name, channel }, { config }: Here) => ({
      ...post(config, 'reactions.add', { channel: channel ?? config.channel, timestamp: placeOf(ts), name }),
      repeat: 'safe' as const,
    }),
    { about: 'Reacts to a message with an emoji.', example: { ts: 'session', name: 'white_check_mark' } },
  ),
  pinMessage: action(
    'pinMessage',
    z.strictObject({ ts: Place, channel: Channel.optional() }).refine(atHome, NOT_AT_HOME),
    ({ ts, channel }, { config }: Here) => ({
      ...post(config, 'pins.add', { channel: channel ?? config.channel, timestamp: placeOf(ts) }),
      repeat: 'safe' as const,
    }),
    { about: 'Pins a message to its channel.', example: { ts: 'session' } },
  ),
  permalink: read(
    'permalink',
    z.strictObject({ ts: Timestamp, channel: Channel.optional() }),
    z.looseObject({ permalink: z.string() }),
    ({ ts, channel }, { config }: Here) => ({
      call: get(config, 'chat.getPermalink', { channel: channel ?? config.channel, message_ts: ts }),
    }),
    { about: "Gives a message's web address.", example: { ts: EXAMPLE } },
  ),
}

/** Everything a webhook can do. */
export const webhookActions = {
  postWebhook: action(
    'postWebhook',
    z.strictObject({ text: Text }),
    ({ text }, at: Here) => hooking({ text }, at),
    { about: "Posts a message to the webhook's channel.", example: { text: 'Nightly run has begun' } },
  ),
}
