import { type Card, cleanText, type Entry, provenance, wrapCard } from '@sessionwire/core/adapter'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyCharacter } from '../../../../test/any-text.ts'
import { runsOf } from '../../../../test/sample.ts'
import { cardComment, cardText, entryComment, exportText, inline, writeText } from '../src/text.ts'
import { read, shownText } from './markdown.ts'

const ROOM = 50_000
const CODE = { links: 'code', maxLength: ROOM } as const
const one = (text: string) => inline(text, ROOM, 'code')
const many = (text: string) => writeText(text, CODE)

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
})

describe('several lines', () => {
  test('line ends stay, several in a row end a paragraph, nothing begins a block', () => {
    expect(many('one\n===\n\n\n  - two\n    code\n1) three\n:--\n~~~')).toBe(
      'one  \n\\===\n\n\\- two  \ncode  \n1\\) three  \n\\:--  \n\\~\\~\\~',
    )
  })
})

const ODD = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: anyCharacter, maxLength: 40 }),
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
  cleanText(text)
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
      { numRuns: runsOf(2_000) },
    )
  })

  test('a line stays one paragraph', () => {
    fc.assert(
      fc.property(ODD, text => {
        const tokens = read(one(text), parser)
        expect(tokens.filter(({ kind }) => kind === 'other')).toEqual([])
        expect(shownText(tokens).join(' ')).toBe(lines(text).join(' '))
      }),
      { numRuns: runsOf(1_000) },
    )
  })

  test('a block of code shows any text, and ends', () => {
    fc.assert(
      fc.property(ODD, text => {
        const [first, ...rest] = read(`${exportText('json', text, CODE)}\n\nafter`, parser)
        expect(first?.kind).toBe('fence')
        expect(lines(first?.text ?? '')).toEqual(lines(text))
        expect(rest).toEqual([
          { kind: 'text', text: 'after' },
          { kind: 'break', text: '' },
        ])
      }),
      { numRuns: runsOf(500) },
    )
  })
})

const CARD: Card = {
  title: 'Stop *double* charging',
  standing: 'in progress',
  progress: 40,
  progressText: '20 → 40 %',
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

const { by } = provenance({ session: { id: '' }, event: { id: '' } })
const ORIGIN = { session: { id: 's1' }, event: { id: 'e1' } }
const SIGNED = `*Session s1 · event e1 · ${by}*`

describe('cards and entries', () => {
  test('a card', () => {
    expect(cardText(CARD, CODE)).toBe(
      [
        '`████░░░░░░` 20 → 40 % · **in progress**',
        '**Now:** Reproduced  \nwith `https://x.example`',
        '**Next:**\n\n- Lock per invoice\n- \\- \\[ \\] test',
        '**By:** fixer with Claude',
      ].join('\n\n'),
    )
  })
  test('a card as a comment has the title of the session, and its origin in the last line', () => {
    expect(cardComment({ ...CARD, rows: [] }, ORIGIN, CODE)).toBe(
      `**Stop \\*double\\* charging**\n\n\`████░░░░░░\` 20 → 40 % · **in progress**\n\n${SIGNED}`,
    )
  })
  test('an entry', () => {
    expect(entryComment(ENTRY, ORIGIN, CODE)).toBe(
      `**Decision**\n\nLock per invoice\n\n**Why:** Stripe retries\n\n**Instead of:**\n\n- global lock\n- …\n\n${SIGNED}`,
    )
  })
  test('never longer than allowed, with marks and origin', () => {
    const id = '01990000-0000-7000-8000-00000000e001'
    const origin = { session: { id }, event: { id } }
    const row = fc.oneof(
      fc.record({ label: fc.constantFrom('Goal', 'Now'), text: ODD }),
      fc.record({ label: fc.constant('Next'), items: fc.array(ODD, { maxLength: 60 }) }),
    )
    fc.assert(
      fc.property(fc.array(row, { maxLength: 9 }), fc.integer({ min: 500, max: 900 }), (rows, maxLength) => {
        const long = rows.map(each => ('text' in each ? { ...each, text: each.text.repeat(40) } : each))
        const shown = { ...CARD, rows: long }
        const writing = { links: 'code', maxLength } as const
        for (const text of [
          wrapCard(cardText(shown, writing), origin),
          cardComment(shown, origin, writing),
          entryComment({ ...ENTRY, rows: long }, origin, writing),
        ])
          expect(text.length).toBeLessThanOrEqual(maxLength)
      }),
      { numRuns: runsOf(300) },
    )
  })
})

describe('exports', () => {
  test('Markdown keeps its markup, and addresses in it become code', () => {
    const markdown =
      '# One\n\n- **By:** ada\\@example.com\n> see https\\://linear.app/acme/issue/BIL-1 \\*now\\*'
    expect(exportText('markdown', markdown, CODE)).toBe(
      '# One\n\n- **By:** `ada@example.com`\n> see `https://linear.app/acme/issue/BIL-1` \\*now\\*',
    )
    expect(exportText('markdown', markdown, { ...CODE, links: 'live' })).toBe(markdown)
  })
  test('Markdown is cut between words', () => {
    expect(exportText('markdown', 'one two https://a.example/x', { links: 'code', maxLength: 20 })).toBe(
      'one two …',
    )
  })
  test('other formats are shown as they are, in code', () => {
    expect(exportText('json', '{"a":"https://evil.example"}', CODE)).toBe(
      '```json\n{"a":"https://evil.example"}\n```',
    )
    expect(exportText('context', 'a ```` b', CODE)).toBe('`````\na ```` b\n`````')
  })
})
