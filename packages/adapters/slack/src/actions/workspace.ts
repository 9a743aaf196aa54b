import { action, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { escaped } from '../text.ts'
import { authTest, form, get } from './call.ts'
import { Channel, Emoji, Link } from './input.ts'

const Title = z
  .string()
  .transform(text => escaped(text, 255))
  .refine(text => text !== '', 'must not be empty')

/** What can be done with channels and members. */
export const workspaceActions = {
  addBookmark: action(
    'addBookmark',
    z.strictObject({ title: Title, link: Link, emoji: Emoji.optional(), channel: Channel.optional() }),
    ({ title, link, emoji, channel }, { config }: Here) => ({
      ...form(config, 'bookmarks.add', {
        channel_id: channel ?? config.channel,
        title,
        type: 'link',
        link,
        emoji: emoji === undefined ? undefined : `:${emoji}:`,
      }),
      captures: { bookmark: '/bookmark/id' },
      // A second call makes a second bookmark, and no documented read finds the first.
      repeat: 'unsafe' as const,
    }),
    {
      about: "Adds a link to a channel's bookmarks.",
      example: { title: 'Runbook', link: 'https://example.com/runbook' },
    },
  ),
  channelByName: read(
    'channelByName',
    z.strictObject({
      name: z
        .string()
        .regex(/^#?[^\s#\p{Cc}\p{Cs}]{1,80}$/u, 'must be the name of a channel, such as billing'),
      private: z.boolean().default(false),
    }),
    z.array(z.looseObject({ id: z.string(), name: z.string() })),
    ({ name, private: closed }, { config }: Here) => ({
      call: get(config, 'conversations.list', {
        types: closed ? 'public_channel,private_channel' : 'public_channel',
        exclude_archived: true,
        limit: 200,
      }),
      list: '/channels',
      where: { pointer: '/name', equals: name.replace(/^#/, '') },
      next: { cursor: '/response_metadata/next_cursor', into: '/query/cursor' },
    }),
    {
      about: 'Finds a channel and its id by its name; among private ones only when asked.',
      example: { name: 'billing' },
    },
  ),
  channelById: read(
    'channelById',
    z.strictObject({ channel: Channel }),
    z.looseObject({ channel: z.looseObject({ id: z.string(), name: z.string().optional() }) }),
    ({ channel }, { config }: Here) => ({ call: get(config, 'conversations.info', { channel }) }),
    {
      about: 'Tells about a channel: its name, whether it is archived, whether the bot is a member.',
      example: { channel: 'C0123456789' },
    },
  ),
  userByEmail: read(
    'userByEmail',
    z.strictObject({ email: z.email('must be an e-mail address') }),
    z.looseObject({ user: z.looseObject({ id: z.string(), name: z.string().optional() }) }),
    ({ email }, { config }: Here) => ({ call: get(config, 'users.lookupByEmail', { email }) }),
    { about: 'Finds a member by e-mail address.', example: { email: 'ada@example.com' } },
  ),
  authTest: read(
    'authTest',
    z.strictObject({}),
    z.looseObject({ team_id: z.string(), user_id: z.string(), bot_id: z.string().optional() }),
    (_, { config }: Here) => authTest(config),
    { about: 'Tells whose token this is, and of which workspace.', example: {} },
  ),
}
