import { card } from '@sessionwire/core/adapter'
import { HOSTILE_TEXT, story } from '@sessionwire/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyCharacter } from '../../../../test/any-text.ts'
import { block, type CardFields, cardFields, clean, MAX_NAME, nameOf, plain } from '../src/text.ts'

/** What no text of ours may hold: controls but line ends and tabs, halves of characters, overrides of direction, brackets of tags. */
const FORBIDDEN = /(?![\n\t])\p{Cc}|[\p{Cs}\u202a-\u202e\u2066-\u2069<>]/u

const texts = (shown: CardFields): readonly string[] => Object.values(shown).flat()

describe('text from outside', () => {
  test.for([
    ['a\r\nb\rc\u2028d\u2029e\u0085f\vg\fh', 'a\nb\nc\nd\ne\nf\ng\nh'],
    ['a\tb', 'a\tb'],
    ['before\u0000after\u0007', 'beforeafter'],
    ['a\ud83d b\ude00', 'a\ufffd b\ufffd'],
    ['\u202egnp.exe\u202c \u2067x\u2069 עברית', 'gnp.exe x עברית'],
    ['<script>alert(1)</script>', '‹script›alert(1)‹/script›'],
    ['👩‍👩‍👧‍👦 🇩🇪 e\u0301 & "quotes" \' {thread} $ref', '👩‍👩‍👧‍👦 🇩🇪 e\u0301 & "quotes" \' {thread} $ref'],
  ] as const)('%j is written as %j', ([text, written]) => expect(clean(text)).toBe(written))

  test('is one line, or as many as it has', () => {
    expect(plain('  a \n\n b\tc ')).toBe('a b c')
    expect(block('  a  \n\n\n\n b\t \n')).toBe('a\n\n b')
  })

  test('is cut where it is too long, and says so', () => {
    expect(plain('abcdef', 4)).toBe('abc…')
    expect(plain('👩‍🚀👩‍🚀', 4)).toBe('👩\u200d…')
    expect(plain('x'.repeat(1_048_576))).toBe(`${'x'.repeat(MAX_NAME - 1)}…`)
    expect(block('x'.repeat(1_048_576))).toBe(`${'x'.repeat(3_999)}…`)
  })

  test('of any kind leaves nothing hidden behind, and is written the same again', () => {
    const any = fc.string({ unit: anyCharacter, maxLength: 300 })
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 40 }), (text, room) => {
        const [line, rows] = [plain(text, room), block(text, room)]
        const found = {
          hidden: FORBIDDEN.test(line) || FORBIDDEN.test(rows) || line.includes('\n'),
          long: line.length > room || rows.length > room,
          broken: !line.isWellFormed() || !rows.isWellFormed(),
          again: clean(clean(text)) === clean(text) && plain(plain(text)) === plain(text),
        }
        expect(found).toEqual({ hidden: false, long: false, broken: false, again: true })
      }),
    )
  })
})

describe('a card', () => {
  const last = (text?: string) => {
    const moment = story(text === undefined ? {} : { text }).at(-2)
    if (moment === undefined) throw new Error('the story is too short')
    return card(moment.session)
  }
  test('has the rows of every tool, by their labels', () => {
    expect(cardFields(last(), 's1', 'https://example.com/s/s1')).toEqual({
      Session: 'Stop double charging',
      Status: '██████████ 20 → 100 % · completed',
      Goal: 'Stop double charging\nTwo webhooks at once charge a customer twice.',
      Last: 'Lock in place, tests green',
      Summary: 'Fixed in #981',
      Decided: ['Lock per invoice'],
      By: 'fixer with Claude',
      Project: 'billing',
      Took: '8 min',
      Link: 'https://example.com/s/s1',
    })
  })
  test('shows ten items of a list, and how many there are besides', () => {
    const items = Array.from({ length: 13 }, (_, place) => `step ${place + 1}`)
    const shown = cardFields({ ...last(), rows: [{ label: 'Next', items }] }, 's1')
    expect(shown.Next).toEqual([...items.slice(0, 10), '(3 more)'])
  })
  test('of nothing visible shows that there is something', () => {
    const rows = [
      { label: 'Now', text: '\u0000' },
      { label: 'Next', items: ['\u202e'] },
    ]
    expect(cardFields({ ...last(), title: '\u200b', rows }, 's1')).toMatchObject({
      Session: 'Session s1',
      Now: '…',
      Next: ['…'],
    })
  })
  test.for(Object.entries(HOSTILE_TEXT))('of %s is plain and bounded', ([, text]) => {
    const hostile = last(text)
    const shown = cardFields(hostile, 's1')
    for (const each of texts(shown)) {
      expect(FORBIDDEN.test(each)).toBe(false)
      expect(each.length).toBeLessThanOrEqual(8_000)
    }
    expect(Object.keys(shown).every(label => /^[A-Z][a-z ]*$/.test(label))).toBe(true)
    const name = nameOf(hostile, 's1')
    expect(FORBIDDEN.test(name) || name.includes('\n')).toBe(false)
    expect(Array.from(name).length).toBeLessThanOrEqual(MAX_NAME)
    expect(name.endsWith(': completed, 100 %')).toBe(true)
  })
  test('has a name that shows how it stands, however long its title is', () => {
    const name = nameOf({ ...last(), title: 'long '.repeat(100) }, 's1')
    expect([name.length, name.endsWith('…: completed, 100 %')]).toEqual([MAX_NAME, true])
    expect(nameOf({ ...last(), title: ' \u200b' }, 's1')).toBe('Session s1: completed, 100 %')
  })
})
