import { action, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { Channel, type Here } from '../config.ts'
import { escapeText } from '../text.ts'
import { authTest, Emoji, form, get } from './message.ts'

const Title = z
  .string()
  .transform(text => escapeText(text, 255))
  .refine(text => text !== '', 'expected a text of which something is visible')

/** A web address that cannot end Slack's own markup. */
const Link = z
  .string()
  .max(3_000)
  .refine(
    value => /^(https?|mailto):/i.test(value) && URL.canParse(value),
    'expected an http, https or mailto address',
  )
  .transform(value => value.toWellFormed().replace(/[<>|\s\p{Cc}]/gu, encodeURIComponent))

const NAME = /^#?[^\s#\p{Cc}\p{Cs}]{1,80}$/u

/** Actions on channels and members. */
export const workspaceActions = {
  addBookmark: action(
    'addBookmark',
    z.strictObject({ title: Title, url: Link, emoji: Emoji.optional(), channel: Channel.optional() }),
    ({ title, url, emoji, channel }, { config }: Here) => ({
      ...form(config, 'bookmarks.add', {
        channel_id: channel ?? config.channel,
        title,
        type: 'link',
        link: url,
        emoji: emoji === undefined ? undefined : `:${emoji}:`,
      }),
      captures: { bookmark: '/bookmark/id' },
      // A second call makes a second bookmark, and no documented read finds the first.
      repeat: 'unsafe' as const,
    }),
    {
      about: "Adds a link to a channel's bookmarks.",
      example: { title: 'Runbook', url: 'https://example.com/runbook' },
    },
  ),
  findChannel: read(
    'findChannel',
    z.strictObject({
      name: z.string().regex(NAME, 'expected the name of a channel, such as billing'),
      private: z.boolean().default(false),
    }),
    z.array(z.looseObject({ id: z.string(), name: z.string() })),
    ({ name, private: closed }, { config }: Here) => ({
      call: get(config, 'conversations.list', {
        types: closed ? 'public_channel,private_channel' : 'public_channel',
        exclude_archived: true,
        // Archived and hidden channels are taken out of a page afterwards, so pages may be short or even empty.
        limit: 999,
      }),
      list: '/channels',
      where: { pointer: '/name', equals: name.replace(/^#/, ''), anyCase: true },
      next: { cursor: '/response_metadata/next_cursor', into: '/query/cursor' },
    }),
    {
      about: 'Finds a channel and its id by its name; among private ones only when asked.',
      example: { name: 'billing' },
    },
  ),
  getChannel: read(
    'getChannel',
    z.strictObject({ channel: Channel }),
    z.looseObject({ channel: z.looseObject({ id: z.string(), name: z.string().optional() }) }),
    ({ channel }, { config }: Here) => ({ call: get(config, 'conversations.info', { channel }) }),
    {
      about: 'Tells about a channel: its name, whether it is archived, whether the bot is a member.',
      example: { channel: 'C0123456789' },
    },
  ),
  findUser: read(
    'findUser',
    z.strictObject({ email: z.email('expected an e-mail address') }),
    z.looseObject({ user: z.looseObject({ id: z.string(), name: z.string().optional() }) }),
    ({ email }, { config }: Here) => ({ call: get(config, 'users.lookupByEmail', { email }) }),
    { about: 'Finds a member by e-mail address.', example: { email: 'ada@example.com' } },
  ),
  whoAmI: read(
    'whoAmI',
    z.strictObject({}),
    z.looseObject({ team_id: z.string(), user_id: z.string(), bot_id: z.string().optional() }),
    (_, { config }: Here) => authTest(config),
    { about: 'Tells whose token this is, and of which workspace.', example: {} },
  ),
}
