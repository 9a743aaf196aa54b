import type { Descriptor, Lookup } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { slack } from '../src/index.ts'
import { CHANNEL, KEY, made } from './made.ts'

const { actions, config } = made()
const at = { key: KEY, config }
const webhook = slack({ auth: 'webhook' })

const auth = { header: 'authorization', prefix: 'Bearer ', secret: 'SLACK_BOT_TOKEN' }
const json = (method: string, payload: unknown, limit = method) => ({
  key: KEY,
  kind: 'http',
  method: 'POST',
  endpoint: `https://slack.com/api/${method}`,
  auth,
  limit,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  payload,
})
const get = (method: string, query: unknown) => ({
  kind: 'http',
  method: 'GET',
  endpoint: `https://slack.com/api/${method}`,
  auth,
  limit: method,
  query,
})
const found = (method: string, more: Readonly<Record<string, unknown>>, name = 'ts') => ({
  by: 'mark',
  call: {
    ...get(method, {
      channel: CHANNEL,
      ...more,
      oldest: {
        $attempt: 'firstAt',
        as: 'seconds',
        backMs: method === 'conversations.replies' ? 93_600_000 : 7_200_000,
      },
      limit: 200,
      include_all_metadata: true,
    }),
    limit: 'history',
  },
  list: '/messages',
  where: { pointer: '/metadata/event_payload/key', equals: KEY },
  captures: { [name]: '/ts' },
  next: { cursor: '/response_metadata/next_cursor', into: '/query/cursor' },
})
const posted = (more: Readonly<Record<string, unknown>>) => ({
  channel: CHANNEL,
  ...more,
  parse: 'none',
  unfurl_links: false,
  unfurl_media: false,
  metadata: { event_type: 'work_session', event_payload: { key: KEY } },
})

const drafts: readonly (readonly [string, Descriptor, unknown])[] = [
  [
    'a message',
    actions.createMessage({ body: 'Green <!channel>' })(at),
    {
      ...json('chat.postMessage', posted({ text: 'Green &lt;!channel&gt;' }), `post:${CHANNEL}`),
      action: 'createMessage',
      captures: { ts: '/ts' },
      repeat: found('conversations.history', {}),
    },
  ],
  [
    'a reply to the session, shown in the channel too',
    actions.createMessage({ body: 'a & b', thread: 'session', broadcast: true })(at),
    {
      ...json(
        'chat.postMessage',
        posted({ thread_ts: { $ref: 'thread' }, reply_broadcast: true, text: 'a &amp; b' }),
        `post:${CHANNEL}`,
      ),
      action: 'createMessage',
      captures: { ts: '/ts' },
      repeat: found('conversations.replies', { ts: { $ref: 'thread' } }),
    },
  ],
  [
    'a reply in another channel',
    actions.createMessage({ body: 'x', thread: '1503435956.000247', channel: 'G0987654321' })(at),
    {
      ...json(
        'chat.postMessage',
        { ...posted({ thread_ts: '1503435956.000247', text: 'x' }), channel: 'G0987654321' },
        'post:G0987654321',
      ),
      action: 'createMessage',
      captures: { ts: '/ts' },
      repeat: found('conversations.replies', { channel: 'G0987654321', ts: '1503435956.000247' }),
    },
  ],
  [
    'an edit',
    actions.editMessage({ message: '1503435956.000247', body: 'Red' })(at),
    {
      ...json('chat.update', { channel: CHANNEL, ts: '1503435956.000247', text: 'Red', parse: 'none' }),
      action: 'editMessage',
      repeat: 'safe',
      coalesce: { name: `edit:${CHANNEL}:1503435956.000247` },
    },
  ],
  [
    'a deletion',
    actions.deleteMessage({ message: '1503435956.000247' })(at),
    {
      ...json('chat.delete', { channel: CHANNEL, ts: '1503435956.000247' }),
      action: 'deleteMessage',
      repeat: 'safe',
    },
  ],
  [
    'a reaction',
    actions.addReaction({ message: 'session', name: 'eyes' })(at),
    {
      ...json('reactions.add', { channel: CHANNEL, timestamp: { $ref: 'thread' }, name: 'eyes' }),
      action: 'addReaction',
      repeat: 'safe',
    },
  ],
  [
    'a pin',
    actions.pinMessage({ message: '1503435956.000247', channel: 'C0987654321' })(at),
    {
      ...json('pins.add', { channel: 'C0987654321', timestamp: '1503435956.000247' }),
      action: 'pinMessage',
      repeat: 'safe',
    },
  ],
  [
    'a bookmark',
    actions.addBookmark({ title: 'Run <book>', url: 'https://example.com/a|b c', emoji: 'book' })(at),
    {
      key: KEY,
      action: 'addBookmark',
      kind: 'http',
      method: 'POST',
      endpoint: 'https://slack.com/api/bookmarks.add',
      auth,
      limit: 'bookmarks.add',
      encoding: 'form',
      payload: {
        channel_id: CHANNEL,
        title: 'Run &lt;book&gt;',
        type: 'link',
        link: 'https://example.com/a%7Cb%20c',
        emoji: ':book:',
      },
      captures: { bookmark: '/bookmark/id' },
      repeat: 'unsafe',
    },
  ],
  [
    'a message through a webhook',
    webhook.actions.createMessage({ body: 'Begun <@U012AB3CD>' })({ key: KEY, config: webhook.config }),
    {
      key: KEY,
      action: 'createMessage',
      kind: 'http',
      method: 'POST',
      endpoint: { $secret: 'SLACK_WEBHOOK_URL' },
      limit: 'webhook',
      payload: { text: 'Begun &lt;@U012AB3CD&gt;', unfurl_links: false, unfurl_media: false },
      repeat: 'unsafe',
    },
  ],
]
test.for(drafts)('%s', ([, descriptor, expected]) => expect(descriptor).toStrictEqual(expected))

