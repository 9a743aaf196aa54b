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
    actions.postMessage({ text: 'Green <!channel>' })(at),
    {
      ...json('chat.postMessage', posted({ text: 'Green &lt;!channel&gt;' }), `post:${CHANNEL}`),
      action: 'postMessage',
      captures: { ts: '/ts' },
      repeat: found('conversations.history', {}),
    },
  ],
  [
    'a reply to the session, shown in the channel too, kept under a name',
    actions.postMessage({ text: 'a & b', thread: 'session', broadcast: true, keepAs: 'alarm' })(at),
    {
      ...json(
        'chat.postMessage',
        posted({ thread_ts: { $ref: 'thread' }, reply_broadcast: true, text: 'a &amp; b' }),
        `post:${CHANNEL}`,
      ),
      action: 'postMessage',
      captures: { alarm: '/ts' },
      repeat: found('conversations.replies', { ts: { $ref: 'thread' } }, 'alarm'),
    },
  ],
  [
    'a reply in another channel',
    actions.postMessage({ text: 'x', thread: '1503435956.000247', channel: 'G0987654321' })(at),
    {
      ...json(
        'chat.postMessage',
        { ...posted({ thread_ts: '1503435956.000247', text: 'x' }), channel: 'G0987654321' },
        'post:G0987654321',
      ),
      action: 'postMessage',
      captures: { ts: '/ts' },
      repeat: found('conversations.replies', { channel: 'G0987654321', ts: '1503435956.000247' }),
    },
  ],
  [
    'an edit',
    actions.editMessage({ ts: '1503435956.000247', text: 'Red' })(at),
    {
      ...json('chat.update', { channel: CHANNEL, ts: '1503435956.000247', text: 'Red', parse: 'none' }),
      action: 'editMessage',
      repeat: 'safe',
      coalesce: { name: `edit:${CHANNEL}:1503435956.000247` },
    },
  ],
  [
    'a deletion',
    actions.deleteMessage({ ts: '1503435956.000247' })(at),
    {
      ...json('chat.delete', { channel: CHANNEL, ts: '1503435956.000247' }),
      action: 'deleteMessage',
      repeat: 'safe',
    },
  ],
  [
    'a reaction',
    actions.addReaction({ ts: 'session', name: 'eyes' })(at),
    {
      ...json('reactions.add', { channel: CHANNEL, timestamp: { $ref: 'thread' }, name: 'eyes' }),
      action: 'addReaction',
      repeat: 'safe',
    },
  ],
  [
    'a pin',
    actions.pinMessage({ ts: '1503435956.000247', channel: 'C0987654321' })(at),
    {
      ...json('pins.add', { channel: 'C0987654321', timestamp: '1503435956.000247' }),
      action: 'pinMessage',
      repeat: 'safe',
    },
  ],
  [
    'a bookmark',
    actions.addBookmark({ title: 'Run <book>', link: 'https://example.com/a|b c', emoji: 'book' })(at),
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
    webhook.actions.postWebhook({ text: 'Begun <@U012AB3CD>' })({ key: KEY, config: webhook.config }),
    {
      key: KEY,
      action: 'postWebhook',
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
    actions.permalink.build({ ts: '1503435956.000247' }, at),
    { call: get('chat.getPermalink', { channel: CHANNEL, message_ts: '1503435956.000247' }) },
  ],
  [
    'a channel by name',
    actions.channelByName.build({ name: '#billing', private: true }, at),
    {
      call: get('conversations.list', {
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: 200,
      }),
      list: '/channels',
      where: { pointer: '/name', equals: 'billing' },
      next: { cursor: '/response_metadata/next_cursor', into: '/query/cursor' },
    },
  ],
  [
    'a channel by id',
    actions.channelById.build({ channel: CHANNEL }, at),
    { call: get('conversations.info', { channel: CHANNEL }) },
  ],
  [
    'a member by e-mail',
    actions.userByEmail.build({ email: 'ada@example.com' }, at),
    { call: get('users.lookupByEmail', { email: 'ada@example.com' }) },
  ],
  [
    'the token itself',
    actions.authTest.build({}, at),
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
  const { repeat } = actions.postMessage({ text: 'x' })({ key: KEY, config: limited.config })
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
      ['postMessage', 'write', 'reconcile'],
      ['editMessage', 'write', 'upsert'],
      ['deleteMessage', 'destructive', 'upsert'],
      ['addReaction', 'write', 'upsert'],
      ['pinMessage', 'write', 'upsert'],
      ['permalink', 'read'],
      ['addBookmark', 'write', 'at-most-once'],
      ['channelByName', 'read'],
      ['channelById', 'read'],
      ['userByEmail', 'read'],
      ['authTest', 'read'],
    ]))
  test('with a webhook', () => expect(told(webhook)).toEqual([['postWebhook', 'write', 'at-most-once']]))
})
