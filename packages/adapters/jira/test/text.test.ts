import { describe, expect, test } from 'vitest'
import type { Block } from '../src/text/block.ts'
import { cardBlocks, clean, entryBlocks, line, rich, shorten } from '../src/text.ts'
import { SERVER, V2, V3 } from './texts.ts'

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
    progressText: '40 %',
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

describe('what is trusted', () => {
  const adf = { version: 1, type: 'doc', content: [] }

  test('is sent as it is, in the markup of the version', () => {
    expect(rich(V3, { adf })).toEqual(adf)
    expect(rich(V2, { wiki: '[~mia] h1. x' }, 'sw-0123456789abcdef')).toBe('[~mia] h1. x')
    expect(rich(SERVER, { wiki: '[~mia]' }, 'sw-0123456789abcdef')).toBe(
      '[~mia]\n\n{anchor:sw-0123456789abcdef}',
    )
  })

  test('is refused in the markup of the other one', () => {
    expect(() => rich(V3, { wiki: 'x' })).toThrow('version 3 of the API takes { adf }')
    expect(() => rich(V2, { adf })).toThrow('version 2 of the API takes { wiki }')
  })
})
