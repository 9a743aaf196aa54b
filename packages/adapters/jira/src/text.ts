import { type Card, type Entry, type Json, type Row, TrackerError } from '@sessionwire/core/adapter'
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

const cutTo = (block: Block, length: number, items: number): Block =>
  block.kind === 'list'
    ? { ...block, items: block.items.slice(0, items).map(item => shorten(item, length)) }
    : { ...block, text: shorten(block.text, length) }

/** Says how many items of a list are not shown. */
const noted = (block: Block, of: Block | undefined): Block => {
  if (block.kind !== 'list' || of?.kind !== 'list') return block
  const left = of.items.length - block.items.length
  return left > 0 ? { ...block, items: [...block.items, `(${left} more)`] } : block
}

const cleaned = (block: Block): Block => {
  const label = 'label' in block && block.label !== undefined ? { label: line(block.label, 100) } : {}
  return block.kind === 'list'
    ? { ...block, ...label, items: block.items.map(clean) }
    : { ...block, ...label, text: clean(block.text) }
}

/** The longest length at which all texts together, without any markup, are no longer than `room`. */
const longest = (blocks: readonly Block[], room: number): number => {
  const lengths = blocks.flatMap(block =>
    block.kind === 'list' ? block.items.slice(0, ITEMS_MAX).map(item => item.length) : [block.text.length],
  )
  const sum = (length: number) => lengths.reduce((all, each) => all + Math.min(each, length), 0)
  let length = room
  while (sum(length) > room) length = Math.floor(length * 0.8)
  return length
}

type Trusted = Readonly<{ adf: Json } | { wiki: string }>
/** What rich text is made of: text, blocks, or a document that is sent as it is. */
export type Content = string | readonly Block[] | Trusted
type Manner = Pick<JiraConfig, 'apiVersion' | 'deployment' | 'textLimit'>

const trusted = ({ apiVersion, deployment }: Manner, body: Trusted, mark: string | undefined): Json => {
  const wants = apiVersion === 3 ? 'adf' : 'wiki'
  if (!(wants in body))
    throw new TrackerError('INVALID_INPUT', `version ${apiVersion} of the API takes { ${wants} }`, {
      field: wants,
    })
  if ('adf' in body) return body.adf
  return mark === undefined || deployment === 'cloud' ? body.wiki : `${body.wiki}\n\n{anchor:${mark}}`
}

/**
 * Rich text as the API's version wants it: an ADF document (v3) or wiki text (v2), no longer than `textLimit` once
 * serialised, with every text inert. `mark` is kept findable in wiki text, where Jira keeps no property beside it.
 */
export const rich = (config: Manner, body: Content, mark?: string): Json => {
  if (typeof body !== 'string' && !Array.isArray(body)) return trusted(config, body as Trusted, mark)
  const { textLimit } = config
  const given: readonly Block[] =
    typeof body === 'string' ? [{ kind: 'line', text: body }] : (body as readonly Block[])
  // Cut before it is cleaned, with room for what cleaning takes away: a text of megabytes costs no more than a page.
  const first = longest(given, textLimit * 2)
  const blocks = given.map(block => cleaned(cutTo(block, first, ITEMS_MAX)))
  const hidden = config.deployment === 'datacenter' ? mark : undefined
  const render = config.apiVersion === 3 ? adf : wiki
  const sizeOf = (made: Json) => (typeof made === 'string' ? made.length : JSON.stringify(made).length)
  let items = ITEMS_MAX
  for (let length = longest(blocks, textLimit); ; length = Math.floor(length * 0.7)) {
    const made = render(
      blocks.map((block, place) => noted(cutTo(block, length, items), given[place])),
      hidden,
    )
    if (length === 0 || sizeOf(made) <= textLimit) return made
    items = Math.max(3, Math.min(items, Math.floor(length / 20)))
  }
}