const lookups: readonly (readonly [string, Lookup, unknown])[] = [
  [
    'an address of a message',
    actions.getMessageLink.build({ message: '1503435956.000247' }, at),
    { call: get('chat.getPermalink', { channel: CHANNEL, message_ts: '1503435956.000247' }) },
  ],
  [
    'a channel by name',
    actions.findChannel.build({ name: '#billing', private: true }, at),
    {
      call: get('conversations.list', {
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: 999,
      }),
      list: '/channels',
      where: { pointer: '/name', equals: 'billing', anyCase: true },
      next: { cursor: '/response_metadata/next_cursor', into: '/query/cursor' },
    },
  ],
  [
    'a channel by id',
    actions.getChannel.build({ channel: CHANNEL }, at),
    { call: get('conversations.info', { channel: CHANNEL }) },
  ],
  [
    'a member by e-mail',
    actions.findUser.build({ email: 'ada@example.com' }, at),
    { call: get('users.lookupByEmail', { email: 'ada@example.com' }) },
  ],
  [
    'the token itself',
    actions.whoAmI.build({}, at),
    {
      call: {
        kind: 'http',
        method: 'POST',
        endpoint: 'https://slack.com/api/auth.test',
        auth,
        limit: 'auth.test',
      },
    },
  ],
  [
    'the check of a webhook, which posts nothing',
    webhook.check,
    {
      call: {
        kind: 'http',
        method: 'POST',
        endpoint: { $secret: 'SLACK_WEBHOOK_URL' },
        limit: 'webhook',
        payload: {},
      },
    },
  ],
]
test.for(lookups)('%s', ([, lookup, expected]) => expect(lookup).toStrictEqual(expected))

test('limited apps read a page of 15', () => {
  const limited = made({ history: 'limited' })
  const { repeat } = actions.createMessage({ body: 'x' })({ key: KEY, config: limited.config })
  expect(typeof repeat === 'object' && repeat.call).toMatchObject({ query: { limit: 15 }, limit: 'history' })
  expect(limited.limits.rates.history).toEqual({ count: 1, perMs: 60_000 })
})

describe('what an adapter can do', () => {
  const told = (adapter: { actions: object }) =>
    Object.entries(adapter.actions).map(([name, each]) =>
      each.effect === 'read' ? [name, 'read'] : [name, each.effect, each.guarantee(config).guarantee],
    )
  test('with a bot', () =>
    expect(told(made())).toEqual([
      ['createMessage', 'write', 'reconcile'],
      ['editMessage', 'write', 'upsert'],
      ['deleteMessage', 'destructive', 'upsert'],
      ['addReaction', 'write', 'upsert'],
      ['pinMessage', 'write', 'upsert'],
      ['getMessageLink', 'read'],
      ['addBookmark', 'write', 'at-most-once'],
      ['findChannel', 'read'],
      ['getChannel', 'read'],
      ['findUser', 'read'],
      ['whoAmI', 'read'],
    ]))
  test('with a webhook', () => expect(told(webhook)).toEqual([['createMessage', 'write', 'at-most-once']]))
})
