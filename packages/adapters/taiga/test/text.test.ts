import { card, entry } from '@sessionwire/core/adapter'
import { HOSTILE_TEXT, story } from '@sessionwire/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyCharacter } from '../../../../test/any-text.ts'
import { runsOf } from '../../../../test/sample.ts'
import { exportText, markdown, noteText } from '../src/text.ts'
import rendered from './fixtures/rendered.json' with { type: 'json' }

/**
 * What Taiga's own renderer made of our Markdown: its `taiga/mdrender` of April 2026 (Python-Markdown 3.10), with users
 * named `bob`, `admin`, `channel`, `here` and `everyone` to be mentioned, and an item for every number.
 */
type Rendered = Readonly<{
  /** Before we wrote it for Taiga, where it was Markdown or JSON already. */
  source?: string
  markdown: string
  html: string
  mentions: readonly string[]
  references: number
}>
const seen = rendered as Readonly<Record<string, Rendered>>

const { block, inline, text: written } = markdown
const writing = { links: 'code', maxLength: 50_000 } as const
const nasty =
  '@bob [x](https://evil.example) ![y](https://evil.example/p.png) <img src=x> #42 [[wiki]] :b: closes #1 ' +
  'www.evil.example eve@evil.example `@bob`\n# big\n- [ ] x\n1. one\n===\n~~~\n| a | b |\n|---|---|'
const told = story({ text: nasty, hooks: ['update', 'decision', 'blocker'] })
const [, , decided] = told
const last = told.at(-1)

describe('text from outside', () => {
  test.for(Object.keys(seen).filter(name => !name.startsWith('(')))(
    '%s is written as it was rendered',
    name => {
      expect(block(HOSTILE_TEXT[name] ?? '', 2_000, 'code')).toBe(
        // Rendered before marks of direction and tags were taken out of every text: England's flag is a black one since.
        seen[name]?.markdown.replace(/[\u200e\u200f\u{e0000}-\u{e0fff}]/gu, ''),
      )
    },
  )

  test('is rendered as nothing but text, line ends and code', () => {
    const tags = (html: string) => new Set([...html.matchAll(/<([a-z0-9]+)/g)].map(([, tag]) => tag))
    const allowed: Readonly<Record<string, readonly string[]>> = {
      '(card)': ['p', 'strong', 'code', 'br', 'ul', 'li', 'a'],
      '(decision)': ['p', 'strong', 'code', 'br', 'ul', 'li'],
      '(export)': ['h1', 'h2', 'h3', 'p', 'strong', 'blockquote', 'br', 'ul', 'li'],
      '(export as json)': ['div', 'pre', 'span', 'code'],
    }
    for (const [name, { html, mentions, references }] of Object.entries(seen)) {
      expect([name, mentions, references]).toEqual([name, [], 0])
      const known = new Set(Object.hasOwn(allowed, name) ? allowed[name] : ['p', 'br', 'code'])
      expect([name, [...tags(html)].filter(tag => !known.has(String(tag)))]).toEqual([name, []])
    }
  })

  test('leaves a card one link, which is ours', () => {
    expect([...(seen['(card)']?.html ?? '').matchAll(/href="([^"]*)"/g)].map(([, to]) => to)).toEqual([
      'https://example.com/sessions/1',
    ])
  })

  test('is a card, an entry, a note and an export as they were rendered', () => {
    if (last === undefined || decided === undefined) throw new Error('the story is too short')
    const { session } = last
    const shown = markdown.card(card(session), writing, {
      isHeaded: true,
      url: 'https://example.com/sessions/1',
    })
    // Rendered before progress showed its start.
    expect(shown.replace('20 → 90 %', '90 %')).toBe(seen['(card)']?.markdown)
    const said = entry(decided.event, decided.session)
    expect(said && markdown.entry(said, writing)).toBe(seen['(decision)']?.markdown)
    expect(noteText(session.blockers, 'code')).toBe(seen['(note)']?.markdown)
    for (const [name, format] of [
      ['(export)', 'markdown'],
      ['(export as json)', 'json'],
    ] as const)
      expect(exportText(format, seen[name]?.source ?? '', writing)).toBe(seen[name]?.markdown.trim())
  })

  test.for([
    ['plain words', 'plain words'],
    ['snake_case and 2 * 3', 'snake\\_case and 2 \\* 3'],
    ['10:30:00, a ratio 3:100:2', '10:30:00, a ratio 3:\u200b100:2'],
    ['@bob and x_@bob', '@\u200bbob and x\\_@\u200bbob'],
    ['Fixed in #981', 'Fixed in \\#981'],
    ['a & b &lt; c', 'a & b &amp;lt; c'],
    ['see https://ci.example.com/a_b?x=1&y=2.', 'see `https://ci.example.com/a_b?x=1&y=2`.'],
    ['(www.evil.example)', '(`www.evil.example`)'],
    ['a `b` c', 'a \\`b\\` c'],
    ['https://x.example/`a``b', '``` https://x.example/`a``b ```'],
    ['- item', '\\- item'],
    ['1. one', '1\\. one'],
    ['===', '\u200b==='],
    [': definition', '\u200b: definition'],
    ['~~~~', '\u200b~\u200b~\u200b~\u200b~'],
    ['one\r\ntwo\u2028three\n\n\n\nfour', 'one\ntwo\nthree\n\nfour'],
  ] as const)('%j is written %j', ([given, expected]) => expect(block(given, 1_000, 'code')).toBe(expected))

  test('keeps whole web addresses alive where that is asked for', () => {
    expect(inline('see https://ci.example.com/a_b#12?q=@bob, javascript://x', 200, 'live')).toBe(
      'see https://ci.example.com/a\\_b\\#12?q=%40bob, `javascript://x`',
    )
  })

  test('is cut on the border of a character, before it is escaped, with a sign', () => {
    expect(inline('<<<<<', 3, 'code')).toBe('&lt;&lt;…')
    expect(inline('a😀😀', 3, 'code')).toBe('a…')
  })
})

