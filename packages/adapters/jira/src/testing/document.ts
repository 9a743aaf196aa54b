import type { Json } from '@sessionwire/core/adapter'
import { type Fields, isFields, listOf } from './answers.ts'

/*
 * Whether a document is ADF as Atlassian's schema has it, for the nodes of text. Stricter than Jira may be: what it
 * refuses, the schema refuses, and Jira answers INVALID_INPUT to most of it.
 */

type Shape = Readonly<{
  /** Groups of nodes that may stand inside. Absent: no `content` at all. */
  content?: readonly string[]
  /** Fewest items of `content`. */
  least?: number
  /** Attributes by name, with what they must be. */
  attrs?: Readonly<Record<string, (value: Json) => boolean>>
  needs?: readonly string[]
}>

const isText = (value: Json): value is string => typeof value === 'string'
const isFilled = (value: Json) => isText(value) && value !== ''
const among =
  (...words: readonly Json[]) =>
  (value: Json) =>
    words.includes(value)
const whole = (value: Json) => Number.isInteger(value)
const local = { localId: isText }

const INLINE = ['text', 'hardBreak', 'mention', 'date', 'status', 'emoji', 'inlineCard']
const LISTS = ['bulletList', 'orderedList', 'taskList']
const ROOT = [
  'paragraph',
  'heading',
  ...LISTS,
  'decisionList',
  'blockquote',
  'codeBlock',
  'panel',
  'rule',
  'expand',
  'blockCard',
]

// biome-ignore format: a table is read one line at a time
const NODES: Readonly<Record<string, Shape>> = {
  paragraph: { content: INLINE, attrs: local },
  heading: { content: INLINE, attrs: { ...local, level: among(1, 2, 3, 4, 5, 6) }, needs: ['level'] },
  bulletList: { content: ['listItem'], least: 1, attrs: local },
  orderedList: { content: ['listItem'], least: 1, attrs: { ...local, order: value => whole(value) && Number(value) >= 0 } },
  listItem: { content: ['paragraph', ...LISTS, 'codeBlock'], least: 1, attrs: local },
  blockquote: { content: ['paragraph', 'bulletList', 'orderedList', 'codeBlock'], least: 1, attrs: local },
  codeBlock: { content: ['text'], attrs: { ...local, language: isText, uniqueId: isText } },
  panel: { content: ['paragraph', 'heading', ...LISTS, 'decisionList', 'codeBlock', 'rule'], least: 1, attrs: { ...local, panelType: among('info', 'note', 'tip', 'warning', 'error', 'success', 'custom') }, needs: ['panelType'] },
  rule: { attrs: local },
  expand: { content: ROOT.filter(name => name !== 'expand'), least: 1, attrs: { ...local, title: isText } },
  taskList: { content: ['taskItem', 'taskList'], least: 1, attrs: local, needs: ['localId'] },
  taskItem: { content: INLINE, attrs: { ...local, state: among('TODO', 'DONE') }, needs: ['localId', 'state'] },
  decisionList: { content: ['decisionItem'], least: 1, attrs: local, needs: ['localId'] },
  decisionItem: { content: INLINE, attrs: { ...local, state: isText }, needs: ['localId', 'state'] },
  blockCard: { attrs: { ...local, url: isText }, needs: ['url'] },
  hardBreak: { attrs: { ...local, text: among('\n') } },
  mention: { attrs: { ...local, id: isText, text: isText, accessLevel: isText, userType: among('DEFAULT', 'SPECIAL', 'APP') }, needs: ['id'] },
  date: { attrs: { ...local, timestamp: isFilled }, needs: ['timestamp'] },
  status: { attrs: { ...local, text: isFilled, style: isText, color: value => isText(value) && /^(neutral|purple|blue|red|yellow|green|#[0-9a-f]{6})$/i.test(value) }, needs: ['text', 'color'] },
  emoji: { attrs: { ...local, shortName: isText, id: isText, text: isText }, needs: ['shortName'] },
  inlineCard: { attrs: { ...local, url: isText }, needs: ['url'] },
}

const MARKS: Readonly<Record<string, readonly string[]>> = {
  strong: [],
  em: [],
  strike: [],
  underline: [],
  code: [],
  link: ['href'],
  subsup: ['type'],
  textColor: ['color'],
  backgroundColor: ['color'],
}

const onlyKeys = (node: Fields, allowed: readonly string[]) =>
  Object.keys(node).every(key => allowed.includes(key))

const isMark = (mark: Json): mark is Fields & { type: string } => {
  if (!isFields(mark) || !isText(mark.type ?? null) || !onlyKeys(mark, ['type', 'attrs'])) return false
  const needs = MARKS[mark.type as string]
  const attrs = isFields(mark.attrs) ? mark.attrs : {}
  return needs?.every(name => isText(attrs[name] ?? null)) ?? false
}

const isTextNode = (node: Fields, inCode: boolean): boolean => {
  if (!onlyKeys(node, ['type', 'text', 'marks']) || !isFilled(node.text ?? null)) return false
  const marks = listOf(node.marks)
  if (!marks.every(isMark) || (inCode && node.marks !== undefined)) return false
  const types = marks.map(mark => mark.type)
  // Code stands alone, or in a link.
  return (
    new Set(types).size === types.length &&
    (!types.includes('code') || types.every(type => type === 'code' || type === 'link'))
  )
}

const areAttributes = (node: Fields, { attrs = {}, needs = [] }: Shape): boolean => {
  if (node.attrs === undefined) return needs.length === 0
  if (!isFields(node.attrs)) return false
  const given = node.attrs
  return (
    needs.every(name => given[name] !== undefined) &&
    Object.entries(given).every(([name, value]) => attrs[name]?.(value) ?? false)
  )
}

const isNode = (node: Json, allowed: readonly string[], inCode: boolean): boolean => {
  if (!isFields(node) || !allowed.includes(node.type as string)) return false
  if (node.type === 'text') return isTextNode(node, inCode)
  const shape = NODES[node.type as string]
  if (shape === undefined || !onlyKeys(node, ['type', 'attrs', 'content']) || !areAttributes(node, shape))
    return false
  if (node.content === undefined) return (shape.least ?? 0) === 0
  const { content, least = 0 } = shape
  return (
    content !== undefined &&
    Array.isArray(node.content) &&
    node.content.length >= least &&
    node.content.every((inner: Json) => isNode(inner, content, node.type === 'codeBlock'))
  )
}

/** Whether a value is a document of ADF made of the nodes above. */
export const isDocument = (value: Json | undefined): boolean =>
  isFields(value) &&
  onlyKeys(value, ['version', 'type', 'content']) &&
  value.version === 1 &&
  value.type === 'doc' &&
  Array.isArray(value.content) &&
  value.content.every((node: Json) => isNode(node, ROOT, false))

/** The text a reader sees in a document, for tests. */
export const textOf = (value: Json | undefined): string => {
  if (typeof value === 'string') return value
  if (!isFields(value)) return ''
  if (value.type === 'text') return String(value.text)
  if (value.type === 'hardBreak') return '\n'
  if (value.type === 'status') return String(isFields(value.attrs) ? value.attrs.text : '')
  const inner = listOf(value.content).map(textOf)
  return inner.join(value.type === 'paragraph' ? '' : '\n')
}
