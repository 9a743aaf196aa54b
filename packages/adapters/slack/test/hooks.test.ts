import type { Descriptor } from '@sessionwire/core/adapter'
import { plan } from '@sessionwire/core/adapter'
import { story } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import { readThread } from '../src/hooks.ts'
import { type SlackWebhookAdapter, slack } from '../src/index.ts'
import { CHANNEL, made, planned } from './made.ts'

/** What a plan does, in few words. */
const brief = (descriptors: readonly Descriptor[]) =>
  descriptors.map(({ action, captures, coalesce }) =>
    captures === undefined ? [action, coalesce] : [action, Object.keys(captures)],
  )
const whole = (adapter = made(), refs: Readonly<Record<string, Readonly<Record<string, string>>>> = {}) =>
  Object.fromEntries(
    story({ refs }).map(({ event, session }) => [
      `${event.sequence} ${event.type}`,
      brief(plan(adapter, event, session)),
    ]),
  )

const edit = ['editCard', { name: 'card', everyMs: 5_000 }]

test('a session is one message that is edited, with entries in its thread', () => {
  expect(whole()).toEqual({
    '1 start': [['postCard', ['thread']]],
    '2 update': [edit],
    '3 decision': [['postEntry', ['entry.3']], edit],
    '4 entity': [],
    '5 blocker': [['postEntry', ['entry.5']], edit],
    '6 resolve': [['postEntry', ['entry.6']], edit],
    '7 update': [edit],
    '8 export': [['postEntry', ['entry.8']]],
    // The last word on a session is not held back.
    '9 close': [
      ['postEntry', ['entry.9']],
      ['editCard', { name: 'card', everyMs: 0 }],
    ],
    '10 resume': [edit, ['postEntry', ['entry.10']]],
  })
})

test('updates are entries too, or change nothing', () => {
  expect(whole(made({ updates: 'each' }))).toMatchObject({
    '2 update': [['postEntry', ['entry.2']], edit],
    '3 decision': [['postEntry', ['entry.3']], edit],
  })
  expect(whole(made({ updates: 'off' }))).toMatchObject({
    '2 update': [],
    '3 decision': [['postEntry', ['entry.3']], edit],
  })
})

const bodies = (adapter: SlackWebhookAdapter) =>
  story().flatMap(({ event, session }) =>
    plan(adapter, event, session).map(each => {
      const [line] = String((each as { payload?: { text?: string } }).payload?.text).split('\n')
      return `${each.key.slice(-9)} ${each.action}: ${line}`
    }),
  )

test('a webhook posts the start, blockers and their ends, and the close', () =>
  expect(bodies(slack({ auth: 'webhook' }))).toEqual([
    '1/slack/0 createMessage: Stop double charging: in progress, 20 %',
    '5/slack/0 createMessage: Stop double charging: Blocked (high): No staging key',
    '6/slack/0 createMessage: Stop double charging: Unblocked: No staging key',
    '9/slack/0 createMessage: Stop double charging: completed, 20 → 100 %',
  ]))

test('a webhook posts what it is told to', () =>
  expect(bodies(slack({ auth: 'webhook', post: ['blocker'] }))).toEqual([
    '5/slack/0 createMessage: Stop double charging: Blocked (high): No staging key',
  ]))

const auth = { header: 'authorization', prefix: 'Bearer ', secret: 'SLACK_BOT_TOKEN' }
const headers = { 'content-type': 'application/json; charset=utf-8' }
const bold = (text: string) => ({ type: 'text', text, style: { bold: true } })
const text = (text: string) => ({ type: 'text', text })
const section = (...elements: readonly unknown[]) => ({ type: 'rich_text_section', elements })

