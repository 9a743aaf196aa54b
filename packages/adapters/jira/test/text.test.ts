import { describe, expect, test } from 'vitest'
import { type Block, cardBlocks, entryBlocks, markBlock, rich } from '../src/text.ts'
import { SERVER, V2, V3 } from './texts.ts'

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
    expect(() => rich(V3, { wiki: 'x' })).toThrow(
      'body: invalid value; expected { adf } in version 3 of the API.',
    )
    expect(() => rich(V2, { adf })).toThrow('body: invalid value; expected { wiki } in version 2 of the API.')
  })
})

test('a block of ours leaves a quarter of the room to what people write', () => {
  const blocks: readonly Block[] = [{ kind: 'line', text: '😀 "x" '.repeat(20_000) }]
  for (const config of [V3, V2, SERVER]) {
    const { put } = markBlock(config, blocks, 'sw-0123456789abcdef')
    const size = typeof put === 'string' ? put.length : JSON.stringify(put).length
    expect(size).toBeLessThanOrEqual(24_575)
    expect(size).toBeGreaterThan(15_000)
  }
})
