import { beforeAll, expect, test } from 'vitest'
import { blocksOf } from '../../scripts/docs/blocks.ts'
import { runBlock, typeErrors, writeBlocks } from '../../scripts/docs/check.ts'
import { readPages } from '../../scripts/docs/pages.ts'
import { RUNS_ALL, sample } from '../sample.ts'

const blocks = readPages().flatMap(blocksOf)

/** Two blocks that are wrong, so that a check that sees nothing is seen. */
const WRONG = blocksOf({
  path: 'docs/wrong.md',
  text: [
    '<!-- given: tracker -->',
    '```ts',
    "await tracker.act('slack', 'createMessage', { txt: 'a' })",
    '```',
    '<!-- run -->',
    '```ts',
    "console.log('one')",
    '```',
    '<!-- prints -->',
    '```text',
    'two',
    '```',
  ].join('\n'),
})

beforeAll(() => writeBlocks([...blocks, ...WRONG]))

// It loads every package into a compiler of its own.
test.runIf(RUNS_ALL)(
  'every block of TypeScript in a page compiles, and one that is wrong would be told',
  async () => {
    expect(await typeErrors([...blocks, ...WRONG])).toEqual([
      expect.stringMatching(/^docs\/wrong\.md:3: error TS\d+: .*'txt' does not exist/),
    ])
  },
)

test('a block that prints something else than its page says would be told', async () => {
  const [, wrong] = WRONG
  expect(wrong && (await runBlock(wrong))).toBe('docs/wrong.md:7 prints something else:\none\n')
})

const runnable = blocks.filter(({ run }) => run)

test.concurrent.for(sample(runnable, 12).map(block => [`${block.page}:${block.line}`, block] as const))(
  '%s runs',
  async ([, block], { expect: expected }) => {
    expected(await runBlock(block)).toBeUndefined()
  },
)