test('the whole plan of a start', () => {
  const key = '01990000-0000-7001-8000-00000000e001/slack/0'
  expect(planned('start', made({ sessionUrl: 'https://work.example/s/{id}' }))).toStrictEqual([
    {
      key,
      action: 'postCard',
      kind: 'http',
      method: 'POST',
      endpoint: 'https://slack.com/api/chat.postMessage',
      auth,
      limit: `post:${CHANNEL}`,
      headers,
      payload: {
        channel: CHANNEL,
        text: 'Stop double charging: in progress, 20 %\nGoal: Stop double charging\nTwo webhooks at once charge a customer twice.\nBy: fixer with Claude\nProject: billing',
        blocks: [
          {
            type: 'rich_text',
            elements: [
              section(
                { type: 'emoji', name: 'arrow_forward' },
                text(' '),
                {
                  type: 'link',
                  url: 'https://work.example/s/01990000-0000-7001-8000-00000000a001',
                  text: 'Stop double charging',
                  style: { bold: true },
                },
                text('\n'),
                { type: 'text', text: '██░░░░░░░░', style: { code: true } },
                text(' 20 % · in progress'),
                text('\n'),
                bold('Goal: '),
                text('Stop double charging\nTwo webhooks at once charge a customer twice.'),
                text('\n'),
                bold('By: '),
                text('fixer with Claude'),
                text('\n'),
                bold('Project: '),
                text('billing'),
              ),
            ],
          },
        ],
        parse: 'none',
        unfurl_links: false,
        unfurl_media: false,
        metadata: {
          event_type: 'work_session',
          event_payload: {
            key,
            session: '01990000-0000-7001-8000-00000000a001',
            event: '01990000-0000-7001-8000-00000000e001',
            by: expect.stringMatching(/^sessionwire \d/) as string,
          },
        },
      },
      captures: { thread: '/ts' },
      holds: true,
      repeat: {
        by: 'mark',
        call: {
          kind: 'http',
          method: 'GET',
          endpoint: 'https://slack.com/api/conversations.history',
          auth,
          limit: 'history',
          query: {
            channel: CHANNEL,
            oldest: { $attempt: 'firstAt', as: 'seconds', backMs: 7_200_000 },
            limit: 200,
            include_all_metadata: true,
          },
        },
        list: '/messages',
        where: { pointer: '/metadata/event_payload/key', equals: key },
        captures: { thread: '/ts' },
        next: { cursor: '/response_metadata/next_cursor', into: '/query/cursor' },
      },
    },
  ])
})

test('the whole plan of a resolved blocker', () => {
  const [entry, card] = planned('resolve')
  expect(entry).toMatchObject({
    key: '01990000-0000-7001-8000-00000000e006/slack/0',
    action: 'postEntry',
    payload: {
      thread_ts: { $ref: 'thread' },
      text: 'Unblocked: No staging key\nHow: Key issued by ops\nBlocked for: 1 min',
      blocks: [
        {
          type: 'rich_text',
          elements: [
            section(
              bold('Unblocked'),
              text('\n'),
              text('No staging key'),
              text('\n'),
              bold('How: '),
              text('Key issued by ops'),
              text('\n'),
              bold('Blocked for: '),
              text('1 min'),
            ),
          ],
        },
      ],
    },
    captures: { 'entry.6': '/ts' },
    repeat: {
      call: { endpoint: 'https://slack.com/api/conversations.replies', query: { ts: { $ref: 'thread' } } },
      captures: { 'entry.6': '/ts' },
    },
  })
  expect(entry?.kind === 'http' && entry.payload).not.toHaveProperty('reply_broadcast')
  expect(card).toStrictEqual({
    key: '01990000-0000-7001-8000-00000000e006/slack/1',
    action: 'editCard',
    kind: 'http',
    method: 'POST',
    endpoint: 'https://slack.com/api/chat.update',
    auth,
    limit: 'chat.update',
    headers,
    payload: {
      channel: CHANNEL,
      ts: { $ref: 'thread' },
      text: expect.stringMatching(/^Stop double charging: in progress, 20 → 35 %\n/) as string,
      blocks: [{ type: 'rich_text', elements: expect.any(Array) as unknown[] }],
      parse: 'none',
    },
    repeat: 'safe',
    coalesce: { name: 'card', everyMs: 5_000 },
  })
})

