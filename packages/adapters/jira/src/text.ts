import {
  type Card,
  cleanText,
  type Entry,
  invalidInput,
  type Json,
  oneLine,
  type Row,
  shorten,
} from '@sessionwire/core/adapter'
import type { JiraConfig } from './config.ts'
import { adf, panel } from './text/adf.ts'
import type { Block } from './text/block.ts'
import { marksOf, wiki } from './text/wiki.ts'

/** Longest summary Jira surely takes; 255 is refused in some versions' words ("less than 255 characters"). */
export const SUMMARY_MAX = 254

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
const noteRest = (block: Block, of: Block | undefined): Block => {
  if (block.kind !== 'list' || of?.kind !== 'list') return block
  const left = of.items.length - block.items.length
  return left > 0 ? { ...block, items: [...block.items, `(${left} more)`] } : block
}

const cleanBlock = (block: Block): Block => {
  const label = 'label' in block && block.label !== undefined ? { label: oneLine(block.label, 100) } : {}
  return block.kind === 'list'
    ? { ...block, ...label, items: block.items.map(cleanText) }
    : { ...block, ...label, text: cleanText(block.text) }
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
/** Rich text: a string, blocks, or a document that is sent as it is. */
export type Content = string | readonly Block[] | Trusted
type Manner = Pick<JiraConfig, 'apiVersion' | 'deployment' | 'textLimit'>

const passTrusted = ({ apiVersion, deployment }: Manner, body: Trusted, mark: string | undefined): Json => {
  const wants = apiVersion === 3 ? 'adf' : 'wiki'
  if (!(wants in body))
    throw invalidInput({
      field: 'body',
      problem: 'invalid value',
      expected: `{ ${wants} } in version ${apiVersion} of the API`,
    })
  if ('adf' in body) return body.adf
  return mark === undefined || deployment === 'cloud' ? body.wiki : `${body.wiki}\n\n{anchor:${mark}}`
}

/** Renders blocks with as much of their text as fits into `limit` characters once serialised. */
const fit = <T extends Json>(
  given: readonly Block[],
  limit: number,
  render: (blocks: readonly Block[]) => T,
): T => {
  // Cut before it is cleaned, with room for what cleaning removes: a text of megabytes costs no more than a page.
  const first = longest(given, limit * 2)
  const blocks = given.map(block => cleanBlock(cutTo(block, first, ITEMS_MAX)))
  const sizeOf = (made: Json) => (typeof made === 'string' ? made.length : JSON.stringify(made).length)
  let items = ITEMS_MAX
  for (let length = longest(blocks, limit); ; length = Math.floor(length * 0.7)) {
    const made = render(blocks.map((block, place) => noteRest(cutTo(block, length, items), given[place])))
    if (length === 0 || sizeOf(made) <= limit) return made
    items = Math.max(3, Math.min(items, Math.floor(length / 20)))
  }
}

/**
 * Rich text as the API's version takes it: an ADF document (v3) or wiki text (v2), no longer than `textLimit` once
 * serialised, with every text inert. On Data Center `mark` is hidden in it, since Jira keeps no property with it there.
 */
export const rich = (config: Manner, body: Content, mark?: string): Json => {
  if (typeof body !== 'string' && !Array.isArray(body)) return passTrusted(config, body as Trusted, mark)
  const given: readonly Block[] =
    typeof body === 'string' ? [{ kind: 'line', text: body }] : (body as readonly Block[])
  const hidden = config.deployment === 'datacenter' ? mark : undefined
  const render = config.apiVersion === 3 ? adf : wiki
  return fit(given, config.textLimit, blocks => render(blocks, hidden))
}

/** People write around our block: this part of `textLimit` is theirs. */
const THEIRS = 1 / 4

/** A block that is found by its marks among what people wrote: a panel (v3), or wiki text between two marks (v2). */
export const markBlock = (
  config: Manner,
  blocks: readonly Block[],
  mark: string,
): Readonly<{ between: readonly [open: string, close: string]; put: string | readonly Json[] }> => {
  const limit = Math.floor(config.textLimit * (1 - THEIRS))
  if (config.apiVersion === 3)
    return { between: [mark, mark], put: fit(blocks, limit, each => [panel(each, mark)]) as readonly Json[] }
  const [open, close] = marksOf(mark, config.deployment)
  return { between: [open, close], put: fit(blocks, limit, each => `${open}\n\n${wiki(each)}\n\n${close}`) }
}
