import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Json } from '@sessionwire/core/adapter'
import { HOSTILE_TEXT } from '@sessionwire/core/testing'
import Ajv from 'ajv-draft-04'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDocument, textOf } from '../src/testing/document.ts'
import type { Block } from '../src/text/block.ts'
import { escapeWiki } from '../src/text/wiki.ts'
import { cardBlocks, clean, entryBlocks, line, rich, shorten } from '../src/text.ts'

const LIMIT = 32_767
const V3 = { apiVersion: 3, deployment: 'cloud', textLimit: LIMIT } as const
const V2 = { apiVersion: 2, deployment: 'cloud', textLimit: LIMIT } as const
const SERVER = { apiVersion: 2, deployment: 'datacenter', textLimit: LIMIT } as const

const schema = JSON.parse(
  readFileSync(
    fileURLToPath(import.meta.resolve('@atlaskit/adf-schema/dist/json-schema/v1/full.json')),
    'utf8',
  ),
)
const validate = new Ajv.default({ strict: false }).compile(schema)
const assertAdf = (document: Json) => {
  if (!validate(document)) throw new Error(`${JSON.stringify(validate.errors?.slice(0, 3))}`)
  // The hostile Jira must not be kinder than the schema, nor refuse what the schema takes.
  expect(isDocument(document)).toBe(true)
  expect(JSON.stringify(document).length).toBeLessThanOrEqual(LIMIT)
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...'*_-+^~{}[]|!?#\\&;:()hbq.1 \nxX@%/'.split('')), maxLength: 60 }),
  fc.constantFrom(...Object.values(HOSTILE_TEXT).filter(text => text.length < 10_000)),
)
const anyBlock: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constant('heading' as const), text: anyText }),
  fc.record({
    kind: fc.constant('standing' as const),
    standing: fc.constantFrom('in progress', 'blocked', 'completed', 'anything'),
    text: anyText,
  }),
  fc.record({ kind: fc.constant('line' as const), label: anyText, text: anyText }),
  fc.record({ kind: fc.constant('line' as const), text: anyText }),
  fc.record({
    kind: fc.constant('list' as const),
    label: anyText,
    items: fc.array(anyText, { maxLength: 8 }),
  }),
  fc.record({ kind: fc.constant('code' as const), language: fc.constant('json'), text: anyText }),
)
const anyBlocks = fc.array(anyBlock, { minLength: 1, maxLength: 8 })

const CARD: readonly Block[] = [
  { kind: 'heading', text: 'Stop double charging' },
  { kind: 'standing', standing: 'blocked', text: '████░░░░░░ 35 %' },
  { kind: 'line', label: 'Goal', text: 'One charge\nper invoice' },
  { kind: 'list', label: 'Next', items: ['Lock per invoice', 'Test\nit'] },
  { kind: 'code', language: 'json', text: '{"a":1}' },
]

