import type { Json } from '@sessionwire/core/adapter'
import type { Block } from '../text.ts'

/*
 * Atlassian Document Format, held to the published schema: no empty text node, no unknown attribute, lists and their
 * items never empty. Text nodes are inert: nothing inside one can be a link, a mention or another node.
 * https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
 */

type Node = Json

const plain = (text: string, marks?: readonly Node[]): readonly Node[] =>
  text === '' ? [] : [{ type: 'text', text, ...(marks === undefined ? {} : { marks }) }]

const strong = (text: string): readonly Node[] => plain(text, [{ type: 'strong' }])

/** Line ends inside a text node are allowed by the schema but not shown. */
const lines = (text: string): readonly Node[] =>
  text.split('\n').flatMap((each, place) => [...(place === 0 ? [] : [{ type: 'hardBreak' }]), ...plain(each)])

const contentOf = (content: readonly Node[]) => (content.length === 0 ? {} : { content })
const paragraph = (content: readonly Node[]): Node => ({ type: 'paragraph', ...contentOf(content) })
const item = (text: string): Node => ({ type: 'listItem', content: [paragraph(lines(text))] })

const COLORS: Readonly<Record<string, string>> = {
  'in progress': 'blue',
  blocked: 'red',
  completed: 'green',
  failed: 'red',
  crashed: 'red',
}

const BLOCKS: { readonly [K in Block['kind']]: (block: Extract<Block, { kind: K }>) => readonly Node[] } = {
  heading: ({ text }) => [paragraph(strong(text.replaceAll('\n', ' ')))],
  standing: ({ standing, text }) => {
    const status = { type: 'status', attrs: { text: standing, color: COLORS[standing] ?? 'neutral' } }
    return [paragraph([status, ...(text === '' ? [] : plain(` ${text}`))])]
  },
  line: ({ label, text }) => [
    paragraph([...(label === undefined ? [] : strong(`${label}: `)), ...lines(text)]),
  ],
  list: ({ label, items }) => [
    paragraph(strong(`${label}:`)),
    ...(items.length === 0 ? [] : [{ type: 'bulletList', content: items.map(item) }]),
  ],
  code: ({ language, text }) => [
    {
      type: 'codeBlock',
      ...(language === undefined ? {} : { attrs: { language } }),
      ...contentOf(plain(text)),
    },
  ],
}

const nodes = (blocks: readonly Block[]): readonly Node[] =>
  blocks.flatMap(block => (BLOCKS[block.kind] as (block: Block) => readonly Node[])(block))

/** An ADF document of these blocks. */
export const adf = (blocks: readonly Block[]): Json => ({ version: 1, type: 'doc', content: nodes(blocks) })

/** A panel of these blocks, with `mark` as its last paragraph: one node, which people move or remove as a whole. */
export const panel = (blocks: readonly Block[], mark: string): Json => ({
  type: 'panel',
  attrs: { panelType: 'info' },
  content: [...nodes(blocks), paragraph(plain(mark, [{ type: 'code' }]))],
})
