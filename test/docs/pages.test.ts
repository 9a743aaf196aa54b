import { expect, test } from 'vitest'
import { readKnown, wrongCommands } from '../../scripts/docs/commands.ts'
import { deadLinks } from '../../scripts/docs/links.ts'
import { readPages } from '../../scripts/docs/pages.ts'

const pages = readPages()

test('every relative link leads somewhere', () => {
  expect(deadLinks(pages)).toEqual([])
})

test('every command of a page is one this workspace has', () => {
  expect(wrongCommands(pages, readKnown())).toEqual([])
})
