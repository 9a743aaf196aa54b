import { cutItems, fit } from '@sessionwire/core/adapter'
import { expect, test } from 'vitest'

test('a text is written with less until it fits, and the last try may not', () => {
  const asked: number[] = []
  const write = (units: number) => {
    asked.push(units)
    return '&amp;'.repeat(units)
  }
  expect(fit(100, write, made => made.length)).toBe('&amp;'.repeat(19))
  expect(asked).toEqual([100, 19])
  expect(
    fit(
      4,
      () => 'always',
      made => made.length,
    ),
  ).toBe('always')
})

test('a list says how many items it does not show', () => {
  const items = ['a', 'b', 'c']
  const mark = (item: string) => `<${item}>`
  expect(cutItems(items, 3, mark)).toEqual(['<a>', '<b>', '<c>'])
  expect(cutItems(items, 1, mark)).toEqual(['<a>', '(2 more)'])
  expect(cutItems([], 1, mark)).toEqual([])
})
