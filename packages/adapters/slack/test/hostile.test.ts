import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HostileSlack } from '../src/testing.ts'
import { asking, type Fields, marked, started } from './asking.ts'
import { CHANNEL as channel } from './made.ts'

let server: HostileSlack
beforeEach(async () => {
  server = await started()
})
afterEach(() => server.close())
const { json, get, post, tsOf, typed, send } = asking(() => server)

describe('who may do what', () => {
  test('a token in the header, and nowhere else', async () => {
    const bare = (headers: Record<string, string>) => send('auth.test', '', headers)
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
  expect(await typed('application/json', body)).toMatchObject({ ok: true, warning: 'missing_charset' })
  expect(await typed('application/json; charset=utf-16', body)).toMatchObject({ error: 'invalid_charset' })
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

describe('reading', () => {
  const history = (more: Readonly<Record<string, string>> = {}) =>
    get('conversations.history', { channel, ...more }) as Promise<{
      messages: { ts: string; metadata?: Fields }[]
      has_more: boolean
      response_metadata: { next_cursor: string }
    }>
  test('newest first, in pages of 15 at most, with cursors', async () => {
    for (let n = 0; n < 17; n += 1) await post(marked(`k${n}`))
    const first = await history({ limit: '200' })
    expect([first.messages.length, first.has_more]).toEqual([15, true])
    expect(first.messages[0]?.metadata).toEqual({ event_type: 'work_session' })
    expect(first.response_metadata.next_cursor).toMatch(/=$/)
    const second = await history({
      cursor: first.response_metadata.next_cursor,
      include_all_metadata: 'true',
    })
    expect(second.messages.map(({ metadata }) => metadata)).toEqual(
      ['k1', 'k0'].map(each => marked(each).metadata),
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
  const ts = await tsOf(marked('k'))
  await post(marked('k'))
  expect(server.countDoubled('k')).toBe(1)
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
