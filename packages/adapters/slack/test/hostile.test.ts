import type { Json } from '@sessionwire/core/adapter'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type HostileSlack, hostileSlack } from '../src/testing.ts'

type Fields = Readonly<Record<string, unknown>>

let server: HostileSlack
let second = 1_503_435_956_000
beforeEach(async () => {
  second = 1_503_435_956_000
  server = await hostileSlack({
    now: () => (second += 1_000),
    channels: [
      { id: 'C0123456789', name: 'billing', private: false, archived: false, member: true },
      { id: 'C0000000OUT', name: 'out', private: false, archived: false, member: false },
      { id: 'G0000000PRV', name: 'private', private: true, archived: false, member: false },
    ],
  })
})
afterEach(() => server.close())

const said = async (answer: Promise<Response>): Promise<Fields> => (await (await answer).json()) as Fields
const json = (method: string, body: Fields, headers: Readonly<Record<string, string>> = {}) =>
  said(
    fetch(`${server.api}/${method}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: {
        authorization: `Bearer ${server.token}`,
        'content-type': 'application/json; charset=utf-8',
        ...headers,
      },
    }),
  )
const get = (method: string, query: Readonly<Record<string, string>>) =>
  said(
    fetch(`${server.api}/${method}?${new URLSearchParams(query)}`, {
      headers: { authorization: `Bearer ${server.token}` },
    }),
  )
const channel = 'C0123456789'
const post = (more: Fields = {}) => json('chat.postMessage', { channel, text: 'x', parse: 'none', ...more })
const tsOf = async (more: Fields = {}) => String((await post(more)).ts)
const key = (value: string) => ({ metadata: { event_type: 'work_session', event_payload: { key: value } } })
const rich = (...elements: readonly Json[]) => [
  { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] },
]

describe('who may do what', () => {
  test('a token in the header, and nowhere else', async () => {
    const bare = (headers: Record<string, string>) =>
      said(fetch(`${server.api}/auth.test`, { method: 'POST', headers }))
    expect(await bare({})).toEqual({ ok: false, error: 'not_authed' })
    expect(await bare({ authorization: 'Bearer xoxb-other' })).toEqual({ ok: false, error: 'invalid_auth' })
    expect(await bare({ authorization: 'Bearer xoxb-test' })).toMatchObject({
      ok: true,
      team_id: 'T012AB3CD',
    })
    expect(await json('chat.explode', {})).toEqual({ ok: false, error: 'unknown_method' })
  })
  test('scopes', async () => {
    server.revoke('chat:write')
    expect(await post()).toMatchObject({ ok: false, error: 'missing_scope', needed: 'chat:write' })
  })
  test('channels', async () => {
    const errors = ['C0000000OUT', 'G0000000PRV', '#billing', 'C9999999999'].map(
      async id => (await post({ channel: id })).error,
    )
    expect(await Promise.all(errors)).toEqual([
      'not_in_channel',
      'channel_not_found',
      'channel_not_found',
      'channel_not_found',
    ])
    server.archive()
    expect(await post()).toMatchObject({ error: 'is_archived' })
    expect(await get('conversations.history', { channel: 'C0000000OUT' })).toMatchObject({
      error: 'not_in_channel',
    })
  })
})

test('arguments arrive as JSON, as a form or in the query, by method', async () => {
  const body = JSON.stringify({ channel, text: 'x' })
  const send = (method: string, init: RequestInit & { headers: Record<string, string> }) =>
    said(
      fetch(`${server.api}/${method}`, {
        ...init,
        headers: { authorization: 'Bearer xoxb-test', ...init.headers },
      }),
    )
  const typed = (type: string, text = body, method = 'chat.postMessage') =>
    send(method, { method: 'POST', body: text, headers: { 'content-type': type } })
  expect(await typed('application/json')).toMatchObject({ ok: true, warning: 'missing_charset' })
  expect(await typed('application/json; charset=utf-16')).toMatchObject({ error: 'invalid_charset' })
  expect(await typed('application/json; charset=utf-8', '{')).toMatchObject({ error: 'invalid_json' })
  expect(await typed('application/json; charset=utf-8', '[1]')).toMatchObject({ error: 'json_not_object' })
  expect(await typed('text/html', 'x')).toMatchObject({ error: 'missing_post_type' })
  expect(await typed('application/json; charset=utf-8', body, 'conversations.history')).toMatchObject({
    error: 'invalid_arguments',
  })
  const form = `channel=${channel}&text=a%20b`
  expect(await typed('application/x-www-form-urlencoded', form)).toMatchObject({
    ok: true,
    message: { text: 'a b' },
  })
  expect(await typed('application/x-www-form-urlencoded; charset=utf-8', form)).toMatchObject({
    warning: 'superfluous_charset',
  })
  expect(await get('chat.postMessage', { channel, text: 'x' })).toMatchObject({ error: 'invalid_post_type' })
})

describe('threads', () => {
  test('a reply to a root is seen', async () => {
    const root = await tsOf()
    expect(root).toMatch(/^\d{10}\.\d{6}$/)
    await post({ thread_ts: root, text: 'reply' })
    expect(server.replies(root).map(({ text }) => text)).toEqual(['reply'])
    expect(server.roots()).toHaveLength(1)
  })
  test('a numeric thread_ts is accepted, and nobody sees the reply', async () => {
    const root = await tsOf()
    expect(await post({ thread_ts: Number(root) })).toMatchObject({ ok: true })
    expect([server.replies(root), server.roots().length]).toEqual([[], 1])
    expect(server.messages().filter(each => each.invisible)).toHaveLength(1)
  })
  test("a reply's ts is no thread", async () => {
    const root = await tsOf()
    const reply = await tsOf({ thread_ts: root })
    expect(await post({ thread_ts: reply })).toMatchObject({ ok: true })
    expect(server.messages().filter(each => each.misplaced)).toHaveLength(1)
    expect(server.replies(root)).toHaveLength(1)
    expect(await post({ thread_ts: '1503435000.000001' })).toMatchObject({ error: 'thread_not_found' })
    expect(await post({ thread_ts: '1503435000' })).toMatchObject({ ok: false })
  })
  test('a deleted root takes its place with it, or leaves a stone', async () => {
    const [lone, root] = [await tsOf(), await tsOf()]
    await post({ thread_ts: root })
    server.deleteByHand(lone)
    server.deleteByHand(root)
    expect(await get('conversations.replies', { channel, ts: lone })).toMatchObject({
      error: 'thread_not_found',
    })
    expect(await get('conversations.replies', { channel, ts: root })).toMatchObject({ ok: true })
    expect(await json('chat.update', { channel, ts: root, text: 'x', parse: 'none' })).toMatchObject({
      error: 'message_not_found',
    })
  })
})

describe('content', () => {
  test.for([
    [{ text: '' }, 'no_text'],
    [{ blocks: { blocks: [] } }, 'invalid_blocks_format'],
    [{ blocks: [{ type: 'input' }] }, 'invalid_blocks'],
    [{ blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }, 'invalid_blocks'],
    [{ blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '' } }] }, 'invalid_blocks'],
    [{ blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3_001) } }] }, 'invalid_blocks'],
    [{ blocks: [{ type: 'section' }] }, 'invalid_blocks'],
    [{ blocks: [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }] }, 'invalid_blocks'],
    [{ blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] }, 'invalid_blocks'],
    [{ blocks: [{ type: 'context', elements: [] }] }, 'invalid_blocks'],
    [{ blocks: [{ type: 'divider', block_id: 'x'.repeat(256) }] }, 'invalid_blocks'],
    [{ blocks: [{ type: 'rich_text', elements: [] }] }, 'invalid_blocks'],
    [{ blocks: rich({ type: 'text', text: '' }) }, 'invalid_blocks'],
    [{ blocks: rich({ type: 'link' }) }, 'invalid_blocks'],
    [{ blocks: rich({ type: 'text', text: 'x', style: { loud: true } }) }, 'invalid_blocks'],
    [
      {
        blocks: [
          { type: 'rich_text', elements: [{ type: 'rich_text_list', style: 'dots', elements: [{}] }] },
        ],
      },
      'invalid_blocks',
    ],
    [
      { blocks: Array.from({ length: 5 }, () => ({ type: 'markdown', text: 'x'.repeat(2_700) })) },
      'msg_blocks_too_long',
    ],
    [{ metadata: 'x' }, 'invalid_metadata_format'],
    [{ metadata: { event_type: 'x' } }, 'invalid_metadata_schema'],
    [{ metadata: { event_type: 'x', event_payload: { a: { b: { c: 1 } } } } }, 'invalid_metadata_schema'],
    [{ metadata: { event_type: 'x', event_payload: { a: null } } }, 'invalid_metadata_schema'],
    [{ metadata: { event_type: 'x', event_payload: { a: 'x'.repeat(9_000) } } }, 'metadata_too_large'],
  ] as const)('%j', async ([more, error]) => {
    expect(await post(more as Fields)).toMatchObject({ ok: false, error })
    expect(server.counts().effects).toBe(0)
  })
  test('says where blocks are wrong', async () => {
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3_001) } }]
    expect(await post({ blocks })).toMatchObject({
      errors: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
    })
  })
  test('very long text is cut and posted all the same', async () =>
    expect(await post({ text: 'x'.repeat(40_001) })).toMatchObject({
      ok: true,
      warning: 'message_truncated',
    }))

  test('tells what would ping somebody or be a link', async () => {
    const mrkdwn = (text: string) => [{ type: 'section', text: { type: 'mrkdwn', text } }]
    for (const more of [
      { text: 'a <!channel> b' },
      { text: '&lt;!channel&gt;' },
      { blocks: mrkdwn('<@U012AB3CD>') },
      { blocks: mrkdwn('<https://evil.example|Trusted>') },
      { blocks: rich({ type: 'text', text: '<!here>' }) },
      { blocks: rich({ type: 'broadcast', range: 'here' }) },
      { link_names: true },
      { parse: 'full' },
    ])
      await post(more)
    expect(server.live().map(({ what }) => what)).toEqual([
      '<!channel>',
      '<@U012AB3CD>',
      '<https://evil.example|Trusted>',
      '{"type":"broadcast","range":"here"}',
      'link_names',
      'parse: full',
    ])
  })
})

describe('edits', () => {
  const edit = (more: Fields) => json('chat.update', { channel, parse: 'none', ...more })
  test('text without blocks takes the blocks away; metadata stays until it is cleared', async () => {
    const ts = await tsOf({ blocks: rich({ type: 'text', text: 'x' }), ...key('k') })
    expect(await edit({ ts, text: 'y' })).toMatchObject({ ok: true, text: 'y' })
    expect(server.roots()[0]).toMatchObject({ text: 'y', edits: 1, ...key('k') })
    expect(server.roots()[0]).not.toHaveProperty('blocks')
    await edit({ ts, text: 'z', metadata: {} })
    expect(server.roots()[0]).not.toHaveProperty('metadata')
  })
  test('what cannot be edited', async () => {
    const ts = await tsOf()
    expect(await edit({ ts: Number(ts), text: 'y' })).toMatchObject({ error: 'message_not_found' })
    expect(await edit({ ts, text: 'y'.repeat(4_001) })).toMatchObject({ error: 'msg_too_long' })
    expect(await edit({ ts: server.writeByHand('mine'), text: 'y' })).toMatchObject({
      error: 'cant_update_message',
    })
    await json('chat.update', { channel, ts, text: 'y' })
    expect(server.live()).toEqual([{ ts, what: 'parse: undefined' }])
    server.archive()
    expect(await edit({ ts, text: 'y' })).toMatchObject({ error: 'is_inactive' })
  })
})

describe('reading', () => {
  const history = (more: Readonly<Record<string, string>> = {}) =>
    get('conversations.history', { channel, ...more }) as Promise<{
      messages: { ts: string; metadata?: Fields }[]
      has_more: boolean
      response_metadata: { next_cursor: string }
    }>
  test('newest first, in pages of 15 at most, with cursors', async () => {
    for (let n = 0; n < 17; n += 1) await post(key(`k${n}`))
    const first = await history({ limit: '200' })
    expect([first.messages.length, first.has_more]).toEqual([15, true])
    expect(first.messages[0]?.metadata).toEqual({ event_type: 'work_session' })
    expect(first.response_metadata.next_cursor).toMatch(/=$/)
    const second = await history({
      cursor: first.response_metadata.next_cursor,
      include_all_metadata: 'true',
    })
    expect(second.messages.map(({ metadata }) => metadata)).toEqual(
      ['k1', 'k0'].map(each => key(each).metadata),
    )
    expect(second.response_metadata.next_cursor).toBe('')
    expect(await history({ cursor: 'x' })).toMatchObject({ error: 'invalid_cursor' })
  })
  test('short pages are no end', async () => {
    await post()
    await post()
    server.shortPages(true)
    const page = await history()
    expect([page.messages.length, page.has_more]).toEqual([1, true])
  })
  test('from a time on; replies after their root', async () => {
    const [root, late] = [await tsOf(), await tsOf()]
    const reply = await tsOf({ thread_ts: root })
    const since = async (more: Readonly<Record<string, string>>) =>
      (await history(more)).messages.map(({ ts }) => ts)
    expect(await since({ oldest: root })).toEqual([late])
    expect(await since({ oldest: root, inclusive: 'true' })).toEqual([late, root])
    expect(await since({ latest: late })).toEqual([root])
    expect(await history({ oldest: 'yesterday' })).toMatchObject({ error: 'invalid_ts_oldest' })
    expect(await get('conversations.replies', { channel, ts: root, oldest: late })).toMatchObject({
      messages: [{ ts: root }, { ts: reply }],
    })
    expect(await since({})).not.toContain(reply)
  })
  test('channels and members', async () => {
    const list = (types: string) =>
      get('conversations.list', { types, exclude_archived: 'true', limit: '200' })
    expect(await list('public_channel')).toMatchObject({ channels: [{ name: 'billing' }, { name: 'out' }] })
    expect(await list('private_channel')).toMatchObject({ channels: [] })
    expect(await get('conversations.info', { channel })).toMatchObject({ channel: { is_member: true } })
    expect(await get('users.lookupByEmail', { email: 'ada@example.com' })).toMatchObject({
      user: { id: 'U012AB3CD' },
    })
    expect(await get('users.lookupByEmail', { email: 'eve@example.com' })).toMatchObject({
      error: 'users_not_found',
    })
  })
})

test('what is repeated is counted', async () => {
  const ts = await tsOf(key('k'))
  await post(key('k'))
  expect(server.doubled('k')).toBe(1)
  const react = () => json('reactions.add', { channel, timestamp: ts, name: 'eyes' })
  expect([await react(), await react()]).toMatchObject([{ ok: true }, { error: 'already_reacted' }])
  const pin = () => json('pins.add', { channel, timestamp: ts })
  expect([await pin(), await pin()]).toMatchObject([{ ok: true }, { error: 'already_pinned' }])
  const remove = () => json('chat.delete', { channel, ts })
  expect([await remove(), await remove()]).toMatchObject([{ ok: true }, { error: 'message_not_found' }])
  expect(server.counts()).toMatchObject({ effects: 5, refusedRepeats: 2, doubled: 3 })
})

describe('the webhook', () => {
  const hook = async (body: string, type = 'application/json', url = server.webhook) => {
    const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': type } })
    return [answer.status, await answer.text()]
  }
  test('takes JSON and answers in plain text', async () => {
    expect(await hook('{"text":"a <!here>"}')).toEqual([200, 'ok'])
    expect(await hook('{}')).toEqual([400, 'no_text'])
    expect(await hook('{"text":"x","blocks":[{"type":"input"}]}')).toEqual([400, 'invalid_blocks'])
    expect(await hook('text=x', 'application/x-www-form-urlencoded')).toEqual([400, 'invalid_payload'])
    expect(await hook('{', 'application/json')).toEqual([400, 'invalid_payload'])
    expect(await hook('{"text":"x"}', 'application/json', `${server.webhook}x`)).toEqual([404, 'no_service'])
    expect(server.roots()).toMatchObject([{ text: 'a <!here>', by: 'webhook' }])
    expect(server.live()).toMatchObject([{ what: '<!here>' }])
    server.archive()
    expect(await hook('{"text":"x"}')).toEqual([410, 'channel_is_archived'])
  })
  test('fails in its own words', async () => {
    server.fail({ failure: { kind: 'throttle', waitSeconds: 3 } })
    server.fail({ failure: { kind: 'error', applied: true } })
    expect(await hook('{"text":"x"}')).toEqual([429, 'rate_limited'])
    expect(await hook('{"text":"x"}')).toEqual([500, 'rollup_error'])
    expect(server.roots()).toHaveLength(1)
  })
})

test('the Web API fails in its own words', async () => {
  server.fail({ failure: { kind: 'throttle', waitSeconds: 3 } })
  server.fail({ failure: { kind: 'error', applied: false } })
  server.fail({ failure: { kind: 'inside', applied: true } })
  server.fail({ failure: { kind: 'inside', applied: false, word: 'is_archived' } })
  expect(await post()).toEqual({ ok: false, error: 'ratelimited' })
  expect(await post()).toEqual({ ok: false, error: 'internal_error' })
  expect(await post()).toEqual({ ok: false, error: 'fatal_error' })
  expect(await post()).toEqual({ ok: false, error: 'is_archived' })
  expect(server.roots()).toHaveLength(1)
})
