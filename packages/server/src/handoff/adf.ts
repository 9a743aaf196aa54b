import type { Json } from '@sessionwire/core'
import { fieldsOf } from '@sessionwire/core/adapter'

type Node = Readonly<Record<string, Json>>

const nodesOf = (content: Json | undefined): readonly Node[] =>
  Array.isArray(content) ? content.map(each => fieldsOf(each as Json) as Node) : []

const MARKS: Readonly<Record<string, readonly [string, string]>> = {
  strong: ['**', '**'],
  em: ['*', '*'],
  code: ['`', '`'],
  strike: ['~~', '~~'],
}

/** Characters that would become markup are escaped; code is taken as it is. */
const escapeText = (text: string): string => text.replace(/[\\`*_[\]<>#]/g, '\\$&')

const inline = (node: Node): string => {
  const { type, text, attrs, marks } = node
  if (type === 'hardBreak') return '  \n'
  if (type === 'status') return `**${escapeText(String(fieldsOf(attrs).text ?? ''))}**`
  if (type !== 'text') return nodesOf(node.content).map(inline).join('')
  const names = nodesOf(marks).map(mark => String(mark.type))
  const plain = names.includes('code') ? String(text) : escapeText(String(text))
  const link = nodesOf(marks).find(mark => mark.type === 'link')
  const marked = names.reduce((inner, name) => {
    const [open, end] = MARKS[name] ?? ['', '']
    return `${open}${inner}${end}`
  }, plain)
  return link === undefined ? marked : `[${marked}](${String(fieldsOf(link.attrs).href ?? '')})`
}

const blocks = (content: Json | undefined, indent: string): readonly string[] =>
  nodesOf(content).map(node => block(node, indent))

const items = (node: Node, indent: string, mark: (place: number) => string): string =>
  nodesOf(node.content)
    .map(
      (item, place) =>
        `${indent}${mark(place)} ${blocks(item.content, `${indent}  `).join('\n').trimStart()}`,
    )
    .join('\n')

const block = (node: Node, indent: string): string => {
  const { type, content, attrs } = node
  switch (type) {
    case 'heading':
      return `${indent}${'#'.repeat(Number(fieldsOf(attrs).level ?? 1))} ${nodesOf(content).map(inline).join('')}`
    case 'bulletList':
      return items(node, indent, () => '-')
    case 'orderedList':
      return items(node, indent, place => `${place + 1}.`)
    case 'codeBlock':
      return `\`\`\`\n${nodesOf(content)
        .map(({ text }) => String(text))
        .join('')}\n\`\`\``
    case 'rule':
      return `${indent}---`
    case 'paragraph':
      return `${indent}${nodesOf(content).map(inline).join('')}`
    case 'listItem':
    case 'panel':
    case 'blockquote':
    case 'expand':
    case 'doc':
      return blocks(content, indent).join('\n\n')
    default:
      return `${indent}${nodesOf(content).map(inline).join('')}`
  }
}

/** A document of Atlassian (ADF), or a list of its blocks, as Markdown. */
export const adfToMarkdown = (document: Json): string =>
  typeof document === 'string'
    ? document
    : blocks(Array.isArray(document) ? document : (fieldsOf(document).content ?? []), '')
        .filter(text => text.trim() !== '')
        .join('\n\n')
