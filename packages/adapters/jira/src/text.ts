import {
  type Card,
  cleanText,
  cutItems,
  type Entry,
  fit,
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

const rowBlock = (row: Row): Block => ('items' in row ? { kind: 'list', ...row } : { kind: 'line', ...row })

/** The card of a session. `titled` where its place does not show the title already. */
export const cardBlocks = (card: Card, titled: boolean): readonly Block[] => [
  ...(titled ? [{ kind: 'heading', text: card.title } as const] : []),
  { kind: 'standing', standing: card.standing, text: card.bar && `${card.bar} ${card.progress} %` },
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

/** Clean text of at most `units`; what is far beyond them is never looked at. */
const cut = (text: string, units: number): string => shorten(cleanText(shorten(text, units * 2)), units)

/** A block of which each text has at most `units`, and whose list has few items where they are short. */
const cutBlock = (block: Block, units: number): Block => {
  const label = 'label' in block && block.label !== undefined ? { label: oneLine(block.label, 100) } : {}
  if (block.kind !== 'list') return { ...block, ...label, text: cut(block.text, units) }
  const most = Math.max(3, Math.min(ITEMS_MAX, Math.floor(units / 20)))
  return { ...block, ...label, items: cutItems(block.items, most, item => cut(item, units)) }
}

const sizeOf = (made: Json): number => (typeof made === 'string' ? made.length : JSON.stringify(made).length)

/** Renders blocks with as much of their text as fits into `limit` characters once serialised. */
const render = <T extends Json>(
  blocks: readonly Block[],
  limit: number,
  write: (blocks: readonly Block[]) => T,
): T => fit(limit, units => write(blocks.map(block => cutBlock(block, units))), sizeOf)

type Trusted = Readonly<{ adf: Json } | { wiki: string }>
/** Rich text: a string, blocks, or a document that is sent as it is. */
export type Content = string | readonly Block[] | Trusted
type Manner = Pick<JiraConfig, 'apiVersion' | 'deployment' | 'textLimit'>

const passTrusted = ({ apiVersion, deployment }: Manner, body: Trusted, mark: string | undefined): Json => {
  const wants = apiVersion === 3 ? 'adf' : 'wiki'
  const expected = `{ ${wants} } in version ${apiVersion} of the API`
  if (!(wants in body)) throw invalidInput({ field: 'body', problem: 'invalid value', expected })
  if ('adf' in body) return body.adf
  return mark === undefined || deployment === 'cloud' ? body.wiki : `${body.wiki}\n\n{anchor:${mark}}`
}

const isTrusted = (body: Content): body is Trusted => typeof body !== 'string' && !Array.isArray(body)

/**
 * Rich text as the API's version takes it: an ADF document (v3) or wiki text (v2), no longer than `textLimit` once
 * serialised, with every text inert. On Data Center `mark` is hidden in it, since Jira keeps no property with it there.
 */
export const rich = (config: Manner, body: Content, mark?: string): Json => {
  if (isTrusted(body)) return passTrusted(config, body, mark)
  const given = typeof body === 'string' ? [{ kind: 'line', text: body } as const] : body
  const hidden = config.deployment === 'datacenter' ? mark : undefined
  const write = config.apiVersion === 3 ? adf : wiki
  return render<Json>(given, config.textLimit, blocks => write(blocks, hidden))
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
    return {
      between: [mark, mark],
      put: render(blocks, limit, each => [panel(each, mark)]) as readonly Json[],
    }
  const [open, close] = marksOf(mark, config.deployment)
  return {
    between: [open, close],
    put: render(blocks, limit, each => `${open}\n\n${wiki(each)}\n\n${close}`),
  }
}
