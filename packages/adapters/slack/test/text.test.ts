import { type Card, type Entry, lines } from '@sessionwire/core/adapter'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyCharacter } from '../../../../test/any-text.ts'
import { runsOf } from '../../../../test/sample.ts'
import { blocksFault, liveIn } from '../src/testing/blocks.ts'
import { cardContent, entryContent, escapeText, exportContent } from '../src/text.ts'

const card = (more: Partial<Card> = {}): Card => ({
  title: 'Stop double charging',
  standing: 'in progress',
  progress: 35,
  progressText: '20 → 35 %',
  bar: '████░░░░░░',
  rows: [],
  ...more,
})

describe('escaped', () => {
  test.for([
    ['a & b', 'a &amp; b'],
    ['<!channel> <!here|x>', '&lt;!channel&gt; &lt;!here|x&gt;'],
    ['<@U012AB3CD> <!subteam^S1>', '&lt;@U012AB3CD&gt; &lt;!subteam^S1&gt;'],
    ['<https://evil.example|Trusted>', '&lt;https://evil.example|Trusted&gt;'],
    ['&lt;!channel&gt;', '&amp;lt;!channel&amp;gt;'],
    ['*bold* _it_ `code`', '*bold* _it_ `code`'],
    ['a\r\nb\u2028c\rd', 'a\nb\nc\nd'],
    ['a\n\n\n\n\nb', 'a\n\nb'],
    ['a\0b\u0007c\u007f', 'abc'],
    ['\ud800x\udc00', '\ufffdx\ufffd'],
    ['\u202egnp.exe\u202c', 'gnp.exe'],
    ['עברית 👩‍👩‍👧', 'עברית 👩‍👩‍👧'],
    [' \n ', ''],
  ] as const)('%j', ([text, expected]) => expect(escapeText(text)).toBe(expected))

  test.for([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    ['abc&', 6, 'abc…'],
    ['ab&', 6, 'ab…'],
    ['a&', 6, 'a&amp;'],
    ['a&b', 6, 'a…'],
    ['&'.repeat(100), 12, '&amp;&amp;…'],
    ['abcd👩', 5, 'abcd…'],
    ['abcd👩', 6, 'abcd👩'],
  ] as const)('%j within %i', ([text, units, expected]) => expect(escapeText(text, units)).toBe(expected))

  test('never leaves markup, half an entity, half a character or more than its room', () => {
    const nasty = fc.string({
      unit: fc.constantFrom('&', '<', '>', 'a', '!', '|', '\ud83d', '👩', ';', '\n', 'amp;'),
    })
    void fc.assert(
      fc.property(
        fc.oneof(nasty, fc.string({ unit: anyCharacter, maxLength: 80 })),
        fc.integer({ min: 1, max: 60 }),
        (text, units) => {
          const out = escapeText(text, units)
          expect(out.length).toBeLessThanOrEqual(units)
          expect(out).not.toMatch(/[<>]/)
          expect(out).not.toMatch(/&(?!amp;|lt;|gt;)/)
          expect(out.isWellFormed()).toBe(true)
          if (out === escapeText(text, 10_000)) expect(unescaped(out)).toBe(lines(text, 10_000))
          else expect(out.endsWith('…')).toBe(true)
        },
      ),
    )
  })
})

const unescaped = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