describe('at the close', () => {
  test('the summary stays in the thread, unless it is to be shown in the channel', () => {
    const broadcast = (adapter = made()) =>
      planned('close', adapter).map(each => (each.kind === 'http' ? each.payload : null))
    expect(broadcast()[0]).not.toHaveProperty('reply_broadcast')
    expect(broadcast(made({ broadcastSummary: true }))[0]).toMatchObject({ reply_broadcast: true })
    expect(broadcast(made({ broadcastSummary: true }))[1]).not.toHaveProperty('reply_broadcast')
  })
  test('the card shows the end', () =>
    expect(planned('close')[1]).toMatchObject({
      payload: {
        text: expect.stringMatching(
          /^Stop double charging: completed, 20 → 100 %\n(.*\n)*Took: 8 min$/,
        ) as string,
      },
    }))
})

describe('a thread that is handed over', () => {
  const refs = { slack: { thread: '1503435956.000247' } }
  test('gets a card among its replies, which is edited', () => {
    const plans = story({ refs }).flatMap(({ event, session }) => plan(made(), event, session))
    expect(plans[0]).toMatchObject({
      action: 'postCard',
      payload: { thread_ts: { $ref: 'thread' } },
      captures: { card: '/ts' },
      repeat: { call: { query: { ts: { $ref: 'thread' } } }, captures: { card: '/ts' } },
    })
    expect(plans[1]).toMatchObject({ action: 'editCard', payload: { ts: { $ref: 'card' } } })
    expect(plans[2]).toMatchObject({ action: 'postEntry', payload: { thread_ts: { $ref: 'thread' } } })
  })
  test('is that of this adapter', () => {
    const ops = made({ as: 'ops' })
    expect(planned('start', ops, { refs })[0]?.captures).toEqual({ thread: '/ts' })
    expect(planned('start', ops, { refs: { ops: { thread: '1503435956.000247' } } })[0]?.captures).toEqual({
      card: '/ts',
    })
  })
  test('may be named by its address', () => {
    const url = 'https://work.slack.com/archives/C0123456789/p1503435956000247?thread_ts=1503435956.000247'
    expect(planned('start', made(), { refs: { slack: { thread: url } } })[0]?.captures).toEqual({
      card: '/ts',
    })
  })
  test.each([
    ['?thread_ts=1503435956.000247&cid=C0123456789', '1503435956.000247'],
    ['?cid=C0123456789&thread_ts=1503435956.000247', '1503435956.000247'],
    ['?cid=C0123456789', '1503435999.000100'],
    ['?thread_ts=', '1503435999.000100'],
    ['', '1503435999.000100'],
  ])('is that of a reply whose address ends in %j', (end, thread) =>
    expect(
      readThread(`https://work.slack.com/archives/C0123456789/p1503435999000100${end}`, {
        channel: 'C0123456789',
      }),
    ).toBe(thread),
  )
  test.for([
    '1503435956',
    'https://work.example/p1503435956000247',
    '',
    // Another channel: its number may be that of another message here.
    'https://work.slack.com/archives/C9999999999/p1503435956000247',
  ])('must be a ts, which %j is not', ts =>
    expect(() => planned('start', made(), { refs: { slack: { thread: ts } } })).toThrow(
      'refs.slack.thread: invalid value; expected the ts',
    ),
  )
})

test('an export is an entry, as it stands', () =>
  expect(planned('export')[0]).toMatchObject({
    action: 'postEntry',
    payload: {
      text: 'Export (markdown)\n# Stop double charging\n\n35 %',
      blocks: [
        {
          elements: [
            section(bold('Export (markdown)')),
            { type: 'rich_text_preformatted', elements: [text('# Stop double charging\n\n35 %')] },
          ],
        },
      ],
    },
  }))
