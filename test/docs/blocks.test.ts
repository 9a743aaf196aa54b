import { beforeAll, expect, test } from 'vitest'
import { blocksOf } from '../../scripts/docs/blocks.ts'
import { runBlock, typeErrors, writeBlocks } from '../../scripts/docs/check.ts'
import { readPages } from '../../scripts/docs/pages.ts'

const blocks = readPages().flatMap(blocksOf)

beforeAll(() => writeBlocks(blocks))

test('every block of TypeScript in a page compiles', { timeout: 120_000 }, async () => {
  expect(await typeErrors(blocks)).toEqual([])
})

test.concurrent.for(
  blocks.filter(({ run }) => run).map(block => [`${block.page}:${block.line}`, block] as const),
)('%s runs', { timeout: 120_000 }, async ([, block], { expect: expected }) => {
  expected(await runBlock(block)).toBeUndefined()
})
