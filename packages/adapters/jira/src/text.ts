import {
  type Card,
  cleanText,
  countItems,
  cutItems,
  type Entry,
  fit,
  invalidInput,
  type Json,
  oneLine,
  type Row,
  shorten,
} from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { JiraConfig } from './config.ts'
import { adf, panel } from './text/adf.ts'
import { anchor, marksOf, wiki } from './text/wiki.ts'

const Label = z.string().max(100)
/**
 * A piece of rich text before markup: its texts are raw. `standing` is a state's word with what follows it; `line` a
 * paragraph; `code` text in a fixed width.
 */
export const Block = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('heading'), text: z.string() }),
  z.strictObject({ kind: z.literal('standing'), standing: z.string().min(1).max(40), text: z.string() }),
  z.strictObject({ kind: z.literal('line'), label: Label.optional(), text: z.string() }),
  z.strictObject({ kind: z.literal('list'), label: Label, items: z.array(z.string()).readonly() }),
  z.strictObject({ kind: z.literal('code'), language: z.string().max(40).optional(), text: z.string() }),
])
export type Block = z.output<typeof Block>

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

/** Clean text of at most `units`; what is far beyond them is never looked at. */
const cut = (text: string, units: number): string => shorten(cleanText(shorten(text, units * 2)), units)

/** A block of which each text has at most `units`, and whose list has few items where they are short. */
const cutBlock = (block: Block, units: number): Block => {
  const label = 'label' in block && block.label !== undefined ? { label: oneLine(block.label, 100) } : {}
  return block.kind === 'list'
    ? { ...block, ...label, items: cutItems(block.items, countItems(units), item => cut(item, units)) }
    : { ...block, ...label, text: cut(block.text, units) }
}

/** Renders blocks with as much of their text as fits into `limit` characters once serialised. */
const render = <T extends Json>(
  blocks: readonly Block[],
  limit: number,
  write: (blocks: readonly Block[]) => T,
): T =>
  fit(
    limit,
    units => write(blocks.map(block => cutBlock(block, units))),
    made => (typeof made === 'string' ? made : JSON.stringify(made)).length,
  )

type Trusted = Readonly<{ adf: Json } | { wiki: string }>
/** Rich text: a string, blocks, or a document that is sent as it is. */
export type Content = string | readonly Block[] | Trusted
type Manner = Pick<JiraConfig, 'apiVersion' | 'deployment' | 'maxLength'>

const isTrusted = (body: Content): body is Trusted => typeof body !== 'string' && !Array.isArray(body)

/**
 * Rich text as the API's version takes it: an ADF document (v3) or wiki text (v2), no longer than `maxLength` once
 * serialised, with every text inert. On Data Center `mark` is hidden in it, since Jira keeps no property with it there.
 */
export const rich = ({ apiVersion, deployment, maxLength }: Manner, body: Content, mark?: string): Json => {
  const hidden = deployment === 'datacenter' ? mark : undefined
  const write = (blocks: readonly Block[]): Json => (apiVersion === 3 ? adf(blocks) : wiki(blocks, hidden))
  if (typeof body === 'string') return render([{ kind: 'line', text: body }], maxLength, write)
  if (!isTrusted(body)) return render(body, maxLength, write)
  const wanted = apiVersion === 3 ? 'adf' : 'wiki'
  const expected = `{ ${wanted} } in version ${apiVersion} of the API`
  if (!(wanted in body)) throw invalidInput({ field: 'body', problem: 'invalid value', expected })
  return 'adf' in body ? body.adf : [body.wiki, ...anchor(hidden)].join('\n\n')
}

/** Part of `maxLength` that a block of ours takes: people write around it. */
const OURS = 3 / 4

/** A block that is found by its marks among what people wrote: a panel (v3), or wiki text between two marks (v2). */
export const markBlock = (
  { apiVersion, deployment, maxLength }: Manner,
  blocks: readonly Block[],
  mark: string,
): Readonly<{ between: readonly [open: string, close: string]; put: string | readonly Json[] }> => {
  const between = apiVersion === 3 ? ([mark, mark] as const) : marksOf(mark, deployment)
  const write = (each: readonly Block[]) =>
    apiVersion === 3 ? [panel(each, mark)] : [between[0], wiki(each), between[1]].join('\n\n')
  return { between, put: render<string | readonly Json[]>(blocks, Math.floor(maxLength * OURS), write) }
}
