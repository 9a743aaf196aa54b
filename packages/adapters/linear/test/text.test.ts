import type { Card, Entry } from '@sessionwire/core/adapter'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { block, calmed, cardText, clean, entryText, fenced, inline, plain, shortened } from '../src/text.ts'
import { read, shownText } from './markdown.ts'

const ROOM = 50_000
const CODE = { links: 'code', maxLength: ROOM } as const
const one = (text: string) => inline(text, ROOM, 'code')
const many = (text: string) => block(text, ROOM, 'code')

describe('one line', () => {
  test.for([
    ['plain words stay as they are', 'Lock per invoice', 'Lock per invoice'],
    ['emphasis', '*a* _b_ **c** ~d~', '\\*a\\* \\_b\\_ \\*\\*c\\*\\* \\~d\\~'],
    ['a link', '[click](https://evil.example "t")', '\\[`click](https://evil.example` "t")'],
    ['a script link', '[click](javascript:alert(1))', '\\[click\\](javascript:alert(1))'],
    ['an image', '![pixel](x)', '!\\[pixel\\](x)'],
    ['a reference', '[x]: /url', '\\[x\\]: /url'],
    ['an autolink', '<https://evil.example>', '\\<`https://evil.example`\\>'],
    ['an address', 'see https://example.com/a_b?c=*d*.', 'see `https://example.com/a_b?c=*d`\\*.'],
    [
      'a Linear address',
      'like https://linear.app/acme/issue/BIL-1',
      'like `https://linear.app/acme/issue/BIL-1`',
    ],
    ['an address without a scheme', 'linear.app/acme/issue/BIL-1', '`linear.app/acme/issue/BIL-1`'],
    ['an address without anything', '//evil.example', '`//evil.example`'],
    ['an e-mail address', '(ada@example.com)', '(`ada@example.com`)'],
    ['an address in letters of elsewhere', 'пример.рф', '`пример.рф`'],
    ['a file', 'src/lock.ts:', '`src/lock.ts`:'],
    ['no address', 'e.g. 1.5 or v1.2 ... wait', 'e.g. 1.5 or v1.2 ... wait'],
    ['backticks', '`rm -rf`', '\\`rm -rf\\`'],
    ['backticks around an address', '`https://a.example`', '`` `https://a.example` ``'],
    ['a mention', '@ada and a @ b', '\\@ada and a @ b'],
    ['HTML', '<script>alert(1)</script><!-- x -->', '\\<script\\>alert(1)\\</script\\>\\<!-- x --\\>'],
    ['an entity', '&lt; &#60;', '\\&lt; \\&#60;'],
    ['a backslash', 'a\\*b\\', 'a\\\\\\*b\\\\'],
    ['a heading', '# big', '\\# big'],
    ['a fold', '+++ Title', '\\+++ Title'],
    ['lists', '- a', '\\- a'],
    ['a numbered list', '12. a', '12\\. a'],
    ['a number', '12.5 a', '12.5 a'],
    ['a rule', '---', '\\---'],
    ['a table', '| a | b |', '\\| a \\| b \\|'],
    ['a quote', '> a', '\\> a'],
    ['line ends', 'one\r\ntwo\u2028three\tfour', 'one two three four'],
    ['controls and overrides', 'a\u0000b\u001b[31m\u202ec\u2069', 'ab\\[31mc'],
    ['lone surrogates', 'a\ud83d b\ude00', 'a\ufffd b\ufffd'],
    ['spaces alone', ' \u00a0\u3000 ', ''],
  ] as const)('%s', ([, text, expected]) => {
    expect(one(text)).toBe(expected)
  })

  test('addresses stay alive where that was asked for, and only those of the web', () => {
    expect(inline('see https://example.com/a, ftp://a.example or b.example', ROOM, 'live')).toBe(
      'see <https://example.com/a>, `ftp://a.example` or `b.example`',
    )
  })

  test('is cut between words, inside long words, and never inside what it escaped', () => {
    expect(inline('aaaa bbbb cccc', 12, 'code')).toBe('aaaa bbbb…')
    expect(inline('*'.repeat(40), 24, 'code')).toBe('\\*\\*\\*…')
    expect(inline(`https://a.example/${'x'.repeat(80)}`, 60, 'code')).toBe('`https://a.ex`…')
    expect(inline('🚀'.repeat(40), 30, 'code')).toBe('🚀🚀🚀🚀🚀…')
  })
})