describe('cardContent', () => {
  test('shows the card, and the same in words', () => {
    const rows = [
      { label: 'Now', text: 'Reproduced <b>' },
      { label: 'Next', items: ['Lock', 'Test & ship'] },
      { label: 'By', text: 'fixer' },
    ]
    expect(cardContent(card({ rows }), 'https://x.example/1')).toEqual({
      text: 'Stop double charging: in progress, 20 → 35 %\nNow: Reproduced &lt;b&gt;\nNext: Lock; Test &amp; ship\nBy: fixer',
      blocks: [
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [
                { type: 'emoji', name: 'arrow_forward' },
                { type: 'text', text: ' ' },
                {
                  type: 'link',
                  url: 'https://x.example/1',
                  text: 'Stop double charging',
                  style: { bold: true },
                },
                { type: 'text', text: '\n' },
                { type: 'text', text: '████░░░░░░', style: { code: true } },
                { type: 'text', text: ' 20 → 35 % · in progress' },
                { type: 'text', text: '\n' },
                { type: 'text', text: 'Now: ', style: { bold: true } },
                { type: 'text', text: 'Reproduced <b>' },
                { type: 'text', text: '\n' },
                { type: 'text', text: 'Next:', style: { bold: true } },
              ],
            },
            {
              type: 'rich_text_list',
              style: 'bullet',
              elements: [
                { type: 'rich_text_section', elements: [{ type: 'text', text: 'Lock' }] },
                { type: 'rich_text_section', elements: [{ type: 'text', text: 'Test & ship' }] },
              ],
            },
            {
              type: 'rich_text_section',
              elements: [
                { type: 'text', text: 'By: ', style: { bold: true } },
                { type: 'text', text: 'fixer' },
              ],
            },
          ],
        },
      ],
    })
  })

  test.for([
    ['in progress', 'arrow_forward'],
    ['blocked', 'no_entry'],
    ['completed', 'white_check_mark'],
    ['crashed', 'boom'],
    ['abandoned', 'wastebasket'],
    ['failed', 'x'],
    ['cancelled', 'no_entry_sign'],
    ['left, can be resumed', 'double_vertical_bar'],
    ['in a way nobody knew', undefined],
  ] as const)('marks a session that is %s', ([standing, name]) => {
    const emoji = cardContent(card({ standing })).blocks[0]?.elements[0]?.elements[0]
    expect(emoji).toEqual(
      name === undefined
        ? { type: 'text', text: 'Stop double charging', style: { bold: true } }
        : { type: 'emoji', name },
    )
  })

  test('has a title, and no row that is empty', () => {
    const { text } = cardContent(
      card({
        title: ' \u0007 ',
        rows: [
          { label: 'A', text: '\n' },
          { label: 'B', items: ['', ' '] },
        ],
      }),
    )
    expect(text).toBe('Session: in progress, 20 → 35 %')
  })

  test('says how many items it leaves out', () => {
    const items = Array.from({ length: 13 }, (_, n) => `item ${n + 1}`)
    expect(cardContent(card({ rows: [{ label: 'Next', items }] })).text).toMatch(/; item 10; \(3 more\)$/)
  })
})

test('rows that do not fit are not shown, and that is said', () => {
  const long = Array.from({ length: 20 }, (_, n) => ({ label: `Row ${n}`, text: '&'.repeat(5_000) }))
  const entry = entryContent({ heading: 'Decision', text: 'x'.repeat(5_000), rows: long })
  const json = JSON.stringify(entry.blocks).replace(/x{9,}|&{9,}/g, '~')
  expect(json).toContain('Row 4: "')
  expect(json).toMatch(/"Row 4: ","style":\{"bold":true\}\},\{"type":"text","text":"…"\}\]/)
  expect(json).not.toContain('Row 5')
  expect(blocksFault(JSON.parse(JSON.stringify(entry.blocks)))).toBeUndefined()
})

const text = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 200 }),
  fc.constantFrom('&<>'.repeat(9_000), '👩‍🚀'.repeat(9_000), '<!channel> <https://a.b|c>', '\n'.repeat(500)),
)
const row = fc.oneof(
  fc.record({ label: fc.constantFrom('Goal', 'Why'), text }),
  fc.record({ label: fc.constantFrom('Next', 'Instead of'), items: fc.array(text, { maxLength: 30 }) }),
)
const rows = (most: number) => fc.array(row, { maxLength: most })

test('whatever the text, a message is accepted and holds nothing that pings or links', () => {
  const cards = fc.record({ title: text, rows: rows(20) }).map(more => cardContent(card(more)))
  const entries = fc
    .record({ heading: text, text, rows: rows(20) })
    .map(each => entryContent(each satisfies Entry))
  const exports = text.map(content => exportContent('json', content))
  void fc.assert(
    fc.property(fc.oneof(cards, entries, exports), message => {
      expect(blocksFault(JSON.parse(JSON.stringify(message.blocks)))).toBeUndefined()
      expect(liveIn(message.text, JSON.parse(JSON.stringify(message.blocks)))).toEqual([])
      expect(message.text).not.toBe('')
      expect(message.text.length).toBeLessThanOrEqual(3_900)
    }),
    { numRuns: runsOf(300) },
  )
})

test('an export shows its text as it stands', () => {
  expect(exportContent('json', '{"a":\n  "<b>"}')).toEqual({
    text: 'Export (json)\n{"a":\n  "&lt;b&gt;"}',
    blocks: [
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [{ type: 'text', text: 'Export (json)', style: { bold: true } }],
          },
          { type: 'rich_text_preformatted', elements: [{ type: 'text', text: '{"a":\n  "<b>"}' }] },
        ],
      },
    ],
  })
})
