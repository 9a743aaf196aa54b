import type { Block } from '../text.ts'

/*
 * Jira's wiki text (https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all). Nothing of a text from
 * outside may become markup: what opens a macro, a link, a mention or a table, and the backslash, becomes a character
 * reference, which the renderer keeps and no rule of it reads; what is only emphasis or a list gets a backslash.
 */

const reference = (sign: string) => `&#${sign.codePointAt(0)};`

type Rule = readonly [pattern: RegExp, to: string | ((found: string) => string)]

// biome-ignore format: a table is read one line at a time
const RULES: readonly Rule[] = [
  // An entity in the text stays what it is, instead of the sign it stands for.
  [/&(?=#?\w+;)/g, '&amp;'],
  [/[{}[\]|\\]/g, reference],
  // At the start of a line: headings, quotations.
  [/^([^\S\n]*(?:h[1-6]|bq))\./gim, '$1&#46;'],
  // `scheme:…` and `mailto:…` would become links.
  [/(?<=[A-Za-z]):(?=\S)/g, '&#58;'],
  [/:(?=-?[DP](?![\p{L}\p{Nd}]))/gu, '&#58;'],
  // Smileys. In one rule, so that no sign gets two backslashes: those are a line break.
  [/(?<=[:;]-?)[()]|\((?=(?:[-!x/yni?+]|\*[rgby]?|on|off|flag|flagoff)\))/gi, '\\$&'],
  [/[*^~!]/g, '\\$&'],
  [/\?(?=\?)|(?<=\?)\?/g, '\\?'],
  // Inside a word, and between spaces, these mean themselves.
  [/(?<![\p{L}\p{Nd}])[-+_](?=\S)|[-+_](?=[-+_])|(?<=[-+_])[-+_]/gu, '\\$&'],
  // At the start of a line: lists.
  [/^[^\S\n]*[-+#]/gm, found => `${found.slice(0, -1)}\\${found.slice(-1)}`],
]

/** A text that shows as it is, wherever it stands. */
export const escapeWiki = (text: string): string =>
  RULES.reduce((made, [pattern, to]) => made.replace(pattern, to as string), text)

const bold = (text: string): string => {
  const inner = escapeWiki(text.replace(/\s+/g, ' ').trim())
  return inner === '' ? '' : `*${inner}*`
}

/** A list item ends at a line end; `\\` is a line break inside it. */
const item = (text: string) =>
  `* ${text
    .split('\n')
    .map(escapeWiki)
    .filter(each => each.trim() !== '')
    .join(' \\\\ ')}`

/** A space after the brace or bracket disarms what would end the block or notify people. */
const disarm = (text: string) => text.replace(/\{(?=noformat)/gi, '{ ').replaceAll('[~', '[ ~')

const BLOCKS: { readonly [K in Block['kind']]: (block: Extract<Block, { kind: K }>) => string } = {
  heading: ({ text }) => bold(text),
  standing: ({ standing, text }) => (text === '' ? bold(standing) : `${bold(standing)} ${escapeWiki(text)}`),
  line: ({ label, text }) => (label === undefined ? '' : `${bold(`${label}:`)} `) + escapeWiki(text),
  list: ({ label, items }) => [bold(`${label}:`), ...items.map(item)].join('\n'),
  code: ({ text }) => `{noformat}\n${disarm(text)}\n{noformat}`,
}

/**
 * Marks around a block of ours. Data Center keeps anchors in the text and does not show them; Cloud converts wiki text to a
 * document and back, which loses them, and shows short words in a fixed width.
 */
export const marksOf = (mark: string, deployment: 'cloud' | 'datacenter'): readonly [string, string] =>
  deployment === 'cloud' ? [`{{${mark}}}`, `{{${mark}-end}}`] : [`{anchor:${mark}}`, `{anchor:${mark}-end}`]

/** A mark as an anchor, which is kept in the text and not shown. */
export const anchor = (mark: string | undefined): readonly string[] =>
  mark === undefined ? [] : [`{anchor:${mark}}`]

/** Wiki text of these blocks, with a mark at its end. */
export const wiki = (blocks: readonly Block[], mark?: string): string => {
  const texts = blocks.map(block => (BLOCKS[block.kind] as (block: Block) => string)(block))
  return [...texts, ...anchor(mark)].join('\n\n')
}