describe('ADF', () => {
  test('of every kind of block is this document', () => {
    const document = rich(V3, CARD)
    expect(document).toEqual({
      version: 1,
      type: 'doc',
      content: [
        {
          type: 'paragraph',
          content: [{ type: 'text', text: 'Stop double charging', marks: [{ type: 'strong' }] }],
        },
        {
          type: 'paragraph',
          content: [
            { type: 'status', attrs: { text: 'blocked', color: 'red' } },
            { type: 'text', text: ' ████░░░░░░ 35 %' },
          ],
        },
        {
          type: 'paragraph',
          content: [
            { type: 'text', text: 'Goal: ', marks: [{ type: 'strong' }] },
            { type: 'text', text: 'One charge' },
            { type: 'hardBreak' },
            { type: 'text', text: 'per invoice' },
          ],
        },
        {
          type: 'paragraph',
          content: [{ type: 'text', text: 'Next:', marks: [{ type: 'strong' }] }],
        },
        {
          type: 'bulletList',
          content: [
            {
              type: 'listItem',
              content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Lock per invoice' }] }],
            },
            {
              type: 'listItem',
              content: [
                {
                  type: 'paragraph',
                  content: [
                    { type: 'text', text: 'Test' },
                    { type: 'hardBreak' },
                    { type: 'text', text: 'it' },
                  ],
                },
              ],
            },
          ],
        },
        {
          type: 'codeBlock',
          attrs: { language: 'json' },
          content: [{ type: 'text', text: '{"a":1}' }],
        },
      ],
    })
    assertAdf(document)
  })

  test.each(['', '\n', ' ', '\n\n', '\u0000', '\u0007'])('of the empty text %j is valid', text => {
    assertAdf(rich(V3, text))
    assertAdf(
      rich(
        V3,
        CARD.map(block => (block.kind === 'list' ? { ...block, items: [text] } : { ...block, text })),
      ),
    )
    assertAdf(rich(V3, [{ kind: 'list', label: 'None', items: [] }]))
  })

  test.each(Object.entries(HOSTILE_TEXT))('holds %s as text, within its size', (_, text) => {
    const document = rich(V3, [
      { kind: 'line', label: 'Goal', text },
      { kind: 'list', label: 'Next', items: [text, text] },
      { kind: 'code', text },
    ])
    assertAdf(document)
    const types = new Set([...JSON.stringify(document).matchAll(/"type":"(\w+)"/g)].map(([, type]) => type))
    const ours = ['doc', 'paragraph', 'text', 'strong', 'hardBreak', 'bulletList', 'listItem', 'codeBlock']
    // Node types inside a text are escaped by JSON, so that what matches is a node.
    expect([...types].filter(type => !ours.includes(type ?? ''))).toEqual([])
  })

  test('is valid and fits for any text', () =>
    fc.assert(
      fc.property(anyBlocks, blocks => assertAdf(rich(V3, blocks))),
      { numRuns: 400 },
    ))

  test('shows any short text as it was, cleaned', () =>
    fc.assert(
      fc.property(anyText, text => {
        expect(textOf(rich(V3, text))).toBe(clean(text))
      }),
      { numRuns: 400 },
    ))

  test('fits for texts that grow: control characters, quotes, line ends, many items', () => {
    for (const text of [
      '"'.repeat(40_000),
      '\\\n'.repeat(40_000),
      '\t'.repeat(40_000),
      '😀'.repeat(20_000),
    ]) {
      const blocks: readonly Block[] = [
        { kind: 'line', label: 'Goal', text },
        { kind: 'list', label: 'Many', items: Array.from({ length: 500 }, () => text) },
      ]
      assertAdf(rich(V3, blocks))
      expect((rich(SERVER, blocks) as string).length).toBeLessThanOrEqual(LIMIT)
    }
  })

  test('says what it left out', () => {
    const items = Array.from({ length: 130 }, (_, place) => `item ${place}`)
    expect(textOf(rich(V3, [{ kind: 'list', label: 'Many', items }]))).toContain('item 99\n(30 more)')
    expect(textOf(rich(V3, 'x'.repeat(40_000)))).toMatch(/^x{20000,}…$/)
  })

  test('of the checker refuses what the schema refuses', () => {
    const doc = (...content: Json[]): Json => ({ version: 1, type: 'doc', content })
    const wrong: readonly Json[] = [
      doc({ type: 'paragraph', content: [{ type: 'text', text: '' }] }),
      doc({ type: 'text', text: 'bare' }),
      doc({ type: 'bulletList', content: [] }),
      doc({ type: 'bulletList', content: [{ type: 'listItem', content: [{ type: 'text', text: 'bare' }] }] }),
      doc({
        type: 'paragraph',
        content: [{ type: 'text', text: 'x', marks: [{ type: 'code' }, { type: 'strong' }] }],
      }),
      doc({ type: 'paragraph', content: [{ type: 'status', attrs: { text: '', color: 'red' } }] }),
      doc({ type: 'paragraph', content: [{ type: 'status', attrs: { text: 'x', color: 'pink' } }] }),
      doc({ type: 'codeBlock', content: [{ type: 'text', text: 'x', marks: [{ type: 'strong' }] }] }),
      doc({ type: 'heading', attrs: { level: 7 }, content: [] }),
      doc({ type: 'heading', content: [] }),
      doc({ type: 'unheardOf' }),
      doc({ type: 'paragraph', strange: true }),
      doc({ type: 'taskList', content: [] }),
      { version: 1, type: 'doc' },
      { version: '1', type: 'doc', content: [] },
      { version: 1, type: 'doc', content: [], strange: 1 },
      'text',
    ]
    for (const each of wrong)
      expect([validate(each), isDocument(each)], JSON.stringify(each)).toEqual([false, false])
  })
})

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
        const cleaned = clean(text)
        const escaped = escapeWiki(cleaned)
        for (const [what, pattern] of MARKUP)
          expect(escaped.match(pattern), `${what} in ${escaped}`).toBeNull()
        expect(shown(escaped)).toBe(cleaned)
      }),
      { numRuns: 2_000 },
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

describe('small texts', () => {
  test('are cleaned of what cannot be stored', () => {
    expect(clean('a\u0000b\u0007c\u001b[1m\td\r\ne\rf\u2028g\ufeff')).toBe('abc[1m\td\ne\nf\ng')
    expect(clean('\ud83d x \ude00 \ud83d\ude00')).toBe('\ufffd x \ufffd \ud83d\ude00')
  })

  test('are cut between code points', () => {
    expect(shorten('abc', 3)).toBe('abc')
    expect(shorten('abcd', 3)).toBe('ab…')
    expect(shorten('a\ud83d\ude00b', 3)).toBe('a…')
    expect(shorten('abcd', 0)).toBe('…')
  })

  test('become one line', () => {
    expect(line('  one\n\n two\tthree  ', 100)).toBe('one two three')
    expect(line('x'.repeat(300), 254)).toHaveLength(254)
  })
})

test('card and entry keep the order and words of every tool', () => {
  const card = {
    title: 'Title',
    standing: 'in progress',
    progress: 20,
    bar: '██░░░░░░░░',
    rows: [
      { label: 'Goal', text: 'g' },
      { label: 'Next', items: ['a'] },
    ],
  }
  const below: readonly Block[] = [
    { kind: 'standing', standing: 'in progress', text: '██░░░░░░░░ 20 %' },
    { kind: 'line', label: 'Goal', text: 'g' },
    { kind: 'list', label: 'Next', items: ['a'] },
  ]
  expect(cardBlocks(card, false)).toEqual(below)
  expect(cardBlocks(card, true)).toEqual([{ kind: 'heading', text: 'Title' }, ...below])
  expect(entryBlocks({ heading: 'Decision', text: 'Lock', rows: [{ label: 'Why', text: 'w' }] })).toEqual([
    { kind: 'heading', text: 'Decision' },
    { kind: 'line', text: 'Lock' },
    { kind: 'line', label: 'Why', text: 'w' },
  ])
})
