import { expect, test } from 'vitest'
import { between, stalePages } from '../../scripts/docs/tables.ts'

test('the tables of every page say what the adapters do: write them with pnpm docs:tables', () => {
  expect(stalePages(false)).toEqual([])
})

test('a table is put between its marks, and nowhere else', () => {
  const page = 'above\n<!-- actions:begin -->\nold\n<!-- actions:end -->\nbelow\n'
  expect(between(page, 'actions', 'new')).toBe(
    'above\n<!-- actions:begin -->\n\nnew\n\n<!-- actions:end -->\nbelow\n',
  )
  expect(() => between('no marks', 'actions', 'new')).toThrow('no <!-- actions:begin -->')
})
