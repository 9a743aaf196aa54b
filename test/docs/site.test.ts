import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { EXAMPLES, readExamples } from '../../scripts/docs/examples.ts'
import { nameEntry } from '../../scripts/docs/head.ts'
import { nameCodeInHeadings } from '../../scripts/docs/headings.ts'
import { groupMenu, readGroups, readSite } from '../../scripts/docs/menu.ts'
import { ROOT } from '../../scripts/docs/pages.ts'
import { missingWords } from '../../scripts/docs/reference.ts'

test('the headings of the index are the groups of the menu, its links their pages in order', () => {
  const index = '# Guides\n\nText.\n\n## Use\n\n[A](a.md) [B](../b.md#x)\n\n## Change\n\n[C](../../C.md)\n'
  expect(readGroups(index)).toEqual([
    { title: 'Use', paths: ['docs/guide/a.md', 'docs/b.md'] },
    { title: 'Change', paths: ['C.md'] },
  ])
})

test('every page of the site stands in the menu', () => {
  const { pages, groups } = readSite()
  expect(groups.map(({ title }) => title)).toEqual(['Guides', 'Operations', 'Reference', 'Contributing'])
  expect(pages[0]?.path).toBe('docs/guide/index.md')
  expect(pages[1]?.path).toBe('docs/guide/getting-started.md')
})

test('the menu groups pages, and puts packages below the reference', () => {
  const names: Readonly<Record<string, string>> = { 'docs/guide/index.md': 'Guides', 'docs/a.md': 'A' }
  const menu = groupMenu(
    [
      { text: 'Guides' },
      { text: 'A' },
      { text: 'Else' },
      { text: '@x', children: [{ text: 'core' }] },
      { text: 'sessionwire', path: 's' },
    ],
    [
      { title: 'Use', paths: ['docs/a.md'] },
      { title: 'Reference', paths: [] },
    ],
    path => names[path],
  )
  expect(menu).toEqual([
    { text: 'Else' },
    { text: 'Use', children: [{ text: 'A' }] },
    { text: 'Reference', children: [{ text: 'core' }, { text: 'sessionwire', path: 's' }] },
  ])
})

test('an example belongs to the symbols of its heading', () => {
  expect(readExamples('# X\n\n## `a`, `B.c`\n\nText.\n\n```ts\na()\n```\n')).toEqual([
    { names: ['a', 'B.c'], code: 'a()' },
  ])
  const page = readFileSync(join(ROOT, EXAMPLES), 'utf8')
  expect(new Set(readExamples(page).flatMap(({ names }) => names)).size).toBeGreaterThanOrEqual(20)
})

test('words that the search of the site does not have are reported', () => {
  const data = (words: readonly string[]) => {
    const json = JSON.stringify({ rows: [], index: { invertedIndex: words.map(word => [word, {}]) } })
    return `window.searchData = "${deflateSync(json).toString('base64')}";`
  }
  const words = ['outage', '429', 'dead', 'letter', 'slack_bot_token', 'backoff', 'lease', 'retry']
  expect(missingWords(data([...words, 'idempotency']))).toEqual([])
  expect(missingWords(data(words))).toEqual(['the search does not find "idempotency"'])
})

test('an entry of a package is named as it is imported', () => {
  const name = (entry: string, parent?: string) => nameEntry(entry, parent)
  expect(name('index', '@sessionwire/core')).toBe('@sessionwire/core')
  expect(name('testing', '@sessionwire/jira')).toBe('@sessionwire/jira/testing')
  expect(name('jira', '@sessionwire/jira')).toBe('@sessionwire/jira')
  expect(name('neo4j/testing', '@sessionwire/neo4j')).toBe('@sessionwire/neo4j/testing')
  expect(name('workspace', 'sessionwire')).toBe('sessionwire/workspace')
  expect(name('@sessionwire/otel', 'Sessionwire')).toBe('@sessionwire/otel')
})

test('code in a heading counts as its text', () => {
  type Token = { type: string; content: string; children: Token[] | null }
  const token = (type: string, content = '', children: Token[] | null = null): Token => ({
    type,
    content,
    children,
  })
  const tokens = [
    token('heading_open'),
    token('inline', '', [token('code_inline', 'a<b>'), token('text', ' and')]),
    token('paragraph_open'),
    token('inline', '', [token('code_inline', 'c')]),
  ]
  nameCodeInHeadings({
    core: {
      ruler: {
        push: (_, rule) =>
          rule({
            tokens,
            Token: class {
              type: string
              content = ''
              children = null
              constructor(type: string) {
                this.type = type
              }
            },
          }),
      },
    },
  })
  const said = tokens.map(({ children }) => children?.map(({ type, content }) => `${type} ${content}`))
  expect(said).toEqual([
    undefined,
    ['html_inline <code>', 'text a<b>', 'html_inline </code>', 'text  and'],
    undefined,
    ['code_inline c'],
  ])
})
