import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HostileSlack } from '../src/testing.ts'
import { asking, type Fields, marked, rich, started } from './asking.ts'
import { CHANNEL as channel } from './made.ts'

let server: HostileSlack
beforeEach(async () => {
  server = await started()
})
afterEach(() => server.close())
const { json, post, tsOf } = asking(() => server)

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
    const ts = await tsOf({ blocks: rich({ type: 'text', text: 'x' }), ...marked('k') })
    expect(await edit({ ts, text: 'y' })).toMatchObject({ ok: true, text: 'y' })
    expect(server.roots()[0]).toMatchObject({ text: 'y', edits: 1, ...marked('k') })
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
