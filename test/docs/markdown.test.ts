import { expect, test } from 'vitest'
import { blocksOf } from '../../scripts/docs/blocks.ts'
import { wrongCommands } from '../../scripts/docs/commands.ts'
import { deadLinks } from '../../scripts/docs/links.ts'
import { anchorsOf, fencesOf, linksOf } from '../../scripts/docs/markdown.ts'

const page = (text: string) => ({ path: 'docs/guide/made.md', text })

test('a fence is found with its language, its line and the notes right above it', () => {
  const text = [
    '<!-- far -->',
    'words',
    '<!-- run -->',
    '<!-- before',
    'const a = 1',
    '-->',
    '',
    '```ts',
    'a',
    '```',
    '````text',
    '```',
    '````',
  ]
  expect(fencesOf(text.join('\n'))).toEqual([
    { language: 'ts', text: 'a', line: 9, notes: ['run', 'before\nconst a = 1'] },
    { language: 'text', text: '```', line: 12, notes: [] },
  ])
})

test('links are found outside of code', () => {
  const text = '[a](x.md#b) `[c](d.md)`\n```text\n[e](f.md)\n```\n[g]: h.md\n| [i](j.md) | [k](l.md "m") |'
  expect(linksOf(text)).toEqual([
    { target: 'x.md#b', line: 1 },
    { target: 'h.md', line: 5 },
    { target: 'j.md', line: 6 },
    { target: 'l.md', line: 6 },
  ])
})

test('anchors are those of GitHub', () => {
  const text = '# Dead ones\n## What each `word` of [it](x.md) means?\n```sh\n# not one\n```\n## Dead ones'
  expect([...anchorsOf(text)]).toEqual(['dead-ones', 'what-each-word-of-it-means', 'dead-ones-1'])
})

test('a link to no page, no heading or out of the tree is told', () => {
  const text =
    '[a](nowhere.md) [b](delivery.md#dead-letters) [c](delivery.md#nothing) [d](#x) [e](../../../x) [f](https://x.y)'
  expect(deadLinks([page(text)])).toEqual([
    'docs/guide/made.md:1: nowhere.md is not there',
    'docs/guide/made.md:1: delivery.md#nothing has no heading for #nothing',
    'docs/guide/made.md:1: #x has no heading for #x',
    'docs/guide/made.md:1: ../../../x is not there',
  ])
})

test('a command that this workspace does not have is told', () => {
  const known = { scripts: new Set(['test', 'bench']), packages: new Set(['@sessionwire/core']) }
  const text = [
    '```sh',
    'npm test && pnpm bench append',
    'A=1 npm install @sessionwire/core @sessionwire/cor',
    'npm run bild # a slip',
    'npm exec -- vitest run packages/nothing',
    'make',
    'scripts/nothing',
    '```',
  ]
  expect(wrongCommands([page(text.join('\n'))], known)).toEqual([
    'docs/guide/made.md:3: @sessionwire/cor is an unknown package',
    'docs/guide/made.md:4: package.json has no script "bild"',
    'docs/guide/made.md:5: packages/nothing is not there',
    'docs/guide/made.md:6: unknown command "make"',
    'docs/guide/made.md:7: scripts/nothing is not there',
  ])
})

test('blocks go on from each other, and only the last of them is run, for all they print', () => {
  const text = [
    '<!-- run -->',
    '<!-- before',
    "import { a } from 'a'",
    '-->',
    '```ts',
    'console.log(a)',
    '```',
    '<!-- prints -->',
    '```text',
    'one',
    '```',
    '<!-- run -->',
    '<!-- continues -->',
    '```ts',
    'console.log(2)',
    '```',
    '<!-- prints -->',
    '```text',
    'two',
    '```',
    '```ts',
    'a',
    '```',
  ]
  const made = { page: 'docs/guide/made.md' }
  expect(blocksOf(page(text.join('\n')))).toEqual([
    {
      ...made,
      line: 6,
      file: 'docs-guide-made/6.ts',
      code: "import { a } from 'a'\nconsole.log(a)\n",
      lines: [undefined, 6],
      run: false,
      continues: false,
      prints: ['one'],
    },
    {
      ...made,
      line: 15,
      file: 'docs-guide-made/15.ts',
      code: "import { a } from 'a'\nconsole.log(a)\nconsole.log(2)\n",
      lines: [undefined, 6, 15],
      run: true,
      continues: true,
      prints: ['one', 'two'],
    },
    {
      ...made,
      line: 22,
      file: 'docs-guide-made/22.ts',
      code: 'a\nexport {}\n',
      lines: [22, undefined],
      run: false,
      continues: false,
      prints: [],
    },
  ])
})

test('an unknown note and an unknown given are reported by their place', () => {
  const block = (note: string) => () => blocksOf(page(`<!-- ${note} -->\n\`\`\`ts\na\n\`\`\``))
  expect(block('runn')).toThrow('docs/guide/made.md:3: "runn" is not a note for a block')
  expect(block('given: trakcer')).toThrow('docs/guide/made.md:3: "trakcer" is not one of tracker, session')
})
