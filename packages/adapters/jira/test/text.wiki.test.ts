import { cleanText } from '@sessionwire/core/adapter'
import { HOSTILE_TEXT } from '@sessionwire/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runsOf } from '../../../../test/sample.ts'
import { escapeWiki } from '../src/text/wiki.ts'
import { rich } from '../src/text.ts'
import { anyText, CARD, LIMIT, SERVER, V2, V3 } from './texts.ts'

/**
 * What Jira's renderer takes for markup, each rule as its source has it (in our words): if none of them finds anything
 * in an escaped text, the text shows as it is. A backslash before one of its own signs takes the sign's meaning.
 */
const MARKUP: readonly (readonly [string, RegExp])[] = [
  ['macro', /(?<!\\)\{[^{}\n]*\}/u],
  ['monospace', /\{\{/u],
  ['link or mention', /(?<!\\)\[[^\]\n]+\]/u],
  ['mention, wherever it stands', /\[~/u],
  ['image', /(?<![\p{L}\p{Nd}\\])![^\s!]/u],
  ['table', /(?<!\\)\|/u],
  ['forced line end', /\\\\/u],
  ['address', /(?:https?|ftps?|nntp|news|irc|file|mailto|javascript|data):\S/iu],
  ['list', /^\s*[*#-]+\s/mu],
  ['heading or quotation', /^\s*(?:h[1-6]|bq)\./mu],
  ['rule', /^-{4,}\s*$/mu],
  ['dash', /(?<!\\)--/u],
  ['citation', /(?<!\\)\?\?/u],
  ...(['*', '_', '-', '+', '^', '~'] as const).map(sign => {
    const s = `\\x${sign.charCodeAt(0).toString(16)}`
    const phrase = new RegExp(
      `(?<![\\p{L}\\p{Nd}\\\\])${s}(?=[^\\s${s}])[^\\n]*?[^\\s${s}\\\\]${s}(?![\\p{L}\\p{Nd}])`,
      'u',
    )
    return [`phrase ${sign}`, phrase] as const
  }),
  [
    'smiley',
    /(?<!\\)(?:[:;]-?[()]|:-?[DP](?![\p{L}\p{Nd}])|\((?:[-!x/yni?+]|\*[rgby]?|on|off|flag|flagoff)\))/iu,
  ],
  ['entity of theirs', /&(?!amp;|#(?:123|125|91|93|124|92|58|46);)#?\w+;/u],
]

const NAMED: Readonly<Record<string, string>> = { amp: '&' }
/** What a reader sees of a text without markup. */
const shown = (text: string) =>
  text
    .replace(/\\([-#*_+?^~|%{}[\]()!@])/g, '$1')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(amp);/g, (_, name: string) => NAMED[name] ?? '')

// biome-ignore format: a table is read one line at a time
const ESCAPES = [
  ['plain', 'state-of-the-art snake_case a + b - c * d, 12:30', 'state-of-the-art snake_case a + b - c \\* d, 12:30'],
  ['mention', '[~admin] [~accountid:5b10]', '&#91;\\~admin&#93; &#91;\\~accountid&#58;5b10&#93;'],
  ['link', '[click|https://evil.example]', '&#91;click&#124;https&#58;//evil.example&#93;'],
  ['attachment and anchor', '[^secret.doc] [#top]', '&#91;\\^secret.doc&#93; &#91;#top&#93;'],
  ['macro', '{code}x{code} {color:red}', '&#123;code&#125;x&#123;code&#125; &#123;color&#58;red&#125;'],
  ['monospace', '{{m}}', '&#123;&#123;m&#125;&#125;'],
  ['image', '!https://evil.example/x.png|width=1!', '\\!https&#58;//evil.example/x.png&#124;width=1\\!'],
  ['bare address', 'see https://evil.example and mailto:a@b.example', 'see https&#58;//evil.example and mailto&#58;a@b.example'],
  ['share', '\\\\host\\share', '&#92;&#92;host&#92;share'],
  ['emphasis', '*b* _i_ -d- +u+ ^s^ ~s~ ??c??', '\\*b\\* \\_i_ \\-d- \\+u+ \\^s\\^ \\~s\\~ \\?\\?c\\?\\?'],
  ['braced emphasis', '{*}b{*}', '&#123;\\*&#125;b&#123;\\*&#125;'],
  ['table', '||h||\n|c|', '&#124;&#124;h&#124;&#124;\n&#124;c&#124;'],
  ['lists', '* a\n- b\n# c\n  ## d', '\\* a\n\\- b\n\\# c\n  \\## d'],
  ['headings', 'h1. big\n  h6.small\nbq. q\nh7. no', 'h1&#46; big\n  h6&#46;small\nbq&#46; q\nh7. no'],
  ['rule and dashes', '----\na -- b', '\\-\\-\\-\\-\na \\-\\- b'],
  ['entities', '&lt;b&gt; &#91; AT&T', '&amp;lt;b&amp;gt; &amp;#91; AT&T'],
  ['escaped already', '\\{code}', '&#92;&#123;code&#125;'],
  ['smileys', ':) ;) :D (x) (y) f(x) (!) (*r)', ':\\) ;\\) &#58;D \\(x) \\(y) f\\(x) \\(\\!) \\(\\*r)'],
  ['reference and number', 'Fixed in #981, BIL-212', 'Fixed in #981, BIL-212'],
  ['right to left', 'שלום *עולם*', 'שלום \\*עולם\\*'],
] as const

describe('wiki text', () => {
  test.each(ESCAPES)('escapes %s', (_, text, escaped) => {
    expect(escapeWiki(text)).toBe(escaped)
    expect(shown(escaped)).toBe(text)
  })

  test('has no markup of any text, and shows it', () =>
    fc.assert(
      fc.property(anyText, text => {
        const cleaned = cleanText(text)
        const escaped = escapeWiki(cleaned)
        for (const [what, pattern] of MARKUP)
          expect(escaped.match(pattern), `${what} in ${escaped}`).toBeNull()
        expect(shown(escaped)).toBe(cleaned)
      }),
      { numRuns: runsOf(2_000) },
    ))

  test.each(MARKUP.filter(([what]) => !what.startsWith('entity')))(
    'would be seen as %s by this test',
    (what, pattern) => {
      const samples =
        '{code} {{m}} [x|y] [~a] !a.png! |c| \\\\ http://x\n* a\nh1. b\n----\na -- b ??c?? *b* _i_ -d- +u+ ^s^ ~s~ :)'
      expect(samples).toMatch(pattern)
      expect(what).not.toBe('')
    },
  )

  test('of every kind of block is this text', () => {
    expect(rich(V2, CARD)).toBe(
      [
        '*Stop double charging*',
        '*blocked* ████░░░░░░ 35 %',
        '*Goal:* One charge\nper invoice',
        '*Next:*\n* Lock per invoice\n* Test \\\\ it',
        '{noformat}\n{"a":1}\n{noformat}',
      ].join('\n\n'),
    )
  })

  test('keeps a mark on Data Center only, where it is an anchor nobody sees', () => {
    expect(rich(SERVER, 'x', 'sw-0123456789abcdef')).toBe('x\n\n{anchor:sw-0123456789abcdef}')
    expect(rich(V2, 'x', 'sw-0123456789abcdef')).toBe('x')
    expect(rich(V3, 'x', 'sw-0123456789abcdef')).toEqual(rich(V3, 'x'))
  })

  test('of code cannot be ended or mention anybody from inside', () => {
    expect(rich(V2, [{ kind: 'code', text: '{noformat}[~admin]{NOFORMAT:x}' }])).toBe(
      '{noformat}\n{ noformat}[ ~admin]{ NOFORMAT:x}\n{noformat}',
    )
  })

  test('never has a list item or a bold text that leaves its line', () =>
    fc.assert(
      fc.property(anyText, anyText, (label, text) => {
        const lines = String(rich(V2, [{ kind: 'list', label, items: [text, text] }])).split('\n')
        expect(lines).toHaveLength(3)
        expect(String(rich(V2, [{ kind: 'heading', text }])).includes('\n')).toBe(false)
      }),
    ))

  test.each(Object.entries(HOSTILE_TEXT))('holds %s within its size', (_, text) => {
    const made = String(
      rich(
        SERVER,
        [
          { kind: 'line', text },
          { kind: 'list', label: 'x', items: [text] },
          { kind: 'code', text },
        ],
        'sw-0123456789abcdef',
      ),
    )
    expect(made.length).toBeLessThanOrEqual(LIMIT)
    expect(made.isWellFormed()).toBe(true)
    expect(made.endsWith('{anchor:sw-0123456789abcdef}')).toBe(true)
    expect(made).not.toContain('[~')
  })
})