describe('several lines', () => {
  test('line ends stay, several in a row end a paragraph, nothing begins a block', () => {
    expect(many('one\n===\n\n\n  - two\n    code\n1) three\n:--\n~~~')).toBe(
      'one  \n\\===\n\n\\- two  \ncode  \n1\\) three  \n\\:--  \n\\~\\~\\~',
    )
  })
  test('is cut in a later line', () => {
    expect(block('first line\nsecond line that is longer', 32, 'code')).toBe(
      'first line  \nsecond line that…',
    )
    expect(block(`first\n\n${'x'.repeat(100)}`, 20, 'code')).toBe('first\n\n…')
  })
})

const ODD = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      ...'\\`*_{}[]()<>#+-.!|~&@:=/"\'^$ \n\t1a',
      '://',
      'www.',
      '.com',
      '+++ ',
      '![',
      '](',
      '<a>',
      '\n\n',
      '    ',
    ),
    maxLength: 40,
  }),
)
const MARKDOWN = { parser: ['commonmark', 'everything'] as const }

/** What a text shows: its lines, each with single spaces. */
const lines = (text: string): readonly string[] =>
  clean(text)
    .split('\n')
    .map(line => line.replace(/\s+/g, ' ').trim())
    .filter(line => line !== '')

describe.each(MARKDOWN.parser)('read back by a parser of Markdown (%s)', parser => {
  test('text shows exactly what it was, and nothing but text and code', () => {
    fc.assert(
      fc.property(ODD, text => {
        const tokens = read(many(text), parser)
        expect(tokens.filter(({ kind }) => kind === 'other')).toEqual([])
        expect(shownText(tokens)).toEqual(lines(text))
      }),
      { numRuns: 2_000 },
    )
  })

  test('a line stays one paragraph', () => {
    fc.assert(
      fc.property(ODD, text => {
        const tokens = read(one(text), parser)
        expect(tokens.filter(({ kind }) => kind === 'other')).toEqual([])
        expect(shownText(tokens).join(' ')).toBe(lines(text).join(' '))
      }),
      { numRuns: 1_000 },
    )
  })

  test('a cut text shows a beginning of it', () => {
    fc.assert(
      fc.property(ODD, fc.integer({ min: 12, max: 60 }), (text, room) => {
        const cut = block(text, room, 'code')
        expect(cut.length).toBeLessThanOrEqual(room)
        const tokens = read(cut, parser)
        expect(tokens.filter(({ kind }) => kind === 'other')).toEqual([])
        const shown = shownText(tokens).join(' ')
        const whole = lines(text).join(' ')
        if (shown === whole) return
        expect(shown.endsWith('…')).toBe(true)
        // Where it was cut, a gap may be left of what came next.
        expect(whole.startsWith(shown.slice(0, -1).trimEnd())).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a block of code shows any text, and ends', () => {
    fc.assert(
      fc.property(ODD, text => {
        const tokens = read(`${fenced(text, 'json', ROOM)}\n\nafter`, parser)
        expect(tokens).toEqual([
          { kind: 'fence', text: `${clean(text)}\n` },
          { kind: 'text', text: 'after' },
          { kind: 'break', text: '' },
        ])
      }),
      { numRuns: 500 },
    )
  })
})

const CARD: Card = {
  title: 'Stop *double* charging',
  standing: 'in progress',
  progress: 35,
  progressText: '40 %',
  bar: '████░░░░░░',
  rows: [
    { label: 'Now', text: 'Reproduced\nwith https://x.example' },
    { label: 'Next', items: ['Lock per invoice', '- [ ] test'] },
    { label: 'By', text: 'fixer with Claude' },
  ],
}
const ENTRY: Entry = {
  heading: 'Decision',
  text: 'Lock per invoice',
  rows: [
    { label: 'Why', text: 'Stripe retries' },
    { label: 'Instead of', items: ['global lock', '\u0000'] },
  ],
}

describe('cards and entries', () => {
  test('a card', () => {
    expect(cardText(CARD, CODE)).toBe(
      [
        '`████░░░░░░` 35 % · **in progress**',
        '**Now:** Reproduced  \nwith `https://x.example`',
        '**Next:**\n\n- Lock per invoice\n- \\- \\[ \\] test',
        '**By:** fixer with Claude',
      ].join('\n\n'),
    )
  })
  test('a card with its title', () => {
    expect(cardText({ ...CARD, rows: [] }, CODE, true)).toBe(
      '**Stop \\*double\\* charging**\n\n`████░░░░░░` 35 % · **in progress**',
    )
  })
  test('an entry', () => {
    expect(entryText(ENTRY, CODE)).toBe(
      '**Decision**\n\nLock per invoice\n\n**Why:** Stripe retries\n\n**Instead of:**\n\n- global lock\n- …',
    )
  })
  test('short rows stay whole when a long one is cut', () => {
    const long = 'word '.repeat(1_000)
    const text = cardText(
      { ...CARD, rows: [{ label: 'Goal', text: long }, ...CARD.rows] },
      { links: 'code', maxLength: 500 },
    )
    expect(text.length).toBeLessThanOrEqual(500)
    expect(text).toContain('**By:** fixer with Claude')
    expect(text).toContain('- Lock per invoice')
    expect(text).toMatch(/\*\*Goal:\*\* word word .*…\n/)
  })
  test('never longer than allowed', () => {
    const row = fc.oneof(
      fc.record({ label: fc.constantFrom('Goal', 'Now'), text: ODD }),
      fc.record({ label: fc.constant('Next'), items: fc.array(ODD, { maxLength: 60 }) }),
    )
    fc.assert(
      fc.property(fc.array(row, { maxLength: 9 }), fc.integer({ min: 500, max: 900 }), (rows, maxLength) => {
        const long = rows.map(each => ('text' in each ? { ...each, text: each.text.repeat(40) } : each))
        expect(cardText({ ...CARD, rows: long }, { links: 'code', maxLength }).length).toBeLessThanOrEqual(
          maxLength,
        )
      }),
      { numRuns: 300 },
    )
  })
})

test('a title is one line of plain text, cut at a code point', () => {
  expect(plain('  Stop *it*\nnow \u0000 ')).toBe('Stop *it* now')
  expect(plain('👩‍🚀'.repeat(200), 10)).toBe('👩‍🚀👩‍🚀👩‍🚀…')
})

test('trusted text is cut at the end of a line where there is one near', () => {
  expect(shortened('short', 10)).toBe('short')
  expect(shortened('one line\ntwo lines\nthree', 22)).toBe('one line\ntwo lines\n…')
  expect(shortened('a'.repeat(30), 10)).toBe(`${'a'.repeat(8)}…`)
  expect(shortened(`aaa${'🚀'.repeat(10)}`, 8)).toBe('aaa🚀…')
})

describe('Markdown that was escaped elsewhere', () => {
  test('keeps its markup, and shows addresses as code', () => {
    const markdown =
      '# One\n\n- **By:** ada\\@example.com\n> see https\\://linear.app/acme/issue/BIL-1 \\*now\\*\n'
    expect(calmed(markdown, CODE)).toBe(
      '# One\n\n- **By:** `ada@example.com`\n> see `https://linear.app/acme/issue/BIL-1` \\*now\\*\n',
    )
    expect(calmed(markdown, { ...CODE, links: 'live' })).toBe(markdown)
  })
  test('is cut between words', () => {
    expect(calmed('one two https://a.example/x', { links: 'code', maxLength: 20 })).toBe('one two …')
  })
})
