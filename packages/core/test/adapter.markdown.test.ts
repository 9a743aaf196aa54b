import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runsOf } from '../../../test/sample.ts'
import { createMarkdown } from '../src/adapter.ts'

const markdown = createMarkdown()
const code = { links: 'code', maxLength: 1_000 } as const
const live = { links: 'live', maxLength: 1_000 } as const

describe('text shows as it is', () => {
  // biome-ignore format: a table is read one line at a time
  test.for([
    ['plain words', 'plain words'],
    ['*bold* _it_ `code` ~x~', '\\*bold\\* \\_it\\_ \\`code\\` \\~x\\~'],
    ['# head', '\\# head'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['12) item', '12\\) item'],
    ['+ item', '\\+ item'],
    ['a | b', 'a \\| b'],
    ['<script>', '\\<script\\>'],
    ['&lt;', '\\&lt;'],
    ['[x](y)', '\\[x\\](y)'],
    ['@team and a@b', '\\@team and a\\@b'],
    ['see https://evil.example/x.', 'see `https://evil.example/x`.'],
    ['(evil.example)', '(`evil.example`)'],
    ['a\u202eb\u0007c', 'abc'],
    ['one\r\ntwo\n\n\n\nthree', 'one  \ntwo\n\nthree'],
    ['  ', ''],
  ] as const)('%j', ([text, expected]) => expect(markdown.text(text, code)).toBe(expected))
  test('links are live only where they are wanted', () => {
    expect(markdown.text('see https://a.example/b', live)).toBe('see <https://a.example/b>')
    expect(markdown.text('see javascript://x', live)).toBe('see `javascript://x`')
  })
  test('backticks in an address get a longer fence', () =>
    expect(markdown.inline('//a``b', 100, 'code')).toBe('``` //a``b ```'))
  test("markup of the caller's own stays, cleaned and cut", () => {
    expect(markdown.text({ markdown: '**a**\u202e\n' }, code)).toBe('**a**')
    expect(markdown.text({ markdown: `${'a'.repeat(600)}\n${'b'.repeat(600)}` }, code)).toBe(
      `${'a'.repeat(600)}\n…`,
    )
  })
})

const card = {
  title: 'Stop *it*',
  standing: 'in progress',
  progress: 40,
  progressText: '20 → 40 %',
  bar: '████░░░░░░',
  rows: [
    { label: 'Now', text: 'Reproduced' },
    { label: 'Next', items: ['Lock', '', '- ship'] },
  ],
}

test('a card', () => {
  const rows =
    '`████░░░░░░` 20 → 40 % · **in progress**\n\n**Now:** Reproduced\n\n**Next:**\n\n- Lock\n- …\n- \\- ship'
  expect(markdown.card(card, code)).toBe(rows)
  expect(markdown.card(card, code, { isHeaded: true, url: 'https://s.example/1' })).toBe(
    `**Stop \\*it\\***\n\n${rows}\n\n[Open the session](<https://s.example/1>)`,
  )
})

test('an entry', () =>
  expect(
    markdown.entry({ heading: 'Decision', text: 'Lock', rows: [{ label: 'Why', text: '# 1' }] }, code),
  ).toBe('**Decision**\n\nLock\n\n**Why:** \\# 1'))

test('what does not fit is cut, and that is said', () => {
  const items = Array.from({ length: 200 }, (_, n) => `item ${n}`)
  const written = markdown.entry(
    { heading: 'H', text: '*'.repeat(5_000), rows: [{ label: 'L', items }] },
    { links: 'code', maxLength: 400 },
  )
  expect(written.length).toBeLessThanOrEqual(400)
  expect(written).toMatch(/…/)
  expect(written).toMatch(/\(\d+ more\)$/)
})

test('code is fenced by more backticks than it has', () => {
  expect(markdown.fence('a\n```\nb', 'js', 100)).toBe('````js\na\n```\nb\n````')
  expect(markdown.fence('a\n'.repeat(100), '', 30)).toMatch(/^```\n(a\n)+…\n```$/)
})

test('a dialect says what is written otherwise', () => {
  const own = createMarkdown({
    signs: /[<>]/g,
    escape: sign => (sign === '<' ? '&lt;' : '&gt;'),
    address: /www\./,
    word: word => word.replaceAll(':', ':\u200b'),
    lineStart: line => `> ${line}`,
  })
  expect(own.text('<a> www.x.example :b:', code)).toBe('> &lt;a&gt; `www.x.example` :\u200bb:\u200b')
})

test('whatever the text, it fits, and nothing in it is a link, a heading or half a character', () => {
  const text = fc.string({
    unit: fc.constantFrom(
      'a',
      ' ',
      '\n',
      '*',
      '#',
      '[',
      ']',
      '(',
      ')',
      '`',
      '<',
      '>',
      '\\',
      '@',
      '👩',
      '\ud83d',
      '-',
      '.',
    ),
    maxLength: 300,
  })
  void fc.assert(
    fc.property(text, fc.integer({ min: 20, max: 300 }), (given, maxLength) => {
      const written = markdown.text(given, { links: 'code', maxLength })
      expect(written.length).toBeLessThanOrEqual(maxLength)
      expect(written.isWellFormed()).toBe(true)
      // An escaped backtick begins no code, and inside of code nothing is escaped.
      const shown = written.replace(/\\[\s\S]|(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, 'x')
      expect(shown).not.toMatch(/[<[]/)
      expect(shown).not.toMatch(/^#/m)
    }),
    { numRuns: runsOf(300) },
  )
})
