import type { Card, Entry, Json, Row } from '@sessionwire/core/adapter'
import type { JiraConfig } from './options.ts'
import { adf } from './text/adf.ts'
import type { Block } from './text/block.ts'
import { wiki } from './text/wiki.ts'

/** Longest summary Jira surely takes; 255 is refused in some versions' words ("less than 255 characters"). */
export const SUMMARY_MAX = 254

/**
 * Text as Jira stores it: XML-safe, well-formed, with `\n` as the only line end. A lone surrogate becomes U+FFFD, what
 * XML 1.0 forbids goes (https://www.w3.org/TR/xml/#charsets).
 */
export const clean = (text: string): string =>
  text
    .replace(/\r\n?|[\u2028\u2029\u0085\v\f]/g, '\n')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[^\P{Cc}\n\t]|[\ufeff\ufffe\uffff]/gu, '')

/** At most `length` UTF-16 units, which is how Java counts, on a code point border; what was cut ends with `…`. */
export const shorten = (text: string, length: number): string => {
  if (text.length <= length) return text
  const kept = text.slice(0, Math.max(0, length - 1))
  return `${kept.replace(/[\ud800-\udbff]$/, '')}…`
}

/** One line without markup, for summaries, titles and names. */
export const line = (text: string, length: number): string =>
  shorten(
    clean(shorten(text, length * 4))
      .replace(/\s+/g, ' ')
      .trim(),
    length,
  )

/** Whether a person would see anything of it. */
export const visible = (text: string): boolean => /[^\s\p{C}\p{Z}]/u.test(text)

const rowBlock = (row: Row): Block =>
  'items' in row
    ? { kind: 'list', label: row.label, items: row.items }
    : { kind: 'line', label: row.label, text: row.text }

/** The card of a session. `titled` where its place does not show the title already. */
export const cardBlocks = (card: Card, titled: boolean): readonly Block[] => [
  ...(titled ? [{ kind: 'heading', text: card.title } as const] : []),
  { kind: 'standing', standing: card.standing, text: `${card.bar} ${card.progress} %` },
  ...card.rows.map(rowBlock),
]

/** One decision, blocker, resolution, update or summary. */
export const entryBlocks = (entry: Entry): readonly Block[] => [
  { kind: 'heading', text: entry.heading },
  { kind: 'line', text: entry.text },
  ...entry.rows.map(rowBlock),
]

/** Largest number of items of one list that is shown. */
const ITEMS_MAX = 100

/** Cleaned, and no longer than could ever be shown, so that a text of megabytes costs nothing later. */
const cleaned = (block: Block, length: number): Block => {
  const tidy = (text: string) => clean(shorten(text, length))
  const label = 'label' in block && block.label !== undefined ? { label: line(block.label, 100) } : {}
  return block.kind === 'list'
    ? { ...block, ...label, items: block.items.map(tidy) }
    : { ...block, ...label, text: tidy(block.text) }
}

const fitting = (block: Block, length: number, items: number): Block => {
  if (block.kind !== 'list') return { ...block, text: shorten(block.text, length) }
  const kept = block.items.slice(0, items).map(item => shorten(item, length))
  const left = block.items.length - kept.length
  return { ...block, items: left > 0 ? [...kept, `(${left} more)`] : kept }
}

/** The longest length at which all texts together, without any markup, are no longer than `room`. */
const longest = (blocks: readonly Block[], room: number): number => {
  const lengths = blocks.flatMap(block =>
    block.kind === 'list' ? block.items.map(item => item.length) : [block.text.length],
  )
  const sum = (length: number) => lengths.reduce((all, each) => all + Math.min(each, length), 0)
  let length = room
  while (sum(length) > room) length = Math.floor(length * 0.8)
  return length
}

/**
 * Rich text as the API's version wants it: an ADF document (v3) or wiki text (v2), no longer than `textLimit` once
 * serialised, with every text inert. `mark` is kept findable in wiki text, where Jira keeps no property beside it.
 */
export const rich = (
  config: Pick<JiraConfig, 'apiVersion' | 'deployment' | 'textLimit'>,
  body: string | readonly Block[],
  mark?: string,
): Json => {
  const { textLimit } = config
  const given: readonly Block[] = typeof body === 'string' ? [{ kind: 'line', text: body }] : body
  const blocks = given.map(block => cleaned(block, textLimit))
  const hidden = config.deployment === 'datacenter' ? mark : undefined
  const render = config.apiVersion === 3 ? adf : wiki
  const sizeOf = (made: Json) => (typeof made === 'string' ? made.length : JSON.stringify(made).length)
  let items = ITEMS_MAX
  for (let length = longest(blocks, textLimit); ; length = Math.floor(length * 0.7)) {
    const made = render(
      blocks.map(block => fitting(block, length, items)),
      hidden,
    )
    if (length === 0 || sizeOf(made) <= textLimit) return made
    items = Math.max(3, Math.min(items, Math.floor(length / 20)))
  }
}