describe('by chance', () => {
  const hostile = fc
    .array(
      fc.oneof(
        fc.string({ unit: anyCharacter }),
        fc.constantFrom(
          '@bob',
          '`',
          '``',
          '\\',
          '<',
          '>',
          '#1',
          '[',
          ']',
          '(',
          ')',
          ':b:',
          '~~',
          '\n',
          '_',
          '*',
          'www.',
          '://',
          '&lt;',
          '|',
        ),
      ),
      { maxLength: 30 },
    )
    .map(parts => parts.join(''))

  test('nothing it writes mentions, opens a tag or names a number outside code', () => {
    fc.assert(
      fc.property(hostile, text => {
        const outside = block(text, 500, 'code').replace(/(?<!\\)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '')
        expect(outside).not.toMatch(/@(?!\u200b)/)
        expect(outside).not.toMatch(/[<>]/)
        expect(outside).not.toMatch(/(?<!\\)(?:\\\\)*#/)
      }),
      { numRuns: runsOf(500) },
    )
  })

  test('no text is longer than its room, or half a character', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 20, max: 400 }), (text, room) => {
        const made = written(text.repeat(5), { links: 'code', maxLength: room })
        expect(made.length).toBeLessThanOrEqual(room)
        expect(made.isWellFormed()).toBe(true)
      }),
      { numRuns: runsOf(300) },
    )
  })

  test('what is shown as code stays in its fence', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 60, max: 400 }), (text, room) => {
        const made = markdown.fence(text, 'json', room)
        const fence = /^`+/.exec(made)?.[0] ?? ''
        expect(made.length).toBeLessThanOrEqual(room)
        expect(made.endsWith(`\n${fence}`)).toBe(true)
        expect(made.slice(fence.length, -fence.length)).not.toContain(fence)
      }),
      { numRuns: runsOf(300) },
    )
  })

  test('an export in Markdown neither mentions nor holds raw HTML', () => {
    fc.assert(
      fc.property(hostile, text => {
        const made = exportText('markdown', text, { links: 'code', maxLength: 5_000 })
        expect(made).not.toMatch(/@(?!\u200b)/)
        expect(made).not.toContain('<')
      }),
      { numRuns: runsOf(300) },
    )
  })
})

test('the longest card fits its room, with every label in it', () => {
  const huge = story({ text: '&lt;_'.repeat(200_000) }).at(-1)
  if (huge === undefined) throw new Error('the story is empty')
  const made = markdown.card(card(huge.session), writing)
  expect(made.length).toBeLessThanOrEqual(50_000)
  for (const label of ['Goal', 'Summary', 'Decided', 'By', 'Project']) expect(made).toContain(`**${label}:**`)
})
